from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from migration.core.changes import Edit
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.engine.proof import Unproven, prove
from migration.engine.rewrite_python import rewrite
from migration.python.source_file import SourceFile, UnreadableSource
from migration.rewriters import Reader, Rewriter
from tests.rewriters.tools import NEW, WAREHOUSE


def file(text: str, path: str = "posthog/utils.py") -> SourceFile:
    return SourceFile(path, text.encode(), "posthog.utils")


def rewriter(*references: Reference) -> Rewriter[Moves]:
    """A rewriter that finds just these references in any file."""

    def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
        yield from references

    return Rewriter("test", lambda moves: moves.needles, Reader(find))


def reference(start: int, end: int, text: str | None, old: str = "old") -> Reference:
    return Reference("test", start, end, old, "new", text)


# The texts below name a package of their own; what is found there is up to the rewriters made above.
ANY = replace(WAREHOUSE, packages={**WAREHOUSE.packages, "a.warehouse": NEW})
TEXT = "x = a.warehouse.c\ny = 'a.warehouse'\nimport a.warehouse\n"


def test_what_can_t_refer_is_not_even_parsed() -> None:
    assert rewrite(file("data_warehouse = ( # warehouse\n"), WAREHOUSE).raw is None


@pytest.mark.parametrize(
    "text",
    [
        "x = posthog.warehouse (\n",
        "from posthog import warehouse, (\n",
        "from . import warehouse, (\n",
        "x = (posthog.  # why\n  warehouse\n",
        "x = 'posthog.' 'warehouse' (\n",
    ],
)
def test_what_may_refer_must_parse(text: str) -> None:
    with pytest.raises(UnreadableSource):
        rewrite(file(text), WAREHOUSE)


def test_several_kinds_in_one_file() -> None:
    result = rewrite(file("import posthog.warehouse.util\nposthog.warehouse.util.f('posthog.warehouse.util')\n"), WAREHOUSE)
    assert result.raw == f"import {NEW}.util\n{NEW}.util.f('{NEW}.util')\n".encode()
    assert [found.kind for found in result.references] == ["import", "use", "string"]
    assert result.findings == ()


def test_what_is_left_is_a_finding() -> None:
    result = rewrite(file("x = 1\nx = 'posthog.' f'warehouse.{y}'\n"), WAREHOUSE)
    (finding,) = result.findings
    assert (finding.path, finding.line) == ("posthog/utils.py", 2)
    assert "in pieces" in finding.message


def test_the_result_can_be_sent_to_another_process() -> None:
    result = rewrite(file("from posthog import warehouse\nx = 'posthog.' f'warehouse.{y}'\n"), WAREHOUSE)
    assert pickle.loads(pickle.dumps(result)) == result


def test_a_name_may_change() -> None:
    assert rewrite(file(TEXT), ANY, [rewriter(reference(4, 5, "z"))]).raw is not None


@pytest.mark.parametrize(
    ("start", "end", "text", "message"),
    [
        (0, 1, "(", "does not parse"),
        (4, 5, "f(a)", "syntax tree"),
        (2, 3, "+=", "kind or number"),
        (0, 0, "z = 1\n", "kind or number"),
        (0, 0, "if z: ", "kind or number"),
        (0, 18, "", "lost"),
        (4, 17, "[1]", "syntax tree"),
        (22, 35, "1", "syntax tree"),
        (17, 17, " + 1", "syntax tree"),
        (36, 54, "pass", "another statement"),
        (54, 54, "; pass", "another statement"),
        (54, 54, " as b, \\", "does not parse"),
    ],
)
def test_a_rewrite_that_changes_more_than_references_is_refused(start: int, end: int, text: str, message: str) -> None:
    with pytest.raises(PhaseError, match=message) as error:
        rewrite(file(TEXT), ANY, [rewriter(reference(start, end, text))])
    assert error.value.message.startswith("posthog/utils.py:")
    assert "not written" in error.value.message


@pytest.mark.parametrize(
    ("text", "start", "end", "new"),
    [
        ("from . import warehouse, c\n", 14, 26, "warehouse"),
        ("from . import warehouse as w\n", 27, 28, "v"),
        ("import a.warehouse as w\n", 22, 23, "v"),
        ("if x:\n    from . import warehouse\n    y = 1\n", 24, 33, "z"),
    ],
)
def test_an_import_must_go_on_binding_its_names(text: str, start: int, end: int, new: str) -> None:
    with pytest.raises(PhaseError, match="no longer bind"):
        rewrite(file(text), ANY, [rewriter(reference(start, end, new))])


def test_new_name_that_the_file_s_encoding_can_t_hold() -> None:
    source = SourceFile("posthog/utils.py", "# coding: latin-1\nx = a.warehouse\n".encode("latin-1"), "posthog.utils")
    with pytest.raises(PhaseError, match="can't be written in iso-8859-1"):
        rewrite(source, ANY, [rewriter(reference(22, 33, "λ.warehouse"))])


def test_statements_that_share_lines_are_compared_together() -> None:
    text = "x = 1; y = a.b; z = 2\nw = 3\n"
    edit = Edit(11, 14, b"c.d")
    prove(file(text), b"x = 1; y = c.d; z = 2\nw = 3\n", [edit], [reference(11, 14, "c.d")])
    with pytest.raises(Unproven):
        prove(file(text), b"x = 1; y = c.d(); z = 2\nw = 3\n", [Edit(11, 14, b"c.d()")], [reference(11, 14, "c.d")])


@pytest.mark.parametrize("text", [
    "'''See a.b, but not a.b_c, and a.b again.'''\n",
    "x = 'a.b_c and a.b'\n",
    "x = 'a.b and a.bb'\n",
    "x = '\\ta.bb' 'a.b'\n",
    "x = f'{y}a.bb {y} a.b'\n",
])  # fmt: skip
def test_the_same_letters_may_stay_elsewhere_in_a_string(text: str) -> None:
    old = file(text)
    spots = [match.span() for match in re.finditer(rb"a\.b(?!\w)", old.data)]
    edits = [Edit(*spot, b"p.q") for spot in spots]
    found = [reference(*spot, "p.q", "a.b") for spot in spots]
    prove(old, re.sub(rb"a\.b(?!\w)", b"p.q", old.data), edits, found)
    for wrong in (re.sub(rb"a\.b(?!\w)", b"p.z", old.data), re.sub(rb"a\.b", b"p.qq", old.data)):
        with pytest.raises(Unproven):
            prove(old, wrong, edits, found)


def test_a_comment_within_a_statement_that_is_rebuilt_goes_with_it() -> None:
    text = "from posthog import (\n    warehouse,  # posthog.warehouse\n    models,\n)\n"
    done = rewrite(file(text), WAREHOUSE)
    assert done.raw == (
        b"from products.data_warehouse import (\n    backend as warehouse,  # posthog.warehouse\n)\n"
        b"from posthog import (\n    models,\n)\n"
    )


@pytest.mark.parametrize("head", ["", "import os\n", '"""What it is."""\n\nfrom posthog.warehouse import models as m\n'])
def test_a_comment_before_the_first_statement_that_counts(head: str) -> None:
    """Only the head of the file is parsed then, and only that is proved."""
    raw = rewrite(file(f"{head}# See posthog.warehouse.models.\n\n\nx = 1\n"), WAREHOUSE).raw
    expected = head.replace("posthog.warehouse", NEW)
    assert raw == f"{expected}# See {NEW}.models.\n\n\nx = 1\n".encode()
