"""A move without its record: the next run gives what it would give with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from migration.cli import dry_run, run_phase
from migration.cli.commands import commit as review
from migration.cli.recall import recall
from migration.cli.session import Session
from migration.core.errors import GitError, UsageError
from migration.core.phase import ORDER
from tests.faults.test_merges import BOX, MIGRATION
from tests.phases.test_scan_moves import STOCK, session_for
from tests.test_dodo import SITE
from tests.tools import Content, commit, contents, git, make_repo, put, snapshot, texts

USE = "from shop.stock import Item\n\n\ndef use():\n    return Item()\n\n\nprint(use())\n"
FILES: dict[str, Content] = {
    **STOCK,
    "shop/stock/names.py": "from shop.stock.items import Item\n\nNAME = 'shop.stock.items'\n",
    "use.py": USE,
    "crlf.txt": "see shop/stock/prices.csv\r\n",
    ".gitattributes": "crlf.txt text eol=crlf\n",
}
NEWS: dict[str, Content] = {
    "shop/new.py": "from shop.stock.names import NAME\n",
    "use.py": USE + "\n\n\nimport shop.stock.names  # noqa\n",
}
BACKEND = "products/stock/backend"


def run(repo: Path, home: Path | None = None, source: str = "shop.stock") -> list[str]:
    """A run with what lies beside the repo, or with nothing but the repo."""
    found = []
    for phase in ORDER:
        session = session_for(repo, source)
        if home is not None:
            session.home = home
            session.__init__(session.options, home)  # type: ignore[misc]
            session.state.mkdir(parents=True, exist_ok=True)
        found += run_phase.execute(session, phase)["findings"]
    return found


def told(findings: list[str]) -> bool:
    return any("there was no record of this move here" in line for line in findings)


def fresh(tmp_path: Path, files: dict[str, Content], source: str = "shop.stock") -> dict[str, bytes]:
    repo = make_repo(tmp_path / "fresh/repo", files)
    run(repo, source=source)
    return contents(repo)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The move, committed on the branch ``move``."""
    made = make_repo(tmp_path / "repo", FILES)
    git(made, "switch", "-q", "-c", "move")
    run(made)
    commit(made)
    return made


def clone(repo: Path, tmp_path: Path, *options: str) -> Path:
    (tmp_path / "other").mkdir()
    git(tmp_path / "other", "clone", "-q", "-b", "move", *options, f"file://{repo}", "repo")
    return tmp_path / "other/repo"


def on_main(repo: Path, files: dict[str, Content]) -> None:
    git(repo, "switch", "-q", "main")
    put(repo, files)
    commit(repo)
    git(repo, "switch", "-q", "move")


# ---- what stays


def test_nothing_is_told_where_there_is_a_record_or_no_move(repo: Path) -> None:
    assert recall(session_for(repo, "shop.stock"), run_phase.work_out) is None
    git(repo, "switch", "-q", "main")
    assert recall(session_for(repo, "shop.stock"), run_phase.work_out) is None


@pytest.mark.parametrize("lost", [True, False])
def test_nothing_new_changes_nothing(repo: Path, tmp_path: Path, lost: bool) -> None:
    if lost:
        shutil.rmtree(repo / ".git/phased-migration")
    else:
        repo = clone(repo, tmp_path)
    before = snapshot(repo)
    assert told(run(repo))
    assert snapshot(repo) == before
    assert not told(run(repo))
    assert snapshot(repo) == before


def test_a_preview_touches_nothing(repo: Path, tmp_path: Path) -> None:
    put(repo, {"shop/new.py": NEWS["shop/new.py"]})
    commit(repo)
    cloned = clone(repo, tmp_path)
    before, inside = snapshot(cloned), sorted(map(str, (cloned / ".git").rglob("*")))
    diff = dry_run.preview(session_for(cloned, "shop.stock")).diff
    assert "+from products.stock.backend.names import NAME" in diff
    assert snapshot(cloned) == before and sorted(map(str, (cloned / ".git").rglob("*"))) == inside


def test_a_source_that_never_was_there(repo: Path, tmp_path: Path) -> None:
    shutil.rmtree(repo / ".git/phased-migration")
    session_for(repo).plan_path.unlink()
    with pytest.raises(UsageError, match="it has been moved already"):
        run(repo, source="shop.never")


