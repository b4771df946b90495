"""Accelerators that are idle, lost, or cannot be had."""
