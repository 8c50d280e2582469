"""pre-commit, lint-staged, lefthook: the files that a hook is run on.

https://pre-commit.com/#pre-commit-configyaml---hooks, https://github.com/lint-staged/lint-staged#configuration
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from migration.engine.coverage.documents import composed, entries
from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Directory, Glob, Regex
from migration.engine.coverage.values import Context, Entry, Group


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The patterns of one file, hook by hook.

    :raises ValueError: if the file can't be read as what it is.
    """
    name = posixpath.basename(path)
    if name.startswith(".pre-commit"):
        return _pre_commit(path, text, context)
    if "lintstaged" in name or name == "package.json":
        return _lint_staged(path, text)
    return _lefthook(path, text)


def _pre_commit(path: str, text: str, context: Context) -> list[Group]:
    found: list[Group] = []
    names: dict[tuple[str, ...], str] = {}
    for head in ((), ("repos", "*", "hooks", "*")):
        names = {stars: word for stars, (word, _) in entries(path, text, (*head, "id"))} if head else {}
        for key, verdict in (("files", "checked"), ("exclude", "left out")):
            for stars, (word, spot) in entries(path, text, (*head, key)):
                entry = Entry(path, word, spot, Regex(word, flags=0), verdict)
                of = f" of {names.get(stars, stars)}" if stars else ""
                found.append(Group(f"pre-commit: {key}{of}", (entry,)))
    for stars, (word, spot) in entries(path, text, ("repos", "*", "hooks", "*", "args")):
        at = Directory(word)
        if at.target in context.directories and at.target != ".":
            given = (Entry(path, word, spot, at, "given"),)
            found.append(Group(f"pre-commit: args of {names.get(stars, stars)}", given))
    return found


def _lint_staged(path: str, text: str) -> list[Group]:
    keys = ("lint-staged",) if posixpath.basename(path) == "package.json" else ()
    if keys and "lint-staged" not in text:
        return []
    found = []
    for _, (word, spot) in entries(path + ".json", text, keys, "key"):
        pattern = Glob(word, directory_of(path), anchored="/" in word)
        found.append(Entry(path, word, spot, pattern, "checked", "lint-staged"))
    return [Group("lint-staged: files", tuple(found))]


def _lefthook(path: str, text: str) -> list[Group]:
    composed(text)
    found = []
    for key, verdict in (("glob", "checked"), ("exclude", "left out"), ("root", "checked")):
        for stars, (word, spot) in entries(path, text, ("*", "commands", "*", key)):
            pattern = Regex(word) if key == "exclude" else Glob(word.rstrip("/"), anchored="/" in word)
            found.append(Group(f"lefthook: {key} of {' '.join(stars)}", (Entry(path, word, spot, pattern, verdict),)))
    return found
