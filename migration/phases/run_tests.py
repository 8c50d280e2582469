"""run_tests: the repo's own tests after the move, by the command that its pyproject.toml names."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence

from migration.core.errors import PhaseError
from migration.core.phase import PhaseResult
from migration.django import program
from migration.phases.context import Context, Needs, always
from migration.repo.tree.tool_settings import settings_of

NEEDS = Needs("as it is", uppermost=False)
does_not_apply = always

# As unittest ("Ran 3 tests in 0.1s", "OK (skipped=1)") and pytest ("=== 3 passed, 1 skipped in 0.1s ===") say it.
_RAN = re.compile(r"Ran (\d+) tests? in ")
_OK = re.compile(r"OK(?: \((?P<more>[^)]*)\))?")
_PASSED = re.compile(r"=*[ ]?(?P<all>(?:\d+ \w+, )*\d+ passed(?:, \d+ \w+)*) in [\d.]+s.*")
_NAMES = {"skipped": "skipped", "xfailed": "expected failures", "expected failures": "expected failures"}
_LAST = 25  # lines of the output that an error shows


def run(context: Context) -> PhaseResult:
    """Run the command that ``[tool.phased-migration] test`` names, with the monolith's interpreter.

    :raises PhaseError: with the end of its output, if it fails.
    """
    command = settings_of(context.project.before).get("test")
    if not command:
        return PhaseResult(skipped="nothing to do: the repo's pyproject.toml names no [tool.phased-migration] test")
    if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        raise PhaseError(
            "pyproject.toml: [tool.phased-migration] test is no list of words", 'write test = ["manage.py", "test"]'
        )
    python = context.options.python
    try:
        done = program.run(
            [python, *command], cwd=context.project.root, capture_output=True, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except OSError as error:
        raise PhaseError(
            f"the interpreter {python} can't be run: {error.strerror}",
            "give the Python that runs the monolith: doit python=/path/to/venv/bin/python ...",
        ) from error
    lines = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode:
        raise PhaseError(
            f"the repo's own tests fail after the move (exit code {done.returncode}): {' '.join(command)}",
            "see the output; run the same command in the repo for the whole of it",
            lines[-_LAST:],
        )
    return PhaseResult(counts=counts_in(lines) or {"test commands passed": 1})


def counts_in(lines: Sequence[str]) -> dict[str, int]:
    """How many tests passed, and how many were left out or failed as expected; empty where the output doesn't say.

    :param lines: the output of a run that was successful.
    """
    for line in reversed(lines):
        if match := _PASSED.fullmatch(line.strip()):
            counts = {name: int(number) for number, name in re.findall(r"(\d+) (\w+)", match["all"])}
            return _named(counts.pop("passed"), counts)
    ran = sum(int(match[1]) for line in lines if (match := _RAN.match(line)))
    if not ran:
        return {}
    more: dict[str, int] = {}
    for line in lines:
        match = _OK.fullmatch(line.strip())
        for name, number in re.findall(r"([\w ]+)=(\d+)", match["more"] or "") if match else ():
            more[name.strip()] = more.get(name.strip(), 0) + int(number)
    return _named(ran - sum(more.values()), more)


def _named(passed: int, more: dict[str, int]) -> dict[str, int]:
    counts = {"tests passed": passed}
    for name, number in more.items():
        if name in _NAMES:
            counts[_NAMES[name]] = counts.get(_NAMES[name], 0) + number
    return counts
