"""What a database held, as the probe wrote it down, and how two of them differ (values and comparison).

Every difference is one line that names the table, the column or the row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# What Django calls a foreign key: a digest of table and columns, then the table it refers to, cut to what the engine
# takes (``BaseDatabaseSchemaEditor._fk_constraint_name`` and ``_create_index_name``). MySQL calls its index the same.
_FOREIGN_KEY = re.compile(r"(?:constraint|index) (?P<name>\w*?_(?P<digest>[0-9a-f]{8})_fk_\w*)")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table.

    :param key: the columns of its primary key; empty where there is none.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: tuple[Row, ...]

    def by_key(self) -> dict[Row, Row]:
        """Each row by its primary key; by all that it holds where there is none."""
        places = [self.columns.index(name) for name in self.key] or range(len(self.columns))
        return {tuple(row[at] for at in places): row for row in self.rows}


@dataclass(frozen=True, slots=True)
class Dump:
    """A database.

    :param schema: table -> part (``column name``, ``index x``, …) -> its definition.
    :param tables: table -> its rows.
    :param sequences: name -> where it stands.
    """

    schema: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, Rows]
    sequences: Mapping[str, str]

    @property
    def row_count(self) -> int:
        """The rows of all tables."""
        return sum(len(table.rows) for table in self.tables.values())


def read(path: Path) -> Dump:
    """A dump that the probe has written."""
    raw = json.loads(path.read_bytes())
    tables = {
        name: Rows(tuple(table["columns"]), tuple(table["key"]), tuple(tuple(row) for row in table["rows"]))
        for name, table in raw["tables"].items()
    }
    return Dump(raw["schema"], tables, raw["sequences"])


def relabelled(dump: Dump, table: str, labels: Mapping[tuple[str, str], str]) -> Dump:
    """The same with the content types' new labels; ids and everything else stay.

    :param table: of the content types.
    :param labels: (app label, model) before -> app label afterwards.
    """
    if table not in dump.tables:
        return dump
    old = dump.tables[table]
    label, model = old.columns.index("app_label"), old.columns.index("model")
    rows = tuple(
        tuple(labels.get((row[label], row[model]), value) if at == label else value for at, value in enumerate(row))
        for row in old.rows
    )
    return replace(dump, tables={**dump.tables, table: replace(old, rows=rows)})


def with_tables(dump: Dump, other: Dump, tables: Collection[str]) -> Dump:
    """The same with some tables, schema and rows, as another dump has them."""
    schema = {name: parts for name, parts in dump.schema.items() if name not in tables}
    rows = {name: held for name, held in dump.tables.items() if name not in tables}
    schema |= {name: parts for name, parts in other.schema.items() if name in tables}
    rows |= {name: held for name, held in other.tables.items() if name in tables}
    return replace(dump, schema=schema, tables=rows)


def with_key_names(found: Dump, expected: Dump) -> tuple[Dump, dict[str, str]]:
    """The same with foreign keys called as in another dump, where they are the same but for what Django calls them.

    Only what refers to the same rows, on the same columns of the same table, is the same; names that people chose
    have to stay.

    :returns: also the names that differ: as found -> as expected.
    """
    schema, names = dict(found.schema), {}
    for table, now in found.schema.items():
        was = expected.schema.get(table, {})
        keys = {(match["digest"], was[part]): part for part in was.keys() - now.keys() if (match := _automatic(part))}
        new: dict[str, str] = {}
        for part in sorted(now.keys() - was.keys()):
            match = _automatic(part)
            called = keys.pop((match["digest"], now[part]), None) if match else None
            if match and called is not None:
                new[part] = called
                names[match["name"]] = called.partition(" ")[2]
        schema[table] = {new.get(part, part): definition for part, definition in now.items()}
    return replace(found, schema=schema), names


def with_trigger_names(found: Dump, expected: Dump, tables: Collection[str]) -> tuple[Dump, dict[str, str]]:
    """The same with triggers called as in another dump, where they are the same but for their names.

    :param tables: in which a package may have named them by the label of the model.
    :returns: also the names that differ: as found -> as expected.
    """
    schema, names = dict(found.schema), dict[str, str]()
    for table in sorted(found.schema.keys() & expected.schema.keys() & set(tables)):
        now, was = found.schema[table], expected.schema[table]
        gone = {_nameless(part, was[part]): part for part in was.keys() - now.keys() if part.startswith("trigger ")}
        new = {
            part: gone[_nameless(part, now[part])] for part in sorted(now.keys() - was.keys())
            if part.startswith("trigger ") and _nameless(part, now[part]) in gone
        }
        names |= {part.partition(" ")[2]: called.partition(" ")[2] for part, called in new.items()}
        schema[table] = {new.get(part, part): was[new[part]] if part in new else now[part] for part in now}
    return replace(found, schema=schema), names


def _nameless(part: str, definition: str) -> str:
    return definition.replace(part.partition(" ")[2], "")


def _automatic(part: str) -> re.Match[str] | None:
    return _FOREIGN_KEY.fullmatch(part)


def permissions(dump: Dump, types: str, table: str) -> frozenset[Row]:
    """Content types as (label, model), permissions as (label, model, codename, name): without their ids.

    :param types: the table of the content types.
    :param table: the table of the permissions; either may be missing.
    """
    if types not in dump.tables:
        return frozenset()
    kinds = content_types(dump, types)
    found: set[Row] = set(kinds.values())
    if table in dump.tables:
        for row in _records(dump.tables[table]):
            found.add((*kinds.get(row["content_type_id"], ("", "")), row["codename"], row["name"]))
    return frozenset(found)


def content_types(dump: Dump, table: str) -> dict[object, tuple[str, str]]:
    """Id of each content type -> (app label, model); empty without such a table."""
    if table not in dump.tables:
        return {}
    return {row["id"]: (row["app_label"], row["model"]) for row in _records(dump.tables[table])}


def without_types(dump: Dump, types: str, permissions: str, label: str) -> Dump:
    """The same without an app's content types and their permissions.

    :param types: the table of the content types.
    :param permissions: the table of the permissions; either may be missing.
    :param label: of the app.
    """
    gone = {key for key, (app, _) in content_types(dump, types).items() if app == label}
    tables = dict(dump.tables)
    for name, column in ((types, "id"), (permissions, "content_type_id")):
        if name in tables:
            at = tables[name].columns.index(column)
            tables[name] = replace(tables[name], rows=tuple(row for row in tables[name].rows if row[at] not in gone))
    return replace(dump, tables=tables)


def _records(table: Rows) -> Iterator[dict[str, Any]]:
    for row in table.rows:
        yield dict(zip(table.columns, row, strict=True))
