"""verify_migrations: the move's migrations, tried on throw-away databases of the monolith's own engine.

Two boots. The code before the move makes a database and fills it; the moved code migrates copies of it,
and empty ones, in every way that a deploy may: in one run, each migration in a run of its own, back and
forth, and with content types that both codes have made. What must stay (schema, rows, ids of content
types, permissions and who has them) is compared each time. The databases that the settings name are
neither read nor written: Django's own machinery for tests makes others, with names of ours.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migration.changes import Finding
from migration.database_dump import (
    Dump,
    content_types,
    count_differences,
    permissions,
    read,
    relabelled,
    row_differences,
    schema_differences,
    without_types,
)
from migration.django_process import Django
from migration.errors import DjangoError, PhaseError
from migration.model_source import moved_labels
from migration.phase import PhaseResult
from migration.plan import Plan
from migration.rewriters.history import rewrites

TIMEOUT = 4 * 60 * 60  # seconds: a long history takes its time on each database
_SHOWN = 30  # differences in the error; the same one in several checks counts once
NO_VERIFY = "leave the phase out: verify=no"

_STATE_ONLY = (
    "the move may change no table and no row: keep the operations in SeparateDatabaseAndState, and the names of "
    "tables, indexes and constraints as they were; or have the migrations written anew: doit forget "
    "generate_migrations, then doit"
)
_SERVER = (
    "start the database server and let the settings' user create databases (or set the variables that the settings "
    "read), then run the same command again"
)
# A pattern that is found in a difference -> what to do about it; the first that fits.
_REMEDIES: tuple[tuple[str, str], ...] = (
    (r"(?i:table|relation) \S+ already exists|table \S+ is gone|invalid foreign key", _STATE_ONLY),
    ("the routers say", "let the routers treat the new label as they treat the old one, for the models that move"),
    ("IrreversibleError", "give every RunPython and RunSQL of the migrations that are named a reverse"),
    ("lazy reference", "point the relation at the new label in a migration of its app, which the old app's last one "
     "depends on"),
    ("which does not exist", "pin db_table to the old table, in the model's Meta and in its migration, and let the new "
     "app's first migration depend on the old app's last one"),
    ("django_content_type", "let the last migration give the content types their new label, and back in reverse"),
    ("content type", "let the last migration give the content types their new label, and back in reverse"),
    ("makemigrations would", "see whether a Meta or a field depends on the app's label, and write the old value out"),
    ("", _STATE_ONLY),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where the work is done.

    :param prefix: what the names of the databases start with; no one else's may.
    :param directory: for SQLite's files and the dumps; emptied at the start and removed at the end.
    """

    prefix: str
    directory: Path


@dataclass(frozen=True, slots=True)
class Filled:
    """What the code before the move has left: databases that hold rows, and dumps of them.

    :param answer: the probe's answer, as plain JSON values.
    :param before: alias -> the filled database.
    :param empty: alias -> the database after its first ``migrate``.
    :param volatile: alias -> tables whose rows change with every run of ``migrate``.
    """

    answer: Mapping[str, Any]
    before: Mapping[str, Dump]
    empty: Mapping[str, Dump]
    volatile: Mapping[str, tuple[str, ...]]


def run(plan: Plan, baseline: Django, moved: Django, place: Place, absent: str = "") -> PhaseResult:
    """Try the migrations; nothing in the tree changes.

    :param baseline: the monolith's Django on the code before the move.
    :param moved: the same on the moved code.
    :param absent: dotted name of a package that the code before the move doesn't have, though its
        settings may list it.
    :raises DjangoError: if one of them does not start.
    :raises PhaseError: if a database can't be made, or differs after a migration.
    """
    if not plan.app.models:
        return PhaseResult(skipped="nothing to do: no models move")
    shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir(parents=True)
    try:
        filled = fill(plan, baseline, place, absent)
        if filled is None:
            return PhaseResult(skipped="nothing to do: the settings name no database")
        try:
            return tried(plan, moved, place, filled)
        except (DjangoError, PhaseError):
            baseline.ask("verify", verify=request(plan, place, "drop"), absent=absent)  # the moved code could not
            raise
    finally:
        shutil.rmtree(place.directory, ignore_errors=True)


def request(plan: Plan, place: Place, step: str, filled: Mapping[str, Any] | None = None) -> dict[str, object]:
    """What ``Django.ask("verify", verify=…)`` is given for a step: ``fill``, ``try`` or ``drop``."""
    return {
        "step": step,
        "prefix": place.prefix,
        "directory": str(place.directory),
        "old": plan.app.old_label,
        "new": plan.app.label,
        "models": sorted(model.name.lower() for model in plan.app.models),
        "whole": rewrites(plan),
        "rolling": plan.deploy == "rolling",
        "filled": filled,
    }


