"""The one base error: what went wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


class MigrationError(Exception):
    """An error that a person can act on.

    :param message: what is wrong, naming the file, the field or the line.
    :param remedy: what to do next, as an instruction.
    :param details: further lines, one per finding, in the order they are to be read.
    """

    def __init__(self, message: str, remedy: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.details = tuple(details)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {line}" for line in self.details), f"  -> {self.remedy}"])

    def __reduce__(self) -> tuple[type[MigrationError], tuple[str, str, tuple[str, ...]]]:
        return type(self), (self.message, self.remedy, self.details)


class UsageError(MigrationError):
    """A value on the command line (or in the repo's own configuration) can't be used."""


class PlanError(MigrationError):
    """``moves.yml`` can't be used as it stands; ``details`` holds one line per finding."""


class GitError(MigrationError):
    """git refused, or the repository is not in a state to work on."""


class PhaseError(MigrationError):
    """A phase could not do its work, or the check of its result failed."""


class DjangoError(MigrationError):
    """The monolith's own Django could not answer; the message is the monolith's own."""
