"""import-linter and tach: the packages and modules that their rules are about.

https://import-linter.readthedocs.io/en/stable/contract_types/, https://docs.gauge.sh/usage/configuration
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from migration.core.names import is_python
from migration.engine.coverage.documents import entries, options, value
from migration.engine.coverage.keys import directory_of, listed
from migration.engine.coverage.patterns import Directory, Glob, ModuleGlob, Modules, Pattern
from migration.engine.coverage.spots import Spot
from migration.engine.coverage.values import Context, Entry, Group

_MODULES = ("source_modules", "forbidden_modules", "modules", "ignore_imports", "protected_modules",
            "allowed_importers")  # fmt: skip
_WORD = re.compile(r"[^\s,|:()\[\]]+")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The modules that the rules of one file are about.

    :raises ValueError: if the file can't be read as what it is.
    """
    if posixpath.basename(path) == "tach.toml":
        return _tach(path, text, context)
    base = "pyproject.toml:tool.importlinter" if path.endswith(".toml") else f"{posixpath.basename(path)}:importlinter"
    roots = [
        Entry(path, word, spot, Modules(word, context.roots, top=True), "analysed")
        for key in ("root_package", "root_packages")
        for word, spot in listed(path, text, (f"{base}.{key}",), "commas")
    ]
    found = [Group("import-linter: root packages", tuple(roots), concerns=is_python)]
    for contract, (key, word, spot, inside) in _rules(path, text):
        name = f"{inside}.{word}" if inside else word
        pattern: Pattern = ModuleGlob(name, context.roots) if "*" in name else Modules(name, context.roots)
        if "*" in name:
            pattern = ModuleGlob(re.sub(r"\.\*\*?$", ".*", name), context.roots, "mypy")
        entry = Entry(path, word, spot, pattern, f"{key}{f' of {inside}' if inside else ''}")
        found.append(Group(f"import-linter: {key} of contract {contract}", (entry,), concerns=is_python))
    return _joined(found)


def _joined(groups_of: list[Group]) -> list[Group]:
    found: dict[str, Group] = {}
    for group in groups_of:
        known = found.get(group.name)
        entries_of = (*known.entries, *group.entries) if known else group.entries
        found[group.name] = Group(group.name, entries_of, concerns=is_python)
    return list(found.values())


def _rules(path: str, text: str) -> Iterator[tuple[str, tuple[str, str, Spot, str]]]:
    """The modules of contracts; layers stand within their container."""
    if path.endswith(".toml"):
        contracts = value(path, text, ("tool", "importlinter", "contracts"))
        for number, contract in enumerate(contracts if isinstance(contracts, list) else ()):
            keys = ("tool", "importlinter", "contracts", "*")
            containers = contract.get("containers", []) if isinstance(contract, dict) else []
            for key in (*_MODULES, "layers"):
                for (star,), (word, spot) in entries(path, text, (*keys, key)):
                    if star == str(number):
                        yield from ((str(number + 1), one) for one in _words(key, word, spot, containers))
        return
    if posixpath.basename(path) not in (".importlinter", "setup.cfg"):
        return
    found = options(text)
    for section, option in found:
        if section.startswith("importlinter:contract:") and option in (*_MODULES, "layers"):
            span = found.get((section, "containers"))
            containers = text[slice(*span)].split() if span else []
            for _, (word, spot) in entries(path, text, (section, option), "words"):
                name = section.rpartition(":")[2]
                yield from ((name, one) for one in _words(option, word, spot, containers))


def _words(key: str, text: str, spot: Spot, containers: Sequence[str]) -> Iterator[tuple[str, str, Spot, str]]:
    for word in _WORD.findall(text):
        if word == "->" or not re.fullmatch(r"[\w.*]+", word):
            continue
        if key == "layers" and containers:
            yield from ((key, word, spot, str(container)) for container in containers)
        else:
            yield key, word, spot, ""


def _tach(path: str, text: str, context: Context) -> list[Group]:
    base = directory_of(path)
    roots = tuple(
        Entry(path, word, spot, Directory(word, base), "analysed")
        for word, spot in listed(path, text, ("tach.toml:source_roots",))
    )
    out = tuple(
        Entry(path, word, spot, Glob(word, base, True), "left out")
        for word, spot in listed(path, text, ("tach.toml:exclude",))
    )
    names = tuple(
        Entry(path, word, spot, Modules(word, context.roots), "has a rule")
        for keys in (("modules", "*", "path"), ("modules", "*", "paths"))
        for _, (word, spot) in entries(path, text, keys)
        if not word.startswith("<")
    )
    return [
        Group("tach: source_roots", roots, concerns=is_python), Group("tach: exclude", out, concerns=is_python),
        Group("tach: modules", names, concerns=is_python),
    ]  # fmt: skip
