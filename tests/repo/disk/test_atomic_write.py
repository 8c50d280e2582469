from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.disk.atomic_write import (
    remove_temporaries,
    temporary_for,
    write_all_atomically,
    write_atomically,
    write_or_leave,
)
from migration.repo.disk.directories import check_inside, missing, remove_empty
from tests.test_faults import watched
from tests.tools import Content, Link, Script, disk, put


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    put(tmp_path, {"real": Script("x"), "link": Link("real")})
    write_atomically(tmp_path / "link", b"y")
    assert disk(tmp_path) == {"real": ("0o755", b"x"), "link": ("0o644", b"y")}


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o444, 0o664])
def test_the_mode_is_kept(tmp_path: Path, mode: int) -> None:
    put(tmp_path, {"a": "x"})
    (tmp_path / "a").chmod(mode)
    write_atomically(tmp_path / "a", b"y")
    assert disk(tmp_path) == {"a": (oct(mode), b"y")}


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "a", b"y")
    assert disk(tmp_path) == {"a": ("directory", b"")}


def test_many_files_each_with_its_mode(tmp_path: Path) -> None:
    put(tmp_path, {"f3": Script("x"), "f4": Link("f3")})
    write_all_atomically([(tmp_path / f"f{number}", b"%d" % number, 0o600 if number == 7 else None) for number in range(150)])
    modes = {"f3": "0o755", "f7": "0o600"}
    assert disk(tmp_path) == {f"f{n}": (modes.get(f"f{n}", "0o644"), b"%d" % n) for n in range(150)}
    write_all_atomically([])


def test_of_files_that_are_written_together_none_is_there_before_all_can_be(tmp_path: Path) -> None:
    put(tmp_path, {"a": "x", "file": ""})
    with pytest.raises(OSError):
        write_all_atomically([(tmp_path / "a", b"y", None), (tmp_path / "new", b"", None), (tmp_path / "file/b", b"", None)])
    assert disk(tmp_path) == {"a": ("0o644", b"x"), "file": ("0o644", b"")}


@pytest.mark.parametrize("name", ["a", "ü" * 127, "x" * 255, os.fsdecode(b"\xff" * 255)])
def test_new_files_with_any_name(tmp_path: Path, name: str) -> None:
    put(tmp_path, {})
    (tmp_path / "d").mkdir()
    temporary_for(tmp_path / "d" / name).write_text("left by a death")
    write_atomically(tmp_path / "d" / name, b"y", 0o755)
    assert disk(tmp_path / "d") == {name: ("0o755", b"y")}


def test_directories_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a/b/c", b"")
    assert (tmp_path / "a/b/c").is_file()


@pytest.mark.parametrize("path", ["a", "new/a", "dir/a", "dir/new/a", "link"])
def test_inside(tmp_path: Path, path: str) -> None:
    put(tmp_path, {"dir/x": "", "link": Link("/tmp")})
    check_inside(tmp_path, path)


@pytest.mark.parametrize(("path", "word"), [
    ("link/a", "symbolic link"), ("dir/loop/a", "symbolic link"), ("dangling/a", "symbolic link"), ("file/a", "is a file"),
    ("module/a", "git repository"), ("dir/file/b/c", "is a file"),
])
def test_elsewhere(tmp_path: Path, path: str, word: str) -> None:
    put(tmp_path, {"dir/file": "", "file": "", "link": Link("dir"), "dir/loop": Link("."), "dangling": Link("x"), "module/.git": "gitdir: x"})
    with pytest.raises(GitError, match=word):
        check_inside(tmp_path, path)


@pytest.mark.parametrize("left", [
    {"a/b/x": ""}, {"a/b/c/x": ""}, {"a/b/.hidden": ""}, {"a/b/link": Link("x")}, {"a/b/__pycache__x/y": ""},
])
def test_directories_that_stay(tmp_path: Path, left: dict[str, Content]) -> None:
    put(tmp_path, {**left, "a/b/__pycache__/x.pyc": ""})
    before = disk(tmp_path)
    remove_empty(tmp_path, tmp_path / "a/b")
    assert disk(tmp_path) == before


