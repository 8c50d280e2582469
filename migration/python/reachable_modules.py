"""Which imports of a scope make a module reachable, and at which statements one is missing (pure)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migration.core.names import is_within
from migration.python.mentions import Block
from migration.python.scopes import Place


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


@dataclass(slots=True)
class Provided:
    """The imports of a scope, with their places; grows as missing ones are added.

    :param new: those of ``imports`` that were rewritten or added.
    :param lasting: whether what an import binds stays bound, so that it counts further on.
    """

    blocks: Mapping[int, Block]
    lasting: bool = True
    imports: list[tuple[Place, Need]] = field(default_factory=list)
    new: list[tuple[Place, Need]] = field(default_factory=list)

    def add(self, place: Place, need: Need, new: bool = True) -> None:
        """Note an import that is there, or will be."""
        self.imports.append((place, need))
        if new:
            self.new.append((place, need))

    def leads_to(self, place: Place, module: str) -> bool:
        """Whether a new import binds the first part of ``module`` when the one at ``place`` is done."""
        top = module.partition(".")[0]
        return any(
            not need.binds and need.module.partition(".")[0] == top and self._covers(where, place)
            for where, need in self.new
        )

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
        if not self.lasting:
            return there == here
        depth = len(there) - 1
        if depth >= len(here) or there[:depth] != here[:depth] or there[depth][0] != here[depth][0]:
            return False
        first, last = here[depth][1], there[depth][1]
        if last <= first:
            return True
        between = self.blocks[here[depth][0]][first : last + 1]
        return depth == len(here) - 1 and all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in between)
