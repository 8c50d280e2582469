from __future__ import annotations

import ast
import textwrap
from dataclasses import replace

import pytest

from migration.core.names import module_of
from migration.engine.rewrite_python import rewrite
from migration.python.source_file import SourceFile
from tests.rewriters.tools import CODE, NEW, WAREHOUSE, moves_for

LIMIT = 60
MOVES = replace(WAREHOUSE, line_length=LIMIT)
APART = replace(moves_for({"posthog.warehouse.models": f"{NEW}.models"}), line_length=LIMIT)


def run(text: str, expected: str, moves=MOVES) -> None:  # type: ignore[no-untyped-def]
    text, expected = (textwrap.dedent(one).removeprefix("\n") for one in (text, expected))
    source = SourceFile("posthog/utils.py", text.encode(), module_of("posthog/utils.py", ["."]))
    raw = rewrite(source, moves, CODE).raw
    assert (raw or text.encode()).decode() == expected
    ast.parse(expected)
    again = SourceFile("posthog/utils.py", expected.encode(), source.module)
    assert rewrite(again, moves, CODE).raw is None


# ---- lines that stay as long as they are


@pytest.mark.parametrize("line", [
    "from posthog.warehouse import x",
    "from posthog.warehouse.models import Table, Column, Row  # why",
    "from posthog.warehouse.models import Table, Column, R; x = 1",
    "if True: from posthog.warehouse.models import Table, Colu",
    "from posthog.warehouse.models import TableWithAName, ColumnWithAName, RowWithAName",  # too long before
    "from posthog.warehouse.models import *",
    "import posthog.warehouse.models.table_with_a_long_name as t",
    "x = 'posthog.warehouse.models.table_with_a_long_name_too'",
])
def test_left_on_one_line(line: str) -> None:
    run(f"{line}\n", line.replace("posthog.warehouse", NEW) + "\n")


def test_no_limit_no_wrapping() -> None:
    line = "from posthog.warehouse.models import Table, Column, Row\n"
    run(line, line.replace("posthog.warehouse", NEW), replace(WAREHOUSE, line_length=0))


def test_a_statement_over_several_lines_is_its_author_s() -> None:
    text = "from posthog.warehouse.models import (Table,\n    Column, Row)\n"
    run(text, text.replace("posthog.warehouse", NEW))


def test_an_import_that_does_not_change() -> None:
    text = "from posthog.models import Team, User, Organization, Project, Dashboard, Insight\nfrom posthog.warehouse import x\n"
    run(text, text.replace("posthog.warehouse", NEW))


# ---- lines that are wrapped


def test_one_name_to_a_line() -> None:
    run(
        "from posthog.warehouse.models import Table as T, Column\n",
        f"from {NEW}.models import (\n    Table as T,\n    Column,\n)\n",
    )


def test_a_single_name() -> None:
    run("from posthog.warehouse.models import ExternalDataSource\n", f"from {NEW}.models import (\n    ExternalDataSource,\n)\n")


def test_just_within_the_limit_is_left() -> None:
    name = "N" * (LIMIT - len(f"from {NEW}.models import "))
    run(f"from posthog.warehouse.models import {name}\n", f"from {NEW}.models import {name}\n")
    run(f"from posthog.warehouse.models import {name}N\n", f"from {NEW}.models import (\n    {name}N,\n)\n")


def test_parentheses_that_are_there() -> None:
    run(
        "from posthog.warehouse.models import (Table, Column,)\n",
        f"from {NEW}.models import (\n    Table,\n    Column,\n)\n",
    )


def test_in_a_function_with_tabs_and_windows_line_ends() -> None:
    text = "def f():\r\n\tfrom posthog.warehouse.models import Table, Column\r\n\treturn Table\r\n"
    source = SourceFile("posthog/utils.py", text.encode(), "posthog.utils")
    assert rewrite(source, MOVES, CODE).raw == (
        f"def f():\r\n\tfrom {NEW}.models import (\r\n\t\tTable,\r\n\t\tColumn,\r\n\t)\r\n\treturn Table\r\n".encode()
    )


def test_a_relative_import_becomes_a_long_one() -> None:
    run(
        "from .warehouse.models import Table, ExternalDataSchema\n",
        f"from {NEW}.models import (\n    Table,\n    ExternalDataSchema,\n)\n",
    )


def test_the_file_s_own_way() -> None:
    run(
        """
        from a import (
          one, two,
          three
        )
        from posthog.warehouse.models import Table, Column, Row1
        """,
        f"""
        from a import (
          one, two,
          three
        )
        from {NEW}.models import (
          Table, Column, Row1
        )
        """,
    )
    names = ", ".join(f"name_{number}" for number in range(3))
    run(
        f"from a import (\n    one, two,\n)\nfrom posthog.warehouse.models import {names}\n",
        f"from a import (\n    one, two,\n)\nfrom {NEW}.models import (\n    {names},\n)\n",
    )


def test_a_changed_name_within() -> None:
    moves = replace(
        moves_for({"posthog.warehouse.models.table": f"{NEW}.models_of_the_product.table_model"}), line_length=LIMIT
    )
    run(
        "from posthog.warehouse.models import table\n",
        f"from {NEW}.models_of_the_product import (\n    table_model as table,\n)\n",
        moves,
    )


def test_a_split_import() -> None:
    run(
        "from posthog.warehouse import models, util as u\n",
        f"from {NEW} import models\nfrom posthog.warehouse import util as u\n",
        APART,
    )
    moves = replace(APART, line_length=52)
    run(
        "def f():\n    from posthog.warehouse import models, util as u\n",
        f"def f():\n    from {NEW} import (\n        models,\n    )\n    from posthog.warehouse import util as u\n",
        moves,
    )
