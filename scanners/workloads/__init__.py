"""Pods that crash, do not start, or are not there."""
