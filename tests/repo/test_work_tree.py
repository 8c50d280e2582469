"""Bringing disk and index to a state: what is not ours stays, and it may be stopped anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.git.git import Git
from migration.repo.ledger import Done, Ledger, Origin, Written
from migration.repo.work_tree import Checkout
from tests.tools import Link, Script, git, make_repo, put, snapshot, texts

FILES = {"old/a.py": "a = 1\n", "old/b.py": Script("b\n"), "old/c": Link("a.py"), "keep.py": "k\n"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(Git.open(make_repo(tmp_path / "repo", FILES)))


@pytest.fixture
def ledger(checkout: Checkout) -> Ledger:
    """old/ moves to new/, a.py is rewritten there, new/__init__.py is created."""
    blobs = {checkout.git.oid_of(data): data for data in (b"a = 2\n", b"")}
    checkout.git.store(blobs)
    rewritten, empty = blobs
    origins = {path: Origin(entry.oid, entry.mode, entry.oid) for path, entry in checkout.listing.items() if path != "keep.py"}
    phases = {
        "prepare_structure": Done(writes={"new/__init__.py": Written(empty, empty, "100644")}),
        "move_files": Done({path: path.replace("old", "new") for path in origins}),
        "update_imports": Done(writes={"new/a.py": Written(rewritten, rewritten)}),
    }
    return Ledger(origins, phases).remembering()


@pytest.mark.parametrize("path, found", [
    ("none", None), ("old", None), ("keep.py/x", None), ("keep.py", (b"k\n", "100644")), ("old/b.py", (b"b\n", "100755")), ("old/c", (b"a.py", "120000")),
])
def test_what_is_on_disk(checkout: Checkout, path: str, found: tuple[bytes, str] | None) -> None:
    assert checkout.read(path) == found
    assert checkout.on_disk(path) == (found and (checkout.git.oid_of(found[0]), found[1]))


@pytest.mark.parametrize("path", ["new/a.py", "new/__init__.py", "old/b.py"])
def test_a_file_that_is_not_ours_stops_everything(checkout: Checkout, ledger: Ledger, path: str) -> None:
    target = None if path.startswith("new") else "prepare_structure"
    put(checkout.git.root, {path: "mine\n"})
    before = snapshot(checkout.git.root)
    with pytest.raises(GitError, match="nothing was changed") as caught:
        checkout.realise(ledger, ledger.states(target))
    assert caught.value.details == (path,)
    assert snapshot(checkout.git.root) == before
    checkout.realise(ledger, ledger.states(target), replaceable=[path])
    assert texts(checkout.git.root)[path] != "mine\n"


def test_nothing_to_do_changes_nothing(checkout: Checkout, ledger: Ledger) -> None:
    before = snapshot(checkout.git.root)
    checkout.realise(ledger, ledger.states("prepare_structure"))
    assert snapshot(checkout.git.root) == before


def test_there_and_back_with_somebody_elses_file(checkout: Checkout, ledger: Ledger) -> None:
    root = checkout.git.root
    before = snapshot(root)
    times = (root / "old/b.py").stat().st_mtime_ns
    for _ in range(2):  # the second run changes nothing
        checkout.realise(ledger, ledger.states(None))
        assert texts(root) == {"keep.py": "k\n", "new/a.py": "a = 2\n", "new/b.py": "b\n", "new/__init__.py": ""}
        assert git(root, "status", "--porcelain").splitlines() == [
            "A  new/__init__.py", "RM old/a.py -> new/a.py", "R  old/b.py -> new/b.py", "R  old/c -> new/c",
        ]
        assert not (root / "old").exists() and (root / "new/b.py").stat().st_mtime_ns == times
    put(root, {"old/a.py": "mine\n"})  # at a place that is free again
    checkout.realise(ledger, ledger.states(None))
    assert texts(root)["old/a.py"] == "mine\n"
    (root / "old/a.py").unlink()
    checkout.realise(ledger, ledger.states("prepare_structure"))
    assert snapshot(root) == before


def test_it_goes_on_where_it_was_stopped(checkout: Checkout, ledger: Ledger) -> None:
    root = checkout.git.root
    (root / "new").mkdir()
    (root / "old/b.py").rename(root / "new/b.py")  # as if it had died behind the first rename
    checkout.realise(ledger, ledger.states(None))
    assert git(root, "status", "--porcelain").count("R") == 3


def test_a_file_where_a_directory_has_to_be(checkout: Checkout, ledger: Ledger) -> None:
    put(checkout.git.root, {"new": "a file\n"})
    before = snapshot(checkout.git.root)
    with pytest.raises(GitError, match=r"^new/a.py: new is a file"):
        checkout.realise(ledger, ledger.states(None))
    assert snapshot(checkout.git.root) == before
    (checkout.git.root / "new").unlink()
    checkout.realise(ledger, ledger.states(None))
    assert "new/b.py" in texts(checkout.git.root)
