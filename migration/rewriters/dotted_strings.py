"""Dotted paths in string constants: mock.patch targets, settings entries, ``import_string`` and the like.

A string is a reference when it is an old dotted path, or goes on after it with ``.name`` or ``:name``.
Longer words, URLs, addresses, sentences and docstrings are not; entry points (``x = a.b:main``), options
of commands (``python -m a.b``) and types (``cast("list[a.b.C]", x)``) are. Only the old path inside the
quotes is replaced. The names of Celery tasks stay as long as the tasks keep them.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from migration.core.moves import LISTED, TASK_STAYS, Moves
from migration.core.names import is_within, parent, prefixes, swap_prefix
from migration.core.references import Reference
from migration.python.assembled_strings import spread
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.mentions import mentions
from migration.python.source_file import SourceFile
from migration.python.string_literals import Piece, pieces, plain_text
from migration.python.string_roles import Role, calls, role_in, strings

KIND = "string"
TASK = "task name"

_Literal = ast.Constant | ast.JoinedStr
_NAME = r"[^\W\d]\w*(?:\.(?:[^\W\d]\w*|[0-9]+_\w+))*"  # with modules such as migrations.0002_initial
_TEMPLATE = r"%s|%\(\w+\)s|\{\w*\}|\*{1,2}"
_PATH = re.compile(rf"(?P<name>{_NAME})(?P<rest>(?::{_NAME})?|[.:](?:(?:{_TEMPLATE})(?:[\w.:]|{_TEMPLATE})*)?)")
# A backend with its address behind it, as Django's caches once had them: a host has no module's name.
_BACKEND = re.compile(rf"(?P<name>{_NAME}\.[^\W\d]\w*)(?P<rest>://\S*)")
_HEAD = re.compile(rf"(?P<name>{_NAME})(?P<border>[.:]|$)?")
_PROSE = re.compile(r"[\s/@]")
# Where a path stands inside a longer text and can't be anything else.
_ENTRY = re.compile(
    rf"^[ \t]*[\w.-]+[ \t]*=[ \t]*(?P<name>{_NAME})(?P<rest>:{_NAME})[ \t]*(?:\[[\w, -]*\])?[ \t]*$", re.M
)
_ENTRY_OF_SETUP = re.compile(rf"^[ \t]*[\w.-]+[ \t]*=[ \t]*(?P<name>{_NAME})(?P<rest>)[ \t]*$", re.M)
_END = r"(?=\.?(?:[\s;&|,\"'\\]|\Z))"
_OPTION = re.compile(rf"(?<![\w-])(?:-m|-A|--[a-z-]+|[A-Z_]+_MODULE)[ =](?P<name>{_NAME})(?P<rest>(?::{_NAME})?){_END}")
# The same for a name of one word, which may be anything behind other options.
_OPTION_OF_MODULE = re.compile(
    r"(?:python[\w.]*(?: -[a-zA-Z]+)* -m|(?<![\w-])(?:-A|--(?:app|cov|settings|hidden-import|pyargs)|[A-Z_]+_MODULE))"
    r"[ =]\Z"
)
_TYPE = re.compile(rf"(?<![\w.\"'])(?P<name>{_NAME})(?P<rest>)")
# A path in parts.
_JOIN = (b'".".join(', b"'.'.join(")
_BUILTINS = frozenset(dir(builtins))
_HOSTS = frozenset({"com", "org", "net"})
_SURE = ("path", "top path", "app", "logger")  # what a word alone means there is a module
OTHER_REGISTER = "a name of its own by its place, such as a table's, a queue's or a message's"
_IN_PIECES = "the path is written in pieces or with escapes"


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The strings of a file that hold a dotted path that moves, or one that can't be decided.

    :raises UnreadableSource: if the file can't be parsed.
    """
    where = mentions(source, [needle.decode() for needle in moves.needles])
    for node, role in strings(source, where):
        string = _String(source, moves, node, role)
        reference = string.formatted(node) if isinstance(node, ast.JoinedStr) else string.constant(node)
        if reference is not None and reference.reason == _IN_PIECES:
            yield from string.spread(reference)
        elif reference is not None:
            yield reference
        elif not string.is_path:
            yield from string.inside()
    if any(word in source.data for word in _JOIN):
        for call in calls(source, where):
            yield from _joined(source, moves, call)


