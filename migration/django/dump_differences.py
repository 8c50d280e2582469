"""What differs between two dumps of a database: schema, rows and counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import replace

from migration.django.database_dump import Dump, Row, Rows

_SHOWN = 120  # characters of a value in a message


def schema_differences(expected: Dump, found: Dump) -> Iterator[str]:
    """Tables, columns, constraints, indexes and sequences that are not what they were."""
    for table in sorted({*expected.schema, *found.schema}):
        was, now = expected.schema.get(table), found.schema.get(table)
        if was is None or now is None:
            yield f"{_table(table)} is {'gone' if now is None else 'new'}"
            continue
        for part in sorted({*was, *now}):
            if part not in now:
                yield f"{_table(table)}: {part} is gone: {_short(was[part])}"
            elif part not in was:
                yield f"{_table(table)}: {part} is new: {_short(now[part])}"
            elif was[part] != now[part]:
                yield f"{_table(table)}: {part} is {_short(now[part])}, was {_short(was[part])}"


def row_differences(expected: Dump, found: Dump, leave: Collection[str] = ()) -> Iterator[str]:
    """Rows that are gone, new or different, and sequences that fell back.

    Tables that are in only one of the dumps are a difference of the schema, and not named here.

    :param leave: tables whose rows are not compared.
    """
    for table in sorted({*expected.tables} & {*found.tables} - {*leave}):
        was, now = expected.tables[table], found.tables[table]
        if was == now:
            continue
        if was.columns != now.columns:
            continue  # a difference of the schema
        before, after = was.by_key(), replace(now, key=was.key).by_key()  # another key is a difference of the schema
        for key in sorted({*before, *after}, key=repr):
            yield from _row(table, was, key, before.get(key), after.get(key))
        if len(was.rows) != len(now.rows) and before.keys() == after.keys():
            yield f"{_table(table)} has {len(now.rows)} rows, had {len(was.rows)}"
    for name, place in sorted(expected.sequences.items()):
        now_at = found.sequences.get(name)
        if now_at is not None and _position(now_at) < _position(place):
            yield f"sequence {name} stands at {now_at}, stood at {place}"


def _row(table: str, rows: Rows, key: Row, was: Row | None, now: Row | None) -> Iterator[str]:
    names = rows.key or rows.columns
    which = ", ".join(f"{name}={_short(value)}" for name, value in zip(names, key, strict=True))
    place = f"{_table(table)}: row {which}"
    if was is None or now is None:
        yield f"{place} is {'gone' if now is None else 'new'}: {_short(was if now is None else now)}"
        return
    for column, before, after in zip(rows.columns, was, now, strict=True):
        if before != after:
            yield f"{place}: column {column} is {_short(after)}, was {_short(before)}"


def count_differences(expected: Dump, found: Dump, leave: Collection[str] = ()) -> Iterator[str]:
    """Tables with another number of rows: for databases whose ids may differ."""
    for table in sorted({*expected.tables} & {*found.tables} - {*leave}):
        was, now = len(expected.tables[table].rows), len(found.tables[table].rows)
        if was != now:
            yield f"{_table(table)} has {now} rows, where the old code makes {was}"


def _position(text: str) -> int:
    return int(text.partition(" ")[0])


def _table(name: str) -> str:
    return name if name.startswith("sequence ") else f"table {name}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
