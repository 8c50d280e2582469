"""The part of the probe that writes a database down: schema, rows, and what the models expect of it.

Two dumps of the same database are equal; so are those of two databases that the same statements have
made. What differs without anybody's doing (row order, the text that SQLite keeps of a statement) is
taken out. SQLite keeps the statements themselves in ``sqlite_master``, PostgreSQL answers from its
catalogue (https://www.postgresql.org/docs/current/catalogs.html), MySQL and MariaDB write a table down when
asked (https://mariadb.com/kb/en/show-create-table/); every other engine is asked through Django's own
introspection.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, Tuple  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006
MARK = "phased_migration_trial"  # see database_marks; PostgreSQL has it in a schema of its own
_QUOTES = "\"`[]"
_NAME_FIRST = re.compile(r"(\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|\S*) ?(.*)", re.DOTALL)
Part = Tuple[str, str, str]  # noqa: UP006  table, what of it, its definition


def dump(connection: Any) -> Plain:
    """Everything that must stay: ``migration.django.database_dump.Dump`` as plain JSON values."""
    found: dict[str, dict[str, str]] = {}
    own = {"sqlite": sqlite_schema, "postgresql": postgresql_schema, "mysql": mysql_schema}
    describe = own.get(connection.vendor, any_schema)
    with connection.cursor() as cursor:
        for table, part, definition in describe(connection, cursor):
            found.setdefault(table, {})[part] = definition
        return {
            "schema": found,
            "tables": contents(connection, cursor),
            "sequences": dict(sequences(connection, cursor)),
        }


def contents(connection: Any, cursor: Any) -> dict[str, Plain]:
    """Every table's rows, sorted; values as JSON has them. Of a full-text index what it holds, not how."""
    found = {}
    introspection, quote = connection.introspection, connection.ops.quote_name
    shadows = sqlite_shadows(connection, cursor)
    for table in sorted(name for name in introspection.table_names(cursor) if name not in shadows and name != MARK):
        key = introspection.get_primary_key_columns(cursor, table) or []
        cursor.execute(f"SELECT * FROM {quote(table)}")
        columns = [column[0] for column in cursor.description]
        rows = [[plain(value) for value in row] for row in cursor.fetchall()]
        found[table] = {"columns": columns, "key": list(key), "rows": sorted(rows, key=json.dumps)}
    return found


def plain(value: Any) -> Any:
    """A value of a row as JSON can hold it; different values stay different."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, default=str)
    return str(value)


def sequences(connection: Any, cursor: Any) -> Iterator[tuple[str, str]]:
    """Where each sequence stands (PostgreSQL), or the counter of each table's key (MySQL)."""
    if connection.vendor == "mysql":
        for table, _, _, after in mysql_tables(connection, cursor):
            counter = _COUNTER.search(after)
            if counter:
                yield f"AUTO_INCREMENT of {table}", counter[1]
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    cursor.execute(f"SELECT {_NAME}, n.nspname, c.relname {_OF_CLASS} WHERE c.relkind = 'S' AND {_OWN} ORDER BY 1")
    for name, schema, relation in cursor.fetchall():
        cursor.execute(f"SELECT last_value, is_called FROM {quote(schema)}.{quote(relation)}")
        value, called = cursor.fetchone()
        yield name, f"{value}" if called else f"{value} (unused)"


# ---- SQLite


def sqlite_schema(connection: Any, cursor: Any) -> Iterator[Part]:
    """What ``sqlite_master`` says: a part per column and constraint, one per index and trigger."""
    cursor.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    for kind, name, table, sql in cursor.fetchall():
        if name.startswith("sqlite_") or table == MARK:
            continue
        text = " ".join(sql.split())
        body = re.match(r"CREATE TABLE (?:\"[^\"]*\"|\S+) ?\((.*)\)([^)]*)$", text) if kind == "table" else None
        if body is None:
            yield table, f"{kind} {name}" if kind in ("index", "trigger") else kind, text
            continue
        yield table, "table", body[2].strip() or "plain"
        order = []
        for piece in split_top(body[1]):
            word, rest = _NAME_FIRST.match(piece).groups()  # type: ignore[union-attr]
            if word.upper() == "CONSTRAINT":
                word, rest = _NAME_FIRST.match(rest).groups()  # type: ignore[union-attr]
                yield table, "constraint " + word.strip(_QUOTES), rest
            elif word.upper().partition("(")[0] in ("UNIQUE", "PRIMARY", "FOREIGN", "CHECK"):
                yield table, "constraint " + piece, piece
            else:
                order.append(word.strip(_QUOTES))
                yield table, "column " + order[-1], rest
        yield table, "order of columns", ", ".join(order)


