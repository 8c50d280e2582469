"""The values of the command line."""

from __future__ import annotations

import os
import posixpath
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migration.core.errors import UsageError
from migration.core.names import name_problem

KNOWN = (
    "product", "repo", "source", "target", "python", "settings", "django", "verify", "jobs", "file", "force", "check",
    "commit", "format",
)  # fmt: skip


COMMITS = ("no", "phases", "owners")


FORMATS = ("text", "quiet", "json")
_JOBS = re.compile("0*[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Options:
    """What the command line says (``NAME=VALUE``), and the environment's ``MIGRATION_REPO``.

    :param repo: the monolith; None stands for a copy of the bundled sample.
    :param inherited_settings: the environment's ``DJANGO_SETTINGS_MODULE``, which ``settings`` goes before.
    """

    product: str = "data_warehouse"
    repo: Path | None = None
    source: str = ""
    target: str = ""
    python: str = sys.executable
    settings: str = ""
    django: bool = True
    jobs: int = os.cpu_count() or 1
    file: str = ""
    format: str = "text"
    commit: str = "no"
    force: bool = False
    check: bool = False
    verify: bool = True
    inherited_settings: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str], environ: Mapping[str, str]) -> Options:
        """The options in ``values``.

        :raises UsageError: listing every value that can't be used.
        """
        problems = [f"{name}: unknown; known are {', '.join(KNOWN)}" for name in values if name not in KNOWN]
        product = values.get("product", cls.product)
        if not product.isidentifier() or name_problem(product):
            problems.append(f"product: {_shortened(product)} is no Python identifier, e.g. data_warehouse")
        for name in ("source", "target"):
            if values.get(name) and (reason := name_problem(values[name])):
                problems.append(f"{name}: {_shortened(values[name])} is no dotted module name: {reason}")
        for name in ("django", "verify"):
            if values.get(name, "auto") not in ("auto", "no"):
                problems.append(f"{name}: expected auto or no, got {values[name]!r}")
        for name, choices in (("format", FORMATS), ("commit", COMMITS)):
            if values.get(name, choices[0]) not in choices:
                problems.append(f"{name}: expected {', '.join(choices)}, got {values[name]!r}")
        jobs = values.get("jobs", str(cls.jobs))
        if not _JOBS.fullmatch(jobs):
            problems.append(f"jobs: expected a number from 1, got {_shortened(jobs)}")
        for name in ("force", "check"):
            if values.get(name, "0") not in ("0", "1"):
                problems.append(f"{name}: expected 1 or 0, got {values[name]!r}")
        if values.get("settings") and (reason := name_problem(values["settings"])):
            problems.append(f"settings: {_shortened(values['settings'])} is no dotted module name: {reason}")
        repo = values.get("repo") or environ.get("MIGRATION_REPO", "")
        home = os.path.expanduser(repo)
        if home.startswith("~"):
            problems.append(f"repo: {_shortened(repo)}: there is no such user")
        if problems:
            raise UsageError("the command line can't be used:", "doit [NAME=VALUE ...] [TASK ...]", problems)
        return cls(
            product,
            Path(home) if home else None,
            values.get("source", ""),
            values.get("target", ""),
            _interpreter(values.get("python") or sys.executable),
            values.get("settings", ""),
            values.get("django", "auto") == "auto",
            int(jobs),
            posixpath.normpath(values["file"]) if values.get("file") else "",
            values.get("format", cls.format),
            values.get("commit", cls.commit),
            values.get("force") == "1",
            values.get("check") == "1",
            values.get("verify", "auto") == "auto",
            environ.get("DJANGO_SETTINGS_MODULE", ""),
        )


def _shortened(value: str) -> str:
    """A value as people see it, however long it is."""
    return repr(value) if len(value) <= 200 else f"{value[:200]!r}… ({len(value):,} characters)"


def _interpreter(python: str) -> str:
    """An interpreter as it is found from anywhere: it is started in the repo, and in copies of it.

    A link stays one, since a virtual environment is found by it (https://docs.python.org/3/library/venv.html).

    :param python: a path from where doit was started, or a name to be looked for on the PATH.
    """
    return os.path.abspath(os.path.expanduser(python)) if os.sep in python else python
