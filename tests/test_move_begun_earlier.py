"""A move that the version before the tool's redesign had begun goes on: its ledger and its state are as that wrote them.

``move_begun_earlier.json`` was written by commit d9a7b43 on the repo below, by
``doit product=stock source=shop.stock django=no update_imports``; two paths stand there by their names.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.test_dodo import Home, files, git, tree

KEPT: dict[str, Any] = json.loads(Path(__file__).with_name("move_begun_earlier.json").read_text(encoding="utf-8"))
BEFORE = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "class Item: ...\n",
    "shop/stock/prices.csv": "a,1\n",
    "shop/use.py": 'from shop.stock import Item\n\nNAME = "shop.stock.items.Item"\n',
    "README.md": "See shop/stock/items.py.\n",
}
BACKEND = "products/stock/backend"
USE = f'from {BACKEND.replace("/", ".")} import Item\n\nNAME = "{BACKEND.replace("/", ".")}.items.Item"\n'
DONE = {"shop/use.py": USE, "README.md": f"See {BACKEND}/items.py.\n"}
AFTER = {
    "shop/__init__.py": "", **DONE, "products/__init__.py": "", "products/stock/__init__.py": "",
    **{f"{BACKEND}/{name}": BEFORE[f"shop/stock/{name}"] for name in ("__init__.py", "items.py", "prices.csv")},
}  # fmt: skip
WHO = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
    ("NAME", "A"), ("EMAIL", "a@b.c"), ("DATE", "2020-01-01T00:00:00Z"))}  # fmt: skip


def repo_before(path: Path) -> Path:
    """The repo as it was: its commit has the same name everywhere."""
    for name, text in BEFORE.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Before"]):
        subprocess.run(["git", "-C", str(path), *words], check=True, env={**os.environ, **WHO})
    return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def repo(tmp_path: Path, home: Home) -> Path:
    """The repo after update_imports of the older version, with all that it keeps."""
    repo = repo_before(tmp_path / "repo")
    assert [git(repo, "rev-parse", "HEAD").strip()] == KEPT["ledger"]["base"]
    for old, new in KEPT["ledger"]["phases"]["move_files"]["renames"].items():
        (repo / new).parent.mkdir(parents=True, exist_ok=True)
        git(repo, "mv", old, new)
    for name in ("products/__init__.py", "products/stock/__init__.py"):
        (repo / name).write_text("")
        git(repo, "add", name)
    for name, text in DONE.items():
        (repo / name).write_text(text)
        git(repo, "hash-object", "-w", name)
    ledger = repo / ".git/phased-migration/stock/ledger.json"
    ledger.parent.mkdir(parents=True)
    ledger.write_text(json.dumps(KEPT["ledger"]))
    state = home.path / "moves/stock"
    state.mkdir(parents=True)

    def placed(text: str) -> str:
        return text.replace("HOME", str(home.path)).replace("REPO", str(repo))

    for name, text in KEPT["state"].items():
        (state / name).write_text(placed(text))
    with sqlite3.connect(state / ".doit.db") as database:
        database.execute("CREATE TABLE doit (task_id text not null primary key, task_data json)")
        for task, data in KEPT["doit"].items():
            database.execute("INSERT INTO doit VALUES (?, ?)", (task, placed(json.dumps(data))))
    return repo


def move(repo: Path, *more: str) -> list[str]:
    return ["product=stock", f"repo={repo}", "django=no", *more]


def test_it_goes_on_and_then_has_nothing_to_do(home: Home, repo: Path) -> None:
    home.doit(*move(repo))
    assert files(repo) == AFTER
    assert set(home.statuses("stock")) == {"completed"}
    before = tree(repo)
    out, _ = home.doit(*move(repo))
    assert out.count("up to date") == 9 and tree(repo) == before


def test_what_a_person_has_done_since_stays(home: Home, repo: Path) -> None:
    (repo / BACKEND / "items.py").write_text("class Item: ...\n\n\nmine = 'shop.stock.items'\n")
    (repo / "shop/use.py").write_text(USE + "# mine\n")
    home.doit(*move(repo))
    assert files(repo) == {
        **AFTER, "shop/use.py": USE + "# mine\n",
        f"{BACKEND}/items.py": f"class Item: ...\n\n\nmine = '{BACKEND.replace('/', '.')}.items'\n",
    }  # fmt: skip


def test_it_is_taken_back(home: Home, repo: Path) -> None:
    home.doit(*move(repo, "reset"))
    assert files(repo) == BEFORE
    assert not git(repo, "status", "--porcelain")
