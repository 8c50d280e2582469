"""A repo, a home of the tool and the tool itself, run in a process that is forked from a warm one."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from migration.repo import ledger_file
from tests.faults.events import Fault, Point, Watch, read_log
from tests.faults.monolith import FILES, PRODUCT, SOURCE
from tests.tools import disk, git, make_repo

CHECKOUT = Path(__file__).parents[2]
_TIMEOUT = 120
_OURS = f"refs/phased-migration/main/top/{PRODUCT}"
_VARYING = ("timestamp", "seconds", "pid")
# The same commits have the same ids.
_AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"), ("DATE", "2020-01-01T00:00:00Z"))}


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code (negative: the signal), what it printed, the points it passed."""

    code: int
    out: str
    err: str
    points: tuple[Point, ...]


class World:
    """A directory that holds the repo, the home and a place for temporary files.

    :param python: the interpreter that runs the monolith.
    """

    def __init__(self, place: Path, python: str) -> None:
        self.place = place
        self.python = python
        self.repo, self.home, self.temporary = place / "mono", place / "home", place / "tmp"

    def create(self) -> None:
        """The monolith before the move, and a home in which nothing has run."""
        make_repo(self.repo, FILES, "--template=")
        self.home.mkdir()
        for name in ("dodo.py", "pyproject.toml"):
            shutil.copy(CHECKOUT / name, self.home)
        (self.home / "migration").symlink_to(CHECKOUT / "migration")
        self.temporary.mkdir()

    def save(self, where: Path) -> None:
        """Keep a copy of everything."""
        shutil.copytree(self.place, where, symlinks=True)

    def restore(self, where: Path) -> None:
        """Be as the copy is: at the same path, since doit's state holds paths."""
        if self.place.exists():
            shutil.rmtree(self.place)
        shutil.copytree(where, self.place, symlinks=True)

    def run(
        self, *arguments: str, fault: Fault | None = None, env: Mapping[str, str] | None = None, code: int | None = None
    ) -> Ended:
        """Run the tool.

        :param code: the exit code it must end with, if any.
        """
        log, out, err = (self.place / name for name in ("events", "out", "err"))
        for path in (log, out, err):
            path.unlink(missing_ok=True)
        words = [f"product={PRODUCT}", f"repo={self.repo}", f"source={SOURCE}", f"python={self.python}", *arguments]
        child = os.fork()
        if not child:
            os._exit(_child(self, words, Watch(log, fault), out, err, env or {}))
        status = _wait(child)
        ended = Ended(status, out.read_text(), err.read_text(), tuple(read_log(log)) if log.exists() else ())
        if code is not None and ended.code != code:
            raise AssertionError(f"exit code {ended.code}\n{ended.out}\n{ended.err}")
        return ended

    def snapshot(self) -> dict[str, object]:
        """All that has to be the same after an undisturbed run and after a disturbed one."""
        state = self.home / "moves" / PRODUCT
        plan, tracker = state / "moves.yml", state / "phase_tracker.yml"
        directory = self.repo / ".git"
        return {
            "tree": disk(self.repo),
            "index": git(self.repo, "ls-files", "-s"),
            "status": git(self.repo, "status", "--porcelain", "--ignored"),
            "moves.yml": plan.read_bytes() if plan.exists() else None,
            "tracker": self._without_root(comparable(tracker)),
            "refs": [line for line in git(self.repo, "for-each-ref").splitlines() if not line.endswith(_OURS)],
            "blobs not kept": self._unkept(directory),
            "home": sorted(str(path.relative_to(self.home)) for path in (self.home / "moves").rglob("*")),
            "git directory": sorted(
                name for path in directory.rglob("*")
                if not (name := str(path.relative_to(directory))).startswith("objects/")
            ),
        }

    def boundary(self) -> tuple[object, ...]:
        """The tree and the index, to be compared with how each phase has left them."""
        return disk(self.repo), git(self.repo, "ls-files", "-s")

    def litter(self) -> list[str]:
        """What no run may leave: temporary files in the repo, the state or the git directory."""
        found = []
        for top in (self.repo, self.home / "moves"):
            for path in top.rglob("*"):
                name = path.name
                if "phased-migration-tmp" in name or name.endswith((".lock", "-journal")) or name.startswith("tmp_obj"):
                    found.append(str(path.relative_to(self.place)))
        return sorted(found)

    def _unkept(self, directory: Path) -> list[str]:
        """What gc could take away although the ledger needs it; more may be kept than that."""
        needed = ledger_file.load(directory / "phased-migration" / PRODUCT / "ledger.json").blobs
        found = git(self.repo, "for-each-ref", "--format=%(refname)", _OURS).split()
        kept = {line.split()[2] for ref in found for line in git(self.repo, "ls-tree", ref).splitlines()}
        return sorted(needed - kept)

    def _without_root(self, value: Any) -> Any:
        return yaml.safe_load(yaml.safe_dump(value).replace(str(self.place), "/"))


def comparable(tracker: Path) -> Any:
    """The tracker without what differs from run to run."""
    if not tracker.exists():
        return None
    content = yaml.safe_load(tracker.read_bytes())
    for entry in (content, *content["phases"]):
        for key in _VARYING:
            entry.pop(key, None)
    return content


def differences(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    """What differs between two snapshots, in short."""
    found = []
    for key in one:
        if one[key] == two[key]:
            continue
        if isinstance(one[key], dict) and isinstance(two[key], dict):
            names = sorted(name for name in {*one[key], *two[key]} if one[key].get(name) != two[key].get(name))
            found += [f"{key}: {name}: {one[key].get(name)!r:.200} / {two[key].get(name)!r:.200}" for name in names]
        elif isinstance(one[key], list) and isinstance(two[key], list):
            found.append(f"{key}: {sorted(set(map(str, one[key])) ^ set(map(str, two[key])))}")
        else:
            found.append(f"{key}: {one[key]!r:.400} / {two[key]!r:.400}")
    return found


def _wait(child: int) -> int:
    deadline = time.monotonic() + _TIMEOUT
    pause = 0.005
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1000


def _child(
    world: World, arguments: Sequence[str], watch: Watch, out: Path, err: Path, env: Mapping[str, str]
) -> int:
    """What the forked process does: it becomes ``doit`` in the home, on a command line of its own."""
    os.setsid()
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(world.home)
    for name in [name for name in os.environ if name.startswith("GIT_") or name == "MIGRATION_REPO"]:
        del os.environ[name]
    os.environ.update({
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONDONTWRITEBYTECODE": "1", **_AUTHOR,
        "TMPDIR": str(world.temporary), **env,
    })
    import tempfile

    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    sys.argv[:] = ["doit", *arguments]
    sys.path.insert(0, str(world.home))
    from doit.doit_cmd import DoitMain

    watch.install()
    code = DoitMain().run(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code or 0)


def warm_up() -> None:
    """Import what a run imports, so that forked processes have it."""
    import sqlite3  # noqa: F401
    from concurrent.futures import process  # noqa: F401

    import doit.doit_cmd  # noqa: F401
    import git.cmd  # noqa: F401

    from migration.cli import (  # noqa: F401
        run_phase,
        up_to_date,
    )
    from migration.cli.commands import (  # noqa: F401
        residue,
    )
    from migration.core.phase import ORDER
    from migration.phases import (  # noqa: F401
        generate_migrations,
        move_files,
        prepare_models,
        prepare_structure,
        update_imports,
        validate_django,
    )

    for phase in ORDER:
        up_to_date.tool_digest(phase)
