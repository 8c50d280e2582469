"""The check after a run: does every import of a module of the tree find what it names? (pure)

Modules, submodules, names at the top of a module, stars and ``__getattr__`` count; what can't be
known (a module whose names are computed, a part of a namespace package that may lie elsewhere)
counts as found. An import that found nothing before either, such as an optional one, is no news:
:func:`new_dangling` tells what a move broke.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from migration.core.moves import Moves
from migration.core.names import last_part, parent, prefixes
from migration.python.mentions import blocks_of
from migration.python.namespaces import Namespaces, Read
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile, UnreadableSource

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Dangling:
    """An import that finds nothing.

    :param path: the file, and ``line`` the line.
    :param statement: the statement on one line.
    :param name: the absolute dotted name that is not there.
    :param nearest: the name that was most likely meant; empty if there is none.
    """

    path: str
    line: int
    statement: str
    name: str
    nearest: str = ""

    def __str__(self) -> str:
        hint = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"{self.path}:{self.line}: {self.statement}: there is no {self.name}{hint}"


def dangling(
    files: Iterable[SourceFile],
    read: Read,
    modules: Mapping[str, bool],
    look_into: Callable[[str], bool] | None = None,
) -> list[Dangling]:
    """The imports in ``files`` that name something of the tree that isn't there.

    Files that can't be parsed are passed over: someone else reports them. A module is read only when
    an import asks for a name in it, and once.

    :param files: best an iterator that makes each file as it is asked for: a file keeps its syntax tree.
    :param read: gives the source of a module of the same tree, None where it has none.
    :param modules: every module of that tree -> whether it is a package (namespace packages included).
    :param look_into: says whether a module has to be read for the names it binds; names of the
        others count as found. After a move only those can have lost one that moved, were rewritten
        or were created. None reads every module that is asked for.
    """
    resolver = _Resolver(Namespaces(read, modules), modules, look_into)
    found: list[Dangling] = []
    for source in files:
        try:
            statements = list(_imports(source.tree))
        except UnreadableSource:
            continue
        for statement in statements:
            missing = (name for name in _named(source, statement) if not resolver.resolves(*name))
            described = (_describe(source, statement, name, resolver) for name in missing)
            found += dict.fromkeys(described)  # a module that isn't there is named once per statement
    return found


def imported_names(source: SourceFile) -> frozenset[tuple[str, str]]:
    """What the imports of a file name: (module, name in it), with an empty name for the module itself.

    Mostly told from the bytes, without parsing. There may be too many (a docstring can hold an example
    that looks like an import), but never too few.

    :raises UnreadableSource: if the file can't be decoded, or has to be parsed and can't be.
    """
    named = _named_by_looks(source)
    if named is None:
        named = [name for statement in _imports(source.tree) for name in _named(source, statement)]
    return frozenset(named)


def sure_names(source: SourceFile) -> frozenset[str]:
    """The functions and classes at the top of a file, which an import from it finds; none where that is in doubt.

    A rewrite of references leaves them as they are (:mod:`migration.engine.proof`). Nothing is parsed for this:
    a file whose tree nobody has asked for gives none.
    """
    found: set[str] = set()
    pending = [source.tree.body] if source.is_parsed else []
    for block in pending:
        for statement in block:
            if isinstance(statement, ast.Delete):
                return frozenset()
            if not isinstance(statement, _DEFINITIONS):
                pending += blocks_of(statement)
            elif block is pending[0]:
                found.add(statement.name)
    return frozenset(found)


def unresolved(
    names: Iterable[tuple[str, str]],
    read: Read,
    modules: Mapping[str, bool],
    look_into: Callable[[str], bool] | None = None,
) -> frozenset[tuple[str, str]]:
    """Those of the names that find nothing.

    Where :func:`imported_names` told what is named, there may be too many of them, but never too few:
    :func:`dangling` would find nothing in a file that names none of these.

    :param names: as :func:`imported_names` has them; the rest as :func:`dangling` has it.
    """
    resolver = _Resolver(Namespaces(read, modules), modules, look_into)
    return frozenset(name for name in names if not resolver.resolves(*name))


def new_dangling(
    before: Iterable[Dangling], after: Iterable[Dangling], moves: Moves, file_moves: Mapping[str, str]
) -> list[Dangling]:
    """Those of ``after`` that have no counterpart in ``before``.

    A counterpart is in the same file (at its new path, if it moved) and names the same thing, by its
    old name or by what the move makes of it. As many as there were before are let through.

    :param file_moves: path before the move -> path after it.
    """
    known: Counter[tuple[str, str]] = Counter()
    for item in before:
        known[file_moves.get(item.path, item.path), moves.new_name(item.name)] += 1
    fresh = []
    for item in after:
        keys = [(item.path, item.name), (item.path, moves.new_name(item.name))]
        key = next((key for key in keys if known[key]), None)
        if key is None:
            fresh.append(item)
        else:
            known[key] -= 1
    return fresh


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements of a file at any depth, in order; expressions are not looked into."""
    blocks: list[ast.AST] = [tree]
    while blocks:
        block = blocks.pop()
        if isinstance(block, (ast.Import, ast.ImportFrom)):
            yield block
            continue
        inner: list[ast.AST] = []
        for field in ("body", "handlers", "orelse", "finalbody", "cases"):
            value = getattr(block, field, None)
            if isinstance(value, list):
                inner += value
        blocks += reversed(inner)


