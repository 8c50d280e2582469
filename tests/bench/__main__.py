"""``python -m tests.bench``: our tool against the ways that people know, in one run on one tree."""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench import django_share, peers
from tests.bench.check import problems
from tests.bench.django_share import Share
from tests.bench.generate import FULL, QUICK, Generated, cached
from tests.bench.measure import CommandFailed, Sample, run
from tests.bench.peers import Peer

_MEGA = 1_000_000
_FASTER_THAN_LIBCST = 80
_SLOWER_THAN_SED = 10
_PEAK = 200 * _MEGA
_OWN_SECONDS = 1.0


@dataclass
class Row:
    """What was measured for one peer; ``failure`` says why nothing was."""

    peer: Peer
    samples: list[Sample] = field(default_factory=list)
    failure: str = ""

    @property
    def median(self) -> float:
        """Seconds, of all runs that count."""
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def best(self) -> float:
        """Seconds of the fastest run."""
        return min(sample.seconds for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Seconds of work of all processors, of all runs that count."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def peak(self) -> int:
        """Bytes, the most of any run."""
        return max(sample.peak for sample in self.samples)


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 if our result is right and every target that was measured is met, else 1.

    The targets are those of the full tree: on a small one they are printed, and that is all.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tree of a tenth of the size, one run each")
    parser.add_argument(
        "--skip", default="", metavar="NAMES", help="leave out sed, libcst, rope, django (comma-separated)"
    )
    parser.add_argument(
        "--runs", type=int, default=7, help="runs of each (the slow ones run once); default 7"
    )
    parser.add_argument("--seed", type=int, default=0, help="another tree; default 0")
    options = parser.parse_args(arguments)
    cache = (
        Path(os.environ.get("PHASED_MIGRATION_CACHE") or "~/.cache/phased-migration").expanduser().resolve()
    )
    tree = cached(QUICK if options.quick else FULL, options.seed, cache)
    skipped = set(options.skip.split(","))
    for variable in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MIGRATION_REPO"):
        os.environ.pop(variable, None)  # as on the machine of somebody who has used the tool before
    with tempfile.TemporaryDirectory(prefix="phased-migration-bench-") as name:
        place = Path(name)
        ours = peers.ours(peers.tool_home(place / "home"))
        rows = [
            Row(ours),
            *(Row(one) for one in (peers.sed(), peers.libcst(), peers.rope()) if one.name not in skipped),
        ]
        wrong = measure(tree, rows, place, 1 if options.quick else max(1, options.runs))
        shares = [] if "django" in skipped or not with_django() else django_share.measure(place / "home", place)
    print_table(tree, rows)
    print_shares(shares)
    goals = [*targets({row.peer.name: row for row in rows if row.samples}), *django_targets(shares)]
    for met, goal in goals:
        print(f"{'met' if met else 'NOT MET':<8} {goal}")
    for problem in wrong:
        print(f"WRONG    {problem}")
    reached = options.quick or all(met for met, _ in goals)
    return 0 if reached and not wrong and not rows[0].failure else 1


def with_django() -> bool:
    """Whether this interpreter has a Django for the sample."""
    return importlib.util.find_spec("django") is not None


def measure(tree: Generated, rows: list[Row], place: Path, runs: int) -> list[str]:
    """Fill the rows; what is wrong with our result, if anything.

    The fast ones take turns, so that what else the machine does hits them alike. A run of its own
    looks at their memory; it does not count for the time.
    """
    wrong: list[str] = []
    peaks: dict[str, int] = {}
    for number in range(runs + 1):
        for row in rows:
            if row.failure or (row.peer.is_slow and number):
                continue
            if row.peer.missing:
                row.failure = row.peer.missing
                continue
            poll = 0.1 if row.peer.is_slow else 0.0 if number else 0.01
            repo = fresh_copy(tree, place / row.peer.name)
            print(f"{row.peer.name}, run {number + 1}", file=sys.stderr)
            try:
                sample = run(row.peer.steps(repo), poll)
            except CommandFailed as error:
                row.failure = str(error)
                continue
            if number or row.peer.is_slow:
                row.samples.append(replace(sample, peak=max(sample.peak, peaks.get(row.peer.name, 0))))
            peaks[row.peer.name] = sample.peak
            if row.peer.name == "ours" and not number:
                wrong = problems(tree, repo)
            shutil.rmtree(repo)
    return wrong


def fresh_copy(tree: Generated, place: Path) -> Path:
    """The repository as it was generated, and git's index as it is in a repository that is in use."""
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(tree.repo, place, symlinks=True)
    subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=place, check=True)
    return place


