from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from migration.core.changes import ChangeSet, Rename, Write
from migration.core.errors import GitError, MigrationError, PhaseError
from migration.repo import ledger_file, work_tree
from migration.repo.apply import Workspace
from migration.repo.git import index
from migration.repo.git.git import Git
from tests.applied import ALL, FILES, IMPORTS, MOVE, STRUCTURE, edit, run, run_phases
from tests.tools import (
    Content,
    Link,
    Script,
    commit,
    contents,
    creates,
    disk,
    git,
    make_repo,
    put,
    renames,
    snapshot,
    texts,
    workspace,
    writes,
)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


@pytest.fixture
def finished(tmp_path: Path) -> dict[str, object]:
    """What an undisturbed run makes of the files."""
    run(make_repo(tmp_path / "undisturbed", FILES))
    return snapshot(tmp_path / "undisturbed")


# ---- what stays untouched

def test_nothing_to_do_changes_nothing(repo: Path) -> None:
    before = snapshot(repo)
    workspace(repo).apply("move_files", ChangeSet())
    assert snapshot(repo) == before


def test_second_run_writes_nothing(repo: Path) -> None:
    run(repo)
    before, times = snapshot(repo), {path: (repo / path).stat().st_mtime_ns for path in disk(repo)}
    run(repo)
    assert snapshot(repo) == before
    assert {path: (repo / path).stat().st_mtime_ns for path in disk(repo)} == times


def test_a_file_that_is_written_anew_is_at_its_place_until_then(repo: Path) -> None:
    """Between two renames there would be none, and nothing would tell its mode."""
    away: list[str] = []
    watched = [True]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and watched:
            away.append(os.path.relpath(os.fsdecode(arguments[0]), repo))  # type: ignore[arg-type]

    run(repo, "prepare_structure", "move_files")
    sys.addaudithook(watch)
    run(repo, "update_imports")
    watched.clear()
    written = [path for path in away if not path.startswith(".git")]
    assert written and all(path.endswith(".phased-migration-tmp") for path in written)


# ---- moving

def test_git_shows_pure_renames(tmp_path: Path) -> None:
    files: dict[str, Content] = {f"old/{n}/m{n}.py": f"x = {n}\n" * 5 for n in range(300)}
    repo = make_repo(tmp_path / "repo", files)
    workspace(repo).apply("move_files", renames(*(f"{path} > {path.replace('old', 'new')}" for path in files)))
    lines = git(repo, "diff", "--cached", "-M100%", "-l1000", "--name-status").splitlines()
    assert len(lines) == 300
    assert all(line.startswith("R100\told/") for line in lines)
    assert git(repo, "diff") == ""
    assert not (repo / "old").exists()


def test_modes_links_and_times_are_kept(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"old/run": Script("#!/bin/sh\n"), "old/to": Link("nowhere"), "old/x": "x"})
    (repo / "old/x").chmod(0o640)
    times = (repo / "old/x").stat().st_mtime_ns
    workspace(repo).apply("move_files", renames("old/run > new/run", "old/to > new/to", "old/x > new/x"))
    assert disk(repo) == {"new": ("directory", b""), "new/run": ("0o755", b"#!/bin/sh\n"),
                          "new/to": ("link", b"nowhere"), "new/x": ("0o640", b"x")}
    assert (repo / "new/x").stat().st_mtime_ns == times
    assert git(repo, "diff", "--cached", "-M100%", "--name-status").count("R100") == 3
    workspace(repo).apply("update_imports", ChangeSet(writes=(Write("new/x", b"y"),)))
    assert disk(repo)["new/x"] == ("0o640", b"y")


def test_caches_go_and_other_leftovers_stay(repo: Path) -> None:
    put(repo, {"old/__pycache__/a.pyc": b"", "old/sub/__pycache__/a.pyc": b"", "old/sub/notes.txt": "mine"})
    run(repo, "move_files")
    assert {path for path in disk(repo) if path.startswith("old")} == {"old", "old/__pycache__", "old/__pycache__/a.pyc",
                                                                       "old/sub", "old/sub/__pycache__",
                                                                       "old/sub/__pycache__/a.pyc", "old/sub/notes.txt"}
    shutil.rmtree(repo / "old/sub")
    run(repo, "prepare_structure", "move_files")
    assert not (repo / "old").exists()


