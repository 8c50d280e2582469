from __future__ import annotations

import pytest

from migration.core.references import TextFile
from migration.engine.rewrite_python import rewrite
from migration.engine.rewrite_text import rewrite_text
from migration.python.source_file import SourceFile
from migration.text.keep_marks import REASON, is_marked
from tests.rewriters.text_tools import MOVES

TEXT = b"""\
a: posthog.warehouse.tasks
b: posthog.warehouse.tasks  # phased-migration: keep
c: posthog.warehouse.tasks
d: posthog.warehouse.tasks
"""


@pytest.mark.parametrize(("line", "marked"), [(0, False), (1, True), (2, True), (3, False)])
def test_the_line_and_the_one_below(line: int, marked: bool) -> None:
    offset = len(b"".join(TEXT.splitlines(keepends=True)[:line]))
    assert is_marked(TEXT, offset) is marked
    assert is_marked(TEXT, offset + 5) is marked


def test_no_line_end() -> None:
    assert is_marked(b"# phased-migration: keep", 3) and not is_marked(b"x", 0) and not is_marked(b"", 0)


def test_a_marked_line_of_text_stays() -> None:
    done = rewrite_text(TextFile("x.yml", TEXT), MOVES)
    new = "products.data_warehouse.backend.tasks"
    assert done.raw is not None
    assert done.raw.decode().splitlines() == [
        f"a: {new}", "b: posthog.warehouse.tasks  # phased-migration: keep", "c: posthog.warehouse.tasks", f"d: {new}",
    ]
    assert [one.reason for one in done.references if one.text is None] == [REASON] * 2 and done.findings == ()


def test_a_marked_string_stays_and_an_import_follows_its_uses() -> None:
    source = SourceFile("ee/a.py", b"import posthog.warehouse  # phased-migration: keep\nX = 1\n"
                        b"OLD = 'posthog.warehouse.tasks'  # phased-migration: keep\n", "ee.a")
    done = rewrite(source, MOVES)
    assert done.raw == (
        b"import products.data_warehouse.backend  # phased-migration: keep\nX = 1\n"
        b"OLD = 'posthog.warehouse.tasks'  # phased-migration: keep\n"
    )