def print_table(tree: Generated, rows: list[Row]) -> None:
    """One line for each peer."""
    figures = tree.figures
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    print(
        f"{figures.files:,} files, {figures.size / _MEGA:.0f} MB; {figures.mentions} mention the package, "
        f"{figures.changes} change, {figures.moved} move\n"
        f"Python {platform.python_version()}, git {git}, {os.cpu_count()} cores, {platform.platform()}\n"
    )
    print(f"{'':<42} {'median s':>9} {'best s':>9} {'CPU s':>8} {'of ours':>8} {'peak MB':>8} {'runs':>5}")
    for row in rows:
        if not row.samples:
            print(f"{row.peer.label:<42} left out: {row.failure}")
            continue
        ratio = f"{row.median / rows[0].median:>8.2f}" if rows[0].samples else " " * 8
        print(
            f"{row.peer.label:<42} {row.median:>9.2f} {row.best:>9.2f} {row.cpu:>8.2f} {ratio} "
            f"{row.peak / _MEGA:>8.0f} {len(row.samples):>5}"
        )
    print()


def print_shares(shares: Sequence[Share]) -> None:
    """One line for each phase that starts Django, and their sum."""
    if not shares:
        print("the phases that start Django: left out\n")
        return
    print(f"{'the sample, phase by phase':<42} {'own s':>9} {'Django s':>9} {'boots':>8}")
    for share in shares:
        print(f"{share.phase:<42} {share.own:>9.2f} {share.django:>9.2f} {share.boots:>8}")
    own, django = sum(share.own for share in shares), sum(share.django for share in shares)
    print(f"{'together':<42} {own:>9.2f} {django:>9.2f} {sum(share.boots for share in shares):>8}\n")


def django_targets(shares: Sequence[Share]) -> list[tuple[bool, str]]:
    """Whether our own part of the phases that start Django is as small as it is to be."""
    if not shares:
        return []
    own, boots = sum(share.own for share in shares), max(share.boots for share in shares)
    return [
        (own < _OWN_SECONDS, f"own work beside Django's under {_OWN_SECONDS:.0f} s: {own:.2f} s"),
        (boots <= 1, f"at most one boot of Django in each phase: {boots}"),
    ]


def targets(rows: dict[str, Row]) -> list[tuple[bool, str]]:
    """What is to be reached, and whether it is; only for what was measured."""
    ours = rows.get("ours")
    if ours is None:
        return []
    goals = []
    if libcst := rows.get("libcst"):
        factor = libcst.median / ours.median
        said = f"{_FASTER_THAN_LIBCST} times faster than LibCST: {factor:.0f}"
        goals.append((factor >= _FASTER_THAN_LIBCST, said + _by_processors(libcst, ours)))
    if sed := rows.get("sed"):
        factor = ours.median / sed.median
        said = f"at most {_SLOWER_THAN_SED} times as long as sed: {factor:.1f}"
        goals.append((factor <= _SLOWER_THAN_SED, said + _by_processors(ours, sed)))
    peak = ours.peak
    goals.append((peak < _PEAK, f"peak memory under {_PEAK // _MEGA} MB: {peak / _MEGA:.0f} MB"))
    return goals


def _by_processors(more: Row, less: Row) -> str:
    """The ratio that counts, in words, beside the one by the clock: it says more of a machine that is shared."""
    return f" ({more.cpu / less.cpu:.0f} by the processors' seconds)" if less.cpu else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