def sqlite_shadows(connection: Any, cursor: Any) -> set[str]:
    """The tables in which SQLite's virtual tables keep their own books: the same rows may be written down in
    several ways, by when they came (https://www.sqlite.org/vtab.html#xshadowname; SQLite 3.37 names them)."""
    if connection.vendor != "sqlite":
        return set()
    cursor.execute("PRAGMA main.table_list")
    return {row[1] for row in cursor.fetchall() if row[2] == "shadow"}


def split_top(text: str) -> Iterator[str]:
    """The pieces between the commas that stand in no parentheses and no quotes."""
    depth, start, quote = 0, 0, ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


# ---- PostgreSQL

# Our own tables only: not the system's, and not what an extension has brought.
_OWN = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'phased_migration') AND n.nspname !~ '^pg_(toast|temp)' "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')"
)
_NAME = "CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END"
_OF_CLASS = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
_TABLES = "c.relkind IN ('r', 'p', 'v', 'm', 'f')"
_POSTGRESQL = (
    f"""SELECT {_NAME}, 'table', concat_ws(' ', c.relkind::text, c.relpersistence::text, c.reloptions::text,
        s.spcname, obj_description(c.oid, 'pg_class'),
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
        {_OF_CLASS} LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE {_TABLES} AND {_OWN}""",
    f"""SELECT {_NAME}, 'column ' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'identity ' || nullif(a.attidentity::text, ''),
        'generated ' || nullif(a.attgenerated::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid),
        'collate ' || nullif(l.collname, 'default'), col_description(c.oid, a.attnum))
        {_OF_CLASS} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation WHERE {_TABLES} AND {_OWN}""",
    f"""SELECT {_NAME}, 'order of columns', string_agg(a.attname, ', ' ORDER BY a.attnum)
        {_OF_CLASS} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE {_TABLES} AND {_OWN} GROUP BY 1""",
    f"""SELECT {_NAME}, 'constraint ' || k.conname,
        pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END
        {_OF_CLASS} JOIN pg_constraint k ON k.conrelid = c.oid WHERE {_OWN}""",
    f"""SELECT {_NAME}, 'index ' || i.relname,
        pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
        {_OF_CLASS} JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid WHERE {_OWN}""",
    f"""SELECT {_NAME}, 'trigger ' || t.tgname, pg_get_triggerdef(t.oid)
        {_OF_CLASS} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE {_OWN}""",
    f"""SELECT 'sequence ' || {_NAME}, 'sequence', concat_ws(' ', format_type(q.seqtypid, NULL), q.seqstart,
        q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle, 'of ' || w.refobjid::regclass || '.' || a.attname)
        {_OF_CLASS} JOIN pg_sequence q ON q.seqrelid = c.oid
        LEFT JOIN pg_depend w ON w.objid = c.oid AND w.deptype IN ('a', 'i') AND w.refobjsubid > 0
        LEFT JOIN pg_attribute a ON a.attrelid = w.refobjid AND a.attnum = w.refobjsubid WHERE {_OWN}""",
)


def postgresql_schema(connection: Any, cursor: Any) -> Iterator[Part]:
    """Tables, views, columns, constraints, indexes, triggers and sequences, as the catalogue has them."""
    for query in _POSTGRESQL:
        cursor.execute(query)
        yield from cursor.fetchall()


# ---- MySQL and MariaDB

_COUNTER = re.compile(r"\bAUTO_INCREMENT=(\d+) ?")
_LINE = re.compile(r"([A-Z ]*?) ?`((?:[^`]|``)+)` ?(.*)", re.DOTALL)
_TRIGGERS = """SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_order,
    action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE()"""


def mysql_tables(connection: Any, cursor: Any) -> Iterator[tuple[str, str, list[str], str]]:
    """Each table, its kind, and the statement that makes it: the lines in its parentheses, and what comes after."""
    cursor.execute("SHOW FULL TABLES")
    for table, kind in cursor.fetchall():
        if table == MARK:
            continue
        cursor.execute(f"SHOW CREATE TABLE {connection.ops.quote_name(table)}")
        statement = cursor.fetchone()[1]
        inside, _, after = statement.partition("\n)") if kind == "BASE TABLE" else ("", "", statement)
        yield table, kind, [line.strip().rstrip(",") for line in inside.splitlines()[1:]], after


