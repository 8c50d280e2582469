"""What git has found is not looked for again, and narrower questions get the same answer from it."""

from __future__ import annotations

from pathlib import Path

from migration.repo.git.git import Git
from migration.repo.git.search import Search
from tests.tools import make_repo

FILES = {"a.py": "stock\n", "b.md": "see shop/stock and money\n", "c.bin": b"\0money\xff", "d.py": "nothing\n"}


def test_as_git_has_it(tmp_path: Path) -> None:
    git = Git(make_repo(tmp_path / "repo", FILES))
    search = Search(git)
    for needles in ((b"stock", b"money"), (b"stock",), (b"money",), (), (b"nothing", b"stock"), (b"stock",)):
        assert search(needles) == Search(git)(needles) == git.grep(needles)


def test_git_is_asked_once(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", FILES)
    search = Search(Git(repo))
    assert search((b"stock", b"money")) == ["a.py", "b.md", "c.bin"]
    (repo / "d.py").write_text("stock\n")  # later than what is asked about
    (repo / "a.py").unlink()
    assert search((b"money", b"stock")) == ["a.py", "b.md", "c.bin"]
    assert search((b"stock",)) == ["b.md"]
    assert search((b"nothing", b"stock")) == ["b.md", "d.py"]
