"""Ctrl-C, in real processes: one line, exit code 130, nothing half done, and the same command goes on."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration.repo.disk import uninterrupted
from tests.test_dodo import MOVED, SHOP, SITE, Home, files, git, make_repo, state, tree
from tests.test_turns import SLOW, wait_for


@pytest.fixture(autouse=True)
def not_ignored() -> Iterator[None]:
    """Where the tests run in the background of a shell, it has made them, and what they start, ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


# ---- one block


def test_nothing_waits_outside() -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_what_is_inside_ends_first() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted.held():
        signal.raise_signal(signal.SIGINT)
        with uninterrupted.held():
            signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done == [1] and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_inside_is_its_cause() -> None:
    with pytest.raises(KeyboardInterrupt) as caught, uninterrupted.held():
        signal.raise_signal(signal.SIGINT)
        raise OSError("full")
    assert isinstance(caught.value.__context__, OSError)


def test_who_ignores_it_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with uninterrupted.held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


# ---- a run


def interrupted(process: subprocess.Popen[str], *, alone: bool = False) -> str:
    """Interrupt a run as a terminal does (or its first process alone); its one line."""
    if alone:
        os.kill(process.pid, signal.SIGINT)
    else:
        os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "Traceback" not in out + err and "phases completed" not in out, out + err
    (line,) = err.splitlines()
    assert line.startswith("interrupted") and " -> to go on, run the same command again: doit product=stock " in line
    return line


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("processes", [[], ["-n", "2"]])
def test_while_django_is_asked(home: Home, tmp_path: Path, processes: list[str], alone: bool) -> None:
    site = make_repo(tmp_path / "it's a site", SLOW)
    before = state(site)
    words = ["product=stock", f"repo={site}", "source=core.stock", *processes]
    process = home.start(*words)
    wait_for(site / ".git/phased-migration/work-lock")
    wait_for(home.path / "moves/stock/phase_tracker.yml")  # with -n, the worker tells afterwards that it has begun
    line = interrupted(process, alone=alone)
    assert line.startswith("interrupted in scan_moves: nothing is half done -> ")
    assert line.endswith(shlex.join(words))
    assert state(site) == before
    assert "stopped" in home.doit(*words[:3], "status")[0]
    (site / "site_/settings.py").write_text(SITE["site_/settings.py"])
    git(site, "commit", "-qam", "quick")
    home.doit(*words)
    assert set(home.statuses("stock")) == {"completed"}


def test_while_files_are_rewritten_by_many(home: Home, tmp_path: Path) -> None:
    body = "import shop.stock\n" + ("# " + "x" * 98 + "\n") * 300
    shop = make_repo(tmp_path / "shop", {**SHOP, **{f"many/m{n}.py": body for n in range(40)}})
    words = ["product=stock", f"repo={shop}", "source=shop.stock", "jobs=3"]
    home.doit(*words, "move_files")
    before = state(shop)
    process = home.start(*words)
    tracker = home.path / "moves/stock/phase_tracker.yml"
    deadline = time.monotonic() + 60
    while home.statuses("stock")[3] != "in_progress":
        assert time.monotonic() < deadline and tracker.exists()
        time.sleep(0.01)
    assert "update_imports" in interrupted(process)
    assert state(shop) == before
    home.doit(*words)
    assert files(shop) == {**MOVED, **{f"many/m{n}.py": body.replace("shop.stock", "products.stock.backend") for n in range(40)}}


SENT = """
import os, runpy, signal, sys
left = int(os.environ["SENT_AT"])

def hook(event, args):
    global left
    if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "subprocess.Popen"):
        left -= 1
        if left == 0:
            signal.raise_signal(signal.SIGINT)

sys.addaudithook(hook)
sys.argv = ["doit", *sys.argv[1:]]
runpy.run_module("doit", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("command", ["", "reset"])
@pytest.mark.parametrize("at", [1, 23, 40, 55, 70, 100, 140])
def test_at_any_write(home: Home, tmp_path: Path, command: str, at: int) -> None:
    """Each phase is done or not done; the same command again gives what an undisturbed run gives."""
    shop = make_repo(tmp_path / "shop", SHOP)
    words = ["product=stock", f"repo={shop}", "source=shop.stock"]
    steps = [tree(shop)]
    for phase in ("scan_moves", "prepare_structure", "move_files", "update_imports", ""):
        home.doit(*words, *([phase] if phase else []))
        steps.append(tree(shop))
    assert files(shop) == MOVED
    if command == "":
        home.doit(*words, "reset")
    (tmp_path / "sent.py").write_text(SENT)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "sent.py"), *words, *([command] if command else [])], cwd=home.path, capture_output=True, text=True,
        env={**os.environ, "SENT_AT": str(at), "PYTHONPATH": str(home.path), "PYTHONDONTWRITEBYTECODE": "1"}, timeout=120, check=False,
    )
    assert done.returncode in (0, 130), done.stdout + done.stderr
    if done.returncode:
        assert done.stderr.startswith("interrupted") and len(done.stderr.splitlines()) == 1, done.stderr
    assert tree(shop) in steps
    home.doit(*words, *([command] if command else []))
    assert tree(shop) == (steps[0] if command else steps[-1])
    assert not list(shop.rglob("*phased-migration-tmp*")) and not (shop / ".git/index.lock").exists()
