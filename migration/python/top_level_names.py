"""What the top level of one module binds, read from its syntax tree alone (pure).

Nothing is looked up in other modules here: an import is noted as what it says, a star as a star.
:mod:`migration.python.exports` puts the modules together. Rules of
https://docs.python.org/3/reference/simple_stmts.html#the-import-statement and, for ``__getattr__``,
https://peps.python.org/pep-0562/.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from migration.core.names import is_within
from migration.python.attribute_chains import dotted_name
from migration.python.dunder_all import AllStep, all_parts
from migration.python.module_getattr import Lazy, analyse
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile, parse

# What needs a look at the whole tree
_RARE = re.compile(rb"(?m)^[ \t]+global\s|:=|^[ \t]+case\s")

Kind: TypeAlias = Literal["definition", "import", "module", "alias", "lazy"]


@dataclass(frozen=True, slots=True)
class Binding:
    """How a name gets bound.

    :param kind: ``definition`` (here), ``import`` (``name`` of ``module``), ``module`` (the module
        ``module``), ``alias`` (the dotted expression ``name`` of this module) or ``lazy``
        (``name`` of ``module``, by ``__getattr__``; the module itself where ``name`` is empty).
    :param star: whether it came through ``import *``.
    :param typing: whether only type checkers see it (``if TYPE_CHECKING``).
    """

    line: int
    kind: Kind
    module: str = ""
    name: str = ""
    star: bool = False
    typing: bool = False


@dataclass(frozen=True, slots=True)
class Star:
    """``from module import *``."""

    line: int
    module: str
    typing: bool = False


@dataclass(frozen=True, slots=True)
class Surface:
    """The top level of one module.

    :param events: (name, binding) in order; None for a binding is ``del``; a star stands for itself.
    :param submodules: submodules of this package that its own imports load, and so bind.
    :param all_steps: what is done to ``__all__``, in order; empty where there is none.
    :param lazy: what ``__getattr__`` gives.
    :param dynamic: (line, what) for each way in which the module may bind more than can be read.
    """

    path: str
    package: str
    events: tuple[tuple[str, Binding | None] | Star, ...]
    submodules: frozenset[str]
    all_steps: tuple[AllStep, ...]
    lazy: Lazy
    dynamic: tuple[tuple[int, str], ...]


def surface(source: SourceFile) -> Surface:
    """Read one module.

    :raises UnreadableSource: if it can't be parsed.
    """
    tree = source.tree if source.is_parsed else parse(source.data)  # not kept: trees are big
    reader = _Reader(source.module or "", source.package or "")
    reader.run(tree.body)
    dynamic = [*reader.dynamic, *_dynamic(source.data, tree)]
    lazy = analyse(reader.getattr, reader.package, reader.values) if reader.getattr else Lazy()
    if lazy.open:
        dynamic.append((lazy.open, "__getattr__ computes names"))
    bound = {event[0] for event in reader.events if not isinstance(event, Star)}
    late = [(name, binding) for name, binding in _late(source.data, tree) if name not in bound]
    return Surface(
        source.path,
        reader.package,
        (*reader.events, *late),
        frozenset(reader.submodules),
        tuple(reader.all_steps),
        lazy,
        tuple(dynamic),
    )


@dataclass(slots=True)
class _Reader:
    """Goes through the statements of the top level in order."""

    module: str
    package: str
    events: list[tuple[str, Binding | None] | Star] = field(default_factory=list)
    submodules: set[str] = field(default_factory=set)
    all_steps: list[AllStep] = field(default_factory=list)
    values: dict[str, ast.expr] = field(default_factory=dict)
    getattr: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    dynamic: list[tuple[int, str]] = field(default_factory=list)
    typing: bool = False

    def run(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, statement: ast.stmt) -> None:
        line = statement.lineno
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self.bind(name, Binding(line, "definition"))
                if name == "__getattr__" and isinstance(statement, ast.FunctionDef):
                    self.getattr = statement
            case ast.Import():
                self.import_modules(statement)
            case ast.ImportFrom():
                self.import_from(statement)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value)
            case ast.AnnAssign(target=target, value=value):
                self.assign(target, value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                self.all_step(line, "add", value)
            case ast.AugAssign(target=target):
                self.targets(target)
            case ast.Expr(value=ast.Call() as call):
                self.call(call)
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self.events.append((target.id, None))
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), orelse=orelse):
                self.run(orelse)  # a script's own part
            case ast.If(test=test, body=body, orelse=orelse):
                self.branches(body, orelse, _for_type_checkers(test))
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                self.branches([*body, *orelse], [s for handler in handlers for s in handler.body])
                self.run(final)
            case ast.For(target=target, body=body, orelse=orelse):
                self.targets(target)
                self.run([*body, *orelse])
            case ast.While(body=body, orelse=orelse):
                self.run([*body, *orelse])
            case ast.With(items=items, body=body):
                for item in items:
                    if item.optional_vars is not None:
                        self.targets(item.optional_vars)
                self.run(body)
            case ast.Match(cases=cases):
                for case in cases:
                    self.run(case.body)
            case _ if type(statement).__name__ == "TypeAlias":  # Python 3.12
                self.targets(statement.name)  # type: ignore[attr-defined,unused-ignore]

    def bind(self, name: str, binding: Binding) -> None:
        self.events.append((name, replace(binding, typing=self.typing)))

    def targets(self, target: ast.expr) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.bind(node.id, Binding(node.lineno, "definition"))

    def branches(
        self, body: Sequence[ast.stmt], other: Sequence[ast.stmt], typing: tuple[bool, bool] = (False, False)
    ) -> None:
        """What the first branch binds wins: an ``except ImportError`` only makes up for it."""
        outer, start = self.typing, len(self.events)
        self.typing = outer or typing[0]
        self.run(body)
        middle, steps = len(self.events), len(self.all_steps)
        self.typing = outer or typing[1]
        self.run(other)
        self.typing = outer
        first = {event[0] for event in self.events[start:middle] if not isinstance(event, Star)}
        second = {event[0] for event in self.events[middle:] if not isinstance(event, Star)}
        for at, event in enumerate(self.events[start:middle], start):
            if not isinstance(event, Star) and event[0] in second and event[1] is not None:
                self.events[at] = event[0], replace(event[1], typing=outer)
        kept = [event for event in self.events[middle:] if isinstance(event, Star) or event[0] not in first]
        self.events[middle:] = kept
        # One of the two counts: better a name too many in __all__ than one too few.
        also = [replace(step, how="add") if step.how == "set" else step for step in self.all_steps[steps:]]
        self.all_steps[steps:] = also

    def import_modules(self, statement: ast.Import) -> None:
        for alias in statement.names:
            if alias.asname:
                self.bind(alias.asname, Binding(statement.lineno, "module", alias.name))
            else:
                top = alias.name.partition(".")[0]
                self.bind(top, Binding(statement.lineno, "module", top))
            self.loads(alias.name)

    def import_from(self, statement: ast.ImportFrom) -> None:
        module: str | None = statement.module
        if statement.level:
            module = resolve_relative(self.package, statement.level, statement.module)
        if not module:  # leaves the top level package: it can't be run
            names = [alias.asname or alias.name for alias in statement.names if alias.name != "*"]
            for name in names:
                self.bind(name, Binding(statement.lineno, "definition"))
            return
        self.loads(module)
        for alias in statement.names:
            if alias.name == "*":
                self.events.append(Star(statement.lineno, module, self.typing))
            else:
                name = alias.asname or alias.name
                self.bind(name, Binding(statement.lineno, "import", module, alias.name))

    def loads(self, module: str) -> None:
        """An import of a submodule binds it in its package, too."""
        if self.module == self.package and self.module and is_within(module, self.module):
            inner = module[len(self.module) + 1 :].partition(".")[0]
            if inner:
                self.submodules.add(inner)

    def assign(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            name = target.id
            if name == "__all__" and value is not None:
                self.all_step(target.lineno, "set", value)
            dotted = dotted_name(value)
            if dotted and dotted.partition(".")[0] != name:
                self.bind(name, Binding(target.lineno, "alias", name=dotted))
            else:
                self.bind(name, Binding(target.lineno, "definition"))
            if value is not None:
                self.values[name] = value
                if name == "__getattr__":
                    self.dynamic.append((target.lineno, "__getattr__ is made by a call"))
        elif isinstance(target, ast.Subscript) and _is_call(target.value, "globals"):
            if isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
                self.bind(target.slice.value, Binding(target.lineno, "definition"))
        else:
            self.targets(target)
            names = [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
            for name in {"__all__", "__getattr__"}.intersection(names):
                self.dynamic.append((target.lineno, f"{name} is made by a call"))
                if name == "__all__":
                    self.all_steps.append(AllStep(target.lineno, "set", None))

    def call(self, call: ast.Call) -> None:
        """``__all__.extend(...)`` and the like."""
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"), attr=method), args=args):
                if method == "extend" and len(args) == 1:
                    self.all_step(call.lineno, "add", args[0])
                elif method in ("append", "remove") and len(args) == 1:
                    how: Literal["add", "remove"] = "add" if method == "append" else "remove"
                    self.all_step(call.lineno, how, ast.List(args, ast.Load()))
                elif method not in ("sort", "reverse"):  # which names there are then is computed
                    self.all_steps.append(AllStep(call.lineno, "add", None))

    def all_step(self, line: int, how: Literal["set", "add", "remove"], value: ast.expr) -> None:
        parts = all_parts(value, self.values)
        self.all_steps.append(AllStep(line, how, None if parts is None else tuple(parts)))


def _for_type_checkers(test: ast.expr) -> tuple[bool, bool]:
    """Whether only type checkers see the body of an ``if``, and whether only they see the ``else``."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _for_type_checkers(test.operand)[::-1]
    return dotted_name(test).rpartition(".")[2] == "TYPE_CHECKING", False


