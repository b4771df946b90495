"""Measured use, as Prometheus holds it: what is asked, and what its answers mean."""
