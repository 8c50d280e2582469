"""Moves that chain or change places within one plan: everything is worked out from the tree before them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from migration.repo.disk.atomic_write import temporary_for
from tests.test_dodo import Home, files, git, make_repo, state, tree

# What a module is called is in it, so that the wrong one shows when the code runs.
MONO = {
    "mono/__init__.py": "",
    "mono/red.py": "from mono import blue\n\nNAME = 'red'\n\n\ndef other():\n    return blue.NAME\n",
    "mono/blue.py": "NAME = 'blue'\nSEE = 'mono.red.NAME'\n",
    "mono/green.py": "from .red import NAME as RED\nfrom .blue import NAME as BLUE\n\nNAME = 'green'\n",
    "mono/use.py": (
        "import mono.green\nimport mono.red\nfrom mono.blue import NAME as BLUE  # blue, see mono/blue.py\nfrom mono.red import NAME as RED, other\n"
        "\nASKED = 'mono.red.NAME', 'mono.blue.NAME', 'mono/red.py'\nSEEN = [RED, BLUE, mono.red.NAME, mono.green.NAME, mono.green.RED, mono.green.BLUE, other()]\n"
    ),
    "mono/one/__init__.py": "from .part import f\n",
    "mono/one/part.py": "from ..two.part import f as other\n\n\ndef f():\n    return 'one'\n",
    "mono/two/__init__.py": "from mono.two.part import f\n",
    "mono/two/part.py": "def f():\n    return 'two'\n",
    "mono/two/only.txt": "see mono/one/part.py\n",
    "mono/pair.py": "import mono.one.part as one\nfrom mono import one as first, two as second\nfrom mono.two.part import f\n\nSEEN = [one.f(), one.other(), first.f(), second.f(), f()]\n",
    "CODEOWNERS": "/mono/red.py @red\n/mono/blue.py @blue\n/mono/one/ @one\n/mono/two/ @two\n",
}
SEEN = "['red', 'blue', 'red', 'green', 'red', 'blue', 'blue'] ['one', 'two', 'one', 'two', 'two']"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "mono", MONO)


def arguments(mono: Path) -> list[str]:
    return ["product=mono", f"repo={mono}", "django=no"]


def plan(home: Home, file_moves: dict[str, str], module_moves: dict[str, str] | None = None) -> None:
    """Write the plan; modules follow their files."""
    moves = [{"from": old, "to": new} for old, new in file_moves.items()]
    source, target = next(iter((module_moves or {"mono.red": "mono.blue"}).items()))
    text = {"product": "mono", "source": source, "target": target, "file_moves": moves, "module_moves": module_moves or {source: target}, "django": "no"}
    place = home.path / "moves/mono"
    place.mkdir(parents=True, exist_ok=True)
    (place / "moves.yml").write_text(yaml.safe_dump(text, sort_keys=False))


def runs(mono: Path) -> str:
    code = "import mono.use, mono.pair; print(mono.use.SEEN, mono.pair.SEEN)"
    return subprocess.run([sys.executable, "-B", "-c", code], cwd=mono, check=True, capture_output=True, text=True).stdout.strip()


MODULES = {"mono/red.py": "mono/blue.py", "mono/blue.py": "mono/red.py"}
CHAIN = {"mono/red.py": "mono/blue.py", "mono/blue.py": "mono/gray.py"}
RING = {"mono/red.py": "mono/blue.py", "mono/blue.py": "mono/green.py", "mono/green.py": "mono/red.py"}
PACKAGES = {
    "mono/one/__init__.py": "mono/two/__init__.py",
    "mono/one/part.py": "mono/two/part.py",
    "mono/two/__init__.py": "mono/one/__init__.py",
    "mono/two/part.py": "mono/one/part.py",
    "mono/two/only.txt": "mono/one/only.txt",
}
CASES = {
    "modules": (MODULES, {"mono.red": "mono.blue", "mono.blue": "mono.red"}),
    "modules that only file_moves names": (MODULES, None),
    "a chain": (CHAIN, {"mono.red": "mono.blue", "mono.blue": "mono.gray"}),
    "three in a ring": (RING, None),
    "packages": (PACKAGES, {"mono.one": "mono.two", "mono.two": "mono.one"}),
}


@pytest.mark.parametrize("case", CASES)
def test_there_and_back(home: Home, mono: Path, case: str) -> None:
    file_moves, module_moves = CASES[case]
    (mono / "mono/blue.py").chmod(0o755)
    git(mono, "commit", "-q", "-a", "-m", "x")
    assert runs(mono) == SEEN
    before = state(mono)
    plan(home, file_moves, module_moves)
    home.doit(*arguments(mono))
    after = state(mono)
    _as_planned(mono, file_moves, before[0])
    assert runs(mono) == SEEN
    home.doit(*arguments(mono), "residue")
    home.doit(*arguments(mono), "reset")
    assert state(mono)[:2] == before[:2]
    home.doit(*arguments(mono))
    assert state(mono)[:2] == after[:2]
    if case not in ("modules", "packages"):
        return
    home.doit("forget", "move_files", *arguments(mono))
    home.doit(*arguments(mono))
    assert state(mono)[:2] == after[:2]  # references are never rewritten twice
    git(mono, "add", "-A")
    git(mono, "commit", "-q", "-m", "moved")
    home.doit(*arguments(mono))
    assert state(mono)[:2] == (after[0], git(mono, "ls-files", "-s"))
    back = Home(home.path.parent / "back")
    git(mono, "worktree", "add", "-q", str(mono.parent / "again"))
    again = mono.parent / "again"
    plan(back, {new: old for old, new in file_moves.items()}, {new: old for old, new in (module_moves or {}).items()})
    back.doit(*arguments(again))
    found = {path: text for path, text in files(again).items() if path != ".git"}
    assert found == MONO, {path: (found.get(path), MONO.get(path)) for path in {*found, *MONO} if found.get(path) != MONO.get(path)}
    assert runs(again) == SEEN


def _as_planned(mono: Path, file_moves: dict[str, str], before: dict[str, tuple[int, bytes]]) -> None:
    """The index holds pure renames, with their modes; nothing is left over on disk."""
    shown = git(mono, "ls-files", "-s")
    entries = {line.split("\t")[1]: line.split()[:2] for line in shown.splitlines()}
    for old, new in file_moves.items():
        blob = git(mono, "rev-parse", f"HEAD:{old}").strip()
        assert entries[new] == ["100755" if before[old][0] & 0o100 else "100644", blob], new
        assert tree(mono)[new][0] == before[old][0]
    gone = set(file_moves) - set(file_moves.values())
    assert entries.keys() == (set(MONO) - gone) | set(file_moves.values())
    assert set(files(mono)) == entries.keys()


def test_the_text_of_a_swap(home: Home, mono: Path) -> None:
    plan(home, MODULES)
    home.doit(*arguments(mono))
    now = files(mono)
    assert now["mono/blue.py"] == "from mono import red as blue\n\nNAME = 'red'\n\n\ndef other():\n    return blue.NAME\n"
    assert now["mono/red.py"] == "NAME = 'blue'\nSEE = 'mono.blue.NAME'\n"
    assert now["mono/green.py"] == "from .blue import NAME as RED\nfrom .red import NAME as BLUE\n\nNAME = 'green'\n"
    assert now["CODEOWNERS"] == "/mono/blue.py @red\n/mono/red.py @blue\n/mono/one/ @one\n/mono/two/ @two\n"
    assert "from mono.red import NAME as BLUE  # blue, see mono/red.py\n" in now["mono/use.py"]
    assert "ASKED = 'mono.blue.NAME', 'mono.red.NAME', 'mono/blue.py'\n" in now["mono/use.py"]


def test_git_sees_renames_where_places_change(home: Home, mono: Path) -> None:
    for name in ("red", "blue"):  # git looks for other sources of a file that is still there from 400 bytes on
        (mono / f"mono/{name}.py").write_text(MONO[f"mono/{name}.py"] + "".join(f"{name.upper()}_{i} = '{name} {i}'\n" for i in range(99)))
    git(mono, "commit", "-q", "-a", "-m", "x")
    plan(home, MODULES)
    home.doit(*arguments(mono), "move_files")
    shown = git(mono, "diff", "--cached", "-M", "-B", "--name-status").splitlines()
    assert sorted(line.split("\t")[1:] for line in shown) == [["mono/blue.py", "mono/red.py"], ["mono/red.py", "mono/blue.py"]]
    assert all(line.startswith("R100") for line in shown)


def test_what_a_death_has_left_in_the_middle_of_a_swap(home: Home, mono: Path) -> None:
    plan(home, MODULES)
    home.doit(*arguments(mono))
    after = state(mono)
    (mono / "mono/red.py").rename(temporary_for(mono / "mono/red.py"))
    home.doit(*arguments(mono))
    assert state(mono)[:2] == after[:2]


def test_a_move_to_itself_is_refused(home: Home, mono: Path) -> None:
    plan(home, {"mono/red.py": "mono/red.py", "mono/blue.py": "mono/gray.py"})
    before = state(mono)
    _, error = home.doit(*arguments(mono), code=1)
    assert "mono/red.py moves to itself; leave the entry out if it stays" in error
    assert state(mono) == before
