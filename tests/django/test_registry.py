"""Django's answer as values: what is no answer is refused, and what is one survives the round trip."""

from __future__ import annotations

import dataclasses
import json

import pytest

from migration.django.registry import (
    AppInfo,
    Checks,
    Database,
    FieldInfo,
    Message,
    ModelInfo,
    ModuleFile,
    Pending,
    Registry,
)

BASE = ModelInfo("core.Base", "core.models", "Base", "core_base")
ITEM = ModelInfo(
    "shop.Item", "shop.models", "Outer.Item", "shop_item", mro=("shop.models.Outer.Item", "core.mixins.Named"),
    abstract=("core.mixins.Named",), fields=(FieldInfo("id", "id"), FieldInfo("tags", target="core.Base", through_auto=True)),
)
TAG = ModelInfo("shop.Tag", "shop.models", "Tag", "shop_tag", abstract=("core.mixins.Named",))
FULL = Registry(
    "5.2", "conf", (ModuleFile("conf", "conf.py"),), ("core", "shop"), (AppInfo("core", "core", "core", "core.apps.C"),
    AppInfo("shop", "a.shop", "a.shop", "a.shop.apps.S", leaves=("0001_ü",))), (BASE, ITEM, TAG), "core.Base",
    (Database("default", "sqlite3", "db.sqlite3", ""), Database("other", "x", "n", "h:1")), True, (Pending("shop", "AddField"),),
    Checks((Message("ERROR", "x.E1", "no"),), ("core.0001_initial",), "no database"),
)


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", '"x"', "1",
    '{"unknown": 1}', '{"django": 5}', '{"contenttypes": "yes"}', '{"apps": {}}', '{"apps": [1]}', '{"apps": "core"}',
    '{"apps": [{"label": "core"}]}', '{"models": [{"label": "a.B", "color": "red"}]}', '{"installed_apps": [null]}',
    '{"databases": [["default"]]}', '{"databases": [{"alias": "default"}]}', '{"checks": []}', '{"checks": {"plan": 1}}',
])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Registry.from_json(text)


def test_the_error_names_the_keys() -> None:
    with pytest.raises(ValueError, match="AppInfo: unknown keys color, size"):
        Registry.from_json('{"apps": [{"size": 1, "color": 2}]}')


@pytest.mark.parametrize("registry", [Registry(), Registry(checks=Checks()), FULL])
def test_the_same_after_a_round_trip(registry: Registry) -> None:
    text = registry.to_json()
    assert Registry.from_json(text) == registry
    assert Registry.from_json(text).to_json() == text
    assert text.endswith("}\n") and list(json.loads(text)) == sorted(json.loads(text))
    assert hash(Registry.from_json(text)) == hash(registry)


def test_names_are_readable_in_the_file() -> None:
    assert '"0001_ü"' in FULL.to_json()


@pytest.mark.parametrize("level, serious", [
    ("DEBUG", False), ("INFO", False), ("WARNING", False), ("ERROR", True), ("CRITICAL", True),
])
def test_serious(level: str, serious: bool) -> None:
    assert Message(level, "x", "y").serious is serious


def test_look_ups() -> None:
    assert FULL.app("a.shop") is FULL.app("Shop") is FULL.app("") is None
    assert FULL.app("shop") == FULL.apps[1]
    assert "shop.Item" not in FULL.by_label
    assert FULL.by_label["shop.item"] == ITEM
    assert FULL.by_path == {
        "core.models.Base": (BASE,), "shop.models.Outer.Item": (ITEM,), "shop.models.Tag": (TAG,), "core.mixins.Named": (ITEM, TAG),
    }
    assert (ITEM.app_label, ITEM.name, ITEM.path) == ("shop", "Item", "shop.models.Outer.Item")


def test_a_registry_stays_as_it_was_read() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        FULL.django = "6"  # type: ignore[misc]
