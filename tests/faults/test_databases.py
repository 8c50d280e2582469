"""Whatever the settings say, the trial of the migrations leaves the project's databases as they were."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import mysql
from tests.faults.databases import NAMINGS, Odd, World, attempt, every, reaching, some, try_some

ENGINES = (
    "sqlite", "postgresql", pytest.param("mysql", marks=pytest.mark.skipif(bool(mysql.missing()), reason=mysql.missing())),
)  # fmt: skip


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = World(request.param, tmp_path)
    world.make()
    yield world
    world.drop()


@pytest.mark.parametrize("world", ENGINES, indirect=True)
def test_each_way_of_naming_a_database(world: World) -> None:
    wrong = {}
    for number, naming in enumerate(naming for naming in NAMINGS if world.engine in naming.engines):
        if problems := attempt(world, naming, Odd("nothing else"), world.place / f"trial_{number}"):
            wrong[naming.name] = problems
    assert wrong == {}


@pytest.mark.parametrize("world", ENGINES, indirect=True)
def test_each_way_of_reaching_for_a_database(world: World) -> None:
    wrong = {}
    for number, more in enumerate(reaching(world)):
        if problems := attempt(world, NAMINGS[0], more, world.place / f"trial_{number}"):
            wrong[more.name] = problems
    assert wrong == {}


def test_a_seed_chooses_each_way_before_any_twice(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path)
    ways = [naming.name for naming in NAMINGS if "sqlite" in naming.engines]
    more = [one.name for one in reaching(world)]
    chosen = some(world, 30, 1)
    assert {naming.name for naming, _ in chosen} == set(ways) and {one.name for _, one in chosen} == set(more)
    assert len(chosen) == 30 and len(every(world)) == len(ways) * len(more)
    assert [(a.name, b.name) for a, b in chosen] != [(a.name, b.name) for a, b in some(world, 30, 2)]


def test_a_loss_would_be_noticed(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path)
    world.make()
    spoilt = f"import sqlite3, _sqlite3\n\nPath({world.name('mono_real')!r}).write_bytes(b'')\n"
    assert attempt(world, NAMINGS[0], Odd("a write that no guard of a driver sees", spoilt), tmp_path / "trial") == [
        "mono_real.sqlite3 has changed"
    ]


@pytest.mark.faults
@pytest.mark.parametrize("engine", ENGINES)
def test_a_hundred_odd_settings(engine: str, tmp_path: Path) -> None:
    """Another seed (FAULTS_SEED) makes other pairs."""
    assert try_some(World(engine, tmp_path), 100, int(os.environ.get("FAULTS_SEED", "0"))) == {}


def test_from_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--databases", "2", "--seed", "3", "--jobs", "2"],
        cwd=Path(__file__).parents[2], env={**os.environ, mysql.VARIABLE: ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split() for line in done.stdout.splitlines()[1:]] == [
        ["databases,", "sqlite", "2", "2", "0", "0"], ["databases,", "postgresql", "2", "2", "0", "0"],
        ["together", "4", "4", "0", "0"],
    ]  # fmt: skip
