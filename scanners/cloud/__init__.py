"""Checks of what stands around a cluster at its provider: pools, machines, disks, addresses. One module a check."""
