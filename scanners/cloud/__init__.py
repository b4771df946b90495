"""Checks of what it costs, and of whether that can be known at all. One module a check."""
