"""Which scope binds a name, and which uses of the name mean that binding.

A pass over Python's own syntax tree, for a few names of interest: statements that don't hold one of
them are never entered. The rules are those of the language reference; names in class bodies are
invisible to the functions inside, comprehensions have a scope of their own except for their first
iterable, decorators and defaults belong to the scope around.
https://docs.python.org/3/reference/executionmodel.html#naming-and-binding
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from migration.python.mentions import Block, Mentions, mentions
from migration.python.source_file import SourceFile
from migration.python.string_literals import expression_at, expressions, has_unplaced, pieces

How = Literal["import", "none", "del", "other"]
# Calls that read names in ways that nobody can follow; the latter only without arguments.
_DYNAMIC = frozenset({"globals", "locals", "eval", "exec", "vars", "dir"})
_DYNAMIC_IF_EMPTY = frozenset({"vars", "dir"})
_DOTTED_STRING = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

Place = tuple[tuple[int, int], ...]
"""Where a statement stands: for each block around it, outermost first, its identity and the index."""


@dataclass(frozen=True, eq=False, slots=True)
class Binding:
    """One place that binds a name.

    :param how: ``import``; ``none`` where it becomes None or is only annotated (a placeholder);
        ``del``; or anything ``other``.
    :param statement: the statement; with the ``alias`` where it is an import.
    :param redirected: whether a ``global`` or ``nonlocal`` declaration sends it to this scope.
    """

    how: How
    statement: ast.stmt
    alias: ast.alias | None
    place: Place
    redirected: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    """One use of a name, with the attributes that follow it.

    :param node: the name itself; None where it is only named by text (``__all__``, a string
        annotation that is another rewriter's, an expression whose place is unknown).
    :param chain: the attribute nodes, innermost first: of ``a.b.c`` those of ``a.b`` and ``a.b.c``.
    :param words: the attribute names where there are no nodes.
    """

    name: str
    node: ast.Name | None
    chain: tuple[ast.Attribute, ...]
    scope: Scope
    words: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The attribute names, innermost first."""
        return self.words or tuple(attribute.attr for attribute in self.chain)


@dataclass(eq=False, slots=True)
class Scope:
    """One scope and what it binds; ``kind`` is module, class, function, comprehension or type."""

    kind: Literal["module", "class", "function", "comprehension", "type"]
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    declared: dict[str, Literal["global", "nonlocal"]] = field(default_factory=dict)

    def outwards(self) -> Iterator[Scope]:
        """This scope and those around it that its code can see, innermost first."""
        only_types = True
        scope: Scope | None = self
        while scope is not None:
            if scope is self or scope.kind != "class" or only_types:
                yield scope
            only_types = only_types and scope.kind == "type"
            scope = scope.parent

    def resolve(self, name: str, also: Scope | None = None) -> Scope | None:
        """The scope whose binding a use of ``name`` in this scope means; None for a builtin.

        :param also: a scope that is to be taken as binding the name, too.
        """
        free = False
        for scope in self.outwards():
            declared = scope.declared.get(name)
            if declared == "global":
                module = _module_of(scope)
                return module if name in module.bindings or module is also else None
            free = free or declared == "nonlocal"
            if declared is None and not (free and scope.kind == "class") and (name in scope.bindings or scope is also):
                return scope
        return None


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a file, and the uses of the names of interest.

    :param dynamic: whether names are read in ways that nobody can follow.
    :param unplaced: names in f-strings whose expressions can't be located.
    :param blocks: the statement lists that a :data:`Place` speaks of, by identity.
    """

    all: tuple[Scope, ...]
    uses: tuple[Use, ...]
    dynamic: bool
    unplaced: tuple[tuple[str, ast.JoinedStr], ...]
    blocks: dict[int, Block]


def scopes_of(source: SourceFile, names: Iterable[str]) -> Scopes:
    """The scopes of a file as far as they matter to ``names``.

    :raises UnreadableSource: if the file can't be parsed.
    """
    interest = frozenset(names)
    builder = _Builder(source, interest, mentions(source, interest | _DYNAMIC))
    builder.block(source.tree.body)
    _send_to_declared(builder.scopes)
    return Scopes(tuple(builder.scopes), tuple(builder.uses), builder.dynamic, tuple(builder.unplaced), builder.blocks)


def _module_of(scope: Scope) -> Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def _send_to_declared(scopes: list[Scope]) -> None:
    """Move what is bound under a ``global`` or ``nonlocal`` declaration to the scope it means."""
    for scope in scopes:
        for name in scope.declared.keys() & scope.bindings.keys():
            moved = scope.bindings.pop(name)
            target = _module_of(scope) if scope.declared[name] == "global" else scope.resolve(name)
            if target is not None:
                target.bindings.setdefault(name, []).extend(
                    Binding(b.how, b.statement, b.alias, b.place, redirected=True) for b in moved
                )


class _Builder(ast.NodeVisitor):
    """Collects scopes, bindings and uses; enters only what holds one of the names."""

    def __init__(self, source: SourceFile, names: frozenset[str], where: Mentions) -> None:
        self.source, self.names, self.where = source, names, where
        self.scope = Scope("module", None)
        self.scopes = [self.scope]
        self.uses: list[Use] = []
        self.dynamic = False
        self.unplaced: list[tuple[str, ast.JoinedStr]] = []
        self.blocks: dict[int, Block] = {}
        self.place: Place = ()
        self.statement: ast.stmt = ast.Pass()
        self.in_annotation = False

    def block(self, statements: Block) -> None:
        """Visit the statements that hold one of the names."""
        outer, outer_statement = self.place, self.statement
        self.blocks[id(statements)] = statements
        for index, statement in enumerate(statements):
            if self.where.touch(statement):
                self.place, self.statement = (*outer, (id(statements), index)), statement
                self.visit(statement)
        self.place, self.statement = outer, outer_statement

    def generic_visit(self, node: ast.AST) -> None:
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.block(value)
            else:
                self._each(value if isinstance(value, list) else [value])

    def _each(self, values: list[ast.AST]) -> None:
        for value in values:
            if isinstance(value, ast.AST):
                self.visit(value)

    # Bindings

    def bind(self, name: str, how: How = "other", alias: ast.alias | None = None, scope: Scope | None = None) -> None:
        if name in self.names:
            target = scope or self.scope
            target.bindings.setdefault(name, []).append(Binding(how, self.statement, alias, self.place))

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0], "import", alias)

    visit_ImportFrom = visit_Import

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.declared.update(dict.fromkeys(node.names, "global" if isinstance(node, ast.Global) else "nonlocal"))

    visit_Nonlocal = visit_Global

    def visit_ExceptHandler(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self.bind(name)
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = visit_MatchMapping = visit_ExceptHandler

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        self.bind(node.target.id, scope=scope)
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign | ast.AugAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        nothing = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is None
        for target in targets:
            if isinstance(target, ast.Name):
                self.bind(target.id, "none" if nothing else "other")
                if target.id == "__all__" and self.scope.kind == "module":
                    self._exports(node.value)
            else:
                self.visit(target)
        self.visit(node.value)

    visit_AugAssign = visit_Assign

    def _exports(self, value: ast.expr) -> None:
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and part.value in self.names:
                self.uses.append(Use(str(part.value), None, (), self.scope))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        nothing = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
        if isinstance(node.target, ast.Name):
            self.bind(node.target.id, "none" if nothing else "other")
        else:
            self.visit(node.target)
        self._annotation(node.annotation)
        self._each([node.value] if node.value is not None else [])

    # Uses

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        elif isinstance(node.ctx, ast.Del):
            self.bind(node.id, "del")
            self._use(node.id, None, ())
        else:
            self._use(node.id, node, ())

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = [node]
        while isinstance(chain[-1].value, ast.Attribute):
            chain.append(chain[-1].value)
        base = chain[-1].value
        if isinstance(base, ast.Name):
            self._use(base.id, base, tuple(reversed(chain)))
        else:
            self.visit(base)

    def _use(self, name: str, node: ast.Name | None, chain: tuple[ast.Attribute, ...]) -> None:
        if name in self.names:
            self.uses.append(Use(name, node, chain, self.scope))

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _DYNAMIC:
            self.dynamic |= node.func.id not in _DYNAMIC_IF_EMPTY or not (node.args or node.keywords)
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for value in expressions(self.source, node):
            self.visit(value)
        if has_unplaced(self.source, node):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and inner.id in self.names:
                    self._use(inner.id, None, ())
                    self.unplaced.append((inner.id, node))

    def visit_Constant(self, node: ast.Constant) -> None:
        if self.in_annotation and isinstance(node.value, str) and any(name in node.value for name in self.names):
            self._string_annotation(node, node.value)

    def _string_annotation(self, node: ast.Constant, text: str) -> None:
        """The names in a quoted annotation; a plain dotted name is another rewriter's to change."""
        parts = pieces(self.source, node)
        inner = (parts[0].inner, parts[0].inner_end) if len(parts) == 1 else (0, 0)
        if _DOTTED_STRING.fullmatch(text):
            name, *words = text.split(".")
            if name in self.names:
                self.uses.append(Use(name, None, (), self.scope, tuple(words)))
        elif self.source.data[inner[0] : inner[1]] == text.encode() and (value := expression_at(self.source, *inner)):
            self.visit(value)
        else:
            for name in self.names.intersection(re.findall(r"\w+", text)):
                self._use(name, None, ())

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        before = self.in_annotation
        literal = ast.unparse(node.value).rpartition(".")[2] == "Literal" if before else False
        self.in_annotation = before and not literal
        self.visit(node.slice)
        self.in_annotation = before

    def _annotation(self, node: ast.expr | None) -> None:
        before, self.in_annotation = self.in_annotation, True
        self._each([node] if node is not None else [])
        self.in_annotation = before

    # Scopes

    def _enter(self, kind: Literal["class", "function", "comprehension", "type"]) -> Scope:
        outer, self.scope = self.scope, Scope(kind, self.scope)
        self.scopes.append(self.scope)
        return outer

    def _type_params(self, node: ast.AST) -> None:
        """Enter the scope of ``[T]`` behind a name (Python 3.12), where there is one."""
        params: list[ast.AST] = getattr(node, "type_params", [])
        if params:
            self._enter("type")
            for param in params:
                self.bind(getattr(param, "name", ""))
                self.generic_visit(param)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._each([*node.decorator_list, *_defaults(node.args)])
        self.bind(node.name)
        outer = self.scope
        self._type_params(node)
        for arg in _arguments(node.args):
            self._annotation(arg.annotation)
        self._annotation(node.returns)
        self._enter("function")
        for arg in _arguments(node.args):
            self.bind(arg.arg)
        self.block(node.body)
        self.scope = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._each([*_defaults(node.args)])
        outer = self._enter("function")
        for arg in _arguments(node.args):
            self.bind(arg.arg)
        self.visit(node.body)
        self.scope = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._each([*node.decorator_list])
        self.bind(node.name)
        outer = self.scope
        self._type_params(node)
        self._each([*node.bases, *node.keywords])
        self._enter("class")
        self.block(node.body)
        self.scope = outer

    def visit_TypeAlias(self, node: ast.AST) -> None:  # unknown to Python 3.11
        outer = self.scope
        self.visit(getattr(node, "name"))  # noqa: B009
        self._type_params(node)
        self._enter("type")
        self.visit(getattr(node, "value"))  # noqa: B009
        self.scope = outer

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        outer = self._enter("comprehension")
        for generator in node.generators:
            self.visit(generator.target)
            self._each([*generator.ifs] if generator is first else [generator.iter, *generator.ifs])
        self._each([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.scope = outer

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument for argument in every if argument is not None]


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
