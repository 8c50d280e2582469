"""Third-party code bases for the real tests: fetched by name and version, never part of this repository.

Everything lives in a cache outside the checkout (``PHASED_MIGRATION_CACHE``, by default
``~/.cache/phased-migration``): per release the unpacked source distribution as a git repository, one
virtual environment with what it needs (but not the release itself, which is imported from the copy
under test), and the results of test runs before a move.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

IDENTITY = {"user.name": "Real Tests", "user.email": "real-tests@example.com"}
GIT_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z",
}
IGNORED = ("__pycache__/", "*.py[co]")
RAN = re.compile(r"^Ran (\d+) tests? in .*\n+(OK|FAILED)(?: \((.*)\))?$", re.MULTILINE)
REQUIREMENT_NAME = re.compile(r"[A-Za-z0-9._-]+")


class CommandFailed(Exception):
    """A command of a real test ended with another code than it should."""


def cache() -> Path:
    """The directory for everything that is downloaded or measured."""
    place = os.environ.get("PHASED_MIGRATION_CACHE") or "~/.cache/phased-migration"
    return Path(place).expanduser().resolve()


def run(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command and give back what it printed, on stdout and stderr.

    :raises CommandFailed: if its exit code is not 0; holds the command and the end of its output.
    """
    code, output = attempt(command, cwd, env)
    if code:
        raise CommandFailed(f"exit code {code} in {cwd}: {' '.join(map(str, command))}\n{output[-8000:]}")
    return output