CHAIN = {"a.py": "1\n", "b.py": "2\n", "c.py": "3\n"}


def test_chained_renames(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", CHAIN)
    before = snapshot(repo)
    for _ in range(2):
        workspace(repo).apply("move_files", renames("a.py > b.py", "b.py > c.py", "c.py > d.py"))
        assert texts(repo) == {"b.py": "1\n", "c.py": "2\n", "d.py": "3\n"}
        assert git(repo, "diff") == ""
    workspace(repo).apply("update_imports", writes(b_py="1+\n", d_py="3+\n"))
    assert texts(repo) == {"b.py": "1+\n", "c.py": "2\n", "d.py": "3+\n"}
    git(repo, "add", "-A")
    workspace(repo).apply("move_files", renames("a.py > b.py", "b.py > c.py", "c.py > e.py"))
    assert texts(repo) == {"b.py": "1\n", "c.py": "2\n", "e.py": "3\n"}
    workspace(repo).reset()
    assert snapshot(repo) == before


@pytest.mark.parametrize("stage", [False, True])
def test_chained_renames_of_equal_files(tmp_path: Path, stage: bool) -> None:
    repo = make_repo(tmp_path / "repo", {"a/__init__.py": "", "a/b/__init__.py": "", "x.py": ""})
    before = snapshot(repo)
    workspace(repo).apply("move_files", renames("a/b/__init__.py > c/__init__.py", "a/__init__.py > a/b/__init__.py"))
    assert texts(repo) == {"a/b/__init__.py": "", "c/__init__.py": "", "x.py": ""}
    if stage:
        git(repo, "add", "-A")
    workspace(repo).reset()
    assert snapshot(repo) == before


@pytest.mark.parametrize("stage", [False, True])
def test_a_package_that_is_left_keeps_an_empty_init(tmp_path: Path, stage: bool) -> None:
    repo = make_repo(tmp_path / "repo", {"old/__init__.py": Script("x = 1\n"), "old/stays.py": ""})
    before = snapshot(repo)
    changes = ChangeSet((Rename("old/__init__.py", "new/__init__.py"),), (),
                        (Write("old/__init__.py", b"", create=True),))
    for _ in range(2):
        workspace(repo).apply("move_files", changes)
        assert texts(repo) == {"old/__init__.py": "", "old/stays.py": "", "new/__init__.py": "x = 1\n"}
        assert git(repo, "diff") == ""
        assert workspace(repo).differing("move_files") == []
    if stage:
        git(repo, "add", "-A")
    workspace(repo).undo("move_files")
    assert snapshot(repo) == before
    workspace(repo).apply("move_files", changes)
    assert git(repo, "diff") == ""
    workspace(repo).reset()
    assert snapshot(repo) == before


def test_merging_into_an_existing_file(repo: Path) -> None:
    put(repo, {"new/__init__.py": "", "new/b.py": FILES["old/b.py"]})
    put(repo, {"old/__init__.py": "x = 1\n"})
    commit(repo)
    before = snapshot(repo)
    changes = ChangeSet(renames("old/a.py > new/a.py").renames, ("old/__init__.py", "old/b.py"),
                        (Write("new/__init__.py", b"x = 1\n"),))
    for _ in range(2):
        workspace(repo).apply("move_files", changes)
        assert set(texts(repo)) == {"new/__init__.py", "new/a.py", "new/b.py", "old/data.bin", "settings.py", "use.py"}
        assert texts(repo)["new/__init__.py"] == "x = 1\n"
    workspace(repo).reset()
    assert snapshot(repo) == before


def test_created_files_are_staged_and_rewrites_are_not(repo: Path) -> None:
    run(repo)
    assert set(git(repo, "status", "--porcelain").splitlines()) == {
        "A  new/apps.py", "A  new/migrations/0001.py", " M settings.py", "R  old/__init__.py -> new/__init__.py",
        "RM old/a.py -> new/a.py", "RM old/b.py -> new/b.py", "R  old/data.bin -> new/data.bin", " M use.py",
    }


# ---- dying

class Died(BaseException):
    """Stands for SIGKILL: nothing catches it."""


POINTS = {
    "rename": (Path, "rename"),
    "write": (work_tree, "write_all_atomically"),
    "sync": (os, "fsync"),
    "replace": (Path, "replace"),
    "index": (Git, "update_index"),
    "keep": (Git, "keep"),
    "store": (Git, "store"),
    "unlink": (Path, "unlink"),
    "directories": (work_tree, "remove_empty"),
    "ledger": (ledger_file, "save"),
    "settle": (Workspace, "settle"),
}


def dying(patch: pytest.MonkeyPatch, point: str, at: int) -> None:
    """Let the process die at the ``at``-th call of a real function."""
    owner, name = POINTS[point]
    real: Callable[..., object] = getattr(owner, name)
    calls = iter(range(1000))

    def call(*args: object, **named: object) -> object:
        if next(calls) == at:
            raise Died
        return real(*args, **named)

    patch.setattr(owner, name, call)


@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("point", list(POINTS))
def test_death_anywhere_then_the_same_again(repo: Path, finished: dict[str, object], point: str, at: int) -> None:
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Died):
        dying(patch, point, at)
        run(repo)
    run(repo)
    assert snapshot(repo) == finished


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("point", list(POINTS))
def test_death_in_reset_then_the_same_again(repo: Path, point: str, at: int) -> None:
    before = snapshot(repo)
    run(repo)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Died):
        dying(patch, point, at)
        workspace(repo).reset()
    index.recover(Git(repo))  # as a session does before anything is changed
    workspace(repo).reset()
    assert snapshot(repo) == before
    assert not (repo / ".git/phased-migration").exists()


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("point", list(POINTS))
def test_death_in_undo_then_the_same_again(repo: Path, finished: dict[str, object], point: str, at: int) -> None:
    before = snapshot(repo)
    run(repo)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Died):
        dying(patch, point, at)
        workspace(repo).undo("prepare_structure")
    workspace(repo).undo("prepare_structure")
    assert snapshot(repo) == before
    run(repo)
    assert snapshot(repo) == finished


