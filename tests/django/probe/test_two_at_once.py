"""What is done in a second process comes out as if it had been done in the first one, whatever becomes of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migration.django.probe import two_at_once

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a second process is forked on Linux alone")

START = f"""
import importlib.util, os, signal, sys, threading, time
spec = importlib.util.spec_from_file_location("beside", {str(Path(two_at_once.__file__))!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
os.sched_getaffinity = lambda pid: {{0, 1}}
first = os.getpid()
def here():
    return "here" if os.getpid() == first else "beside"
"""


def run(script: str, code: int = 0) -> str:
    """What a script prints that has loaded the module; with two cores, whatever the machine has."""
    done = subprocess.run([sys.executable, "-c", START + script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


ASK = """
with module.beside(deed) as result:
    said = here()
    print(said, result())
"""


def test_both_are_done_and_nothing_twice() -> None:
    script = "print('once', end=' ')\ndef deed():\n    return [here(), 'x' * 200_000]\n"
    assert run(script + ASK) == f"once here ['beside', '{'x' * 200_000}']\n"


def test_they_are_done_at_the_same_time() -> None:
    script = "read, write = os.pipe()\ndef deed():\n    return os.read(read, 1).decode()\n"
    assert run(script + ASK.replace("said = here()", "said = os.write(write, b'x')")) == "1 x\n"


@pytest.mark.parametrize(
    "edit",
    [
        "threading.Thread(target=time.sleep, args=(1,), daemon=True).start()",
        "os.sched_getaffinity = lambda pid: {0}",
        "sys.platform = 'darwin'",
    ],
    ids=["threads of the monolith's", "one core", "elsewhere"],
)
def test_one_after_the_other_where_that_is_safer(edit: str) -> None:
    assert run(f"{edit}\ndef deed():\n    return here()\n" + ASK) == "here here\n"


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "raise ValueError('x')", "sys.exit(3)", "return {1}"])
def test_a_second_process_that_fails_is_done_without(end: str) -> None:
    assert run(f"def deed():\n    if here() == 'beside':\n        {end}\n    return here()\n" + ASK) == "here here\n"


def test_what_fails_fails_as_it_would_alone() -> None:
    assert "ValueError: x" in run("def deed():\n    raise ValueError('x')\n" + ASK, code=1)


def test_it_ends_with_the_block() -> None:
    script = "def deed():\n    time.sleep(100)\ntry:\n    with module.beside(deed):\n        raise KeyError\n"
    assert run(script + "except KeyError:\n    print(repr(open(f'/proc/self/task/{first}/children').read()))") == "''\n"


def test_it_ends_with_the_first_process() -> None:
    script = "def deed():\n    time.sleep(100)\nwith module.beside(deed):\n    print(open(f'/proc/self/task/{first}/children').read(), flush=True)\n    time.sleep(100)\n"
    with subprocess.Popen([sys.executable, "-c", START + script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
    deadline = time.monotonic() + 20
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(child, 0)
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        raise AssertionError("the second process lives on")
