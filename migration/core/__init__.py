"""The words that everything is said in: errors, names, changes, references, what a phase
is. No disk, no git, no process.
"""
