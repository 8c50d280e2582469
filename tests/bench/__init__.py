"""The benchmark: a generated monolith, our tool, and the ways that people know."""
