from __future__ import annotations

from tests.engine.coverage.tools import Moved

TOML = '[tool.pytest.ini_options]\ntestpaths = ["shop"]  # all\n'


def test_what_is_to_be_asked_or_left_is_not_written() -> None:
    moved = Moved({"pyproject.toml": TOML})
    asked, left = moved.settled("ask"), moved.settled("leave")
    assert (asked.contents, asked.written, asked.left) == ({}, (), ())
    assert [(gap.entry.text, mend and mend.entries) for gap, mend in asked.open] == [
        ("shop", ("products/stock/backend",))
    ]
    assert (left.contents, left.open, [gap.entry.text for gap in left.left]) == ({}, (), ["shop"])


def test_an_entry_is_written_in_the_style_of_the_file_once() -> None:
    moved = Moved({"pyproject.toml": TOML})
    assert moved.mended() == {"pyproject.toml": TOML.replace('["shop"]', '["shop", "products/stock/backend"]')}
    assert moved.settled().contents == {}


def test_two_gaps_of_one_file_are_both_written() -> None:
    text = TOML + '[[tool.mypy.overrides]]\nmodule = "shop.*"\nstrict = true\n'
    new = Moved({"pyproject.toml": text}).mended()["pyproject.toml"]
    assert 'testpaths = ["shop", "products/stock/backend"]' in new
    assert 'module = ["shop.*", "products.stock.backend.*"]' in new


def test_an_entry_that_would_not_close_the_gap_is_not_written() -> None:
    """A later line of the file takes back what the new one says."""
    text = "shop/ @team\nproducts/ @products\n"
    moved = Moved({"CODEOWNERS": text})
    settled = moved.settled()
    assert settled.contents == {}
    assert [(gap.line, mend) for gap, mend in settled.open] == [(1, None)]


def test_lines_for_a_file_at_the_new_place_keep_their_order_above_what_is_there() -> None:
    files = {"shop/.gitignore": "stock/out/*\n!stock/out/keep\n", "shop/stock/.gitignore": "tmp/\n"}
    assert Moved(files).mended() == {"products/stock/backend/.gitignore": "/out/*\n!/out/keep\ntmp/\n"}


def test_bytes_that_are_no_utf8_stay() -> None:
    moved = Moved({"pytest.ini": "[pytest]\r\n# \udce9\r\ntestpaths = shop\r\n"})
    assert moved.settled().contents == {
        "pytest.ini": b"[pytest]\r\n# \xe9\r\ntestpaths = shop products/stock/backend\r\n"
    }
