"""Fixtures of every format: models, natural keys, and what is only listed."""

from __future__ import annotations

import pytest

from tests.model_labels import WHOLE, check_text

JSON = """\
[
  {"model": "core.table", "pk": 1, "fields": {"team": 1, "name": "core.table"}},
  {"pk": 2,
   "model" : "core.Tag", "fields": {"x": null}},\r
  {"model": "core.team", "pk": 1, "fields": {"é": ["core", "team"]}},
  {"model": "auth.permission", "fields": {"content_type": ["core", "table"], "codename": "core"}},
  {"model": "auth.group", "fields": {"permissions": [["view_table", "core", "table"], ["view_team", "core", "team"]]}},
  {"model": "contenttypes.contenttype", "fields": {"app_label": "core", "model": "tag"}},
  {"model": "contenttypes.contenttype", "fields": {"model": "team", "app_label": "core"}}
]
"""
JSON_AFTER = """\
[
  {"model": "data_warehouse.table", "pk": 1, "fields": {"team": 1, "name": "core.table"}},
  {"pk": 2,
   "model" : "data_warehouse.Tag", "fields": {"x": null}},\r
  {"model": "core.team", "pk": 1, "fields": {"é": ["core", "team"]}},
  {"model": "auth.permission", "fields": {"content_type": ["data_warehouse", "table"], "codename": "core"}},
  {"model": "auth.group", "fields": {"permissions": [["view_table", "data_warehouse", "table"], ["view_team", "core", "team"]]}},
  {"model": "contenttypes.contenttype", "fields": {"app_label": "data_warehouse", "model": "tag"}},
  {"model": "contenttypes.contenttype", "fields": {"model": "team", "app_label": "core"}}
]
"""
YAML = """\
# core.table stays in a comment
- model: core.table
  pk: 1
  fields: {team: 1, content_type: [core, table]}
- fields:
    content_type:
    - core
    - tag
    permissions:
    - - view_table
      - core
      - table
    other: [core, team]
  model: "core.Tag"  # é
- model: contenttypes.contenttype
  fields:
    app_label: core
    model: table
- {model: 'core.team', fields: {x: core}}
"""
YAML_AFTER = """\
# core.table stays in a comment
- model: data_warehouse.table
  pk: 1
  fields: {team: 1, content_type: [data_warehouse, table]}
- fields:
    content_type:
    - data_warehouse
    - tag
    permissions:
    - - view_table
      - data_warehouse
      - table
    other: [core, team]
  model: "data_warehouse.Tag"  # é
- model: contenttypes.contenttype
  fields:
    app_label: data_warehouse
    model: table
- {model: 'core.team', fields: {x: core}}
"""
XML = """\
<?xml version="1.0" encoding="utf-8"?>
<django-objects version="1.0">
  <object model="core.table" pk="1">
    <field name="team" rel="ManyToOneRel" to="core.team">1</field>
    <field name="tags" rel='ManyToManyRel' to='core.tag'><object pk="1"/></field>
    <field name="ct" rel="ManyToOneRel" to="contenttypes.contenttype"><natural>core</natural><natural>table</natural></field>
    <field name="name" type="CharField">core.table</field>
  </object>
  <object model="contenttypes.contenttype">
    <field name="app_label" type="CharField">core</field>
    <field name="model" type="CharField">tag</field>
  </object>
</django-objects>
"""
XML_AFTER = """\
<?xml version="1.0" encoding="utf-8"?>
<django-objects version="1.0">
  <object model="data_warehouse.table" pk="1">
    <field name="team" rel="ManyToOneRel" to="core.team">1</field>
    <field name="tags" rel='ManyToManyRel' to='data_warehouse.tag'><object pk="1"/></field>
    <field name="ct" rel="ManyToOneRel" to="contenttypes.contenttype"><natural>data_warehouse</natural><natural>table</natural></field>
    <field name="name" type="CharField">core.table</field>
  </object>
  <object model="contenttypes.contenttype">
    <field name="app_label" type="CharField">data_warehouse</field>
    <field name="model" type="CharField">tag</field>
  </object>
</django-objects>
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.json", '{"model": "core.table", "id": 1}\n'),
        ("x.json", '{"fields": {"model": "core.table2"}}\n'),
        ("x.json", '[{"model": "core.team", "fields": {"x": "{\\"model\\": \\"core.table\\"}"}}]\n'),
        ("x.yml", "model: core.table\n"),
        ("x.yml", "- model: core.team\n  fields: {x: [core, table2]}\n"),
        ("x.xml", '<object model="core.table"/>\n'),
        ("x.csv", '{"model": "core.table", "fields": {}}\n'),
        ("x.json", '[{"model": "Core.table", "fields": {}}]\n'),
    ],
)
def test_untouched(path: str, text: str) -> None:
    check_text(path, text)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a/fixtures/x.json", JSON, JSON_AFTER),
        ("x.jsonl", JSON.replace("\n", ""), JSON_AFTER.replace("\n", "")),
        ("x.yaml", YAML, YAML_AFTER),
        ("x.yml", YAML.replace("\n", "\r\n"), YAML_AFTER.replace("\n", "\r\n")),
        ("x.xml", XML, XML_AFTER),
    ],
)
def test_formats(path: str, text: str, expected: str) -> None:
    check_text(path, text, expected)


def test_a_label_that_is_gone() -> None:
    text = '[{"model": "core.team", "fields": {"ct": ["core", "table"]}}]\n'
    check_text("x.json", text, text.replace("core", "depot"), plan=WHOLE)


def test_a_label_in_a_column_is_listed() -> None:
    text = '[{"model": "core.team",\n "fields": {"kind": "core.Table", "config": "{\\"a\\": \\"core.Tag\\"}", "b": "core.Team"}}]\n'
    check_text("x.json", text, left=["2: core.Table: a label in a column of a fixture", "2: core.Tag"])
