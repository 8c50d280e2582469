"""The tool gets better: the same command then gives what the better tool would have given from scratch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migration.core.phase import ORDER
from tests.faults.monolith import FILES, PRODUCT, SOURCE
from tests.test_dodo import Home
from tests.tools import Content, disk, git, make_repo, snapshot

# Wrong, and such that no check of the tool can notice: the code runs, and every reference resolves.
WRONG = {
    # Another spelling of the right name, everywhere: files that the right rewriter writes otherwise.
    "otherwise": ("rewriters/imports.py", """

_find = find


def find(source, moves):
    from dataclasses import replace

    for one in _find(source, moves):
        yield replace(one, text=one.text + "  ") if (one.text or "").endswith("items") else one
"""),
    # A kind that is not found at all: files that the right rewriter writes and the wrong one does not.
    "too little": ("rewriters/dotted_strings.py", "\n\ndef find(source, moves):\n    return ()\n"),
    # A file that the right tool looks into and leaves alone.
    "too much": ("rewriters/prose.py", """

_find = find


def find(source, moves):
    yield from _find(source, moves)
    at = source.data.find(b"untouched")
    if at >= 0:
        yield Reference(KIND, at, at + 9, "untouched", "touched", "touched")
"""),
}
OTHERS: dict[str, Content] = {**FILES, "core/words.py": 'WORD = "item"  # untouched, unlike core/stockroom.txt\n'}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def words(repo: Path) -> list[str]:
    return [f"product={PRODUCT}", f"repo={repo}", f"source={SOURCE}", f"python={sys.executable}"]


def due(home: Home, repo: Path) -> list[str]:
    """The phases that doit would run."""
    out, _ = home.doit("list", "--status", *words(repo))
    lines = [line.split() for line in out.splitlines()]
    return [name for status, name, *_ in lines if name in ORDER and status == "R"]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the right tool makes of the tree, from the start."""
    place = tmp_path_factory.mktemp("fresh")
    home, repo = Home(place / "home"), make_repo(place / "mono", OTHERS)
    home.doit(*words(repo))
    return snapshot(repo)


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_rewriter_then_the_right_one(home: Home, tmp_path: Path, fresh: dict[str, object], what: str) -> None:
    module, more = WRONG[what]
    repo = make_repo(tmp_path / "mono", OTHERS)
    rewriter = home.path / "migration" / module
    right = rewriter.read_text()
    rewriter.write_text(right + more)
    home.doit(*words(repo))
    assert due(home, repo) == []
    wrong = disk(repo)
    assert wrong != fresh["disk"]
    rewriter.write_text(right)
    phases = list(ORDER[ORDER.index("update_imports"):])
    assert due(home, repo) == phases
    out, _ = home.doit(*words(repo))
    assert [line.split()[0] for line in out.splitlines() if line.endswith("up to date")] == ["scan_moves", "prepare_structure", "move_files"]
    assert snapshot(repo) == fresh
    assert due(home, repo) == []


def test_a_change_elsewhere_reruns_nothing(home: Home, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "mono", FILES)
    home.doit(*words(repo))
    before = snapshot(repo)
    for module in ("cli/reporter.py", "cli/tracker.py", "cli/commands/residue.py", "cli/tasks.py"):
        path = home.path / "migration" / module
        path.write_text(path.read_text() + "\n# another line\n")
    version = home.path / "migration/__init__.py"
    version.write_text(version.read_text().replace("0.1.0", "0.1.1"))
    assert due(home, repo) == []
    out, _ = home.doit(*words(repo))
    assert out.count("up to date") == len(ORDER)
    assert snapshot(repo) == before


def test_a_change_to_the_last_phase_reruns_the_last_phase(home: Home, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "mono", FILES)
    home.doit(*words(repo))
    path = home.path / "migration/phases/generate_migrations.py"
    path.write_text(path.read_text() + "\n# another line\n")
    assert due(home, repo) == ["generate_migrations", "verify_migrations", "run_tests"]


def test_the_tracker_names_the_tool(home: Home, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "mono", FILES)
    home.doit(*words(repo))
    tools = {entry["id"]: entry["tool"] for entry in home.tracker(PRODUCT)["phases"]}
    assert list(tools) == list(ORDER)
    for said in tools.values():
        assert said.startswith("0.1.0+") and f", Python {sys.version.split()[0]}" in said and ", PyYAML " in said
    assert git(repo, "status", "--porcelain", "--", "site_/urls.py") == ""
