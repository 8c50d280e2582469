from __future__ import annotations

import ast
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from migration.cli import up_to_date
from migration.cli.session import Session
from migration.cli.up_to_date import UpToDate, inputs, is_same_tool, modules_used, run_of, scan_of, tool, tool_digest
from migration.core.phase import ORDER
from migration.plan import writing
from migration.plan.plan import Plan
from migration.rewriters import REWRITERS
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import commit, make_repo, put

PACKAGE = Path(up_to_date.__file__).parents[1]


def names(phase: str) -> set[str]:
    return {str(Path(path).relative_to(PACKAGE)).removesuffix(".py") for path in modules_used(phase)}


# ---- what a phase stands on


def imported(name: str) -> set[str]:
    """Our own modules that a module imports, by its syntax tree."""
    path = PACKAGE / name if name.endswith(".py") else PACKAGE / f"{name}.py"
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("migration") for alias in node.names), (name, "write: from migration import x")
        if isinstance(node, ast.ImportFrom):
            assert not node.level, (name, "write: from migration import x")
            module = node.module or ""
            if module == "migration" or module.startswith("migration."):
                inner = module.replace(".", "/").removeprefix("migration").lstrip("/")
                for alias in node.names:  # a submodule, else a name that the module binds
                    whole = [f"{inner}/{alias.name}".lstrip("/"), f"{inner}/{alias.name}/__init__".lstrip("/")]
                    files = [name for name in whole if (PACKAGE / f"{name}.py").is_file()]
                    found.update(files or [name for name in (inner, f"{inner}/__init__") if (PACKAGE / f"{name}.py").is_file()])
    return found - {"__init__"}


def closure(*start: str, phase: str = "") -> set[str]:
    """What modules stand on; of the rewriters, which one list imports, a phase on its own."""
    others = foreign(phase) if phase else set()
    seen: set[str] = set(others)
    pending = [name for name in start if (PACKAGE / f"{name}.py").is_file()]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += imported(name)
    return seen - others


def foreign(phase: str) -> set[str]:
    """The rewriters that belong to another phase."""
    of = {True: set[str](), False: set[str]()}
    for one in REWRITERS:
        finder = (one.python or one.text).find  # type: ignore[union-attr]
        of[one.phase == "prepare_models"].add(finder.__module__.removeprefix("migration.").replace(".", "/"))
    return of[phase != "prepare_models"] - of[phase == "prepare_models"]


@pytest.mark.parametrize("phase", ORDER)
def test_the_modules_are_those_that_are_imported(phase: str) -> None:
    asked = {"scan_moves": ("repo/merge_conflicts", "cli/recall"), "prepare_structure": ("repo/merge_conflicts",), "update_imports": ("engine/follow",)}
    expected = closure(f"phases/{phase}", "repo/apply", "cli/session", *asked.get(phase, ()), phase=phase) | {"cli/run_phase", "cli/fold", "cli/preload", "cli/late_comers", "cli/django_noted"}
    if "django/process" in expected:
        expected |= {f"django/probe/{path.stem}" for path in PACKAGE.glob("django/probe/*.py") if path.stem != "__init__"}
    assert names(phase) == expected


def test_every_module_that_the_runner_imports_is_counted_somewhere() -> None:
    """What runs a phase without being named in it would be forgotten otherwise."""
    counted = set().union(*(names(phase) for phase in ORDER))
    assert closure("cli/run_phase") - counted <= {"cli/tracker", "cli/up_to_date", "core/shown"}


def test_a_rewriter_belongs_to_update_imports_only() -> None:
    for rewriter in ("rewriters/imports", "rewriters/attribute_uses", "rewriters/dotted_strings"):
        assert [phase for phase in ORDER if rewriter in names(phase)] == ["update_imports"]


def test_the_probe_belongs_to_the_django_phases() -> None:
    phases = ["scan_moves", "validate_django", "generate_migrations", "verify_migrations"]
    assert [phase for phase in ORDER if "django/probe/main" in names(phase)] == phases


