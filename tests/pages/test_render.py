"""The page shows what the phases have left in the tracker."""

from __future__ import annotations

import re

from migration.pages.content import Content
from migration.pages.render import page
from migration.plan import Plan

ENTRY = {"id": "verify_migrations", "name": "try the migrations", "status": "completed", "seconds": 1.0, "summary": "2 checks"}
ROWS = [
    {"check": "filled database", "database": "default (sqlite)", "tables": 14, "rows": 62, "outcome": "equal"},
    {"check": "makemigrations --check", "database": "", "tables": 0, "rows": 0, "outcome": "1 < 2 differ"},
]


def shown(*entries: dict[str, object]) -> str:
    return page(Content(Plan("shop", "a", "b", {}, {}), False, entries, (), (), (), (), (), (), ()))


def test_without_a_table_there_is_none() -> None:
    assert "filled database" not in shown(ENTRY)


def test_a_table_of_checks() -> None:
    text = shown({**ENTRY, "table": ROWS})
    table = text[text.index("<h3>try the migrations</h3>") :].partition("</table>")[0]
    assert re.findall(r"<th [^>]*>(.*?)</th>", table) == ["check", "database", "tables", "rows", "outcome"]
    cells = re.findall(r"<td>(.*?)</td>", table)
    assert cells[:5] == ["filled database", "default (sqlite)", "14", "62", "equal"]
    assert cells[5:] == ["makemigrations --check", "", "0", "0", "1 &lt; 2 differ"]
