"""Locks that die with their process: real processes, real files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migration.core.errors import BusyError
from migration.repo.disk.lock import Lock, Turn, holder

CHECKOUT = Path(__file__).parents[3]


def hold(path: Path, then: str) -> subprocess.Popen[str]:
    """A process that takes the lock, says so, and goes on with ``then``."""
    code = (
        "import os, subprocess, sys, time; from pathlib import Path; from migration.repo.disk.lock import Lock\n"
        f"sys.argv[1:] = ['product=a b']; lock = Lock(Path({str(path)!r})); fd = lock.acquire('repo')\n"
        f"{then}"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


SAY = "print('held', flush=True); "


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "own/lock")
    lock.acquire("repo")
    assert json.loads((tmp_path / "own/lock").read_text())["pid"] == os.getpid()
    lock.release()
    lock.release()
    assert not list(tmp_path.iterdir())


def test_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/ledger").write_text("x")
    lock = Lock(tmp_path / "own/lock")
    lock.acquire("repo")
    lock.release()
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["ledger"]


def test_who_has_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = hold(tmp_path / "lock", SAY + "time.sleep(60)")
    try:
        with pytest.raises(BusyError) as error:
            Lock(tmp_path / "lock").acquire("the repo", patience=0.1)
        who = f"doit 'product=a b' (process {other.pid} on {os.uname().nodename}, since 2"
        assert error.value.message.startswith(f"the repo: {who}")
        assert "wait until it has ended" in error.value.remedy
        assert capsys.readouterr().err.startswith(f"waiting for {who}")
    finally:
        other.kill()
        other.communicate()


def test_it_waits_for_a_short_run(tmp_path: Path) -> None:
    other = hold(tmp_path / "lock", SAY + "time.sleep(0.3); lock.release()")
    lock = Lock(tmp_path / "lock")
    lock.acquire("repo", patience=30)
    lock.release()
    other.communicate()
    assert not (tmp_path / "lock").exists()


def test_it_dies_with_its_process(tmp_path: Path) -> None:
    other = hold(tmp_path / "lock", SAY + "time.sleep(60)")
    other.kill()
    other.communicate()
    assert (tmp_path / "lock").exists()
    Lock(tmp_path / "lock").acquire("repo", patience=0)


def test_it_lives_as_long_as_a_process_that_inherited_it(tmp_path: Path) -> None:
    then = "p = subprocess.Popen(['sleep', '60'], pass_fds=(fd,)); print(p.pid, flush=True); time.sleep(60)"
    other = hold(tmp_path / "lock", SAY + then)
    assert other.stdout is not None
    heir = int(other.stdout.readline())
    other.kill()
    other.wait()
    lock = Lock(tmp_path / "lock")
    with pytest.raises(BusyError):
        lock.acquire("repo", patience=0.2)
    os.kill(heir, signal.SIGKILL)
    lock.acquire("repo", patience=30)


def test_a_forked_worker_that_outlives_us_holds_nothing(tmp_path: Path) -> None:
    then = "pid = os.fork()\nif pid: print('held', pid, flush=True)\ntime.sleep(60)"
    code = f"{then}"
    other = hold(tmp_path / "lock", "")
    other.communicate()
    other = hold(tmp_path / "lock", SAY + "\n" + code)
    assert other.stdout is not None
    worker = int(other.stdout.readline().split()[1])
    time.sleep(0.1)
    other.kill()
    other.wait()
    try:
        Lock(tmp_path / "lock").acquire("repo", patience=1)
    finally:
        os.kill(worker, signal.SIGKILL)


def test_many_at_once_take_turns(tmp_path: Path) -> None:
    """Each adds one to a number in a file, which goes wrong where two do so at once."""
    (tmp_path / "number").write_text("0")
    body = (
        "import sys; from pathlib import Path; from migration.repo.disk.lock import Lock\n"
        f"place = Path({str(tmp_path)!r})\n"
        "for _ in range(400):\n"
        "    lock = Lock(place / 'own/lock'); lock.acquire('repo', patience=60)\n"
        "    number = int((place / 'number').read_text()); (place / 'number').write_text(str(number + 1))\n"
        "    lock.release()\n"
    )
    others = [subprocess.Popen([sys.executable, "-c", body], cwd=CHECKOUT, stderr=subprocess.DEVNULL) for _ in range(4)]
    assert [one.wait() for one in others] == [0] * 4
    assert (tmp_path / "number").read_text() == "1600"
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("what", ["file", "link"])
def test_a_place_that_can_be_no_directory(tmp_path: Path, what: str) -> None:
    if what == "file":
        (tmp_path / "own").write_text("kept")
    else:
        (tmp_path / "own").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        Lock(tmp_path / "own" / "lock").acquire("repo", patience=0)
    assert (tmp_path / "own").is_symlink() or (tmp_path / "own").read_text() == "kept"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_a_file_that_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "lock").write_text(content)
    assert holder(tmp_path / "lock") == holder(tmp_path / "none") == "another run"
    Lock(tmp_path / "lock").acquire("repo", patience=0)


def test_what_a_dead_run_has_started_is_waited_for(tmp_path: Path) -> None:
    turn = Turn(tmp_path, "repo")
    other = hold(tmp_path / "phased-migration/work-lock", SAY + "time.sleep(0.3)")
    turn.begin()
    turn.begin()  # once more is no matter
    with turn.at_work() as fd:
        os.fstat(fd)
    turn.end()
    other.communicate()
    assert not (tmp_path / "phased-migration").exists()
