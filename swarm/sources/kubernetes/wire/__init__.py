"""
The API as it speaks: per kind the few fields that are read. Everything is optional, anything may be null.
"""
