"""A program that is waited for, with a sign of life now and then."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from typing import Any

from migration.core.progress import is_heard, sign_of_life

_TICK = 0.2  # seconds between two signs of life of a process that is waited for


def run(words: Sequence[str], *, timeout: float | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """:func:`subprocess.run` without ``check``, with a sign of life now and then while it lasts.

    :raises OSError: if the program can't be started.
    :raises subprocess.TimeoutExpired: after ``timeout`` seconds; the process has been killed then.
    """
    if not is_heard():
        return subprocess.run(words, timeout=timeout, check=False, **options)
    if options.pop("capture_output", False):
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    end = time.monotonic() + timeout if timeout is not None else None
    with subprocess.Popen(words, **options) as process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=_TICK)
                    return subprocess.CompletedProcess(words, process.returncode, out, err)
                except subprocess.TimeoutExpired:
                    if end is not None and time.monotonic() >= end:
                        assert timeout is not None
                        raise subprocess.TimeoutExpired(words, timeout) from None
                    sign_of_life()
        except BaseException:
            process.kill()
            raise
