"""Which words of a command line are labels: what the command's own parser says, and a careful guess without it."""

from __future__ import annotations

import ast

import pytest

from migration.django.command_arguments import is_argument, labels_among
from migration.django.registry import ArgumentInfo, CommandInfo
from tests.django_projects import SHOP, django, write

MIGRATE = CommandInfo(
    "migrate",
    (ArgumentInfo("?", label=True), ArgumentInfo("?")),
    (ArgumentInfo("1", "--database"), ArgumentInfo("0", "--fake"), ArgumentInfo("0", "--noinput")),
)
DUMPDATA = CommandInfo(
    "dumpdata",
    (ArgumentInfo("*", label=True),),
    (ArgumentInfo("1", "--exclude", True), ArgumentInfo("1", "-e", True), ArgumentInfo("1", "--output"), ArgumentInfo("1", "-o"),
     ArgumentInfo("+", "--only", True)),
)  # fmt: skip
LOADDATA = CommandInfo("loaddata", (ArgumentInfo("+"),), (ArgumentInfo("1", "--app", True),))


def named(words: str, command: CommandInfo | None, name: str = "") -> list[str]:
    split = words.split()
    return [split[at][offset:] for at, offset in labels_among(split, command, name or (command.name if command else ""))]


@pytest.mark.parametrize(
    ("command", "words"),
    [(MIGRATE, "--database shop"), (MIGRATE, "--database=shop"), (MIGRATE, "--data shop"), (DUMPDATA, "-o shop"),
     (DUMPDATA, "--output=shop"), (LOADDATA, "shop"), (MIGRATE, "--unknown"), (MIGRATE, "")],
)  # fmt: skip
def test_what_is_no_label(command: CommandInfo, words: str) -> None:
    assert named(words, command) == []


@pytest.mark.parametrize(
    ("command", "words", "expected"),
    [
        (MIGRATE, "shop 0001", ["shop"]),
        (MIGRATE, "--fake shop 0001 --database second", ["shop"]),
        (MIGRATE, "--database shop shop shop", ["shop"]),
        (DUMPDATA, "shop -o shop core.Item -e shop.A --exclude=shop.B", ["shop", "core.Item", "shop.A", "shop.B"]),
        (DUMPDATA, "--only a b --output c d", ["a", "b", "d"]),
        (LOADDATA, "shop --app shop", ["shop"]),
    ],
)
def test_labels(command: CommandInfo, words: str, expected: list[str]) -> None:
    assert named(words, command) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("shop", ["shop"]), ("--database shop", []), ("-e shop.A", ["shop.A"]), ("--exclude=shop -x=shop", ["shop"])],
)
def test_without_a_parser(words: str, expected: list[str]) -> None:
    assert named(words, None, "dumpdata") == expected
    assert named("shop", None, "loaddata") == []


@pytest.mark.parametrize(
    ("call", "labels"),
    [
        ("call_command('migrate', '--database', 'shop')", []),
        ("call_command('migrate', 'shop', name)", [1]),
        ("call_command(name, 'shop')", []),
        ("call_command('dumpdata', 'shop', '-o', 'shop', 'shop')", [1, 4]),
    ],
)
def test_arguments_of_call_command(call: str, labels: list[int]) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    commands = {"migrate": MIGRATE, "dumpdata": DUMPDATA}
    assert [at for at in range(len(node.args)) if is_argument(node, at, commands)] == labels


def test_what_the_parsers_of_django_say(tmp_path) -> None:  # type: ignore[no-untyped-def]
    found = {command.name: command for command in django(write(tmp_path, SHOP)).ask("registry").registry.commands}
    assert named("core core --database core --fake", found["migrate"]) == ["core"]
    assert named("core.Table -e core.Tag -o core --database core", found["dumpdata"]) == ["core.Table", "core.Tag"]
    assert named("core --app core -e core.Tag", found["loaddata"]) == ["core", "core.Tag"]
    assert named("core --tag core --deploy billing", found["check"]) == ["core", "billing"]
    assert named("-n core core billing", found["makemigrations"]) == ["core", "billing"]
    assert named("core 0001 --database core", found["sqlmigrate"]) == ["core"]
