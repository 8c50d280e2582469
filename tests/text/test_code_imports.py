from __future__ import annotations

import pytest

from migration.text.code_imports import open_imports
from migration.text.passage import Passage
from tests.rewriters.tools import WAREHOUSE


@pytest.mark.parametrize(
    "text",
    [
        ">>> from posthog import (\n...     core,\n... )\n",
        "from posthog import (warehouse)",  # of one line: another reader's
        "from posthog.warehouse import (\n    pure,\n)",  # found by its own name
        "from elsewhere import (\n    warehouse,\n)",
        "from posthog import (\n    core,  # of warehouse\n)",
    ],
)
def test_imports_over_several_lines_that_hold(text: str) -> None:
    assert [*open_imports(Passage(text.encode(), WAREHOUSE, "x"))] == []


@pytest.mark.parametrize(
    "text",
    [
        ">>> from posthog import (\n...     core,\n...     warehouse,\n... )\n",
        '"from posthog import (\\n",\n    "    core,\\n",\n    "    warehouse as w\\n",\n    ")\\n"',
        "from posthog import (  # some\n    warehouse,\n)",
    ],
)
def test_imports_over_several_lines_are_listed(text: str) -> None:
    (reference,) = open_imports(Passage(text.encode(), WAREHOUSE, "x"))
    assert (reference.old, reference.text) == ("posthog.warehouse", None)
    assert "over several lines" in reference.reason
