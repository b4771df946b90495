"""Quotas that refuse work, or soon will."""
