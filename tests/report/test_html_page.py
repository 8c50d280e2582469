"""The page shows what it is given: how the move stands, what is left, the migrations, the tables of the tracker."""

from __future__ import annotations

import re
from typing import Any

import pytest

from migration.core.phase import ORDER
from migration.engine.residue import Residue
from migration.plan.plan import Plan
from migration.report.content import Content
from migration.report.html_page import page

ENTRY = {"id": "verify_migrations", "name": "try the migrations", "status": "completed", "seconds": 1.0, "summary": "2 checks"}
ROWS = [
    {"check": "filled database", "database": "default (sqlite)", "tables": 14, "rows": 62, "outcome": "equal"},
    {"check": "makemigrations --check", "database": "", "tables": 0, "rows": 0, "outcome": "1 < 2 differ"},
]


def shown(*entries: dict[str, object], preview: bool = False, residue: tuple[Residue, ...] = (), **more: Any) -> str:
    migrations = more.pop("migrations", ())
    return page(Content(Plan("shop", "a", "b", {}, {}), preview, entries, (), (), (), (), residue, migrations, (), **more))


def test_without_a_table_there_is_none() -> None:
    assert "filled database" not in shown(ENTRY)


def test_a_table_of_checks() -> None:
    text = shown({**ENTRY, "table": ROWS})
    table = text[text.index("<h3>try the migrations</h3>") :].partition("</table>")[0]
    assert re.findall(r"<th [^>]*>(.*?)</th>", table) == ["check", "database", "tables", "rows", "outcome"]
    cells = re.findall(r"<td>(.*?)</td>", table)
    assert cells[:5] == ["filled database", "default (sqlite)", "14", "62", "equal"]
    assert cells[5:] == ["makemigrations --check", "", "0", "0", "1 &lt; 2 differ"]


@pytest.mark.parametrize(("entries", "words"), [
    ([], f"0 of {len(ORDER)} phases completed"),
    ([{"id": "scan_moves", "status": "completed"}], f"1 of {len(ORDER)} phases completed"),
    ([{"id": "scan_moves", "status": "completed"}, {"id": "prepare_structure", "status": "failed"}], "failed after 1 phase"),
    ([{"id": name, "status": "completed"} for name in ORDER], "completed"),
])
def test_how_it_stands(entries: list[dict[str, object]], words: str) -> None:
    found = re.search(r"<h1>shop <span class=\"tag state (\w+)\">([^<]*)</span></h1>", shown(*entries))
    assert found and found[2] == words


def test_a_failed_phase_says_why() -> None:
    text = shown({"id": "scan_moves", "status": "failed", "error": "no <module> there\n  -> do that"})
    assert "no &lt;module&gt; there\n  -&gt; do that" in text


def test_migrations_are_highlighted_and_not_live() -> None:
    text = shown(migrations=(("a/migrations/0002_x.py", "class Migration:  # </pre><script>\n    x = '1'\n"),))
    code = text[text.index('<pre class="code"') :].partition("</pre>")[0]
    assert '<span class="k">class</span>' in code and '<span class="s">&#39;1&#39;</span>' in code
    assert "&lt;/pre&gt;&lt;script&gt;" in code


def test_what_is_left_stands_by_reason_the_open_places_first() -> None:
    left = (
        Residue("a.py", 1, "string", "S = 'a.b'", "the name of a task", True, kept=True),
        Residue("b.py", 2, "string", "T = 'a.b'", "the name of a task", True, kept=True),
        Residue("c.py", 0, "prose", "<a.b>", "", False),
    )
    text = shown(residue=left)
    reasons = re.findall(r'<details class="left"( open)?>\s*<summary>(.*?) <span class="count">(\d+)', text)
    assert reasons == [
        (" open", '<strong class="tag warn">undecided</strong> nothing says why', "1"), ("", "kept: the name of a task", "2"),
    ]
    assert "<strong>1</strong> <span>place for you to look at</span>" in text
    assert "&lt;a.b&gt;" in text


def test_nothing_is_left() -> None:
    assert "Nothing names the old place any more." in shown() and "Nothing names" not in shown(preview=True)
