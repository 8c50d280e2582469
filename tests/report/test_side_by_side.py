from __future__ import annotations

import re
from itertools import pairwise

import pytest

from migration.report.side_by_side import Row, rows


def shown(path: str, was: str | None, now: str | None) -> list[Row | None]:
    return rows(path, was.encode() if was is not None else None, now.encode() if now is not None else None)


def text(html: str) -> str:
    for name, character in (("lt", "<"), ("gt", ">"), ("#34", '"'), ("#39", "'"), ("amp", "&")):
        html = re.sub(r"</?(span|mark)[^<>]*>", "", html).replace(f"&{name};", character)
    return html


LINES = "".join(f"line_{number} = {number}\n" for number in range(1, 21))


@pytest.mark.parametrize(("was", "now"), [(b"a\n", b"a\n"), (b"", b""), (None, b""), (b"a\0b", b"c"), (b"a", b"\0")])
def test_nothing_to_show(was: bytes | None, now: bytes | None) -> None:
    assert rows("a.py", was, now) == []


def test_three_lines_around_a_change() -> None:
    found = shown("a.py", LINES, LINES.replace("line_10 = 10", "line_10 = 'ten'"))
    numbers = [row[0].number for row in found if row and row[0]]
    assert found[0] is None and numbers == [7, 8, 9, 10, 11, 12, 13]
    assert [row[0].number for row in found if row and row[0] and row[0].changed] == [10]


def test_two_changes_far_apart() -> None:
    found = shown("a.py", LINES, LINES.replace("line_1 =", "one =").replace("line_20", "twenty"))
    assert [index for index, row in enumerate(found) if row is None] == [4]
    for one, two in pairwise([row for row in found if row]):
        assert one[0] and two[0] and one[0].number < two[0].number


def test_what_differs_within_a_line_is_marked_by_words() -> None:
    ((old, new),) = shown("a.py", "from shop.stock.items import Item\n", "from shop.storage.items import Item\n")
    assert old and new
    assert re.findall(r"<mark>(.*?)</mark>", old.html) == ["stock"]
    assert re.findall(r"<mark>(.*?)</mark>", new.html) == ["storage"]
    assert text(old.html) == "from shop.stock.items import Item"


def test_lines_with_nothing_in_common_are_not_marked() -> None:
    ((old, new),) = shown("a.py", "one\n", "two\n")
    assert old and new and "<mark>" not in old.html + new.html


def test_a_new_file_and_one_that_is_gone() -> None:
    assert [(row[0], row[1] and text(row[1].html)) for row in shown("a.py", None, "x = 1\ny\n") if row] == [(None, "x = 1"), (None, "y")]
    assert [row[1] for row in shown("a.py", "x\n", None) if row] == [None]


def test_more_lines_on_one_side() -> None:
    found = shown("a.txt", "a\nold\nz\n", "a\nnew\nnewer\nz\n")
    assert [(row[0] and text(row[0].html), row[1] and text(row[1].html)) for row in found if row] == [
        ("a", "a"), ("old", "new"), (None, "newer"), ("z", "z"),
    ]


@pytest.mark.parametrize(("path", "name", "part"), [
    ("a.py", "k", "import"), ("a.py", "s", "text"), ("a.py", "c", "# why"), ("a.py", "m", "42"), ("a.yml", "c", "# why"),
])
def test_colours(path: str, name: str, part: str) -> None:
    line = "import x; y = 'text' + 42  # why" if path == "a.py" else "key: value  # why"
    ((_, new),) = shown(path, None, line + "\n")
    assert new and re.search(rf'<span class="{name}">[^<]*{part}', new.html)
    assert text(new.html) == line


@pytest.mark.parametrize("path", ["a.py", "a.html", "a.unknown", "a.js"])
def test_html_in_a_file_stays_text(path: str) -> None:
    line = "<script>alert('x')</script> & <img src=x onerror=alert(1)>"
    ((old, new),) = shown(path, f"{line} old\n", f"{line} new\n")
    assert old and new
    assert set(re.findall(r"<[^>]*>", old.html + new.html)) <= {
        "<mark>", "</mark>", "</span>", *(f'<span class="{name}">' for name in "cskmd"),
    }
    assert text(new.html) == f"{line} new"


def test_bytes_that_are_no_utf_8() -> None:
    ((old, _),) = rows("a.py", b"x = '\xff'\n", b"x = 1\n")
    assert old and "\ufffd" in text(old.html)


def test_a_huge_diff_is_cut() -> None:
    found = shown("a.txt", None, "x\n" * 5_000)
    assert len(found) == 2_001 and found[-1] is None
