"""All that names models over one file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.references import TextFile
from migration.engine.rewrite_models import prepare, prepare_text
from migration.python.source_file import SourceFile, UnreadableSource
from tests.model_labels import HERE, PLAN, REGISTRY, prepared


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


def test_what_the_plan_keeps_in_text() -> None:
    text = TextFile("x.sh", b"./manage.py dumpdata core.Table core.Tag\n")
    done = prepare_text(text, replace(PLAN, keep=("core.Table",)), REGISTRY)
    assert done.raw == b"./manage.py dumpdata core.Table data_warehouse.Tag\n"


def test_a_line_that_says_it_stays() -> None:
    done = prepare_text(TextFile("x.sh", b"./manage.py dumpdata core.Table  # phased-migration: keep\n"), PLAN, REGISTRY)
    assert done.raw is None and not done.references
    marked = prepared('X = {"core.Table": 1}  # phased-migration: keep\n\nY = {"core.Tag": 1}\n', "core.util")
    assert marked.raw == b'X = {"core.Table": 1}  # phased-migration: keep\n\nY = {"data_warehouse.Tag": 1}\n'