def _named(source: SourceFile, statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """What a statement names: (module, name in it), with an empty name for the module itself."""
    if isinstance(statement, ast.Import):
        yield from ((alias.name, "") for alias in statement.names)
        return
    module = statement.module
    if statement.level:
        if source.package is None:
            return  # a script: what its dots mean depends on how it is run
        module = resolve_relative(source.package, statement.level, statement.module)
        if module is None:
            yield "." * statement.level + (statement.module or ""), ""
    if module is not None:
        yield from ((module, "" if alias.name == "*" else alias.name) for alias in statement.names)


# The forms in which nearly all imports are written, each on lines of its own.
_PLAIN = re.compile(
    rb"(?<!\\\n)(?<!\\\r\n)^[ \t]*"  # not behind a backslash
    rb"(?:import[ \t]+(?P<modules>[\w.]+(?:[ \t]+as[ \t]+\w+)?(?:,[ \t]*[\w.]+(?:[ \t]+as[ \t]+\w+)?)*)"
    rb"|from[ \t]+(?P<dots>\.*)(?P<base>[\w.]*)[ \t]+import[ \t]+"
    rb"(?:\((?P<inner>(?:[\w\s,]|#[^\r\n]*)*)\)|(?P<names>[\w \t,]+|\*)))[ \t]*(?:#[^\r\n]*)?\r?$",
    re.M,
)
_WORD = re.compile(rb"import(?![\w\x80-\xff])")
_WORD_BEFORE = re.compile(rb"[\w\x80-\xff]")
_COMMENT = re.compile(rb"#[^\r\n]*")


def _named_by_looks(source: SourceFile) -> list[tuple[str, str]] | None:
    """What the imports of a file name, as :func:`_named` says it; None where only the parser can tell.

    Every ``import`` of the file has to be in one of the plain forms. One in a string counts, too.
    """
    data = source.data
    if b"\f" in data:
        return None
    found: list[tuple[str, str]] = []
    end = 0
    for word in _words(data):
        if word.start() < end:
            continue
        match = _PLAIN.match(data, data.rfind(b"\n", 0, word.start()) + 1)
        if match is None or match.end() < word.end():
            return None
        end = match.end()
        text = match["modules"]
        if text is None:
            text = _COMMENT.sub(b"", match["inner"]) if match["inner"] is not None else match["names"]
            if next(_words(text), None):
                return None
        names = [part.split()[0].decode() for part in text.split(b",") if part.strip()]
        if match["modules"] is not None:
            found += [(name, "") for name in names]
            continue
        module: str | None = match["base"].decode() or None
        if level := len(match["dots"]):
            if source.package is None:
                continue
            module = resolve_relative(source.package, level, module)
            if module is None:
                return None
        if module is not None:
            found += [(module, "" if name == "*" else name) for name in names]
    return found


def _words(text: bytes) -> Iterator[re.Match[bytes]]:
    """Every ``import`` that is a word of its own."""
    for match in _WORD.finditer(text):  # what stands before it is looked at here: a look behind is slow
        if not match.start() or not _WORD_BEFORE.match(text, match.start() - 1):
            yield match


@dataclass(frozen=True, slots=True)
class _Resolver:
    namespaces: Namespaces
    modules: Mapping[str, bool]
    look_into: Callable[[str], bool] | None

    def resolves(self, module: str, name: str) -> bool:
        """Whether ``from module import name`` (or ``import module``) finds something."""
        if module.startswith("."):
            return False
        if module.partition(".")[0] not in self.modules:
            return True  # outside the tree
        if module not in self.modules:
            return self.may_be_elsewhere(module)
        if not name or f"{module}.{name}" in self.modules:
            return True
        if self.look_into is not None and not self.look_into(module):
            return True
        return self.may_be_elsewhere(f"{module}.{name}") or self.namespaces.has(module, name)

    def may_be_elsewhere(self, module: str) -> bool:
        """Whether an unknown module may lie in another directory than those of the tree."""
        package = next(name for name in prefixes(module) if name in self.modules)
        if self.namespaces.has_own_path(package):
            return package != module
        # Portions of a namespace package are looked for along its parent's path: for one inside a
        # regular package that is one directory.
        return all(self.is_namespace(name) for name in prefixes(package))

    def is_namespace(self, package: str) -> bool:
        return self.modules.get(package, False) and self.namespaces.is_namespace(package)

    def nearest(self, module: str, name: str) -> str:
        """The closest name that there is, for a person who wonders what was meant."""
        import difflib  # few runs have to ask

        missing = f"{module}.{name}" if name else module
        if module in self.modules:
            inside = {other for other in self.modules if parent(other) == module}
            choices = {*inside, *(f"{module}.{other}" for other in self.namespaces.names(module))}
            close = difflib.get_close_matches(missing, sorted(choices), 1, 0.6)
            if close:
                return close[0]
        wanted = last_part(missing)
        same = sorted(other for other in self.modules if last_part(other) == wanted)
        # Where only the place is wrong, the name itself says more than the way to it.
        close = difflib.get_close_matches(missing, same or sorted(self.modules), 1, 0.0 if same else 0.6)
        return close[0] if close else ""


def _describe(
    source: SourceFile, statement: ast.Import | ast.ImportFrom, name: tuple[str, str], resolver: _Resolver
) -> Dangling:
    module, attribute = name
    missing = f"{module}.{attribute}" if attribute and module in resolver.modules else module
    nearest = resolver.nearest(module, attribute if module in resolver.modules else "")
    return Dangling(source.path, statement.lineno, ast.unparse(statement), missing, nearest)