@dataclass(slots=True)
class _String:
    """One string literal and what it is for.

    :param is_path: whether the whole of it has the form of a dotted path.
    """

    source: SourceFile
    moves: Moves
    node: _Literal
    role: Role
    is_path: bool = False

    def constant(self, node: ast.Constant) -> Reference | None:
        """What a plain string refers to as a whole."""
        value, moves = str(node.value), self.moves
        match = _PATH.fullmatch(value) or _BACKEND.fullmatch(value)
        self.is_path = match is not None
        if match is None or not _may_move(moves, match["name"]):
            return None
        name, rest = match["name"], match["rest"]
        if self.role in ("label", "relation") and name.count(".") == 1 and not rest:
            return None  # an app and its model, even where a module has the same name
        if self.role == "relation" and not name.rpartition(".")[2][:1].isupper():
            return None  # a schema, a table and a column: they are no module's
        if self.role == "other":
            return self.left(name, OTHER_REGISTER, kept=True) if moves.moves(name) and "." in name else None
        if value in moves.keep:
            return self.left(name, LISTED, kept=True)
        if self.role not in _SURE and "." not in name and not rest:
            return None
        module, symbols = moves.split(name)
        if moves.new_module(module) == module and not _within_moved(moves, name):
            return None
        if symbols and rest.startswith("://"):
            return None
        new = moves.new_module(module)
        if self.role == "top path" and "." not in module and "." in new:
            top = new.partition(".")[0]
            return self.left(name, f"__import__ would give {top}: importlib.import_module({new!r}) gives the module")
        return self.task(name, rest) or self.path(module, symbols, name, rest)

    def path(self, module: str, symbols: str, name: str, rest: str) -> Reference | None:
        """The reference to a path; nothing where it is none by its looks."""
        reason = _doubt(self.moves, module, symbols, rest, self.role)
        if reason is None:
            return None
        return self.left(name, reason) if reason else self.replaced(module)

    def task(self, name: str, rest: str) -> Reference | None:
        """The reference that a string is if it names a Celery task, or several, that keep their names.

        Where that can't be told from an import path, it is left: a path that is gone fails as soon as
        it is imported, but what is sent to an unknown task is lost without a word.
        """
        moves, source = self.moves, self.source
        if moves.rename_tasks or not moves.tasks:
            return None
        role = self.role or (_role_of_variable(source, self.node) if name in moves.tasks else "")
        is_open = rest.startswith(".") and any(parent(task) == name for task in moves.tasks)
        if role.startswith("task") and any(is_within(task, name) for task in moves.tasks):
            return self.left(name, TASK_STAYS, TASK, name, kept=True)
        if role or not (is_open or (name in moves.tasks and not rest)):
            return None
        return self.left(name, "names a Celery task, which keeps its name; or is something imported by it?", TASK)

    def formatted(self, node: ast.JoinedStr) -> Reference | None:
        """An f-string whose literal head holds a path up to a ``.`` or ``:``."""
        moves = self.moves
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        if (
            not texts
            or texts[0] is not getattr(node.values[0], "value", None)
            or any(map(_PROSE.search, map(str, texts)))
        ):
            return None
        self.is_path = True
        match = _HEAD.match(str(texts[0]))
        if match is None or not _may_move(moves, match["name"]):
            return None
        name = match["name"]
        piece = self.piece
        if piece is not None and self.source.data.startswith(b"{", piece.inner):
            return None  # the text of a self-documenting expression, f"{a.b=}"
        whole = match["border"] in (".", ":") or (match["border"] == "" and len(node.values) == 1)
        complete = name if whole else parent(name)
        module = moves.split(complete)[0] if complete else ""
        if not module or moves.new_module(module) == module:
            moves_if_whole = not whole and name in moves.modules and moves.moves(name)
            return self.left(name, "the path goes on in an expression") if moves_if_whole else None
        if "." not in module and self.role not in _SURE:
            return None
        if module == complete and module in moves.strays:
            return self.left(complete, "what the expression names may not go with its package")
        return self.task(complete, "." if match["border"] != ":" else ":") or self.replaced(module)

    def inside(self) -> Iterator[Reference]:
        """Paths inside a longer text: entry points, options of commands, types."""
        patterns = [_TYPE] if self.role == "type" else [_ENTRY, _OPTION]
        if self.source.path.rpartition("/")[2] == "setup.py":
            patterns.append(_ENTRY_OF_SETUP)
        for piece in pieces(self.source, self.node):
            done: set[int] = set()
            text = self.source.data[piece.inner : piece.inner_end].decode()
            for match in (match for pattern in patterns for match in pattern.finditer(text)):
                start = piece.inner + len(text[: match.start("name")].encode())
                code = any(at <= start < end for at, end in piece.fields)
                word = match.re is _OPTION and "." not in match["name"] and not match["rest"]
                if word and not _OPTION_OF_MODULE.search(text, 0, match.start("name")):
                    continue
                if _may_move(self.moves, match["name"]) and start not in done and not code:
                    done.add(start)
                    yield from self.span(start, match["name"], match["rest"])

    def span(self, start: int, name: str, rest: str) -> Iterator[Reference]:
        """The path that stands at an offset inside the literal, where it moves."""
        module, symbols = self.moves.split(name)
        new = self.moves.new_module(module)
        if not module or new == module:
            return
        reason = _doubt(self.moves, module, symbols, rest, "path")
        kept = name + rest in self.moves.keep
        if kept or reason:
            end, reason = start + len(name.encode()), LISTED if kept else reason or ""
            yield Reference(KIND, start, end, name, self.moves.new_name(name), None, reason, kept)
        else:
            yield Reference(KIND, start, start + len(module.encode()), module, new, new)

    @property
    def piece(self) -> Piece | None:
        """The first literal that isn't empty; None where they can't be told apart."""
        return next((piece for piece in pieces(self.source, self.node) if piece.inner < piece.inner_end), None)

    def replaced(self, module: str) -> Reference:
        """The old path at the start of the literal replaced, as far as it is written there in one piece."""
        piece = self.piece
        for old in prefixes(module) if piece else ():
            new, written = self.moves.new_module(old), old.encode()
            follows = swap_prefix(module, old, new) == self.moves.new_module(module)
            if follows and piece and self.source.data.startswith(written, piece.inner, piece.inner_end):
                return Reference(KIND, piece.inner, piece.inner + len(written), old, new, new)
        return self.left(module, _IN_PIECES)

    def spread(self, left: Reference) -> Iterator[Reference]:
        """The new path spread over neighbouring literals that hold the old one, the place left where it can't be."""
        old = _shortest(self.moves, left.old)
        new = self.moves.new_module(old)
        edits = spread(self.source, [self.node], old, new) if isinstance(self.node, ast.Constant) else None
        for start, end, share in edits or ():
            yield Reference(KIND, start, end, old, new, share)
        if edits is None:
            yield left

    def left(
        self, name: str, reason: str, kind: str = KIND, new: str | None = None, kept: bool = False
    ) -> Reference:
        """The place left as it is; only the name is claimed, since expressions of an f-string may follow."""
        piece, written = self.piece, name.encode()
        if piece is None:
            start, end = self.source.span(self.node)
        elif self.source.data.startswith(written, piece.inner, piece.inner_end):
            start, end = piece.inner, piece.inner + len(written)
        else:
            start, end = piece.start, piece.inner
        return Reference(kind, start, end, name, self.moves.new_name(name) if new is None else new, None, reason, kept)


