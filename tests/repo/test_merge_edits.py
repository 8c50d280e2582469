"""What people and merges do to the files in between, and what the next run makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.core.phase import ORDER
from migration.repo.git.git import Git
from migration.repo.merge_edits import carry
from tests.phases.test_scan_moves import session_for
from tests.tools import Content, commit, disk, git, make_repo, put, snapshot, texts

BODY = "".join(f"\n\ndef f{n}():\n    return {n}\n" for n in range(5))
FILES: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/money.py": "RATE = 1\n",
    "shop/stock/__init__.py": "from .items import f1\n",
    "shop/stock/items.py": "from ..money import RATE\nfrom shop.stock.names import NAME\n" + BODY,
    "shop/stock/names.py": "NAME = 1\n" + BODY,
    "use.py": "from shop.stock.items import f2\n\nprint(f2())\n",
}
NEW = "products/stock/backend"
ITEMS = f"from shop.money import RATE\nfrom products.stock.backend.names import NAME\n{BODY}"


def run(repo: Path) -> list[str]:
    found: list[str] = []
    for phase in ORDER:
        found += run_phase.execute(session_for(repo, "shop.stock"), phase)["findings"]
    return found


def fresh(tmp_path: Path, files: dict[str, Content]) -> dict[str, str]:
    repo = make_repo(tmp_path / "fresh/repo", files)
    run(repo)
    return texts(repo)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The finished move, on a branch, not committed."""
    repo = make_repo(tmp_path / "repo", FILES)
    git(repo, "checkout", "-q", "-b", "move")
    run(repo)
    assert texts(repo)[f"{NEW}/items.py"] == ITEMS
    return repo


def on_master(repo: Path, files: dict[str, Content], *gone: str) -> None:
    commit(repo)
    git(repo, "checkout", "-q", "main")
    put(repo, files)
    for path in gone:
        (repo / path).unlink()
    commit(repo)
    git(repo, "checkout", "-q", "move")


# ---- by hand


@pytest.mark.parametrize("by_hand", ["nothing", "commit"])
def test_a_mode_changed_by_hand_stays(repo: Path, by_hand: str) -> None:
    (repo / f"{NEW}/names.py").chmod(0o755)
    if by_hand == "commit":
        commit(repo)
    before = snapshot(repo)
    run(repo)
    assert snapshot(repo) == before
    session_for(repo).workspace.undo("prepare_structure")
    assert disk(repo)["shop/stock/names.py"][0] == "0o755"
    (repo / "shop/stock/names.py").unlink()
    run(repo)
    assert disk(repo)[f"{NEW}/names.py"][0] == "0o755"


@pytest.mark.parametrize("by_hand", ["rm", "commit"])
def test_a_file_deleted_by_hand_stays_deleted_once_git_knows(repo: Path, tmp_path: Path, by_hand: str) -> None:
    (repo / f"{NEW}/__init__.py").write_text("")
    (repo / "use.py").write_text("")
    git(repo, "rm", "-qf", f"{NEW}/items.py")
    if by_hand == "commit":
        commit(repo)
    run(repo)
    expected = {**FILES, "shop/stock/__init__.py": "", "use.py": ""}
    del expected["shop/stock/items.py"]
    assert texts(repo) == fresh(tmp_path, expected)
    before = snapshot(repo)
    run(repo)
    assert snapshot(repo) == before


def test_a_file_that_is_only_off_the_disk_comes_back(repo: Path) -> None:
    before = snapshot(repo)
    (repo / f"{NEW}/items.py").unlink()
    run(repo)
    assert snapshot(repo) == before


@pytest.mark.parametrize("by_hand", ["mv", "commit"])
def test_a_file_renamed_by_hand_keeps_its_name(repo: Path, tmp_path: Path, by_hand: str) -> None:
    git(repo, "mv", f"{NEW}/names.py", f"{NEW}/called.py")
    items = ITEMS.replace("backend.names", "backend.called")
    put(repo, {f"{NEW}/items.py": items})
    if by_hand == "commit":
        commit(repo)
    before = texts(repo)
    run(repo)
    assert texts(repo) == before
    renamed = {**FILES, "shop/stock/called.py": FILES["shop/stock/names.py"]}
    del renamed["shop/stock/names.py"]
    renamed["shop/stock/items.py"] = str(FILES["shop/stock/items.py"]).replace("stock.names", "stock.called")
    assert before == fresh(tmp_path, renamed)
    session_for(repo).workspace.undo("prepare_structure")
    assert {path for path in texts(repo) if path.startswith("shop/stock")} == {path for path in renamed if "/stock/" in path}


