"""Real repositories, real hooks; what is committed is compared with what is on disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.session import Session
from migration.core.errors import GitError, PhaseError
from migration.core.phase import ORDER
from migration.repo import review_commits
from migration.repo.review_commits import Commit, branch_of, commit
from migration.repo.tree.codeowners import owners
from tests.phases.test_scan_moves import BACKEND, STOCK, session_for
from tests.test_dodo import Home, move
from tests.test_dodo import make_repo as make_plain_repo
from tests.tools import contents, git, make_repo, put

FILES = {
    **STOCK,
    "shop/stock/own.py": "from shop.stock.items import Item\n",
    "use.py": "from shop.stock import Item  # sold\n",
    "web/view.py": "import shop.stock\n\nprint(shop.stock.Item)\n",
    "web/other.py": "from shop.stock.items import Item\n",
    "notes.txt": "mine\n",
    ".github/CODEOWNERS": "*.py @org/all\n/web/ @org/web\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    made = make_repo(tmp_path / "shop", FILES)
    configure(made)
    return made


def configure(repo: Path) -> None:
    for name, value in (("user.name", "Ann"), ("user.email", "ann@example.com"), ("commit.gpgsign", "false")):
        git(repo, "config", name, value)


def moved(repo: Path, source: str = "shop.stock") -> Session:
    """A session in which every phase has done its work."""
    for phase in ORDER:
        session = session_for(repo, source)
        run_phase.execute(session, phase)
    return session_for(repo, source)


def do(session: Session) -> list[Commit]:
    return commit(session.workspace, session.plan())


def log(repo: Path, *args: str) -> list[str]:
    return git(repo, "log", "--reverse", "--format=%s", *args).splitlines()


def hook(repo: Path, name: str, script: str) -> Path:
    path = repo / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


def clean(repo: Path) -> bool:
    return git(repo, "status", "--porcelain", "--untracked-files=no") == ""


# ---- what is refused, with nothing committed


def test_nothing_has_moved(repo: Path) -> None:
    session = session_for(repo, "shop.stock")
    run_phase.execute(session, "scan_moves")
    with pytest.raises(PhaseError, match="nothing has moved yet"):
        do(session)
    assert git(repo, "branch", "--show-current").strip() == "main"


def test_something_else_is_staged(repo: Path) -> None:
    session = moved(repo)
    put(repo, {"notes.txt": "changed\n"})
    git(repo, "add", "notes.txt")
    before = git(repo, "ls-files", "-s")
    with pytest.raises(GitError, match="not part of the move are staged") as error:
        do(session)
    assert error.value.details == ("notes.txt",) or list(error.value.details) == ["notes.txt"]
    assert len(log(repo)) == 1 and git(repo, "ls-files", "-s") == before


def test_the_branch_is_there(repo: Path) -> None:
    session = moved(repo)
    git(repo, "branch", "move/stock")
    with pytest.raises(GitError, match="there is a branch move/stock already, and main is checked out"):
        do(session)
    assert len(log(repo)) == 1


def test_a_team_s_branch_is_there(repo: Path) -> None:
    session = moved(repo)
    git(repo, "branch", "move-stock/x")
    with pytest.raises(GitError, match="branches are there already"):
        commit(session.workspace, session.plan(), owners(session.workspace.baseline()))
    assert git(repo, "branch", "--show-current").strip() == "main"


# ---- what is not part of the move stays as it is


def test_work_of_others_is_neither_committed_nor_lost(repo: Path) -> None:
    session = moved(repo)
    put(repo, {"notes.txt": "changed\n", "new.txt": "new\n"})
    do(session)
    assert git(repo, "status", "--porcelain").splitlines() == [" M notes.txt", "?? new.txt"]
    assert (repo / "notes.txt").read_text() == "changed\n"


# ---- commits


def test_pure_renames_first_then_step_by_step(repo: Path) -> None:
    session = moved(repo)
    disk = contents(repo)
    made = do(session)
    assert git(repo, "branch", "--show-current").strip() == branch_of("stock") == "move/stock"
    assert [one.step for one in made] == ["renames", "structure", "references"]
    prefix = f"Move shop.stock to {BACKEND.replace('/', '.')}: "
    assert log(repo)[1:] == [
        prefix + "pure renames", prefix + "packages, AppConfig and settings entry", prefix + "references",
    ]
    kinds = git(repo, "show", "--format=", "--name-status", "-M100%", made[0].oid).splitlines()
    assert kinds and all(line.startswith("R100\t") for line in kinds) and len(kinds) == made[0].files == 4
    changed = git(repo, "show", "--format=", "--name-only", made[2].oid).split()
    assert {"use.py", "web/view.py", "web/other.py"} <= set(changed) and "notes.txt" not in changed
    assert git(repo, "log", "-1", "--format=%an <%ae>").strip() == "Ann <ann@example.com>"
    assert "Phased-Migration: stock references" in git(repo, "log", "-1", "--format=%B")
    assert clean(repo) and contents(repo) == disk


def test_the_second_time_nothing_is_left_to_commit(repo: Path) -> None:
    session = moved(repo)
    do(session)
    head = git(repo, "rev-parse", "HEAD")
    assert do(session_for(repo, "shop.stock")) == []
    assert git(repo, "rev-parse", "HEAD") == head


def test_a_hook_that_refuses(repo: Path) -> None:
    session = moved(repo)
    disk = contents(repo)
    refusing = hook(repo, "commit-msg", 'grep -q "AppConfig and settings" "$1" && { echo "no ticket" >&2; exit 1; }\nexit 0\n')
    with pytest.raises(GitError, match="no ticket"):
        do(session)
    assert [subject.partition(": ")[2] for subject in log(repo)[1:]] == ["pure renames"]
    assert contents(repo) == disk  # the work is all there, and the next call goes on
    refusing.unlink()
    made = do(session_for(repo, "shop.stock"))
    assert [one.step for one in made] == ["structure", "references"]
    assert clean(repo) and contents(repo) == disk


def test_a_hook_that_rewrites_files_and_refuses(repo: Path) -> None:
    """As formatters do: what it has done to the files of a step is taken back with the step."""
    session = moved(repo)
    before, index = contents(repo), git(repo, "ls-files", "-s")
    refusing = hook(repo, "pre-commit", f"grep -q products use.py || exit 0\necho '# mine' >> {BACKEND}/items.py\necho '# mine' >> use.py\necho 'files were modified' >&2\nexit 1\n")
    with pytest.raises(GitError, match="files were modified") as error:
        do(session)
    assert error.value.details[1:] == (f"{BACKEND}/items.py", "use.py")
    ref = error.value.details[0].rpartition(" in ")[2].rstrip(":")
    assert git(repo, "show", f"{ref}:{BACKEND}/items.py").endswith("# mine\n")
    assert contents(repo) == before and git(repo, "ls-files", "-s") == index
    assert [subject.partition(": ")[2] for subject in log(repo)[1:]] == ["pure renames", "packages, AppConfig and settings entry"]
    refusing.unlink()
    assert [one.step for one in do(session_for(repo, "shop.stock"))] == ["references"]
    assert clean(repo) and contents(repo) == before


def test_a_hook_that_rewrites_files_and_agrees(repo: Path) -> None:
    """It stays as it is in the last commit of the file, like an edit by hand."""
    session = moved(repo)
    hook(repo, "pre-commit", "for f in use.py; do grep -q mine $f || echo '# mine' >> $f; git add $f; done\n")
    assert len(do(session)) == 3
    assert git(repo, "show", "HEAD:use.py").endswith("# mine\n") and clean(repo)
    before = contents(repo)
    moved(repo)
    assert contents(repo) == before and clean(repo)


def test_a_death_between_a_commit_and_the_index(repo: Path) -> None:
    session = moved(repo)
    before = (repo / ".git/index").read_bytes()
    full = do(session)
    undisturbed = [git(repo, "rev-parse", f"{one.oid}^{{tree}}") for one in full]
    for number, one in enumerate(full):
        git(repo, "reset", "-q", "--soft", one.oid)
        (repo / ".git/index").write_bytes(before)  # as it was before the first of them
        again = do(session_for(repo, "shop.stock"))
        assert [done.step for done in again] == [done.step for done in full[number + 1 :]]
        assert [git(repo, "rev-parse", f"{done.oid}^{{tree}}") for done in again] == undisturbed[number + 1 :]
        assert clean(repo)


def test_a_hook_sees_the_commit_s_own_tree(repo: Path) -> None:
    session = moved(repo)
    hook(repo, "pre-commit", "git diff --quiet || { echo 'index and files differ'; exit 1; }\n")
    assert len(do(session)) == 3


def test_without_an_author(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = moved(repo)
    git(repo, "config", "user.email", "")
    git(repo, "config", "user.name", "")
    git(repo, "config", "user.useConfigOnly", "true")
    with pytest.raises(GitError, match=r"empty ident|user\.name|identity"):
        do(session)
    configure(repo)
    assert len(do(session_for(repo, "shop.stock"))) == 3


def test_what_comes_later_is_added_and_nothing_amended(repo: Path) -> None:
    do(moved(repo))
    before = git(repo, "rev-list", "HEAD").split()
    put(repo, {"shop/stock/late.py": "from .items import Item\n", "late_use.py": "import shop.stock.late\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "master moved on")
    made = do(moved(repo))
    assert git(repo, "rev-list", "HEAD").split()[-len(before):] == before
    assert made and all("brought up to date" in one.subject for one in made)
    assert clean(repo)
    assert git(repo, "show", "HEAD:late_use.py") == f"import {BACKEND.replace('/', '.')}.late\n"


def test_rewrites_are_left_out_of_blame(repo: Path) -> None:
    put(repo, {review_commits.IGNORE_REVS: "# moves\n" + "0" * 40})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "revs")
    made = do(moved(repo))
    assert [one.step for one in made] == ["renames", "structure", "references", "blame"]
    lines = (repo / review_commits.IGNORE_REVS).read_text().splitlines()
    assert lines == ["# moves", "0" * 40, f"# {made[2].subject}", made[2].oid]
    blame = git(repo, "blame", "--porcelain", "--ignore-revs-file", review_commits.IGNORE_REVS, "use.py")
    assert made[2].oid not in blame.split("\n")[0]
    assert clean(repo)


@pytest.mark.parametrize("written", [False, True])
def test_a_death_before_the_commit_that_blame_passes_over(repo: Path, written: bool) -> None:
    put(repo, {review_commits.IGNORE_REVS: "# moves\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "revs")
    made = do(moved(repo))
    book = (repo / review_commits.IGNORE_REVS).read_text()
    git(repo, "reset", "-q", "--hard", made[2].oid)
    if written:
        (repo / review_commits.IGNORE_REVS).write_text(book)
    behind = (repo / ".git/index").read_bytes()
    assert [one.step for one in do(session_for(repo, "shop.stock"))] == ["blame"]
    assert (repo / review_commits.IGNORE_REVS).read_text() == book and clean(repo)
    assert do(session_for(repo, "shop.stock")) == []
    (repo / ".git/index").write_bytes(behind)  # a death between that commit and the index
    assert do(session_for(repo, "shop.stock")) == [] and clean(repo)


def test_a_book_that_somebody_is_writing_in(repo: Path) -> None:
    put(repo, {review_commits.IGNORE_REVS: "# moves\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "revs")
    session = moved(repo)
    put(repo, {review_commits.IGNORE_REVS: "# moves\n# mine\n"})
    with pytest.raises(GitError, match="holds uncommitted changes"):
        do(session)
    assert (repo / review_commits.IGNORE_REVS).read_text() == "# moves\n# mine\n"


def test_a_hook_that_refuses_that_commit(repo: Path) -> None:
    put(repo, {review_commits.IGNORE_REVS: "# moves\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "revs")
    session = moved(repo)
    refusing = hook(repo, "commit-msg", 'grep -q "out of git blame" "$1" && { echo "no ticket" >&2; exit 1; }\nexit 0\n')
    with pytest.raises(GitError, match="no ticket"):
        do(session)
    assert clean(repo)
    refusing.unlink()
    assert [one.step for one in do(session_for(repo, "shop.stock"))] == ["blame"]


def test_a_repo_in_a_subdirectory(tmp_path: Path) -> None:
    top = make_repo(tmp_path / "all", {**{f"backend/{path}": text for path, text in FILES.items()}, "top.txt": "top\n"})
    configure(top)
    session = moved(top / "backend")
    made = do(session)
    assert [one.step for one in made] == ["renames", "structure", "references"]
    assert clean(top)


# ---- team by team


def test_a_commit_and_a_branch_for_each_team(repo: Path) -> None:
    session = moved(repo)
    disk = contents(repo)
    made = commit(session.workspace, session.plan(), owners(session.workspace.baseline()))
    assert [one.step for one in made] == ["renames", "structure", "product", "team:@org/all", "team:@org/web"]
    branches = git(repo, "for-each-ref", "--format=%(refname:short)", "refs/heads/move-stock").split()
    assert branches == ["move-stock/org-all", "move-stock/org-web"]
    assert git(repo, "diff", "--name-only", f"{made[2].oid}", "move-stock/org-web").split() == ["web/other.py", "web/view.py"]
    assert git(repo, "rev-parse", "move-stock/org-web^").strip() == made[2].oid
    assert clean(repo) and contents(repo) == disk
    git(repo, "switch", "-q", "--detach", "move-stock/org-web")
    git(repo, "merge", "-q", "-m", "together", "move-stock/org-all")
    assert git(repo, "diff", "--stat", "HEAD", "move/stock") == ""


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4])
def test_a_death_behind_any_of_these_commits(repo: Path, at: int) -> None:
    session = moved(repo)

    def by_team(session: Session) -> list[Commit]:
        return commit(session.workspace, session.plan(), owners(session.workspace.baseline()))

    made = by_team(session)
    branches = git(repo, "for-each-ref", "--format=%(refname) %(tree) %(parent)", "refs/heads/move-stock")
    git(repo, "branch", "-q", "-D", "move-stock/org-web")
    if at < 4:  # else between the branches
        git(repo, "branch", "-q", "-D", "move-stock/org-all")
    git(repo, "reset", "-q", "--soft", made[at].oid)
    again = by_team(session_for(repo, "shop.stock"))
    assert [one.step for one in again] == [one.step for one in made[at + 1 :]]
    if at == 4:
        assert git(repo, "for-each-ref", "--format=%(refname) %(tree) %(parent)", "refs/heads/move-stock") == branches
    trees = [line.split()[:2] for line in git(repo, "for-each-ref", "--format=%(refname) %(tree) %(parent)", "refs/heads/move-stock").splitlines()]
    assert trees == [line.split()[:2] for line in branches.splitlines()]
    assert clean(repo) and by_team(session_for(repo, "shop.stock")) == []


# ---- the command


def test_on_the_command_line(tmp_path: Path) -> None:
    home, shop = Home(tmp_path / "home"), make_plain_repo(tmp_path / "mono", FILES)
    configure(shop)
    out, _ = home.doit(*move(shop), "commit=phases")
    assert [line.split()[0] for line in out.splitlines()].count("committed") == 3
    assert "the commits: git -C" in out
    assert clean(shop)
    out, _ = home.doit(*move(shop), "commit=phases")
    assert out.count("up to date") == len(ORDER) and "everything is committed on move/stock" in out
    assert subprocess.run(["git", "fsck", "--no-dangling"], cwd=shop, capture_output=True, check=True).returncode == 0


@pytest.mark.parametrize(
    ("attributes", "at"), [("*.dat filter=up\n", "shop/.gitattributes"), ("*.dat filter=up\n", "products/.gitattributes")]
)
def test_the_blobs_of_what_only_moves_are_those_of_the_index(tmp_path: Path, attributes: str, at: str) -> None:
    """Whether the attributes that made them hold at the old place alone, or others hold at the new one."""
    repo = make_repo(tmp_path / "shop", {**FILES, at: attributes})
    configure(repo)
    git(repo, "config", "filter.up.clean", "tr a-z A-Z")
    git(repo, "config", "filter.up.smudge", "tr A-Z a-z")
    put(repo, {"shop/stock/a.dat": "abc\n", "shop/stock/b.dat": "def\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "data")
    blob = git(repo, "rev-parse", "HEAD:shop/stock/a.dat")
    base = git(repo, "rev-parse", "HEAD").strip()
    made = do(moved(repo))
    assert made[0].step == "renames"
    for one in made:
        assert git(repo, "rev-parse", f"{one.oid}:{BACKEND}/a.dat") == blob
    renames = git(repo, "diff", "-M100%", "--name-status", base, made[0].oid)
    assert f"R100\tshop/stock/a.dat\t{BACKEND}/a.dat" in renames
    assert (repo / BACKEND / "a.dat").read_text() == "abc\n"
