"""Files on the disk: written at once or not at all, one run at a time."""