def fill(plan: Plan, baseline: Django, place: Place, absent: str = "") -> Filled | None:
    """Let the code before the move make its databases and fill them; None where the settings name none.

    :param absent: see :func:`run`.
    :raises DjangoError: if it does not start.
    :raises PhaseError: if a database can't be made.
    """
    try:
        answer = _ask(plan, baseline, place, "fill", absent=absent)
    except DjangoError as error:
        raise DjangoError(
            f"in a copy of the files that git tracks, as they were before the move, {error.message}",
            "files that git does not track (a .env, local settings) are not in that copy: name them in pyproject.toml, "
            f'[tool.phased-migration] local = [".env"], or give what they hold in the environment, or {NO_VERIFY}',
            error.details,
        ) from error
    if not answer["aliases"]:
        return None
    before = _dumps(answer, place, "filled")
    settled = _dumps(answer, place, "settled")
    volatile = {
        alias: tuple(name for name, rows in settled[alias].tables.items() if rows != dump.tables.get(name))
        for alias, dump in before.items()
    }
    return Filled(answer, before, _dumps(answer, place, "empty"), volatile)


def tried(plan: Plan, moved: Django, place: Place, filled: Filled) -> PhaseResult:
    """Let the moved code try its migrations, and compare.

    :raises DjangoError: if it does not start.
    :raises PhaseError: naming every table, column and row that differs.
    """
    answer = _ask(plan, moved, place, "try", filled.answer)
    table: list[dict[str, object]] = []
    wrong: dict[str, list[str]] = {}
    for one in answer["tries"]:
        for alias in answer["aliases"]:
            where = f"{alias} ({answer['engines'][alias]})"
            found = None if one["error"] else read(place.directory / f"{one['name']}.{alias}.json")
            if one["error"] and one["failed_in"] != alias:
                table.append({**_entry(one["name"], where, None, []), "outcome": "not compared"})
                continue
            lines = list(_compared(plan, one, alias, found, filled, answer))
            table.append(_entry(one["name"], where, found, lines))
            for line in lines:
                wrong.setdefault(f"{where}: {line}", []).append(one["name"])
    in_memory = {
        "each migration on what it depends on": list(answer["states"]),
        "makemigrations --check": list(_more_pending(filled.answer["pending"], answer["pending"])),
    }
    if filled.answer["routes"]:
        in_memory["database routers"] = list(_rerouted(plan, filled.answer["routes"], answer["routes"]))
    for name, lines in in_memory.items():
        table.append({"check": name, "database": "", "tables": 0, "rows": 0, "outcome": _outcome(lines)})
        for line in lines:
            wrong.setdefault(line, []).append(name)
    if wrong:
        raise _failure(wrong, table)
    counts = {
        "checks": len(table),
        "databases": len(answer["aliases"]),
        "tables": sum(len(dump.tables) for dump in filled.before.values()),
        "rows": sum(dump.row_count for dump in filled.before.values()),
    }
    findings = (*_notes(filled), *deploy_order(plan, answer["ours"]))
    return PhaseResult(counts=counts, findings=findings, table=tuple(table))


def _ask(
    plan: Plan, django: Django, place: Place, step: str, filled: Mapping[str, Any] | None = None, absent: str = ""
) -> Mapping[str, Any]:
    asked = replace(django, timeout=TIMEOUT).ask("verify", verify=request(plan, place, step, filled), absent=absent)
    answer: Mapping[str, Any] = asked.raw["verify"]
    if answer["refused"]:
        raise PhaseError(
            f"the migrations can't be tried: {answer['refused']}",
            (answer["remedy"] or _SERVER) + f"; or {NO_VERIFY}",
        )
    return answer


def _dumps(answer: Mapping[str, Any], place: Place, name: str) -> dict[str, Dump]:
    return {alias: read(place.directory / f"{name}.{alias}.json") for alias in answer["aliases"]}


def _compared(
    plan: Plan, one: Mapping[str, Any], alias: str, found: Dump | None, filled: Filled, answer: Mapping[str, Any]
) -> Iterator[str]:
    """The differences that one try has left in one database; ``answer`` is that of the moved code."""
    if found is None:
        yield one["error"]
        return
    yield from dict.fromkeys(one["misfits"][alias])
    back, empty = one["name"] == "back", one["name"].startswith("empty")
    tables = filled.answer["tables"]
    before = map(tuple, filled.answer["applied"][alias])
    wanted = {*before, *map(tuple, answer["renamed"]), *(() if back else map(tuple, answer["ours"]))}
    for label, name in sorted(wanted ^ set(map(tuple, one["applied"][alias]))):
        if empty and rewrites(plan) and label == plan.app.old_label:
            continue  # no code has this label: a database that starts with the new one needs no record of it
        yield f"the migration {label}.{name} is {'not ' if (label, name) in wanted else ''}applied"
    types, grants = tables.get("content_types", ""), tables.get("permissions", "")
    expected = (filled.empty if empty else filled.before)[alias]
    if not back:
        expected = relabelled(expected, types, _new_labels(plan, expected, types))
    elif rewrites(plan):
        # The moved code's own label is all that its states know: post_migrate makes content types with it again.
        found = without_types(found, types, grants, plan.app.label)
    yield from schema_differences(expected, found)
    left = {tables["migrations"], *filled.volatile[alias]}
    if not empty:
        yield from row_differences(expected, found, left)
        return
    yield from count_differences(expected, found, left)
    was, now = (permissions(dump, types, grants) for dump in (expected, found))
    for row in sorted(was ^ now, key=repr):
        kind = "content type" if len(row) == 2 else "permission"
        yield f"the {kind} {'.'.join(row)} is {'missing' if row in was else 'new'}"


