"""Tests of what Prometheus is asked, and of what its answers mean."""
