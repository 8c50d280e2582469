"""Whoever does the work, the outcomes are the same and in the same order."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from migration import workers
from migration.references import Moves
from migration.workers import Outcome, Task, work, work_on

MOVES = Moves({"shop": True, "shop.stock": True, "shop.stock.items": False}, {"shop.stock": "x", "shop.stock.items": "x.items"}, {"shop.stock": "x"})
FINE = Task("a.py", b"import shop.stock\n", "a.py", True, "a", "a")
BROKEN = Task("b.py", b"def f(:\nimport shop.stock\n", "b.py", True, "b", "b")
TEXT = Task("c.md", b"See `shop.stock`.\n", "c.md", python=False)
MANY = [replace(FINE, path=f"a{number}.py", raw=FINE.raw + b"# %d\n" % number * 2000) for number in range(40)]


class Busy(Executor):
    """Never gets to anything."""

    def submit(self, *what: Any, **more: Any) -> Future[Any]:
        return Future()


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


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(len(task.raw) for task in MANY) > workers.WORTH_A_PROCESS / 3
    monkeypatch.setattr(workers, "WORTH_A_PROCESS", 1)
    assert work([*MANY, BROKEN], MOVES, jobs) == work([*MANY, BROKEN], MOVES, 1)


def test_any_executor() -> None:
    """Plain values in, plain values out, and this process has its share where the others are slow."""
    workers.start(MOVES)
    expected = work(MANY, MOVES, 1)
    assert len(list(workers._chunks(MANY))) > 3
    gate = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(gate.wait)
        threading.Timer(0.2, gate.set).start()
        assert work_on(MANY, pool) == expected
    with ThreadPoolExecutor(2) as pool:
        assert work_on(MANY, pool) == expected
    assert work_on(MANY, Busy()) == expected


def test_no_work() -> None:
    assert work([], MOVES, 4) == [] == work_on([], Busy())
