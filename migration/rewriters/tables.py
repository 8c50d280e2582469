"""``db_table`` pinned to the real table in the Meta of each model that gets a new label.

Without it Django derives the table from the new label and would make an empty one. A Meta that names
a table already is left alone, whatever the expression: that it still gives the same table is checked
by asking Django afterwards. A model without a Meta has that of an abstract base, if one has any, so a
new Meta inherits from it (https://docs.djangoproject.com/en/stable/topics/db/models/#meta-inheritance).
It goes where Django's coding style puts it, behind the fields and
managers and before the methods
(https://docs.djangoproject.com/en/stable/internals/contributing/writing-code/coding-style/#model-style).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import replace

from migration.core.changes import Finding
from migration.core.references import Reference, SourceFile
from migration.django.model_classes import assignments, class_level, classes, line_end, meta_of, meta_value, newline
from migration.django.registry import ModelInfo, Registry
from migration.plan.plan import Plan

KIND = "table"


def find(source: SourceFile, plan: Plan, registry: Registry) -> list[Reference]:
    """The places where a Meta must name the table.

    :param source: the file's text as it is now; ``module`` is its name before the move.
    :param registry: the registry of the code base before the move.
    :raises UnreadableSource: if the file can't be parsed.
    """
    return [
        reference
        for model, node in _unpinned(source, plan, registry)
        if (reference := _pin(source, node, model)) is not None
    ]


def problems(source: SourceFile, plan: Plan, registry: Registry) -> list[Finding]:
    """The moved models of a file whose Meta doesn't name the table (after the rewrite: none)."""
    return [
        Finding(
            plan.new_path(source.path),
            node.lineno,
            f"{model.name} has no db_table in a Meta of its own",
            f'give it a `class Meta:` with `db_table = "{model.table}"`',
        )
        for model, node in _unpinned(source, plan, registry)
    ]


def _unpinned(source: SourceFile, plan: Plan, registry: Registry) -> list[tuple[ModelInfo, ast.ClassDef]]:
    app = plan.app
    if not app.relabels:
        return []
    wanted = {}
    for model in app.models:
        info = registry.by_label.get(f"{app.old_label}.{model.name}".lower())
        if model.module == source.module and info is not None and not info.proxy:
            wanted[info.path] = replace(info, table=model.table)  # the plan decides
    if not wanted:
        return []
    return [
        (wanted[path], node)
        for path, node in classes(source)
        if path in wanted and meta_value(node, "db_table") is None
    ]


def _pin(source: SourceFile, node: ast.ClassDef, model: ModelInfo) -> Reference | None:
    """The insertion that pins the table; None where Meta is no class statement."""
    statement = f'db_table = "{model.table}"'
    meta = meta_of(node)
    if meta is not None:
        return _in_meta(source, meta, statement, model)
    if any(name == "Meta" for name, _ in assignments(node.body)):
        return None
    return _new_meta(source, node, statement, model)


def _in_meta(source: SourceFile, meta: ast.ClassDef, statement: str, model: ModelInfo) -> Reference:
    last = meta.body[-1]
    start, end = source.span(last)
    if isinstance(last, ast.Pass):
        return _reference(start, end, model, statement)
    if _indent(source, meta.body[0]) is None:  # class Meta: ordering = ["name"]
        return _reference(end, end, model, f"; {statement}")
    at = line_end(source, end)
    return _reference(at, at, model, f"{newline(source, meta)}{_indent(source, meta.body[0])}{statement}")


def _new_meta(source: SourceFile, node: ast.ClassDef, statement: str, model: ModelInfo) -> Reference | None:
    line = newline(source, node)
    outer = _leading(source, node.lineno)
    inner = _indent(source, node.body[0])
    unit = inner[len(outer) :] if inner is not None else "\t" if outer.startswith("\t") else "    "
    bases = _inherited(node, model)
    if bases is None:
        return None
    meta = f"class Meta{bases}:{line}{outer}{unit}{unit}{statement}"
    if inner is None:  # class Tag(Base): pass
        return _one_line_class(source, node, f"{line}{outer}{unit}", meta, model)
    if len(node.body) == 1 and isinstance(node.body[0], ast.Pass):
        return _reference(*source.span(node.body[0]), model, meta)
    anchor = _anchor(node)
    if anchor is None:
        at = _header_end(source, node)
        return _reference(at, at, model, f"{line}{inner}{meta}{line}")
    at = line_end(source, source.span(anchor)[1])
    follows = re.compile(rb"(?:\r\n|\n|\r)[ \t\f]*([^\s])").match(source.data, at)
    return _reference(at, at, model, f"{line}{line}{inner}{meta}{line if follows else ''}")


def _inherited(node: ast.ClassDef, model: ModelInfo) -> str | None:
    """The bases that a new Meta needs; None where the class doesn't write the base out that has one."""
    if model.meta_base < 0:
        return ""
    bases = node.bases[: model.meta_base + 1]
    if len(bases) <= model.meta_base or any(isinstance(base, ast.Starred) for base in bases):
        return None
    base = bases[-1].value if isinstance(bases[-1], ast.Subscript) else bases[-1]
    return f"({ast.unparse(base)}.Meta)"


def _one_line_class(source: SourceFile, node: ast.ClassDef, indent: str, meta: str, model: ModelInfo) -> Reference:
    """A class whose body stands on the line of its header gets a block."""
    header = _colon_end(source, node)
    start, end = source.span(node.body[0])[0], source.span(node.body[-1])[1]
    body = source.data[start:end].decode()
    fields = (
        "" if isinstance(node.body[0], ast.Pass) and len(node.body) == 1 else f"{indent}{body}{newline(source, node)}"
    )
    return _reference(header, end, model, f"{fields}{indent}{meta}")


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


def _reference(start: int, end: int, model: ModelInfo, text: str) -> Reference:
    return Reference(KIND, start, end, model.name, model.table, text)
