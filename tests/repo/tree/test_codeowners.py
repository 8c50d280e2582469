from __future__ import annotations

from pathlib import Path

import pytest

from migration.repo.tree.codeowners import PLACES, count, owners
from tests.tools import make_repo, workspace

BOOK = """\
# who looks at what
*            @org/all
/shop/       @org/shop mail@example.com
docs/        @org/docs
*.css        @org/design
/shop/free/
"""


def test_no_codeowners(tmp_path: Path) -> None:
    of = owners(workspace(make_repo(tmp_path, {"a.py": ""})).baseline())
    assert of("a.py") == ()
    assert count(["a.py", "b.py"], of) == {"(no owner)": 2}


@pytest.mark.parametrize("place", PLACES)
def test_owners(tmp_path: Path, place: str) -> None:
    of = owners(workspace(make_repo(tmp_path, {place: BOOK})).baseline())
    assert of("a.py") == ("@org/all",)
    assert of("shop/cart.py") == ("@org/shop", "mail@example.com")
    assert of("shop/free/x.py") == ()
    assert of("a/docs/x.md") == ("@org/docs",)
    assert of("shop/x.css") == ("@org/design",)


def test_github_s_own_place_comes_first(tmp_path: Path) -> None:
    files = {"CODEOWNERS": "* @second\n", ".github/CODEOWNERS": "* @first\n"}
    assert owners(workspace(make_repo(tmp_path, files)).baseline())("x") == ("@first",)


@pytest.mark.parametrize("line", ["[a-z @x", "a[ @x", "[z-a] @x", "[] @x", "[]", "\\", "/", "*" * 30 + " @x", "**/" * 40 + "x @x", "*a" * 200 + " @x", "[[:alpha:] @x"])
def test_a_line_that_can_t_be_read_is_left_out(tmp_path: Path, line: str) -> None:
    """As GitHub does; and what takes an age to be compared with a path is none that can be read."""
    of = owners(workspace(make_repo(tmp_path, {"CODEOWNERS": f"* @all\n{line}\nshop/ @shop\n"})).baseline())
    assert of("shop/a.py") == ("@shop",)
    assert of("aa" * 100 + "/" + "aa/" * 40 + "b") == ("@all",)


def test_sections_of_gitlab(tmp_path: Path) -> None:
    of = owners(workspace(make_repo(tmp_path, {"CODEOWNERS": "[Backend] @backend\nshop/ @shop\n\n^[Docs][2] @docs\n*.md @md\n"})).baseline())
    assert (of("shop/a.py"), of("a.md")) == (("@shop",), ("@md",))


def test_count(tmp_path: Path) -> None:
    of = owners(workspace(make_repo(tmp_path, {"CODEOWNERS": BOOK})).baseline())
    counts = count(["shop/a.py", "shop/b.py", "a.py", "shop/free/a.py", "shop/free/b.py", "shop/free/c.py"], of)
    assert list(counts.items()) == [("@org/shop", 2), ("mail@example.com", 2), ("@org/all", 1), ("(no owner)", 3)]