@pytest.mark.parametrize("phase", list(ALL))
def test_what_git_refuses_is_taken_back(repo: Path, finished: dict[str, object], monkeypatch: pytest.MonkeyPatch, phase: str) -> None:
    """All files have moved or are written when git's index turns out to be locked."""
    monkeypatch.setattr("migration.repo.git.index._PATIENCE", 0)
    at = list(ALL).index(phase)
    run_phases(repo, list(ALL)[:at])
    before = snapshot(repo)
    put(repo, {".git/index.lock": "of another command"})
    if phase in ("update_imports", "prepare_models"):  # which leave the index alone
        run_phases(repo, [phase])
    else:
        with pytest.raises(GitError, match=r"index\.lock is there.*; what was done until then is taken back"):
            run_phases(repo, [phase])
        assert snapshot(repo) == before
        assert workspace(repo).differing(phase) == []
    (repo / ".git/index.lock").unlink()
    run(repo)
    assert snapshot(repo) == finished


def test_a_limit_of_the_system_then_the_same_again(repo: Path, finished: dict[str, object]) -> None:
    """Nothing is injected here: the kernel refuses to write files of more than 100 bytes."""
    run_phases(repo, list(ALL)[:1])
    code = (
        "import resource, sys; from pathlib import Path; from tests.repo.test_apply import ALL, run_phases\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))\n"
        f"run_phases(Path({str(repo)!r}), list(ALL)[1:])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.returncode and "File too large" in done.stderr, done.stderr
    run(repo)
    assert snapshot(repo) == finished


def test_what_a_death_in_a_write_has_left_is_cleared_away(repo: Path, finished: dict[str, object]) -> None:
    run(repo)
    put(repo, {"new/.a.py.phased-migration-tmp": "half"})
    run(repo)
    assert snapshot(repo) == finished


# ---- running again

def test_a_tool_fix_gives_what_it_would_give_from_scratch(repo: Path, finished: dict[str, object]) -> None:
    wrong = {"prepare_structure": creates(new__app_py="wrong\n", new__apps_py="wrong\n"),
             "update_imports": writes(new__a_py="wrong\n", settings_py="wrong\n")}
    run(repo, **wrong)
    run(repo)
    assert snapshot(repo) == finished


@pytest.mark.parametrize("phase", list(ALL))
def test_an_earlier_phase_that_does_something_else_takes_back_the_later_ones(repo: Path, tmp_path: Path, phase: str) -> None:
    run(repo)
    run(repo, phase, **{phase: ChangeSet()})
    fresh = make_repo(tmp_path / "fresh", FILES)
    run_phases(fresh, list(ALL)[: list(ALL).index(phase)])
    assert snapshot(repo) == snapshot(fresh)


@pytest.mark.parametrize("by_hand", ["nothing", "add", "commit", "unstage"])
def test_another_target_moves_the_files_on(repo: Path, tmp_path: Path, by_hand: str) -> None:
    other = {"move_files": renames(*(f"{r.source} > {r.target.replace('new', 'else')}" for r in MOVE.renames)),
             "update_imports": writes(else__a_py="from else.b import f\n"),
             "prepare_models": writes(else__b_py="b\n"), "generate_migrations": ChangeSet()}
    fresh = make_repo(tmp_path / "fresh", FILES)
    run(fresh, **other)
    run(repo)
    if by_hand == "commit":
        commit(repo)
    elif by_hand == "add":
        git(repo, "add", "-A")
    elif by_hand == "unstage":
        git(repo, "reset", "-q")
    run(repo, **other)
    assert disk(repo) == disk(fresh)
    assert git(repo, "ls-files").splitlines() == git(fresh, "ls-files").splitlines()
    if by_hand in ("nothing", "unstage"):
        assert snapshot(repo) == snapshot(fresh)


@pytest.mark.parametrize("by_hand", ["add", "commit"])
def test_what_is_staged_stays_staged(repo: Path, by_hand: str) -> None:
    run(repo)
    commit(repo) if by_hand == "commit" else git(repo, "add", "-A")
    before = snapshot(repo)
    run(repo, "prepare_structure", prepare_structure=creates(new__apps_py="other\n"))
    run(repo)
    assert snapshot(repo) == before


def test_reset_to_head_then_the_same_again(repo: Path, finished: dict[str, object]) -> None:
    run(repo)
    git(repo, "reset", "-q", "--hard")
    git(repo, "clean", "-qfd")
    run(repo)
    assert snapshot(repo) == finished


def test_a_stash_then_the_same_again(repo: Path, finished: dict[str, object]) -> None:
    run(repo)
    git(repo, "stash")
    run(repo)
    assert disk(repo) == finished["disk"]


def test_a_result_that_comes_back_after_gc(repo: Path) -> None:
    for text in ("one\n", "two\n", "one\n"):
        run(repo, "update_imports", update_imports=writes(use_py=text))
        git(repo, "gc", "-q", "--prune=now")
        (repo / "use.py").unlink()
        workspace(repo).settle()
        assert texts(repo)["use.py"] == text


# ---- only some files

def test_one_file_leaves_other_files_and_later_phases_alone(repo: Path, finished: dict[str, object]) -> None:
    run(repo)
    work = workspace(repo)
    work.apply("update_imports", writes(use_py="other\n"), only="use.py")
    expected = dict(finished["disk"])  # type: ignore[call-overload]
    expected["use.py"] = (expected["use.py"][0], b"other\n")
    assert disk(repo) == expected
    work.apply("update_imports", IMPORTS)
    run(repo)
    assert snapshot(repo) == finished


def test_one_file_takes_back_what_later_phases_did_to_the_file(repo: Path) -> None:
    run(repo)
    workspace(repo).apply("update_imports", writes(new__b_py="def f():\n    return 3\n"), only="new/b.py")
    assert texts(repo)["new/b.py"] == "def f():\n    return 3\n"
    assert texts(repo)["new/a.py"].startswith("from new.b")
    assert "new/migrations/0001.py" in texts(repo)


def test_one_file_that_needs_no_rewrite_any_more_gets_its_text_back(repo: Path) -> None:
    before = texts(repo)["use.py"]
    run(repo)
    assert texts(repo)["use.py"] != before
    workspace(repo).apply("update_imports", ChangeSet(), only="use.py")
    assert texts(repo)["use.py"] == before


def test_one_file_keeps_edits_in_other_files(repo: Path) -> None:
    run(repo)
    edit(repo, "new/a.py", "return f()", "return f() + 1")
    work = workspace(repo)
    work.absorb()
    work.apply("update_imports", writes(use_py="other\n"), only="use.py")
    assert "return f() + 1" in texts(repo)["new/a.py"]


# ---- edits by hand

@pytest.mark.parametrize("by_hand", ["nothing", "add", "commit"])
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("new/a.py", "return f()", "return f() + 1"),
        ("new/a.py", "import f\n", "import f  # mine\n"),
        ("new/b.py", "def f", "def f_two"),
        ("new/__init__.py", "", "x = 1\n"),
        ("use.py", "print", "pprint"),
        ("settings.py", "APPS = ", "import os\nAPPS = "),
        ("new/apps.py", "    name", "    mine = 1\n    name"),
        ("new/migrations/0001.py", "[]", "[1]"),
    ],
)
def test_edits_survive_every_rerun(repo: Path, by_hand: str, path: str, old: str, new: str) -> None:
    run(repo)
    edit(repo, path, old, new)
    commit(repo) if by_hand == "commit" else by_hand == "add" and git(repo, "add", "-A")
    before, expected = snapshot(repo), texts(repo)
    assert workspace(repo).absorb().paths == (path,)
    assert workspace(repo).absorb().paths == ()
    assert snapshot(repo) == before
    from_edited_origin(repo, path, old, new)
    assert texts(repo) == expected
    workspace(repo).undo("prepare_structure")
    from_edited_origin(repo, path, old, new)
    assert texts(repo) == expected
    if by_hand != "nothing":
        assert snapshot(repo) == before


