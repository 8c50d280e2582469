from __future__ import annotations

from tests.engine.coverage.tools import Moved


def test_the_same_owners_at_both_places() -> None:
    for text in ("* @all\n", "shop/ @a\nproducts/ @a\n", "# shop/ @a\n", "/shop/billing @b\n"):
        assert Moved({".github/CODEOWNERS": text}).told() == []


def test_owners_of_what_lay_above_get_a_line_for_the_new_place() -> None:
    text = "* @all\n/shop/   @a @b  # ours\ndocs/ @docs\n"
    moved = Moved({".github/CODEOWNERS": text})
    assert moved.told() == [".github/CODEOWNERS:2 /shop/: @a @b -> @all"]
    new = "/products/stock/backend/   @a @b  # ours\n"
    assert moved.mended() == {".github/CODEOWNERS": text.replace("docs/", new + "docs/")}


def test_each_section_of_gitlab_decides_for_itself() -> None:
    text = "[Code] @code\nshop/\n[Docs]\n*.md @docs\n"
    assert Moved({"CODEOWNERS": text}).told() == ["CODEOWNERS:2 shop/: @code -> "]
