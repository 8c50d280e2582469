"""A git that goes wrong at one call: a script of that name comes first on PATH."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

from tests.faults.world import Ended, World

_REAL = shutil.which("git") or "git"
_SCRIPT = f"""\
#!/bin/sh
# Counts the calls; the one that is meant goes wrong.
read number < "$FAULTS/number" || number=0
echo $((number + 1)) > "$FAULTS/number"
echo "$*" >> "$FAULTS/calls"
[ "$number" = "$FAULT_AT" ] || exec {_REAL} "$@"
case $FAULT_MODE in
  refuses) echo "fatal: Unable to do it" >&2; exit 128 ;;
  dies) kill -9 $$ ;;
  "fails afterwards") {_REAL} "$@"; echo "fatal: too late" >&2; exit 128 ;;
  "dies halfway") exec {sys.executable} -IS "$FAULTS/halfway.py" 0 {_REAL} "$@" ;;
  "all die halfway") exec {sys.executable} -IS "$FAULTS/halfway.py" 1 {_REAL} "$@" ;;
  "is late") kill -9 $PPID; sleep 0.3; exec {_REAL} "$@" ;;
  "all die with a ref locked")
    mkdir -p .git/refs/phased-migration/main/top; : > .git/refs/phased-migration/main/top/stock.lock; kill -9 0 ;;
  "finds a lock") : > "$(pwd)/.git/index.lock"; {_REAL} "$@"; code=$?; rm -f "$(pwd)/.git/index.lock"; exit $code ;;
esac
exit 1
"""
# git gets half of what it is told, works on it, and dies with its locks held.
_HALFWAY = """\
import os, signal, subprocess, sys, time
data = sys.stdin.buffer.read()
git = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
git.stdin.write(data[: len(data) // 2])
git.stdin.flush()
time.sleep(0.1)
git.kill()
git.wait()
if sys.argv[1] == "1":
    os.killpg(0, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""
_WRITING = ("update-index", "update-ref", "mktree", "hash-object", "add", "branch", "commit", "commit-tree", "read-tree", "switch")
DEADLY = ("is late", "all die halfway", "all die with a ref locked")


@dataclass(frozen=True)
class GitFault:
    """One call of git (by its number, from 0) goes wrong, in one of the ways of the script."""

    at: int
    mode: str


def modes(call: str) -> tuple[str, ...]:
    """The ways in which a command of git can go wrong."""
    found = ["refuses", "dies"]
    if call in _WRITING:
        found += ["fails afterwards", "is late"]
    if call in ("update-index", "hash-object", "mktree"):
        found += ["dies halfway", "all die halfway"]
    if call == "update-index":
        found += ["finds a lock"]
    if call == "update-ref":
        found += ["all die with a ref locked"]
    return tuple(found)


def calls(world: World, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The commands that a run asks of git."""
    run(world, GitFault(-1, ""), arguments)
    return tuple(_command(line) for line in (world.place / "git/calls").read_text().splitlines())


def run(world: World, fault: GitFault, arguments: tuple[str, ...]) -> Ended:
    """Run the tool with a git that goes wrong."""
    place = world.place / "git"
    place.mkdir(exist_ok=True)
    for name, text in (("git", _SCRIPT), ("halfway.py", _HALFWAY)):
        (place / name).write_text(text)
    (place / "git").chmod(0o755)
    (place / "number").write_text("0\n")
    (place / "calls").write_text("")
    env = {"PATH": f"{place}:{os.environ['PATH']}", "FAULTS": str(place), "FAULT_AT": str(fault.at),
           "FAULT_MODE": fault.mode}
    return world.run(*arguments, env=env)


def _command(line: str) -> str:
    words = iter(line.split(" "))
    return next(word for word in words if not word.startswith("-") and (word != "-c")
                and "=" not in word)
