"""A move there and back gives the first tree again, byte for byte.

Except where a statement had to become several, or lost its dots: what it was made of is not written
anywhere, so such imports must come back equivalent.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from migration.cli.options import Options
from migration.cli.sample_repo import SAMPLE
from migration.cli.session import Session
from migration.core.moves import Moves
from migration.core.names import package_of
from migration.engine.claims import Rewritten
from migration.engine.rewrite_python import rewrite
from migration.phases import move_files, update_imports
from migration.plan.plan import Plan
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile
from tests.rewriters.test_properties import MODULES, RUN, programs, write_tree
from tests.rewriters.tools import moves_for
from tests.tools import context, make_repo

Imports = set[tuple[str, str, str]]


def parts(path: str, text: str, module: str) -> tuple[str, Imports]:
    """A module without its import statements, and what these name: (module, name in it, bound as)."""
    tree = ast.parse(text)
    found: Imports = set()
    for block in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(block, field, None)
            if isinstance(statements, list):
                for statement in statements:
                    found |= named(path, module, statement)
                setattr(block, field, [s for s in statements if not isinstance(s, (ast.Import, ast.ImportFrom))])
    loaded = {name for name, symbol, _ in found if not symbol}
    # ``import a`` beside ``import a.b`` says nothing more.
    return ast.dump(tree), {one for one in found if one[1] or not any(name.startswith(f"{one[0]}.") for name in loaded)}


def named(path: str, module: str, statement: ast.stmt) -> Imports:
    if isinstance(statement, ast.Import):
        return {(alias.name, "", alias.asname or "") for alias in statement.names}
    if isinstance(statement, ast.ImportFrom):
        base = statement.module or ""
        if statement.level:
            base = resolve_relative(package_of(path, module), statement.level, statement.module) or ""
        return {(base, alias.name, alias.asname or alias.name) for alias in statement.names}
    return set()


def back(moves: Moves) -> Moves:
    """The reverse of some moves, in the tree after them."""
    modules = {moves.new_module(module): package for module, package in moves.modules.items()}
    for module in [*modules]:
        while module := module.rpartition(".")[0]:
            modules.setdefault(module, True)
    moved = {new: old for old, new in moves.moved.items()}
    return Moves(modules, moved, {new: old for old, new in moves.packages.items()})


def is_lossless(result: Rewritten) -> bool:
    """Whether only names gave way to names: no statement was split, no name got an alias, no dots went."""
    edits = [reference for reference in result.references if reference.text is not None]
    return all(
        re.fullmatch(r"\.*[\w.]+", reference.text or "")
        and ("." in reference.old) is ("." in reference.new)  # ``import a.b`` binds another name than ``import b``
        and (reference.kind != "import" or (reference.text or "").startswith(".") or reference.text == reference.new)
        for reference in edits
    )


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_program_comes_back(program: tuple[str, str, dict[str, str]]) -> None:
    client, text, plan = program
    there = moves_for(plan, MODULES)
    path = client.replace(".", "/") + ".py"
    first = rewrite(SourceFile(path, text.encode(), client), there)
    if first.findings:
        return  # left to a person
    new_client, raw = there.new_module(client), first.raw or text.encode()
    second = rewrite(SourceFile(new_client.replace(".", "/") + ".py", raw, new_client), back(there))
    result = (second.raw or raw).decode()
    message = f"{plan}\n--- {client}\n{text}\n+++ there\n{raw.decode()}\n+++ back\n{result}"
    if result == text or second.findings:
        return
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(ast.parse(text)))
    assert not is_lossless(first) or relative, message
    with tempfile.TemporaryDirectory() as directory:
        (before, names), (after, new_names) = results(Path(directory), client, there, text, result)
    if isinstance(before, list):  # else it did not run before
        assert isinstance(after, list), message
        pairs = zip(before, after, strict=True)
        assert all(one == two for one, two in pairs if isinstance(one, str)), message  # one that failed says nothing
        assert set(names) - set(new_names) <= {"mono"}, message


def results(place: Path, client: str, moves: Moves, *texts: str) -> Iterator[tuple[object, list[str]]]:
    """What several versions of a program give in the same tree, and which names they bind."""
    order = []
    for number, text in enumerate(texts):
        write_tree(place / str(number), client, text, moves, after=False)
        order.append((str(place / str(number)), client))
    command = [sys.executable, "-I", "-S", "-B", "-c", RUN]
    done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=True)
    yield from json.loads(done.stdout)


# Pinned names of tasks would stay; the tool's own settings name what to move.
OPTIONS = {"tasks": "rename", "exclude": ("pyproject.toml",)}
OLD, NEW = "posthog/warehouse", "products/data_warehouse/backend"


def moved(repo: Path, old: str, new: str) -> dict[str, bytes]:
    """Every file of a repository after one package of it has moved."""
    project = Session(Options("data_warehouse", repo, jobs=1), repo.parent / "home").project("move_files")
    moves = {path: new + path[len(old) :] for path in project.baseline.under(old)}
    source, target = old.replace("/", "."), new.replace("/", ".")
    plan = Plan("data_warehouse", source, target, moves, {source: target}, roots=project.roots, **OPTIONS)  # type: ignore[arg-type]
    for phase in (move_files, update_imports):
        project = replace(project, before=project.before.changed(phase.run(context(plan, project)).changes))
    return {path: project.before.read(path) for path in project.before}


def test_the_sample_comes_back(tmp_path: Path) -> None:
    first = {
        str(path.relative_to(SAMPLE)): path.read_bytes()
        for path in SAMPLE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    # An import that went over several lines for its length stays there.
    first["pyproject.toml"] = re.sub(rb"(?m)^(line-length = )\d+", rb"\g<1>320", first["pyproject.toml"])
    first[f"{NEW.rpartition('/')[0]}/__init__.py"] = b""  # what prepare_structure would create
    there = moved(make_repo(tmp_path / "first", first), OLD, NEW)
    last = moved(make_repo(tmp_path / "there", there), NEW, OLD)
    assert there != first and last.keys() == first.keys()
    differing = sorted(path for path in first if first[path] != last[path])
    for path in differing:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert parts(path, last[path].decode(), module) == parts(path, first[path].decode(), module), path
    dotted = {path for path in first if path.endswith(".py") and re.search(rb"^ *from \.", first[path], re.M)}
    assert set(differing) <= dotted  # dots that lead out of what moves are gone for good
    assert len(differing) < 0.15 * len(first)
