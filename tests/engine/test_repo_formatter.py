"""The real tools: ruff, isort and Black, as they stand beside the interpreter."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.core.changes import ChangeSet, Write
from migration.core.phase import PhaseResult
from migration.engine import repo_formatter
from migration.engine.repo_formatter import formatted, tools_of
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import Content, make_repo, workspace

SORTED = "import os\n\nfrom aaa import x\nfrom shop.stock import Item\nfrom web import y\n\nprint(os, x, y, Item)\n"
AFTER = SORTED.replace("shop.stock", "zoo.stock")
RIGHT = "import os\n\nfrom aaa import x\nfrom web import y\nfrom zoo.stock import Item\n\nprint(os, x, y, Item)\n"
RUFF = "[tool.ruff.lint]\nselect = ['I']\n[tool.ruff.lint.isort]\nknown-third-party = ['aaa', 'web', 'shop', 'zoo']\n"
ISORT = "[tool.isort]\nprofile = 'black'\nknown_third_party = ['aaa', 'web', 'shop', 'zoo']\n"
BLACK = "[tool.black]\nline-length = 60\n"


def run(
    tmp_path: Path, files: dict[str, Content], was: str, now: str, python: str = sys.executable, mode: str = "repo"
) -> tuple[str, list[str]]:
    """What becomes of one file whose rewrite was ``now``, and what is said."""
    repo = make_repo(tmp_path / "repo", {**files, "use.py": was})
    tree = workspace(repo).baseline()
    plan = replace(Plan("stock", "shop.stock", "zoo.stock", {}, {}), format=mode)
    project = Project(repo, (".",), tree, tree, lambda needles: [])
    result = PhaseResult(ChangeSet(writes=(Write("use.py", now.encode()),)))
    done = formatted(result, plan, project, python)
    return done.changes.writes[0].data.decode(), [str(finding) for finding in done.findings]


# ---- what stays as we wrote it


@pytest.mark.parametrize("config", [RUFF, ISORT, BLACK])
def test_not_asked_for(tmp_path: Path, config: str) -> None:
    assert run(tmp_path, {"pyproject.toml": config}, SORTED, AFTER, mode="keep") == (AFTER, [])


@pytest.mark.parametrize("config", [RUFF, ISORT])
def test_a_file_that_was_not_clean_before(tmp_path: Path, config: str) -> None:
    messy = "import sys\nimport os\nfrom shop.stock import Item\n"
    assert run(tmp_path, {"pyproject.toml": config}, messy, messy.replace("shop", "zoo")) == (messy.replace("shop", "zoo"), [])


def test_no_tool_is_configured(tmp_path: Path) -> None:
    text, findings = run(tmp_path, {"pyproject.toml": "[project]\nname = 'x'\n"}, SORTED, AFTER)
    assert text == AFTER and "no ruff (with I), isort or black is configured" in findings[0]


def test_the_tool_is_not_installed(tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\nexec {sys.executable} -S -E \"$@\"\n")
    python.chmod(0o755)
    text, findings = run(tmp_path, {"pyproject.toml": ISORT}, SORTED, AFTER, str(python))
    assert text == AFTER
    assert findings == [f"moves.yml: format: repo, but isort is not installed beside {python} -> pip install isort"]


@pytest.mark.parametrize(("one", "two"), [
    ("import a\nx = 1\nimport b\n", "import a\nimport b\nx = 1\n"), ("import a\n", "import a\nimport b\n"), ("x = 1\n", "x = 2\n"),
    ("def f(a):\n    pass\n", "def f(b):\n    pass\n"), ("if a:\n    import x\n", "if b:\n    import x\n"), ("x = 1\n", "x = (\n"),
    ("try:\n    import a\nexcept A:\n    pass\n", "try:\n    import a\nexcept B:\n    pass\n"),
    ("from a import b\n", "from .a import b\n"),
])
def test_another_program_is_never_taken(one: str, two: str) -> None:
    assert not repo_formatter._same_program(one.encode(), two.encode())
    assert repo_formatter._same_program(one.encode(), one.encode())


# ---- what is sorted


@pytest.mark.parametrize("files", [
    {"pyproject.toml": RUFF}, {"ruff.toml": RUFF.replace("tool.ruff.", "")}, {"pyproject.toml": ISORT},
    {".isort.cfg": "[settings]\nknown_third_party = aaa,web,shop,zoo\n"}, {"setup.cfg": "[isort]\nknown_third_party = aaa,web,shop,zoo\n"},
])
def test_sorted_by_the_repo_s_tool(tmp_path: Path, files: dict[str, Content]) -> None:
    text, findings = run(tmp_path, files, SORTED, AFTER)
    assert (text, findings) == (RIGHT, [])
    ast.parse(text)


def test_black(tmp_path: Path) -> None:
    was = "from shop import (\n    a,\n)\n"
    now = "from zoo_of_long_names.stock import Item, Other, Another, More\n"
    text, _ = run(tmp_path, {"pyproject.toml": BLACK}, was, now)
    assert text == "from zoo_of_long_names.stock import (\n    Item,\n    Other,\n    Another,\n    More,\n)\n"


def test_which_tools(tmp_path: Path) -> None:
    def names(number: int, text: str) -> list[tuple[str, str]]:
        tree = workspace(make_repo(tmp_path / str(number), {"pyproject.toml": text})).baseline()
        return [(tool.module, tool.words[0]) for tool in tools_of(tree)]

    assert names(0, "[tool.ruff]\nselect = ['E', 'I']\n[tool.black]\n") == [("ruff", "check"), ("black", "--quiet")]
    assert names(1, "[tool.ruff.lint]\nselect = ['E']\n[tool.ruff.format]\n[tool.isort]\n") == [("isort", "--quiet"), ("ruff", "format")]
    assert names(2, "[tool.ruff]\nline-length = 100\n") == []


def test_in_a_move(tmp_path: Path) -> None:
    config = "[tool.ruff.lint]\nselect = ['I']\n"
    use = "from aaa import x\n\nfrom shop.money import Money\nfrom shop.stock import Item\nfrom zoo import z\n"
    repo = make_repo(tmp_path / "shop", {**STOCK, "zoo.py": "z = 1\n", "use.py": use, "pyproject.toml": config})
    session = session_for(repo, "shop.stock")
    run_phase.execute(session, "scan_moves")
    session.plan_path.write_text(session.plan_path.read_text().replace("format: keep", "format: repo"))
    for phase in ("scan_moves", "prepare_structure", "move_files", "update_imports"):
        run_phase.execute(session_for(repo), phase)
    assert (repo / "use.py").read_text() == (
        "from aaa import x\n\nfrom products.stock.backend import Item\nfrom shop.money import Money\nfrom zoo import z\n"
    )
    before = (repo / "use.py").stat().st_mtime_ns
    run_phase.execute(session_for(repo), "update_imports")
    assert (repo / "use.py").stat().st_mtime_ns == before




@pytest.mark.parametrize("tool", ["isort", "black", "ruff"])
def test_a_module_of_the_repo_is_not_taken_for_the_formatter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str) -> None:
    """A name from the PATH has no program beside it, and is started where files of the repo lie."""
    trap = f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__)\n"
    for name in ("__init__", "__main__"):
        (tmp_path / tool).mkdir(exist_ok=True)
        (tmp_path / tool / f"{name}.py").write_text(trap)
    monkeypatch.chdir(tmp_path)
    repo_formatter._command("python3", repo_formatter.Tool(tool, ()))
    assert not (tmp_path / "ran").exists()
