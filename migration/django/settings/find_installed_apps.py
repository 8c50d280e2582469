"""Which lists in the settings' source make up INSTALLED_APPS.

The top level of each settings file is followed as Python would run it, as far as that can be done
without running it: assignments, ``+=``, ``append``, imports between settings files (star imports
too), branches, loops over known lists, classes. What is followed are not the entries but the
*places* that hold them: displays and calls that a person, or
:mod:`migration.django.settings.edit_installed_apps`, can edit. A value that is computed (a call, the
environment) is known to be there, and not guessed at.
See https://docs.djangoproject.com/en/stable/ref/settings/#installed-apps.
"""

from __future__ import annotations

import ast
import fnmatch
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from migration.python.attribute_chains import last_name
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile, UnreadableSource

SETTING = "INSTALLED_APPS"
# Calls that give back the items of their arguments
_CONTAINERS = frozenset(
    {"list", "tuple", "sorted", "set", "frozenset", "chain", "fromkeys", "filter", "copy"}
)


@dataclass(frozen=True, slots=True, eq=False)
class AppList:
    """A place in a settings file that holds entries.

    :param source: the file.
    :param node: the display, the call, or the expression that is computed.
    :param name: the variable it was assigned or added to.
    :param kind: ``display`` (list or tuple), ``append`` (a call that adds one entry), ``mention``
        (another call of a method: ``INSTALLED_APPS.remove("x")``) or ``computed``.
    :param sure: whether it counts in every run (not under an ``if``, not passed to an unknown call).
    """

    source: SourceFile
    node: ast.expr
    name: str
    kind: Literal["display", "append", "mention", "computed"]
    sure: bool = True

    @property
    def key(self) -> tuple[str, int, str]:
        """What makes two places the same."""
        return self.source.path, self.source.span(self.node)[0], self.kind

    @property
    def elements(self) -> Sequence[ast.expr]:
        """The expressions in it, stars and computed ones included."""
        if isinstance(self.node, (ast.List, ast.Tuple)):
            return self.node.elts
        return self.node.args if isinstance(self.node, ast.Call) and self.kind != "computed" else ()

    @property
    def entries(self) -> list[tuple[str, ast.Constant]]:
        """The entries written out as plain strings."""
        found = []
        for element in self.elements:
            for node in ast.walk(element) if self.kind == "mention" else [element]:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append((node.value, node))
        return found

    def __str__(self) -> str:
        return f"{self.name} in {self.source.path}:{self.node.lineno}"


Lists: TypeAlias = tuple[AppList, ...]


@dataclass(frozen=True, slots=True)
class ModuleName:
    """The value of a name that is bound to a module."""

    dotted: str


@dataclass(frozen=True, slots=True)
class ClassScope:
    """The value of a name that is bound to a class: what its body binds (django-configurations)."""

    names: Mapping[str, Value]


Value: TypeAlias = Lists | ModuleName | ClassScope
Scope: TypeAlias = dict[str, Value]


@dataclass(slots=True)
class SettingsReader:
    """Follows settings files; each is followed once.

    :param files: the settings modules by dotted name.
    """

    files: Mapping[str, SourceFile]
    scopes: dict[str, Scope] = field(default_factory=dict)
    fed: dict[tuple[str, int, str], AppList] = field(default_factory=dict)

    def scope(self, module: str) -> Scope:
        """What the module's top level binds; empty where the file can't be parsed."""
        if module not in self.scopes:
            self.scopes[module] = scope = Scope()  # entered first: settings files import one another
            source = self.files[module]
            _Body(self, source, scope).run(statements(source))
        return self.scopes[module]

    def installed(self, module: str, known: Iterable[str]) -> Lists:
        """The places that make up INSTALLED_APPS of a settings module.

        :param known: the entries that Django reports; they decide between settings classes.
        """
        scope = self.scope(module) if module in self.files else {}
        if SETTING not in scope:
            wanted = set(known)
            for value in scope.values():
                if isinstance(value, ClassScope):
                    lists = as_lists(value.names.get(SETTING))
                    if lists and {text for place in lists for text, _ in place.entries} == wanted:
                        return lists
        return as_lists(scope.get(SETTING))

    def every(self) -> Lists:
        """Every place that feeds INSTALLED_APPS in any of the files, overridden ones included."""
        for module in self.files:
            self.scope(module)
        return tuple(self.fed.values())


