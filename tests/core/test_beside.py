from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading

import pytest

from migration.core import beside as module
from migration.core.beside import all_together, beside, threads_can_start


@pytest.fixture(params=["threads", "limited", "none left"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system as usual, one whose memory is limited, and one that gives no thread."""
    if request.param == "limited":
        monkeypatch.setattr(module, "threads_can_start", lambda: False)
    elif request.param == "none left":
        def start(thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", start)
    return str(request.param)


def test_the_result(way: str) -> None:
    where: list[int] = []
    with beside(lambda: where.append(threading.get_ident()) or 3) as three:
        assert threads_can_start() or not where
        assert three() == 3
    assert (where[0] != threading.get_ident()) == (way == "threads")
    assert len(where) == 1


def test_an_error_of_either(way: str) -> None:
    def fail() -> None:
        raise ValueError("it broke")

    with pytest.raises(ValueError, match="it broke"), beside(fail) as failed:
        failed()
    with pytest.raises(KeyError), beside(lambda: 1):
        raise KeyError


def test_all_together(way: str) -> None:
    done: list[int] = []
    all_together(done.append, range(20), 4)
    assert sorted(done) == list(range(20))
    all_together(done.append, [], 4)
    with pytest.raises(OSError):
        all_together(os.fsync, [10**6, 10**6 + 1], 4)


def test_limited_memory() -> None:
    """Asked of the system: there a thread might neither start nor fail."""
    assert threads_can_start()
    code = "from migration.core.beside import threads_can_start; print(threads_can_start())"
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            preexec_fn=lambda limit=limit: resource.setrlimit(limit, (2**31, 2**31)),
        )
        assert done.stdout == "False\n"
