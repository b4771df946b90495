"""Accounts of three clouds on the loopback, read by the real SDK clients."""
