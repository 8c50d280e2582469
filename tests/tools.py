"""Real git repositories for the tests, and snapshots of them that compare everything."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from migration.cli.options import Options
from migration.core.changes import ChangeSet, Rename, Write
from migration.django.registry import Registry
from migration.phases.context import Context
from migration.plan.plan import Plan
from migration.repo.apply import Workspace
from migration.repo.git.git import Git
from migration.repo.tree.project import Project

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


@dataclass(frozen=True)
class Link:
    """A symbolic link in a description of files."""

    to: str


@dataclass(frozen=True)
class Script:
    """An executable file in a description of files."""

    text: str


Content = str | bytes | Link | Script


def git(repo: Path, *args: str) -> str:
    """What a git command prints; it must succeed."""
    done = subprocess.run(["git", *args], cwd=repo, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode == 0, (args, done.stderr.decode())
    return os.fsdecode(done.stdout)


def put(repo: Path, files: Mapping[str, Content]) -> None:
    """Write files (paths relative to ``repo``)."""
    for path, content in files.items():
        full = repo / path
        full.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            full.symlink_to(content.to)
        elif isinstance(content, Script):
            full.write_text(content.text)
            full.chmod(0o755)
        else:
            full.write_bytes(content.encode() if isinstance(content, str) else content)


def make_repo(repo: Path, files: Mapping[str, Content], *options: str) -> Path:
    """A git repository with ``files`` in one commit; ``options`` are for ``git init``."""
    repo.mkdir(parents=True, exist_ok=True)
    git(repo, "init", "-q", "-b", "main", *options, ".")
    put(repo, files)
    commit(repo)
    return repo


def commit(repo: Path) -> None:
    """Commit everything that is there."""
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")


def workspace(repo: Path, product: str = "shop") -> Workspace:
    """What a new process would see."""
    return Workspace(Git.open(repo), product)


def disk(repo: Path) -> dict[str, tuple[str, bytes]]:
    """Every file and directory outside the git directory: permission bits and content."""
    found: dict[str, tuple[str, bytes]] = {}
    for directory, names, files in os.walk(repo):
        for name in (*names, *files):
            full = Path(directory, name)
            path = str(full.relative_to(repo))
            if path.split("/")[0] == ".git":
                continue
            mode = full.lstat().st_mode
            if stat.S_ISLNK(mode):
                found[path] = ("link", os.fsencode(os.readlink(full)))
            elif stat.S_ISDIR(mode):
                found[path] = ("directory", b"")
            else:
                found[path] = (oct(stat.S_IMODE(mode)), full.read_bytes())
    return found


def snapshot(repo: Path) -> dict[str, object]:
    """The whole tree, the index, and what git says of both."""
    return {
        "disk": disk(repo),
        "index": git(repo, "ls-files", "-s"),
        "status": git(repo, "status", "--porcelain", "--ignored"),
    }


def texts(repo: Path) -> dict[str, str]:
    """The content of every plain file."""
    return {path: data.decode(errors="replace") for path, (mode, data) in disk(repo).items() if mode.startswith("0o")}


def contents(repo: Path) -> dict[str, bytes]:
    """The content of every file and link."""
    return {path: data for path, (mode, data) in disk(repo).items() if mode != "directory"}


def renames(*pairs: str) -> ChangeSet:
    """A change set of renames, each written ``old > new``."""
    return ChangeSet(renames=tuple(Rename(*pair.split(" > ")) for pair in pairs))


def writes(**files: str) -> ChangeSet:
    """A change set of rewrites; ``__`` in a name stands for ``/`` and ``_py`` at its end for ``.py``."""
    return ChangeSet(writes=tuple(Write(_path(name), text.encode()) for name, text in files.items()))


def creates(**files: str) -> ChangeSet:
    """The same for files that are created."""
    return ChangeSet(writes=tuple(Write(_path(name), text.encode(), create=True) for name, text in files.items()))


def _path(name: str) -> str:
    return name.replace("__", "/").removesuffix("_py") + (".py" if name.endswith("_py") else "")


def context(plan: Plan, project: Project, registry: Registry | None = None) -> Context:
    """What a phase is given that needs no checkout."""
    return Context(project, plan, registry, Options(product=plan.product), cast(Workspace, None), Path())
