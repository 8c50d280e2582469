"""Which words of a command line are labels of apps or models: its parser decides, not the look of a word (pure).

``migrate --database shop`` names a database, ``check --tag shop`` a tag, ``loaddata shop`` a fixture.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from migration.django.model_classes import string
from migration.django.registry import ArgumentInfo, CommandInfo

# Options that name an app in whatever command, where its parser is not known.
_USUAL = frozenset(("-e", "--exclude", "--app"))


# Commands that take labels, by which a word that may be one is looked for.
NAMES = (
    "dumpdata", "loaddata", "migrate", "makemigrations", "sqlmigrate", "showmigrations", "squashmigrations",
    "optimizemigration", "sqlsequencereset", "check", "graph_models",
)  # fmt: skip
KEYWORDS = frozenset(("app_label", "app_labels", "exclude", "exclude_apps", "include_apps"))


def is_argument(call: ast.Call, position: int, commands: Mapping[str, CommandInfo]) -> bool:
    """Whether an argument of ``call_command`` is a label.

    :param position: among the arguments that are given without a name.
    """
    name = string(call.args[0]) if call.args else None
    if name is None or position < 1:
        return False
    words = [string(argument) or "" for argument in call.args[1:]]
    return (position - 1, 0) in labels_among(words, commands.get(name), name)


def labels_among(words: Sequence[str], command: CommandInfo | None, name: str) -> list[tuple[int, int]]:
    """The words that are labels: (position, where in the word the label begins).

    :param words: what follows the name of the command.
    :param command: what its parser says; None where that is not known.
    """
    if command is None:
        return _guessed(words, name)
    flags = {option.flag: option for option in command.options}
    found: list[tuple[int, int]] = []
    positional: list[int] = []
    at = 0
    while at < len(words):
        word = words[at]
        flag, equals, _ = word.partition("=")
        option = _option(flag, flags)
        if option is None:
            if not word.startswith("-"):
                positional.append(at)
            at += 1
            continue
        if equals:
            found += [(at, len(flag) + 1)] if option.label else []
            at += 1
            continue
        end = at + 1 + _taken(option.takes, words[at + 1 :])
        found += [(place, 0) for place in range(at + 1, end) if option.label]
        at = end
    return sorted([*found, *((place, 0) for place in _labelled(positional, command.positional))])


def _option(flag: str, flags: Mapping[str, ArgumentInfo]) -> ArgumentInfo | None:
    """The option that a flag stands for; argparse takes any beginning of a long one that is unique."""
    if flag in flags or not flag.startswith("--"):
        return flags.get(flag)
    longer = [option for name, option in flags.items() if name.startswith(flag)]
    return longer[0] if len(longer) == 1 else None


def _taken(takes: str, following: Sequence[str]) -> int:
    """How many words behind an option are its values."""
    until = next((at for at, word in enumerate(following) if word.startswith("-")), len(following))
    if takes.isdecimal():
        return min(int(takes), until)
    return min(1, until) if takes == "?" else until


def _labelled(positions: Sequence[int], arguments: Sequence[ArgumentInfo]) -> list[int]:
    """Those of the words without a flag that are labels."""
    found, left = [], list(positions)
    for argument in arguments:
        count = len(left) if argument.takes in ("*", "+") else int(argument.takes) if argument.takes.isdecimal() else 1
        found += left[:count] if argument.label else []
        left = left[count:]
    return found


def _guessed(words: Sequence[str], name: str) -> list[tuple[int, int]]:
    found = []
    for at, word in enumerate(words):
        flag, equals, _ = word.partition("=")
        before = words[at - 1] if at else ""
        if word.startswith("-"):
            found += [(at, len(flag) + 1)] if equals and flag in _USUAL else []
        elif before in _USUAL or (not (before.startswith("-") and "=" not in before) and name != "loaddata"):
            found.append((at, 0))
    return found
