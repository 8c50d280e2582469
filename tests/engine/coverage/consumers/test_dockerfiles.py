from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize(("path", "text"), [
    ("Dockerfile", "FROM python\nCOPY . .\n"),
    ("tools/Dockerfile", "FROM python\nCOPY . .\n"),
    ("Dockerfile", "FROM python\nCOPY shop/billing /app/shop/billing\n"),
    ("Dockerfile", "FROM a AS b\nFROM c\nCOPY --from=b shop /app/shop\n"),
    ("Dockerfile", "FROM python\nADD https://example.com/shop /app\n"),
    ("Dockerfile", "FROM python\nCOPY shop products /app/\n"),
    ("crm/Dockerfile", "FROM python\nCOPY shop /app\n"),
])  # fmt: skip
def test_what_copies_both_places_or_neither(path: str, text: str) -> None:
    assert Moved({path: text, "products/x.py": "", "crm/shop/stock/test_x.py": ""}).told() == []


@pytest.mark.parametrize(("copy", "new"), [
    ("COPY shop/ shop/", "COPY products/stock/backend/ products/stock/backend/"),
    ("COPY shop /app/shop", "COPY products/stock/backend /app/products/stock/backend"),
    ("COPY --chown=app:app ./shop /srv/shop/", "COPY --chown=app:app ./products/stock/backend /srv/products/stock/backend/"),
    ('ADD ["shop", "/app/shop"]', 'ADD ["products/stock/backend", "/app/products/stock/backend"]'),
])  # fmt: skip
def test_a_directory_that_is_copied_takes_the_new_place_beside_it(copy: str, new: str) -> None:
    text = f"FROM python:3\nWORKDIR /app\n{copy}\nRUN true\n"
    moved = Moved({"docker/Dockerfile": text})
    assert [line.split(": ")[1] for line in moved.told()] == ["copied -> "]
    assert moved.mended() == {"docker/Dockerfile": text.replace(copy, f"{copy}\n{new}")}


def test_each_stage_has_files_of_its_own() -> None:
    text = "FROM a\nCOPY . .\nFROM b\nCOPY shop shop\n"
    assert Moved({"Dockerfile": text}).told() == ["Dockerfile:4 shop: copied -> "]


def test_several_sources_in_one_line_are_listed() -> None:
    ((gap, mend),) = Moved({"Dockerfile": "FROM a\nCOPY crm shop /app/\n", "crm/x": ""}).settled().open
    assert (gap.line, gap.entry.text, mend) == (2, "shop", None)