def _new_labels(plan: Plan, dump: Dump, types: str) -> dict[tuple[str, str], str]:
    """(App label, model) of the content types that get another label -> that label."""
    old, new = plan.app.old_label, plan.app.label
    if rewrites(plan):
        return {key: new for key in content_types(dump, types).values() if key[0] == old}
    return {(old, model.name.lower()): new for model in plan.app.models}


def _entry(check: str, where: str, found: Dump | None, lines: list[str]) -> dict[str, object]:
    tables, rows = (len(found.tables), found.row_count) if found else (0, 0)
    outcome = _outcome(lines) if found else "failed"
    return {"check": check, "database": where, "tables": tables, "rows": rows, "outcome": outcome}


def _outcome(lines: list[str]) -> str:
    return f"{len(lines)} differ" if lines else "equal"


def _more_pending(before: Iterable[list[str]], now: Iterable[list[str]]) -> Iterator[str]:
    """What ``makemigrations`` would write and would not have written before, whichever app it is in."""
    known = [operation for _, operation in before]
    for label, operation in now:
        if operation in known:
            known.remove(operation)
        else:
            yield f"makemigrations would write for {label}: {operation}"


def _rerouted(plan: Plan, before: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[str]:
    """Where the routers send a model elsewhere by its new label."""
    for model, was in before.items():
        for old, new in zip(was, now[model], strict=True):
            if old != new:
                yield f"the routers say for {plan.app.label}.{model}: {new}, for {plan.app.old_label}.{model}: {old}"


def _failure(wrong: Mapping[str, list[str]], table: list[dict[str, object]]) -> PhaseError:
    failed = sum(entry["outcome"] != "equal" for entry in table)
    lines = []
    for line, checks in list(wrong.items())[:_SHOWN]:
        more = f" (and in {len(checks) - 1} more checks)" if len(checks) > 1 else ""
        lines.append(f"{checks[0]}: {line}{more}")
    if len(wrong) > _SHOWN:
        lines.append(f"… and {len(wrong) - _SHOWN} more differences")
    texts = "\n".join(wrong)
    remedy = next(remedy for pattern, remedy in _REMEDIES if re.search(pattern, texts))
    return PhaseError(f"{failed} of {len(table)} checks of the migrations fail", remedy, lines)


def _notes(filled: Filled) -> Iterator[Finding]:
    """What could not be filled or compared, for a person to know."""
    seen = set()
    for alias, notes in filled.answer["notes"].items():
        for note in notes:
            if note["what"] not in seen:
                seen.add(note["what"])
                yield Finding(note["what"], 0, f"no rows in the trial ({alias}): {note['why']}")
        for table in filled.volatile[alias]:
            yield Finding(alias, 0, f"the rows of {table} change with every migrate: only its schema was compared")


def deploy_order(plan: Plan, ours: list[list[str]]) -> Iterator[Finding]:
    """With ``deploy: rolling``: the order of steps that is safe while old code still runs.

    :param ours: the migrations of the move, in the order in which they are applied.
    """
    if plan.deploy != "rolling" or not ours:
        return
    names = [".".join(key) for key in ours]
    models = sorted(moved_labels(plan))
    example = models[0].rpartition(".")[2] if models else ""
    steps = (
        f"1. deploy everything but {names[-1]}: run migrate ({', '.join(names[:-1])}) with the new code while the old "
        "code still serves; no table and no column changes, so both read and write the same rows",
        "2. start the new code and stop the old one soon: in between, permissions and generic relations of the moved "
        f"models go by the new label ({plan.app.label}.{example}), and old code that asks for a content type makes a "
        f"row with the old one ({plan.app.old_label}.{example}) again",
        f"3. when no old code runs any more (web, workers, beat, cron), deploy {names[-1]}: it merges such rows and "
        "may be run again at any time (migrate back over it undoes nothing)",
    )
    for step in steps:
        yield Finding("deploy", 0, step)
