from __future__ import annotations

import dataclasses

import pytest

from migration.rewriters import resolved_later
from tests.rewriters.alone import check
from tests.rewriters.tools import NEW, WAREHOUSE

MOVES = dataclasses.replace(WAREHOUSE, files={"posthog/warehouse/util.py": "products/data_warehouse/backend/util.py"})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("posthog/utils.py", 'include(".models")\ninclude(".nothing")\ninclude("warehouse")\n'),
        ("posthog/utils.py", 'x = name.endswith(".warehouse")\ny = glob("*.warehouse")\n'),
        ("posthog/utils.py", 'import_module(".warehouse", "posthog")\n'),  # another rewriter's
        ("ee/billing.py", 'include(".warehouse")\n'),
        ("posthog/warehouse/util.py", 'include(".tasks")\ninclude(".models.table")\n'),  # go along
        ("posthog/__init__.py", 'attach("x", ["warehouse"])\nlazy.attach(__name__, ["models"])\n'),
    ],
)
def test_untouched(path: str, text: str) -> None:
    check(resolved_later, text, path=path)


@pytest.mark.parametrize(
    "text", ['include(".warehouse")\n', 'config.scan(package=".warehouse.util")\n', 'load(".warehouse.models:Table")\n']
)
def test_a_name_from_the_package_of_the_file(text: str) -> None:
    check(resolved_later, text, path="posthog/utils.py", left=["may resolve it from posthog, where posthog.warehouse"])


def test_a_name_that_leads_out_of_the_package() -> None:
    check(resolved_later, 'include("..utils")\n', path="posthog/warehouse/util.py", moves=MOVES, left=["posthog.utils"])
    check(resolved_later, 'include("..warehouse.util")\n', path="posthog/api/__init__.py", left=["posthog.warehouse.util"])


@pytest.mark.parametrize(
    "text",
    [
        'lazy.attach(__name__, submodules=["warehouse"])\n',
        'lazy.attach(__name__, ["warehouse"])\n',
        'lazy.attach(__name__, submod_attrs={"warehouse.models": ["Table"]})\n',
    ],
)
def test_what_lazy_loader_looks_for(text: str) -> None:
    (reference,) = check(resolved_later, text, path="posthog/__init__.py", left=["lazy_loader looks for it in posthog"])
    assert reference.new.startswith(NEW)
