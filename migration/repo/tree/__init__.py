"""The tracked files as a value, and what the project's own files say of it: roots, tools, owners."""
