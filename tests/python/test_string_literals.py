from __future__ import annotations

import ast

import pytest

from migration.python.source_file import SourceFile
from migration.python.string_literals import expression_at, expressions, has_unplaced, pieces


def literal(text: str) -> tuple[SourceFile, ast.Constant | ast.JoinedStr]:
    source = SourceFile("m.py", f"é = ({text})\n".encode(), "m")
    statement = source.tree.body[0]
    assert isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.Constant, ast.JoinedStr))
    return source, statement.value


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("'a'", ["a"]),
        ("''", [""]),
        ('"a" "b"', ["a", "b"]),
        ("'a'\n  # why\n  'b'", ["a", "b"]),
        ("'a' \\\n 'b'", ["a", "b"]),
        ("r'a\\'b' u'c'", ["a\\'b", "c"]),
        ("'''a'b''' \"\"\"c\"d\"\"\"", ["a'b", 'c"d']),
        ("'''a\n\\'''b'''", ["a\n\\'''b"]),
        ("f'{a}b' 'c'", ["{a}b", "c"]),
        ("f'''{a['b']}''' f\"{c!r:>{d}}\"", ["{a['b']}", "{c!r:>{d}}"]),
        ("f'{{a}}' rf'\\{b}' f'\\N{EM DASH}'", ["{{a}}", "\\{b}", "\\N{EM DASH}"]),
    ],
)
def test_pieces(text: str, contents: list[str]) -> None:
    source, node = literal(text)
    assert [source.data[piece.inner : piece.inner_end].decode() for piece in pieces(source, node)] == contents


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("f'a'", []),
        ("f'{a}é{b}'", ["a", "b"]),
        ("f'{ a }{a!r}{a:>10}{a!s:x}'", ["a", "a", "a", "a"]),
        ("f'{a:{b}.{c}}{d}'", ["a", "b", "c", "d"]),
        ("f'{a=}{a.b = }{a = !r}'", ["a", "a.b", "a"]),
        ("f'{a != b}{a == b}{a <= b}'", ["a != b", "a == b", "a <= b"]),
        ("f'{{a}}{{{a}}}'", ["a"]),
        ("f'{a[\"x:y\"]}{ {1: 2}[1] }'", ['a["x:y"]', "{1: 2}[1]"]),
        ("f'{(lambda x: x)(a)}{(b := 1)}'", ["(lambda x: x)(a)", "(b := 1)"]),
        ("f'{f\"{a}\"}'", ['f"{a}"']),
        ("f'''{\na\n}{b\n}'''", ["a", "b"]),
        ("'x' f'{a}' 'y{z}' f'{b}'", ["a", "b"]),
        ("f'{x if\"a\"else y}'", ['x if"a"else y']),
        ("rf'\\d{a}\\{b}' f'\\N{EM DASH}{c}\\'{d}'", ["a", "b", "c", "d"]),
    ],
)
def test_expressions_are_where_they_say(text: str, fields: list[str]) -> None:
    source, node = literal(text)
    assert isinstance(node, ast.JoinedStr)
    assert not has_unplaced(source, node)
    found = [ast.get_source_segment(source.data.decode(), value) for value in expressions(source, node)]
    assert [segment.strip("()") for segment in found if segment] == [field.strip("()") for field in fields]
    spans = [span for piece in pieces(source, node) for span in piece.fields]
    assert [source.data[start:end].decode().strip() for start, end in spans] == fields


@pytest.mark.parametrize("text", ["f'{a['b']}{f'{c}'}'", "f'{\n    a  # it's }\n}'", "f'{'\\n'.join(a)}'"])
def test_newer_grammar(text: str) -> None:
    source, node = literal(text)
    (piece,) = pieces(source, node)
    assert piece.end == source.span(node)[1]
    assert isinstance(node, ast.JoinedStr)
    assert len(piece.fields) == len(list(expressions(source, node)))


def test_expression_at_an_offset() -> None:
    source = SourceFile("m.py", "é = 'list[a.b\n | c]'\n".replace("'", "'''").encode(), "m")
    start, end = source.data.index(b"list"), source.data.index(b"]") + 1
    value = expression_at(source, start, end)
    assert isinstance(value, ast.Subscript)
    assert source.span(value) == (start, end)
    assert expression_at(source, start, end - 1) is None