@pytest.mark.parametrize("phase", ORDER)
def test_what_reads_the_plan_and_writes_the_tree_belongs_to_all(phase: str) -> None:
    assert {"plan/reading", "cli/session", "repo/apply", "repo/ledger", "repo/git/git", "repo/disk/atomic_write", "core/changes", "cli/run_phase"} <= names(phase)


def test_what_people_look_at_belongs_to_none() -> None:
    for phase in ORDER:
        assert not names(phase) & {"cli/reporter", "cli/tracker", "cli/tasks", "cli/commands/residue", "cli/up_to_date"}


def test_the_digest_follows_the_code(tmp_path: Path) -> None:
    """In a copy of the tool, in a process of its own."""
    copy = tmp_path / "migration"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "sample"))

    def digests() -> list[str]:
        code = f"from migration.cli.up_to_date import tool_digest; print(*map(tool_digest, {ORDER!r}))"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    before = digests()
    assert before == [tool_digest(phase) for phase in ORDER]
    rewriter = copy / "rewriters/imports.py"
    rewriter.write_text(rewriter.read_text() + "\n")
    assert [phase for phase, one, two in zip(ORDER, before, digests(), strict=True) if one != two] == ["update_imports"]


def test_the_tool_is_named_with_what_it_runs_on() -> None:
    libraries = f"libcst {importlib.metadata.version('libcst')}, PyYAML {importlib.metadata.version('PyYAML')}"
    named = f"0.1.0+{tool_digest('move_files')}, Python {platform.python_version()}, {libraries}"
    assert tool("move_files") == named


@pytest.mark.parametrize("phase", ORDER)
def test_the_same_tool(phase: str) -> None:
    said = tool(phase)
    assert is_same_tool(said, phase)
    assert is_same_tool(said.replace("0.1.0+", "0.2.0+"), phase)  # its code tells


@pytest.mark.parametrize(("old", "new"), [
    (f"Python {platform.python_version()}", "Python 3.11.0"), (f"PyYAML {yaml.__version__}", "PyYAML 6.0"),
    ("+", "+0"), (f"libcst {importlib.metadata.version('libcst')}", "libcst 1.0"), (", PyYAML", ", parso 1.0, PyYAML"),
])
def test_another_tool(session: Session, old: str, new: str) -> None:
    said = tool("move_files").replace(old, new)
    assert not is_same_tool(said, "move_files")
    assert not check(session, "move_files", tool=said)
    assert check(session, "move_files")


def test_the_libraries_are_those_that_the_code_imports(tmp_path: Path) -> None:
    """In a copy of the tool, of whose phases one alone reads with LibCST."""
    copy = tmp_path / "migration"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "sample"))
    for path in copy.rglob("*.py"):
        path.write_text(re.sub(r"(?m)^(\s*(?:import|from) )libcst\b", r"\1other", path.read_text()))
    rewriter = copy / "rewriters/imports.py"
    rewriter.write_text(rewriter.read_text() + "\n\ndef f():\n    import libcst\n    return libcst\n")
    code = f"from migration.cli.up_to_date import tool; print(*(name for name in {ORDER!r} if 'libcst 1.' in tool(name)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["update_imports"]


# ---- whether a phase is up to date


class Manager:
    """doit's state as far as a phase asks for it."""

    _get = None  # doit takes it along

    def __init__(self, values: Mapping[str, Mapping[str, Any]], status: str = "up-to-date") -> None:
        self.values, self.status = values, status

    def get_values(self, phase: str) -> Mapping[str, Any]:
        return self.values.get(phase, {})

    def get_status(self, task: object, tasks: object) -> Manager:
        return self


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_for(make_repo(tmp_path / "shop", STOCK))


def check(session: Session, phase: str = "scan_moves", *, status: str = "up-to-date", **values: object) -> bool:
    before = None if phase == "scan_moves" else "scan_moves"
    check = UpToDate(session, phase, before)
    check.setup(Manager({"scan_moves": {"run": "7"}}, status), {"scan_moves": object()})
    usual = {"run": "8", "inputs": inputs(session), "names": ["shop.stock", "x"], "after": "7", "tool": tool(phase)}
    return check(None, {**usual, **values})


