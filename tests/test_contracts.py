"""The house's rules bite: each contract of pyproject.toml is kept, and broken by one planted import."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
LINT = Path(sys.executable).with_name("lint-imports")
CONTRACTS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

# Contract -> a module that gets a line, and what is then said.
PLANTED: dict[str, tuple[str, str, str]] = {
    "layers": ("repo/disk/lock.py", "from migration.cli import session", "migration.repo.disk.lock -> migration.cli.session"),
    "repo": ("repo/tree/tree.py", "from migration.repo import apply", "migration.repo.tree.tree -> migration.repo.apply"),
    "python": (
        "python/source_file.py", "from migration.python import scopes", "migration.python.source_file -> migration.python.scopes",
    ),
    "newer": ("python/newer/nodes.py", "from migration.python.newer import tree", "newer.nodes -> migration.python.newer.tree"),
    "text": ("text/dotted_names.py", "from migration.text import paths", "migration.text.dotted_names -> migration.text.paths"),
    "coverage": (
        "engine/coverage/spots.py", "from migration.engine.coverage import compare", "coverage.spots -> migration.engine.coverage.compare",
    ),
    "consumers": (
        "engine/coverage/consumers/linters.py", "from migration.engine.coverage.consumers import loggers",
        "consumers.linters -> migration.engine.coverage.consumers.loggers",
    ),
    "rewriters": ("rewriters/imports.py", "from migration.rewriters import paths", "migration.rewriters.imports -> migration.rewriters.paths"),
    "phases": ("phases/move_files.py", "from migration.phases import run_tests", "migration.phases.move_files -> migration.phases.run_tests"),
    "pure": ("text/globs.py", "import subprocess", "migration.text.globs -> subprocess"),
    "django": ("django/registry.py", "from migration.django import labels", "migration.django.registry -> migration.django.labels"),
    "probe": ("django/probe/receivers.py", "from migration.core import names", "migration.django.probe.receivers -> migration.core.names"),
    "not-the-probe": ("engine/proof.py", "from migration.django.probe import main", "migration.engine.proof -> migration.django.probe.main"),
}  # fmt: skip
# What breaks a rule in another way: by a circle of packages, by the way, and by the disk.
MORE: list[tuple[str, str, str, str]] = [
    ("layers", "django/labels.py", "from migration.repo.git import git", "migration.django is not allowed to import migration.repo"),
    ("layers", "plan/plan.py", "from migration.python import scopes", "migration.plan is not allowed to import migration.python"),
    ("layers", "report/diff.py", "from migration.phases import context", "migration.report is not allowed to import migration.phases"),
    ("pure", "core/names.py", "from pathlib import Path", "migration.core.names -> pathlib"),
    ("pure", "django/registry.py", "import shutil", "migration.django.registry -> shutil"),  # rewriters stand on it
    ("pure", "rewriters/tables.py", "from migration.django import process", "migration.rewriters.tables -> migration.django.process"),
    ("not-the-probe", "phases/run_tests.py", "from migration.django.probe import trials", "run_tests -> migration.django.probe.trials"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tool, to plant imports in."""
    place = tmp_path_factory.mktemp("copy")
    shutil.copytree(CHECKOUT / "migration", place / "migration", ignore=shutil.ignore_patterns("__pycache__", "sample"))
    shutil.copy(CHECKOUT / "pyproject.toml", place)
    return place


def lint(copy: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([LINT, *words], cwd=copy, capture_output=True, text=True)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_all_are_kept(copy: Path) -> None:
    code, out = lint(copy)
    assert code == 0 and f"Contracts: {len(CONTRACTS)} kept, 0 broken." in out, out


def test_each_contract_has_its_planted_import() -> None:
    assert {contract["id"] for contract in CONTRACTS} == PLANTED.keys()


@pytest.mark.parametrize(("contract", "module", "line", "said"), [(name, *planted) for name, planted in PLANTED.items()] + MORE)
def test_a_planted_import_breaks_it(copy: Path, contract: str, module: str, line: str, said: str) -> None:
    path = copy / "migration" / module
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        code, out = lint(copy, "--contract", contract)
    finally:
        path.write_text(text, encoding="utf-8")
    assert code == 1 and "1 broken" in out and said in out, out


@pytest.mark.parametrize("place", [
    contract["containers"][0].replace(".", "/") for contract in CONTRACTS if contract.get("exhaustive")
])
def test_a_module_that_nobody_has_placed(copy: Path, place: str) -> None:
    path = copy / place / "unplaced.py"
    path.write_text('"""New."""\n', encoding="utf-8")
    try:
        code, out = lint(copy)
    finally:
        path.unlink()
    assert code == 1 and f"{place.replace('/', '.')}.unplaced" in out


def test_the_top_of_the_house_is_the_picture() -> None:
    entries = {path.name for path in (CHECKOUT / "migration").iterdir() if path.name != "__pycache__"}
    rooms = {name for line in CONTRACTS[0]["layers"] for name in line.replace("|", " ").split()} - {"api"}
    assert entries - {"__init__.py"} == {"api.py", *rooms, "docs", "sample", "moves.schema.json"}


@pytest.mark.parametrize("package", sorted(
    path.parent for path in (CHECKOUT / "migration").rglob("__init__.py") if "sample" not in path.relative_to(CHECKOUT).parts
))
def test_each_room_says_what_lives_there(package: Path) -> None:
    first = (package / "__init__.py").read_text(encoding="utf-8").split('"""')[1].strip()
    assert len(first.split()) > 5
