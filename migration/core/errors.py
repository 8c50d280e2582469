"""The one base error: what went wrong, where, and what to do next."""

from __future__ import annotations

import errno
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


class BusyError(MigrationError):
    """Another run is at work on the same checkout."""


class PhaseError(MigrationError):
    """A phase could not do its work, or the check of its result failed."""


class DjangoError(MigrationError):
    """The monolith's own Django could not answer; the message is the monolith's own."""


class RefusedError(DjangoError):
    """The monolith's own Django could not answer, since its code must do something that a trial refuses."""


# What the operating system says -> what to do about it.
_REMEDIES = (
    ((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room on that disk"),
    ((errno.EACCES, errno.EPERM, errno.EROFS), "give yourself the right to write there"),
    ((errno.EIO,), "see whether that disk is well (the system's log says more)"),
    ((errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE), "end other programs: the system is short of something"),
)


def short_of(error: MemoryError | RecursionError) -> PhaseError:
    """What the work would have needed more of, with what to do about it."""
    if isinstance(error, MemoryError):
        return PhaseError(
            "there is not enough memory for it",
            "end other programs, raise the limit (ulimit -v), or give jobs=1, then run the same command again",
        )
    return PhaseError(
        "some file is nested too deeply to be worked on",
        "look for expressions of thousands of links in the files that refer to what moves, and list such a file "
        "under exclude in moves.yml, then run the same command again",
    )


def refused(error: OSError) -> PhaseError:
    """What the operating system refused, with what to do about it."""
    remedy = next((remedy for codes, remedy in _REMEDIES if error.errno in codes), "see to that")
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    said = error.strerror or str(error) or type(error).__name__
    message = f"{' -> '.join(names)}: {said}" if names else said
    return PhaseError(message, f"{remedy}, then run the same command again")
