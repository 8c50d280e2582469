"""Names that some call resolves from the package of the file: ``config.include(".stock")``, ``lazy.attach``.

A string that starts with a dot, given to a call that is not known, may be a module's name from here; so are the
names that ``lazy_loader.attach`` is given. In a file that stays they would find nothing once the module has left the
package. What the call makes of the string can't be told: listed.
https://docs.pylonsproject.org/projects/pyramid/en/latest/api/config.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.mentions import is_home, mentions
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile
from migration.python.string_literals import plain_text
from migration.python.string_roles import calls

KIND = "string"

_RELATIVE = re.compile(r"(?P<dots>\.+)(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::\w+)?")
_SIGN = re.compile(rb"[\"']\.{1,3}[A-Za-z_]|\battach\b")
# Calls that resolve relative names as Python does: another rewriter's.
_IMPORTS = frozenset({"import_module", "resolve_name", "find_spec"})
# What strings are asked, and names that are no module's.
_OF_STRINGS = frozenset({
    "count", "endswith", "find", "format", "glob", "index", "join", "lstrip", "partition", "print", "removeprefix",
    "removesuffix", "replace", "rfind", "rglob", "rpartition", "rsplit", "rstrip", "split", "startswith", "strip",
    "with_suffix",
})  # fmt: skip


def may_be_resolved(source: SourceFile, moves: Moves) -> bool:
    """Whether a file can hold such a name, by its bytes; never wrong about a "no"."""
    data = source.data
    if source.path in moves.files:
        return _SIGN.search(data) is not None
    if not any(needle in data for needle in moves.needles):
        return False
    return b"attach" in data or ((b'".' in data or b"'." in data) and _relative_names(moves).search(data) is not None)


@once
def _relative_names(moves: Moves) -> re.Pattern[bytes]:
    """A string that starts with dots and holds a name that moves."""
    each = b"|".join(re.escape(needle) for needle in moves.needles) or rb"(?!)"
    return re.compile(rb"[\"']\.{1,3}(?:\w+\.)*(?:%s)(?!\w)" % each)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The names in a file that something resolves from its package, of what no longer lies there.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if source.package is None or not may_be_resolved(source, moves):
        return
    words = [needle.decode() for needle in moves.needles]
    where = mentions(source, [*words, '".', "'."] if is_home(source, moves) else words)
    for call in calls(source, where):
        name = last_name(call.func)
        if name == "attach" and call.args and dotted_name(call.args[0]) == "__name__":
            yield from _attached(source, moves, call)
        elif name not in _IMPORTS and name not in _OF_STRINGS:
            for value in (*call.args, *(keyword.value for keyword in call.keywords)):
                yield from _relative(source, moves, value, name)


def _relative(source: SourceFile, moves: Moves, node: ast.expr, call: str) -> Iterator[Reference]:
    match = _RELATIVE.fullmatch(plain_text(node))
    old = resolve_relative(source.package or "", len(match["dots"]), match["name"]) if match else None
    module = moves.split(old)[0] if old else ""
    if match is None or old is None or "." not in module:
        return
    here = moves.new_name(source.package or "")
    if resolve_relative(here, len(match["dots"]), match["name"]) != moves.new_name(old):
        reason = f"{call or 'a call'} may resolve it from {source.package}, where {module} lies no longer"
        yield Reference(KIND, *source.span(node), old, moves.new_name(old), None, reason)


def _attached(source: SourceFile, moves: Moves, call: ast.Call) -> Iterator[Reference]:
    """``lazy.attach(__name__, submodules=["stock"], submod_attrs={"stock.models": ["Item"]})``."""
    for value in (*call.args[1:3], *(keyword.value for keyword in call.keywords)):
        names = value.keys if isinstance(value, ast.Dict) else getattr(value, "elts", [])
        for node in names:
            old = f"{source.package}.{plain_text(node)}"
            if node is not None and old in moves.modules and moves.moves(old):
                reason = f"lazy_loader looks for it in {source.package}, which it leaves"
                yield Reference(KIND, *source.span(node), old, moves.new_name(old), None, reason)