def from_edited_origin(repo: Path, path: str, old: str, new: str) -> None:
    """Run all phases; they work on what the tree then holds, as real ones do."""
    for phase, changes in ALL.items():
        work = workspace(repo)
        work.absorb()
        tree = work.tree(phase)
        again = [
            write if write.create or write.path != path
            else Write(path, write.data.replace(old.encode(), new.encode()) if new.encode() in tree.read(path) else b"lost")
            for write in changes.writes
        ]
        work.apply(phase, ChangeSet(changes.renames, changes.removes, tuple(again)))
        assert work.differing(phase) == []


def test_an_old_name_written_by_hand_is_there_for_the_next_run(repo: Path) -> None:
    run(repo)
    edit(repo, "new/a.py", "\n\n\ndef", "\nfrom old.x import y\n\n\ndef")
    workspace(repo).absorb()
    text = workspace(repo).baseline().read("old/a.py").decode()
    assert text.startswith("from old.b import f\nfrom old.x import y\n")


def test_an_edit_of_a_created_file_that_a_later_phase_rewrote(repo: Path) -> None:
    later = {"update_imports": writes(new__apps_py="class Shop:\n    name = 'newer'\n")}
    run(repo, **later)
    edit(repo, "new/apps.py", "class Shop:", "class Shop:\n    mine = 1")
    work = workspace(repo)
    work.absorb()
    assert work.tree("move_files").read("new/apps.py") == b"class Shop:\n    mine = 1\n    name = 'new'\n"
    changed = STRUCTURE.writes[0].data + b"    label = 'x'\n"
    work.apply("prepare_structure", ChangeSet(writes=(Write("new/apps.py", changed, create=True),)))
    assert texts(repo)["new/apps.py"] == "class Shop:\n    mine = 1\n    name = 'new'\n    label = 'x'\n"


