"""The judge of the replays, judged: what it must call missed or wrong, and what it must let pass."""

from __future__ import annotations

import pytest

from tests.real.comparison import Comparison, Judged, State, summary

BEFORE = {
    "shop/__init__.py": "",
    "shop/cart/__init__.py": "from shop.cart.models import Line\n",
    "shop/cart/models.py": "class Line: pass\nclass Item: pass\n",
}
OURS = {path.replace("shop/cart", "carts"): text.replace("shop.cart", "carts") for path, text in BEFORE.items()}
MOVED = {"shop.cart": "carts", "shop.cart.models": "carts.models"}


def state(files: dict[str, str]) -> State:
    return State({path: text.encode() for path, text in files.items()})


def judge(before: str, ours: str, theirs: str, more: dict[str, str] | None = None, path: str = "app.py") -> list[Judged]:
    """The judgement of one file; ``more`` is what else the later release has."""
    comparison = Comparison(
        state({**BEFORE, path: before}), state({**OURS, path: ours}), state({**OURS, **(more or {}), path: theirs}), MOVED
    )
    return list(comparison.file(path, path, path))


def verdicts(*texts: str, **more: dict[str, str]) -> list[tuple[str, str]]:
    return [(item.kind, item.verdict) for item in judge(*texts, **more)]


OLD_LINE, NEW_LINE = "from shop.cart.models import Line\n", "from carts.models import Line\n"


@pytest.mark.parametrize(
    ("before", "ours", "theirs"),
    [
        ("import os\n", "import os\n", "import sys\n"),
        ("from os import path\n", "from os import path\n", "from posixpath import path\n"),
        (OLD_LINE, NEW_LINE, "x = 1\n"),
        ("from shop import a\n", "from shop import a\n", "from elsewhere import a\n"),
        ("from shop import a\n", "from shop import a\n", "from .shop import a\n"),
        ("x = 'a sentence'\n", "x = 'a sentence'\n", "x = 'another'\n"),
        ("x = 'shop.cart_of'\n", "x = 'shop.cart_of'\n", "x = 'carts_of'\n"),
    ],
)
def test_what_people_did_for_other_reasons_is_left_out(before: str, ours: str, theirs: str) -> None:
    assert verdicts(before, ours, theirs) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        (NEW_LINE, NEW_LINE, "agree"),
        (NEW_LINE, OLD_LINE, "kept"),
        (NEW_LINE, "from carts import Line\n", "way"),
        (NEW_LINE, "from carts.lines import Line\n", "theirs"),
        (OLD_LINE, NEW_LINE, "wrong"),
        ("from cart.models import Line\n", NEW_LINE, "theirs"),
        ("from carts.model import Line\n", NEW_LINE, "wrong"),
        ("from carts.models import Lines as Line\n", NEW_LINE, "wrong"),
        ("x = 1\n", NEW_LINE, "wrong"),
    ],
)
def test_an_import(ours: str, theirs: str, verdict: str) -> None:
    more = {"carts/lines.py": "class Line: pass\n"}
    assert verdicts(OLD_LINE, ours, theirs, more=more) == [("import", verdict)]


def test_an_old_import_that_still_works_is_missed() -> None:
    comparison = Comparison(
        state({**BEFORE, "app.py": OLD_LINE}), state({**BEFORE, **OURS, "app.py": OLD_LINE}),
        state({**OURS, "app.py": NEW_LINE}), MOVED,
    )
    assert [item.verdict for item in comparison.file("app.py", "app.py", "app.py")] == ["missed"]


@pytest.mark.parametrize(("theirs", "verdict"), [("from .basket.models import Line\n", "form"),
                                                 ("from shop.basket.models import Line\n", "agree"),
                                                 ("from ..shop.basket.models import Line\n", "theirs")])
def test_relative_and_absolute_are_two_forms_of_one_target(theirs: str, verdict: str) -> None:
    after = {path.replace("cart", "basket"): text for path, text in BEFORE.items()}
    comparison = Comparison(
        state({**BEFORE, "shop/a.py": "from .cart.models import Line\n"}),
        state({**after, "shop/a.py": "from shop.basket.models import Line\n"}),
        state({**after, "shop/a.py": theirs}),
        {"shop.cart": "shop.basket", "shop.cart.models": "shop.basket.models"},
    )
    assert [item.verdict for item in comparison.file("shop/a.py", "shop/a.py", "shop/a.py")] == [verdict]


def test_the_same_file_under_two_names_is_wrong() -> None:
    files = {"src/carts/models.py": "class Line: pass\n", "src/carts/__init__.py": "", "src/app.py": ""}
    comparison = Comparison(
        state({**BEFORE, "src/app.py": OLD_LINE}),
        State({path: text.encode() for path, text in {**files, "src/app.py": "from src.carts.models import Line\n"}.items()}),
        State({path: text.encode() for path, text in {**files, "src/app.py": NEW_LINE}.items()}, ("src",)),
        MOVED,
    )
    assert [item.verdict for item in comparison.file("src/app.py", "src/app.py", "src/app.py")] == ["wrong"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("string", "patch('shop.cart.models.Line')\n"),
        ("string", "x = 'shop/cart/models.py'\n"),
        ("prose", "x = 1  # see shop.cart.models\n"),
        ("prose", '"""A text\n\nof shop.cart.models.\n"""\n'),
        ("use", "shop.cart.models.Line()\n"),
    ],
)
def test_a_name_elsewhere(kind: str, text: str) -> None:
    new = text.replace("shop.cart", "carts").replace("shop/cart", "carts")
    assert verdicts(text, new, new) == [(kind, "agree")]
    assert verdicts(text, new, text) == [(kind, "kept")]
    assert verdicts(text, text, new) == [(kind, "missed")]
    assert verdicts(text, text, text) == []


def test_a_text_file() -> None:
    texts = ("prune shop/cart/static\n", "prune carts/static\n")
    assert [item.verdict for item in judge(*texts, texts[1], path="MANIFEST.in")] == ["agree"]
    assert [item.verdict for item in judge(texts[0], *texts, path="MANIFEST.in")] == ["missed"]


def test_the_counts() -> None:
    judged = judge(OLD_LINE, NEW_LINE, NEW_LINE) + judge(OLD_LINE, "x = 1\n", NEW_LINE)
    assert {verdict: count for verdict, count in summary(judged).items() if count} == {"agree": 1, "wrong": 1}
