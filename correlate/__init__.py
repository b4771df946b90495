"""Findings become problems: merged, joined by node and by workload, explained by typed rules, ranked, mended."""