def mysql_schema(connection: Any, cursor: Any) -> Iterator[Part]:
    """A part per column, key, constraint and trigger; without where the counter of the key stands."""
    for table, kind, lines, after in mysql_tables(connection, cursor):
        part = "table" if lines else kind.lower()
        yield table, part, " ".join(_COUNTER.sub("", after).split())
        order = []
        for line in lines:
            found = _LINE.fullmatch(line)
            if found is None:  # PRIMARY KEY has no name
                yield table, "constraint " + line.partition(" (")[0], line
            elif found[1] == "CONSTRAINT":
                yield table, f"constraint {found[2]}", found[3]
            elif found[1]:
                yield table, f"index {found[2]}", f"{found[1]} {found[3]}"
            else:
                order.append(found[2])
                yield table, f"column {found[2]}", found[3]
        if order:
            yield table, "order of columns", ", ".join(order)
    cursor.execute(_TRIGGERS)
    for table, name, *details in cursor.fetchall():
        yield table, f"trigger {name}", " ".join(map(str, details))


# ---- every other engine


def any_schema(connection: Any, cursor: Any) -> Iterator[Part]:
    """What Django's introspection says: columns, constraints with indexes, sequences."""
    introspection = connection.introspection
    for info in introspection.get_table_list(cursor):
        table = info.name
        yield table, "table", info.type
        if info.type != "t":
            continue
        columns = introspection.get_table_description(cursor, table)
        for column in columns:
            kind = introspection.get_field_type(column.type_code, column)
            values = [f"{name}={value}" for name, value in zip(column._fields[2:], column[2:])]  # noqa: B905
            yield table, f"column {column.name}", f"{kind} {' '.join(values)}"
        yield table, "order of columns", ", ".join(column.name for column in columns)
        for name, details in introspection.get_constraints(cursor, table).items():
            yield table, f"constraint {name}", json.dumps(details, sort_keys=True, default=str)
        for sequence in introspection.get_sequences(cursor, table):
            yield table, f"sequence {sequence.get('name') or sequence['column']}", json.dumps(sequence, sort_keys=True)


# ---- what models expect


def misfits(connection: Any, registry: Any) -> list[str]:
    """Tables and columns that the models of an app registry (or of a migration state) stand on and that
    the database doesn't have; a line each, sorted."""
    from django.db import router

    introspection = connection.introspection
    found = set()
    with connection.cursor() as cursor:
        tables = {info.name for info in introspection.get_table_list(cursor)}
        folds = connection.features.ignores_table_name_case  # MySQL, where lower_case_table_names says so
        tables |= {name.lower() for name in tables if folds}
        for model in registry.get_models(include_auto_created=True):
            meta = model._meta
            # a name in quotes holds its schema, which introspection does not
            if not meta.managed or meta.proxy or '"' in meta.db_table:
                continue
            if not router.allow_migrate_model(connection.alias, model):
                continue
            table = introspection.identifier_converter(meta.db_table)
            if (table.lower() if folds else table) not in tables:
                found.add(f"{meta.label} has the table {table}, which does not exist")
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} WHERE 1 = 0")
            there = {column[0] for column in cursor.description}
            for field in meta.local_concrete_fields:
                column = introspection.identifier_converter(field.column)
                if column not in there and not has_unlisted(connection, table, column):
                    found.add(f"{meta.label}.{field.name} has the column {table}.{field.column}, which does not exist")
    return sorted(found)


def unnamed(connection: Any, models: list[Any]) -> list[str]:
    """Indexes and constraints that models name and that their tables don't have; a line each, sorted.

    Some are never made: no engine has all kinds.
    """
    from django.db import router

    found = set()
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in models:
            meta = model._meta
            table = connection.introspection.identifier_converter(meta.db_table)
            if table not in tables or meta.proxy or not router.allow_migrate_model(connection.alias, model):
                continue
            there = connection.introspection.get_constraints(cursor, table)
            for kind, options in (("index", meta.indexes), ("constraint", meta.constraints)):
                for name in [connection.introspection.identifier_converter(option.name) for option in options]:
                    if name not in there:
                        found.add(f"table {table} has no {kind} {name}, which the model {model.__name__} names")
    return sorted(found)


def has_unlisted(connection: Any, table: str, column: str) -> bool:
    """Whether a table has a column that ``*`` does not stand for, such as SQLite's ``rowid``.

    With the table's name before it: SQLite takes a lone word in quotes that is no column for a string
    (https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted).
    """
    from django.db import DatabaseError, transaction

    quote = connection.ops.quote_name
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(f"SELECT {quote(table)}.{quote(column)} FROM {quote(table)} WHERE 1 = 0")
    except DatabaseError:
        return False
    return True
