"""Places below a package, written ``package:path`` (pure): ``shop:stock/templates/list.pt``.

Pyramid, Alembic and others look for the path below the directory of the package. Where the package moves, its
name is a dotted one and follows as such; here the package stays, and a directory below it moves.
https://docs.pylonsproject.org/projects/pyramid/en/latest/narr/assets.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.text.passage import Passage
from migration.text.paths import anchors


@dataclass(frozen=True, slots=True)
class _Specs:
    """What is looked for: ``shop:stock`` -> the directory that moves and its name as a package afterwards."""

    specs: dict[str, tuple[str, str]]
    pattern: re.Pattern[bytes]


@once
def _specs(moves: Moves) -> _Specs:
    found: dict[str, tuple[str, str]] = {}
    for directory in anchors(moves)[0]:
        if directory not in moves.directories:
            continue
        parts = directory.split("/")
        for at in range(1, len(parts)):
            package = ".".join(parts[:at])
            name = ".".join(parts)
            if package in moves.modules and not moves.moves(package) and name in moves.modules:
                found[f"{package}:{'/'.join(parts[at:])}"] = directory, moves.new_module(name)
    each = b"|".join(re.escape(spec.encode()) for spec in sorted(found, key=len, reverse=True)) or rb"(?!)"
    return _Specs(found, re.compile(rb"(?<![\w./:\-@])(?P<spec>%s)/(?=[\w.])" % each))


def asset_specs(passage: Passage) -> Iterator[Reference]:
    """The places in a text that lie below a package that stays, in a directory that moves: all follow."""
    specs = _specs(passage.moves)
    for match in specs.pattern.finditer(passage.data, passage.start, passage.stop):
        directory, package = specs.specs[match["spec"].decode()]
        yield passage.rewritten(match.span(), directory, package, f"{package}:")
