"""Which imports of a scope make a module reachable, and at which statements one is missing (pure)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migration.mentions import Block
from migration.names import is_within
from migration.scopes import Place


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """An import: of ``module`` under its own dotted name, or under the name it ``binds``."""

    module: str
    binds: str = ""

    def __str__(self) -> str:
        return f"import {self.module} as {self.binds}" if self.binds else f"import {self.module}"

    def gives(self, other: Need) -> bool:
        """Whether this import makes the other one needless (``import a.b`` also loads ``a``)."""
        return self.binds == other.binds and (
            self.module == other.module if self.binds else is_within(self.module, other.module)
        )


@dataclass(frozen=True, slots=True)
class Loads:
    """What the statements ``import a.b.c`` of one name in one scope loaded before the move.

    :param news: the imported modules -> their names afterwards.
    :param rebound: the top names that the changed statements bind.
    """

    news: Mapping[str, str]
    rebound: set[str]

    def staying(self, imported: str, used: Iterable[str], name: str, kept: bool) -> set[str]:
        """What the statement that imports ``imported`` must keep reachable by its old name.

        A module in use that this statement loaded, and the name itself where something in use was
        loaded by none of them.
        """
        found = {name} if kept else set()
        for module in used:
            if not self._loaded(module):
                found.add(name)
            elif is_within(imported, module):
                found.add(module)
        return found

    def moving(self, imported: str, used: Mapping[str, str]) -> list[str]:
        """The modules in use that need an import at the statement that imports ``imported``."""
        return sorted(
            module
            for module, new in used.items()
            if is_within(imported, module)
            or (not self._loaded(module) and new.partition(".")[0] not in self.rebound)
        )

    def _loaded(self, module: str) -> bool:
        return any(is_within(name, module) for name in self.news)


@dataclass(slots=True)
class Provided:
    """The imports of a scope, with their places; grows as missing ones are added."""

    blocks: Mapping[int, Block]
    imports: list[tuple[Place, Need]] = field(default_factory=list)

    def add(self, place: Place, need: Need) -> None:
        """Note an import that is there, or will be."""
        self.imports.append((place, need))

    def missing(self, place: Place, needs: Iterable[Need]) -> list[Need]:
        """What has to be added at a place, the fewest; it counts as provided from then on."""
        wanted = sorted(
            need
            for need in set(needs)
            if not any(there.gives(need) and self._covers(where, place) for where, there in self.imports)
        )
        wanted = [need for need in wanted if not any(other != need and other.gives(need) for other in wanted)]
        for need in wanted:
            self.add(place, need)
        return wanted

    def _covers(self, there: Place, here: Place) -> bool:
        """Whether an import at ``there`` has surely run when the one at ``here`` is done.

        It stands before it in the same block or in one around it; or behind it in the same block
        with nothing but imports in between.
        """
        depth = len(there) - 1
        if depth >= len(here) or there[:depth] != here[:depth] or there[depth][0] != here[depth][0]:
            return False
        first, last = here[depth][1], there[depth][1]
        if last <= first:
            return True
        between = self.blocks[here[depth][0]][first : last + 1]
        return depth == len(here) - 1 and all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in between)
