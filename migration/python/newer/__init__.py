"""Python that is newer than the interpreter: its syntax tree, by LibCST's parser."""
