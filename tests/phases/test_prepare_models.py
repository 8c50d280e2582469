"""Which files are looked at, what is refused, and files that are not plain UTF-8."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.references import SourceFile, TextFile, UnreadableSource
from migration.phases.prepare_models import needed_in, needles, prepare, prepare_text
from migration.plan.plan import App
from tests.model_labels import HERE, MOVED, PLAN, REGISTRY, prepared

MODULES = frozenset(
    ("core", "core.base", "core.models", "core.warehouse", HERE, "core.warehouse.base", "ee", "ee.base", "ee.models")
)


# --- where to look


def test_modules_of_models_bases_and_relations() -> None:
    assert needed_in(REGISTRY, PLAN, MODULES) == {
        "core.base",
        "core.models",
        HERE,
        "core.warehouse.base",
        "ee.base",
        "ee.models",
    }


def test_modules_outside_the_tree_are_left_out() -> None:
    assert needed_in(REGISTRY, PLAN, {HERE}) == {HERE}


@pytest.mark.parametrize("app", [App("app", "core", "core", models=PLAN.app.models), App("package")])
def test_nothing_to_look_at_but_in_an_extraction(app: App) -> None:
    plan = replace(PLAN, app=app)
    assert needed_in(REGISTRY, plan, MODULES) == set()
    assert needles(plan) == ()


def test_needles() -> None:
    found = needles(PLAN, ("core.ban",))
    assert found == tuple(sorted(found))
    assert {b"get_model", b"core.Heir", b"core.heir", b"core.ban", b'"core"', b"'core'", b":core_"} <= {*found}
    assert b"manage.py" not in found, "an extraction leaves `migrate core` alone"


# --- one file


def test_labels_and_tables_in_one_go() -> None:
    done = prepared('class Table(Owned):\n    team = F("Team")\n', HERE)
    assert done.raw == (
        b'class Table(Owned):\n    team = F("core.Team")\n\n    class Meta:\n        db_table = "core_table"\n'
    )
    assert [reference.kind for reference in done.references] == ["model", "table"]


def test_the_findings_name_the_new_path() -> None:
    plan = replace(PLAN, file_moves={"core/warehouse/models.py": "products/data_warehouse/models.py"})
    done = prepare(SourceFile("core/warehouse/models.py", b"class Tag(M):\n    Meta = X\n", HERE), plan, REGISTRY)
    assert [finding.path for finding in done.problems] == ["products/data_warehouse/models.py"]


def test_a_file_that_does_not_parse() -> None:
    with pytest.raises(UnreadableSource):
        prepare(SourceFile("core/models.py", b"class Table(:\n", "core.models"), PLAN, REGISTRY)


def test_every_moved_model_is_known() -> None:
    assert all(f"core.{name.lower()}" in REGISTRY.by_label for name in MOVED)


# --- what stays by a word of a person


def test_what_the_plan_keeps_in_text() -> None:
    text = TextFile("x.sh", b"./manage.py dumpdata core.Table core.Tag\n")
    done = prepare_text(text, replace(PLAN, keep=("core.Table",)), REGISTRY)
    assert done.raw == b"./manage.py dumpdata core.Table data_warehouse.Tag\n"


def test_a_line_that_says_it_stays() -> None:
    done = prepare_text(TextFile("x.sh", b"./manage.py dumpdata core.Table  # phased-migration: keep\n"), PLAN, REGISTRY)
    assert done.raw is None and not done.references
    marked = prepared('X = {"core.Table": 1}  # phased-migration: keep\n\nY = {"core.Tag": 1}\n', "core.util")
    assert marked.raw == b'X = {"core.Table": 1}  # phased-migration: keep\n\nY = {"data_warehouse.Tag": 1}\n'
