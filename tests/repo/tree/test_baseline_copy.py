"""The tree before the move, in a directory of its own for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.repo.tree.baseline_copy import baseline_copy, local_files, write_tree
from tests.tools import Link, Script, contents, disk, make_repo, put, workspace

FILES = {"a.py": "A = 1\n", "bin/run": Script("#!/bin/sh\n"), "link": Link("a.py"), ".gitignore": ".env\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


def test_files_links_and_modes(repo: Path, tmp_path: Path) -> None:
    put(repo, {"untracked.py": "", ".env": "X=1\n"})
    write_tree(workspace(repo).baseline(), tmp_path / "copy")
    known = {path: found for path, found in disk(repo).items() if path not in ("untracked.py", ".env")}
    assert disk(tmp_path / "copy") == known


def test_it_is_removed_again(repo: Path, tmp_path: Path) -> None:
    before = disk(repo)
    with pytest.raises(ZeroDivisionError), baseline_copy(workspace(repo).baseline(), tmp_path / "copy"):
        assert (tmp_path / "copy/a.py").exists()
        raise ZeroDivisionError
    assert not (tmp_path / "copy").exists()
    assert disk(repo) == before


def test_what_a_death_has_left_is_replaced(repo: Path, tmp_path: Path) -> None:
    put(tmp_path, {"copy/old.py": "", "copy/a.py": "half"})
    with baseline_copy(workspace(repo).baseline(), tmp_path / "copy") as copy:
        assert set(contents(copy)) == set(FILES)
        assert (copy / "a.py").read_text() == "A = 1\n"


def test_local_files_come_along(repo: Path, tmp_path: Path) -> None:
    put(repo, {".env": "X=1\n", "conf/local.py": "Y = 2\n"})
    with baseline_copy(workspace(repo).baseline(), tmp_path / "copy", [".env", "conf/local.py"]) as copy:
        assert (copy / ".env").read_text() == "X=1\n" and (copy / "conf/local.py").read_text() == "Y = 2\n"
    with (
        pytest.raises(PhaseError, match="gone.py can't be read: No such file"),
        baseline_copy(workspace(repo).baseline(), tmp_path / "copy", ["gone.py"]),
    ):
        pass
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(("text", "expected"), [
    ("", ()),
    ("[tool.phased-migration]\ntarget = 'x'\n", ()),
    ("[tool.phased-migration]\nlocal = ['.env', 'a/b.py']\n", (".env", "a/b.py")),
])
def test_what_the_repo_names(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    assert local_files(workspace(make_repo(tmp_path / "repo", {"pyproject.toml": text})).baseline()) == expected


@pytest.mark.parametrize("value", ["'.env'", "[1]", "['/etc/passwd']", "['../x']", "{a = 1}"])
def test_what_can_not_be_used(tmp_path: Path, value: str) -> None:
    repo = make_repo(tmp_path / "repo", {"pyproject.toml": f"[tool.phased-migration]\nlocal = {value}\n"})
    with pytest.raises(PhaseError, match="local is no list of paths"):
        local_files(workspace(repo).baseline())
