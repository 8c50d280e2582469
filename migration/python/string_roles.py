"""What a string is for, as far as the code around it tells: an import path, a task's name, a logger's name.

The same text can be any of them. ``"shop.tasks.sync"`` in ``patch()`` is the place of a function, in
``send_task()`` it is the name under which workers know a task.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from migration.core.names import last_part
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.mentions import Mentions, first_line
from migration.python.source_file import SourceFile
from migration.python.string_literals import expressions, plain_text

Role = Literal[
    "", "path", "path key", "top path", "app", "task", "task key", "logger", "logger key", "type", "label", "relation",
    "other",
]  # fmt: skip
"""``path``: something is imported by it; ``top path``: what comes out is what the path begins with; ``app``: an
entry of INSTALLED_APPS; ``task``: the name of a Celery task; ``logger``: the name of a logger; ``type``: read by
type checkers only; ``label``: an app and a model, ``stock.item``, which a module may be called too; ``relation``:
the same, or a schema, a table and a column; ``other``: a name of another register, such as a table's. ``… key``:
the keys of a dict are such names."""

# Calls whose first argument is a dotted path.
IMPORTS = frozenset(
    (
        "PackageLoader",
        "contents",
        "files",
        "find_loader",
        "find_spec",
        "get_callable",
        "get_data",
        "get_loader",
        "import_from_string",
        "import_item",
        "import_module",
        "import_object",
        "import_string",
        "importorskip",
        "include",
        "is_resource",
        "load_object",
        "locate",
        "open_binary",
        "open_text",
        "read_binary",
        "read_text",
        "resolve_name",
        "resource_exists",
        "resource_filename",
        "resource_listdir",
        "resource_stream",
        "resource_string",
        "run_module",
        "symbol_by_name",
    )
)
_PATCHES = frozenset({"patch", "patch.multiple", "patch.dict", "patch.object", "setattr", "delattr"})
_LOGGERS = frozenset({"getLogger", "get_logger", "getChild", "assertLogs", "assertNoLogs"})
_TASKS = frozenset({"send_task", "signature", "subtask", "get_task", "retry_task"})
_TYPES = frozenset({"cast", "ForwardRef"})
_RELATIONS = re.compile(r"\w*(?:ForeignKey|ToOneField|ToManyField|GenericRelation)|get_model|get_registered_model")
_TASK_NAMES = frozenset({"name", "task", "task_name", "sender"})
_KEYWORDS: dict[str, Role] = {
    "task": "task",
    "task_name": "task",
    "name": "task",
    "target": "path",
    "package": "path",
    "packages": "path",
    "py_modules": "path",
    "namespace_packages": "path",
    "package_data": "path key",
    "exclude_package_data": "path key",
    "logger": "logger",
    "logger_name": "logger",
    "bound": "type",
    "INSTALLED_APPS": "app",
    "to": "label",
    "through": "label",
    "bases": "label",
    **dict.fromkeys(
        ("db_table", "table_name", "tablename", "upload_to", "queue", "exchange", "routing_key", "topic", "key_prefix"),
        "other",
    ),
}
# Calls whose first argument is a name that a database, a queue or another distribution knows.
_OTHERS = frozenset({
    "add_column", "alter_column", "bulk_insert", "create_index", "create_table", "drop_column", "drop_index",
    "drop_table", "entry_points", "gettext", "gettext_lazy", "iter_entry_points", "pgettext", "rename_table",
    "reverse", "reverse_lazy",
})  # fmt: skip
_OWN_NAMES = frozenset({"db_table", "__tablename__", "__table_name__"})
_TASK_SETTINGS = re.compile(r"(?i:\w*(?:task_routes|task_annotations|celery_routes|celery_annotations)\w*)")
_KEYS: dict[str, Role] = {
    "task": "task",
    "loggers": "logger key",
    "task_routes": "task key",
    "task_annotations": "task key",
}
_MODULES = "sys.modules"
_PATTERNS_OF_PACKAGES = frozenset({"include", "exclude"})
_PYTHON = re.compile(r"(?:^|/)(?:python[\w.]*|coverage)\Z")
_MODULE_OPTIONS = frozenset({"-A", "--app", "--cov", "--settings", "--hidden-import", "--pyargs"})
_APPS = "INSTALLED_APPS"
_PATH_KEYS = frozenset({"class", "()", "factory", "func", "callable", "BACKEND", "ENGINE"})
_CONTAINERS = (ast.List, ast.Tuple, ast.Set, ast.BinOp, ast.IfExp, ast.Starred, ast.BoolOp)


def strings(source: SourceFile, where: Mentions) -> Iterator[tuple[ast.Constant | ast.JoinedStr, Role]]:
    """The strings that touch certain lines, docstrings left out, each with what it is for.

    :raises UnreadableSource: if the file can't be parsed.
    """
    pending: list[tuple[ast.AST, Role]] = [(source.tree, "")]
    lists = _app_lists(source) if _APPS.encode() in source.data else frozenset()
    while pending:
        node, role = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node, role
        elif isinstance(node, ast.JoinedStr):
            yield node, role
            pending += [(value, "") for value in expressions(source, node)]
        elif isinstance(node, ast.Dict):
            pending += _in_dict(node, role)
        elif isinstance(node, ast.ClassDef) and any(dotted_name(base).endswith("AppConfig") for base in node.bases):
            pending += _in_app_config(node)
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and lists.intersection(_targets(node)):
            pending += [(node.value, "app")] if node.value else []
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            pending += roles_in(node, role)


def _in_app_config(node: ast.ClassDef) -> Iterator[tuple[ast.AST, Role]]:
    """What a configuration of an app holds; its ``name`` is the app's dotted path."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Assign, ast.AnnAssign)) and _targets(child) == ["name"] and child.value:
            yield child.value, "app"
        else:
            yield child, ""


