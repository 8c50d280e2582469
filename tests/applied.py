"""A small repo, what each phase does to it, and the phases run one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from migration.core.changes import ChangeSet, Write
from tests.tools import Content, creates, renames, workspace, writes

FILES: dict[str, Content] = {
    "old/a.py": "from old.b import f\n\n\ndef a():\n    return f()\n",
    "old/b.py": "def f():\n    return 1\n",
    "old/__init__.py": "",
    "old/data.bin": b"\x00\x01\r\n\xff",
    "settings.py": "APPS = ['old']\n",
    "use.py": "from old.a import a\n\nprint(a())\n",
}
MOVE = renames("old/a.py > new/a.py", "old/b.py > new/b.py", "old/__init__.py > new/__init__.py",
               "old/data.bin > new/data.bin")
STRUCTURE = ChangeSet(writes=(Write("new/apps.py", b"class Shop:\n    name = 'new'\n", create=True),
                              Write("settings.py", b"APPS = ['old', 'new']\n")))
IMPORTS = writes(new__a_py="from new.b import f\n\n\ndef a():\n    return f()\n",
                 use_py="from new.a import a\n\nprint(a())\n")
MODELS = writes(new__b_py="def f():\n    return 2\n")
MIGRATIONS = creates(new__migrations__0001_py="OPERATIONS = []\n")
ALL = {"prepare_structure": STRUCTURE, "move_files": MOVE, "update_imports": IMPORTS, "prepare_models": MODELS,
       "generate_migrations": MIGRATIONS}


def run(repo: Path, *some: str, **other: ChangeSet) -> None:
    """Run phases as the runner does, each in a process of its own; all of them where none is named."""
    run_phases(repo, some or tuple(ALL), **other)


def run_phases(repo: Path, phases: Iterable[str], **other: ChangeSet) -> None:
    for phase in phases:
        work = workspace(repo)
        work.absorb()
        work.apply(phase, other.get(phase, ALL[phase]))
        assert work.differing(phase) == []
        assert workspace(repo).listing == work.listing


def edit(repo: Path, path: str, old: str, new: str) -> None:
    text = (repo / path).read_text()
    assert old in text
    (repo / path).write_text(text.replace(old, new))
