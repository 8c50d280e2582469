"""One module per phase of a move: what it works out of the plan and the tree.

How it is run, kept and shown is the business of :mod:`migration.cli`.
"""
