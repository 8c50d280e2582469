"""The monolith's Django, asked in its own interpreter (a subprocess that runs ``probe/main.py``).

Booting a monolith takes seconds, so one call answers all questions of a phase. Whatever goes wrong
there comes back as a :class:`~migration.core.errors.DjangoError` in the monolith's own words, with the
file and line in the monolith, the likely cause and what to do about it.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from migration.core.errors import DjangoError, RefusedError
from migration.django import program
from migration.django.boot_errors import boot_error
from migration.django.registry import Checks, Registry, load

PROBE = Path(__file__).parent / "probe" / "main.py"
REFUSED = "refused.jsonl"  # written there by probe/outside_world
Question = Literal["registry", "check", "migrations", "verify"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that code of the monolith did not get to do in a trial of the migrations.

    :param how: ``refused``, or ``failed`` (what was done at once, where it usually is done later).
    :param what: what it was, as it follows that word.
    :param allow: the entry of the plan's ``trial.allow`` that lets it through; empty where none does.
    :param program: the same of ``trial.programs``.
    :param path: the source file that asked for it, relative to the repo (or of an installed package), with its line.
    """

    how: str
    what: str
    allow: str
    program: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.how} in the trial: {self.what}"

    @property
    def remedy(self) -> str:
        """What a person can do about it, or ``""``."""
        key, value = ("programs", self.program) if self.program else ("allow", self.allow)
        return f"if the trial may do it, say so in moves.yml: trial: {{{key}: [{json.dumps(value)}]}}" if value else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one boot answered.

    :param raw: the answer by question, as plain JSON values.
    :param seconds: how long the subprocess took.
    """

    raw: Mapping[str, Any]
    seconds: float

    @property
    def registry(self) -> Registry:
        """The registry, with the checks where they were asked for too.

        :raises DjangoError: if the answer doesn't have the expected shape.
        """
        try:
            registry = load(Registry, self.raw["registry"])
            checks = load(Checks, self.raw["check"]) if "check" in self.raw else None
            return replace(registry, checks=checks)
        except (KeyError, ValueError) as error:
            raise _unreadable(str(error)) from error


@dataclass(frozen=True)
class Django:
    """How to reach the monolith's Django.

    :param python: its interpreter.
    :param repo: the checkout, absolute.
    :param settings: dotted name of the settings module.
    :param roots: directories for ``sys.path``, relative to the repo.
    :param env: further environment variables.
    :param timeout: seconds that one boot with its answers may take.
    :param ours: where migrations of the move have ever been, relative to the repo: what stands on those that
        are taken back just now is left out with them.
    :param label: of the new app.
    """

    python: str
    repo: Path
    settings: str
    roots: tuple[str, ...] = (".",)
    env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 600
    ours: tuple[str, ...] = ()
    label: str = ""

    def ask(
        self,
        *questions: Question,
        migrations: Mapping[str, object] | None = None,
        verify: Mapping[str, object] | None = None,
        absent: str = "",
    ) -> Answer:
        """Boot once and answer the questions.

        :param absent: dotted name of a package that is not there yet: its entries in INSTALLED_APPS
            are left out.
        :param migrations: what the question ``migrations`` is about (see ``generate_migrations``).
        :param verify: what the question ``verify`` is about (see ``verify_migrations``).
        :raises DjangoError: if the interpreter can't be run, or the monolith fails or stays silent.
        """
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
            request, answer = Path(directory, "request.json"), Path(directory, "answer.json")
            asked = {
                "questions": questions, "migrations": migrations, "verify": verify, "absent": absent,
                "ours": self.ours, "label": self.label,
            }  # fmt: skip
            request.write_text(json.dumps(asked), encoding="utf-8")
            output = self._run(request, answer)
            refused = refusals(Path(str(verify["directory"]))) if verify else ()
            if not answer.exists():
                raise _with_refused(_silent(output), refused)
            try:
                raw = json.loads(answer.read_bytes())
            except ValueError as error:
                raise _unreadable(str(error)) from error
        if not isinstance(raw, dict):
            raise _unreadable(type(raw).__name__)
        if "error" in raw:
            raise _with_refused(boot_error(raw["error"], self.settings), refused)
        return Answer(raw, time.perf_counter() - start)

    def _run(self, request: Path, answer: Path) -> subprocess.CompletedProcess[str]:
        try:
            return program.run(
                [self.python, str(PROBE), str(request), str(answer)],
                cwd=self.repo,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=self.timeout,
            )
        except OSError as error:
            raise DjangoError(
                f"the interpreter {self.python} can't be run: {error.strerror}",
                "give the Python that runs the monolith: doit python=/path/to/venv/bin/python …",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise DjangoError(
                f"the monolith's Django did not answer within {self.timeout:g} seconds",
                f"run `{self.python} -m django check` with DJANGO_SETTINGS_MODULE={self.settings} and see "
                "what it waits for (often a database or a network service)",
            ) from error

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, **self.env}
        roots = [str(self.repo if root == "." else self.repo / root) for root in self.roots]
        inherited = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
        environment["PYTHONPATH"] = os.pathsep.join(roots + inherited)
        environment["DJANGO_SETTINGS_MODULE"] = self.settings
        environment["PYTHONDONTWRITEBYTECODE"] = "1"  # no traces in the user's tree
        return environment


def refusals(directory: Path) -> tuple[Refusal, ...]:
    """What a trial that works in ``directory`` has refused so far, also one that died; each once."""
    log = directory / REFUSED
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return tuple(dict.fromkeys(Refusal(**json.loads(line)) for line in lines if line.endswith("}")))


def _with_refused(error: DjangoError, refused: tuple[Refusal, ...]) -> DjangoError:
    """The same error, which says what was refused before it: that may be its cause."""
    if not refused:
        return error
    details = [*error.details, *map(str, refused)]
    cause = next((one for one in refused if one.what in error.message), None)
    if cause is None:
        return DjangoError(error.message, error.remedy, details)
    remedies = [cause.remedy, "see to it that the code does without, as where the network is down"]
    return RefusedError(error.message, "; or ".join(filter(None, remedies)), details)


def _silent(output: subprocess.CompletedProcess[str]) -> DjangoError:
    code = output.returncode
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return DjangoError(
        f"the monolith's Python {how} before Django could answer",
        "read what it printed above; a killed process often means too little memory",
        (output.stderr or output.stdout).strip().splitlines()[-5:],
    )


def _unreadable(problem: str) -> DjangoError:
    return DjangoError(
        f"the answer of the monolith's Django can't be read: {problem}",
        "check that nothing in the monolith replaces the `json` module or ends the process early",
    )


def find_settings(repo: Path, files: Iterable[str]) -> str | None:
    """The settings module that the monolith's ``manage.py`` names, or None.

    :param files: tracked files, relative to the repo; the ``manage.py`` nearest to the top counts.
    """
    scripts = [path for path in files if path == "manage.py" or path.endswith("/manage.py")]
    for script in sorted(scripts, key=lambda path: (path.count("/"), path)):
        try:
            tree = ast.parse(Path(repo, script).read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue
        found = sorted(_settings_named(tree))
        if found:
            return found[0][1]
    return None


def _settings_named(tree: ast.AST) -> Iterable[tuple[int, str]]:
    """Values given to DJANGO_SETTINGS_MODULE, the ``setdefault`` (which people may override) first."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        value: ast.expr | None = None
        rank = 1
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
            if node.func.attr == "setdefault":
                (key, value), rank = node.args, 0
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            key, value = node.targets[0].slice, node.value
        if not isinstance(key, ast.Constant) or key.value != "DJANGO_SETTINGS_MODULE":
            continue
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield rank, value.value
