"""
People's own agents ask about their clusters, and must be able to without getting hands on them.

A Model Context Protocol server over finished reports: it reads what was scanned, starts no scan and changes nothing.
"""
