"""
An AWS account: EKS clusters in every region that is switched on, the machines behind them, and what was left over.
"""