def test_a_clone_without_the_commits_before_says_so(repo: Path, tmp_path: Path) -> None:
    shallow = clone(repo, tmp_path, "--depth=1")
    before = snapshot(shallow)
    with pytest.raises(GitError, match=r"does not go back to before that\n  -> fetch the rest of it \(git fetch --unshallow\)"):
        run(shallow)
    assert snapshot(shallow) == before


def test_edits_by_hand_stay(repo: Path, tmp_path: Path) -> None:
    """In a moved file, a rewritten one, and one that the tool has made."""
    edits = {
        f"{BACKEND}/names.py": "from products.stock.backend.items import Item\n\nNAME = 'products.stock.backend.items'\nMINE = 1\n",
        "use.py": USE.replace("shop.stock", "products.stock.backend") + "# mine\n",
        "products/__init__.py": "# mine\n",
    }
    put(repo, dict[str, Content](edits))
    commit(repo)
    cloned = clone(repo, tmp_path)
    before = snapshot(cloned)
    assert told(run(cloned))
    assert snapshot(cloned) == before


# ---- what changes


@pytest.mark.parametrize("plan", ["lost", "there"])
@pytest.mark.parametrize("how", ["merge", "rebase", "squash", "uncommitted", "worktree"])
def test_what_master_brings_is_moved_and_rewritten(repo: Path, tmp_path: Path, how: str, plan: str) -> None:
    late: dict[str, Content] = {"shop/stock/late.py": "import shop.stock.items\n"}
    on_main(repo, {**NEWS, **(late if how in ("squash", "uncommitted") else {})})
    if how == "worktree":
        git(repo, "worktree", "add", "-q", "-b", "there", str(tmp_path / "other/repo"))
        cloned = tmp_path / "other/repo"
        git(cloned, "merge", "-q", "--no-edit", "-X", "ours", "main")
    else:
        cloned = clone(repo, tmp_path)
        if how == "rebase":
            git(cloned, "rebase", "-q", "-X", "theirs", "origin/main")
        elif how == "merge":
            git(cloned, "merge", "-q", "--no-edit", "-X", "ours", "origin/main")
        else:
            git(cloned, "checkout", "-q", "-B", "move", "origin/main")
            run(cloned, tmp_path / "home 2")
            git(cloned, "add", "-A")
            if how == "squash":
                commit(cloned)
            put(cloned, {"use.py": USE.replace("shop.stock", "products.stock.backend") + "\n\n\nimport shop.stock.names  # noqa\n"})
            if how == "squash":
                commit(cloned)
            shutil.rmtree(cloned / ".git/phased-migration")
    if plan == "there":
        state = session_for(cloned).state
        shutil.copy(session_for(repo).plan_path, state)
    assert told(run(cloned))
    found = contents(cloned)
    found.pop(".git", None)
    assert found == fresh(tmp_path, {**FILES, **NEWS, **(late if how in ("squash", "uncommitted") else {})})


def test_a_merge_after_a_run_on_another(repo: Path, tmp_path: Path) -> None:
    """The tool has run on one merge, and not yet on the next: it is told what it ran on."""
    on_main(repo, NEWS)
    git(repo, "merge", "-q", "--no-edit", "-X", "ours", "main")
    run(repo)
    commit(repo)
    more: dict[str, Content] = {"shop/newer.py": "from shop.stock import names\n"}
    on_main(repo, more)
    git(repo, "merge", "-q", "--no-edit", "main")
    cloned = clone(repo, tmp_path)
    assert told(run(cloned))
    assert contents(cloned) == fresh(tmp_path, {**FILES, **NEWS, **more})


@pytest.mark.parametrize("again", [False, True])
def test_models_and_migrations(tmp_path: Path, again: bool) -> None:
    """The generated migration is known for ours, whatever number it had when the tool ran last."""
    repo = make_repo(tmp_path / "repo", dict[str, Content](SITE))
    git(repo, "switch", "-q", "-c", "move")
    run(repo, source="core.stock")
    commit(repo)
    later: dict[str, Content] = {
        "core/stock/models.py": SITE["core/stock/models.py"] + BOX,
        "core/migrations/0002_box.py": MIGRATION,
    }
    on_main(repo, later)
    git(repo, "merge", "-q", "--no-edit", "-X", "ours", "main")
    if again:
        run(repo, source="core.stock")
        commit(repo)
    cloned = clone(repo, tmp_path)
    assert told(run(cloned, source="core.stock"))
    assert contents(cloned) == fresh(tmp_path, {**SITE, **later}, "core.stock")
    assert "core/migrations/0003_move_models_to_stock.py" in texts(cloned)


