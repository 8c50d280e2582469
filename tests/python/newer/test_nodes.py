from __future__ import annotations

import ast

import libcst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from migration.python.newer.nodes import Text, node_class, to_context


def test_a_class_that_the_interpreter_has_is_used() -> None:
    assert node_class("FunctionDef", "stmt", "name", "body") is ast.FunctionDef


def test_a_class_with_more_fields_is_still_of_its_kind() -> None:
    made = node_class("FunctionDef", "stmt", "of_tomorrow")
    assert made._fields == (*ast.FunctionDef._fields, "of_tomorrow")
    assert issubclass(made, ast.FunctionDef)
    assert made.__name__ == "FunctionDef"


def test_a_class_that_nobody_has() -> None:
    made = node_class("OfTomorrow", "stmt", "name")
    assert (made.__name__, made._fields, made.__bases__) == ("OfTomorrow", ("name",), (ast.stmt,))


def text_of(data: bytes) -> tuple[Text, libcst.BaseExpression]:
    module = libcst.parse_module(data)
    (line,) = module.body
    assert isinstance(line, libcst.SimpleStatementLine) and isinstance(line.body[0], libcst.Expr)
    spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
    return Text(data, spans), line.body[0].value


def test_spans_with_and_without_parentheses() -> None:
    text, node = text_of("'é'\\\r\n+ ( ( é ) )\r\n".encode())
    assert isinstance(node, libcst.BinaryOperation)
    start = len("'é'\\\r\n+ ".encode())
    assert text.span(node.right) == (start + 4, start + 6)
    assert text.outer(node.right) == (start, start + 10)
    placed = text.put(ast.Name("é", ast.Load()), text.span(node.right))
    assert (placed.lineno, placed.col_offset, placed.end_lineno, placed.end_col_offset) == (2, 6, 2, 8)


def test_only_the_innermost_parentheses_are_those_of_a_tuple() -> None:
    text, node = text_of(b"( (a, ) )\n")
    assert text.own(node) == (2, 7)
    text, node = text_of(b"a , \n")
    assert text.own(node) == (0, 3)


def test_a_context_goes_inwards_but_not_into_what_is_only_read() -> None:
    node = ast.parse("(a, [*b], c.d, e[f])").body[0]
    assert isinstance(node, ast.Expr)
    to_context(node.value, ast.Store())
    stored = {type(n).__name__ + getattr(n, "id", "") for n in ast.walk(node) if isinstance(getattr(n, "ctx", None), ast.Store)}
    assert stored == {"Tuple", "Namea", "List", "Starred", "Nameb", "Attribute", "Subscript"}
