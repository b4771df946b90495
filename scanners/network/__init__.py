"""Policies that are missing, or cut too much."""
