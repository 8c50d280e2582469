"""Whose time the Django phases take on the bundled sample: that of the monolith's Django, or ours.

Django is started by a small program in the place of the interpreter, which notes when each process began
and how long it ran; so boots are counted from outside of the tool.
"""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from migration.cli.sample_repo import make_sample
from tests.bench.measure import Step, run

PRODUCT = "data_warehouse"
# In the order in which they run; what lies between two of them is done, but not looked at.
DJANGO_PHASES = ("scan_moves", "validate_django", "generate_migrations")

_INTERPRETER = """#!{python}
import json, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call([{python!r}, *sys.argv[1:]])
with open({log!r}, "a") as log:
    log.write(json.dumps({{"command": sys.argv[1:], "seconds": time.perf_counter() - start}}) + "\\n")
sys.exit(code)
"""


@dataclass(frozen=True)
class Share:
    """What one phase took.

    :param seconds: of the whole phase, without the start of the command.
    :param django: of them in the processes of the monolith's interpreter.
    :param boots: how many such processes there were.
    """

    phase: str
    seconds: float
    django: float
    boots: int

    @property
    def own(self) -> float:
        """Seconds of our own work."""
        return max(0.0, self.seconds - self.django)


def interpreter(place: Path) -> Path:
    """A program that stands for this interpreter and keeps a log of its starts at :func:`log_of`."""
    place.mkdir(parents=True, exist_ok=True)
    program = place / "python"
    program.write_text(_INTERPRETER.format(python=sys.executable, log=str(log_of(program))))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    log_of(program).write_text("")
    return program


def log_of(program: Path) -> Path:
    """Where :func:`interpreter` writes a line for each process that has ended."""
    return program.with_name("starts.log")


def measure(home: Path, place: Path) -> list[Share]:
    """Move the sample's product phase by phase.

    :param home: where the tool's copy is, as :func:`tests.bench.peers.tool_home` made it.
    :param place: a directory for the sample's copy and the interpreter.
    """
    program, repo = interpreter(place / "bin"), place / "sample"
    make_sample(repo)
    command = [sys.executable, "-m", "doit", f"product={PRODUCT}", f"repo={repo}", f"python={program}"]
    shares = []
    for phase in DJANGO_PHASES:
        before = len(_starts(program))
        run([Step([*command, phase], home)])
        starts = _starts(program)[before:]
        tracker = yaml.safe_load((home / "moves" / PRODUCT / "phase_tracker.yml").read_text(encoding="utf-8"))
        seconds = next(float(one["seconds"]) for one in tracker["phases"] if one["id"] == phase)
        shares.append(Share(phase, seconds, sum(float(one["seconds"]) for one in starts), len(starts)))
    return shares


def _starts(program: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log_of(program).read_text().splitlines()]
