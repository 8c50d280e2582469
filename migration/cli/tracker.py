"""``phase_tracker.yml``: where the move stands, right at any moment.

doit saves its state only when a whole call ends, and a failure erases a task's entry; so the
tracker is written after every event, and keeps the error. What doit's state says about tasks that
did not run this time is merged in. The shape is the original system's.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from migration.core.names import printable
from migration.core.phase import COMPLETED, FAILED, IN_PROGRESS, PENDING
from migration.core.shown import escaped
from migration.repo.disk.atomic_write import write_atomically

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def now() -> str:
    """The time as the tracker writes it: UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(path: Path) -> dict[str, Any]:
    """The tracker as it is on disk; empty where there is none (or none that can be read)."""
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)
    except (FileNotFoundError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def note_django(path: Path, phase: str, used: Mapping[str, Any]) -> None:
    """Write down which Django a phase uses, before it is asked; by the process that does the phase.

    Nothing happens where there is no tracker, or the phase is not at work in it.
    """
    content = read(path)
    for entry in content.get("phases", ()):
        if entry.get("id") == phase and entry.get("status") == IN_PROGRESS and entry.get("django") != used:
            entry["django"] = dict(used)
            _write(path, content)


class Tracker:
    """The tracker of one product.

    :param phases: (name, one-line description), in order.
    """

    def __init__(self, path: Path, product: str, phases: Sequence[tuple[str, str]]) -> None:
        self.path = path
        self.product = product
        self.order = [name for name, _ in phases]
        entries = read(path).get("phases")
        found = entries if isinstance(entries, list) else []
        known = {str(entry.get("id")): entry for entry in found if isinstance(entry, dict)}
        self.entries: dict[str, dict[str, Any]] = {}
        for name, description in phases:
            entry = dict(known.get(name, {}))
            if entry.get("status") not in (COMPLETED, FAILED):
                entry = {}  # the process that was at it has died
            self.entries[name] = {"id": name, "name": description, "status": PENDING, "timestamp": None, **entry}

    def start(self, phase: str) -> None:
        """The phase begins; what stands on it is pending again."""
        self._set(phase, {"status": IN_PROGRESS, "timestamp": now(), "pid": os.getpid()})
        for later in self.order[self.order.index(phase) + 1 :]:
            self._set(later, {"status": PENDING, "timestamp": None})
        self.write()

    def complete(self, phase: str, values: Mapping[str, Any]) -> None:
        """The phase is done; ``values`` is what doit keeps of it."""
        before = self.entries[phase]
        kept = (
            "timestamp", "seconds", "summary", "django", "operations", "files_modified", "counts", "findings", "table",
            "tool",
        )  # fmt: skip
        self._set(phase, {"status": COMPLETED, **{key: values[key] for key in kept if key in values}})
        if self.entries[phase] != before or not self.path.exists():
            self.write()

    def fail(self, phase: str, error: str) -> None:
        """The phase failed; ``error`` is what went wrong, with the remedy."""
        entries = read(self.path).get("phases", ())
        noted = next((entry["django"] for entry in entries if entry.get("id") == phase and "django" in entry), None)
        self._set(phase, {"status": FAILED, "timestamp": now(), "error": error} | ({"django": noted} if noted else {}))
        self.write()

    def forget(self) -> None:
        """Every phase is pending again."""
        for phase in self.order:
            self._set(phase, {"status": PENDING, "timestamp": None})
        self.write()

    def content(self) -> dict[str, Any]:
        """What the file holds."""
        entries = [self.entries[name] for name in self.order]
        statuses = [entry["status"] for entry in entries]
        current = next((entry["id"] for entry in entries if entry["status"] != COMPLETED), None)
        if FAILED in statuses:
            status = FAILED
        elif IN_PROGRESS in statuses:
            status = IN_PROGRESS
        elif all(one == COMPLETED for one in statuses):
            status = COMPLETED
        else:
            status = PENDING if not any(one == COMPLETED for one in statuses) else IN_PROGRESS
        return {
            "product": self.product,
            "status": status,
            "current_phase": current,
            "completed": statuses.count(COMPLETED),
            "total": len(entries),
            "files_modified": len({path for entry in entries for path in entry.get("files_modified", [])}),
            "seconds": round(sum(entry.get("seconds", 0.0) for entry in entries), 2),
            "phases": entries,
        }

    def write(self) -> None:
        """Write the file, atomically."""
        _write(self.path, self.content())

    def _set(self, phase: str, values: Mapping[str, Any]) -> None:
        name = self.entries[phase]["name"]
        self.entries[phase] = {"id": phase, "name": name, **values}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = yaml.dump(_printable(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    write_atomically(path, text.encode())


def _printable(value: Any) -> Any:
    """The same, in texts that YAML can hold, and a terminal too: names of files may be any bytes."""
    if isinstance(value, str):
        return escaped(printable(value))
    if isinstance(value, Mapping):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value
