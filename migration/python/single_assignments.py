"""Names that a file assigns just once, and the values they are given: enough to follow a constant to its uses."""

from __future__ import annotations

import ast
from collections.abc import Mapping


def single_assignments(tree: ast.AST) -> Mapping[str, ast.expr]:
    """Each name that is assigned once in the whole file, in whatever scope -> the expression it is given.

    A name that is also bound by a loop, an annotation without a value or an augmented assignment is left out.
    """
    found: dict[str, ast.expr | None] = {}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name):
                value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
                found[target.id] = None if target.id in found else value
    return {name: value for name, value in found.items() if value is not None}
