"""Where the source of a move lives, and in which root the target belongs."""

from __future__ import annotations

import difflib

from migration.core.errors import UsageError
from migration.core.names import is_python, is_under, is_within, path_under, prefixes
from migration.repo.tree.project import Project, source_path
from migration.repo.tree.tool_settings import settings_of


def roots_for(project: Project, source: str) -> tuple[str, ...]:
    """The roots that the name of the source speaks of.

    Who says ``src.shop`` imports it as ``src.shop``: then ``src`` is a package and no root. What the repo names
    for us stays one: its modules go by both their names.
    """
    tree = project.baseline
    own = settings_of(tree).get("roots", [])
    if source_path(tree, (".",), source) is None:
        return project.roots
    return tuple(
        root
        for root in project.roots
        if not is_within(source, root.replace("/", ".")) or source_path(tree, (root,), source) or root in own
    )


def target_root(project: Project, root: str, target: str) -> str:
    """The root in which most of the target's packages are there already; where none has more, the source's."""
    tree = project.baseline
    python = {path.rpartition("/")[0] for path in tree if is_python(path)}

    def depth(candidate: str) -> tuple[int, bool]:
        there = (
            package.count(".") + 1
            for package in prefixes(target)
            if any(is_under(path, path_under(candidate, package.replace(".", "/"))) for path in python)
        )
        return next(there, 0), candidate == root

    return max(project.roots, key=depth)


def locate(project: Project, source: str, target: str) -> tuple[str, str]:
    """Where the source lives: (root, path of its directory or file).

    :raises UsageError: if it is not there, or has been moved already.
    """
    tree = project.baseline
    found = source_path(tree, project.roots, source)
    if found:
        return found
    if source_path(tree, project.roots, target):
        raise UsageError(
            f"source: there is no {source} any more, and {target} is there: it has been moved already",
            "put the move's moves.yml there for update_imports or follow to rewrite what names the old place still; "
            "to see the move again, check out a commit from before it",
        )
    near = difflib.get_close_matches(source, list(project.modules), 3)
    inner = "/" + source.replace(".", "/")
    below = sorted(path for path in tree.directories if path.endswith(inner))
    remedy = f"did you mean {' or '.join(near)}?" if near else "give source=a.b.c as it is imported today"
    if below:
        root = below[0].removesuffix(inner)
        remedy += f" If {root}/ is on sys.path, say so in pyproject.toml: [tool.phased-migration] roots = [\"{root}\"]"
    raise UsageError(
        f"source: no package or module {source} is among the tracked files (looked in {', '.join(project.roots)})",
        remedy,
    )