def statements(source: SourceFile) -> Sequence[ast.stmt]:
    """The top level of a file; nothing where it can't be parsed (Django read it, we can't)."""
    try:
        return source.tree.body
    except UnreadableSource:
        return ()


def as_lists(value: Value | None) -> Lists:
    """The value where it is made of lists, else nothing."""
    return value if isinstance(value, tuple) else ()


def _join(values: Sequence[Lists]) -> Lists:
    """What several branches leave behind; a place that not all of them share isn't sure."""
    shared = set.intersection(*({place.key for place in value} for value in values))
    joined = {place.key: place for value in values for place in value}
    return tuple(replace(place, sure=place.sure and key in shared) for key, place in joined.items())


def _unsure(lists: Lists) -> Lists:
    return tuple(replace(place, sure=False) for place in lists)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch ends the program rather than going on with other settings."""
    return bool(body) and isinstance(body[-1], ast.Raise)


@dataclass(slots=True)
class _Body:
    """Runs the statements of one file (or class), changing ``scope`` as they would."""

    reader: SettingsReader
    source: SourceFile
    scope: Scope
    outer: Scope = field(default_factory=dict)

    def run(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                self.add(name, self.lists(value, name))
            case ast.Expr(value=ast.Call() as call):
                self.call(call)
            case ast.Import(names=names):
                for alias in names:
                    bound = alias.name if alias.asname else alias.name.partition(".")[0]
                    self.scope[alias.asname or bound] = ModuleName(bound)
            case ast.ImportFrom():
                self.import_from(statement)
            case ast.If(test=ast.Compare(left=ast.Name(), ops=[ast.NotIn()]), body=body, orelse=[]):
                self.run(body)  # for app in MORE_APPS: if app not in INSTALLED_APPS: …
            case ast.If(body=body, orelse=orelse):
                self.branches([body, orelse])
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                self.branches([[*body, *orelse], *(handler.body for handler in handlers)])
                self.run(final)
            case ast.With(body=body):
                self.run(body)
            case ast.For(target=ast.Name(id=name), iter=items, body=body):
                self.scope[name] = self.lists(items, name)
                self.run(body)  # for app in MORE_APPS: INSTALLED_APPS.append(app)
            case ast.For(body=body) | ast.While(body=body):
                self.branches([body, []])
            case ast.Match(cases=cases):
                self.branches([[], *(case.body for case in cases)])
            case ast.ClassDef():
                self.class_body(statement)
            case _:
                pass

    def bind(self, name: str, value: Value) -> None:
        self.scope[name] = value
        if name == SETTING:
            for place in as_lists(value):
                self.reader.fed.setdefault(place.key, place)

    def add(self, name: str, more: Lists) -> None:
        self.bind(name, as_lists(self.get(name)) + more)

    def get(self, name: str) -> Value | None:
        return self.scope.get(name, self.outer.get(name))

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Name(id=name), ast.Name(id=other) if other in self.scope:
                self.bind(name, self.scope[other])
            case ast.Name(id=name), _:
                self.bind(name, self.lists(value, name))
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice()), _:
                self.add(name, self.lists(value, name))  # INSTALLED_APPS[:0] = [...]

    def call(self, call: ast.Call) -> None:
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend"), args=[items]):
                self.add(name, self.lists(items, name))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item]):
                if isinstance(item, ast.Constant):
                    self.add(name, (AppList(self.source, call, name, "append"),))
                else:
                    self.add(name, self.lists(item, name))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if as_lists(self.get(name)):
                self.add(name, (AppList(self.source, call, name, "mention", False),))
            case ast.Call(func=ast.Name(id="include") | ast.Attribute(attr="include"), args=args):
                self.include(args)

    def include(self, args: Iterable[ast.expr]) -> None:
        """``include("components/apps.py", optional("local.py"))`` of django-split-settings."""
        folder = posixpath.dirname(self.source.path)
        for argument in args:
            inner = argument.args[0] if isinstance(argument, ast.Call) and argument.args else argument
            if not (isinstance(inner, ast.Constant) and isinstance(inner.value, str)):
                continue
            pattern = posixpath.normpath(posixpath.join(folder, inner.value))
            for source in self.reader.files.values():
                if source is not self.source and fnmatch.fnmatchcase(source.path, pattern):
                    _Body(self.reader, source, self.scope).run(statements(source))

    def import_from(self, statement: ast.ImportFrom) -> None:
        module: str | None = statement.module or ""
        if statement.level:
            module = resolve_relative(self.source.package or "", statement.level, statement.module)
        if module is None:
            return
        for alias in statement.names:
            if alias.name == "*":
                if module in self.reader.files:
                    for name, value in self.reader.scope(module).items():
                        if not name.startswith("_"):
                            self.bind(name, value)
            else:
                value_there = self.attribute(ModuleName(module), alias.name)
                self.bind(alias.asname or alias.name, value_there if value_there is not None else ())

    def branches(self, bodies: Sequence[Sequence[ast.stmt]]) -> None:
        before, ends = dict(self.scope), []
        for body in bodies:
            self.scope.clear()
            self.scope.update(before)
            self.run(body)
            if not _leaves(body):
                ends.append(dict(self.scope))
        ends = ends or [before]
        self.scope.clear()
        for name in dict.fromkeys(name for end in ends for name in end):
            values = [end.get(name, ()) for end in ends]
            other = next((value for value in values if not isinstance(value, tuple)), None)
            self.scope[name] = other if other is not None else _join([as_lists(value) for value in values])

    def class_body(self, statement: ast.ClassDef) -> None:
        names: Scope = {}
        for base in reversed(statement.bases):
            value = self.resolve(base)
            if isinstance(value, ClassScope):
                names.update(value.names)
        _Body(self.reader, self.source, names, self.scope).run(statement.body)
        self.scope[statement.name] = ClassScope(names)

    def resolve(self, expression: ast.expr) -> Value | None:
        """The value of ``name`` or ``name.name``, as far as it is known."""
        if isinstance(expression, ast.Name):
            return self.get(expression.id)
        if isinstance(expression, ast.Attribute):
            return self.attribute(self.resolve(expression.value), expression.attr)
        return None

    def attribute(self, value: Value | None, name: str) -> Value | None:
        if isinstance(value, ClassScope):
            return value.names.get(name)
        if not isinstance(value, ModuleName):
            return None
        if value.dotted in self.reader.files:
            scope = self.reader.scope(value.dotted)
            if name in scope:
                return scope[name]
        inner = f"{value.dotted}.{name}"
        known = any(module == inner or module.startswith(inner + ".") for module in self.reader.files)
        return ModuleName(inner) if known else None

    def lists(self, value: ast.expr, name: str) -> Lists:
        """The places that make up the value of an expression which is assigned to ``name``."""
        match value:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                stars = [element.value for element in elements if isinstance(element, ast.Starred)]
                own = AppList(self.source, value, name, "display")
                return (own, *(place for star in stars for place in self.lists(star, name)))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.lists(left, name) + self.lists(right, name)
            case ast.Name() | ast.Attribute():
                known = self.resolve(value)
                return known if isinstance(known, tuple) else self.computed(value, name)
            case ast.IfExp(body=left, orelse=right):
                return _join([self.lists(left, name), self.lists(right, name)])
            case ast.BoolOp(values=values):
                return _unsure(tuple(place for part in values for place in self.lists(part, name)))
            case ast.NamedExpr(value=inner) | ast.Subscript(value=inner, slice=ast.Slice()):
                return self.lists(inner, name)
            case ast.ListComp(elt=item, generators=[loop]) | ast.GeneratorExp(elt=item, generators=[loop]):
                if isinstance(item, ast.Name) and ast.dump(item) == ast.dump(_loaded(loop.target)):
                    return self.lists(loop.iter, name)
            case ast.Call(func=func, args=args):
                called = last_name(func)
                if called == "copy" and isinstance(func, ast.Attribute) and not args:
                    return self.lists(func.value, name)
                if called in _CONTAINERS and args:
                    items = args[1:] if called == "filter" else args
                    return tuple(place for item in items for place in self.lists(item, name))
            case ast.Constant():
                return ()
        return self.computed(value, name)

    def computed(self, value: ast.expr, name: str) -> Lists:
        """A value that can't be followed; lists inside it may or may not count."""
        return (AppList(self.source, value, name, "computed"), *self.inside(value, name))

    def inside(self, value: ast.expr, name: str) -> Iterator[AppList]:
        for node in ast.walk(value):
            if node is value:
                continue
            if isinstance(node, (ast.List, ast.Tuple)):
                yield AppList(self.source, node, name, "display", False)
            elif isinstance(node, ast.Name) and node.id in self.scope:
                yield from _unsure(as_lists(self.scope[node.id]))


def _loaded(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target
