from __future__ import annotations

from migration.core.django_used import Used, heard_by, lines, tell

USED = Used("site_.ci", "DJANGO_SETTINGS_MODULE", "/venv/python")


def test_nobody_listens() -> None:
    tell(USED)
    assert lines({}) == []


def test_whoever_listens_hears_of_each() -> None:
    outer: list[Used] = []
    inner: list[Used] = []
    with heard_by(outer.append):
        tell(USED)
        with heard_by(inner.append):
            tell(USED)
        tell(USED)
    tell(USED)
    assert (outer, inner) == ([USED, USED], [USED])


def test_in_words() -> None:
    assert lines(USED.document()) == ["settings site_.ci (named by DJANGO_SETTINGS_MODULE)", "python /venv/python"]
    known = USED.with_databases(["default: sqlite3, :memory:"])
    assert known.document() == {
        "settings": "site_.ci", "named_by": "DJANGO_SETTINGS_MODULE", "python": "/venv/python",
        "databases": ["default: sqlite3, :memory:"],
    }  # fmt: skip
    assert lines(known.document())[2:] == ["database default: sqlite3, :memory:"]