def test_edits_that_fight_with_a_rewrite_stop_everything(repo: Path) -> None:
    run(repo)
    edit(repo, "new/a.py", "new.b", "mine.b")
    edit(repo, "use.py", "new.a", "mine.a")
    before = snapshot(repo)
    with pytest.raises(PhaseError) as error:
        workspace(repo).absorb()
    assert error.value.details == ("new/a.py: line 1", "use.py: line 1")
    assert snapshot(repo) == before
    with pytest.raises(GitError, match="was changed"):
        workspace(repo).apply("update_imports", ChangeSet())
    assert snapshot(repo) == before


def test_edits_that_fight_with_what_is_created(repo: Path) -> None:
    run(repo)
    edit(repo, "new/apps.py", "'new'", "'mine'")
    work = workspace(repo)
    work.absorb()
    before = snapshot(repo)
    with pytest.raises(PhaseError, match="new/apps.py: line 2"):
        work.apply("prepare_structure", creates(new__apps_py="class Shop:\n    name = 'newer'\n"))
    assert snapshot(repo) == before
    with pytest.raises(PhaseError, match="no longer makes 1"):
        workspace(repo).apply("prepare_structure", ChangeSet())
    assert snapshot(repo) == before


def test_an_edit_goes_with_a_file_that_gets_another_number(repo: Path) -> None:
    run(repo)
    put(repo, {"new/migrations/0001.py": "OPERATIONS = []\n"})
    first = creates(new__migrations__0007_move_py="NAME = 'x'\n\n\nDEPENDS = '0006'\n")
    run(repo, "generate_migrations", generate_migrations=first)
    edit(repo, "new/migrations/0007_move.py", "NAME = 'x'", "NAME = 'mine'")
    workspace(repo).absorb()
    workspace(repo).settle("generate_migrations")
    second = creates(new__migrations__0008_move_py="NAME = 'x'\n\n\nDEPENDS = '0007'\n")
    run(repo, "generate_migrations", generate_migrations=second)
    assert texts(repo)["new/migrations/0008_move.py"] == "NAME = 'mine'\n\n\nDEPENDS = '0007'\n"
    assert "new/migrations/0007_move.py" not in texts(repo)
    workspace(repo).settle("generate_migrations")
    lost = workspace(repo).apply("generate_migrations", ChangeSet())
    assert lost[0].startswith("new/migrations/0008_move.py: was edited by hand and is no longer made")
    git(repo, "gc", "-q", "--prune=now")
    assert git(repo, "cat-file", "blob", lost[0].split()[-1]) == "NAME = 'mine'\n\n\nDEPENDS = '0007'\n"
    assert workspace(repo).apply("generate_migrations", ChangeSet()) == []


