"""Whoever does the work, the outcomes are the same and in the same order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.engine import workers
from migration.engine.workers import Outcome, Rewriters, Task, work

MOVES = Moves({"shop": True, "shop.stock": True, "shop.stock.items": False}, {"shop.stock": "x", "shop.stock.items": "x.items"}, {"shop.stock": "x"})
FINE = Task("a.py", b"import shop.stock\n", "a.py", True, "a", "a")
BROKEN = Task("b.py", b"def f(:\nimport shop.stock\n", "b.py", True, "b", "b")
TEXT = Task("c.md", b"See `shop.stock`.\n", "c.md", python=False)
MANY = [replace(FINE, path=f"a{number}.py", raw=FINE.raw + b"# %d\n" % number * 2000) for number in range(40)]


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes are worth it from the first byte on."""
    monkeypatch.setattr(workers, "WORTH_A_PROCESS", 1)


def test_outcomes() -> None:
    fine, broken, text = work([FINE, BROKEN, TEXT], MOVES, 1)
    assert fine.rewritten is not None and fine.rewritten.raw == b"import x\n"
    assert broken == Outcome("b.py", error="invalid syntax", line=1, unreadable=True)
    assert text.rewritten is not None and text.rewritten.raw == b"See `x`.\n"


def test_what_is_named_after_the_move() -> None:
    """Relative imports are resolved at the new place, and what did not change counts, too."""
    moved = Task("shop/stock/a.py", b"from .items import Item\nfrom .. import money\n", "x/a.py", True, "shop.stock.a", "x.a")
    calm = Task("b.py", b"import os\n", "b.py", True, "b", "b")
    one, two = work([moved, calm], MOVES, 1)
    assert one.names == {("x.items", "Item"), ("shop", "money")}
    assert two.names == {("os", "")} and two.rewritten is not None and two.rewritten.raw is None
    assert work([TEXT, BROKEN], MOVES, 1)[0].names == frozenset()


def test_what_others_find_in_a_file_for_certain() -> None:
    text = b"import shop.stock\n\n\ndef f(): pass\nclass C(shop.stock.C): pass\nX = 1\n"
    read, calm = work([replace(FINE, raw=text), replace(FINE, raw=b"def f(): pass\n")], MOVES, 1)
    assert (read.sure, calm.sure) == ({"f", "C"}, frozenset())


@pytest.mark.parametrize("jobs", [2, 3, 8])
def test_several_processes(jobs: int, several: None) -> None:
    """Plain values in, plain values out, whoever is faster, and nobody is left behind."""
    assert len(list(workers._chunks(MANY, workers._CHUNK))) > 3
    assert work([*MANY, BROKEN], MOVES, jobs) == work([*MANY, BROKEN], MOVES, 1)
    assert not multiprocessing.active_children()


def test_each_has_its_share(several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the others send more than a pipe holds, or this process is slow."""
    main, does = os.getpid(), workers._one

    def one(task: Task, moves: Moves, rewriters: Rewriters) -> Outcome:
        if os.getpid() == main:
            time.sleep(0.05)
        return replace(does(task, moves, rewriters), error=f"{os.getpid() == main}" + " " * 100_000)

    monkeypatch.setattr(workers, "_one", one)
    done = work(MANY, MOVES, 2)
    assert [outcome.path for outcome in done] == [task.path for task in MANY]
    assert {outcome.error.strip() for outcome in done} == {"True", "False"}


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(3)])
def test_a_death(several: None, monkeypatch: pytest.MonkeyPatch, end: Callable[[], None]) -> None:
    main, does = os.getpid(), workers._one

    def one(task: Task, moves: Moves, rewriters: Rewriters) -> Outcome:
        if os.getpid() != main:
            end()
        time.sleep(0.02)
        return does(task, moves, rewriters)

    monkeypatch.setattr(workers, "_one", one)
    with pytest.raises(PhaseError, match=r"has died with exit code (-9|3)") as error:
        work(MANY, MOVES, 3)
    assert error.value.remedy == "run it again with jobs=1"
    assert not multiprocessing.active_children()


def test_no_process_is_left_for_the_second(several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Helper(workers._Helper):
        def __init__(self, *what: Any) -> None:
            if multiprocessing.active_children():
                raise BlockingIOError(11, "Resource temporarily unavailable")
            super().__init__(*what)

    monkeypatch.setattr(workers, "_Helper", Helper)
    with pytest.raises(BlockingIOError):
        work(MANY, MOVES, 3)
    assert not multiprocessing.active_children()


def test_what_goes_wrong_here_ends_the_others(several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    main = os.getpid()

    def one(task: Task, moves: Moves, rewriters: Rewriters) -> Outcome:
        if os.getpid() == main:
            raise KeyboardInterrupt
        time.sleep(60)
        return Outcome(task.path)

    monkeypatch.setattr(workers, "_one", one)
    with pytest.raises(KeyboardInterrupt):
        work(MANY, MOVES, 2)
    assert not multiprocessing.active_children()


def test_very_many_files(several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their numbers fit into the smallest of pipes."""
    monkeypatch.setattr(workers, "_CHUNK", 1)
    calm = [Task(f"{number}.md", b"nothing\n" * 3, f"{number}.md", python=False) for number in range(5_000)]
    assert len(list(workers._chunks(calm, sum(len(task.raw) for task in calm) // workers._MOST_CHUNKS))) * 4 < 4096
    assert [outcome.path for outcome in work(calm, MOVES, 2)] == [task.path for task in calm]


def test_no_work(several: None) -> None:
    assert work([], MOVES, 4) == []
