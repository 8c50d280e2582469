"""A program that is waited for gives signs of life, and ends with who waits."""

from __future__ import annotations

import subprocess
import sys

import pytest

from migration.core import progress
from migration.django import program


def test_a_process_gives_signs_of_life_and_its_whole_output() -> None:
    heard: list[tuple[int, int]] = []
    code = "import sys, time; print('x' * 200_000); time.sleep(.5); print('end', file=sys.stderr); sys.exit(3)"
    with progress.heard_by(lambda done, total: heard.append((done, total))):
        done = program.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.returncode == 3 and done.stdout == "x" * 200_000 + "\n" and done.stderr == "end\n"
    assert heard and set(heard) == {(0, 0)}


@pytest.mark.parametrize("listen", [False, True])
def test_a_process_that_takes_too_long(listen: bool) -> None:
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    progress.listen((lambda done, total: None) if listen else None)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            program.run(words, timeout=0.5, capture_output=True)
    finally:
        progress.listen(None)


def test_a_listener_that_fails_ends_the_process() -> None:
    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with progress.heard_by(interrupted), pytest.raises(KeyboardInterrupt):
        program.run([sys.executable, "-c", "import time; time.sleep(60)"], capture_output=True)
