"""What lines of configuration take in from above: files that a line covered before the move, and covers after it."""
