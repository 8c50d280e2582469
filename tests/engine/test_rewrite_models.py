"""One file and all rewriters of models: what becomes of it, what is wrong with it then, what stays by a person's word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from migration.core.changes import Finding
from migration.core.errors import PhaseError
from migration.core.references import Reference, TextFile
from migration.django.model_moves import ModelMoves
from migration.engine.rewrite_models import prepare
from migration.python.source_file import SourceFile, UnreadableSource
from migration.rewriters import OF_MODELS, Reader, Rewriter
from tests.model_labels import HERE, PLAN, REGISTRY, prepared

MODELS = ModelMoves(PLAN, REGISTRY)


def test_labels_and_tables_in_one_go() -> None:
    done = prepared('class Table(Owned):\n    team = F("Team")\n', HERE)
    assert done.raw == (
        b'class Table(Owned):\n    team = F("core.Team")\n\n    class Meta:\n        db_table = "core_table"\n'
    )
    assert [reference.kind for reference in done.references] == ["model", "table"]


def test_the_findings_name_the_new_path() -> None:
    plan = replace(PLAN, file_moves={"core/warehouse/models.py": "products/data_warehouse/models.py"})
    done = prepare(SourceFile("core/warehouse/models.py", b"class Tag(M):\n    Meta = X\n", HERE), ModelMoves(plan, REGISTRY))
    assert [finding.path for finding in done.problems] == ["products/data_warehouse/models.py"]


def test_a_file_that_does_not_parse() -> None:
    with pytest.raises(UnreadableSource):
        prepare(SourceFile("core/models.py", b"class Table(:\n", "core.models"), ModelMoves(PLAN, REGISTRY))


# --- what stays by a word of a person


def test_what_the_plan_keeps_in_text() -> None:
    text = TextFile("x.sh", b"./manage.py dumpdata core.Table core.Tag\n")
    done = prepare(text, ModelMoves(replace(PLAN, keep=("core.Table",)), REGISTRY))
    assert done.raw == b"./manage.py dumpdata core.Table data_warehouse.Tag\n"


def test_a_line_that_says_it_stays() -> None:
    done = prepare(TextFile("x.sh", b"./manage.py dumpdata core.Table  # phased-migration: keep\n"), ModelMoves(PLAN, REGISTRY))
    assert done.raw is None and not any(reference.is_open for reference in done.references)
    marked = prepared('X = {"core.Table": 1}  # phased-migration: keep\n\nY = {"core.Tag": 1}\n', "core.util")
    assert marked.raw == b'X = {"core.Table": 1}  # phased-migration: keep\n\nY = {"data_warehouse.Tag": 1}\n'


# --- what no rewriter may do


def test_an_edit_that_loses_a_statement_is_refused() -> None:
    def find(source: SourceFile, models: ModelMoves) -> Iterator[Reference]:
        at = source.data.find(b"X = ")
        if at >= 0:
            yield Reference("test", at, source.data.index(b"\n", at + 6), "core", "dw", "X = 'dw'")

    source = SourceFile("core/util.py", b"class A:\n    X = 'core'\n    Y = 1\n    Z = 2\n", "core.util")
    wrong = Rewriter("test", lambda models: (), Reader(find), phase="prepare_models")
    with pytest.raises(PhaseError, match=r"core/util.py:\d: .*; the file was not written"):
        prepare(source, MODELS, (*OF_MODELS, wrong))


def test_what_a_kind_knows_to_be_wrong_is_a_problem() -> None:
    def problems(source: SourceFile, models: ModelMoves) -> Iterator[Finding]:
        yield Finding(source.path, 1, "never right")

    strict = Rewriter("test", lambda models: (), Reader(lambda source, models: ()), problems=problems, phase="prepare_models")
    done = prepare(SourceFile("core/util.py", b"x = 1\n", "core.util"), MODELS, (*OF_MODELS, strict))
    assert done.raw is None and [str(problem) for problem in done.problems] == ["core/util.py:1: never right"]
