"""References and the rewriter protocol: what a rewriter is given and what it gives back.

A rewriter is a module of :mod:`migration.rewriters` with a ``KIND`` and a pure function
``find(source, moves)``: text in, references out. All rewriters work on the same
:class:`SourceFile`, so that a file is read and parsed once.
"""

from __future__ import annotations

import ast
import bisect
import io
import itertools
import re
import tokenize
import warnings
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from migration.core.changes import Edit
from migration.core.errors import PhaseError
from migration.core.names import package_of, prefixes, swap_prefix


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a file that names something that moves.

    :param kind: the kind of reference, e.g. ``import`` (the rewriter's ``KIND``).
    :param start: offset of the first byte in :attr:`SourceFile.data`.
    :param end: offset behind the last byte.
    :param old: the dotted name (or path, or label) it means, resolved at the old place.
    :param new: the same thing after the move.
    :param text: what replaces the span; None where the place is left as it is.
    :param reason: why it is left, or what is doubtful about it; empty for a plain rewrite.
    """

    kind: str
    start: int
    end: int
    old: str
    new: str
    text: str | None
    reason: str = ""

    @property
    def edit(self) -> Edit | None:
        """The edit that rewrites the place, or None where it is left."""
        return None if self.text is None else Edit(self.start, self.end, self.text.encode())


class UnreadableSource(Exception):
    """The file can't be decoded or parsed; ``line`` is where (0 if not known)."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True)
class SourceFile:
    """One Python file as it was before the move.

    :param path: its path before the move, relative to the repo.
    :param raw: its bytes.
    :param module: its dotted name before the move; None where it can't be imported (a script).
    """

    path: str
    raw: bytes
    module: str | None

    @cached_property
    def encoding(self) -> str:
        """The declared encoding (PEP 263); ``utf-8-sig`` with a byte order mark.

        :raises UnreadableSource: if the declaration names no known encoding.
        """
        first = self.raw[: self.raw.find(b"\n", self.raw.find(b"\n") + 1) + 1 or None]
        if first.isascii() and b"coding" not in first:
            return "utf-8"
        try:
            return tokenize.detect_encoding(io.BytesIO(self.raw).readline)[0]
        except SyntaxError as error:
            raise UnreadableSource(str(error), 1) from error

    @cached_property
    def data(self) -> bytes:
        """The text as UTF-8 without a byte order mark: what all offsets count in.

        :raises UnreadableSource: if the bytes are not in the declared encoding.
        """
        try:
            if self.encoding == "utf-8":
                self.raw.decode()
                return self.raw
            return self.raw.decode(self.encoding).encode()
        except (UnicodeError, LookupError) as error:  # rot13 and the like are codecs, but of no text
            raise UnreadableSource(f"not in the encoding it declares ({error})") from error

    def encode(self, data: bytes) -> bytes:
        """UTF-8 text as bytes in the file's own encoding, with its byte order mark.

        :raises PhaseError: if that encoding has no way to write it.
        """
        try:
            return data if self.encoding == "utf-8" else data.decode().encode(self.encoding)
        except UnicodeEncodeError as error:
            raise PhaseError(
                f"{self.path}: a new name can't be written in {self.encoding}; the file was not written",
                "save the file as UTF-8 and commit it, then run the same command again",
            ) from error

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Columns are byte offsets into the lines of :attr:`data`.

        :raises UnreadableSource: if neither Python nor LibCST can parse it.
        """
        return parse(self.data)

    def seen_as(self, tree: ast.Module) -> SourceFile:
        """The same file with another syntax tree: that of its first statements, where the others don't count."""
        same = SourceFile(self.path, self.raw, self.module)
        same.__dict__.update(self.__dict__, tree=tree)
        return same

    def behind(self, offset: int) -> SourceFile:
        """The file as if its text began at an offset."""
        rest = SourceFile(self.path, self.data[offset:], self.module)
        rest.__dict__.update(encoding="utf-8", data=rest.raw)  # what a first line declares, a later one does not
        return rest

    @property
    def is_parsed(self) -> bool:
        """Whether :attr:`tree` is there without any work."""
        return "tree" in self.__dict__

    @property
    def parser(self) -> Parser:
        """Whose parser has given :attr:`tree`."""
        return "libcst" if getattr(self.tree, "by_libcst", False) else "python"

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts, as Python counts lines (``\\n``, ``\\r\\n``, ``\\r``)."""
        return _line_starts(self.data)

    def offset(self, line: int, column: int) -> int:
        """The offset of a position as :mod:`ast` gives it (line from 1, column in UTF-8 bytes)."""
        return self.line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        """Start and end offset of a node."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def line_of(self, offset: int) -> int:
        """The number of the line that holds ``offset``, from 1."""
        return bisect.bisect_right(self.line_starts, offset)

    @property
    def package(self) -> str | None:
        """The package that relative imports start from, before the move; None in a script."""
        return None if self.module is None else package_of(self.path, self.module)


def _line_starts(data: bytes) -> list[int]:
    starts = [0, *itertools.accumulate(map(len, data.splitlines(keepends=True)))]
    return starts if data.endswith((b"\n", b"\r")) or not data else starts[:-1]


Parser = Literal["python", "libcst", "either"]


def parse(data: bytes, by: Parser = "either") -> ast.Module:
    """The syntax tree of UTF-8 source.

    :param by: whose parser: Python's own, LibCST's (which knows newer grammar), or the first that can.
    :raises UnreadableSource: if it can't be parsed, with what Python says about it.
    """
    try:
        if by == "libcst" and (tree := _newer_tree(data)) is not None:
            return tree
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in other people's strings
            return ast.parse(data.decode())
    except SyntaxError as error:
        if by == "either" and (tree := _newer_tree(data)) is not None:
            return tree
        raise UnreadableSource(error.msg, error.lineno or 0) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableSource(str(error) or type(error).__name__) from error


def _newer_tree(data: bytes) -> ast.Module | None:
    """What LibCST reads; it takes a while to load, and few files need it."""
    from migration.python.newer.tree import tree_of

    return tree_of(data)


@dataclass(frozen=True, slots=True)
class Words(Container[str]):
    """The words of an ASCII text, looked for only when somebody asks: hardly anybody does.

    :param text: the text.
    """

    text: bytes

    def __contains__(self, word: object) -> bool:
        raw = str(word).encode()
        return raw in self.text and re.search(rb"(?<!\w)%s(?!\w)" % re.escape(raw), self.text) is not None


@dataclass(frozen=True)
class Moves:
    """Where dotted names go. Everything is worked out from the tree as it was before the move.

    :param modules: every importable module and package of the tree before the move, and whether
        it is a package (namespace packages included).
    :param moved: modules and packages that move -> their name afterwards.
    :param packages: the plan's ``module_moves``: prefixes for names below them that are no known module.
    :param bindings: for packages whose own namespace matters (those that move, hold something that
        moves, or re-export): the names their ``__init__`` binds other than as submodules.
    :param remap: the plan's ``symbol_remap``: package -> symbol -> defining module, before the move.
    :param files: path before the move -> path afterwards, of every file that moves.
    :param directories: the same for directories that move as a whole.
    :param keep: strings that stay as they are, whatever they name (the plan's ``keep``).
    :param paths: every tracked file and every directory that holds one, before the move.
    :param tasks: the names under which modules that move register Celery tasks.
    :param rename_tasks: whether tasks take the name of their new module; else they keep the old one.
    :param labels: ``app_label.ModelName`` of models that move -> the same after the move, where it
        changes (an extraction).
    :param symbols: for modules that move and aren't packages: the names that they may bind; a module
        is left out where that can't be told.
    :param prose: whether comments, docstrings, messages and documents follow (the plan's ``prose``).
    :param line_length: in characters, what the repo allows for a line of Python; 0 where it says nothing.
    :param concrete: whether an import of a symbol that a package re-exports goes to the module that
        defines it; else it keeps going through the package.
    :param stars: packages that submodules leave -> those that ``from package import *`` may bring although
        the package does not import them.
    """

    modules: Mapping[str, bool]
    moved: Mapping[str, str]
    packages: Mapping[str, str]
    bindings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remap: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    directories: Mapping[str, str] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    rename_tasks: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, Container[str]] = field(default_factory=dict)
    prose: bool = True
    line_length: int = 0
    concrete: bool = False
    stars: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def new_path(self, path: str) -> str:
        """Where a file or directory is after the move (its own path if it stays).

        A path that is not in the tree follows the nearest directory above it that moves as a whole.
        """
        if path in self.files:
            return self.files[path]
        above = path
        while above:
            if above in self.directories:
                return self.directories[above] + path[len(above) :]
            above = above.rpartition("/")[0]
        return path

    def new_module(self, module: str) -> str:
        """The name after the move of a module or package (its own name if it stays)."""
        if module in self.moved:
            return self.moved[module]
        if module in self.modules:
            return module
        for prefix in prefixes(module):
            if prefix in self.modules and prefix not in self.moved:
                return module
            if prefix in self.packages:
                return swap_prefix(module, prefix, self.packages[prefix])
        return module

    def split(self, name: str) -> tuple[str, str]:
        """The longest known module that ``name`` starts with, and the rest (``""`` if none).

        ``("", name)`` where not even the first part is a module of the tree.
        """
        for prefix in prefixes(name):
            if prefix in self.modules:
                return prefix, name[len(prefix) + 1 :]
        return "", name

    def new_name(self, name: str) -> str:
        """The dotted name of a module or of something in it, after the move."""
        module, rest = self.split(name)
        if not module:
            return self.new_module(name)
        new = self.new_module(module)
        return f"{new}.{rest}" if rest else new

    def moves(self, name: str) -> bool:
        """Whether the dotted name changes."""
        return self.new_name(name) != name

    @cached_property
    def strays(self) -> frozenset[str]:
        """Packages below which something does not go where they go: it moves while they stay, say."""
        found: set[str] = set()
        for module in {*self.modules, *self.packages}:
            package, _, leaf = module.rpartition(".")
            if package and package not in found and self.new_module(module) != f"{self.new_module(package)}.{leaf}":
                found.update(prefixes(package))
        return frozenset(found)

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Byte strings of which a file outside the moved packages must hold one to refer to them.

        The last part of each prefix that moves on its own: a file without ``warehouse`` in it
        can't name ``posthog.warehouse``.
        """
        return tuple(sorted({name.rpartition(".")[2].encode() for name in self.packages}))

    def may_mention(self, path_module: str | None, raw: bytes) -> bool:
        """Whether a file can hold a reference: cheap, and never wrong about a "no"."""
        if path_module and any(name in self.packages for name in prefixes(path_module)):
            return True
        return any(needle in raw for needle in self.needles)


@dataclass(frozen=True)
class TextFile:
    """One tracked file that is not Python, as it was before the move.

    :param path: its path before the move, relative to the repo.
    :param raw: its bytes; offsets of references count in them. Nothing is decoded: what we look for is ASCII.
    """

    path: str
    raw: bytes

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts."""
        return _line_starts(self.raw)

    def line_of(self, offset: int) -> int:
        """The number of the line that holds ``offset``, from 1."""
        return bisect.bisect_right(self.line_starts, offset)


class TextRewriter(Protocol):
    """What a rewriter offers that looks into files which are not Python."""

    KIND: str

    def find_in_text(self, text: TextFile, moves: Moves) -> Iterable[Reference]:
        """The references of this kind in one file, in no particular order, spans not overlapping."""


class Rewriter(Protocol):
    """What a module of :mod:`migration.rewriters` offers."""

    KIND: str

    def find(self, source: SourceFile, moves: Moves) -> Iterable[Reference]:
        """The references of this kind in one file, in no particular order, spans not overlapping.

        :raises UnreadableSource: if the file can't be parsed.
        """