@pytest.mark.parametrize(("first", "second"), [
    ("m/0007_move_to_stock.py", "m/0007_move_to_store.py"),  # another label
    ("stock/migrations/0001_initial.py", "store/migrations/0001_initial.py"),  # another place
    ("stock/migrations/0001_initial.py", "store/migrations/0002_initial.py"),
])
def test_an_edit_goes_with_a_file_that_gets_another_name(repo: Path, first: str, second: str) -> None:
    def made(path: str, depends: str) -> ChangeSet:
        others = {"x/migrations/0003_other.py": "OTHER = 1\n", path: f"NAME = 'x'\n\n\nDEPENDS = '{depends}'\n"}
        return ChangeSet(writes=tuple(Write(name, text.encode(), create=True) for name, text in others.items()))

    run(repo, "generate_migrations", generate_migrations=made(first, "0006"))
    edit(repo, first, "NAME = 'x'", "NAME = 'mine'")
    workspace(repo).absorb()
    workspace(repo).settle("generate_migrations")
    run(repo, "generate_migrations", generate_migrations=made(second, "0007"))
    assert texts(repo)[second] == "NAME = 'mine'\n\n\nDEPENDS = '0007'\n"
    assert first not in texts(repo) and texts(repo)["x/migrations/0003_other.py"] == "OTHER = 1\n"


def test_an_edit_that_fights_with_a_file_of_another_name(repo: Path) -> None:
    run(repo, "generate_migrations", generate_migrations=creates(m__0001_to_stock_py="NAME = 'stock'\n"))
    edit(repo, "m/0001_to_stock.py", "'stock'", "'mine'")
    workspace(repo).absorb()
    with pytest.raises(PhaseError, match="m/0001_to_store.py: line 1"):
        workspace(repo).apply("generate_migrations", creates(m__0001_to_store_py="NAME = 'store'\n"))


def test_a_file_that_became_a_link(repo: Path) -> None:
    run(repo)
    (repo / "new/b.py").unlink()
    (repo / "new/b.py").symlink_to("a.py")
    with pytest.raises(PhaseError, match=r"new/b.py: .*symbolic link"):
        workspace(repo).absorb()


def test_a_link_and_a_binary_file_edited_after_the_move(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"old/l": Link("x"), "old/d": b"\0"})
    changes = renames("old/l > new/l", "old/d > new/d")
    workspace(repo).apply("move_files", changes)
    (repo / "new/l").unlink()
    put(repo, {"new/l": Link("y"), "new/d": b"\0\xff"})
    assert workspace(repo).absorb().paths == ("new/d", "new/l")
    after = disk(repo)
    workspace(repo).undo("move_files")
    assert disk(repo)["old/l"] == ("link", b"y")
    workspace(repo).apply("move_files", changes)
    assert disk(repo) == after


