"""From the content to the page: one file, no network, nothing live but our own script.

Jinja2 escapes whatever comes from the repo (https://jinja.palletsprojects.com/en/stable/api/#autoescaping);
a content security policy lets no other script run, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from migration.core.phase import COMPLETED, FAILED, ORDER, PENDING
from migration.engine.residue import Residue
from migration.repo.tree.codeowners import count
from migration.report.border_crossings import Crossing, totals
from migration.report.content import RENAMED, Content, FileChange
from migration.report.folders import Folder, folder_of
from migration.report.side_by_side import Row, Side, highlighted, rows

_HERE = Path(__file__).parent
_GROUPS = 12  # more boxes than these on one side say less
_STEP = 40  # pixels from one arrow to the next


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow of the picture: the imports between the product and a group of packages.

    :param outward: from the product to the group.
    :param change: by how many imports they differ from those in the picture before, 0 in the first.
    :param width: of its line, in pixels.
    """

    number: int
    group: str
    outward: bool
    imports: tuple[Crossing, ...]
    change: int
    y: int
    width: float


def page(content: Content) -> str:
    """The whole page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plural"] = _plural
    script, style = _asset("page.js"), _asset("page.css")
    files = [_file(number, file) for number, file in enumerate(content.files)]
    return environment.get_template("page.html").render(
        content=content,
        plan=content.plan,
        status=_status(content),
        tiles=_tiles(content),
        phases=_phases(content),
        pictures=[picture for picture in _pictures(content) if picture["arrows"]],
        trees=_trees(content),
        files=files,
        counts=Counter(reason.kind for file in content.files for reason in file.reasons).most_common(),
        owners=_owners(content),
        kinds=sorted({kind for file in content.files for kind in file.kinds}),
        teams=sorted({team for file in content.files for team in file.owners}),
        left=_left(content),
        migrations=[(path, highlighted(path, text)) for path, text in content.migrations],
        tables=_tables(content),
        script=Markup(script),
        style=Markup(style),
        script_hash=_hash(script),
        style_hash=_hash(style),
    )


def _plural(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@cache
def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a content security policy names a script or style that stands in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _status(content: Content) -> tuple[str, str]:
    """How the move stands: (a class of the style sheet, words)."""
    if content.preview:
        return "preview", "preview: nothing is changed"
    statuses = {str(entry["id"]): entry["status"] for entry in content.phases}
    done = sum(statuses.get(name) == COMPLETED for name in ORDER)
    if FAILED in statuses.values():
        return FAILED, f"failed after {_plural(done, 'phase')}"
    return (COMPLETED, "completed") if done == len(ORDER) else (PENDING, f"{done} of {len(ORDER)} phases completed")


def _tiles(content: Content) -> list[tuple[int, str, str]]:
    """The figures at the top: (number, what it counts, where on the page it is shown)."""
    open_places = len(content.findings) + len(content.in_the_way) + sum(not one.decided for one in content.residue)
    rewritten = sum(bool(file.pair.old and file.pair.new and file.pair.was != file.pair.now) for file in content.files)
    references = sum(len(file.reasons) for file in content.files)
    found = [
        (len(content.plan.file_moves), "file moved", "files moved", "moved"),
        (rewritten, "file rewritten", "files rewritten", "changes"),
        (references, "reference", "references", "references" if references else "changes"),
        (len(content.plan.app.models), "model", "models", "migrations" if content.migrations else "phases"),
        (open_places, "place for you to look at", "places for you to look at", "look"),
    ]
    if content.preview:
        found[0] = (found[0][0], "file to move", "files to move", "moved")
        found[1] = (found[1][0], "file to rewrite", "files to rewrite", "changes")
    return [(number, one if number == 1 else many, place) for number, one, many, place in found]


def _phases(content: Content) -> list[dict[str, Any]]:
    entries = {str(entry["id"]): entry for entry in content.phases}
    found = []
    for name in ORDER:
        entry = entries.get(name, {"status": PENDING})
        text = entry.get("summary") or entry.get("error", "")
        found.append({"name": name, "status": entry["status"], "seconds": entry.get("seconds"), "text": text})
    return found


def _owners(content: Content) -> list[tuple[str, int]]:
    """(team, how many of the files that change are its own), the largest number first."""
    if content.owners:
        return list(content.owners.items())
    teams = {file.path: file.owners for file in content.files}
    return list(count(teams, teams.__getitem__).items()) if any(teams.values()) else []


def _left(content: Content) -> list[tuple[str, bool, list[Residue]]]:
    """What names the old place still: (why, whether that is decided, the places), the open ones first."""
    groups: dict[tuple[bool, str], list[Residue]] = {}
    for one in content.residue:
        groups.setdefault((one.decided, one.why), []).append(one)
    return [(reason, decided, places) for (decided, reason), places in sorted(groups.items(), key=lambda item: item[0])]


def _tables(content: Content) -> list[dict[str, Any]]:
    """Tables that phases have left in the tracker: a title, the columns, the rows."""
    found = []
    for entry in content.phases:
        if rows := entry.get("table"):
            values = [list(row.values()) for row in rows]
            found.append({"title": entry["name"], "columns": list(rows[0]), "rows": values})
    return found


def _pictures(content: Content) -> Iterable[dict[str, Any]]:
    number = 0
    before = totals(content.before)
    for title, name, found in (
        ("Before the move", content.plan.source, content.before),
        ("After the move", content.plan.target, content.after),
    ):
        sides = []
        for outward in (False, True):
            side, number = _side(found, outward, number, before)
            sides.append(side)
        height = max(*(len(side) for side in sides), 2) * _STEP + 20
        arrows = [replace(arrow, y=_place(at, len(side), height)) for side in sides for at, arrow in enumerate(side)]
        inward, out = (sum(len(arrow.imports) for arrow in side) for side in sides)
        yield {"title": title, "name": name, "arrows": arrows, "height": height, "in": inward, "out": out}


def _place(at: int, number: int, height: int) -> int:
    """Where an arrow of ``number`` on one side starts, so that the side is centred."""
    return (height - (number - 1) * _STEP) // 2 + at * _STEP


def _side(
    found: Sequence[Crossing], outward: bool, number: int, before: Mapping[tuple[str, bool], int]
) -> tuple[list[Arrow], int]:
    groups = [group for (group, out), _ in totals(found).items() if out is outward]
    shown, rest = groups[:_GROUPS], groups[_GROUPS:]
    if len(rest) == 1:
        shown, rest = groups, []
    arrows: list[Arrow] = []
    for names in [*([name] for name in shown), *([rest] if rest else [])]:
        number += 1
        imports = tuple(one for one in found if one.outward is outward and one.group in names)
        label = names[0] if names is not rest else f"{len(rest)} other packages"
        change = len(imports) - sum(before.get((name, outward), 0) for name in names)
        arrows.append(Arrow(number, label, outward, imports, change, 0, round(1 + math.log2(len(imports)) / 2, 1)))
    return arrows, number


def _trees(content: Content) -> list[tuple[str, Folder]]:
    """What moves and what comes into being: (title, its tree)."""
    old = dict.fromkeys(content.plan.file_moves, "")
    new = dict.fromkeys(content.plan.file_moves.values(), "")
    for file in content.files:
        if file.pair.old is None and file.pair.new:
            new[file.pair.new] = "new"
        elif file.pair.new is None and file.pair.old:
            old[file.pair.old] = "removed"
    return [("Before", folder_of(old)), ("After", folder_of(new))]


def _file(number: int, file: FileChange) -> dict[str, Any]:
    """One file: what its line says, and its diff as HTML that the script puts in when it is asked for."""
    lines = rows(file.path, file.pair.was, file.pair.now)
    changed = sum(1 for row in lines if row and any(side and side.changed for side in row))
    only_renamed = file.kinds == (RENAMED,) and not lines
    directory, slash, name = file.path.rpartition("/")
    return {
        "number": number,
        "path": file.path,
        "directory": directory + slash,
        "name": name,
        "old": file.pair.old if file.pair.old != file.pair.new else None,
        "kinds": file.kinds,
        "owners": file.owners,
        "changed": changed,
        "reasons": file.reasons,
        "html": "" if only_renamed else str(_table(lines)) if lines else "<p>Binary, or without lines that differ.</p>",
        "words": "\n".join(sorted({f"{reason.old} {reason.new}" for reason in file.reasons})),
    }


def _table(lines: Sequence[Row | None]) -> Markup:
    pieces = ['<table class="diff"><thead><tr><th scope="col" class="n">line</th><th scope="col">before</th>'
              '<th scope="col" class="n">line</th><th scope="col">after</th></tr></thead><tbody>']
    for row in lines:
        if row is None:
            pieces.append('<tr class="gap"><td colspan="4">⋯</td></tr>')
        else:
            pieces.append("<tr>" + _cell(row[0], "old") + _cell(row[1], "new") + "</tr>")
    return Markup("".join([*pieces, "</tbody></table>"]))


def _cell(side: Side | None, name: str) -> str:
    if side is None:
        return f'<td class="n"></td><td class="{name} none"></td>'
    changed = " changed" if side.changed else ""
    return f'<td class="n">{escape(side.number)}</td><td class="{name}{changed}"><code>{side.html}</code></td>'
