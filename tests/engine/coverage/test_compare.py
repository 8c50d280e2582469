from __future__ import annotations

import pytest

from migration.engine.coverage.compare import Move
from tests.engine.coverage.tools import Moved

INI = "[pytest]\ntestpaths = shop\n"


@pytest.mark.parametrize("files", [
    {},
    {"pytest.ini": "[pytest]\ntestpaths = .\n"},
    {"pytest.ini": "[pytest]\ntestpaths = shop products\n"},
    {"pytest.ini": "[pytest]\ntestpaths = shop/billing\n"},
    {"billing/pytest.ini": INI, "billing/shop/test_z.py": ""},
    {"shop/stock/pytest.ini": "[pytest]\ntestpaths = .\nnorecursedirs = slow\n", "shop/stock/slow/test_s.py": ""},
    {"CODEOWNERS": "* @all\nshop/billing @billing\n"},
])  # fmt: skip
def test_what_takes_in_both_places_or_neither_is_no_gap(files: dict[str, str]) -> None:
    assert Moved(files).told() == []


def test_a_line_that_takes_in_the_old_place_only_is_a_gap_with_its_files() -> None:
    (gap,) = Moved({"pytest.ini": INI, "shop/stock/inner/test_z.py": ""}).gaps()
    assert (gap.path, gap.line, gap.before, gap.now, gap.gained) == ("pytest.ini", 2, "collected", "", False)
    assert [old for old, _ in gap.files] == ["shop/stock/test_x.py", "shop/stock/inner/test_z.py"]


def test_a_line_that_has_been_rewritten_speaks_with_its_new_text() -> None:
    before = {"pytest.ini": "[pytest]\ntestpaths = shop/stock\n"}
    assert Moved(before, {"pytest.ini": "[pytest]\ntestpaths = products/stock/backend\n"}).told() == []
    assert Moved(before).told() == ["pytest.ini:2 shop/stock: collected -> "]


@pytest.mark.parametrize(("files", "told"), [
    ({"pytest.ini": "[pytest]\ntestpaths = shop/stock\n"}, ["pytest.ini:2 shop/stock: collected -> "]),
    ({"pytest.ini": "[pytest]\ntestpaths = shop/stock/later\n"}, ["pytest.ini:2 shop/stock/later: collected -> "]),
    ({"mypy.ini": "[mypy]\npackages = shop.stock.later\n"}, ["mypy.ini:2 shop.stock.later: checked -> "]),
    ({"pytest.ini": "[pytest]\ntestpaths = crm/stock\n"}, []),
])  # fmt: skip
def test_a_line_that_still_names_the_old_place_is_a_gap_though_it_holds_nothing_of_the_kind(files: dict[str, str], told: list[str]) -> None:
    code = {"shop/stock/test_x.py": "", "shop/stock/other.py": ""}
    assert Moved({**code, **files}).told() == told


def test_what_is_newly_said_is_a_gap_of_the_line_that_says_it() -> None:
    (gap,) = Moved({".gitignore": "*.pyc\nbackend/\n"}).gaps()
    assert (gap.path, gap.line, gap.entry.text, gap.gained) == (".gitignore", 2, "backend/", True)
    assert ("shop/stock/test_x.py", "products/stock/backend/test_x.py") in gap.files


def test_where_the_tree_before_is_not_at_hand_only_what_is_lost_counts() -> None:
    files = {".gitignore": "backend/\n", "pytest.ini": INI}
    assert Moved(files, known=False).told() == ["pytest.ini:2 shop: collected -> "]


def test_a_file_that_moves_with_what_it_speaks_of_says_the_same() -> None:
    assert Moved({"shop/stock/.gitattributes": "*.csv filter=lfs\n", "shop/stock/a.csv": ""}).told() == []


def test_several_attributes_of_a_line_are_one_gap() -> None:
    told = Moved({"shop/.gitattributes": "*.csv filter=lfs -text\n", "shop/stock/a.csv": ""}).told()
    assert told == ["shop/.gitattributes:1 *.csv: filter=lfs, -text -> "]


def test_places_are_the_topmost_directories_that_move_as_a_whole() -> None:
    files = {"a/b/c/x.py": "n/c/x.py", "a/b/y.py": "n/y.py", "a/z.py": "m/z.py"}
    move = Move(files, {"a/b": "n", "a/b/c": "n/c"})
    assert move.places(files) == [("a/b", "n"), ("a/z.py", "m/z.py")]
    assert move.new_path("a/b/c/new.txt") == "n/c/new.txt"
    assert move.new_path("a/other") == "a/other"


SINGLE = {"old": "shop/till.py", "new": "products/till/core.py"}


@pytest.mark.parametrize(("path", "text", "new"), [
    ("CODEOWNERS", "/shop/ @a\n", "/products/till/core.py @a"),
    ("mypy.ini", "[mypy]\nfiles = shop/\n", "files = shop/,products/till/core.py"),
    ("mypy.ini", "[mypy]\n[mypy-shop.*]\nignore_errors = True\n", "[mypy-shop.*,products.till.core.*]"),
    ("mypy.ini", "[mypy]\nexclude = ^shop/\n", r"exclude = ^shop/|^products/till/core\.py$"),
    ("Dockerfile", "FROM a\nCOPY shop/ /app/shop/\n", "COPY products/till/core.py /app/products/till/core.py"),
    ("setup.py", "setup(packages=find_packages(include=['shop']))\n", "setup(packages=find_packages(include=['shop', 'products.till']))"),
])  # fmt: skip
def test_a_single_file_that_moves_is_named_as_a_file(path: str, text: str, new: str) -> None:
    moved = Moved({"shop/till.py": "", path: text}, **SINGLE)  # type: ignore[arg-type]
    assert new in moved.mended()[path].splitlines()


def test_beside_a_single_file_no_files_are_to_come() -> None:
    for files in ({"shop/.gitignore": "*.log\ntill.py/\n"}, {"shop/.gitattributes": "*.dat -text\n"}):
        assert Moved({"shop/till.py": "", **files}, **SINGLE).told() == []  # type: ignore[arg-type]
