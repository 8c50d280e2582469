"""doit's view: values in, targets out; and what loading ``dodo.py`` may cost."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from doit.exceptions import InvalidDodoFile, TaskFailed

from migration.cli import run_phase, tasks
from migration.cli.session import Session
from migration.cli.up_to_date import UpToDate, modules_used
from migration.core.phase import ORDER, PHASES
from migration.repo.apply import Workspace
from tests.phases.test_scan_moves import STOCK, session_for
from tests.test_dodo import CHECKOUT, Home
from tests.tools import Link, commit, git, make_repo, put


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """A run leaves out the search for cycles, in its whole process; ours goes on."""
    yield
    gc.enable()


# ---- the command line


def test_only_values_count(tmp_path: Path) -> None:
    arguments = ["-n", "2", "--db-file=x=y", "list", "--status", "product=shop", "file=a=b", "move_files"]
    session = tasks.session_from(arguments, tmp_path)
    assert (session.options.product, session.options.file) == ("shop", "a=b")
    assert session.home == tmp_path and (tmp_path / "moves/shop").is_dir()


def test_values_that_can_t_be_used(tmp_path: Path) -> None:
    with pytest.raises(InvalidDodoFile) as error:
        tasks.session_from(["product=2nd", "nonsense=1"], tmp_path)
    assert "product: '2nd'" in str(error.value) and "nonsense: unknown" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_each_product_has_a_state_of_its_own(tmp_path: Path) -> None:
    files = [tasks.config(tasks.session_from([f"product={name}"], tmp_path), PHASES)["dep_file"] for name in ("a", "b")]
    assert files == [str(tmp_path / "moves" / name / ".doit.db") for name in ("a", "b")]


# ---- tasks


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_for(make_repo(tmp_path / "shop", STOCK), "shop.stock")


def test_phases_stand_on_one_another(session: Session) -> None:
    made = {name: tasks.phase_task(session, name, PHASES) for name in ORDER}
    assert [task["basename"] for task in made.values()] == list(ORDER)
    assert made["scan_moves"]["task_dep"] == []
    for before, name in itertools.pairwise(ORDER):
        assert made[name]["task_dep"] == [before]
        assert made[name]["file_dep"] == [*modules_used(name), str(session.plan_path)]
        assert made[name]["doc"] == dict(PHASES)[name]
        assert isinstance(made[name]["uptodate"][0], UpToDate)
    assert str(session.plan_path) in made["scan_moves"]["targets"]


def test_no_target_is_a_dependency(session: Session) -> None:
    """doit would see a circle."""
    run(session, *ORDER)
    for name in ORDER:
        task = tasks.phase_task(session, name, PHASES)
        assert not set(task["targets"]) & set(task["file_dep"])


def test_a_failure_is_told_with_its_remedy(session: Session) -> None:
    failed = tasks.run_phase(session, "move_files")
    assert isinstance(failed, TaskFailed)
    assert "there is no" in failed.get_msg() and "run the scan first" in failed.get_msg()


def test_a_failed_command(tmp_path: Path) -> None:
    failed = tasks.run_command(session_for(tmp_path / "nowhere", "a.b"), "preview")
    assert isinstance(failed, TaskFailed) and "there is no directory" in failed.get_msg()


def test_cleaning_takes_back(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    run(session, "scan_moves", "prepare_structure", "move_files")
    tasks.clean(session, "move_files", dryrun=True)
    assert "move_files: would undo" in capsys.readouterr().out
    assert (session.repo / "products/stock/backend/items.py").exists()
    tasks.clean(session, "scan_moves", dryrun=False)
    assert capsys.readouterr().out == ""
    tasks.clean(session, "move_files", dryrun=False)
    assert "move_files: undid" in capsys.readouterr().out
    assert (session.repo / "shop/stock/items.py").exists()


def test_cleaning_says_why_it_can_t(session: Session) -> None:
    run(session, "scan_moves", "prepare_structure", "move_files")
    put(session.repo, {"shop/stock/items.py": "somebody else's\n"})
    failed = tasks.clean(session, "move_files", dryrun=False)
    assert isinstance(failed, TaskFailed) and "move_files: 1 file(s) that we did not make" in failed.get_msg()


# ---- targets


def run(session: Session, *phases: str) -> None:
    for name in phases:
        run_phase.execute(session, name)


def targets(session: Session) -> dict[str, list[str]]:
    return {
        name: [Path(path).relative_to(session.repo.resolve()).as_posix() for path in tasks.targets(session, name, list(ORDER))]
        for name in ORDER
        if name != "scan_moves"
    }


EXPECTED = {
    "prepare_structure": ["products/__init__.py", "products/stock/__init__.py"],
    "move_files": [f"products/stock/backend/{name}" for name in ("__init__.py", "items.py", "prices.csv")],
    "update_imports": ["use.py"],
    "prepare_models": [],
    "validate_django": [],
    "generate_migrations": [],
    "verify_migrations": [],
    "run_tests": [],
}
NONE: dict[str, list[str]] = {name: [] for name in EXPECTED}
FILES = {**STOCK, "use.py": "import shop.stock as s\n"}


def moved(session: Session) -> dict[str, list[str]]:
    run(session, *ORDER)
    assert tasks.ledger_path(session).resolve() == Workspace(session.git, session.options.product).path
    return targets(session_for(session.options.repo or session.repo))


def test_before_anything_ran(session: Session) -> None:
    assert tasks.targets(session, "scan_moves", list(ORDER)) == [str(session.plan_path)]
    assert targets(session) == NONE


def test_of_no_checkout(tmp_path: Path) -> None:
    assert targets(session_for(tmp_path / "nowhere")) == NONE
    (tmp_path / "plain").mkdir()
    assert targets(session_for(tmp_path / "plain")) == NONE


def test_of_a_broken_ledger(session: Session) -> None:
    run(session, *ORDER)
    for broken in ("", "[]", "{"):
        tasks.ledger_path(session).write_text(broken)
        assert targets(session) == NONE


def test_in_a_checkout(tmp_path: Path) -> None:
    assert moved(session_for(make_repo(tmp_path / "mono", FILES), "shop.stock")) == EXPECTED


def test_through_a_symbolic_link(tmp_path: Path) -> None:
    make_repo(tmp_path / "mono", FILES)
    put(tmp_path, {"link": Link("mono")})
    assert moved(session_for(tmp_path / "link", "shop.stock")) == EXPECTED


@pytest.mark.parametrize("below", ["sub", "two/deep"])
def test_in_a_directory_of_a_checkout(tmp_path: Path, below: str) -> None:
    make_repo(tmp_path / "mono", {f"{below}/{path}": content for path, content in FILES.items()})
    assert moved(session_for(tmp_path / "mono" / below, "shop.stock")) == EXPECTED
    assert targets(session_for(tmp_path / "mono")) == NONE


@pytest.mark.parametrize("below", ["", "sub/"])
def test_in_a_linked_work_tree(tmp_path: Path, below: str) -> None:
    make_repo(tmp_path / "mono", {f"{below}{path}": content for path, content in FILES.items()})
    git(tmp_path / "mono", "worktree", "add", "-q", str(tmp_path / "linked"))
    assert moved(session_for(tmp_path / "linked" / below, "shop.stock")) == EXPECTED
    assert targets(session_for(tmp_path / "mono" / below)) == NONE
    assert git(tmp_path / "mono", "status", "--porcelain") == ""


def test_in_a_submodule(tmp_path: Path) -> None:
    make_repo(tmp_path / "inner", FILES)
    make_repo(tmp_path / "mono", {"README.md": ""})
    git(tmp_path / "mono", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "inner"), "sub")
    commit(tmp_path / "mono")
    assert moved(session_for(tmp_path / "mono/sub", "shop.stock")) == EXPECTED


# ---- what loading costs


HEAVY = ("django", "libcst", "git", "concurrent.futures.process", "migration.phases.update_imports", "migration.cli.run_phase",
         "migration.django.process", "migration.engine.rewrite_python", "migration.rewriters", "migration.cli.commands.residue")


def test_loading_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.argv = ['doit', 'product=x']; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from pathlib import Path; from migration.cli import tasks; from migration.core.phase import PHASES\n"
        f"session = tasks.session_from(sys.argv[1:], Path({str(tmp_path)!r}))\n"
        "tasks.config(session, PHASES); [tasks.phase_task(session, name, PHASES) for name, _ in PHASES]\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_listing_starts_no_process_and_is_quick(tmp_path: Path) -> None:
    """No git, no Django: the interpreter that is named does not even exist."""
    home = Home(tmp_path / "home")
    put(tmp_path, {"bin/git": "#!/bin/sh\ntouch git-was-run\n"})
    (tmp_path / "bin/git").chmod(0o755)
    arguments = ["product=x", f"repo={make_repo(tmp_path / 'shop', STOCK)}", "source=shop.stock", f"python={tmp_path}/none"]
    start = time.perf_counter()
    out, _ = home.doit("list", "--status", *arguments, env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})
    assert time.perf_counter() - start < 5  # a loose bound: other work shares the machine
    assert {line.split()[0] for line in out.splitlines()} == {"R"}
    assert not list(tmp_path.rglob("git-was-run"))
    assert not (home.path / "build").exists()


def test_listing_the_sample_does_not_make_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.doit("list", "--status")
    assert not (home.path / "build").exists()
