"""Strings that code puts together from parts, as far as the parts are known: ``"posthog" + ".warehouse"``.

What is known is what can be read off: literals, names that the module binds once to one, ``__name__``.
From the first part on that isn't, the value is open. A new value is spread over the literals that held
the old one, so that the expression keeps its form.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from migration.python.source_file import SourceFile
from migration.python.string_literals import pieces, plain_text

_TEMPLATE = re.compile(r"%s")
_FORMAT = re.compile(r"\{\}")
_ANY_FIELD = re.compile(r"%[^s]|\{[^}]|\{\Z|(?<!\{)\}")
_WORD = re.compile(r"[^./]+")


@dataclass(frozen=True, slots=True)
class Assembled:
    """The value of an expression.

    :param parts: the texts it is made of, each with the expression that gives it; none is empty.
    :param open: whether it goes on with something that is not known.
    """

    parts: tuple[tuple[str, ast.expr], ...]
    open: bool = False

    @property
    def text(self) -> str:
        """The known beginning of the value, the whole of it unless it is open."""
        return "".join(text for text, _ in self.parts)


def assembled(node: ast.expr, known: Mapping[str, str]) -> Assembled | None:
    """What an expression is put together from; None where even its beginning is not known.

    :param known: names -> their values.
    """
    parts: list[tuple[str, ast.expr]] = []
    pending: list[_Part] = [node]  # a stack: a sum may have thousands of links
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple):
            pending += reversed(_taken_apart(part, known))
        elif part[0] is None:
            return Assembled(tuple(parts), True) if parts else None
        elif part[0]:
            parts.append((part[0], part[1]))
    return Assembled(tuple(parts)) if parts else None


def summands(node: ast.BinOp) -> list[ast.expr]:
    """What ``a + b + c`` adds: where its beginning is not known, that of ``a + b`` isn't either."""
    found: list[ast.expr] = []
    inner: ast.expr = node
    while isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add):
        found.append(inner.right)
        inner = inner.left
    return [inner, *reversed(found)]


# An expression, or a text that comes from one (None where that is not known).
_Part = ast.expr | tuple[str | None, ast.expr]


def _taken_apart(node: ast.expr, known: Mapping[str, str]) -> Sequence[_Part]:
    """What an expression puts together, in order."""
    if isinstance(node, ast.Constant):
        return [((node.value if isinstance(node.value, str) else None), node)]
    if isinstance(node, ast.Name):
        return [(known.get(node.id), node)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [node.left, node.right]
    if isinstance(node, ast.JoinedStr):
        return node.values
    if isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(node, node.left, _TEMPLATE, values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
        return _called(node, node.func)
    return [(None, node)]


def _called(node: ast.Call, function: ast.Attribute) -> Sequence[_Part]:
    """``"{}.b".format("a")`` and ``".".join(["a", "b"])``."""
    lists = [argument.elts for argument in node.args if isinstance(argument, (ast.List, ast.Tuple))]
    if function.attr == "format":
        return _filled(node, function.value, _FORMAT, node.args)
    if function.attr == "join" and len(lists) == len(node.args) == 1:
        between = [part for element in lists[0] for part in (function.value, element)]
        return between[1:]
    return [(None, node)]


def _filled(
    node: ast.expr, template: ast.expr, field: re.Pattern[str], values: Sequence[ast.expr]
) -> Sequence[_Part]:
    """The texts of a template with its values, where each is put in as it is and in order."""
    text = plain_text(template)
    texts = field.split(text)
    if _ANY_FIELD.search(text.replace("%s", "").replace("{}", "")) or len(texts) != len(values) + 1:
        return [(None, node)]
    parts: list[_Part] = [(texts[0], template)]
    for value, after in zip(values, texts[1:], strict=True):
        parts += [value, (after, template)]
    return parts


def constants(source: SourceFile) -> dict[str, str]:
    """The names that a module binds to a plain string at its top, and nothing in the file binds again.

    :raises UnreadableSource: if the file can't be parsed.
    """
    found: dict[str, str] = {}
    for statement in source.tree.body:
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]  # type: ignore[attr-defined]
            found |= {target.id: value.value for target in targets if isinstance(target, ast.Name)}
    count = Counter(name for node in ast.walk(source.tree) for name in bound_names(node)) if found else Counter[str]()
    return {name: value for name, value in found.items() if count[name] == 1}


def bound_names(node: ast.AST) -> Iterator[str]:
    """The names that a node binds by itself, in whatever scope."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(name := getattr(node, "name", None), str):  # functions, classes, handlers, patterns
        yield name


def spread(
    source: SourceFile, literals: Sequence[ast.Constant], old: str, new: str
) -> list[tuple[int, int, str]] | None:
    """Edits that make literals which begin with ``old``, one after another, begin with ``new``.

    :param old: a dotted name or a path; so is ``new``.
    :returns: start, end and text of each; None where a part of the name runs over the end of a literal,
        is written with escapes, or the new name has fewer parts.
    """
    found = [piece for literal in literals for piece in pieces(source, literal)]
    if any(piece.fields for piece in found):
        return None
    texts = [source.data[piece.inner : piece.inner_end].decode() for piece in found]
    separator = "/" if "/" in old else "."
    names, words = [*_WORD.finditer(old)], new.split(separator)
    if not "".join(texts).startswith(old) or len(words) < len(names):
        return None
    shares = [*words[: len(names) - 1], separator.join(words[len(names) - 1 :])]
    edits = []
    starts = [0, *itertools.accumulate(map(len, texts))]
    for name, share in zip(names, shares, strict=True):
        index = next(at for at, start in enumerate(starts[1:]) if name.start() < start)
        if name.end() > starts[index + 1]:
            return None
        start = found[index].inner + len(texts[index][: name.start() - starts[index]].encode())
        if name[0] != share:
            edits.append((start, start + len(name[0].encode()), share))
    return edits
