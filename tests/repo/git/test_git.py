from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.git.entries import IndexEntry
from migration.repo.git.git import Git
from tests.tools import Link, Script, commit, git, make_repo, put, snapshot


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {"a.py": "x = 1\n", "sub/b.py": "y\n", "run": Script("x"), "to": Link("a.py")})


# ---- reading

def test_reading_changes_nothing(repo: Path) -> None:
    put(repo, {"a.py": "edited", "untracked": ""})
    before, index = snapshot(repo), (repo / ".git/index").read_bytes()
    found = Git.open(repo)
    found.listing(), found.uncommitted(), found.untracked("."), found.grep([b"x"]), found.read([found.listing()["a.py"].oid])
    assert (repo / ".git/index").read_bytes() == index
    assert snapshot(repo) == before


def test_listing(repo: Path) -> None:
    found = Git.open(repo)
    assert found.listing() == {
        "a.py": IndexEntry("100644", found.oid_of(b"x = 1\n")), "run": IndexEntry("100755", found.oid_of(b"x")),
        "sub/b.py": IndexEntry("100644", found.oid_of(b"y\n")), "to": IndexEntry("120000", found.oid_of(b"a.py")),
    }
    assert list(Git.open(repo / "sub").listing()) == ["b.py"]


def test_unmerged_files_are_named(repo: Path) -> None:
    git(repo, "checkout", "-qb", "other")
    put(repo, {"a.py": "other\n"})
    commit(repo)
    git(repo, "checkout", "-q", "main")
    put(repo, {"a.py": "main\n"})
    commit(repo)
    with pytest.raises(AssertionError):
        git(repo, "merge", "other")
    with pytest.raises(GitError, match="unmerged") as error:
        Git.open(repo).listing()
    assert error.value.details == ("a.py:1",)


def test_uncommitted_and_untracked(repo: Path) -> None:
    assert Git.open(repo).uncommitted() == set()
    put(repo, {"a.py": "edited", "sub/ü.py": "", "new.py": "", ".gitignore": "*.log\n", "sub/x.log": "", "sub/y.py": ""})
    git(repo, "add", "sub/ü.py")
    git(repo, "add", "-N", "new.py")
    (repo / "run").unlink()
    assert Git.open(repo).uncommitted() == {"a.py", "sub/ü.py", "run", "new.py"}
    assert Git.open(repo / "sub").uncommitted() == {"ü.py"}
    assert Git.open(repo).untracked("sub") == (["sub/y.py"], ["sub/x.log"])
    assert Git.open(repo / "sub").untracked(".") == (["y.py"], ["x.log"])
    assert Git.open(repo).untracked("s*") == ([], [])


def test_grep(repo: Path) -> None:
    put(repo, {"bin": b"\0needle", "sub/n dle": "a.needle-x\n", "untracked": "needle", "-x": "[n]eedle"})
    git(repo, "add", "bin", "sub/n dle", "./-x")
    git(repo, "config", "grep.fullName", "true")
    git(repo, "config", "grep.patternType", "perl")
    assert sorted(Git.open(repo).grep([b"needle"])) == ["bin", "sub/n dle"]
    assert Git.open(repo / "sub").grep([b"needle", b"other"]) == ["n dle"]
    assert Git.open(repo).grep([b"nowhere"]) == []
    assert Git.open(repo).grep([]) == []


# ---- blobs

@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
def test_blobs(tmp_path: Path, options: tuple[str, ...]) -> None:
    repo = make_repo(tmp_path / "repo", {".gitattributes": "* text eol=lf\n"}, *options)
    found = Git.open(repo)
    blobs = {found.oid_of(data): data for data in (b"", b"a\r\n", b"\0\n\n", b"x" * 100_000)}
    found.store(blobs)
    found.store({})
    assert found.read([*blobs, *blobs]) == blobs
    assert found.read([]) == {}
    found.keep("refs/x/y", blobs)
    git(repo, "gc", "-q", "--prune=now")
    assert found.read(blobs) == blobs
    found.keep("refs/x/y", [])
    found.keep("refs/x/y", [])
    git(repo, "gc", "-q", "--prune=now")
    missing = found.oid_of(b"a\r\n")
    with pytest.raises(GitError, match=f"{missing} is missing"):
        found.read([missing])


def test_the_index(repo: Path) -> None:
    found = Git.open(repo / "sub")
    entry = found.listing()["b.py"]
    found.update_index({})
    found.update_index({"b.py": None, "b.py/c": entry, "ü\n": entry})
    assert found.listing() == {"b.py/c": entry, "ü\n": entry}
    assert "a.py" in Git.open(repo).listing()


