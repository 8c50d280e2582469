"""Phases on real repositories, without doit around them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration.cli import fold, run_phase
from migration.cli.session import Session
from migration.core.errors import DjangoError, GitError, PhaseError
from migration.core.phase import ORDER, TREE_PHASES
from tests.phases.test_scan_moves import BACKEND, STOCK, session_for
from tests.test_dodo import SITE
from tests.tools import Content, commit, git, make_repo, put, snapshot, texts

FILES: dict[str, Content] = {
    **STOCK,
    "use.py": "from shop.stock import Item\n",
    "other.py": "from shop.stock.items import Item\n",
}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_for(make_repo(tmp_path / "shop", FILES), "shop.stock")


def run(session: Session, *phases: str, **options: object) -> dict[str, dict[str, object]]:
    """Each phase in a process of its own, as it were."""
    return {name: run_phase.execute(session_for(session.repo, **options), name) for name in phases}  # type: ignore[arg-type]


def full_run(session: Session) -> dict[str, dict[str, object]]:
    first = run_phase.execute(session, "scan_moves")
    return {"scan_moves": first, **run(session, *ORDER[1:])}


# ---- what stays untouched


def test_computing_changes_nothing(session: Session) -> None:
    run_phase.execute(session, "scan_moves")
    before = snapshot(session.repo)
    for phase in filter(fold.is_previewed, ORDER):
        run_phase.compute(session_for(session.repo), phase)
        assert snapshot(session.repo) == before
        if phase != "prepare_models":
            run_phase.execute(session_for(session.repo), phase)
            before = snapshot(session.repo)


def test_a_second_run_changes_nothing(session: Session) -> None:
    full_run(session)
    before = snapshot(session.repo)
    full_run(session)
    assert snapshot(session.repo) == before


@pytest.mark.parametrize("path", ["use.py", "shop/stock/items.py", "shop/stock/prices.csv"])
def test_uncommitted_changes_are_refused_before_anything_moves(session: Session, path: str) -> None:
    put(session.repo, {path: "mine\nfrom shop.stock import Item\n"})
    run_phase.execute(session, "scan_moves")
    before = snapshot(session.repo)
    with pytest.raises(GitError, match="uncommitted changes") as error:
        run(session, "prepare_structure")
    assert error.value.details == (path,)
    assert snapshot(session.repo) == before


def test_uncommitted_changes_elsewhere_are_no_matter(session: Session) -> None:
    put(session.repo, {"shop/money.py": "mine = 1\n", "new.py": "import shop.stock\n"})
    full_run(session)
    assert texts(session.repo)["new.py"] == "import shop.stock\n"


# ---- what is kept of a phase


def test_values_are_plain(session: Session) -> None:
    done = full_run(session)
    for name, values in done.items():
        assert json.loads(json.dumps(values)) == values
        assert set(values) - {"plan"} == {"run", "inputs", "names", "timestamp", "seconds", "summary", "counts", "operations",
                               "files_modified", "findings", "tool", "reasons"}
        assert values["names"] == ["shop.stock", "products.stock.backend"], name
    assert done["move_files"]["operations"] == 3
    assert done["move_files"]["files_modified"] == [f"{BACKEND}/{name}" for name in ("__init__.py", "items.py", "prices.csv")]
    assert done["update_imports"]["files_modified"] == ["other.py", "use.py"]
    assert done["prepare_models"]["summary"] == "nothing to do: no Django settings here"
    assert len({values["inputs"] for values in done.values()}) == 1
    assert len({values["run"] for values in done.values()}) == len(ORDER)


@pytest.mark.parametrize("django", [True, False])
def test_why_nothing_was_done(session: Session, django: bool) -> None:
    run_phase.execute(session, "scan_moves")
    said = [run(session, name, django=django)[name]["summary"] for name in ("validate_django", "generate_migrations")]
    assert said == ["nothing to do: no Django settings here" if django else "left out: django=no"] * 2


# ---- one file


def test_one_file_is_rewritten_and_the_others_keep_their_turn(session: Session) -> None:
    run_phase.execute(session, "scan_moves")
    run(session, "prepare_structure", "move_files")
    done = run(session, "update_imports", file="use.py")["update_imports"]
    after = texts(session.repo)
    assert after["use.py"] == "from products.stock.backend import Item\n"
    assert after["other.py"] == FILES["other.py"]
    assert done["inputs"] == ""  # so that it counts as due
    run(session, "update_imports")
    assert texts(session.repo)["other.py"] == "from products.stock.backend.items import Item\n"


def test_one_file_does_not_undo_the_others(session: Session) -> None:
    full_run(session)
    before = texts(session.repo)
    run(session, "update_imports", file="use.py")
    assert texts(session.repo) == before


def test_other_phases_know_nothing_of_one_file(session: Session) -> None:
    """A plan that was changed since moves all files, and leaves none behind."""
    full_run(session)
    session.plan_path.write_text(session.plan_path.read_text().replace(f"{BACKEND}/prices.csv", "data/prices.csv"))
    run(session, "scan_moves", "prepare_structure", "move_files", "update_imports", file="use.py")
    after = texts(session.repo)
    assert "data/prices.csv" in after and f"{BACKEND}/prices.csv" not in after


# ---- the scan


def test_a_copy_is_asked_once_files_have_moved(session: Session) -> None:
    plan = run_phase.execute(session, "scan_moves") and session.plan()
    full_run(session)
    put(session.repo, {"shop/stock/late.py": ""})
    commit(session.repo)
    run_phase.execute(session_for(session.repo), "scan_moves")
    assert {**plan.file_moves, "shop/stock/late.py": f"{BACKEND}/late.py"} == session.plan().file_moves


def test_django_is_left_alone_where_the_edited_plan_says_no(tmp_path: Path) -> None:
    site = session_for(make_repo(tmp_path / "site", SITE), "core.stock", python="/does/not/exist")
    with pytest.raises(DjangoError, match="can't be run"):
        run_phase.execute(site, "scan_moves")
    run_phase.execute(session_for(site.repo, "core.stock", django=False), "scan_moves")
    site.plan_path.write_text("# mine\n" + site.plan_path.read_text())
    assert run_phase.execute(site, "scan_moves")["findings"]


def test_django_no_after_a_scan_with_django(tmp_path: Path) -> None:
    """An edited plan goes on saying ``django: auto``; the command line counts."""
    site = session_for(make_repo(tmp_path / "site", SITE), "core.stock", "products.stock.backend")
    run_phase.execute(site, "scan_moves")
    assert site.plan().app.kind == "extraction"
    site.plan_path.write_text("# mine\n" + site.plan_path.read_text())
    done = run(site, *ORDER, django=False)
    assert done["prepare_models"]["summary"] == "left out: django=no"
    assert "products/stock/backend/models.py" in texts(site.repo)
    assert git(site.repo, "diff", "--stat", "--", "site_") == ""


def test_a_lost_record_of_the_scan(tmp_path: Path) -> None:
    site = session_for(make_repo(tmp_path / "site", SITE), "core.stock", "products.stock.backend")
    run_phase.execute(site, "scan_moves")
    for spoil in (site.registry_path.unlink, lambda: site.registry_path.write_text("{")):
        spoil()
        with pytest.raises(PhaseError, match="can't be read") as error:
            run(site, "prepare_structure")
        assert "doit forget scan_moves" in error.value.remedy


# ---- other shapes of checkouts


def test_a_directory_of_a_checkout_and_a_linked_work_tree(tmp_path: Path) -> None:
    make_repo(tmp_path / "mono", {**{f"sub/{path}": content for path, content in FILES.items()}, "use.py": "import shop.stock\n"})
    git(tmp_path / "mono", "worktree", "add", "-q", str(tmp_path / "linked"))
    full_run(session_for(tmp_path / "linked/sub", "shop.stock"))
    after = texts(tmp_path / "linked")
    assert after["sub/use.py"] == "from products.stock.backend import Item\n"
    assert after["use.py"] == "import shop.stock\n"  # not ours
    assert git(tmp_path / "mono", "status", "--porcelain") == ""


def test_the_result_is_proven(session: Session) -> None:
    """A file that somebody changes in between is told at once."""
    run_phase.execute(session, "scan_moves")
    run(session, *TREE_PHASES[:2])
    assert session_for(session.repo).workspace.differing("move_files") == []
    put(session.repo, {f"{BACKEND}/items.py": "somebody else's\n"})
    assert session_for(session.repo).workspace.differing("move_files") == [f"{BACKEND}/items.py"]


# ---- what covered the place from above

COVERED: dict[str, Content] = {
    **FILES,
    "shop/stock/test_x.py": "def test(price): ...\n",
    "shop/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef price(): ...\n",
    "pytest.ini": "[pytest]\ntestpaths = shop\n",
}


def test_entries_for_the_new_place_are_written_once_and_given_back(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "shop", COVERED), "shop.stock")
    before = snapshot(session.repo)
    run_phase.execute(session, "scan_moves")
    session.plan_path.write_text(session.plan_path.read_text().replace("cover: ask", "cover: add"))
    run(session, *TREE_PHASES[:3])
    ini = f"[pytest]\ntestpaths = shop {BACKEND}\n"
    assert texts(session.repo)["pytest.ini"] == ini
    assert texts(session.repo)[f"{BACKEND}/conftest.py"] == "from shop.conftest import *  # noqa: F403\n"
    after = snapshot(session.repo)
    again = run(session, "update_imports")
    assert (snapshot(session.repo), again["update_imports"]["counts"]["entries added"]) == (after, 2)  # type: ignore[index]
    run(session, "update_imports", file="pytest.ini")
    assert snapshot(session.repo) == after
    session_for(session.repo).workspace.reset(())
    assert snapshot(session.repo) == before


def test_an_entry_that_is_no_longer_wanted_is_taken_out_again(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "shop", COVERED), "shop.stock")
    run_phase.execute(session, "scan_moves")
    plan = session.plan_path.read_text()
    session.plan_path.write_text(plan.replace("cover: ask", "cover: add"))
    run(session, *TREE_PHASES[:3])
    session.plan_path.write_text(plan.replace("cover: ask", "cover: {pytest.ini: leave, shop/conftest.py: leave}"))
    result = run(session, "update_imports")["update_imports"]
    assert texts(session.repo)["pytest.ini"] == COVERED["pytest.ini"]
    assert f"{BACKEND}/conftest.py" not in texts(session.repo)
    assert result["findings"] == []
