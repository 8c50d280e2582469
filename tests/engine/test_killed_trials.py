"""What a killed trial has left on a server is taken away: by the next run, by reset, and by clean."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import databases
from tests.django_projects import PYTHON
from tests.faults.databases import FILES, migration
from tests.test_dodo import Home, make_repo

SLOW = 'import os, time\nif os.environ.get("SLOW"):\n    time.sleep(100)'
MOVE = ("product=shop", "source=shopping", "target=products.shop", f"python={PYTHON}")


def monolith(path: Path) -> Path:
    """A project on PostgreSQL with a migration that takes its time."""
    files = {**FILES, **migration(SLOW), ".gitignore": "__pycache__\n"}
    files["shop/settings.py"] += databases.BY_ENVIRONMENT
    return make_repo(path, files)


def env() -> dict[str, str]:
    return databases.environment("postgresql")


def ours() -> set[str]:
    return {name for name in databases.names() if name.startswith("test_phased_shop_")}


def children(process: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def until_at_work(home: Home, repo: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """A run whose trial is in the middle of a migration; and its own processes."""
    before = ours()
    process = home.start(*MOVE, f"repo={repo}", env={**env(), "SLOW": "1"})
    while not ours() - before:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    time.sleep(0.5)
    return process, children(process)


def killed(home: Home, repo: Path) -> set[str]:
    """Names of databases that a killed run has left."""
    process, _ = until_at_work(home, repo)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.5)  # until the server has noticed
    left = ours()
    assert len(left) == 1
    return left


def test_the_next_run_and_reset_and_clean(tmp_path: Path) -> None:
    repo, home = monolith(tmp_path / "mono"), Home(tmp_path / "home")
    verify = repo / ".git/phased-migration/shop/verify"
    killed(home, repo)
    out, _ = home.doit(*MOVE, f"repo={repo}", env=env())
    assert ours() == set() and not verify.exists() and "verify_migrations    4 checks" in out
    assert "databases: dropped, which a trial that was killed had left: test_phased_shop_" in out
    home.doit(*MOVE, f"repo={repo}", "reset", env=env())
    (left,) = killed(home, repo)
    out, _ = home.doit(*MOVE, f"repo={repo}", "reset", env=env())
    assert ours() == set() and not verify.exists() and left in out
    (left,) = killed(home, repo)
    out, _ = home.doit("clean", *MOVE, f"repo={repo}", env=env())
    assert ours() == set() and not verify.exists() and left in out


def test_the_next_run_without_a_trial(tmp_path: Path) -> None:
    repo, home = monolith(tmp_path / "mono"), Home(tmp_path / "home")
    (left,) = killed(home, repo)
    out, _ = home.doit(*MOVE, f"repo={repo}", "verify=no", env=env())
    assert ours() == set() and left in out


def test_what_can_t_be_dropped_is_named(tmp_path: Path) -> None:
    repo, home = monolith(tmp_path / "mono"), Home(tmp_path / "home")
    (left,) = killed(home, repo)
    out, _ = home.doit(*MOVE, f"repo={repo}", "reset", env={"TEST_HOST": str(tmp_path), "TEST_DATABASE": ""})
    assert "a trial that was killed may have left databases test_phased_" in out and "No such file" in out
    assert ours() == {left}
    databases.sql(f"DROP DATABASE {left}")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")
def test_a_django_ends_with_the_run_that_has_started_it(tmp_path: Path) -> None:
    """The run alone is killed, and not its group: the same command goes on at once."""
    repo, home = monolith(tmp_path / "mono"), Home(tmp_path / "home")
    process, django = until_at_work(home, repo)
    assert django
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in django):
            break
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in django)
    home.doit(*MOVE, f"repo={repo}", env=env())
    assert ours() == set()


def test_two_checkouts_don_t_meet(tmp_path: Path) -> None:
    """What one has left, another one does not drop."""
    one, two = monolith(tmp_path / "one"), monolith(tmp_path / "two")
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    (left,) = killed(home, one)
    other.doit(*MOVE, f"repo={two}", env=env())
    assert ours() == {left}
    home.doit(*MOVE, f"repo={one}", "reset", env=env())
    assert ours() == set()
