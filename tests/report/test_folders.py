"""The tree of files, as folders in folders."""

from __future__ import annotations

from migration.report.folders import Folder, folder_of


def test_nothing() -> None:
    assert folder_of({}) == Folder("", (), (), 0)


def test_files_at_the_top() -> None:
    assert folder_of({"b": "new", "a": ""}).files == (("a", ""), ("b", "new"))


def test_folders_with_nothing_else_in_them_are_one() -> None:
    (found,) = folder_of({"a/b/c/x.py": "", "a/b/d/e/y.py": ""}).folders
    assert found.name == "a/b" and found.count == 2
    assert [(one.name, one.files) for one in found.folders] == [("c", (("x.py", ""),)), ("d/e", (("y.py", ""),))]


def test_a_folder_with_a_file_stands_alone() -> None:
    (found,) = folder_of({"a/x.py": "", "a/b/y.py": ""}).folders
    assert (found.name, found.files, found.count) == ("a", (("x.py", ""),), 2)
    assert [one.name for one in found.folders] == ["b"]
