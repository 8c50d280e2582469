"""What a module's ``__getattr__`` gives for which name, where that can be read off (pure).

Read are chains of ``if name == "X":`` (``in``, ``match``), tables that the function mentions
(name -> module, name -> (module, attribute), name -> ``"module:attribute"``, module -> names), and a
last ``return getattr(module, name)``. See https://peps.python.org/pep-0562/.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from migration.python.relative_imports import resolve_relative

Row: TypeAlias = tuple[str, str | tuple[str, ...], int]  # key, value or values, line
# (module, attribute): the module itself where the attribute is "", the asked-for name where it is "*"
Target: TypeAlias = tuple[str, str]
_ASKED = "*"


@dataclass(frozen=True, slots=True)
class Lazy:
    """What ``__getattr__`` gives.

    :param names: name -> (module, attribute, line); the module is empty where it is computed here.
    :param rows: rows of tables, whose meaning depends on which modules there are.
    :param forwards: modules that are asked for every other name.
    :param open: the line from which on any other name may be given; 0 if none.
    """

    names: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    forwards: tuple[str, ...] = ()
    open: int = 0


def analyse(
    function: ast.FunctionDef | ast.AsyncFunctionDef, package: str, values: Mapping[str, ast.expr]
) -> Lazy:
    """Read a ``__getattr__``.

    :param package: what its relative imports start from.
    :param values: what the module's names were assigned.
    """
    if not function.args.args:
        return Lazy(open=function.lineno)
    reader = _Function(function.args.args[0].arg, package, dict(values))
    rows: list[Row] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            reader.values.setdefault(node.targets[0].id, node.value)
    for name in dict.fromkeys(node.id for node in ast.walk(function) if isinstance(node, ast.Name)):
        if name in reader.values and name not in ("__all__", reader.asked):
            rows += assigned_table(reader.values[name], reader.values) or []
    reader.tabled = {
        text for row in rows for text in (row[0], *(row[1] if isinstance(row[1], tuple) else ()))
    }
    reader.run(function.body, None, {})
    return Lazy(reader.names, tuple(rows), tuple(dict.fromkeys(reader.forwards)), 0 if rows else reader.open)


def assigned_table(value: ast.expr, values: Mapping[str, ast.expr], depth: int = 0) -> list[Row] | None:
    """The rows of a literal dictionary with strings as keys, or of one made from such; else None."""
    again = depth + 1
    match value:
        case _ if depth > 5:
            return None
        case ast.Dict(keys=keys, values=items):
            rows: list[Row] = []
            for key, item in zip(keys, items, strict=True):
                if key is None:  # {**OTHER}
                    rows += assigned_table(item, values, again) or []
                elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                    cell = _cell(item)
                    if cell is None:
                        return None
                    rows.append((key.value, cell, key.lineno))
            return rows or None
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=[_, *_] as keywords):
            cells = [(word.arg, _cell(word.value), word.value.lineno) for word in keywords]
            return [(arg, cell, line) for arg, cell, line in cells if arg and cell is not None] or None
        case ast.Call(args=[ast.Dict() as inner]):  # MappingProxyType({...})
            return assigned_table(inner, values, again)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [
                *(assigned_table(left, values, again) or []),
                *(assigned_table(right, values, again) or []),
            ] or None
        case ast.DictComp(generators=generators):  # {name: module for module, names in TABLE.items() for …}
            for node in ast.walk(generators[0].iter):
                if isinstance(node, ast.Name) and node.id in values:
                    return assigned_table(values[node.id], values, again)
            return None
        case ast.Name(id=name) if name in values:
            return assigned_table(values[name], values, again)
        case _:
            return None


def _cell(item: ast.expr) -> str | tuple[str, ...] | None:
    if isinstance(item, ast.Constant) and isinstance(item.value, str):
        return item.value
    if isinstance(item, (ast.Tuple, ast.List, ast.Set)):
        texts = [e.value for e in item.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
        return tuple(texts) if len(texts) == len(item.elts) else None
    return None


@dataclass(slots=True)
class _Function:
    """Goes through the body; ``scope`` is the names that can have come this far, None for any."""

    asked: str
    package: str
    values: dict[str, ast.expr]
    names: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    forwards: list[str] = field(default_factory=list)
    tabled: set[str] = field(default_factory=set)
    open: int = 0

    def run(self, body: Iterable[ast.stmt], scope: Sequence[str] | None, known: dict[str, Target]) -> None:
        for statement in body:
            match statement:
                case ast.If(test=test, body=inner, orelse=orelse):
                    names, negated = self.tested(test)
                    self.run(inner, scope if names is None or negated else names, dict(known))
                    self.run(orelse, scope if names is None or not negated else names, dict(known))
                    if names is not None and negated and isinstance(inner[-1], (ast.Raise, ast.Return)):
                        scope = names
                case ast.Match(subject=ast.Name(id=self.asked), cases=cases):
                    for case in cases:
                        self.run(case.body, _case_names(case.pattern) or scope, dict(known))
                case ast.Import(names=aliases):
                    for alias in aliases:
                        top = alias.name if alias.asname else alias.name.partition(".")[0]
                        known[alias.asname or top] = (top, "")
                case ast.ImportFrom(names=aliases):
                    module = statement.module or ""
                    if statement.level:
                        module = resolve_relative(self.package, statement.level, statement.module) or ""
                    for alias in aliases:
                        known[alias.asname or alias.name] = (module, alias.name)
                case ast.Assign(targets=targets, value=value):
                    target = self.target(value, known)
                    for node in targets:
                        if isinstance(node, ast.Name) and target:
                            known[node.id] = target
                case ast.Return(value=ast.expr() as value):
                    self.given(value, scope, known)
                case ast.Try(body=inner, handlers=handlers, orelse=orelse, finalbody=final):
                    for block in (inner, orelse, *(handler.body for handler in handlers), final):
                        self.run(block, scope, known)
                case ast.With(body=inner) | ast.For(body=inner) | ast.While(body=inner):
                    self.run(inner, scope, known)
                case _:
                    pass

    def given(self, value: ast.expr, scope: Sequence[str] | None, known: Mapping[str, Target]) -> None:
        target = self.target(value, known)
        if scope is None:
            if target is not None and target[1] == _ASKED:
                self.forwards.append(target[0])
            elif not (isinstance(value, ast.Call) and ast.unparse(value.func).endswith("__getattribute__")):
                self.open = self.open or value.lineno
            return
        for name in scope:
            if target is not None:
                attribute = name if target[1] == _ASKED else target[1]
                self.names.setdefault(name, (target[0].replace(_ASKED, name), attribute, value.lineno))
            elif name not in self.tabled:
                self.names.setdefault(name, ("", "", value.lineno))

    def target(self, value: ast.expr, known: Mapping[str, Target]) -> Target | None:
        """What an expression gives: (module, attribute), or None where it is computed."""
        match value:
            case ast.Name(id=name):
                return known.get(name)
            case ast.Attribute(value=inner, attr=attribute):
                base = self.target(inner, known)
                return _attribute(base, attribute)
            case ast.Call(func=ast.Name(id="getattr"), args=[inner, what, *_]):
                base = self.target(inner, known)
                if isinstance(what, ast.Name) and what.id == self.asked:
                    return _attribute(base, _ASKED)
                text = what.value if isinstance(what, ast.Constant) else None
                return _attribute(base, text) if isinstance(text, str) else None
            case ast.Call(args=[what, *_]) if ast.unparse(value.func).endswith("import_module"):
                text = self.text(what)
                if text is None:
                    return None
                stripped = text.lstrip(".")
                level = len(text) - len(stripped)
                module = resolve_relative(self.package, level, stripped or None) if level else stripped
                return (module, "") if module else None
            case _:
                return None

    def text(self, value: ast.expr) -> str | None:
        """A string that may hold the asked-for name (written as ``*``) or the module's own."""
        match value:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=self.asked):
                return _ASKED
            case ast.Name(id="__name__" | "__package__"):
                return self.package
            case ast.FormattedValue(value=inner):
                return self.text(inner)
            case ast.JoinedStr(values=parts):
                texts = [self.text(part) for part in parts]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                texts = [self.text(left), self.text(right)]
            case _:
                return None
        return None if None in texts else "".join(text for text in texts if text is not None)

    def tested(self, test: ast.expr) -> tuple[list[str] | None, bool]:
        """The names for which a test holds, and whether it is rather those for which it doesn't."""
        match test:
            case ast.Compare(left=ast.Name(id=self.asked), ops=[operator], comparators=[right]):
                names = (
                    self.collection(right) if isinstance(operator, (ast.In, ast.NotIn)) else _strings([right])
                )
                return names, isinstance(operator, (ast.NotIn, ast.NotEq))
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Name(id=self.asked)]):
                return _strings([left]), False
            case ast.BoolOp(op=ast.Or(), values=values):
                found = [self.tested(value) for value in values]
                if all(names is not None and not negated for names, negated in found):
                    return [name for names, _ in found for name in names or ()], False
            case ast.BoolOp(op=ast.And(), values=values):
                return next((f for f in map(self.tested, values) if f[0] is not None), (None, False))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                names, negated = self.tested(operand)
                return names, not negated
        return None, False

    def collection(self, value: ast.expr) -> list[str] | None:
        match value:
            case ast.Name(id=name) if name in self.values:
                return self.collection(self.values[name])
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return _strings(elements)
            case ast.Call(func=ast.Name(id="frozenset" | "set" | "list" | "tuple"), args=[inner]):
                return self.collection(inner)
            case _:
                table = assigned_table(value, self.values)
                return None if table is None else [key for key, _, _ in table]


def _attribute(base: Target | None, attribute: str) -> Target | None:
    """An attribute of a module; of something else it is computed."""
    if base is None or _ASKED in base[1]:
        return None
    module, name = base
    return (f"{module}.{name}" if name else module, attribute)


def _strings(nodes: Iterable[ast.expr]) -> list[str] | None:
    texts = [node.value if isinstance(node, ast.Constant) else None for node in nodes]
    return (
        [text for text in texts if isinstance(text, str)] if all(isinstance(t, str) for t in texts) else None
    )


def _case_names(pattern: ast.pattern) -> list[str] | None:
    match pattern:
        case ast.MatchValue(value=ast.Constant(value=str(text))):
            return [text]
        case ast.MatchOr(patterns=patterns):
            found = [_case_names(inner) for inner in patterns]
            return [name for names in found for name in names or ()] if all(found) else None
        case _:
            return None