def _may_move(moves: Moves, name: str) -> bool:
    """Whether a dotted name lies under, or at, something that moves."""
    return any(prefix in moves.packages for prefix in prefixes(name))


def _within_moved(moves: Moves, name: str) -> bool:
    """Whether the name lies below something that moves, of which nothing is known."""
    module = moves.split(name)[0]
    return any(
        "." in package and is_within(name, package) and not is_within(module, package) for package in moves.packages
    )


def _doubt(moves: Moves, module: str, symbols: str, rest: str, role: Role) -> str | None:
    """Why a path is doubtful: ``""`` if it isn't, None if it is no path at all by its looks."""
    first = symbols.partition(".")[0]
    if not module or moves.new_module(module) == module:
        return "no such module or symbol before the move"
    if "." not in module and role not in _SURE:
        return "could be a label as well as a path" if first and first in moves.bindings.get(module, ()) else None
    if role == "logger":  # a logger need not be a module, and goes with the one above it
        return ""
    if not first and rest.startswith(".") and module in moves.strays:
        return "what it goes on with may not go with its package"
    return _missing(moves, module, first)


def _missing(moves: Moves, module: str, name: str) -> str:
    """Why a module can't have a name; ``""`` if it may."""
    known = moves.bindings.get(module, moves.symbols.get(module))
    if name[:1].isdigit():  # only a module can be called so: a migration
        return ""
    if known is None and name in _HOSTS:
        return "could be the name of a host"
    if not name or known is None or name in known or name in moves.remap.get(module, ()):
        return ""
    # Every module has some names of its own, and mock.patch gives it those of the builtins.
    return "" if name in _BUILTINS or re.fullmatch("__.*__", name) else f"{module} has no {name}"


