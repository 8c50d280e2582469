"""Two databases differ in what is named, and in nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration.django.database_dump import (
    Dump,
    Rows,
    content_types,
    permissions,
    read,
    relabelled,
    with_key_names,
    with_tables,
    with_trigger_names,
    without_types,
)
from migration.django.dump_differences import count_differences, row_differences, schema_differences

TYPES = Rows(("id", "app_label", "model"), ("id",), ((1, "core", "tag"), (2, "core", "team"), (3, "shop", "tag")))
GRANTS = Rows(("id", "name", "content_type_id", "codename"), ("id",), ((7, "Can add tag", 1, "add_tag"),))
TAGS = Rows(("id", "name"), ("id",), ((1, "a"), (2, "b")))
LOG = Rows(("line",), (), (("x",), ("y",)))
SCHEMA = {"tags": {"column id": "integer", "column name": "text", "index i": "CREATE INDEX i"}, "types": {"table": "plain"}}
DUMP = Dump(SCHEMA, {"types": TYPES, "grants": GRANTS, "tags": TAGS, "log": LOG}, {"tags_id_seq": "2"})


def with_rows(table: str, *rows: tuple[object, ...]) -> Dump:
    old = DUMP.tables[table]
    return Dump(SCHEMA, {**DUMP.tables, table: Rows(old.columns, old.key, rows)}, DUMP.sequences)


# ---- what is equal


def test_a_database_is_equal_to_itself() -> None:
    assert list(schema_differences(DUMP, DUMP)) == list(row_differences(DUMP, DUMP)) == list(count_differences(DUMP, DUMP)) == []
    assert DUMP.row_count == 8


def test_a_sequence_may_go_on() -> None:
    assert list(row_differences(DUMP, Dump(SCHEMA, DUMP.tables, {"tags_id_seq": "9"}))) == []


def test_tables_that_are_left() -> None:
    assert list(row_differences(DUMP, with_rows("tags"), {"tags"})) == []
    assert list(count_differences(DUMP, with_rows("tags"), {"tags"})) == []


def test_what_was_written_is_read(tmp_path: Path) -> None:
    table = {"columns": ["id", "name"], "key": ["id"], "rows": [[1, "a"], [2, "b"]]}
    raw = {"schema": SCHEMA, "tables": {"tags": table}, "sequences": DUMP.sequences}
    (tmp_path / "x.json").write_text(json.dumps(raw))
    assert read(tmp_path / "x.json") == Dump(SCHEMA, {"tags": TAGS}, DUMP.sequences)


# ---- what differs


@pytest.mark.parametrize(("schema", "said"), [
    ({"types": SCHEMA["types"]}, ["table tags is gone"]),
    ({**SCHEMA, "more": {}}, ["table more is new"]),
    ({**SCHEMA, "sequence s": {}}, ["sequence s is new"]),
    ({**SCHEMA, "tags": {"column id": "bigint", "column name": "text", "index j": "CREATE INDEX j"}},
     ["table tags: column id is bigint, was integer", "table tags: index i is gone: CREATE INDEX i",
      "table tags: index j is new: CREATE INDEX j"]),
    ({**SCHEMA, "types": {"table": "x" * 200}}, [f"table types: table is {'x' * 120}…, was plain"]),
])  # fmt: skip
def test_schemas(schema: dict[str, dict[str, str]], said: list[str]) -> None:
    assert list(schema_differences(DUMP, Dump(schema, DUMP.tables, DUMP.sequences))) == said


@pytest.mark.parametrize(("found", "said"), [
    (with_rows("tags", (1, "a")), ['table tags: row id=2 is gone: [2, "b"]']),
    (with_rows("tags", (1, "a"), (2, "b"), (3, None)), ["table tags: row id=3 is new: [3, null]"]),
    (with_rows("tags", (1, "a"), (2, None)), ["table tags: row id=2: column name is null, was b"]),
    (with_rows("tags", (1, "a"), (4, "b")), ['table tags: row id=2 is gone: [2, "b"]', 'table tags: row id=4 is new: [4, "b"]']),
    (with_rows("log", ("x",)), ['table log: row line=y is gone: ["y"]']),
    (with_rows("log", ("x",), ("x",), ("y",)), ["table log has 3 rows, had 2"]),
    (Dump(SCHEMA, DUMP.tables, {"tags_id_seq": "1 (unused)"}), ["sequence tags_id_seq stands at 1 (unused), stood at 2"]),
])  # fmt: skip
def test_rows(found: Dump, said: list[str]) -> None:
    assert list(row_differences(DUMP, found)) == said


def test_rows_under_another_key_are_told_by_the_one_they_had() -> None:
    other = Dump(SCHEMA, {**DUMP.tables, "tags": Rows(TAGS.columns, ("name", "id"), ((1, "a"), (2, "c")))}, DUMP.sequences)
    assert list(row_differences(DUMP, other)) == ["table tags: row id=2: column name is c, was b"]


def test_counts() -> None:
    assert list(count_differences(DUMP, with_rows("tags", (5, "z")))) == ["table tags has 1 rows, where the old code makes 2"]


# ---- content types


def test_new_labels_reach_the_moved_models_alone() -> None:
    done = relabelled(DUMP, "types", {("core", "tag"): "products"})
    assert done.tables["types"].rows == ((1, "products", "tag"), (2, "core", "team"), (3, "shop", "tag"))
    assert {name: rows for name, rows in done.tables.items() if name != "types"} == {
        name: rows for name, rows in DUMP.tables.items() if name != "types"
    }
    assert relabelled(DUMP, "", {("core", "tag"): "products"}) == DUMP


def test_permissions_without_their_ids() -> None:
    assert permissions(DUMP, "types", "grants") == {
        ("core", "tag"), ("core", "team"), ("shop", "tag"), ("core", "tag", "add_tag", "Can add tag"),
    }  # fmt: skip
    assert len(permissions(DUMP, "types", "")) == 3
    assert permissions(DUMP, "", "grants") == frozenset()


def test_an_app_without_its_content_types_and_their_permissions() -> None:
    assert content_types(DUMP, "types") == {1: ("core", "tag"), 2: ("core", "team"), 3: ("shop", "tag")}
    assert content_types(DUMP, "") == {}
    assert without_types(DUMP, "types", "grants", "billing") == DUMP
    assert without_types(DUMP, "", "", "core") == DUMP
    assert list(row_differences(DUMP, without_types(DUMP, "types", "grants", "shop"))) == [
        'table types: row id=3 is gone: [3, "shop", "tag"]',
    ]
    left = without_types(DUMP, "types", "grants", "core").tables
    assert (left["types"].rows, left["grants"].rows) == ((TYPES.rows[2],), ())


def test_some_tables_as_another_dump_has_them() -> None:
    other = Dump({"tags": {"table": "plain"}}, {"tags": LOG}, {})
    assert with_tables(DUMP, other, {"tags"}) == Dump(
        {**SCHEMA, "tags": {"table": "plain"}}, {**DUMP.tables, "tags": LOG}, DUMP.sequences
    )
    gone = with_tables(DUMP, Dump({}, {}, {}), {"tags"})
    assert gone.schema.keys() == {"types"} and gone.tables.keys() == {"types", "grants", "log"}
    assert with_tables(DUMP, other, set()) == DUMP


# ---- what Django calls a foreign key

KEY = "FOREIGN KEY (owner_id) REFERENCES human(id)"
OURS, THEIRS = "thing_owner_id_40278e6e_fk_being_id", "thing_owner_id_40278e6e_fk_human_id"


def keyed(table: str = "thing", **keys: str) -> Dump:
    return Dump({table: {f"constraint {name}": definition for name, definition in keys.items()}}, {}, {})


def test_the_same_key_under_another_name_that_django_made() -> None:
    expected = keyed(**{THEIRS: KEY, "thing_pkey": "PRIMARY KEY"})
    found, names = with_key_names(keyed(**{OURS: KEY, "thing_pkey": "PRIMARY KEY"}), expected)
    assert list(schema_differences(expected, found)) == [] and names == {OURS: THEIRS}
    # MySQL has an index of the same name for it
    index = Dump({"stuff": {f"constraint {THEIRS}": KEY, f"index {THEIRS}": "KEY (`owner_id`)"}}, {}, {})
    other = Dump({"stuff": {f"constraint {OURS}": KEY, f"index {OURS}": "KEY (`owner_id`)"}}, {}, {})
    assert with_key_names(other, index) == (index, {OURS: THEIRS})
    # a name too long for the engine is cut in the middle and at the end
    cut = keyed(a_long_thing_own_40278e6e_fk_hum=KEY)
    assert with_key_names(keyed(a_long_thing_o_40278e6e_fk_being=KEY), cut)[1] == {
        "a_long_thing_o_40278e6e_fk_being": "a_long_thing_own_40278e6e_fk_hum"
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(keyed(**{OURS: KEY}), keyed(**{OURS: KEY}), id="the same name"),
        pytest.param(keyed(**{OURS: KEY.replace("human", "being")}), keyed(**{THEIRS: KEY}), id="another table"),
        pytest.param(keyed(**{OURS: KEY + " NOT VALID"}), keyed(**{THEIRS: KEY}), id="not valid"),
        pytest.param(keyed(**{OURS.replace("40278e6e", "40278e6f"): KEY}), keyed(**{THEIRS: KEY}), id="other columns"),
        pytest.param(keyed(fk_being=KEY), keyed(fk_human=KEY), id="names that people chose"),
        pytest.param(keyed(**{OURS: KEY}), keyed("other", **{THEIRS: KEY}), id="on another table"),
        pytest.param(keyed(**{OURS: KEY, THEIRS: KEY}), keyed(**{THEIRS: KEY}), id="one more"),
        pytest.param(keyed(), keyed(**{THEIRS: KEY}), id="one less"),
    ],
)
def test_other_names_stay_different(found: Dump, expected: Dump) -> None:
    assert with_key_names(found, expected) == (found, {})


def test_triggers_that_are_the_same_but_for_their_names() -> None:
    def dump(**triggers: str) -> Dump:
        return Dump({"core_thing": {"column a": "int", **{f"trigger {name}": text for name, text in triggers.items()}}}, {}, {})

    was = dump(keep_core="CREATE TRIGGER keep_core BEFORE DELETE", other="CREATE TRIGGER other AFTER INSERT")
    same, names = with_trigger_names(was, was, {"core_thing"})
    assert (same, names) == (was, {})
    now = dump(keep_depot="CREATE TRIGGER keep_depot BEFORE DELETE", other="CREATE TRIGGER other AFTER INSERT")
    found, names = with_trigger_names(now, was, {"core_thing"})
    assert (found, names) == (was, {"keep_depot": "keep_core"})
    assert with_trigger_names(now, was, {"core_other"}) == (now, {})
    changed = dump(keep_depot="CREATE TRIGGER keep_depot BEFORE UPDATE", other="CREATE TRIGGER other AFTER INSERT")
    assert with_trigger_names(changed, was, {"core_thing"}) == (changed, {})
