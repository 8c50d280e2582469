"""Statements of LibCST as nodes of :mod:`ast`, with the places that Python's own parser gives them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from migration.python.newer.expressions import Expressions, operator
from migration.python.newer.nodes import UnknownSyntax, node_class, to_context
from migration.python.newer.patterns import pattern


class Statements(Expressions):
    """Makes statements; the name of a method that starts with ``_s_`` is the class in LibCST."""

    def block(self, nodes: Any) -> list[Any]:
        """The statements of a module or suite.

        :raises UnknownSyntax: for a kind that isn't known here.
        """
        found: list[Any] = []
        for node in nodes:
            if type(node).__name__ == "SimpleStatementLine":
                found += self.block(node.body)
                continue
            make: Callable[[Any], Any] | None = getattr(self, f"_s_{type(node).__name__}", None)
            if make is None:
                raise UnknownSyntax(type(node).__name__)
            made = make(node)
            found.append(made if hasattr(made, "lineno") else self.text.put(made, self.text.span(node)))
        return found

    def _body(self, node: Any) -> list[Any]:
        return self.block(node.body.body) if node is not None else []

    # Simple statements

    def _s_Expr(self, node: Any) -> Any:
        return ast.Expr(self.expression(node.value))

    def _s_Pass(self, node: Any) -> Any:
        return ast.Pass()

    def _s_Break(self, node: Any) -> Any:
        return ast.Break()

    def _s_Continue(self, node: Any) -> Any:
        return ast.Continue()

    def _s_Return(self, node: Any) -> Any:
        return ast.Return(self.optional(node.value))

    def _s_Raise(self, node: Any) -> Any:
        return ast.Raise(self.optional(node.exc), self.expression(node.cause.item) if node.cause else None)

    def _s_Assert(self, node: Any) -> Any:
        return ast.Assert(self.expression(node.test), self.optional(node.msg))

    def _s_Global(self, node: Any) -> Any:
        return ast.Global([item.name.value for item in node.names])

    def _s_Nonlocal(self, node: Any) -> Any:
        return ast.Nonlocal([item.name.value for item in node.names])

    def _s_Del(self, node: Any) -> Any:
        bare = type(node.target).__name__ == "Tuple" and not node.target.lpar
        made = self.expression(node.target)
        return ast.Delete([to_context(target, ast.Del()) for target in (made.elts if bare else [made])])

    def _s_Assign(self, node: Any) -> Any:
        return ast.Assign([self.stored(target.target) for target in node.targets], self.expression(node.value))

    def _s_AugAssign(self, node: Any) -> Any:
        return ast.AugAssign(self.stored(node.target), operator(node.operator), self.expression(node.value))

    def _s_AnnAssign(self, node: Any) -> Any:
        annotation, value = self.expression(node.annotation.annotation), self.optional(node.value)
        simple = int(type(node.target).__name__ == "Name" and not node.target.lpar)
        return ast.AnnAssign(self.stored(node.target), annotation, value, simple)

    def _s_Import(self, node: Any) -> Any:
        return ast.Import([self._alias(alias) for alias in node.names])

    def _s_ImportFrom(self, node: Any) -> Any:
        module = _dotted(node.module) if node.module is not None else None
        if type(node.names).__name__ == "ImportStar":
            names = [self.text.put(ast.alias("*"), self.text.span(node.names))]
        else:
            names = [self._alias(alias) for alias in node.names]
        return ast.ImportFrom(module, names, len(node.relative))

    def _s_LazyImport(self, node: Any) -> Any:
        return self._behind_lazy(self._s_Import(node), node, b"import")

    def _s_LazyImportFrom(self, node: Any) -> Any:
        return self._behind_lazy(self._s_ImportFrom(node), node, b"from")

    def _behind_lazy(self, made: Any, node: Any, word: bytes) -> Any:
        """``lazy import a``: what follows the first word is an import as any other."""
        start, end = self.text.span(node)
        return self.text.put(made, (self.text.data.index(word, start), end))

    def _alias(self, node: Any) -> Any:
        name = node.asname.name.value if node.asname is not None else None
        return self.text.put(ast.alias(_dotted(node.name), name), self.text.span(node))

    def _s_TypeAlias(self, node: Any) -> Any:
        made = node_class("TypeAlias", "stmt", "name", "type_params", "value")()
        made.name, made.value = self.stored(node.name), self.expression(node.value)
        made.type_params = self._type_parameters(node.type_parameters)
        return made

    # Compound statements

    def _s_If(self, node: Any) -> Any:
        is_elif = type(node.orelse).__name__ == "If"
        other = self.block([node.orelse]) if is_elif else self._body(node.orelse)
        made = ast.If(self.expression(node.test), self._body(node), other)
        return self._ending(made, node, made.body, other)

    def _s_While(self, node: Any) -> Any:
        made = ast.While(self.expression(node.test), self._body(node), self._body(node.orelse))
        return self._ending(made, node, made.body, made.orelse)

    def _s_For(self, node: Any) -> Any:
        make: Any = ast.AsyncFor if node.asynchronous is not None else ast.For
        target, iterable = self.stored(node.target), self.expression(node.iter)
        made = make(target, iterable, self._body(node), self._body(node.orelse))
        return self._ending(made, node, made.body, made.orelse)

    def _s_With(self, node: Any) -> Any:
        make: Any = ast.AsyncWith if node.asynchronous is not None else ast.With
        items = []
        for item in node.items:
            name = self.stored(item.asname.name) if item.asname is not None else None
            items.append(ast.withitem(self.expression(item.item), name))
        made = make(items, self._body(node))
        return self._ending(made, node, made.body)

    def _s_Try(self, node: Any) -> Any:
        make: Any = ast.TryStar if type(node).__name__ == "TryStar" else ast.Try
        handlers = [self._handler(handler) for handler in node.handlers]
        made = make(self._body(node), handlers, self._body(node.orelse), self._body(node.finalbody))
        return self._ending(made, node, made.body, handlers, made.orelse, made.finalbody)

    _s_TryStar = _s_Try

    def _handler(self, node: Any) -> Any:
        name = node.name.name.value if node.name is not None else None
        made = ast.ExceptHandler(self.optional(node.type), name, self._body(node))
        return self._ending(made, node, made.body)

    def _s_FunctionDef(self, node: Any) -> Any:
        kind = "AsyncFunctionDef" if node.asynchronous is not None else "FunctionDef"
        made = self._generic(kind, node)
        made.args = self.parameters(node.params)
        made.returns = self.expression(node.returns.annotation) if node.returns is not None else None
        made.type_comment = None
        return self._ending(made, node, made.body)

    def _s_ClassDef(self, node: Any) -> Any:
        made = self._generic("ClassDef", node)
        made.bases, made.keywords = self.arguments([*node.bases, *node.keywords])
        return self._ending(made, node, made.body)

    def _generic(self, kind: str, node: Any) -> Any:
        """A function or class with what both have; type parameters only where it has some."""
        params = self._type_parameters(node.type_parameters)
        made = node_class(kind, kind, "type_params")() if params else getattr(ast, kind)()
        made.name = node.name.value
        made.decorator_list = [self.expression(decorator.decorator) for decorator in node.decorators]
        made.body = self._body(node)
        if "type_params" in made._fields:
            made.type_params = params
        return made

    def _s_Match(self, node: Any) -> Any:
        cases = [
            ast.match_case(pattern(self, case.pattern), self.optional(case.guard), self._body(case))
            for case in node.cases
        ]
        made = ast.Match(self.expression(node.subject), cases)
        return self._ending(made, node, cases[-1].body)

    def _ending(self, made: Any, node: Any, *blocks: list[Any]) -> Any:
        """Give a compound statement its place: it ends where the last statement in it does."""
        last = [block for block in blocks if block][-1][-1]
        return self.text.put_before(made, self.text.span(node)[0], last)

    def _type_parameters(self, node: Any) -> list[Any]:
        """What stands in the brackets behind the name of a function, class or type alias."""
        made = []
        for item in node.params if node is not None else ():
            kind, param = type(item.param).__name__, item.param
            with_bound = ("bound",) if kind == "TypeVar" else ()
            with_default = ("default_value",) if item.default is not None else ()
            new = node_class(kind, "AST", "name", *with_bound, *with_default)()
            new.name = param.name.value
            if with_bound:
                new.bound = self.optional(param.bound)
            if item.default is not None:
                value = self.expression(item.default)
                star = self.text.data.rfind(b"*", 0, self.text.outer(item.default)[0])
                span = star, self.text.outer(item.default)[1]
                new.default_value = self.text.put(ast.Starred(value, ast.Load()), span) if item.star else value
            elif "default_value" in new._fields:
                new.default_value = None
            end = self.text.outer(item.default)[1] if item.default is not None else self._end_of_parameter(param)
            made.append(self.text.put(new, (self.text.span(param)[0], end)))
        return made

    def _end_of_parameter(self, node: Any) -> int:
        bound = getattr(node, "bound", None)
        return self.text.outer(bound if bound is not None else node.name)[1]


def _dotted(node: Any) -> str:
    """``a.b`` of an import."""
    if type(node).__name__ == "Attribute":
        return f"{_dotted(node.value)}.{node.attr.value}"
    return str(node.value)
