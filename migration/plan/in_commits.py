"""The plan as the commits of a move tell it: clones have these, and not ``moves.yml``.

One line of JSON in the message of a commit names product, source and target, and what a person has edited in the
plan. The rest is what a scan of the tree before the move finds again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from migration.core.names import is_under
from migration.plan import writing
from migration.plan.plan import Plan

KEY = "Phased-Migration-Plan"
_NAMES = ("product", "source", "target")
_FOUND = ("symbol_remap", "file_moves", "app")  # by a scan; of the last two only what differs is told
_EDITED = "# As the commits of the move tell it: the plan was edited by hand.\n"


def beginning(product: str) -> str:
    """How the line of a product begins, so that it can be looked for."""
    return f'{KEY}: {{"product": {json.dumps(product)},'


def line(text: str, plan: Plan, tracked: Iterable[str]) -> str:
    """The line for a plan.

    :param text: its file.
    :param tracked: the files before the move.
    """
    said: dict[str, Any] = {name: getattr(plan, name) for name in _NAMES}
    if not writing.written_by_scanner(text):
        nothing = Plan(plan.product, plan.source, plan.target, {}, {plan.source: plan.target})
        bare = _content(writing.render(nothing))
        content = _content(text)
        said |= {
            key: value for key, value in content.items()
            if key not in (*_NAMES, *_FOUND) and value != bare.get(key)
        }
        said |= _files(plan, tracked)
        if plan.app.kind != "package":
            said["app"] = {key: value for key, value in content["app"].items() if key != "models"}
            said["models"] = [model.name for model in plan.app.models]
    return f"{KEY}: {json.dumps(said)}"


def told(message: str, product: str) -> dict[str, Any] | None:
    """What a message tells of the plan of a product; None where it tells nothing that can be used.

    A message that was put together of others may have the line anywhere, and indented.
    """
    start = beginning(product)
    for one in message.splitlines():
        if one.strip().startswith(start):
            try:
                said = json.loads(one.strip().removeprefix(f"{KEY}: "))
            except (ValueError, RecursionError):
                continue
            if all(isinstance(said.get(name), str) for name in _NAMES):
                return dict(said)
    return None


def is_edited(said: Mapping[str, Any]) -> bool:
    """Whether what is told is more than a scan finds."""
    return any(key not in _NAMES for key in said)


def text(said: Mapping[str, Any], scanned: Plan, then: Plan) -> str:
    """The text of ``moves.yml``: what was edited, and for the rest what a scan finds.

    :param scanned: what it finds in the tree before the move as it is now.
    :param then: the same when the move was made; what has come since is added.
    """
    content = _content(writing.render(scanned))
    stays, moves = said.get("stays", ()), dict(scanned.file_moves)
    moves = {old: new for old, new in moves.items() if old not in stays} | dict(said.get("file_moves", {}))
    app = content.get("app")
    if isinstance(app, dict) and isinstance(said.get("app"), dict):
        out = {model.name for model in then.app.models} - {*said.get("models", ())}
        models = {name: model for name, model in app["models"].items() if name not in out}
        content["app"] = {**said["app"], "models": models}
    content |= {key: value for key, value in said.items() if key not in (*_FOUND, "stays", "models")}
    content["file_moves"] = [{"from": old, "to": new} for old, new in sorted(moves.items())]
    return _EDITED + writing.dump(content)


def _content(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text)
    return dict(found)


def _files(plan: Plan, tracked: Iterable[str]) -> dict[str, Any]:
    """What does not go the way of most files: where else it goes, and what stays."""
    ways = Counter(_way(old, new) for old, new in plan.file_moves.items())
    if not ways:
        return {}
    before, after = min(ways, key=lambda way: (-ways[way], way))
    other = {
        old: new for old, new in plan.file_moves.items()
        if not is_under(old, before) or new != after + old[len(before) :]
    }
    stays = sorted(path for path in tracked if is_under(path, before) and path not in plan.file_moves)
    return {**({"file_moves": other} if other else {}), **({"stays": stays} if stays else {})}


def _way(old: str, new: str) -> tuple[str, str]:
    """The directories of a move without what they have in common at the end."""
    before, after = old.split("/"), new.split("/")
    while len(before) > 1 and len(after) > 1 and before[-1] == after[-1]:
        before.pop()
        after.pop()
    return "/".join(before), "/".join(after)
