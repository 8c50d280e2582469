"""The protocol of the family: what a consumer is given, and the entries that it gives back.

A *consumer* is a module of :mod:`migration.engine.coverage.consumers`. It reads the files in which one kind of tool is
told which files it is to take (pytest's ``testpaths``, ``COPY`` in a Dockerfile, ``.gitignore``), and gives the
entries that it finds there as groups. Pure: text in, groups out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from migration.engine.coverage.patterns import Pattern, Place
from migration.engine.coverage.spots import Spot


class Files(Protocol):
    """The files of one state of the tree."""

    def __contains__(self, path: object) -> bool: ...

    def read(self, path: str) -> bytes:
        """The bytes of a file."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of a configuration: a path, a pattern, a name.

    :param path: the file that holds it.
    :param text: the entry as it is written; :param spot: where.
    :param pattern: which files it takes in.
    :param verdict: what it says of them (``"collected"``, ``"@team"``); ``""`` is what is said of files that no
        entry takes in.
    :param topic: what this is about: of the entries of one topic the last that takes in a file decides.
    :param write: makes of what a pattern gives for another place what is to be written there (``shop`` ->
        ``--cov=shop``); None: just that.
    :param hint: for a place that moves, what to write where we don't write it ourselves.
    :param twin: how the line is written in a file of the same name in another directory, for entries that only
        reach what lies below their file: a place that moves (before, after) -> the
        name of that file and the line; None where there is no such file.
    """

    path: str
    text: str
    spot: Spot
    pattern: Pattern
    verdict: str
    topic: str = ""
    write: Callable[[str], str] | None = None
    hint: Callable[[Place], str] | None = None
    twin: Callable[[Place], tuple[str, str] | None] | None = None


    @property
    def implied(self) -> bool:
        """Whether it isn't written anywhere, but what a tool does where nothing is."""
        return not self.text


_FILE = "file "


def of_file(path: str) -> str:
    """A scope, topic or verdict that stands for a file, wherever that lies after the move."""
    return _FILE + path


def file_of(name: str) -> str | None:
    """The file that a scope, topic or verdict stands for."""
    return name[len(_FILE) :] if name.startswith(_FILE) else None


@dataclass(frozen=True, eq=False)
class Group:
    """Entries that decide together.

    :param name: for people, what they say: ``"pytest: testpaths"``.
    :param entries: the last one of a topic that takes in a file decides.
    :param scope: which groups of this name are one: ``""`` those of the same file, ``"*"`` those of all files
        (deeper ones last), :func:`of_file` those about another file.
    :param concerns: which files matter at all; None: all.
    :param default: what is said of a file that no entry takes in.
    :param through_parents: whether a file is out as soon as a directory above it is (as git ignores).
    :param gains: whether it counts, too, that something is said of files of which nothing was said before.
    :param probing: whether files count that aren't there yet, such as those that git is to ignore.
    """

    name: str
    entries: tuple[Entry, ...]
    scope: str = ""
    concerns: Callable[[str], bool] | None = None
    default: str = ""
    through_parents: bool = False
    gains: bool = False
    probing: bool = False


@dataclass(frozen=True)
class Context:
    """What else a consumer may look at.

    :param files: the tree that the file is of.
    :param directories: every directory of the tree that holds a file; the repo itself is ``"."``.
    :param roots: the directories on ``sys.path``.
    :param words: the parts of the paths of what moves, before and after; none where everything is to be read.
    """

    files: Files
    directories: Collection[str]
    roots: tuple[str, ...]
    words: Collection[str] = ()

    def may_tell_apart(self, text: str) -> bool:
        """Whether patterns in a text may take in only one place of what moves; cheap, and never wrong about a "no"."""
        return not self.words or "*/*/" in text or any(word in text for word in self.words)


class Consumer(Protocol):
    """A member of the family (see :mod:`migration.engine.coverage.consumers`)."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The files that it reads."""

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Byte strings for which Python files count, too."""

    def groups(self, path: str, text: str, context: Context) -> Sequence[Group]:
        """The entries of one file.

        :raises ValueError: if the file can't be read as what it is (SyntaxError, if it is Python).
        """