def _app_lists(source: SourceFile) -> frozenset[str]:
    """The names of lists that a file puts into INSTALLED_APPS: ``INSTALLED_APPS = DJANGO_APPS + LOCAL_APPS``."""
    found = {_APPS}
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and _APPS in _targets(node):
            parts: list[ast.AST | None] = [node.value]
            while parts:
                part = parts.pop()
                if isinstance(part, ast.Name):
                    found.add(part.id)
                elif isinstance(part, _CONTAINERS):
                    parts += ast.iter_child_nodes(part)
                elif isinstance(part, ast.Call) and dotted_name(part.func) in ("list", "tuple"):
                    parts += part.args
    return frozenset(found)


def _targets(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[str]:
    """What is assigned to, by the last names."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [last_part(dotted_name(target)) for target in targets]


def roles_in(node: ast.AST, outer: Role) -> list[tuple[ast.AST, Role]]:
    """The children of a node, each with the role of a string that is this child.

    :param outer: the role of the node itself.
    """
    children = [*ast.iter_child_nodes(node)]
    if isinstance(node, ast.Compare):  # the same for all, however many there are
        role = role_in(node, node.left, outer)
        return [(child, role) for child in children]
    behind = _behind_options(node)
    return [(child, behind.get(id(child)) or role_in(node, child, outer, behind)) for child in children]


def role_in(node: ast.AST, child: ast.AST, outer: Role, behind: Mapping[int, Role] | None = None) -> Role:
    """The role of a string that is ``child`` of ``node``, whose own role is ``outer``.

    :param behind: what :func:`_behind_options` says of the node, where that is known.
    """
    if role := (_behind_options(node) if behind is None else behind).get(id(child)):
        return role
    if isinstance(node, ast.Call):
        return _in_call(node, child)
    if isinstance(node, ast.keyword):
        if outer == "other" and node.arg == "group":
            return outer
        if outer == "path key" if node.arg == "values" else outer == "path" and node.arg in _PATTERNS_OF_PACKAGES:
            return outer
        return _KEYWORDS.get(node.arg or "", "task key" if _TASK_SETTINGS.fullmatch(node.arg or "") else "")
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        return _assigned(_targets(node)) if child is node.value else ""
    if isinstance(node, ast.Subscript):
        container = last_part(dotted_name(node.value))
        return {"tasks": "task", "modules": "path"}.get(container, "") if child is node.slice else ""  # type: ignore[return-value]
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(dotted_name(side) == _MODULES for side in node.comparators):
            return "path"
        if any(last_part(dotted_name(side)) == _APPS for side in node.comparators):
            return "app"
        return "task" if any(last_part(dotted_name(side)) in _TASK_NAMES for side in sides) else ""
    return outer if isinstance(node, _CONTAINERS) else ""


def _behind_options(node: ast.AST) -> dict[int, Role]:
    """``[sys.executable, "-m", "a"]``, ``"--app", "a"``: which words of a command name modules, by identity."""
    words = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    found: dict[int, Role] = {}
    runs = False
    for option, word in itertools.pairwise(words):
        text = plain_text(option)
        if text in _MODULE_OPTIONS or (runs and text == "-m"):
            found[id(word)] = "path"
        runs = runs or dotted_name(option) == "sys.executable" or _PYTHON.search(text) is not None
    return found


def _in_call(node: ast.Call, child: ast.AST) -> Role:
    function = node.func
    if role := _of_loaded_modules(node, child):
        return role
    if isinstance(function, ast.Attribute) and last_part(dotted_name(function.value)) == _APPS:
        return "app" if child in node.args else ""
    name = last_name(function)
    if isinstance(child, ast.keyword) and child.arg == "group" and name in ("entry_points", "iter_entry_points"):
        return "other"
    if isinstance(child, ast.keyword) and name in ("find_packages", "find_namespace_packages"):
        return "path"
    if not node.args or child is not node.args[0]:
        return ""
    receiver = dotted_name(function.value) if isinstance(function, ast.Attribute) else ""
    owner = last_part(receiver)
    if name == "__import__":
        whole = len(node.args) > 3 or any(keyword.arg in ("fromlist", None) for keyword in node.keywords)
        return "path" if whole else "top path"
    if name in IMPORTS or name in _PATCHES or f"{owner}.{name}" in _PATCHES:
        return "path"
    if name in _TASKS or "send_task" in owner or (owner == "tasks" and name in ("get", "pop")):
        return "task"
    if name in ("startswith", "removeprefix") and owner in _TASK_NAMES:
        return "task"
    if name in _LOGGERS:
        return "logger"
    if name == "is_installed":
        return "app"
    if name in _OTHERS:
        return "other"
    if _RELATIONS.fullmatch(name):
        return "relation"
    return "type" if name in _TYPES else ""


def _of_loaded_modules(node: ast.Call, child: ast.AST) -> Role:
    """``sys.modules.get("a.b")``, ``patch.dict(sys.modules, {"a.b": x})``, ``delitem(sys.modules, "a.b")``."""
    function, values = dotted_name(node.func), [child is argument for argument in node.args[:2]]
    if function.rpartition(".")[0] == _MODULES:
        return "path key" if function.endswith(".update") else ("path" if values[:1] == [True] else "")
    first = node.args[0] if node.args else None
    if dotted_name(first) != _MODULES and getattr(first, "value", None) != _MODULES:
        return ""
    if function.endswith("patch.dict"):
        return "" if values[0] else "path key"
    return "path" if last_part(function) in ("setitem", "delitem") and values[1:2] == [True] else ""


def _assigned(names: list[str]) -> Role:
    if _APPS in names:
        return "app"
    if "pytest_plugins" in names:
        return "path"
    if not _OWN_NAMES.isdisjoint(names):
        return "other"
    return "task key" if any(_TASK_SETTINGS.fullmatch(name) for name in names) else ""


def _in_dict(node: ast.Dict, role: Role) -> Iterator[tuple[ast.AST, Role]]:
    inner: dict[Role, Role] = {"path key": "path", "task key": "task", "logger key": "logger"}
    if role == "app":  # modify_settings(INSTALLED_APPS={"append": "shop"})
        yield from ((value, role) for value in node.values)
        return
    for key, value in zip(node.keys, node.values, strict=True):
        name = plain_text(key)
        if key is not None:
            yield key, inner.get(role, "")
        if name == "namespace" and any(plain_text(other) == "type" for other in node.keys):  # of Avro
            yield value, "other"
        else:
            yield value, "path" if name in _PATH_KEYS else _KEYS.get(name, "")


def calls(source: SourceFile, where: Mentions) -> Iterator[ast.Call]:
    """The calls that touch certain lines, those inside f-strings left out.

    :raises UnreadableSource: if the file can't be parsed.
    """
    pending: list[ast.AST] = [source.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, ast.JoinedStr):
            pending += ast.iter_child_nodes(node)
