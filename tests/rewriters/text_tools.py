"""Two helpers for text: what must stay untouched, and what becomes of a text; they check more than that.

Each also checks that only the spans of references changed and that the same rewriters find nothing more
to change when they are run on the output at its new place.
"""

from __future__ import annotations

import ast
import itertools
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType

from migration.core.changes import apply_edits
from migration.core.moves import Moves
from migration.core.names import module_of
from migration.core.references import Reference, TextFile
from migration.engine.claims import may_hold
from migration.python.source_file import SourceFile
from migration.rewriters import OF_NAMES
from tests.rewriters.tools import NEW, moves_for

HOME = "posthog/warehouse"
AWAY = NEW.replace(".", "/")

TREE = """
README.md pyproject.toml frontend/package.json frontend/src/posthog/warehouse/x.ts bin/start docs/guide.md ee/billing.py
posthog/__init__.py posthog/utils.py posthog/README.md posthog/models/team.py posthog/hogql/README.md
posthog/warehouse/__init__.py posthog/warehouse/util.py posthog/warehouse/README.md posthog/warehouse/.gitignore
posthog/warehouse/run.sh posthog/warehouse/models/__init__.py posthog/warehouse/models/table.py
posthog/warehouse/models/x.sql posthog/warehouse/api/table.py posthog/warehouse/ui/types.ts
products/other/api.py posthog/warehouse_utils.py
"""


def placed(moves: Moves, files: Mapping[str, str], tree: str = TREE) -> Moves:
    """The moves with their files; a directory moves if all its files do."""
    paths = tree.split()
    directories: dict[str, str] = {}
    above = {path[: at] for path in paths for at, char in enumerate(path) if char == "/"}
    for directory in sorted(above):
        ends = {
            new[: -len(path) + len(directory)] if (new := files.get(path, "")).endswith(path[len(directory) :]) else ""
            for path in paths
            if path.startswith(directory + "/")
        }
        if len(ends) == 1 and "" not in ends:
            directories[directory] = ends.pop()
    return replace(moves, files=files, directories=directories, paths=frozenset(paths) | above)


def whole(old: str = HOME, new: str = AWAY, tree: str = TREE) -> dict[str, str]:
    """Every file below ``old`` to the same place below ``new``."""
    return {path: new + path[len(old) :] for path in tree.split() if path.startswith(old + "/")}


MOVES = placed(moves_for({"posthog.warehouse": NEW}), whole())
PART = placed(
    moves_for({f"posthog.warehouse.{name}": f"{NEW}.{name}" for name in ("models", "util", "api")}),
    {path: new for path, new in whole().items() if "/models/" in path or "/api/" in path or "util.py" in path},
)
TOP = placed(
    moves_for({"warehouse": "products.wh"}, "warehouse/ warehouse.models warehouse.util app products/"),
    whole("warehouse", "products/wh", "warehouse/__init__.py warehouse/models.py warehouse/util.py warehouse/a.html"),
    "warehouse/__init__.py warehouse/models.py warehouse/util.py warehouse/a.html app.py x/warehouse/util.py",
)

IN_SRC_TREE = (
    "src/shop/__init__.py src/shop/base/__init__.py src/shop/base/mail.py src/shop/base/a/x.xml src/shop/web/urls.py"
    " src/shop/web/mail.py src/shop/other/web/mail.py src/shop/other/web/y.xml docs/x.md"
)
IN_SRC = placed(
    moves_for({"shop.base": "shop.core.base"}, "shop/ shop.base/ shop.base.mail shop.web/ shop.web.mail shop.web.urls"),
    {path: path.replace("shop/", "shop/core/") for path in IN_SRC_TREE.split() if "/base/" in path},
    IN_SRC_TREE,
)


