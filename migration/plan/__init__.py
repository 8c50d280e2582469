"""``moves.yml``: its keys, how it is read, written and changed, and whether it fits the tree."""
