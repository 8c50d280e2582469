"""The patterns of ``match`` statements: from LibCST's nodes to those of :mod:`ast`."""

from __future__ import annotations

import ast
from typing import Any

from migration.python.newer.expressions import Expressions
from migration.python.newer.nodes import UnknownSyntax


def pattern(make: Expressions, node: Any) -> Any:
    """The node of a pattern.

    :param make: makes the expressions in it.
    :raises UnknownSyntax: for a kind that isn't known here.
    """
    text = make.text
    span = text.span(node)
    made: Any
    match type(node).__name__:
        case "MatchValue":
            made = ast.MatchValue(make.expression(node.value))
            span = text.span(node.value)
        case "MatchSingleton":
            made, span = ast.MatchSingleton(make.expression(node.value).value), text.span(node.value)
        case "MatchList" | "MatchTuple":
            made = ast.MatchSequence([_element(make, element) for element in node.patterns])
            if type(node).__name__ == "MatchTuple":
                span = text.own(node)
            elif node.lbracket is None:
                span = span[0], span[0] + len(text.data[slice(*span)].rstrip(b" \t\f\r\n\\"))
        case "MatchMapping":
            made = ast.MatchMapping(
                [make.expression(element.key) for element in node.elements],
                [pattern(make, element.pattern) for element in node.elements],
                node.rest.value if node.rest is not None else None,
            )
        case "MatchClass":
            made = ast.MatchClass(
                make.expression(node.cls),
                [_element(make, element) for element in node.patterns],
                [element.key.value for element in node.kwds],
                [pattern(make, element.pattern) for element in node.kwds],
            )
        case "MatchAs":
            inner = pattern(make, node.pattern) if node.pattern is not None else None
            made = ast.MatchAs(inner, node.name.value if node.name is not None else None)
        case "MatchOr":
            made = ast.MatchOr([pattern(make, element.pattern) for element in node.patterns])
        case kind:
            raise UnknownSyntax(kind)
    return text.put(made, span)


def _element(make: Expressions, node: Any) -> Any:
    if type(node).__name__ != "MatchStar":
        return pattern(make, node.value)
    start = make.text.span(node)[0]
    name = node.name.value if node.name is not None else None
    end = make.text.span(node.name)[1] if node.name is not None else make.text.data.index(b"_", start) + 1
    return make.text.put(ast.MatchStar(name), (start, end))