def test_a_file_of_ours_that_was_deleted_comes_back(repo: Path, finished: dict[str, object]) -> None:
    run(repo)
    (repo / "new/a.py").unlink()
    work = workspace(repo)
    assert work.absorb().paths == ()
    assert work.differing("move_files") == ["new/a.py"]
    assert work.differing("prepare_models") == []
    run(repo)
    assert snapshot(repo) == finished


def test_a_new_file_at_the_old_place_is_theirs(repo: Path) -> None:
    run(repo)
    put(repo, {"old/a.py": "theirs\n"})
    git(repo, "add", "-A")
    run(repo)
    assert texts(repo)["old/a.py"] == "theirs\n"
    assert "old/a.py" in git(repo, "ls-files")
    before = snapshot(repo)
    for step in (lambda: workspace(repo).undo("move_files"), lambda: workspace(repo).reset()):
        with pytest.raises(MigrationError, match="old/a.py"):
            step()
        assert snapshot(repo) == before


# ---- undoing

@pytest.mark.parametrize("phases", [list(ALL)[:n] for n in range(1, 6)])
@pytest.mark.parametrize("stage", [False, True])
def test_reset_gives_back_tree_and_index(repo: Path, phases: list[str], stage: bool) -> None:
    (repo / "old/a.py").chmod(0o600)
    (repo / "old/b.py").chmod(0o775)
    git(repo, "update-index", "--chmod=+x", "old/b.py")
    git(repo, "commit", "-qm", "x")
    put(repo, {"notes.txt": "untracked", "old/__pycache__/x.pyc": b""})
    shutil.rmtree(repo / "old/__pycache__")
    before = snapshot(repo)
    run(repo, *phases)
    if stage:
        git(repo, "add", "-A", "new", "settings.py")
    counts = workspace(repo).reset()
    assert counts[0] >= 1
    assert snapshot(repo) == before
    assert git(repo, "for-each-ref", "refs/phased-migration") == ""
    run(repo, *phases)
    workspace(repo).reset()
    assert snapshot(repo) == before


def test_reset_after_a_commit(repo: Path) -> None:
    before = disk(repo), git(repo, "ls-files", "-s")
    run(repo)
    commit(repo)
    workspace(repo).reset()
    assert (disk(repo), git(repo, "ls-files", "-s")) == before


def test_reset_of_nothing(repo: Path) -> None:
    before = snapshot(repo)
    assert workspace(repo).reset() == (0, 0)
    assert snapshot(repo) == before


@pytest.mark.parametrize("absorbed", [False, True])
def test_reset_refuses_edits_and_lists_them(repo: Path, absorbed: bool) -> None:
    run(repo)
    edit(repo, "new/apps.py", "class", "# mine\nclass")
    if not absorbed:
        edit(repo, "new/a.py", "return", "return 1 +")
    else:
        workspace(repo).absorb()
    before = snapshot(repo)
    with pytest.raises(PhaseError) as error:
        workspace(repo).reset()
    assert error.value.details == (("new/apps.py",) if absorbed else ("new/a.py", "new/apps.py"))
    assert snapshot(repo) == before
    commit(repo)
    workspace(repo).reset()
    assert set(contents(repo)) == set(FILES)


def test_reset_gives_absorbed_edits_back_too(repo: Path) -> None:
    run(repo)
    edit(repo, "new/a.py", "return", "return 1 +")
    workspace(repo).absorb()
    workspace(repo).reset()
    assert contents(repo)["old/a.py"] == b"from old.b import f\n\n\ndef a():\n    return 1 + f()\n"


@pytest.mark.parametrize("phase", list(ALL))
def test_undo_gives_back_the_state_before_a_phase(repo: Path, tmp_path: Path, finished: dict[str, object], phase: str) -> None:
    fresh = make_repo(tmp_path / "fresh", FILES)
    run_phases(fresh, list(ALL)[: list(ALL).index(phase)])
    run(repo)
    assert workspace(repo).undo(phase, dryrun=True) > 0
    assert snapshot(repo) == finished
    assert workspace(repo).undo(phase) > 0
    assert snapshot(repo) == snapshot(fresh)
    assert workspace(repo).undo(phase) == 0
    run(repo)
    assert snapshot(repo) == finished


# ---- places and formats

