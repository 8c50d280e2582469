"""Expressions of LibCST as nodes of :mod:`ast`, with the places that Python's own parser gives them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from migration.python.newer.nodes import Text, UnknownSyntax, to_context
from migration.python.newer.strings import string

_SINGLETONS = {"None": None, "True": True, "False": False}
_UNARY = {"Plus": ast.UAdd, "Minus": ast.USub, "BitInvert": ast.Invert, "Not": ast.Not}
_BINARY = {
    "Add": ast.Add, "Subtract": ast.Sub, "Multiply": ast.Mult, "Divide": ast.Div, "FloorDivide": ast.FloorDiv,
    "Modulo": ast.Mod, "Power": ast.Pow, "LeftShift": ast.LShift, "RightShift": ast.RShift, "BitOr": ast.BitOr,
    "BitAnd": ast.BitAnd, "BitXor": ast.BitXor, "MatrixMultiply": ast.MatMult,
}  # fmt: skip
_COMPARE = {
    "LessThan": ast.Lt, "GreaterThan": ast.Gt, "Equal": ast.Eq, "NotEqual": ast.NotEq, "LessThanEqual": ast.LtE,
    "GreaterThanEqual": ast.GtE, "In": ast.In, "NotIn": ast.NotIn, "Is": ast.Is, "IsNot": ast.IsNot,
}  # fmt: skip


def operator(node: Any) -> ast.operator:
    """The operator of ``a + b``, or of ``a += b``."""
    return _BINARY[type(node).__name__.removesuffix("Assign")]()


class Expressions:
    """Makes expressions; the name of a method that starts with ``_x_`` is the class in LibCST."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def expression(self, node: Any) -> Any:
        """The node of an expression.

        :raises UnknownSyntax: for a kind that isn't known here.
        """
        make: Callable[[Any], Any] | None = getattr(self, f"_x_{type(node).__name__}", None)
        if make is None:
            raise UnknownSyntax(type(node).__name__)
        made = make(node)
        return made if hasattr(made, "lineno") else self.text.put(made, self.text.span(node))

    def optional(self, node: Any) -> Any:
        """The same where there may be none."""
        return None if node is None else self.expression(node)

    def stored(self, node: Any) -> Any:
        """The node of an expression that is assigned to."""
        return to_context(self.expression(node), ast.Store())

    # Atoms

    def _x_Name(self, node: Any) -> Any:
        if node.value in _SINGLETONS:
            return ast.Constant(_SINGLETONS[node.value])
        return ast.Name(node.value, ast.Load())

    def _x_Ellipsis(self, node: Any) -> Any:
        return ast.Constant(...)

    def _x_Integer(self, node: Any) -> Any:
        return ast.Constant(ast.literal_eval(node.value))

    _x_Float = _x_Imaginary = _x_Integer

    def _x_SimpleString(self, node: Any) -> Any:
        return string(self.text, node, self.expression)

    _x_ConcatenatedString = _x_FormattedString = _x_TemplatedString = _x_SimpleString

    # Operators

    def _x_UnaryOperation(self, node: Any) -> Any:
        return ast.UnaryOp(_UNARY[type(node.operator).__name__](), self.expression(node.expression))

    def _x_BinaryOperation(self, node: Any) -> Any:
        return ast.BinOp(self.expression(node.left), operator(node.operator), self.expression(node.right))

    def _x_BooleanOperation(self, node: Any) -> Any:
        kind = type(node.operator)
        return ast.BoolOp(ast.And() if kind.__name__ == "And" else ast.Or(), self._operands(node, kind, True))

    def _operands(self, node: Any, kind: type, first: bool = False) -> list[Any]:
        """``a and b and c`` is one operation, as long as no parentheses make it two."""
        same = type(node).__name__ == "BooleanOperation" and type(node.operator) is kind
        if same and (first or not node.lpar):
            return [*self._operands(node.left, kind), *self._operands(node.right, kind)]
        return [self.expression(node)]

    def _x_Comparison(self, node: Any) -> Any:
        operators = [_COMPARE[type(target.operator).__name__]() for target in node.comparisons]
        others = [self.expression(target.comparator) for target in node.comparisons]
        return ast.Compare(self.expression(node.left), operators, others)

    def _x_IfExp(self, node: Any) -> Any:
        return ast.IfExp(self.expression(node.test), self.expression(node.body), self.expression(node.orelse))

    def _x_NamedExpr(self, node: Any) -> Any:
        return ast.NamedExpr(self.stored(node.target), self.expression(node.value))

    def _x_Await(self, node: Any) -> Any:
        return ast.Await(self.expression(node.expression))

    def _x_Yield(self, node: Any) -> Any:
        if type(node.value).__name__ == "From":
            return ast.YieldFrom(self.expression(node.value.item))
        return ast.Yield(self.optional(node.value))

    # Trailers

    def _x_Attribute(self, node: Any) -> Any:
        return ast.Attribute(self.expression(node.value), node.attr.value, ast.Load())

    def _x_Subscript(self, node: Any) -> Any:
        items = [self._item(element.slice) for element in node.slice]
        last = node.slice[-1]
        comma = type(last.comma).__name__ == "Comma"
        if len(items) == 1 and not comma and not isinstance(items[0], ast.Starred):
            return ast.Subscript(self.expression(node.value), items[0], ast.Load())
        end = self.text.span(last.comma)[0] + 1 if comma else self.text.outer(last.slice)[1]
        if comma:
            end = self.text.data.index(b",", self.text.outer(last.slice)[1]) + 1
        every = self.text.put(ast.Tuple(items, ast.Load()), (self.text.outer(node.slice[0].slice)[0], end))
        return ast.Subscript(self.expression(node.value), every, ast.Load())

    def _item(self, node: Any) -> Any:
        if type(node).__name__ == "Slice":
            start, end = self.text.span(node)
            made = ast.Slice(self.optional(node.lower), self.optional(node.upper), self.optional(node.step))
            return self.text.put(made, (start, start + len(self.text.data[start:end].rstrip())))
        value = self.expression(node.value)
        if not node.star:
            return value
        return self.text.put(ast.Starred(value, ast.Load()), self.text.span(node))

    def _x_Call(self, node: Any) -> Any:
        function = self.expression(node.func)
        arguments, keywords = self.arguments(node.args)
        if len(node.args) == 1 and isinstance(arguments[:1], list) and arguments:
            only = node.args[0].value
            if type(only).__name__ == "GeneratorExp" and not only.lpar:
                start = self.text.data.index(b"(", self.text.outer(node.func)[1])
                self.text.put(arguments[0], (start, self.text.span(node)[1]))
        return ast.Call(function, arguments, keywords)

    def arguments(self, args: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The arguments of a call (or of a class): by position, by keyword."""
        positional, keywords = [], []
        for arg in args:
            value = self.expression(arg.value)
            if arg.keyword is not None or arg.star == "**":
                name = arg.keyword.value if arg.keyword is not None else None
                keywords.append(self.text.put(ast.keyword(name, value), self.text.span(arg)))
            elif arg.star:
                positional.append(self.text.put(ast.Starred(value, ast.Load()), self.text.span(arg)))
            else:
                positional.append(value)
        return positional, keywords

    def _x_Lambda(self, node: Any) -> Any:
        return ast.Lambda(self.parameters(node.params), self.expression(node.body))

    def parameters(self, node: Any) -> ast.arguments:
        """The parameters of a function."""
        positional = [*node.posonly_params, *node.params]
        vararg = node.star_arg if type(node.star_arg).__name__ == "Param" else None
        return ast.arguments(
            posonlyargs=[self._parameter(param) for param in node.posonly_params],
            args=[self._parameter(param) for param in node.params],
            vararg=self._parameter(vararg) if vararg is not None else None,
            kwonlyargs=[self._parameter(param) for param in node.kwonly_params],
            kw_defaults=[self.optional(param.default) for param in node.kwonly_params],
            kwarg=self._parameter(node.star_kwarg) if node.star_kwarg is not None else None,
            defaults=[self.expression(param.default) for param in positional if param.default is not None],
        )

    def _parameter(self, node: Any) -> Any:
        annotation = node.annotation.annotation if node.annotation is not None else None
        end = self.text.outer(annotation if annotation is not None else node.name)[1]
        made = ast.arg(node.name.value, self.optional(annotation))
        return self.text.put(made, (self.text.span(node.name)[0], end))

    # Displays and comprehensions

    def _x_Tuple(self, node: Any) -> Any:
        made = ast.Tuple([self.expression(e) for e in map(_element, node.elements)], ast.Load())
        return self.text.put(made, self.text.own(node))

    def _x_List(self, node: Any) -> Any:
        return ast.List([self.expression(e) for e in map(_element, node.elements)], ast.Load())

    def _x_Set(self, node: Any) -> Any:
        return ast.Set([self.expression(e) for e in map(_element, node.elements)])

    def _x_StarredElement(self, node: Any) -> Any:
        start = self.text.span(node)[0]
        made = ast.Starred(self.expression(node.value), ast.Load())
        return self.text.put(made, (start, self.text.outer(node.value)[1]))

    def _x_Dict(self, node: Any) -> Any:
        keys = [self.expression(e.key) if hasattr(e, "key") else None for e in node.elements]
        return ast.Dict(keys, [self.expression(e.value) for e in node.elements])

    def _x_GeneratorExp(self, node: Any) -> Any:
        made = ast.GeneratorExp(self.expression(node.elt), self._generators(node.for_in))
        return self.text.put(made, self.text.own(node))

    def _x_ListComp(self, node: Any) -> Any:
        return ast.ListComp(self.expression(node.elt), self._generators(node.for_in))

    def _x_SetComp(self, node: Any) -> Any:
        return ast.SetComp(self.expression(node.elt), self._generators(node.for_in))

    def _x_DictComp(self, node: Any) -> Any:
        return ast.DictComp(self.expression(node.key), self.expression(node.value), self._generators(node.for_in))

    def _generators(self, node: Any) -> list[ast.comprehension]:
        found = []
        while node is not None:
            conditions = [self.expression(condition.test) for condition in node.ifs]
            is_async = int(node.asynchronous is not None)
            found.append(ast.comprehension(self.stored(node.target), self.expression(node.iter), conditions, is_async))
            node = node.inner_for_in
        return found


def _element(node: Any) -> Any:
    return node.value if type(node).__name__ == "Element" else node
