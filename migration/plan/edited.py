"""A plan that a person has written or changed: it stays in force, and the scan adds to it what is new."""

from __future__ import annotations

import json
from pathlib import Path

from migration.core.changes import Finding
from migration.core.errors import PlanError
from migration.core.names import module_of, path_under
from migration.plan import reading, writing
from migration.plan.plan import Plan


def edited(path: Path) -> Plan | None:
    """The plan in ``moves.yml`` if a person wrote or changed it: then it stays in force.

    :raises PlanError: if it can't be used.
    """
    if not path.exists():
        return None
    if path.is_file() and writing.written_by_scanner(path.read_bytes().decode(errors="replace")):
        return None
    return reading.load(path)


def check_same(path: Path, kept: Plan, product: str, source: str, target: str) -> None:
    """Make sure that an edited plan is about the same move.

    :raises PlanError: if it is not.
    """
    if (kept.product, kept.source, kept.target) != (product, source, target):
        raise PlanError(
            f"{path} is edited and moves {kept.source} to {kept.target} ({kept.product}), "
            f"not {source} to {target} ({product})",
            "leave source= and target= out, or delete the file and scan again",
        )


def in_force(path: Path, scanned: Plan) -> tuple[Plan, str, list[Finding]]:
    """The plan as it stands after the scan, the text of its file, and what people should know about it.

    An edited plan is kept; what is new under the source since the last scan is added to it, and files
    that are gone since are taken out. What a person took out of it stays out.

    :raises PlanError: if the plan that is there can't be used.
    """
    kept = edited(path)
    if kept is None:
        return scanned, writing.render(scanned), []
    check_same(path, kept, scanned.product, scanned.source, scanned.target)
    text = path.read_text(encoding="utf-8")
    findings = [
        Finding(str(path), 0, "is edited by hand and is kept as it is", "delete it and run scan_moves for a fresh one")
    ]
    seen, models = _seen(path)
    gone = [old for old in kept.file_moves if old not in scanned.file_moves and seen is not None and old in seen]
    if gone:
        text = writing.drop_file_moves(text, gone)
    out = [
        old
        for old, usual in scanned.file_moves.items()
        if old != usual and old not in kept.file_moves and not kept.excludes(old)
    ]
    new = {old: _beside(kept, old, scanned.file_moves[old]) for old in out if seen is not None and old not in seen}
    if new:
        text = writing.add_file_moves(text, new)
    had = {model.name for model in kept.app.models}
    moving = {module_of(old, kept.roots) for old in (*kept.file_moves, *new)}
    fresh = [model for model in scanned.app.models if model.name not in had and model.module in moving]
    fresh = [model for model in fresh if models is not None and model.name not in models]
    if fresh and kept.app.kind == scanned.app.kind:
        text = writing.add_models(text, fresh)
    else:
        fresh = []
    kept = reading.loads(text, str(path))
    findings += [Finding(old, 0, "is gone; taken out of the plan") for old in gone]
    findings += [Finding(str(path), 0, f"the model {model.name} is new; added to the plan") for model in fresh]
    for old in out:
        if old in new:
            findings.append(Finding(old, 0, f"is new under the source; added to the plan as {new[old]}"))
        else:
            findings.append(Finding(old, 0, "is not in the plan and stays", "add it to file_moves if it moves too"))
    return kept, text, findings


def seen_path(path: Path) -> Path:
    """Where it is kept what the last scan found."""
    return path.with_name("scanned_files.json")


def seen_text(scanned: Plan) -> str:
    """What is to be kept of a scan: a later one takes for new what is not in it."""
    seen = {"files": sorted(scanned.file_moves), "models": sorted(model.name for model in scanned.app.models)}
    return json.dumps(seen, indent=0)


def _seen(path: Path) -> tuple[set[str] | None, set[str] | None]:
    """The files and the models that lay under the source at the last scan; None where that is not known."""
    try:
        found = json.loads(seen_path(path).read_bytes())
        if isinstance(found, list):  # as earlier versions wrote it
            return set(found), None
        return set(found["files"]), set(found["models"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None, None


def _beside(plan: Plan, old: str, usual: str) -> str:
    """Where a new file goes: with the others of its directory, where a person sends them all to one place."""
    directory, _, name = old.rpartition("/")
    places = {to.rpartition("/")[0] for other, to in plan.file_moves.items() if other.rpartition("/")[0] == directory}
    return path_under(places.pop() or ".", name) if len(places) == 1 else usual
