"""verify_migrations: the move's migrations, tried on throw-away databases of the monolith's own engine.

Two boots. The code before the move makes a database and fills it; the moved code migrates copies of it,
and empty ones, in every way that a deploy may: in one run, each migration in a run of its own, back and
forth, and with content types that both codes have made. What must stay (schema, rows, ids of content
types, permissions and who has them) is compared each time. A third boot, of the code before the move, is
only needed where an empty database that several runs have migrated differs from one that a single run
has: the project's own history may do that. The databases that the settings name are
neither read nor written: Django's own machinery for tests makes others, with names of ours.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from migration.core.changes import Finding
from migration.core.errors import DjangoError, PhaseError, RefusedError
from migration.core.phase import PhaseResult, Values
from migration.django.database_dump import Dump, read, with_key_names, with_trigger_names
from migration.django.left_databases import Trial
from migration.django.process import Django, refusals
from migration.django.trial_differences import Filled, differences, halfway, is_empty
from migration.engine import killed_trials
from migration.engine.monolith import Monolith
from migration.phases.context import Context, Needs, without_models
from migration.plan.plan import Plan
from migration.repo.apply import Workspace
from migration.repo.corrections import before_corrections
from migration.repo.tree import baseline_copy

NEEDS = Needs("disk")
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
    ("the trial of the migrations refuses", "see what is refused below, with what lets it through; or let the code do "
     f"without, where the network is down; or {NO_VERIFY}"),
    (r"(?i:table|relation) \S+ already exists|table \S+ is gone|invalid foreign key", _STATE_ONLY),
    ("max_migration.txt", "write the name of the app's last migration into the file"),
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
    :param token: of this run, for the mark that its databases bear.
    :param product: that moves, for the mark.
    :param checkout: what the names and marks of all databases of a checkout hold; what a killed run of it has
        left is dropped first. Empty for none.
    """

    prefix: str
    directory: Path
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    product: str = ""
    checkout: str = ""

    @property
    def run_of(self) -> dict[str, str]:
        """What the mark says."""
        return {"token": self.token, "product": self.product, "checkout": self.checkout, "host": os.uname().nodename}


def does_not_apply(plan: Plan, options: Values) -> str:
    """The move has no models, or the trial is not wanted."""
    return without_models(plan, options) or ("" if options.verify else "left out: verify=no")


def clear(workspace: Workspace, repo: Path) -> tuple[Finding, ...]:
    """Take away what a death in this phase has left: databases on a server, and files.

    :returns: what was dropped, and what may still be there.
    """
    return killed_trials.take_away(workspace, repo)


def run(context: Context) -> PhaseResult:
    """Try the migrations, with a copy of the tree before the move beside the moved one.

    :raises MigrationError: if they can't be tried, or lose something.
    """
    project, plan, workspace = context.project, context.plan, context.workspace
    monolith = Monolith(project, context.options, workspace)
    moved = monolith.django()  # where nothing names the settings nothing is copied
    left = clear(workspace, project.root)
    directory = killed_trials.directory_of(workspace)
    local = baseline_copy.local_files(project.before)
    try:
        with baseline_copy.baseline_copy(before_corrections(workspace), directory / "baseline", local) as copy:
            before, absent = monolith.django(copy), monolith.absent(plan.package)
            lets = plan.trial
            note = Trial(before.python, str(copy), before.settings, before.roots, absent, lets.allow, lets.programs)
            note.write(directory)
            try:
                result = try_out(plan, before, moved, _place(context, directory / "databases"), absent)
            finally:  # its databases are dropped: a death while the copy is removed leaves no trial
                note.forget(directory)
            return replace(result, findings=(*left, *result.findings))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _place(context: Context, directory: Path) -> Place:
    """Where a trial works: databases under names that no other run has."""
    token, product = secrets.token_hex(16), context.options.product
    checkout = killed_trials.checkout_of(context.workspace, context.project.root)
    prefix = f"test_phased_{re.sub('[^a-z0-9_]', '_', product.lower())[:16]}_{checkout}_{token[:8]}"
    return Place(prefix, directory, token, product, checkout)


def try_out(plan: Plan, baseline: Django, moved: Django, place: Place, absent: str = "") -> PhaseResult:
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


def request(plan: Plan, place: Place, step: str, **more: object) -> dict[str, object]:
    """What ``Django.ask("verify", verify=…)`` is given for a step: ``fill``, ``try``, ``order`` or ``drop``.

    :param more: ``filled`` for ``try``, the answer of ``fill``; ``steps`` for ``order``, those of a try.
    """
    return {
        "step": step,
        "prefix": place.prefix,
        "run_of": place.run_of,
        "directory": str(place.directory),
        "old": plan.app.old_label,
        "new": plan.app.label,
        "models": sorted(model.name.lower() for model in plan.app.models),
        "whole": plan.app.rewrites_history,
        "rolling": plan.deploy == "rolling",
        "allow": list(plan.trial.allow),
        "programs": list(plan.trial.programs),
        **more,
    }


