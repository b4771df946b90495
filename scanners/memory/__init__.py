"""Containers and nodes that run out of memory."""
