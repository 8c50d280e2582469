"""Where statements go that a class must have: its fields, its Meta, the imports that both need (pure).

A new Meta goes where Django's coding style puts it, behind the fields and managers and before the methods
(https://docs.djangoproject.com/en/stable/internals/contributing/writing-code/coding-style/#model-style); new fields
come first, since an abstract base's do.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence

from migration.django.model_classes import assignments, class_level, line_end, meta_of, newline
from migration.python.source_file import SourceFile

Insertion = tuple[int, int, str]


def inserted(
    source: SourceFile, node: ast.ClassDef, fields: Sequence[str], meta: Sequence[str], base: int
) -> list[Insertion] | None:
    """The insertions (start, end, text) that give a class fields, and its Meta statements.

    :param base: the direct base (from 0) that brings the Meta which the class has where it declares none of its own;
        -1 for none.
    :returns: None where the class is written in a way that leaves no place.
    """
    found: list[Insertion] = []
    own = meta_of(node)
    if meta and own is not None:
        found.append(_in_meta(source, own, meta))
        meta = ()
    elif meta and any(name == "Meta" for name, _ in assignments(node.body)):
        return None
    bases = _inherited(node, base) if meta else ""
    if bases is None:
        return None
    if fields or meta:
        found += _in_class(source, node, fields, meta, bases)
    return sorted(found)


def _in_meta(source: SourceFile, meta: ast.ClassDef, statements: Sequence[str]) -> Insertion:
    last = meta.body[-1]
    start, end = source.span(last)
    indent = _indent(source, meta.body[0])
    if indent is None:  # class Meta: ordering = ["name"]
        joined = "; ".join(statements)
        return (start, end, joined) if isinstance(last, ast.Pass) else (end, end, f"; {joined}")
    line = f"{newline(source, meta)}{indent}"
    if isinstance(last, ast.Pass):
        return start, end, line.join(statements)
    at = line_end(source, end)
    return at, at, "".join(f"{line}{statement}" for statement in statements)


def _in_class(
    source: SourceFile, node: ast.ClassDef, fields: Sequence[str], meta: Sequence[str], bases: str
) -> Iterator[Insertion]:
    line = newline(source, node)
    outer = _leading(source, node.lineno)
    inner = _indent(source, node.body[0])
    unit = inner[len(outer) :] if inner is not None else "\t" if outer.startswith("\t") else "    "
    block = f"{line}{outer}{unit}"
    new = f"class Meta{bases}:" + "".join(f"{block}{unit}{statement}" for statement in meta) if meta else ""
    if inner is None:  # class Tag(Base): pass
        yield from _one_line_class(source, node, block, fields, new)
        return
    if len(node.body) == 1 and isinstance(node.body[0], ast.Pass):
        parts = [block.join(fields)] if fields else []
        yield (*source.span(node.body[0]), f"{line}{block}".join([*parts, *([new] if new else [])]))
        return
    doc = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    first = line_end(source, source.span(doc)[1]) if doc is not None else _header_end(source, node)
    text = (line if doc is not None and fields else "") + "".join(f"{block}{field}" for field in fields)
    anchor = _anchor(node)
    if not new:
        yield first, first, text
    elif anchor is None:
        yield first, first, f"{text}{line if fields else ''}{block}{new}{line}"
    else:
        at = line_end(source, source.span(anchor)[1])
        follows = re.compile(rb"(?:\r\n|\n|\r)[ \t\f]*([^\s])").match(source.data, at)
        behind = f"{line}{block}{new}{line if follows else ''}"
        if at == first:
            yield first, first, text + behind
            return
        if fields:
            yield first, first, text
        yield at, at, behind


def _inherited(node: ast.ClassDef, base: int) -> str | None:
    """The bases that a new Meta needs; None where the class doesn't write the base out that has one."""
    if base < 0:
        return ""
    bases = node.bases[: base + 1]
    if len(bases) <= base or any(isinstance(one, ast.Starred) for one in bases):
        return None
    last = bases[-1].value if isinstance(bases[-1], ast.Subscript) else bases[-1]
    return f"({ast.unparse(last)}.Meta)"


