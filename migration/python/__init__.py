"""Reads the monolith's Python: statements, strings, scopes, what modules bind and what resolves."""
