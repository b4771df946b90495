"""Remediation templates: what to do about each kind of root."""