def test_a_linked_directory_stays(tmp_path: Path) -> None:
    put(tmp_path, {"a/link": Link("../real")})
    (tmp_path / "real").mkdir()
    remove_empty(tmp_path, tmp_path / "a/link")
    assert (tmp_path / "real").is_dir()
    assert (tmp_path / "a/link").is_symlink()


@pytest.mark.parametrize("left", [
    {}, {"a/b/__pycache__/x.pyc": "", "a/.mypy_cache/3/x": ""}, {"a/b/x.pyc": ""}, {"a/b/.x.py.phased-migration-tmp": ""},
    {"a/__pycache__": Link("../../elsewhere")},
])
def test_directories_that_go(tmp_path: Path, left: dict[str, Content]) -> None:
    put(tmp_path / "elsewhere", {"x": ""})
    put(tmp_path / "repo", {**left, "stays": ""})
    (tmp_path / "repo/a/b").mkdir(parents=True, exist_ok=True)
    remove_empty(tmp_path / "repo", tmp_path / "repo/a/b/gone")
    assert set(disk(tmp_path)) == {"elsewhere", "elsewhere/x", "repo", "repo/stays"}


def test_what_is_missing(tmp_path: Path) -> None:
    put(tmp_path, {"a/b/x": "", "a/link": Link("nowhere"), "top": ""})
    paths = ["a/b/x", "a/b/y", "a/link", "a/new/z", "top", "top/below", "other"]
    assert missing(tmp_path, paths) == ["a/b/y", "a/new/z", "top/below", "other"]
    assert missing(tmp_path, []) == []


def test_a_directory_that_can_not_be_listed_is_asked_file_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(path)

    put(tmp_path, {"a/x": ""})
    monkeypatch.setattr(os, "listdir", refuse)
    assert missing(tmp_path, ["a/x", "a/y"]) == ["a/y"]


def test_only_temporary_files_of_these_paths_are_removed(tmp_path: Path) -> None:
    long = "x" * 255
    put(tmp_path, {"a/x": "", "a/y": "", ".top.phased-migration-tmp": "", "file": "", f"a/{long}": ""})
    for name in ("x", "y", long):
        temporary_for(tmp_path / "a" / name).write_text("half")
    remove_temporaries(tmp_path, ["a/x", "top", "gone/z", "file/z", f"a/{long}"])
    assert set(disk(tmp_path)) == {"a", "a/x", "a/y", "a/.y.phased-migration-tmp", "file", f"a/{long}"}


# ---- all or none


def test_all_of_them_are_written(tmp_path: Path) -> None:
    put(tmp_path, {"a": "1", "b/c": Script("2")})
    write_or_leave({tmp_path / "a": b"3", tmp_path / "b/c": b"4"})
    assert disk(tmp_path) == {"a": ("0o644", b"3"), "b": ("directory", b""), "b/c": ("0o755", b"4")}


@pytest.mark.parametrize("at", [0, 5, 15, 16, 17, 40])  # opened, chmod, put in place one after another, never
def test_where_the_file_system_refuses_none_is(tmp_path: Path, at: int) -> None:
    place = tmp_path / "place"
    put(place, {"a": "1", "b": "2", "c": "3"})
    before = disk(place)
    body = "from migration.repo.disk.atomic_write import write_or_leave; write_or_leave({place / 'place' / name: b'x' for name in 'abc'})"
    done = watched(tmp_path, body, f"Fault({at}, {errno.EIO})")
    assert disk(place) == (before if done.returncode else dict.fromkeys("abc", ("0o644", b"x"))), done.stderr
    assert done.returncode == (1 if at < 40 else 0), done.stderr