def test_a_repo_in_a_subdirectory_of_a_checkout(tmp_path: Path, finished: dict[str, object]) -> None:
    top = make_repo(tmp_path / "top", {**{f"süb/{path}": data for path, data in FILES.items()}, "old/a.py": "other"})
    repo = top / "süb"
    before = snapshot(top)
    run(repo)
    assert disk(repo) == finished["disk"]
    assert git(repo, "ls-files", "-s") == finished["index"]
    assert (top / "old/a.py").read_text() == "other"
    workspace(repo).reset()
    assert snapshot(top) == before


def test_products_and_directories_have_ledgers_of_their_own(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"one/a": "1", "two/a": "2", "b": "3"})
    spaces = [workspace(repo), workspace(repo, "other"), workspace(repo / "one"), workspace(repo / "two")]
    assert len({space.path for space in spaces}) == len({space.ref for space in spaces}) == 4
    for space in spaces[1:]:
        space.apply("move_files", renames("b > c" if space.git.root == repo else "a > c"))
    assert len(git(repo, "for-each-ref", "refs/phased-migration").splitlines()) == 3


def test_a_linked_worktree(repo: Path, tmp_path: Path, finished: dict[str, object]) -> None:
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    linked, before = tmp_path / "linked", snapshot(repo)
    run(linked)
    assert disk(linked) | {".git": ()} == finished["disk"] | {".git": ()}  # type: ignore[operator]
    assert snapshot(repo) == before
    git(repo, "gc", "-q", "--prune=now")
    workspace(linked).reset()
    assert git(linked, "status", "--porcelain") == ""
    run(repo)
    assert snapshot(repo) == finished


def test_blobs_survive_gc(repo: Path) -> None:
    before = snapshot(repo)
    run(repo)
    git(repo, "reflog", "expire", "--expire=now", "--all")
    git(repo, "gc", "-q", "--prune=now")
    workspace(repo).settle("prepare_structure")
    assert disk(repo) == before["disk"]
    workspace(repo).settle()
    workspace(repo).reset()
    assert snapshot(repo) == before


def test_a_sha256_repository(tmp_path: Path, finished: dict[str, object]) -> None:
    repo = make_repo(tmp_path / "repo", FILES, "--object-format=sha256")
    before = snapshot(repo)
    run(repo)
    assert disk(repo) == finished["disk"]
    workspace(repo).reset()
    assert snapshot(repo) == before


@pytest.mark.parametrize("stage", [False, True])
def test_line_ends_that_git_converts(tmp_path: Path, stage: bool) -> None:
    repo = make_repo(tmp_path / "repo", {".gitattributes": "*.py text eol=crlf\n", "old/a.py": b"a = 1\r\nb = 2\r\n",
                                         "use.py": b"import old\r\n"})
    assert git(repo, "status", "--porcelain") == ""
    before, digest = snapshot(repo), workspace(repo).digest()
    for again in range(2):
        workspace(repo).apply("move_files", renames("old/a.py > new/a.py"))
        assert again or git(repo, "status", "--porcelain") == "R  old/a.py -> new/a.py\n"
        workspace(repo).apply("update_imports", ChangeSet(writes=(Write("use.py", b"import new\r\n"),)))
        assert (repo / "use.py").read_bytes() == b"import new\r\n"
        assert workspace(repo).digest() == digest
        if stage:
            git(repo, "add", "-A")
    assert workspace(repo).absorb().paths == ()
    workspace(repo).reset()
    assert snapshot(repo) == before


def test_strange_names(tmp_path: Path) -> None:
    names = ["a b.py", 'q"u.py', "n\nl.py", "ü.py", "tab\t.py", "-x.py", ":(top)y.py", "*.py", os.fsdecode(b"\xff.py")]
    repo = make_repo(tmp_path / "repo", {f"old/{name}": name.encode(errors="surrogateescape") for name in names})
    before = snapshot(repo)
    workspace(repo).apply("move_files", ChangeSet(tuple(Rename(f"old/{name}", f"new/{name}") for name in names)))
    assert sorted(path[4:] for path in disk(repo) if path.startswith("new/")) == sorted(names)
    assert workspace(repo).git.uncommitted() == {f"{where}/{name}" for where in ("old", "new") for name in names}
    workspace(repo).reset()
    assert snapshot(repo) == before
