"""What the command line does: doit's tasks, the way a phase is run, what the terminal shows.

What a phase works out lives in :mod:`migration.phases`, what a command says in :mod:`migration.cli.commands`.
"""
