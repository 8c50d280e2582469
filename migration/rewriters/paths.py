"""Paths to what moves, in Python strings and in files that are not Python.

``posthog/warehouse/models/table.py`` follows its file, and what is below a directory that moves as a
whole follows the directory: globs, regular expressions, files that are made there. Paths from the
file's own place follow too. In ``os.path.join(BASE_DIR, "posthog", "warehouse")`` each string gets its
share of the new path, so that the expression keeps its form.
"""

from __future__ import annotations

import ast
import itertools
import posixpath
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference, TextFile
from migration.python.assembled_strings import Assembled, assembled, spread, summands
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.mentions import Mentions, first_line, mentions
from migration.python.own_place import OwnPlace, inside
from migration.python.source_file import SourceFile
from migration.python.string_literals import Piece, pieces, plain_text
from migration.python.strings_and_comments import Text, texts
from migration.text.asset_specs import asset_specs
from migration.text.backslash_paths import backslashed
from migration.text.bare_directory_names import bare
from migration.text.before_a_path import is_root, workdirs
from migration.text.changed_directories import from_changed_directories
from migration.text.globs import glob_needles, globbed, is_pattern_file, may_hold_glob
from migration.text.overlaps import apart
from migration.text.partial_paths import file_named, in_catalogue, partial
from migration.text.passage import Passage, Place
from migration.text.paths import (
    anchors,
    deepest_file,
    longest_anchor,
    may_hold_path,
    may_hold_path_in_code,
    path_needles,
    rooted,
)
from migration.text.relative_paths import beside, dots_only, relative, upwards
from migration.text.text_style import style_of

KIND = "path"

_ROUTES = frozenset({"path", "re_path", "url", "register"})
_NO_FIT = "the parts of the new path don't fit the old ones"
# Calls that take a package and a path below its directory.
_RESOURCES = frozenset({
    "PackageLoader", "get_data", "is_resource", "open_binary", "open_text", "read_binary", "read_text",
    "resource_exists", "resource_filename", "resource_isdir", "resource_listdir", "resource_stream", "resource_string",
})  # fmt: skip
_JOINS = frozenset({"join", "joinpath", "Path", "PurePath", "PosixPath", "PurePosixPath"})

# What comes first has the say where two claim a place.
_READERS = (
    *(from_changed_directories, rooted, beside, relative, upwards, dots_only, globbed, partial, bare, asset_specs),
    backslashed,
)


