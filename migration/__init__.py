"""Moves a Django product, or any Python package, out of a monolith."""

__version__ = "0.1.0"
