"""Git: its commands, the index, merging, searching."""
