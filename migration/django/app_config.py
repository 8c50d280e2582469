"""The text of ``apps.py``, and what an existing one needs so that its app keeps its label (pure).

Django finds an app by the ``name`` of its AppConfig and keeps it apart by the ``label``, which is the
last part of the name where it isn't written out: a move would change it, and with it every table,
migration and content type. See
https://docs.djangoproject.com/en/stable/ref/applications/#configurable-attributes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migration.core.names import last_part
from migration.core.references import Reference
from migration.python.quotes import beside, replacing
from migration.python.source_file import SourceFile

KIND = "app config"

_REST_OF_LINE = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?(\r\n|\n|\r|\Z)")


def class_name(product: str) -> str:
    """The name of a product's AppConfig class, as PEP 8 writes class names.

    ``error_tracking`` becomes ``ErrorTrackingConfig``; capitals inside a word stay (``crm_API`` ->
    ``CrmAPIConfig``).
    """
    words = re.split(r"[\W_]+", product)
    return "".join(word[:1].upper() + word[1:] for word in words) + "Config"


def render(name: str, label: str, config: str, default_auto_field: str = "") -> str:
    """The text of ``apps.py`` as ``manage.py startapp`` writes it, with the label written out.

    :param name: dotted name of the app's package.
    :param config: the name of the class, see :func:`class_name`.
    :param default_auto_field: dotted path of the field class; left out where it is empty.
    """
    lines = [f'    name = "{name}"', f'    label = "{label}"']
    if default_auto_field:
        lines.insert(0, f'    default_auto_field = "{default_auto_field}"')
    body = "\n".join(lines)
    return f"from django.apps import AppConfig\n\n\nclass {config}(AppConfig):\n{body}\n"


def pin(
    source: SourceFile, config: str, old: str, new: str, label: str, old_label: str = ""
) -> list[Reference]:
    """What makes an existing AppConfig follow a move and keep its label, in the order of the text.

    :param source: the file that defines it.
    :param config: dotted path of the AppConfig class that Django uses (before or after the move);
        its last part counts. Empty where Django made one up.
    :param old: dotted name of the app's package before the move.
    :param new: the same afterwards.
    :param label: the label after the move.
    :param old_label: the label before the move, where that is another one.
    :returns: ``name`` set to ``new`` and ``label`` added, each where it isn't so already: in the class
        that Django uses, and in other AppConfig classes of the file whose ``name`` is the package.
    :raises UnreadableSource: if the file can't be parsed.
    """
    found: list[Reference] = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        name = _assigned(node, "name")
        value = name.value if isinstance(name, (ast.Assign, ast.AnnAssign)) else None
        text = value.value if isinstance(value, ast.Constant) else None
        used = bool(config) and node.name == last_part(config)
        if not used and not (text in (old, new) and _is_config(node)):
            continue
        if value is not None and text == old and old != new:
            found.append(_replaced(source, value, old, new))
        written = _assigned(node, "label")
        literal = written.value if isinstance(written, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(literal, ast.Constant) and literal.value == old_label != label:
            found.append(_replaced(source, literal, old_label, label))
        elif written is None:
            like = source.data[slice(*source.span(value))] if isinstance(text, str) and value else b'"'
            at, text = _insert(source, node, name, f"label = {beside(like, label)}".encode())
            found.append(Reference(KIND, at, at, old_label or label, label, text.decode(), adds=True))
    return sorted(found, key=lambda reference: (reference.start, reference.end))


def _replaced(source: SourceFile, value: ast.expr, old: str, new: str) -> Reference:
    start, end = source.span(value)
    return Reference(KIND, start, end, old, new, replacing(source.data[start:end], new))


def _is_config(node: ast.ClassDef) -> bool:
    """Whether a class is an AppConfig by the look of its bases (``OscarConfig``, ``apps.AppConfig``)."""
    return any(ast.unparse(base).endswith("Config") for base in node.bases)


def _assigned(node: ast.ClassDef, name: str) -> ast.stmt | None:
    """The statement of the class body that binds ``name``, the last one if there are several."""
    return next((s for s in reversed(node.body) if name in _targets(s)), None)


def _targets(statement: ast.stmt) -> Iterator[str]:
    targets: Iterable[ast.expr] = ()
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    elif isinstance(statement, ast.FunctionDef):  # a property
        yield statement.name
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                yield node.id


def _insert(source: SourceFile, node: ast.ClassDef, name: ast.stmt | None, line: bytes) -> tuple[int, bytes]:
    """Where ``line`` is put in and how, as a statement behind ``name``, else at the top, behind the docstring."""
    first = node.body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    anchor = name or (first if documented else None)
    data = source.data
    decorators = getattr(first, "decorator_list", [])
    start = source.span(anchor)[0] if anchor else source.offset(first.lineno, first.col_offset)
    if anchor is None and decorators:
        start = source.span(decorators[0])[0] - 1  # the @
    indent = data[source.line_starts[source.line_of(start) - 1] : start]
    if indent.strip(b" \t\f"):  # class A(AppConfig): name = "a"
        at = source.span(anchor)[1] if anchor else start
        return at, b"; " + line if anchor else line + b"; "
    if anchor is None:
        newline = _REST_OF_LINE.search(data, start)
        return start, line + (newline.group(1) if newline else b"") + indent
    at = source.span(anchor)[1]
    rest = _REST_OF_LINE.match(data, at)
    if rest is None:  # name = "a"; verbose_name = "b"
        return at, b"; " + line
    newline_bytes = rest.group(1) or b"\n"
    return rest.start(1), newline_bytes + indent + line