def needles(moves: Moves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one for a path that moves, or a pattern that matches one."""
    return frozenset((*path_needles(moves), *glob_needles(moves)))


def holds_patterns(path: str, moves: Moves) -> bool:
    """Whether a file holds patterns by its purpose, which may match what moves and name no part of it."""
    return is_pattern_file(path)


def may_be_in_code(source: SourceFile, moves: Moves) -> bool:
    """Whether a file can hold such a path, by its bytes; never wrong about a "no" outside what moves itself."""
    return may_hold_path_in_code(source.data, moves) or may_hold_glob(source.data, moves)


def may_be_in_text(text: TextFile, moves: Moves) -> bool:
    """The same for a file that is not Python, those that move included."""
    return text.path in moves.files or may_hold_path(text.raw, moves) or may_hold_glob(text.raw, moves, text.path)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The paths in the strings of a Python file, docstrings left out.

    :raises UnreadableSource: if the file can't be decoded or parsed.
    """
    moved = source.path in moves.files
    if not (
        may_hold_path(source.data, moves) or may_hold_glob(source.data, moves) or (moved and b"./" in source.data)
    ):
        return
    words = {needle.decode() for needle in needles(moves)} | ({"./"} if moved else set())
    where = mentions(source, words)
    passage = Passage(source.data, moves, KIND, Place(source.path, "python"))
    whole = [*_assembled(source, moves, where)]
    found = [reference for _, _, references in whole for reference in references]
    for text in texts(source, where):
        for piece in text.pieces(source) if not text.is_doc else ():
            for reference in _in_piece(passage, piece):
                if not any(start <= reference.start < end for start, end, _ in whole):
                    found.append(_checked(moves, reference, text))
    yield from apart([*found, *_joined(source, moves, where)])


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    """The paths in a file that is not Python, each rewritten or listed with the reason why it is left."""
    if not may_be_in_text(text, moves):
        return
    passage = Passage(text.raw, moves, KIND, Place(text.path, style_of(text.path), workdirs(text.raw)))
    found = apart([reference for reader in _READERS for reference in reader(passage)])
    yield from (in_catalogue(text.path, text.raw, reference) for reference in found)


def _in_piece(passage: Passage, piece: Piece) -> Iterator[Reference]:
    passage = passage.part(piece.inner, piece.inner_end)
    readers = rooted, beside, relative, globbed, partial, asset_specs, backslashed
    for reference in apart([reference for reader in readers for reference in reader(passage)]):
        if not any(reference.start < end and start < reference.end for start, end in piece.fields):
            yield reference


def _checked(moves: Moves, reference: Reference, text: Text) -> Reference:
    reason = ""
    if text.role == "other":
        return reference.left("a place in another register, such as a storage, where things lie already", kept=True)
    if isinstance(text.node, ast.Constant) and isinstance(text.node.value, bytes):
        reason = "bytes, which may be more than a path"
    elif text.call in _ROUTES and reference.old in moves.directories:
        reason = "looks like a route"
    return reference.left(reason) if reason and reference.text is not None else reference


def _assembled(
    source: SourceFile, moves: Moves, where: Mentions
) -> Iterator[tuple[int, int, tuple[Reference, ...]]]:
    """``"posthog/" + "warehouse/x.sql"``: start and end of each expression, and the references in it."""
    pending: list[ast.AST] = [source.tree] if b"+" in source.data else []
    anchored = anchors(moves)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
            pending += ast.iter_child_nodes(node)
            continue
        found = assembled(node, {})
        if found is None:
            pending += summands(node)
            continue
        ends = [match.start() for match in re.finditer(r"(?<=[^/])(?:/|\Z)", found.text)]
        old = next((found.text[:end] for end in ends if any(found.text[:end] in paths for paths in anchored)), "")
        if "/" in old and len(found.parts[0][0].rstrip("/")) < len(old):
            yield (*source.span(node), tuple(_spread(source, moves, node, found, old)))


def _spread(
    source: SourceFile, moves: Moves, node: ast.expr, found: Assembled, old: str
) -> Iterator[Reference]:
    new = moves.new_path(old)
    literals = [part for _, part in found.parts if isinstance(part, ast.Constant)]
    edits = spread(source, literals, old, new) if len(literals) == len(found.parts) and new != old else None
    for start, end, text in edits or ():
        yield Reference(KIND, start, end, old, new, text)
    if edits is None:
        reason = "the directory moves only in part" if new == old else _NO_FIT
        yield Reference(KIND, *source.span(node), old, new, None, reason)


def _joined(source: SourceFile, moves: Moves, where: Mentions) -> Iterator[Reference]:
    """``Path("posthog") / "warehouse"`` and ``os.path.join("posthog", "warehouse")``."""
    pending: list[ast.AST] = [source.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        parts = _parts(node) if isinstance(node, ast.expr) else []
        if isinstance(node, ast.Call):
            yield from _in_call(source, moves, node)
        if len(parts) > 1:
            yield from _in_parts(source, moves, parts)
            pending += [part for part in parts if not isinstance(part, ast.Constant)]
        elif not isinstance(node, ast.JoinedStr):
            pending += ast.iter_child_nodes(node)


def _in_call(source: SourceFile, moves: Moves, call: ast.Call) -> Iterator[Reference]:
    """``PackageLoader("shop", "stock/templates")``, and ``read("shop", "stock", "x.txt")`` whatever ``read`` does."""
    function = call.func
    name = last_name(function)
    texts = [plain_text(argument) for argument in call.args]
    if name in _RESOURCES and len(texts) > 1 and texts[1]:
        yield from _below_package(source, moves, texts[0], [call.args[1]])
    elif name not in _JOINS and not isinstance(getattr(function, "value", None), ast.Constant):
        for first in range(len(texts) - 1):
            row = [*itertools.takewhile(bool, texts[first : first + deepest_file(moves)])]
            path = next(("/".join(row[:n]) for n in range(len(row), 1, -1) if "/".join(row[:n]) in moves.files), "")
            if path and moves.new_path(path) != path:
                span = source.span(call.args[first])[0], source.span(call.args[first + path.count("/")])[1]
                reason = f"spells {path} in parts, for {name or 'a call'} to put together"
                yield Reference(KIND, *span, path, moves.new_path(path), None, reason)
                return


def _below_package(source: SourceFile, moves: Moves, package: str, parts: list[ast.expr]) -> Iterator[Reference]:
    """A path that starts at the directory of a package, where it leads to what does not move along with that."""
    written = "/".join(itertools.takewhile(bool, (plain_text(part).strip("/") for part in parts)))
    home = package.replace(".", "/")
    path = f"{home}/{written}"
    known = path in moves.files or path in moves.directories
    if written and known and moves.new_path(path) != f"{moves.new_name(package).replace('.', '/')}/{written}":
        span = source.span(parts[0])[0], source.span(parts[written.count("/") if len(parts) > 1 else 0])[1]
        reason = f"a path below the package {package}, from which {path} moves away"
        yield Reference(KIND, *span, path, moves.new_path(path), None, reason)


def _parts(node: ast.expr) -> list[ast.expr]:
    """What a path is joined of; the expression itself where it is no join."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return [*_parts(node.left), *_parts(node.right)]
    if not isinstance(node, ast.Call) or node.keywords:
        return [node]
    function = node.func
    name = last_name(function)
    if name == "join" and isinstance(function, ast.Attribute) and _separates(function.value) and len(node.args) == 1:
        return [*node.args[0].elts] if isinstance(node.args[0], (ast.List, ast.Tuple)) else [node]
    if name not in _JOINS or (name == "join" and isinstance(getattr(function, "value", None), ast.Constant)):
        return [node]
    first = _parts(function.value) if name == "joinpath" and isinstance(function, ast.Attribute) else []
    return [*first, *(part for argument in node.args for part in _parts(argument))]


def _separates(node: ast.expr) -> bool:
    """Whether an expression is what stands between the parts of a path: ``"/"``, ``os.sep``."""
    return ast.unparse(node) in ("'/'", "os.sep", "os.path.sep", "sep")


def _in_parts(source: SourceFile, moves: Moves, parts: list[ast.expr]) -> Iterator[Reference]:
    yield from _partial(source, moves, parts)
    base = parts[0]
    if isinstance(base, ast.Call) and base.args and dotted_name(base.func).rpartition(".")[2] == "files":
        yield from _below_package(source, moves, plain_text(base.args[0]), parts[1:])
    texts = [part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None for part in parts]
    (whole, in_part), most = anchors(moves), longest_anchor(moves)
    for first in range(len(parts)):
        path = ""
        for last in range(first, len(parts)):
            text = texts[last]
            if not text:
                break
            path = posixpath.join(path, text.rstrip("/"))
            if len(path) > most:
                break
            if last > first and (path in whole or path in in_part):
                above = parts[first - 1] if first else None
                constants = [part for part in parts[first : last + 1] if isinstance(part, ast.Constant)]
                yield from _shared_out(source, moves, above, constants, path)


def _partial(source: SourceFile, moves: Moves, parts: list[ast.expr]) -> Iterator[Reference]:
    """``os.path.join(PACKAGE_ROOT, "warehouse", "x.sql")``: a file that is named from a directory above it."""
    constants = list(itertools.takewhile(lambda part: isinstance(part, ast.Constant), reversed(parts)))[::-1]
    texts = [str(part.value).strip("/") for part in constants if isinstance(part, ast.Constant)]
    path = file_named("/".join(texts), moves)
    if path and 1 < len(constants) < len(parts):
        reason = f"joined to {ast.unparse(parts[-len(constants) - 1])}, which may be {path[: -len('/'.join(texts))]}"
        yield Reference(
            KIND, source.span(constants[0])[0], source.span(constants[-1])[1], path, moves.new_path(path), None, reason
        )


def _shared_out(
    source: SourceFile, moves: Moves, base: ast.expr | None, constants: list[ast.Constant], path: str
) -> Iterator[Reference]:
    """The new path spread over the strings that held the old one; listed where that can't be done safely."""
    new = moves.new_path(path)
    names = new.split("/")
    spare = len(names) - len(constants) + 1
    spans = [_inside(source, constant) for constant in constants]
    reason = ""
    if new == path:
        reason = "the directory moves only in part"
    elif base is not None and not is_root(ast.unparse(base)) and not _is_the_repo(source, base):
        reason = f"joined to {ast.unparse(base)}, which may be the repo"
    elif spare < 1 or any(span is None for span in spans):
        reason = _NO_FIT
    if reason:
        start, end = source.span(constants[0])[0], source.span(constants[-1])[1]
        yield Reference(KIND, start, end, path, new, None, reason)
        return
    shares = ["/".join(names[:spare]), *names[spare:]]
    for span, share in zip(spans, shares, strict=True):
        if span is not None and source.data[span[0] : span[1]] != share.encode():
            yield Reference(KIND, *span, path, new, share)


def _is_the_repo(source: SourceFile, base: ast.expr) -> bool:
    """Whether an expression gives the repo, worked out from the place of its file."""
    value = OwnPlace(source, source.path).value(base) if b"__file__" in source.data else None
    return value is not None and inside(value) == "."


def _inside(source: SourceFile, constant: ast.Constant) -> tuple[int, int] | None:
    """Where the text of a plain string stands, None where it is not written as it is."""
    found = pieces(source, constant)
    if len(found) != 1 or source.data[found[0].inner : found[0].inner_end].decode() != constant.value:
        return None
    stripped = re.sub(rb"/+\Z", b"", source.data[found[0].inner : found[0].inner_end])
    return found[0].inner, found[0].inner + len(stripped)
