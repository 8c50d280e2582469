"""Which teams own the files that change, as the repo's CODEOWNERS says.

The file is looked for where GitHub looks
(https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners)
and, after these, where GitLab does.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable

from migration.repo.tree.tree import Tree

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_MOST_STARS = 10  # with each, telling whether a path fits takes longer by a factor
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

    lines = tree.read(place).decode("utf-8", "replace").splitlines()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a bracket in a pattern may mean one day
        book = CodeOwners("\n".join(line if _is_sound(line) else "" for line in lines))
    return lambda path: tuple(name for _, name in book.of(path))


def _is_sound(line: str) -> bool:
    """Whether a line can be read; GitHub leaves out one that can't, and takes the others."""
    from codeowners import CodeOwners

    if line.count("*") > _MOST_STARS:
        return False
    try:
        CodeOwners(line)
    except (ValueError, IndexError, OverflowError, re.error):
        return False
    return True


def count(paths: Iterable[str], owners_of: Callable[[str], tuple[str, ...]]) -> dict[str, int]:
    """How many of ``paths`` each team owns, the largest number first; ``NOBODY`` for those without."""
    counts: dict[str, int] = {}
    for path in paths:
        for name in owners_of(path) or (NOBODY,):
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] == NOBODY, -item[1], item[0])))
