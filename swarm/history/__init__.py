"""Scans remembered: what is new tonight, since when the rest has been so, and what is gone."""