def _role_of_variable(source: SourceFile, node: ast.AST) -> Role:
    """What a string is for that is assigned to a variable first, where all calls that take it agree."""
    assigned = [s.targets for s in ast.walk(source.tree) if isinstance(s, ast.Assign) and s.value is node]
    name = dotted_name(assigned[0][0]) if assigned and len(assigned[0]) == 1 else ""
    found: set[Role] = set()
    for call in ast.walk(source.tree) if name else ():
        if isinstance(call, ast.Call):
            found |= {role_in(call, argument, "") for argument in call.args if dotted_name(argument) == name}
            found |= {role_in(word, word.value, "") for word in call.keywords if dotted_name(word.value) == name}
    found -= {""}
    return found.pop() if len(found) == 1 else ""


def _joined(source: SourceFile, moves: Moves, call: ast.Call) -> Iterator[Reference]:
    """``".".join(["a", "b", …])``: the new path spread over the strings that held the old one."""
    function, argument = call.func, call.args[0] if call.args else None
    if not isinstance(function, ast.Attribute) or function.attr != "join" or plain_text(function.value) != ".":
        return
    parts = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else []
    constants = [part for part in itertools.takewhile(plain_text, parts) if isinstance(part, ast.Constant)]
    texts = [plain_text(part) for part in constants]
    if not all(text.isidentifier() for text in texts):
        return
    module = moves.split(".".join(texts))[0]
    new = moves.new_module(module)
    if not module or new == module:
        return
    old = _shortest(moves, module)
    names = moves.new_module(old).split(".")
    count = old.count(".") + 1
    spans = [_String(source, moves, part, "path").piece for part in constants[:count]]
    shares = [*names[: count - 1], ".".join(names[count - 1 :])]
    written = [span and source.data[span.inner : span.inner_end].decode() for span in spans]
    if len(names) < count or written != texts[:count]:
        yield _String(source, moves, constants[0], "path").left(module, "the new path has fewer parts than the old one")
        return
    for span, text, share in zip(spans, texts[:count], shares, strict=True):
        if span is not None and text != share:
            yield Reference(KIND, span.inner, span.inner_end, old, ".".join(names), share)


def _shortest(moves: Moves, module: str) -> str:
    """The shortest name above a module that takes it to where it goes."""
    new = moves.new_module(module)
    return [old for old in prefixes(module) if swap_prefix(module, old, moves.new_module(old)) == new][-1]


def _name_of(function: ast.AST | None) -> str:
    return last_name(function)