def fill(plan: Plan, baseline: Django, place: Place, absent: str = "") -> Filled | None:
    """Let the code before the move make its databases and fill them; None where the settings name none.

    :param absent: see :func:`run`.
    :raises DjangoError: if it does not start.
    :raises PhaseError: if a database can't be made.
    """
    try:
        answer = _ask(plan, baseline, place, "fill", absent=absent)
    except RefusedError as error:
        raise RefusedError(error.message, f"{error.remedy}; or {NO_VERIFY}", error.details) from error
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
    return Filled(answer, before, _dumps(answer, place, "empty"), volatile, baseline, absent)


def tried(plan: Plan, moved: Django, place: Place, filled: Filled) -> PhaseResult:
    """Let the moved code try its migrations, and compare.

    :raises DjangoError: if it does not start.
    :raises PhaseError: naming every table, column and row that differs.
    """
    answer = _ask(plan, moved, place, "try", filled=filled.answer)
    notes: list[Finding] = []
    table: list[dict[str, object]] = []
    wrong: dict[str, list[str]] = {}
    for one in answer["tries"]:
        ordered: Mapping[str, Dump] = {}
        for alias in answer["aliases"]:
            where = f"{alias} ({answer['engines'][alias]})"
            found = None if one["error"] else read(place.directory / f"{one['name']}.{alias}.json")
            if one["error"] and one["failed_in"] != alias:
                table.append({**_entry(one["name"], where, None, []), "outcome": "not compared"})
                continue
            names: dict[str, str] = {}
            if found and is_empty(one) and plan.app.rewrites_history:
                found, names = with_key_names(found, filled.empty[alias])
                notes += _other_names(one["name"], where, names)
            triggers: dict[str, str] = {}
            if found and one["name"] != "back":
                usual = (filled.empty if is_empty(one) else filled.before)[alias]
                found, triggers = with_trigger_names(found, usual, {model.table for model in plan.app.models})
            lines = list(differences(plan, one, alias, found, filled, answer))
            if lines and found and one["steps"] and is_empty(one):
                ordered = ordered or in_order(plan, place, filled, one["steps"])
                lines = list(differences(plan, one, alias, found, filled, answer, ordered[alias]))
                notes += halfway(one["name"], where, ordered[alias], alias, filled)
            table.append(_entry(one["name"], where, found, lines, len(names), len(triggers)))
            for line in lines:
                wrong.setdefault(f"{where}: {line}", []).append(one["name"])
    in_memory = {
        "each migration on what it depends on": list(answer["states"]),
        "makemigrations --check": list(_more_pending(filled.answer["pending"], answer["pending"])),
    }
    if filled.answer["markers"]:
        in_memory["max_migration.txt"] = list(_unmarked(plan, filled.answer["markers"], answer["markers"]))
    if filled.answer["routes"]:
        in_memory["database routers"] = list(_rerouted(plan, filled.answer["routes"], answer["routes"]))
    for name, lines in in_memory.items():
        table.append({"check": name, "database": "", "tables": 0, "rows": 0, "outcome": _outcome(lines)})
        for line in lines:
            wrong.setdefault(line, []).append(name)
    refused = list(_refused(plan, place))
    if wrong:
        raise _failure(wrong, table, refused)
    counts = {
        "checks": len(table),
        "databases": len(answer["aliases"]),
        "tables": sum(len(dump.tables) for dump in filled.before.values()),
        "rows": sum(dump.row_count for dump in filled.before.values()),
    }
    findings = (*refused, *_notes(filled), *notes, *deploy_order(plan, answer["ours"]))
    return PhaseResult(counts=counts, findings=findings, table=tuple(table))


def in_order(plan: Plan, place: Place, filled: Filled, steps: list[list[list[str]]]) -> dict[str, Dump]:
    """What the code before the move makes of empty databases that several runs of ``migrate`` fill: alias -> dump.

    A run that stops between two migrations of an app may leave what a single run does not: a content type of
    a model that goes later on, with its permissions, and whoever a later migration grants them to.

    :param steps: for each run the migrations (label, name) that are applied after it; a last run does the rest.
    :raises DjangoError: if it does not start, or can't migrate in this order.
    :raises PhaseError: if a database can't be made.
    """
    answer = _ask(plan, filled.baseline, place, "order", steps=steps, absent=filled.absent)
    return _dumps(answer, place, "order")


