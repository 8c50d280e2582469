"""From the content to the page: one file, no network, nothing live but our own script.

Jinja2 escapes whatever comes from the repo (https://jinja.palletsprojects.com/en/stable/api/#autoescaping);
a content security policy lets no other script run, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from migration.borders import Crossing, totals
from migration.pages.content import RENAMED, Content, FileChange
from migration.pages.side_by_side import Row, Side, rows
from migration.phases import ORDER

_HERE = Path(__file__).parent
_GROUPS = 12  # more boxes than these on one side say less


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow of the picture: the imports between the product and a group of packages.

    :param outward: from the product to the group.
    :param width: of its line, in pixels.
    """

    number: int
    group: str
    outward: bool
    imports: tuple[Crossing, ...]
    y: int
    width: float


def page(content: Content) -> str:
    """The whole page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script, style = _asset("page.js"), _asset("page.css")
    kinds = sorted({kind for file in content.files for kind in file.kinds})
    teams = sorted({team for file in content.files for team in file.owners})
    return environment.get_template("page.html").render(
        content=content,
        plan=content.plan,
        phases=_phases(content),
        pictures=[picture for picture in _pictures(content) if picture["arrows"]],
        directories=_directories(content),
        files=[_file(number, file, content.preview) for number, file in enumerate(content.files)],
        kinds=kinds,
        teams=teams,
        script=Markup(script),
        style=Markup(style),
        script_hash=_hash(script),
        style_hash=_hash(style),
        tables=_tables(content),
    )


@cache
def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As a content security policy names a script or style that stands in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _phases(content: Content) -> list[dict[str, Any]]:
    entries = {str(entry["id"]): entry for entry in content.phases}
    found = []
    for name in ORDER:
        entry = entries.get(name, {"status": "pending"})
        text = entry.get("summary") or entry.get("error", "")
        found.append({"name": name, "status": entry["status"], "seconds": entry.get("seconds"), "text": text})
    return found


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
    for title, name, found in (
        ("Before the move", content.plan.source, content.before),
        ("After the move", content.plan.target, content.after),
    ):
        arrows: list[Arrow] = []
        for outward in (False, True):
            side, number = _side(found, outward, number)
            arrows += side
        heights = [sum(arrow.outward is outward for arrow in arrows) for outward in (False, True)]
        height = max([*heights, 1]) * 40 + 20
        inward = sum(len(arrow.imports) for arrow in arrows if not arrow.outward)
        outward_count = sum(len(arrow.imports) for arrow in arrows if arrow.outward)
        yield {"title": title, "name": name, "arrows": arrows, "height": height, "in": inward, "out": outward_count}


def _side(found: Sequence[Crossing], outward: bool, number: int) -> tuple[list[Arrow], int]:
    groups = [group for (group, out), _ in totals(found).items() if out is outward]
    shown, rest = groups[:_GROUPS], groups[_GROUPS:]
    if len(rest) == 1:
        shown, rest = groups, []
    arrows: list[Arrow] = []
    for names in [*([name] for name in shown), *([rest] if rest else [])]:
        number += 1
        imports = tuple(one for one in found if one.outward is outward and one.group in names)
        label = names[0] if names is not rest else f"{len(rest)} others"
        width = round(1 + math.log2(len(imports)) / 2, 1)
        arrows.append(Arrow(number, label, outward, imports, 30 + len(arrows) * 40, width))
    return arrows, number


def _directories(content: Content) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(directory before, after, its files (before, after)), sorted."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for old, new in content.plan.file_moves.items():
        one, two = old.rpartition("/"), new.rpartition("/")
        groups.setdefault((one[0], two[0]), []).append((one[2], two[2]))
    return [(old, new, sorted(names)) for (old, new), names in sorted(groups.items())]


def _file(number: int, file: FileChange, preview: bool) -> dict[str, Any]:
    """One file: what its line says, and its diff as HTML that the script puts in when it is asked for."""
    lines = rows(file.path, file.pair.was, file.pair.now)
    changed = sum(1 for row in lines if row and any(side and side.changed for side in row))
    only_renamed = file.kinds == (RENAMED,) and not lines
    return {
        "number": number,
        "path": file.path,
        "old": file.pair.old if file.pair.old != file.pair.new else None,
        "kinds": file.kinds,
        "owners": file.owners,
        "changed": changed,
        "reasons": file.reasons,
        "html": "" if only_renamed else str(_table(lines)) if lines else "<p>Binary, or without lines that differ.</p>",
        "words": "\n".join(sorted({f"{reason.old} {reason.new}" for reason in file.reasons})),
    }


def _table(lines: Sequence[Row | None]) -> Markup:
    pieces = ['<table class="diff"><thead><tr><th scope="col">old</th><th scope="col">before</th>'
              '<th scope="col">new</th><th scope="col">after</th></tr></thead><tbody>']
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
