"""What a forced reset takes away can be had back, with git's own commands."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from migration.repo import saved_edits
from migration.repo.git.git import Git
from migration.repo.work_tree import Checkout
from tests.test_dodo import MOVED, SHOP, Home, files, git, make_repo, state, tree
from tests.tools import Link, Script, disk, put


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "mono", SHOP)


def words(shop: Path) -> list[str]:
    return ["product=stock", f"repo={shop}", "source=shop.stock"]


EDITS = {
    "shop/cart.py": MOVED["shop/cart.py"] + "# mine\n",  # was rewritten
    "products/stock/backend/items.py": "# all mine\n",  # was moved and rewritten
    "products/stock/backend/prices.csv": "a,2\n",  # was moved
    "products/stock/__init__.py": "MINE = 1\n",  # was created
    "shop/stock/items.py": "# at the old place\n",
}


def edit(shop: Path) -> None:
    put(shop, EDITS)


def without_refs(shop: Path) -> tuple[object, ...]:
    return tree(shop), git(shop, "ls-files", "-s"), git(shop, "status", "--porcelain")


# ---- what stays untouched


def test_edits_in_the_way_are_listed(home: Home, shop: Path) -> None:
    home.doit(*words(shop))
    edit(shop)
    before = state(shop)
    _, err = home.doit(*words(shop), "reset", code=1)
    assert [line.strip() for line in err.splitlines() if line.strip() in EDITS] == sorted(EDITS)
    assert "force=1" in err
    assert state(shop) == before


def test_force_without_edits_keeps_nothing(home: Home, shop: Path) -> None:
    before = without_refs(shop)
    home.doit(*words(shop))
    out, _ = home.doit(*words(shop), "reset", "force=1")
    assert "are kept in" not in out
    assert without_refs(shop) == before
    assert git(shop, "for-each-ref", "refs/phased-migration") == ""


def test_other_values(home: Home, shop: Path) -> None:
    _, err = home.doit(*words(shop), "reset", "force=yes", code=3)
    assert "force: expected 1 or 0, got 'yes'" in err


def test_force_does_nothing_to_a_run(home: Home, shop: Path) -> None:
    home.doit(*words(shop))
    put(shop, {"shop/cart.py": EDITS["shop/cart.py"]})
    home.doit(*words(shop), "force=1")
    assert files(shop) == {**MOVED, "shop/cart.py": EDITS["shop/cart.py"]}


# ---- what goes, and comes back


def test_a_forced_reset_and_its_own_advice(home: Home, shop: Path) -> None:
    before = without_refs(shop)
    home.doit(*words(shop))
    after = state(shop)[:2]
    edit(shop)
    out, _ = home.doit(*words(shop), "reset", "force=1")
    assert without_refs(shop) == before
    assert set(home.statuses("stock")) == {"pending"}
    ref = re.search(r"kept in (\S+)", out)
    assert ref and f"edits by hand in {len(EDITS)} file(s)" in out
    assert git(shop, "for-each-ref", "--format=%(refname)", "refs/phased-migration") == ref[1] + "\n"
    advice = [shlex.split(line.partition(": git ")[2]) for line in out.splitlines() if ": git -C" in line]
    back, look, forget = advice
    assert git(shop, *look) == EDITS[sorted(EDITS)[0]]
    git(shop, *back)
    assert {path: (shop / path).read_text() for path in EDITS} == EDITS
    assert {*files(shop)} == {*SHOP, *EDITS}  # nothing else went
    git(shop, "reset", "-q", "--hard")
    git(shop, "clean", "-qfd")
    git(shop, "gc", "-q", "--prune=now")
    assert git(shop, *look) == EDITS[sorted(EDITS)[0]]
    git(shop, *forget)
    assert git(shop, "for-each-ref", "refs/phased-migration") == ""
    home.doit(*words(shop))
    assert state(shop)[:2] == after


def test_two_forced_resets_keep_two(home: Home, shop: Path) -> None:
    for number in range(2):
        home.doit(*words(shop))
        put(shop, {"shop/cart.py": f"# {number}\n"})
        home.doit(*words(shop), "reset", "force=1")
    refs = git(shop, "for-each-ref", "--format=%(refname)", "refs/phased-migration").split()
    assert [git(shop, "show", f"{ref}:shop/cart.py") for ref in refs] == ["# 0\n", "# 1\n"]


def test_every_kind_of_file_in_a_directory_of_the_checkout(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "mono", {"sub/a.py": "", "b.py": ""})
    put(repo, {"sub/run.sh": Script("#!/bin/sh\n"), "sub/link": Link("a.py"), "sub/ü ' \n.txt": b"\xff\r\n"})
    before = disk(repo)
    names = ["run.sh", "link", "ü ' \n.txt", "gone.py"]
    found = saved_edits.keep(Checkout(Git.open(repo / "sub")), "refs/x", names)
    assert found.paths == ("run.sh", "link", "ü ' \n.txt")
    assert disk(repo) == before and git(repo, "status", "--porcelain", "-uno") == ""
    git(repo, "clean", "-qfd")
    subprocess.run(["git", "restore", "--overlay", f"--source={found.ref}", "--", "."], cwd=repo / "sub", check=True)
    assert disk(repo) == before
