from __future__ import annotations

from migration.rewriters import single_words
from tests.rewriters.alone import check_text
from tests.rewriters.text_tools import MOVES, TOP


def test_nothing_moves_by_one_word() -> None:
    check_text(single_words, "python -m warehouse\n", path="Makefile", moves=MOVES)
    assert single_words.needles(MOVES) == frozenset()


def test_a_package_at_the_top() -> None:
    assert single_words.needles(TOP) == {b"warehouse"}
    check_text(single_words, "python -m shop\necho warehouse\n", path="Makefile", moves=TOP)
    check_text(single_words, "python -m warehouse\n", "python -m products.wh\n", path="Makefile", moves=TOP)
    check_text(single_words, "COPY warehouse /srv/warehouse\n", "COPY products/wh /srv/products/wh\n", path="Dockerfile", moves=TOP)
    check_text(single_words, 'omit = ["warehouse"]\n', path="pyproject.toml", moves=TOP, left=["every directory of this name"])
