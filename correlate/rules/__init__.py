"""Causal rules as data: one module a family of mechanisms."""
