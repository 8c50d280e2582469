"""Reads and edits the lists of a settings module without running it."""
