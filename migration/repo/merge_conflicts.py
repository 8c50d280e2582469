"""Files of the move in which a merge has left a conflict: to go on would write into both sides of it.

A text that is meant to hold such lines (a manual of git, a test's data) says so as git wants it said,
with the attribute ``conflict-marker-size``: https://git-scm.com/docs/gitattributes#_conflict_marker_size.
Python that can be parsed has them in a string.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from migration.core.errors import GitError
from migration.core.names import is_python
from migration.plan.plan import Plan
from migration.repo.git.conflict_markers import SIZE, first_line
from migration.repo.git.git import Git


def refuse(git: Git, touched: Collection[str], plan: Plan | None) -> None:
    """Make sure that no file that the move reads or writes holds an undecided conflict.

    :param touched: paths that were moved or rewritten already.
    :param plan: where there is one: the files that it moves, and those that name its source.
    :raises GitError: naming each file with the line.
    """
    found = [path for path in git.grep((b"<" * SIZE,)) if not (plan and plan.excludes(path))]
    sizes = _sizes(git, found)
    lines = []
    for path in found:
        raw = (git.root / path).read_bytes()
        if not _is_concerned(path, raw, touched, plan) or (is_python(path) and _is_parsed(raw)):
            continue
        if line := first_line(raw, sizes[path]):
            lines.append(f"{path}:{line}")
    if lines:
        raise GitError(
            f"{len(lines)} file(s) of the move hold conflicts that a merge has left; nothing was changed",
            "decide them (git diff --check shows every one), then run the same command again; where the text is meant "
            "to be so, give it the attribute conflict-marker-size in .gitattributes",
            lines,
        )


def _is_concerned(path: str, raw: bytes, touched: Collection[str], plan: Plan | None) -> bool:
    if path in touched:
        return True
    if plan is None:
        return False
    if path in plan.file_moves or path in plan.file_moves.values():
        return True
    last = plan.source.rpartition(".")[2]
    names = [last] if is_python(path) else [plan.source, plan.source.replace(".", "/")]
    return any(re.search(rb"(?<!\w)%s(?!\w)" % re.escape(name.encode()), raw) for name in names)


def _is_parsed(raw: bytes) -> bool:
    try:
        ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _sizes(git: Git, paths: Sequence[str]) -> dict[str, int]:
    """How many characters a marker has, by file."""
    said = git.attribute("conflict-marker-size", paths)
    return {path: int(value) if (value := said.get(path, "")).isdecimal() else SIZE for path in paths}