def _ask(plan: Plan, django: Django, place: Place, step: str, absent: str = "", **more: object) -> Mapping[str, Any]:
    asked = replace(django, timeout=TIMEOUT).ask("verify", verify=request(plan, place, step, **more), absent=absent)
    answer: Mapping[str, Any] = asked.raw["verify"]
    if answer["refused"]:
        raise PhaseError(
            f"the migrations can't be tried: {answer['refused']}",
            (answer["remedy"] or _SERVER) + f"; or {NO_VERIFY}",
            [str(one) for one in _refused(plan, place)],
        )
    return answer


def _dumps(answer: Mapping[str, Any], place: Place, name: str) -> dict[str, Dump]:
    return {alias: read(place.directory / f"{name}.{alias}.json") for alias in answer["aliases"]}


def _other_names(check: str, where: str, names: Mapping[str, str]) -> Iterator[Finding]:
    """Foreign keys of an empty database whose names the rewritten history makes of another table.

    ``RenameModel`` makes the foreign keys anew where the model's table changes with its name. In a history under
    a new label the tables are pinned and renamed by themselves (see ``rewriters.history``), so keys keep theirs.
    """
    for name, was in names.items():
        yield Finding(
            where,
            0,
            f"{check}: Django calls a foreign key {name} that the old code's history calls {was}; the key is the "
            "same, and Django looks it up by its column, but SQL of your own that drops it by name must not",
        )


def _entry(
    check: str, where: str, found: Dump | None, lines: list[str], names: int = 0, triggers: int = 0
) -> dict[str, object]:
    tables, rows = (len(found.tables), found.row_count) if found else (0, 0)
    outcome = _outcome(lines) if found else "failed"
    if names and not lines:
        outcome = f"equal but for names of foreign keys ({names})"
    elif triggers and not lines:
        outcome = f"equal but for names of triggers ({triggers})"
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


def _unmarked(plan: Plan, before: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[str]:
    """Where ``max_migration.txt`` does not name an app's last migration, as it did before."""
    for label, (says, last) in now.items():
        if says != last and before.get(label) != [says, last]:
            yield f"max_migration.txt of {label} says {says or 'nothing'}, where the last migration is {last}"
    if plan.app.old_label in before and plan.app.label not in now:
        yield f"max_migration.txt of {plan.app.label} is missing; {plan.app.old_label} has one"


def _rerouted(plan: Plan, before: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[str]:
    """Where the routers send a model elsewhere by its new label."""
    for model, was in before.items():
        for old, new in zip(was, now[model], strict=True):
            if old != new:
                yield f"the routers say for {plan.app.label}.{model}: {new}, for {plan.app.old_label}.{model}: {old}"


def _refused(plan: Plan, place: Place) -> list[Finding]:
    """What code wanted to do beside its databases, each once: the old code and the new one ask for the same."""
    found = (
        Finding(plan.new_path(one.path), one.line, f"{one.how} in the trial: {one.what}", one.remedy)
        for one in refusals(place.directory)
    )
    return list(dict.fromkeys(found))


def _failure(wrong: Mapping[str, list[str]], table: list[dict[str, object]], refused: list[Finding]) -> PhaseError:
    failed = sum(not str(entry["outcome"]).startswith("equal") for entry in table)
    lines = []
    for line, checks in list(wrong.items())[:_SHOWN]:
        more = f" (and in {len(checks) - 1} more checks)" if len(checks) > 1 else ""
        lines.append(f"{checks[0]}: {line}{more}")
    if len(wrong) > _SHOWN:
        lines.append(f"… and {len(wrong) - _SHOWN} more differences")
    texts = "\n".join(wrong)
    remedy = next(remedy for pattern, remedy in _REMEDIES if re.search(pattern, texts))
    lines += [str(one) for one in refused]
    return PhaseError(f"{failed} of {len(table)} checks of the migrations fail", remedy, lines)


def _notes(filled: Filled) -> Iterator[Finding]:
    """What could not be filled or compared, for a person to know."""
    seen = set()
    for alias, notes in filled.answer["notes"].items():
        for note in notes:
            if note["what"] not in seen:
                seen.add(note["what"])
                yield Finding(note["what"], 0, f"no rows in the trial ({alias}): {note['why']}")
    for alias, keys in filled.answer["left_out"].items():
        if keys:
            yield Finding(alias, 0, f"left out in the trial, since it may lead to another database: {', '.join(keys)}")
    for alias in filled.answer["notes"]:
        for table in filled.volatile[alias]:
            yield Finding(alias, 0, f"the rows of {table} change with every migrate: only its schema was compared")


def deploy_order(plan: Plan, ours: list[list[str]]) -> Iterator[Finding]:
    """With ``deploy: rolling``: the order of steps that is safe while old code still runs.

    :param ours: the migrations of the move, in the order in which they are applied.
    """
    if plan.deploy != "rolling" or not ours:
        return
    names = [".".join(key) for key in ours]
    models = sorted(plan.app.moved_labels)
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
