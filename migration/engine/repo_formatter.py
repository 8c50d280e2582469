"""``format: repo``: the repo's own formatter over the files that were rewritten, so that its lint stays green.

Only files that the tool had nothing to say about before are given to it, so that it can't change more
than what our edits put out of order; and what it gives back must be the same program but for the order
of its imports. The tools are those of the monolith's interpreter. They tell what is the repo's own from
what is installed by looking for files, so they work on a copy of its outline: every Python file, empty,
where it was for the check and where it goes for the rest, with the configuration files as they are.
"""

from __future__ import annotations

import ast
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migration.core.changes import Finding
from migration.core.names import is_python
from migration.core.phase import PhaseResult
from migration.plan.plan import Plan
from migration.repo.tree.config_files import ini_of, table_of, toml_of
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree

_SECONDS = 600  # a tool that takes longer waits for something
_CONFIGURATION = frozenset(
    ["pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", "tox.ini", ".isort.cfg", ".editorconfig", ".flake8"]
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A formatter that writes to the files that it is given.

    :param module: its name as a Python module.
    :param words: its arguments; the paths follow.
    """

    module: str
    words: tuple[str, ...]


_RUFF_SORT = Tool("ruff", ("check", "--select", "I", "--fix", "--quiet", "--no-cache", "--exit-zero"))
_RUFF_FORMAT = Tool("ruff", ("format", "--quiet", "--no-cache"))
_ISORT = Tool("isort", ("--quiet",))
_BLACK = Tool("black", ("--quiet",))


def tools_of(tree: Tree) -> tuple[Tool, ...]:
    """The formatters that the repo has configured at its top, in the order in which they run."""
    tool = table_of(toml_of(tree, "pyproject.toml"), "tool")
    own = next((toml_of(tree, path) for path in (".ruff.toml", "ruff.toml") if path in tree), None)
    ruff = own if own is not None else tool.get("ruff")
    found: list[Tool] = []
    if isinstance(ruff, dict) and _sorts(ruff):
        found.append(_RUFF_SORT)
    elif "isort" in tool or any(section in ini_of(tree, path) for path, section in _ISORT_FILES):
        found.append(_ISORT)
    if isinstance(ruff, dict) and "format" in ruff:
        found.append(_RUFF_FORMAT)
    elif "black" in tool:
        found.append(_BLACK)
    return tuple(found)


def formatted(result: PhaseResult, plan: Plan, project: Project, python: str) -> PhaseResult:
    """The result of a phase with its Python files formatted, where the plan says ``format: repo``.

    :param python: the interpreter beside which the tools are installed.
    """
    if plan.format != "repo":
        return result
    tools = tools_of(project.baseline)
    if not tools:
        none = Finding("moves.yml", 0, "format: repo, but no ruff (with I), isort or black is configured in the repo")
        return replace(result, findings=(*result.findings, none))
    commands = {tool: command for tool in tools if (command := _command(python, tool))}
    findings = [
        Finding("moves.yml", 0, f"format: repo, but {name} is not installed beside {python}", f"pip install {name}")
        for name in sorted({tool.module for tool in tools if tool not in commands})
    ]
    writes = {write.path: write for write in result.changes.writes if is_python(write.path) and not write.create}
    with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
        before, after = Path(directory, "before"), Path(directory, "after")
        _outline(before, project.baseline)
        _outline(after, project.before.changed(result.changes))
        back = plan.back
        old = {path: (back.get(path, path), project.before.read(path)) for path in writes}
        for command in commands.values():
            was = _run(command, before, dict(old.values()))
            clean = [path for path in writes if was.get(old[path][0]) == old[path][1]]
            done = _run(command, after, {path: writes[path].data for path in clean})
            for path in clean:
                if path in done and _same_program(writes[path].data, done[path]):
                    writes[path] = replace(writes[path], data=done[path])
    changes = replace(result.changes, writes=tuple(writes.get(write.path, write) for write in result.changes.writes))
    return replace(result, changes=changes, findings=(*result.findings, *findings))


def _outline(directory: Path, tree: Tree) -> None:
    """The Python files of a tree, empty, and its configuration files."""
    for path in tree:
        is_configuration = path.rpartition("/")[2] in _CONFIGURATION
        if tree.is_regular(path) and (is_configuration or is_python(path)):
            _put(directory / path, tree.read(path) if is_configuration else b"")


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _run(command: tuple[str, ...], directory: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a tool makes of some files, put into the outline for as long as it runs; nothing where it fails."""
    for path, data in files.items():
        _put(directory / path, data)
    done: dict[str, bytes] = {}
    paths = sorted(files)
    try:
        for start in range(0, len(paths), 500):  # a command line has its limits
            some = [f"./{path}" for path in paths[start : start + 500]]
            words = [*command, *some]
            ran = subprocess.run(words, cwd=directory, capture_output=True, timeout=_SECONDS, check=False)
            if ran.returncode == 0:
                done |= {path: (directory / path).read_bytes() for path in paths[start : start + 500]}
    except (OSError, subprocess.TimeoutExpired):
        done = {}
    for path in files:
        _put(directory / path, b"")
    return done


def _command(python: str, tool: Tool) -> tuple[str, ...] | None:
    """How the tool is called, or None if it is not installed."""
    beside = Path(python).parent / tool.module
    # -I: without what lies in the directory where it is started, which holds files of the repo.
    command = (str(beside),) if beside.is_file() else (python, "-I", "-m", tool.module)
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else (*command, *tool.words)


def _same_program(one: bytes, two: bytes) -> bool:
    """Whether two files are the same but for layout and the order of imports that stand together."""
    try:
        return _shape(ast.parse(one)) == _shape(ast.parse(two))
    except (SyntaxError, ValueError):
        return False


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _shape(node: ast.AST) -> object:
    """The syntax tree as values in which the imports that stand together have no order."""
    found: list[object] = [type(node).__name__]
    for name, value in ast.iter_fields(node):
        if name in _BLOCKS and isinstance(value, list):
            found.append([*_block(value)])
        elif isinstance(value, list):
            found.append([ast.dump(item) if isinstance(item, ast.AST) else item for item in value])
        else:
            found.append(ast.dump(value) if isinstance(value, ast.AST) else value)
    return found


def _block(statements: list[ast.AST]) -> Iterator[object]:
    imports: set[tuple[str, ...]] = set()
    for statement in statements:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            base = ast.unparse(statement).split(" import ")[0] if isinstance(statement, ast.ImportFrom) else ""
            imports |= {(base, alias.name, alias.asname or "") for alias in statement.names}
            continue
        yield imports
        imports = set()
        yield _shape(statement)
    yield imports


def _sorts(ruff: Mapping[str, Any]) -> bool:
    for table in (ruff, ruff.get("lint", {})):
        for key in ("select", "extend-select"):
            for rule in table.get(key, ()) if isinstance(table, dict) else ():
                if rule in ("ALL", "I", "I0", "I00", "I001"):
                    return True
    return False


_ISORT_FILES = ((".isort.cfg", "settings"), ("setup.cfg", "isort"), ("tox.ini", "isort"))