@pytest.mark.parametrize("path", [f"{NEW}/more.py", "products/other.py"])
def test_a_file_added_at_the_new_place(repo: Path, path: str) -> None:
    put(repo, {path: "from shop.stock import items\n"})
    commit(repo)
    before = texts(repo)
    run(repo)
    assert texts(repo) == {**before, path: "from products.stock.backend import items\n"}
    assert run(repo) == []


def test_a_file_at_the_old_place_again_is_reported(repo: Path) -> None:
    commit(repo)
    put(repo, {"shop/stock/names.py": "mine\n"})
    commit(repo)
    before = texts(repo)
    found = run(repo)
    assert [line for line in found if "is there again, although it moved to" in line]
    assert texts(repo) == before


# ---- master


@pytest.mark.parametrize("how", ["ours", "theirs", "merge"])
def test_master_s_change_arrives_however_a_conflict_is_decided(repo: Path, tmp_path: Path, how: str) -> None:
    items = str(FILES["shop/stock/items.py"]).replace("import NAME\n", "import NAME, f3\n").replace("return 4", "return 44")
    on_master(repo, {"shop/stock/items.py": items})
    side = {"ours": ["-X", "ours"], "theirs": ["-X", "theirs"], "merge": ["-s", "ours"]}[how]
    git(repo, "merge", "-q", "--no-edit", *side, "main")
    run(repo)
    assert texts(repo) == fresh(tmp_path, {**FILES, "shop/stock/items.py": items})


def test_an_edit_by_hand_stays_beside_master_s(repo: Path, tmp_path: Path) -> None:
    put(repo, {f"{NEW}/items.py": ITEMS.replace("return 0", "return 'mine'")})
    items = str(FILES["shop/stock/items.py"]).replace("return 4", "return 44")
    on_master(repo, {"shop/stock/items.py": items})
    git(repo, "merge", "-q", "--no-edit", "main")
    run(repo)
    both = items.replace("return 0", "return 'mine'")
    assert texts(repo) == fresh(tmp_path, {**FILES, "shop/stock/items.py": both})


def test_what_git_leaves_at_the_old_place_is_taken_along(repo: Path, tmp_path: Path) -> None:
    names = "OTHER = 2\nNAME = 'nothing like it was'\n"
    put(repo, {f"{NEW}/names.py": "NAME = 1\n"})  # too different for git to see a rename
    commit(repo)
    run(repo)
    on_master(repo, {"shop/stock/names.py": names})
    git(repo, "-c", "merge.renames=false", "merge", "-q", "--no-edit", "-X", "theirs", "-s", "ours", "main")
    put(repo, {"shop/stock/names.py": names, f"{NEW}/names.py": names})
    commit(repo)
    run(repo)
    assert texts(repo) == fresh(tmp_path, {**FILES, "shop/stock/names.py": names})


@pytest.mark.parametrize("directories", ["true", "false"])
def test_a_new_file_of_master_moves_wherever_git_puts_it(repo: Path, tmp_path: Path, directories: str) -> None:
    late = {"shop/stock/late.py": "from ..money import RATE\nfrom .names import NAME\n", "late.py": "import shop.stock.late\n"}
    on_master(repo, late)
    git(repo, "-c", f"merge.directoryRenames={directories}", "merge", "-q", "--no-edit", "main")
    assert (f"{NEW}/late.py" in texts(repo)) == (directories == "true")
    run(repo)
    assert texts(repo) == fresh(tmp_path, {**FILES, **late})


def test_what_master_deletes_stays_deleted_and_may_come_again(repo: Path, tmp_path: Path) -> None:
    less: dict[str, Content] = {**FILES, "shop/stock/__init__.py": "", "use.py": ""}
    gone = less.pop("shop/stock/items.py")
    on_master(repo, {path: less[path] for path in ("shop/stock/__init__.py", "use.py")}, "shop/stock/items.py")
    git(repo, "merge", "-q", "--no-edit", "-s", "ours", "main")
    run(repo)
    assert texts(repo) == fresh(tmp_path, less)
    on_master(repo, {"shop/stock/items.py": gone})
    git(repo, "-c", "merge.directoryRenames=true", "merge", "-q", "--no-edit", "main")
    run(repo)
    assert texts(repo) == fresh(tmp_path / "again", {**less, "shop/stock/items.py": gone})