def test_nothing_has_changed(session: Session) -> None:
    assert check(session)
    assert check(session, "update_imports")


@pytest.mark.parametrize("values", [{"inputs": ""}, {"after": "6"}, {"after": ""}])
def test_something_has_changed(session: Session, values: dict[str, str]) -> None:
    assert not check(session, "move_files", **values)


def test_a_phase_before_it_is_due(session: Session) -> None:
    assert not check(session, "move_files", status="run")


def test_a_phase_that_never_ran(session: Session) -> None:
    due = UpToDate(session, "scan_moves", None)
    due.setup(Manager({}), {})
    assert not due(None, {})


def test_values_of_an_older_version(session: Session) -> None:
    due = UpToDate(session, "scan_moves", None)
    due.setup(Manager({}), {})
    assert not due(None, {"run": "1"})


@pytest.mark.parametrize(("options", "expected"), [
    ({"source": "shop.stock"}, True), ({"target": "x"}, True), ({"source": "shop.money"}, False), ({"target": "y"}, False),
])
def test_another_source_or_target(session: Session, options: dict[str, str], expected: bool) -> None:
    assert check(session_for(session.repo, **options)) is expected


def test_one_file_is_always_due_and_nothing_else(session: Session) -> None:
    other = session_for(session.repo, file="shop/money.py")
    assert check(other, "move_files")
    assert not check(other, "update_imports")


def test_a_repo_that_is_gone(session: Session, tmp_path: Path) -> None:
    session.repo.rename(tmp_path / "elsewhere")
    assert inputs(session) == ""
    due = UpToDate(session, "scan_moves", None)
    due.setup(Manager({}), {})
    assert not due(None, {"run": "1", "inputs": "x", "names": ["", ""]})


def test_a_repo_that_is_no_checkout_is_due(session: Session) -> None:
    values = {"run": "1", "inputs": inputs(session), "names": ["", ""]}
    shutil.rmtree(session.repo / ".git")
    due = UpToDate(session_for(session.repo), "scan_moves", None)
    due.setup(Manager({}), {})
    assert not due(None, values)


@pytest.mark.parametrize("option", [{"python": "/other/python"}, {"settings": "a.b"}, {"django": False}])
def test_the_inputs_include_how_django_is_asked(session: Session, option: dict[str, object]) -> None:
    assert inputs(session_for(session.repo, **option)) != inputs(session)  # type: ignore[arg-type]


@pytest.mark.parametrize("option", [{"jobs": 3}, {"source": "shop.stock"}, {"file": "x.py"}])
def test_the_inputs_leave_out_what_changes_no_result(session: Session, option: dict[str, object]) -> None:
    assert inputs(session_for(session.repo, **option)) == inputs(session)  # type: ignore[arg-type]


def test_the_inputs_include_every_tracked_file(session: Session) -> None:
    before = inputs(session)
    put(session.repo, {"new.py": ""})
    assert inputs(session_for(session.repo)) == before
    commit(session.repo)
    assert inputs(session_for(session.repo)) != before


def test_a_run_is_told_from_another() -> None:
    assert (run_of(Manager({"a": {"run": "1"}}), "a"), run_of(Manager({}), "a")) == ("1", "")


def test_a_plan_of_another_scan_is_due(session: Session) -> None:
    """Put back from elsewhere, it is no plan that a person has edited, and not what the scan has found."""
    plan = Plan("stock", "shop.stock", "x", {"shop/stock/items.py": "x/items.py"}, {"shop.stock": "x"})
    session.plan_path.write_text(writing.render(plan))
    line = scan_of(session)
    assert check(session, plan=line)
    session.plan_path.write_text(writing.render(plan) + "# mine\n")
    assert check(session, plan=line)
    session.plan_path.write_text(writing.render(replace(plan, file_moves={"shop/stock/items.py": "x/others.py"})))
    assert not check(session, plan=line)
    session.plan_path.unlink()
    assert scan_of(session) == ""
