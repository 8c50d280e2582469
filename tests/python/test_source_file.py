"""What rewriters are given: files whose offsets can be trusted, and where names and paths go."""

from __future__ import annotations

import ast

import pytest

from migration.core.changes import Edit
from migration.core.references import Reference, TextFile
from migration.python.source_file import Parser, SourceFile, UnreadableSource, parse


@pytest.mark.parametrize("raw", [
    b"# coding: nonsense\n", b"# coding: ascii\n'\xe4'\n", b"'\xff'\n", b"x = (\n", b"print 1\n", b"a\0b\n", b"(" * 300 + b")" * 300,
])
def test_what_cannot_be_read_is_said(raw: bytes) -> None:
    with pytest.raises(UnreadableSource) as caught:
        _ = SourceFile("a.py", raw, "a").tree
    assert caught.value.message
    with pytest.raises(UnreadableSource, match="never closed"):
        parse(b"\n(")


@pytest.mark.parametrize("raw", [
    "ä = 'ü'; call(1)\r\ncall(2)\rcall(3)\n".encode(), "\ufeffä = 1\n\x0ccall(1); call(2)".encode(),
    "# coding: latin-1\nä = '\x85'; call(1)\ncall(2)\n".encode("latin-1"), "'\u2028\x0b'; call(1)\n".encode(), b"'''\r\n\r'''\rcall(1)", b"",
])
def test_offsets_are_those_of_the_bytes(raw: bytes) -> None:
    source = SourceFile("p/a.py", raw, "p.a")
    assert source.encode(source.data) == raw
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    for node in calls:
        start, end = source.span(node)
        assert source.data[start:end] == ast.unparse(node).encode()
        assert source.line_of(start) == node.lineno == TextFile("a", source.data).line_of(start)
    assert len(calls) == raw.count(b"call(")


def test_packages_and_edits() -> None:
    assert [SourceFile(p, b"", m).package for p, m in [("x.py", None), ("p/a.py", "p.a"), ("p/__init__.py", "p")]] == [None, "p", "p"]
    assert Reference("import", 1, 3, "a", "b", None, "left").edit is None
    assert Reference("import", 1, 3, "a", "b", "ü").edit == Edit(1, 3, "ü".encode())


def test_files_newer_than_the_interpreter_are_read_all_the_same() -> None:
    lazy = SourceFile("m.py", b"lazy import a\nx = f'{a['b']}'\n", "m")  # no Python that runs this knows it
    assert (lazy.parser, len(lazy.tree.body)) == ("libcst", 2)
    assert SourceFile("m.py", b"import a\n", "m").parser == "python"
    with pytest.raises(UnreadableSource):
        parse(lazy.data, "python")
    assert isinstance(parse(b"import a\n", "libcst").body[0], ast.Import)


@pytest.mark.parametrize("by", ["python", "libcst", "either"])
def test_what_no_parser_can_read(by: Parser) -> None:
    with pytest.raises(UnreadableSource) as error:
        parse(b"x = 1\nx = (\n", by)
    assert error.value.line == 2


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (b"", [0]),
        (b"a", [0]),
        (b"\n", [0, 1]),
        (b"a\r\nb\rc\n\nd", [0, 3, 5, 7, 8]),
        (b"a\x0cb\x0b\x1c\xc2\x85\n", [0, 8]),
        (b"a\r", [0, 2]),
    ],
)
def test_lines_end_as_python_has_it(text: bytes, starts: list[int]) -> None:
    assert SourceFile("x.py", text, None).line_starts == starts
    assert TextFile("x.txt", text).line_starts == starts
