"""The throw-away databases of a trial that was killed: how its Django is reached again, and they are dropped.

A trial writes down what it asks before it makes its first database. Whoever finds that, with the lock of the
checkout in hand, knows that the run is dead.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from migration.core.errors import DjangoError
from migration.django.process import Django

NOTE = "trial.json"  # beside what else the trial keeps


@dataclass(frozen=True, slots=True)
class Trial:
    """What reaches the Django of a trial.

    :param python: its interpreter.
    :param repo: a checkout or a copy of one, absolute.
    :param settings: dotted name of the settings module.
    :param roots: directories for ``sys.path``, relative to the repo.
    :param absent: dotted name of a package that its settings may list and that is not there.
    :param allow: the plan's ``trial.allow``: what its settings may connect to.
    :param programs: the plan's ``trial.programs``.
    """

    python: str
    repo: str
    settings: str
    roots: tuple[str, ...]
    absent: str = ""
    allow: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()

    def write(self, directory: Path) -> None:
        """Keep it in a directory, which is made where it is missing."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / NOTE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def forget(directory: Path) -> None:
        """Take back what was kept: nothing of the trial is left on any server."""
        (directory / NOTE).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it.

    :param dropped: names of databases.
    :param left: a line for each that may still be there, with the reason.
    """

    dropped: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def noted(directory: Path) -> Trial | None:
    """What a trial has kept in a directory; None where there is nothing that can be read."""
    try:
        found = json.loads((directory / NOTE).read_bytes())
        roots, allow, programs = (tuple(map(str, found[name])) for name in ("roots", "allow", "programs"))
        python, repo, settings, absent = (str(found[name]) for name in ("python", "repo", "settings", "absent"))
        return Trial(python, repo, settings, roots, absent, allow, programs)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def take_away(trial: Trial, directory: Path, checkout: str, repo: Path) -> Taken:
    """Drop what the trial has left on the servers of its settings.

    :param directory: an empty one, for what this boot keeps.
    :param checkout: what the names and the marks of the checkout's databases hold.
    :param repo: the checkout, for where the copy that the trial used is gone or does not start.
    """
    directory.mkdir(parents=True, exist_ok=True)
    run_of = {"token": "0" * 32, "product": "", "checkout": checkout, "host": os.uname().nodename}
    asked = {
        "step": "left", "prefix": f"test_phased_none_{checkout}_00000000", "run_of": run_of,
        "directory": str(directory), "allow": list(trial.allow), "programs": list(trial.programs),
    }  # fmt: skip
    places = [Path(trial.repo), *([repo] if Path(trial.repo) != repo else [])]
    why = ""
    for place in filter(Path.is_dir, places):
        try:
            django = Django(trial.python, place, trial.settings, trial.roots)
            answer = django.ask("verify", verify=asked, absent=trial.absent).raw["verify"]
        except DjangoError as error:
            why = why or error.message
            continue
        if answer["refused"]:
            return Taken(left=(str(answer["refused"]),))
        return Taken(tuple(answer.get("dropped", ())), tuple(answer.get("left", ())))
    return Taken(left=(why or f"{trial.repo} is not there any more",))
