"""Reads words: dotted names and paths as people write them in strings, comments and text files."""