def _is_call(node: ast.expr, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _late(data: bytes, tree: ast.Module) -> Iterator[tuple[str, Binding]]:
    """Names bound by ``global`` in a function, by ``:=`` and by ``case``; rare: the text is asked first."""
    if _RARE.search(data) is None:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from ((name, Binding(node.lineno, "definition")) for name in node.names)
    for node in _outside_functions(tree):
        match node:
            case (
                ast.NamedExpr(target=ast.Name(id=name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name, Binding(node.lineno, "definition")


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """What runs in the module's own scope: of a function only its decorators and defaults."""
    pending = [*ast.iter_child_nodes(node)][::-1]
    while pending:
        child = pending.pop()
        match child:
            case (
                ast.FunctionDef(decorator_list=outer, args=args)
                | ast.AsyncFunctionDef(decorator_list=outer, args=args)
            ):
                parts: list[ast.AST] = [*outer, *args.defaults, *(d for d in args.kw_defaults if d)]
            case ast.ClassDef(decorator_list=outer, bases=bases, keywords=keywords):
                parts = [*outer, *bases, *keywords]
            case ast.Lambda():
                parts = []
            case _:
                yield child
                parts = [*ast.iter_child_nodes(child)]
        pending += reversed(parts)


def _dynamic(data: bytes, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Ways to bind names that can't be read: ``globals().update(...)``, ``sys.modules[__name__] = ...``."""
    if not any(word in data for word in (b"globals(", b"sys.modules", b"vars(", b"locals(", b"exec(")):
        return
    for statement in tree.body:
        # What __getattr__ stores is only what it gave before.
        if isinstance(statement, ast.FunctionDef) and statement.name == "__getattr__":
            continue
        inside = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        spaces = ("globals",) if inside else ("globals", "locals", "vars")
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=space, attr="update" | "setdefault")) if _is_call(
                    space, *spaces
                ):
                    yield node.lineno, f"{ast.unparse(node.func)}(...)"
                case ast.Assign(targets=[ast.Subscript(value=space, slice=key)]) if _is_call(space, *spaces):
                    if inside or not isinstance(key, ast.Constant):
                        yield node.lineno, f"{ast.unparse(space)}[...] = ..."
                case ast.Assign(value=space) if _is_call(space, *spaces):
                    yield node.lineno, f"{ast.unparse(node)}"
                case ast.Assign(targets=[ast.Subscript() as target]) if _is_self(target):
                    yield node.lineno, "sys.modules[__name__] = ..."
                case ast.Assign(value=ast.Subscript() as value) if _is_self(value):
                    yield node.lineno, f"{ast.unparse(node)}"
                case ast.Call(func=ast.Name(id="setattr"), args=[ast.Subscript() as target, *_]) if _is_self(
                    target
                ):
                    yield node.lineno, "setattr(sys.modules[__name__], ...)"
                case ast.Call(func=ast.Name(id="exec")) if not inside:
                    yield node.lineno, "exec(...)"


def _is_self(node: ast.Subscript) -> bool:
    return dotted_name(node.value) in ("sys.modules", "modules") and dotted_name(node.slice) == "__name__"
