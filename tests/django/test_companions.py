"""Models that a package makes at run time: which they are, what made them, which of them stay."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from migration.django.companions import MAKERS, calls_for, maker_of, of_models, pinned, stays
from migration.django.registry import Registry
from migration.plan.plan import App, Model
from migration.python.source_file import SourceFile
from tests.model_labels import HERE, REGISTRY, model

HISTORY, EVENTS, TRANSLATIONS = MAKERS


def made(label: str, base: str, owner: str = "core.Tag", **more: object) -> Registry:
    info = replace(model(label, "core", made_for=owner, **more), mro=(f"core.{label}", base))
    return replace(REGISTRY, models=(*REGISTRY.models, info))


def source(text: str) -> SourceFile:
    return SourceFile("core/warehouse/models.py", text.encode(), HERE)


APP = App("extraction", "core", "depot", models=(Model("Tag", HERE, "core_tag"),))


def test_nothing_is_made_where_a_class_declares_it() -> None:
    assert of_models(APP, REGISTRY, {HERE: source("class Tag(M):\n    pass\n")}) == APP
    assert maker_of(REGISTRY.by_label["core.tag"]) is None
    assert maker_of(made("core.Other", "far.Base").by_label["core.other"]) is None


@pytest.mark.parametrize(
    ("maker", "text"),
    [
        (HISTORY, "class Tag(M):\n    history = HistoricalRecords()\n"),
        (HISTORY, "class Tag(M):\n    pass\n\n\nsimple_history.register(Tag)\n"),
        (EVENTS, "@pghistory.track(pghistory.InsertEvent())\nclass Tag(M):\n    pass\n"),
        (EVENTS, "class Tag(M):\n    pass\n\n\nEvent = pghistory.create_event_model(Tag, app_label='billing')\n"),
        (TRANSLATIONS, "class Tag(M):\n    t = TranslatedFields(name=models.CharField(max_length=9))\n"),
    ],
)
def test_what_is_made_moves_along(maker: object, text: str) -> None:
    registry = made("core.TagMade", maker.base)  # type: ignore[attr-defined]
    app = of_models(APP, registry, {HERE: source(text)})
    assert app.models == (*APP.models, Model("TagMade", HERE, "core_tagmade"))
    info = registry.by_label["core.tagmade"]
    assert maker_of(info) is maker
    assert len(calls_for(source(text), info, registry, maker)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("maker", "text"),
    [
        (HISTORY, "class Tag(M):\n    history = HistoricalRecords(app='core')\n"),
        (EVENTS, "@pghistory.track(app_label='core')\nclass Tag(M):\n    pass\n"),
    ],
)
def test_what_names_its_app_stays(maker: object, text: str) -> None:
    registry = made("core.TagMade", maker.base)  # type: ignore[attr-defined]
    assert stays(registry.by_label["core.tagmade"], registry, source(text))
    assert of_models(APP, registry, {HERE: source(text)}) == APP


def test_what_is_made_for_a_model_that_stays_or_in_another_app_stays() -> None:
    assert of_models(APP, made("core.TeamMade", HISTORY.base, "core.Team"), {}) == APP
    assert of_models(APP, made("ee.TagMade", HISTORY.base), {}) == APP


def test_calls_elsewhere_are_not_taken_for_it() -> None:
    registry = made("core.TagMade", HISTORY.base)
    text = "class Other(M):\n    history = HistoricalRecords()\n\n\nclass Tag(M):\n    other = Records()\n\n\nregister(Other)\n"
    assert calls_for(source(text), registry.by_label["core.tagmade"], registry, HISTORY) == []


@pytest.mark.parametrize(
    ("maker", "call", "expected"),
    [
        (HISTORY, "H()", False),
        (HISTORY, "H(table_name='x')", True),
        (EVENTS, "track(meta={'ordering': []})", False),
        (EVENTS, "track(meta={'db_table': 'x'})", True),
        (EVENTS, "track(meta=META)", True),
    ],
)
def test_whether_the_table_is_named(maker: object, call: str, expected: bool) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert pinned(node, maker) is expected  # type: ignore[arg-type]