def test_a_removed_file_stays_removed(repo: Path, tmp_path: Path) -> None:
    git(repo, "rm", "-q", f"{BACKEND}/prices.csv")
    commit(repo)
    cloned = clone(repo, tmp_path)
    before = snapshot(cloned)
    findings = run(cloned)
    assert told(findings) and any(line.startswith(f"{BACKEND}/prices.csv: was removed by hand") for line in findings)
    assert snapshot(cloned) == before


# ---- the plan, where a person has edited it


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """A move whose plan a person has edited, in the tool's own commits."""
    made = make_repo(tmp_path / "repo", FILES)
    for name, value in (("user.name", "Ann"), ("user.email", "ann@example.com")):
        git(made, "config", name, value)
    edit_plan(session_for(made, "shop.stock"))
    run(made)
    review.run(session_for(made, commit="phases"))
    git(made, "branch", "-m", "move")
    return made


def edit_plan(session: Session) -> None:
    run_phase.execute(session, "scan_moves")
    text = session.plan_path.read_text()
    for old, new in (("exclude: []", "exclude: [crlf.txt]"), (f"to: {BACKEND}/prices.csv", "to: data/prices.csv")):
        assert old in text
        text = text.replace(old, new)
    session.plan_path.write_text(text)


@pytest.mark.parametrize("source", ["shop.stock", ""])
@pytest.mark.parametrize("how", ["as they are", "squashed"])
def test_an_edited_plan_is_told_by_the_commits(planned: Path, tmp_path: Path, how: str, source: str) -> None:
    if how == "squashed":
        git(planned, "switch", "-q", "-c", "one", "main")
        git(planned, "merge", "-q", "--squash", "move")
        git(planned, "commit", "-q", "--no-edit")
        git(planned, "branch", "-q", "-M", "one", "move")
    late: dict[str, Content] = {**NEWS, "shop/stock/late.py": "import shop.stock.items\n"}
    on_main(planned, late)
    cloned = clone(planned, tmp_path)
    assert "data/prices.csv" in dry_run.preview(session_for(cloned, source)).plan.file_moves.values()
    git(cloned, "-c", "merge.directoryRenames=true", "merge", "-q", "--no-edit", "origin/main")
    assert told(run(cloned, source=source))
    assert session_for(cloned).plan().exclude == ("crlf.txt",)
    fresh_repo = make_repo(tmp_path / "fresh/repo", FILES)
    edit_plan(session_for(fresh_repo, "shop.stock"))
    put(fresh_repo, late)
    commit(fresh_repo)
    run(fresh_repo)
    assert contents(cloned) == contents(fresh_repo)
    assert contents(cloned)["crlf.txt"] == b"see shop/stock/prices.csv\r\n"
    before = snapshot(cloned)
    assert not told(run(cloned))
    assert snapshot(cloned) == before


def test_an_edited_plan_at_hand_gets_what_has_come_since(planned: Path, tmp_path: Path) -> None:
    """What the scan had found is not for git, and so a clone has only the plan itself."""
    on_main(planned, {"shop/stock/late.py": ""})
    git(planned, "-c", "merge.directoryRenames=true", "merge", "-q", "--no-edit", "main")
    cloned = clone(planned, tmp_path)
    shutil.copy(session_for(planned).plan_path, session_for(cloned).state)
    assert told(run(cloned))
    assert session_for(cloned).plan().file_moves["shop/stock/late.py"] == f"{BACKEND}/late.py"


def test_what_was_left_for_a_person_is_known(tmp_path: Path) -> None:
    """Their correction belongs to the moved code in a clone, too."""
    files: dict[str, Content] = {**FILES, "ask.py": "import importlib\nfrom shop.stock import Item\n\n\ndef ask(name):\n    return importlib.import_module('shop.stock.' + name), Item\n"}
    made = make_repo(tmp_path / "repo", files)
    git(made, "switch", "-q", "-c", "move")
    run(made)
    commit(made)
    noted = session_for(made).workspace.ledger.noted
    cloned = clone(made, tmp_path)
    run_phase.execute(session_for(cloned, "shop.stock"), "scan_moves")
    found = session_for(cloned).workspace.ledger.noted
    assert {phase: notes for phase, notes in noted.items() if notes} == found
