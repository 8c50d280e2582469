"""What verify_migrations compares: what a try has left in a database, with what the old code has left (values).

Each difference is one line that names the table, the column or the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migration.core.changes import Finding
from migration.django.database_dump import Dump, Row, content_types, permissions, relabelled, with_tables, without_types
from migration.django.dump_differences import count_differences, row_differences, schema_differences
from migration.django.process import Django
from migration.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Filled:
    """What the code before the move has left: databases that hold rows, and dumps of them.

    :param answer: the probe's answer, as plain JSON values.
    :param before: alias -> the filled database.
    :param empty: alias -> the database after its first ``migrate``.
    :param volatile: alias -> tables whose rows change with every run of ``migrate``.
    :param baseline: the code that did it.
    :param absent: dotted name of a package that this code doesn't have, though its settings may list it.
    """

    answer: Mapping[str, Any]
    before: Mapping[str, Dump]
    empty: Mapping[str, Dump]
    volatile: Mapping[str, tuple[str, ...]]
    baseline: Django
    absent: str = ""


def differences(
    plan: Plan, one: Mapping[str, Any], alias: str, found: Dump | None, filled: Filled, answer: Mapping[str, Any],
    ordered: Dump | None = None,
) -> Iterator[str]:
    """The differences that one try has left in one database.

    :param answer: that of the moved code.
    :param ordered: what the old code has made in the same order; what moves is not compared with that, but
        with what it makes in a single run.
    """  # fmt: skip
    if found is None:
        yield one["error"]
        return
    yield from (line for line in dict.fromkeys(one["misfits"][alias]) if line not in filled.answer["misfits"][alias])
    back, empty = one["name"] == "back", is_empty(one)
    tables = filled.answer["tables"]
    before = map(tuple, filled.answer["applied"][alias])
    wanted = {*before, *map(tuple, answer["renamed"]), *(() if back else map(tuple, answer["ours"]))}
    for label, name in sorted(wanted ^ set(map(tuple, one["applied"][alias]))):
        if empty and plan.app.rewrites_history and label == plan.app.old_label:
            continue  # no code has this label: a database that starts with the new one needs no record of it
        yield f"the migration {label}.{name} is {'not ' if (label, name) in wanted else ''}applied"
    types, grants = tables.get("content_types", ""), tables.get("permissions", "")
    usual = expected = (filled.empty if empty else filled.before)[alias]
    if ordered is not None:
        expected = with_tables(ordered, usual, {model.table for model in plan.app.models})
    if not back:
        expected = relabelled(expected, types, _new_labels(plan, expected, types))
    elif plan.app.rewrites_history:
        # The moved code's own label is all that its states know: post_migrate makes content types with it again.
        found = without_types(found, types, grants, plan.app.label)
    yield from schema_differences(expected, found)
    left = {tables["migrations"], *filled.volatile[alias]}
    if not empty:
        yield from row_differences(expected, found, left)
        return
    yield from count_differences(expected, found, left)
    labels = _new_labels(plan, usual, types)
    moved = {(label, model) for (_, model), label in labels.items()}
    first, was, now = (permissions(dump, types, grants) for dump in (relabelled(usual, types, labels), expected, found))
    was = frozenset(row for row in was if row[:2] not in moved) | {row for row in first if row[:2] in moved}
    yield from _permission_lines(was, now)


def _permission_lines(was: frozenset[Row], now: frozenset[Row]) -> Iterator[str]:
    for row in sorted(was ^ now, key=repr):
        kind = "content type" if len(row) == 2 else "permission"
        yield f"the {kind} {'.'.join(row)} is {'missing' if row in was else 'new'}"


def is_empty(one: Mapping[str, Any]) -> bool:
    """Whether a try started with empty databases."""
    return str(one["name"]).startswith("empty")


def halfway(check: str, where: str, ordered: Dump, alias: str, filled: Filled) -> Iterator[Finding]:
    """What the old code's own history leaves where it stops halfway, for a person to know."""
    tables, usual = filled.answer["tables"], filled.empty[alias]
    types, grants = tables.get("content_types", ""), tables.get("permissions", "")
    lines = [
        *schema_differences(usual, ordered),
        *_permission_lines(permissions(usual, types, grants), permissions(ordered, types, grants)),
        *count_differences(usual, ordered, {tables["migrations"], *filled.volatile[alias]}),
    ]
    if lines:
        more = f"; and {len(lines) - 3} more" if len(lines) > 3 else ""
        yield Finding(
            where,
            0,
            f"{check}: the old code, migrated in the same order, leaves what a single run does not, so that is what "
            f"was compared with: {'; '.join(lines[:3])}{more}",
        )


def _new_labels(plan: Plan, dump: Dump, types: str) -> dict[tuple[str, str], str]:
    """(App label, model) of the content types that get another label -> that label."""
    old, new = plan.app.old_label, plan.app.label
    if plan.app.rewrites_history:
        return {key: new for key in content_types(dump, types).values() if key[0] == old}
    return {(old, model.name.lower()): new for model in plan.app.models}
