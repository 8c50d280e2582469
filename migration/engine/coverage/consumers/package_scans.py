"""Python calls that take in a package with all that lies below it: scans, hooks of the import system, watchers.

Such as Pyramid's ``config.scan("shop")``, ``beartype_package("shop")``, ``wire(packages=["shop"])`` of Dependency
Injector, ``in_app_include=["shop"]`` of Sentry, ``find_modules("shop", recursive=True)`` of Werkzeug.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migration.core.names import is_python
from migration.engine.coverage.patterns import Modules
from migration.engine.coverage.python_spots import is_item, spot_of, strings_of
from migration.engine.coverage.spots import File
from migration.engine.coverage.values import Context, Entry, Group
from migration.python.attribute_chains import last_name

_CALLS = frozenset({"scan", "beartype_package", "beartype_packages", "install_import_hook", "wire", "find_modules"})
_KEYWORDS = frozenset({
    "packages", "in_app_include", "in_app_exclude", "packages_to_scan", "include_packages", "instrument_packages",
    "package", "packages_names", "package_name", "package_names",
})  # fmt: skip


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The packages that the calls of one file take in, by what is called.

    :raises SyntaxError: if it can't be parsed.
    """
    tree = ast.parse(text)
    found: dict[str, list[Entry]] = {}
    for name, word in _words(tree):
        package = str(word.value)
        at = package.replace(".", "/")
        if any((at if root == "." else f"{root}/{at}") in context.directories for root in context.roots):
            spot = spot_of(text, word) if is_item(tree, word) else File(word.lineno)
            entry = Entry(path, package, spot, Modules(package, context.roots), "taken in")
            found.setdefault(name, []).append(entry)
    return [Group(f"{name}: packages", tuple(entries), concerns=is_python) for name, entries in found.items()]


def _words(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    """The strings that such calls are given, with what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            for argument in node.args[:1] if name in _CALLS else ():
                yield from ((name, word) for word in strings_of(argument))
            for keyword in node.keywords:
                scans = keyword.arg in _KEYWORDS and (name in _CALLS or keyword.arg not in ("packages", "package"))
                yield from ((name or str(keyword.arg), word) for word in strings_of(keyword.value) if scans)