def attempt(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command; its exit code and what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def git(repo: Path, *arguments: str) -> str:
    """Run git in a repository, undisturbed by the configuration of whoever runs the tests."""
    return run(["git", "-c", "core.quotePath=false", *arguments], repo, GIT_ENV)


@dataclass(frozen=True)
class Counts:
    """The result of a test run.

    :param ran: how many tests ran.
    :param verdict: ``OK`` or ``FAILED``.
    :param details: the rest of the line, e.g. ``skipped=1, expected failures=1``.
    """

    ran: int
    verdict: str
    details: str = ""


def parse_counts(output: str) -> Counts:
    """Read the counts from what a Django test run printed.

    :raises CommandFailed: if the run never came to its summary.
    """
    found = RAN.findall(output)
    if not found:
        raise CommandFailed(f"the test run has no summary:\n{output[-8000:]}")
    ran, verdict, details = found[-1]
    return Counts(int(ran), verdict, details)


@dataclass(frozen=True)
class Codebase:
    """A release of a Django project.

    :param test_extra: the extra with what its tests need.
    :param test_requirements: which requirements of that extra (the others are linters).
    :param settings: its settings module.
    :param env: what its settings want in the environment.
    :param leave_out: built files of the source distribution that its repository does not have.
    :param ignored: further lines for ``.gitignore``: what its tests write.
    :param also: further requirements: drivers of databases, and bounds that the release leaves out.
    """

    name: str
    version: str
    test_extra: str
    test_requirements: frozenset[str]
    settings: str
    env: tuple[tuple[str, str], ...] = ()
    leave_out: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """Its part of the cache, one for each minor version of Python."""
        return cache() / f"{self.name}-{self.version}-py{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def python(self) -> Path:
        """The interpreter of its virtual environment; exists once it was used."""
        self._environment  # noqa: B018 - builds it
        return self._venv_python

    def fresh_copy(self, place: Path) -> Path:
        """A repository of its own at ``place``, clean, with one commit."""
        git(self._checkout.parent, "clone", "--quiet", "--no-hardlinks", str(self._checkout), str(place))
        git(place, "remote", "remove", "origin")
        _set_identity(place)
        return place

    def django(self, repo: Path, *arguments: str) -> str:
        """Run ``python -m django`` in a copy.

        :raises CommandFailed: if it fails.
        """
        return run(self._django(arguments), repo, self.environment(repo))

    def environment(self, repo: Path) -> dict[str, str]:
        """What the environment needs for a copy to be the one that is imported."""
        return {**dict(self.env), "PYTHONPATH": str(repo), "PYTHONWARNINGS": "ignore"}

    def test(self, repo: Path, labels: Sequence[str]) -> tuple[Counts, str]:
        """Run the tests with these labels on a fresh database; the counts and all that was printed."""
        command = self._django(("test", "--parallel", "2", *labels))
        _, output = attempt(command, repo, self.environment(repo))
        return parse_counts(output), output

    def baseline(self, labels: Sequence[str]) -> Counts:
        """What the tests with these labels give before any move: measured once, then from the cache.

        :raises CommandFailed: if they fail even then.
        """
        facts = json.dumps([self._environment, sys.version, *labels])
        file = self.home / "baselines" / f"{hashlib.sha256(facts.encode()).hexdigest()[:16]}.json"
        if not file.exists():
            with tempfile.TemporaryDirectory() as aside:
                counts, output = self.test(self.fresh_copy(Path(aside) / "copy"), labels)
            if counts.verdict != "OK":
                raise CommandFailed(f"{self.name} {self.version} fails before any move:\n{output[-8000:]}")
            file.parent.mkdir(exist_ok=True)
            _write_whole(file, json.dumps(asdict(counts)))
        return Counts(**json.loads(file.read_text()))

    def _django(self, arguments: Sequence[str]) -> list[str | Path]:
        return [self.python, "-m", "django", *arguments, "--settings", self.settings]

    @property
    def _venv_python(self) -> Path:
        return self.home / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"

    @cached_property
    def _checkout(self) -> Path:
        """The unpacked source distribution, committed. Built aside, then renamed: whole or not there."""
        checkout = self.home / "checkout"
        if not checkout.exists():
            self._make_venv()
            with tempfile.TemporaryDirectory(dir=self.home) as aside:
                unpacked = self._unpack(Path(aside))
                commit_all(unpacked, f"{self.name} {self.version}", (*IGNORED, *self.ignored))
                unpacked.rename(checkout)
        return checkout

    def _unpack(self, aside: Path) -> Path:
        pinned = f"{self.name}=={self.version}"
        self._pip("download", "--no-deps", "--no-binary", ":all:", "--dest", str(aside), pinned)
        (archive,) = aside.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(aside / "unpacked", filter="data")
        (root,) = (aside / "unpacked").iterdir()
        for name in self.leave_out:
            path = root / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return root

    @cached_property
    def _environment(self) -> list[str]:
        """What is installed in the virtual environment, name and version; builds it where it isn't ready."""
        suffix = f"-{hashlib.sha256(json.dumps(self.also).encode()).hexdigest()[:8]}" if self.also else ""
        ready = self.home / f"requirements{suffix}.txt"
        if not ready.exists():
            project = tomllib.loads((self._checkout / "pyproject.toml").read_text())["project"]
            extra = project["optional-dependencies"][self.test_extra]
            wanted = [item for item in extra if _requirement_name(item) in self.test_requirements]
            self._make_venv()
            self._pip("install", *project["dependencies"], *wanted, *self.also)
            _write_whole(ready, run([self._venv_python, "-m", "pip", "freeze"], self.home))
        return ready.read_text().splitlines()

    def _make_venv(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / "venv" / "pyvenv.cfg").exists():
            run([sys.executable, "-m", "venv", self.home / "venv"], self.home)

    def _pip(self, *arguments: str) -> None:
        run([self._venv_python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], self.home)


def _requirement_name(requirement: str) -> str:
    found = REQUIREMENT_NAME.match(requirement)
    return found[0].lower() if found else ""


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_text(text)
    partial.replace(path)


def _set_identity(repo: Path) -> None:
    for key, value in IDENTITY.items():
        git(repo, "config", key, value)


def commit_all(repo: Path, message: str, ignored: Sequence[str]) -> None:
    (repo / ".gitignore").write_text("\n".join(ignored) + "\n")
    git(repo, "init", "--quiet", "--initial-branch", "main")
    _set_identity(repo)
    git(repo, "config", "core.autocrlf", "false")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", message)