def _one_line_class(
    source: SourceFile, node: ast.ClassDef, block: str, fields: Sequence[str], meta: str
) -> Iterator[Insertion]:
    """A class whose body stands on the line of its header gets a block."""
    header = _colon_end(source, node)
    start, end = source.span(node.body[0])[0], source.span(node.body[-1])[1]
    is_empty = isinstance(node.body[0], ast.Pass) and len(node.body) == 1
    before = "".join(f"{block}{field}" for field in fields) + ("" if is_empty else block)
    behind = (newline(source, node) if fields or not is_empty else "") + block + meta if meta else ""
    if is_empty:
        yield header, end, before + behind
        return
    yield header, start, before
    if behind:
        yield end, end, behind


def appended(source: SourceFile, display: ast.List | ast.Tuple, items: Sequence[str]) -> Insertion:
    """The insertion that puts items at the end of a list or tuple that is written out."""
    if display.elts:
        end = source.span(display.elts[-1])[1]
        return end, end, "".join(f", {item}" for item in items)
    end = source.span(display)[1] - 1
    return end, end, ", ".join(items) + ("," if isinstance(display, ast.Tuple) else "")


def argument_given(source: SourceFile, call: ast.Call, name: str, argument: str) -> Insertion:
    """The insertion that gives a call an argument, ``name=value``; a dict that it is given already gets the entry."""
    given = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if isinstance(given, ast.Dict):
        entry = argument.partition("={")[2].removesuffix("}")
        start = source.span(given)[0] + 1
        return start, start, entry + (", " if given.keys else "")
    every = [*call.args, *(keyword.value for keyword in call.keywords)]
    if every:
        end = max(source.span(value)[1] for value in every)
        return end, end, f", {argument}"
    end = source.span(call)[1] - 1
    return end, end, argument


def imported(source: SourceFile, statements: Iterable[str]) -> Insertion | None:
    """The insertion of those import statements that a module does not have; None where it has them all.

    ``models`` of ``django.contrib.gis`` and the like has all that Django's own has.
    """
    have: set[str] = set()
    for statement in source.tree.body:
        if isinstance(statement, ast.Import):
            have |= {f"import {name.name}" for name in statement.names if name.asname is None}
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            module = statement.module or ""
            names = {name.name for name in statement.names if name.asname in (None, name.name)}
            have |= {f"from {module} import {name}" for name in names}
            if "models" in names and module.endswith(".db"):
                have.add("from django.db import models")
    missing = [statement for statement in statements if statement not in have]
    if not missing:
        return None
    imports = [one for one in source.tree.body if isinstance(one, (ast.Import, ast.ImportFrom))]
    line = newline(source, source.tree.body[0])
    if imports:
        at = line_end(source, source.span(imports[-1])[1])
        return at, at, "".join(f"{line}{statement}" for statement in missing)
    at = source.span(source.tree.body[0])[0]
    return at, at, "".join(f"{statement}{line}" for statement in missing) + line


def _anchor(node: ast.ClassDef) -> ast.stmt | None:
    """The statement that a new Meta follows: the last field or manager before the first method."""
    before: list[ast.stmt] = []
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            break
        before.append(statement)
    fields = [s for s in before if any(isinstance(part, (ast.Assign, ast.AnnAssign)) for part in class_level([s]))]
    return (fields or before)[-1] if before else None


def _indent(source: SourceFile, statement: ast.stmt) -> str | None:
    """The white space before a statement; None where it doesn't start its line."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    leading = _leading(source, min([statement.lineno, *(decorator.lineno for decorator in decorators)]))
    return leading if len(leading.encode()) == statement.col_offset else None


def _leading(source: SourceFile, line: int) -> str:
    match = re.compile(rb"[ \t\f]*").match(source.data, source.line_starts[line - 1])
    assert match is not None
    return match[0].decode()


def _colon_end(source: SourceFile, node: ast.ClassDef) -> int:
    """The offset behind the colon of the class's header."""
    depth = 0
    start = source.line_starts[node.lineno - 1]
    for token in tokenize.tokenize(io.BytesIO(source.data[start:]).readline):
        if token.type != tokenize.OP:
            continue
        depth += (token.string in "([{") - (token.string in ")]}")
        if token.string == ":" and not depth:
            line = source.line_starts[node.lineno - 1 + token.end[0] - 1]
            prefix = source.data[line:].decode()[: token.end[1]]
            return line + len(prefix.encode())
    raise AssertionError("a class statement has a colon")


def _header_end(source: SourceFile, node: ast.ClassDef) -> int:
    return line_end(source, _colon_end(source, node))