def test_a_fresh_clone_of_the_branch_moves_what_arrived_and_destroys_nothing(repo: Path, tmp_path: Path) -> None:
    late = {"shop/stock/late.py": "from ..money import RATE\nfrom .names import NAME\n", "late.py": "import shop.stock.late\n"}
    on_master(repo, late)
    git(repo, "-c", "merge.directoryRenames=false", "merge", "-q", "--no-edit", "main")
    (tmp_path / "elsewhere").mkdir()
    git(tmp_path / "elsewhere", "clone", "-q", str(repo), "repo")
    run(tmp_path / "elsewhere/repo")
    assert texts(tmp_path / "elsewhere/repo") == fresh(tmp_path, {**FILES, **late})


def test_renamed_on_master_and_the_move_made_anew_twice(repo: Path, tmp_path: Path) -> None:
    other = {path: str(text).replace("names", "called") for path, text in FILES.items()}
    other["shop/stock/called.py"] = other.pop("shop/stock/names.py")
    git(repo, "stash", "-q", "-u")
    git(repo, "rm", "-qr", "shop", "use.py")
    put(repo, dict[str, Content](other))
    commit(repo)
    session = session_for(repo, "shop.stock")
    run_phase.execute(session, "scan_moves")  # and no further
    assert texts(repo) == other
    run(repo)
    expected = fresh(tmp_path, dict[str, Content](other))
    assert texts(repo) == expected
    git(repo, "stash", "-q", "-u")
    run(repo)
    assert texts(repo) == expected


# ---- one file


@pytest.mark.parametrize(
    "mine",
    [
        None,
        b"from new.c import f\nx = 1\ny = 2\n",  # decided as the rewrite would
        b"from old.c import f\nx = 1\ny = 2\n",  # for master's side
        b"from new.b import f\nx = 1\ny = 2\n",  # for the branch's side
        b"from new.b import f\nx = 1\ny = 1\n",  # all of it for the branch's side
    ],
)
def test_carrying_master_s_change(repo: Path, mine: bytes | None) -> None:
    last, start = b"from new.b import f\nx = 1\ny = 1\n", b"from old.b import f\nx = 1\ny = 1\n"
    theirs = b"from old.c import f\nx = 1\ny = 2\n"
    assert carry(Git.open(repo), mine, last, start, start, theirs) == (theirs, [])


# ---- what a person has removed


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize(("path", "was"), [(f"{NEW}/names.py", "shop/stock/names.py"), ("use.py", "")])
def test_what_a_person_removed_stays_removed_and_is_named(repo: Path, path: str, was: str, committed: bool) -> None:
    if committed:
        commit(repo)
    git(repo, "rm", "-q", "-f", path)
    expected = {name: text for name, text in texts(repo).items() if name != path}
    said = f"{path}: was removed by hand and stays removed" + (f" (before the move {was})" if was else "")
    assert [line for line in run(repo) if line.startswith(said + " -> ")] != []
    assert {name: text for name, text in texts(repo).items() if name in expected and text == expected[name]} == texts(repo)
    assert was not in session_for(repo).plan().file_moves
    assert not [line for line in run(repo) if "removed by hand" in line]


def test_a_file_that_is_only_not_on_disk_comes_back(repo: Path) -> None:
    before = snapshot(repo)
    (repo / f"{NEW}/names.py").unlink()
    assert not [line for line in run(repo) if "removed" in line]
    assert snapshot(repo) == before


def test_what_master_removed_is_not_taken_for_a_person_s_deed(repo: Path) -> None:
    on_master(repo, {}, "shop/stock/names.py")
    git(repo, "merge", "-q", "--no-commit", "-s", "ours", "main")
    git(repo, "rm", "-q", f"{NEW}/names.py")
    git(repo, "commit", "-q", "--no-edit")
    assert not [line for line in run(repo) if "removed by hand" in line]
    assert f"{NEW}/names.py" not in texts(repo)
