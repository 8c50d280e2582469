"""Two runs at once on one checkout: the second says who is at work, and what only looks is not held up."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration.core.phase import ORDER
from tests.test_dodo import MOVED, SHOP, SITE, Home, files, git, make_repo, state, tree

SLOW = {**SITE, "site_/settings.py": SITE["site_/settings.py"] + "import time\n\ntime.sleep(60)\n"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "site", SLOW)


def arguments(site: Path, product: str = "stock") -> list[str]:
    return [f"product={product}", f"repo={site}", f"source=core.{product}"]


@pytest.fixture
def busy(home: Home, site: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that is at work on the site."""
    process = home.start(*arguments(site))
    wait_for(site / ".git/phased-migration/work-lock")
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not come"
        time.sleep(0.02)


# ---- what is not held up


@pytest.mark.parametrize("words", [["status"], ["list", "--status"], ["list"], ["info", "move_files"], ["clean", "--dry-run"]])
def test_what_only_looks(home: Home, site: Path, busy: subprocess.Popen[str], words: list[str]) -> None:
    start = time.monotonic()
    command = [*arguments(site), *words] if words == ["status"] else [*words, *arguments(site)]
    home.doit(*command, code=1 if words[0] == "info" else 0)  # doit's own code for what is not up to date
    assert time.monotonic() - start < 4.9  # the patience of those who write
    assert busy.poll() is None


def test_another_checkout(home: Home, busy: subprocess.Popen[str], tmp_path: Path) -> None:
    other = make_repo(tmp_path / "other", {"shop/__init__.py": "", "shop/stock/__init__.py": "X = 1\n"})
    home.doit("product=stock2", f"repo={other}", "source=shop.stock", "target=products.stock")
    assert (other / "products/stock/__init__.py").exists()


# ---- what is


@pytest.mark.parametrize(("product", "words"), [("stock", []), ("stock", ["reset"]), ("other", ["scan_moves"])])
def test_what_writes_says_who_is_at_work(
    home: Home, site: Path, busy: subprocess.Popen[str], product: str, words: list[str]
) -> None:
    before = state(site)
    _, err = home.doit(*arguments(site, product), *words, code=2)
    assert f"{site}: doit product=stock repo={site} source=core.stock (process {busy.pid} on {os.uname().nodename}, since" in err
    assert "-> wait until it has ended" in err
    assert state(site) == before
    assert home.statuses("stock")[0] == "in_progress"


@pytest.mark.parametrize("words", [["forget", "move_files"], ["forget", "-a"], ["reset-dep"]])
def test_what_writes_doit_s_own_state_too(home: Home, site: Path, busy: subprocess.Popen[str], words: list[str]) -> None:
    """The run would write over it at its end."""
    _, err = home.doit(*words, *arguments(site), code=3)
    assert f"{site}: doit product=stock" in err and "is at work there" in err and "-> wait until it has ended" in err


def test_forgetting_leaves_no_lock(home: Home, tmp_path: Path) -> None:
    shop = make_repo(tmp_path / "mono", SHOP)
    words = ["product=stock", f"repo={shop}", "source=shop.stock"]
    home.doit("forget", *words, "move_files")
    home.doit(*words)
    before = tree(shop)
    home.doit("forget", *words, "move_files")
    assert not (shop / ".git/phased-migration/run-lock").exists()
    assert tree(shop) == before
    out, _ = home.doit("list", "--status", *words)
    assert "U scan_moves" in out and "R move_files" in out
    home.doit("forget", f"repo={tmp_path}/none", "product=stock", "move_files")
    home.doit("forget", f"repo={tmp_path}", "product=stock", "move_files")


def test_clean_too(home: Home, site: Path, busy: subprocess.Popen[str]) -> None:
    _, err = home.doit("clean", *arguments(site), "move_files")
    assert f"move_files: {site}: doit product=stock" in err and "is at work there" in err


def test_a_run_that_was_killed_holds_nobody_up(home: Home, site: Path, busy: subprocess.Popen[str]) -> None:
    os.killpg(busy.pid, signal.SIGKILL)
    busy.wait()
    assert (site / ".git/phased-migration/run-lock").exists()
    (site / "site_/settings.py").write_text(SITE["site_/settings.py"])
    git(site, "commit", "-qam", "quick")
    out, _ = home.doit(*arguments(site))
    assert f"{len(ORDER)} of {len(ORDER)} phases completed" in out
    assert {path.name for path in (site / ".git/phased-migration").iterdir()} == {"stock"}


def test_a_run_that_is_over_soon_is_waited_for(home: Home, tmp_path: Path) -> None:
    shop = make_repo(tmp_path / "shop", {"shop/__init__.py": "", "shop/stock/__init__.py": "X = 1\n", "use.py": "import shop.stock\n"})
    words = ["product=stock", f"repo={shop}", "source=shop.stock", "target=products.stock", "jobs=1"]
    runs = [home.start(*words) for _ in range(2)]
    ended = [run.communicate(timeout=120) for run in runs]
    assert all("Traceback" not in out + err for out, err in ended)
    # On a busy machine the first may take longer than the patience of the second.
    assert sorted(run.returncode for run in runs) in ([0, 0], [0, 2])
    assert files(shop)["use.py"] == "import products.stock\n"
    assert set(home.statuses("stock")) == {"completed"}
    before = tree(shop)
    home.doit(*words)
    assert tree(shop) == before


def test_two_first_runs_make_one_sample(home: Home) -> None:
    runs = [home.start("product=data_warehouse", "scan_moves") for _ in range(2)]
    for run in runs:
        out, err = run.communicate(timeout=300)
        assert "Traceback" not in out + err, out + err
        assert run.returncode == 0 or "is at work there" in err, out + err
    assert 0 in [run.returncode for run in runs]
    assert git(home.path / "build/sample", "status", "--porcelain") == ""
    assert [path.name for path in (home.path / "build").iterdir()] == ["sample"]


def test_what_a_dead_run_has_moved_is_put_right(home: Home, tmp_path: Path) -> None:
    """Workers of doit's that outlive a run hold nobody up."""
    shop = make_repo(tmp_path / "mono", SHOP)
    words = ["product=stock", f"repo={shop}", "source=shop.stock"]
    process = home.start("-n", "2", *words)
    wait_for(shop / ".git/phased-migration/stock/ledger.json")
    os.kill(process.pid, signal.SIGKILL)  # and not its workers
    process.wait()
    home.doit(*words)
    assert files(shop) == MOVED
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
