"""Measured use, on a real Prometheus: the Debian package's server and promtool."""
