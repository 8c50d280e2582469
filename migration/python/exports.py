"""What a package's namespace binds, and which module really defines each of its names.

This is what ``symbol_remap`` of the plan is made of; see :mod:`migration.python.namespaces` for how names
are followed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from migration.core.changes import Finding
from migration.core.moves import Words
from migration.python.namespaces import Export, Namespaces, Read
from migration.python.source_file import SourceFile

_NO_SYMBOLS = frozenset({"__all__", "__getattr__", "__dir__", "__path__"})
_STAR = re.compile(rb"import[ \t]*\*")
_OPEN = re.compile(rb"__getattr__|\b(?:globals|exec|setattr|vars|locals)\(|sys\.modules")
_OPENING = b"__getattr__", b"globals(", b"exec(", b"setattr(", b"vars(", b"locals(", b"sys.modules"


@dataclass(frozen=True, slots=True)
class Exports:
    """What one module binds.

    :param names: every name that can be read off, sorted.
    :param star: what ``from module import *`` brings, in order.
    :param open: whether it may bind more than that.
    :param findings: what could not be resolved, here or in a module that a star reads from.
    """

    module: str
    names: Mapping[str, Export]
    star: tuple[str, ...]
    open: bool
    findings: tuple[Finding, ...]


def exports(module: str, read: Read, modules: Collection[str] = ()) -> Exports:
    """What a module or package binds.

    :param module: its dotted name.
    :param read: gives the source of a module of the tree; should be cached.
    :param modules: the modules of the tree, namespace packages included, where they are known.
    :raises UnreadableSource: if the module can't be parsed.
    """
    namespaces = Namespaces(read, modules)
    error = namespaces.error(module)
    if error is not None:
        raise error
    return _exports(namespaces, module)


def _exports(namespaces: Namespaces, module: str) -> Exports:
    found = {name: namespaces.export(module, name) for name in sorted(namespaces.names(module))}
    names = {name: export for name, export in found.items() if export is not None}
    star, more = namespaces.star_names(module)
    findings = tuple(dict.fromkeys(namespaces.findings(module)))
    return Exports(module, names, star, more or namespaces.is_open(module), findings)


def symbol_remap(
    packages: Iterable[str], read: Read, modules: Collection[str] = ()
) -> tuple[dict[str, dict[str, str]], list[Finding]]:
    """The plan's ``symbol_remap``: package -> symbol -> module that defines it, all sorted.

    Only what a package re-exports from another module of the tree, under the same name: where a name
    changes on the way, the last module that has it under this name counts. Names that a package
    defines itself, modules, and names from outside the tree are left out.

    :returns: the mapping (packages that re-export nothing are left out), and what could not be resolved.
    """
    namespaces = Namespaces(read, modules)
    remap: dict[str, dict[str, str]] = {}
    findings: dict[Finding, None] = {}
    for package in sorted(packages):
        found = _exports(namespaces, package)
        findings.update(dict.fromkeys(found.findings))
        symbols = {}
        for name, export in found.names.items():
            if not export.in_tree or export.is_module or name in _NO_SYMBOLS:
                continue
            if export.typing and export.via == "star":
                continue  # import * doesn't bring it when the code runs
            same = [module for module, symbol in export.chain if symbol == name]
            if same[-1] != package:
                symbols[name] = same[-1]
        if symbols:
            remap[package] = symbols
    return remap, list(findings)


def symbols_of(source: SourceFile) -> Words | None:
    """The names that a module may bind, which is every word in its text; None where that may not be all.

    :raises UnreadableSource: if the file can't be decoded.
    """
    data = source.data
    # Looking for words one by one is ten times faster than a pattern of them all.
    is_open = any(sign in data for sign in _OPENING) and _OPEN.search(data)
    if is_open or _STAR.search(data) or not data.isascii():
        return None
    return Words(data)