# ---- merging

@pytest.mark.parametrize(("mine", "base", "theirs", "merged"), [
    ("a\n", "a\n", "b\n", "b\n"), ("b\n", "a\n", "a\n", "b\n"), ("b\n", "a\n", "b\n", "b\n"),
    ("from new.b import f, g\n", "from new.b import f\n", "from old.b import f\n", "from old.b import f, g\n"),
    ("x = 2  # mine\n", "x = 1\n", "y = 1\n", "y = 2  # mine\n"), ("a\\n\r\nb\\", "a\r\nb\\", "a\r\nc\\", "a\\n\r\nc\\"),
    ("", "a\n", "a\n", ""), ("\0x", "\0", "\0", "\0x"), ("<<<<<<< a\n1", "<<<<<<< a\n", "<<<<<<< b\n", "<<<<<<< b\n1"),
])
def test_merges(repo: Path, mine: str, base: str, theirs: str, merged: str) -> None:
    assert Git.open(repo).merge_words(mine.encode(), base.encode(), theirs.encode()) == (merged.encode(), [])


@pytest.mark.parametrize(("mine", "base", "theirs", "lines"), [
    ("a\nmine\nb\n", "a\nbase\nb\n", "a\ntheirs\nb\n", [2]),
    ("new\na\nmine\nb\n", "a\nbase\nb\n", "a\ntheirs\nb\n", [3]),
    ("a\nmine\nb\n", "a\nbase\nb\n", "1\n2\n3\na\ntheirs\nb\n", [2]),
    ("m\n" + "x\n" * 9 + "m\n", "a\n" + "x\n" * 9 + "a\n", "t\n" + "x\n" * 9 + "t\n", [1, 11]),
    ("\0a", "\0b", "\0c", [1]), ("", "a", "b", []),  # what is deleted stays deleted
])
def test_conflicts_are_found_in_mine(repo: Path, mine: str, base: str, theirs: str, lines: list[int]) -> None:
    assert Git.open(repo).merge_words(mine.encode(), base.encode(), theirs.encode())[1] == lines


def test_merging_is_without_loss(repo: Path) -> None:
    """An edit that is merged onto another text and back is there again, whatever the text."""
    found, chance = Git.open(repo), random.Random(3)
    for _ in range(20):
        base = bytes(chance.choice(b"ab \\\n\r.<>=|\xc3\xbc_1") for _ in range(300))
        mine = base[:100] + b"MINE" + base[100:]
        theirs = base[:250] + b"THEIRS" + base[260:]
        merged, lines = found.merge_words(mine, base, theirs)
        assert lines == []
        assert found.merge_words(merged, theirs, base) == (mine, [])


def test_paths_with_strange_bytes(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r epo ", {os.fsdecode(b"d\xff \n/\xfe"): "x"})
    found = Git.open(repo / os.fsdecode(b"d\xff \n"))
    assert found.prefix == os.fsdecode(b"d\xff \n/")
    put(found.root, {os.fsdecode(b"\xfe"): "y"})
    assert found.uncommitted() == set(found.listing()) == {os.fsdecode(b"\xfe")}


def test_the_commit_that_is_checked_out(tmp_path: Path) -> None:
    """As git names it, wherever it is written down."""
    empty = make_repo(tmp_path / "empty", {})
    git(empty, "update-ref", "-d", "HEAD")
    assert Git(empty).heads() == ()
    repo = make_repo(tmp_path / "repo", {"a": "x", "sub/b": "y"})
    first = git(repo, "rev-parse", "HEAD").strip()
    git(repo, "commit", "-q", "--allow-empty", "-m", "second")
    second = git(repo, "rev-parse", "HEAD").strip()
    assert Git(repo).heads() == Git(repo / "sub").heads() == (second,)
    git(repo, "worktree", "add", "-q", "-b", "feature/x", str(tmp_path / "linked"), first)
    assert Git(tmp_path / "linked").heads() == (first,)
    git(repo, "pack-refs", "--all")
    assert Git(repo).heads() == (second,) and Git(tmp_path / "linked").heads() == (first,)
    assert Git(repo)._head_in_file() == second, "no process for what a file says"
    git(repo, "checkout", "-q", "--detach", first)
    assert Git(repo).heads() == (first,)
    git(repo, "symbolic-ref", "refs/heads/other", "refs/heads/feature/x")
    git(repo, "symbolic-ref", "HEAD", "refs/heads/other")
    assert Git(repo).heads() == (first,)
