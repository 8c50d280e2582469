"""One Python file as it was before the move: its bytes, its text, its syntax tree, and where things are in it."""

from __future__ import annotations

import ast
import bisect
import io
import tokenize
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from migration.core import recursion
from migration.core.errors import PhaseError
from migration.core.memo import WorkedOut, is_worked_out, once
from migration.core.names import package_of
from migration.core.references import line_starts_of


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
    :param declared: its encoding, where that is known without a look at its first lines.
    :param head: the offset in :attr:`data` behind which no statement counts; None where all do.
    :param worked_out: what :func:`once` keeps of it.
    """

    path: str
    raw: bytes
    module: str | None
    declared: str = ""
    head: int | None = None
    worked_out: WorkedOut = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def encoding(self) -> str:
        """The declared encoding (PEP 263); ``utf-8-sig`` with a byte order mark.

        :raises UnreadableSource: if the declaration names no known encoding.
        """
        if self.declared:
            return self.declared
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

    @property
    def tree(self) -> ast.Module:
        """The syntax tree. Columns are byte offsets into the lines of :attr:`data`.

        :raises UnreadableSource: if neither Python nor LibCST can parse it (Python, where its head alone counts).
        """
        return _tree(self)

    def only_head(self, end: int) -> SourceFile:
        """The same file with the syntax tree of what stands before an offset, where the rest doesn't count."""
        return replace(self, head=end)

    def behind(self, offset: int) -> SourceFile:
        """The file as if its text began at an offset."""
        return SourceFile(self.path, self.data[offset:], self.module, "utf-8")  # what a first line declares is gone

    @property
    def is_parsed(self) -> bool:
        """Whether :attr:`tree` is there without any work."""
        return is_worked_out(self, _tree)

    @property
    def parser(self) -> Parser:
        """Whose parser has given :attr:`tree`."""
        return "libcst" if getattr(self.tree, "by_libcst", False) else "python"

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts, as Python counts lines (``\\n``, ``\\r\\n``, ``\\r``)."""
        return line_starts_of(self.data)

    def offset(self, line: int, column: int) -> int:
        """The offset of a position as :mod:`ast` gives it (line from 1, column in UTF-8 bytes)."""
        return self.line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> tuple[int, int]:
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


@once
def _tree(source: SourceFile) -> ast.Module:
    return parse(source.data) if source.head is None else parse(source.data[: source.head], "python")


Parser = Literal["python", "libcst", "either"]


def parse(data: bytes, by: Parser = "either") -> ast.Module:
    """The syntax tree of UTF-8 source.

    :param by: whose parser: Python's own, LibCST's (which knows newer grammar), or the first that can.
    :raises UnreadableSource: if it can't be parsed, with what Python says about it.
    """
    recursion.allow_deep()
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
    except (RecursionError, MemoryError) as error:
        raise UnreadableSource(f"nested too deeply ({str(error) or type(error).__name__})") from error
    except ValueError as error:
        raise UnreadableSource(str(error)) from error


def _newer_tree(data: bytes) -> ast.Module | None:
    """What LibCST reads; it takes a while to load, and few files need it."""
    from migration.python.newer.tree import tree_of

    return tree_of(data)
