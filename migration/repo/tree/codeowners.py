"""Which teams own the files that change, as the repo's CODEOWNERS says.

The file is looked for where GitHub looks
(https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners)
and, after these, where GitLab does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from migration.repo.tree.tree import Tree

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
NOBODY = "(no owner)"


def owners(tree: Tree) -> Callable[[str], tuple[str, ...]]:
    """What tells the owners of a path; every path has none where the repo has no CODEOWNERS.

    :param tree: the files among which the CODEOWNERS is.
    :returns: path relative to the repo -> its teams and people, as they are written there.
    """
    place = next((path for path in PLACES if path in tree and tree.is_regular(path)), None)
    if place is None:
        return lambda path: ()
    from codeowners import CodeOwners

    book = CodeOwners(tree.read(place).decode("utf-8", "replace"))
    return lambda path: tuple(name for _, name in book.of(path))


def count(paths: Iterable[str], owners_of: Callable[[str], tuple[str, ...]]) -> dict[str, int]:
    """How many of ``paths`` each team owns, the largest number first; ``NOBODY`` for those without."""
    counts: dict[str, int] = {}
    for path in paths:
        for name in owners_of(path) or (NOBODY,):
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] == NOBODY, -item[1], item[0])))