def in_text(
    rewriter: ModuleType, text: str | bytes, path: str = "config/x.yml", moves: Moves = MOVES
) -> tuple[str, list[str], list[Reference]]:
    """The new text, the reasons of what is left, and all references of a file that is not Python."""
    raw = text.encode() if isinstance(text, str) else text
    references = list(rewriter.find_in_text(TextFile(path, raw), moves))
    return _edited(raw, references)


def in_python(
    rewriter: ModuleType, text: str, path: str = "posthog/utils.py", moves: Moves = MOVES
) -> tuple[str, list[str], list[Reference]]:
    """The same for a Python file; the result must parse."""
    source = SourceFile(path, text.encode(), module_of(path, ["."]))
    new, left, references = _edited(source.data, list(rewriter.find(source, moves)))
    assert may_hold(source, moves, OF_NAMES) or not references, "the file would not be looked into"
    ast.parse(new)
    return new, left, references


def _edited(raw: bytes, references: list[Reference]) -> tuple[str, list[str], list[Reference]]:
    for reference in references:
        assert 0 <= reference.start <= reference.end <= len(raw)
        assert raw[reference.start : reference.end] != (reference.text or "").encode()
    new = apply_edits(raw, [edit for reference in references if (edit := reference.edit)])
    ordered = sorted(references, key=lambda reference: reference.start)
    assert all(one.end <= two.start for one, two in itertools.pairwise(ordered)), ordered
    return new.decode("utf-8", "surrogateescape"), [r.reason for r in ordered if r.text is None], references


def text_unchanged(
    rewriter: ModuleType,
    text: str | bytes,
    path: str = "config/x.yml",
    moves: Moves = MOVES,
    doubtful: Sequence[str] = (),
) -> None:
    """Assert that a text stays, and that just these places (a part of the reason each) are listed."""
    new, left, _ = in_text(rewriter, text, path, moves)
    assert new == (text if isinstance(text, str) else text.decode("utf-8", "surrogateescape"))
    _same_reasons(left, doubtful)


def text_rewritten(
    rewriter: ModuleType,
    text: str,
    expected: str,
    path: str = "config/x.yml",
    moves: Moves = MOVES,
    doubtful: Sequence[str] = (),
) -> list[Reference]:
    """Assert that a text becomes ``expected``, and that a second run changes nothing."""
    new, left, references = in_text(rewriter, text, path, moves)
    assert new == expected
    _same_reasons(left, doubtful)
    assert in_text(rewriter, new, moves.new_path(path), after(moves))[0] == new
    return references


def python_unchanged(
    rewriter: ModuleType, text: str, path: str = "posthog/utils.py", moves: Moves = MOVES, doubtful: Sequence[str] = ()
) -> None:
    """Assert that a Python file stays, and that just these places are listed."""
    new, left, _ = in_python(rewriter, text, path, moves)
    assert new == text
    _same_reasons(left, doubtful)


def python_rewritten(
    rewriter: ModuleType,
    text: str,
    expected: str,
    path: str = "posthog/utils.py",
    moves: Moves = MOVES,
    doubtful: Sequence[str] = (),
) -> list[Reference]:
    """Assert that a Python file becomes ``expected``, and that a second run changes nothing."""
    new, left, references = in_python(rewriter, text, path, moves)
    assert new == expected
    _same_reasons(left, doubtful)
    assert in_python(rewriter, new, moves.new_path(path), after(moves))[0] == new
    return references


def after(moves: Moves) -> Moves:
    """The same moves seen from the tree after them: what moved is there now."""
    return replace(moves, paths=frozenset(_with_parents(moves.new_path(path) for path in moves.paths)))


def _with_parents(paths: object) -> set[str]:
    found: set[str] = set()
    for path in paths:  # type: ignore[attr-defined]
        while path and path not in found:
            found.add(path)
            path = posixpath.dirname(path)
    return found


def _same_reasons(left: Sequence[str], doubtful: Sequence[str]) -> None:
    assert len(left) == len(doubtful), left
    for reason, part in zip(left, doubtful, strict=True):
        assert part in reason, reason
