"""The ledger's file: JSON in the git directory, one per product."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from migration.core.errors import GitError
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.ledger import Corrected, Done, Ledger, Noted, Origin, Written

VERSION = 1


def load(path: Path) -> Ledger:
    """The ledger in a file; an empty one where there is no file.

    :raises GitError: if the file was written by another version of the tool, or is damaged.
    """
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Ledger()
    except (ValueError, RecursionError) as error:
        raise _unusable(path, str(error)) from error
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        raise _unusable(path, "another version of the tool wrote it")
    try:
        return Ledger(
            {name: _origin(item) for name, item in raw["origins"].items()},
            {name: _done(item) for name, item in raw["phases"].items()},
            {name: _done(item) for name, item in raw["undone"].items()},
            **{key: _lists(raw[key]) for key in ("contents", "created", "places")},
            base=_texts(raw.get("base", [])),
            under=_texts(raw.get("under", [])),
            head=str(raw.get("head", "")),
            noted={
                phase: {path: Noted(item["left"], tuple(item["lines"])) for path, item in notes.items()}
                for phase, notes in raw.get("noted", {}).items()
            },
            corrected={path: Corrected(**item) for path, item in raw.get("corrected", {}).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _unusable(path, repr(error)) from error


def _done(raw: dict[str, Any]) -> Done:
    writes = {name: Written(**item) for name, item in raw["writes"].items()}
    for written in writes.values():
        _texts([written.oid, written.made, written.mode])
    _texts(list(raw["renames"].values()))
    return Done(dict(raw["renames"]), _texts(raw["removes"]), writes)


def _origin(raw: dict[str, Any]) -> Origin:
    origin = Origin(**raw)
    _texts([origin.oid, origin.mode, origin.index])
    return origin


def _lists(value: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    return {path: _texts(items) for path, items in value.items()}


def _texts(items: object) -> tuple[str, ...]:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise TypeError(f"{items!r:.100} is no list of texts")
    return tuple(items)


def _unusable(path: Path, why: str) -> GitError:
    return GitError(
        f"the record of what was done, {path}, can't be read ({why})",
        "put the repo back by hand (git status shows what was done), then delete that file",
    )


def save(path: Path, ledger: Ledger) -> None:
    """Write the ledger, atomically."""
    content = {
        "version": VERSION,
        "origins": {name: asdict(origin) for name, origin in sorted(ledger.origins.items())},
        "phases": {name: asdict(done) for name, done in ledger.phases.items()},
        "undone": {name: asdict(done) for name, done in ledger.undone.items()},
        "contents": dict(sorted(ledger.contents.items())),
        "created": dict(sorted(ledger.created.items())),
        "places": dict(sorted(ledger.places.items())),
        "base": ledger.base,
        "under": ledger.under,
        "head": ledger.head,
        "noted": {
            phase: {path: asdict(note) for path, note in sorted(notes.items())} for phase, notes in ledger.noted.items()
        },
        "corrected": {path: asdict(item) for path, item in sorted(ledger.corrected.items())},
    }
    write_atomically(path, json.dumps(content, indent=0).encode() + b"\n")
