"""
From wire to facts: what is healthy becomes small, what is wrong is kept whole, what is shared is kept once.
"""
