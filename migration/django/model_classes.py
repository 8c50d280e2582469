"""How Django models look in source: their classes, Metas and class-level assignments (pure).

What the rewriters of model labels and of tables share. Classes are named ``module.QualName`` as the
registry names them, so that the registry and not the looks of a class decides whether it is a model.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migration.core.memo import once
from migration.django.registry import ModelInfo
from migration.python.attribute_chains import last_name
from migration.python.quotes import replacing
from migration.python.source_file import SourceFile

PLACEHOLDER = "%(app_label)s"
_NAMES = frozenset(("related_name", "related_query_name", "name"))


def new_label(label: str, moved: Mapping[str, str]) -> str:
    """The label of a model after the move (its own if it stays)."""
    return moved.get(label.lower(), label)


def classes(source: SourceFile) -> Iterator[tuple[str, ast.ClassDef]]:
    """Every class of an importable file with its ``module.QualName``, in no particular order.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if source.module is None:
        return
    pending: list[tuple[str, ast.AST]] = [(source.module, source.tree)]
    while pending:
        prefix, node = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                path = f"{prefix}.{child.name}"
                yield path, child
                pending.append((path, child))
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                pending.append((f"{prefix}.{child.name}.<locals>", child))
            elif isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
                pending.append((prefix, child))


def class_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a class body, those inside ``if``, ``try`` and ``with`` included."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            for name in ("body", "orelse", "handlers", "finalbody"):
                for part in getattr(statement, name, ()):
                    yield from class_level(part.body if isinstance(part, ast.ExceptHandler) else [part])


def assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Names that a class body assigns, each with its value."""
    for statement in class_level(body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.value


def meta_of(node: ast.ClassDef) -> ast.ClassDef | None:
    """The ``class Meta`` in a class body, or None."""
    metas = (s for s in class_level(node.body) if isinstance(s, ast.ClassDef) and s.name == "Meta")
    return next(metas, None)


def meta_value(node: ast.ClassDef, name: str) -> ast.expr | None:
    """What a class's own Meta assigns to ``name``, or None."""
    meta = meta_of(node)
    values = dict(assignments(meta.body)) if meta else {}
    return values.get(name)


def placeholders(node: ast.ClassDef) -> Iterator[tuple[ast.expr, str]]:
    """Strings with ``%(app_label)s`` that Django expands: names of relations, constraints, indexes.

    https://docs.djangoproject.com/en/stable/topics/db/models/#be-careful-with-related-name-and-related-query-name
    """
    for statement in class_level(node.body):
        inner = class_level(statement.body) if isinstance(statement, ast.ClassDef) else [statement]
        for part in inner:
            if not isinstance(part, (ast.Assign, ast.AnnAssign)) or part.value is None:
                continue
            values = [
                k.value for c in ast.walk(part.value) if isinstance(c, ast.Call) for k in c.keywords if k.arg in _NAMES
            ]
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            if any(isinstance(target, ast.Name) and target.id == "default_related_name" for target in targets):
                values.append(part.value)
            for value in values:
                text = string(value)
                if text is not None and PLACEHOLDER in text:
                    yield value, text


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """The argument of a call that stands at a position or under a name, or None."""
    if len(call.args) > position:
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


@once
def parents_of(source: SourceFile) -> Mapping[ast.AST, ast.AST]:
    """Each node of a file's tree but the first -> the node that holds it.

    :raises UnreadableSource: if the file can't be parsed.
    """
    return {child: node for node in ast.walk(source.tree) for child in ast.iter_child_nodes(node)}


def call_name(call: ast.Call) -> str:
    """The last part of the name of what is called; empty where it has none."""
    function = call.func
    return last_name(function)


def target_names(statement: ast.AST) -> list[str]:
    """The names (of variables and attributes) that an assignment gives a value to; none for anything else."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [t.id if isinstance(t, ast.Name) else t.attr for t in targets if isinstance(t, (ast.Name, ast.Attribute))]


def statement_of(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> ast.AST:
    """The statement that holds a node."""
    while node in parents and not isinstance(node, ast.stmt):
        node = parents[node]
    return node


def is_state_lookup(call: ast.Call, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a call asks the ``apps`` that a function is given: those of a migration's state, in the past."""
    if ast.unparse(call.func) not in ("apps.get_model", "apps.get_registered_model", "apps.get_app_config"):
        return False
    current: ast.AST = call
    while current in parents:
        current = parents[current]
        if isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            arguments = (*current.args.posonlyargs, *current.args.args, *current.args.kwonlyargs)
            if any(one.arg == "apps" for one in arguments):
                return True
    return False


def string(node: ast.expr | None) -> str | None:
    """The value of a string literal, or None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def literal(source: SourceFile, node: ast.expr, value: str) -> str:
    """``value`` written as the string literal ``node`` is: the same prefix and quotes."""
    return replacing(source.data[slice(*source.span(node))], value)


def newline(source: SourceFile, node: ast.stmt) -> str:
    """How the line on which a statement starts ends."""
    match = re.compile(rb"\r\n|\n|\r").search(source.data, source.span(node)[0])
    return match[0].decode() if match else "\n"


def line_end(source: SourceFile, offset: int) -> int:
    """The offset at which the line that holds ``offset`` ends, before its line break."""
    match = re.compile(rb"\r|\n").search(source.data, offset)
    return match.start() if match else len(source.data)


def labels_after(owners: Iterable[ModelInfo], moved: Mapping[str, str]) -> set[str]:
    """The labels of the apps that own the models after the move."""
    return {new_label(owner.label, moved).partition(".")[0] for owner in owners}
