"""What several kinds claim in one file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.errors import PhaseError
from migration.core.references import Reference
from migration.engine.rewrite_python import rewrite
from tests.engine.test_rewrite_python import ANY, TEXT, file, reference, rewriter
from tests.rewriters.tools import NEW, WAREHOUSE


@pytest.mark.parametrize("two", [reference(6, 9, "q"), reference(4, 7, "q"), reference(0, 5, "q"), reference(5, 6, None)])
def test_overlapping_references_are_a_mistake(two: Reference) -> None:
    with pytest.raises(PhaseError, match=r"posthog/utils.py:1: .*claim the same place"):
        rewrite(file(TEXT), ANY, [rewriter(reference(4, 7, "p")), rewriter(two)])


def test_prose_switched_off() -> None:
    text = "# posthog.warehouse.util\nimport posthog.warehouse.util\n"
    moves = replace(WAREHOUSE, modules={**WAREHOUSE.modules, "posthog.warehouse.util": False})
    assert rewrite(file(text), moves).raw == text.replace("posthog.warehouse", NEW).encode()
    done = rewrite(file(text), replace(moves, prose=False))
    assert done.raw == f"# posthog.warehouse.util\nimport {NEW}.util\n".encode()
    assert done.findings == ()
