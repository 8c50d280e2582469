"""Two helpers carry the rewriters' tests, and they check more than the caller asks.

``unchanged`` and ``rewritten`` run the rewriters over one file of a small monolith. Each also checks
that the output parses, that only the spans of references changed, and that the same rewriters find
nothing more to change when they are run on the output at its new place.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from migration.core.changes import apply_edits
from migration.core.moves import Moves
from migration.core.names import is_package_file, module_of, parent
from migration.core.references import Reference
from migration.engine.claims import Rewritten, may_hold
from migration.engine.rewrite_python import rewrite
from migration.python.source_file import SourceFile, parse
from migration.rewriters import Rewriter, attribute_uses, dotted_strings, imports
from tests.rewriters.kinds import of

NEW = "products.data_warehouse.backend"

# A monolith in the shape of the sample: modules and packages (with a slash at the end).
MONOLITH = """
posthog/ posthog.models/ posthog.models.team posthog.settings/ posthog.settings.web posthog.utils posthog.api/
posthog.warehouse_utils
posthog.warehouse/ posthog.warehouse.util posthog.warehouse.tasks posthog.warehouse.models/
posthog.warehouse.models.table posthog.warehouse.models.join posthog.warehouse.api/ posthog.warehouse.api.table
ee/ ee.billing products/ products.other/ products.other.api
"""


def moves_for(
    moves: Mapping[str, str],
    modules: str = MONOLITH,
    bindings: Mapping[str, Sequence[str]] | None = None,
    remap: Mapping[str, Mapping[str, str]] | None = None,
) -> Moves:
    """What the phase would work out: ``moves`` are prefixes, the longest of which wins."""
    index = {name.rstrip("/"): name.endswith("/") for name in modules.split()}
    moved = {}
    for module in index:
        prefix = max((p for p in moves if module == p or module.startswith(p + ".")), key=len, default=None)
        if prefix is not None and moves[prefix] != prefix:
            moved[module] = moves[prefix] + module[len(prefix) :]
    packages = {old: new for old, new in moves.items() if old != new}
    for old, new in moved.items():
        if moved.get(parent(old)) != parent(new):
            packages.setdefault(old, new)
    own = {package: frozenset(names) for package, names in (bindings or {}).items()}
    return Moves(index, moved, packages, own, remap or {})


# The rewriters of code that resolve names; the others have tests of their own.
CODE = of(imports, attribute_uses, dotted_strings)
WAREHOUSE = moves_for({"posthog.warehouse": NEW})


def run(
    text: str | bytes, path: str = "posthog/utils.py", moves: Moves = WAREHOUSE, rewriters: Sequence[Rewriter[Moves]] = CODE
) -> tuple[SourceFile, Rewritten]:
    """The rewriters over one file, as it was before the move."""
    source = SourceFile(path, raw_of(text), module_of(path, ["."]))
    assert may_hold(source, moves, rewriters) or not any([*one.find(source, moves)] for one in rewriters), "not looked into"
    return source, rewrite(source, moves, rewriters)


def raw_of(text: str | bytes) -> bytes:
    """The bytes of an expected text: dedented, without its first line if that is empty."""
    return text if isinstance(text, bytes) else textwrap.dedent(text).removeprefix("\n").encode()


def unchanged(
    text: str | bytes, path: str = "posthog/utils.py", moves: Moves = WAREHOUSE, doubtful: Sequence[str] = ()
) -> None:
    """Assert that nothing changes, and that just these places (a part of the reason each) are listed."""
    source, result = run(text, path, moves)
    assert result.raw is None, result.raw.decode()
    _check_doubtful(source, result, doubtful)


def rewritten(
    text: str | bytes,
    expected: str | bytes,
    path: str = "posthog/utils.py",
    moves: Moves = WAREHOUSE,
    doubtful: Sequence[str] = (),
    again: bool = True,
) -> tuple[Reference, ...]:
    """Assert that the file becomes ``expected``; returns the references.

    :param again: whether a second run must change nothing (not where names swap places).
    """
    source, result = run(text, path, moves)
    assert result.raw is not None, "nothing changed"
    assert result.raw.decode("utf-8", "replace") == raw_of(expected).decode("utf-8", "replace")
    after = SourceFile(path, result.raw, source.module)
    parse(after.data)
    assert source.encode(apply_edits(source.data, [r.edit for r in result.references if r.edit])) == result.raw
    _check_doubtful(source, result, doubtful)
    if again:
        _check_second_run(after, moves)
    return result.references


def _check_second_run(after: SourceFile, moves: Moves) -> None:
    """The rewriters find nothing to change in the output, at the file's new place."""
    path, module = after.path, after.module
    if module is not None and (new := moves.new_module(module)) != module:
        module, path = new, new.replace(".", "/") + ("/__init__.py" if is_package_file(path) else ".py")
    second = rewrite(SourceFile(path, after.raw, module), moves, CODE)
    assert second.raw is None, f"a second run changes:\n{second.raw.decode()}"


def _check_doubtful(source: SourceFile, result: Rewritten, doubtful: Sequence[str]) -> None:
    found = [f"{source.line_of(r.start)}: {r.old}: {r.reason}" for r in result.references if r.text is None]
    assert len(found) == len(doubtful), found
    for line, part in zip(found, doubtful, strict=True):
        assert part in line, line
    assert [finding.message for finding in result.findings] == [line.partition(": ")[2] for line in found]
