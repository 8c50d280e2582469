"""Python text as a monolith holds it: modules of a wanted size out of imports, classes and functions.

The text has to cost a parser what real code costs, so no two statements are alike: nested blocks,
chains of attributes, comprehensions, f-strings, docstrings, comments. It parses; it is never run.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

# fmt: off
NOUNS = (
    "account", "address", "alert", "archive", "audit", "balance", "batch", "billing", "booking", "bucket", "budget",
    "calendar", "campaign", "carrier", "catalog", "category", "channel", "claim", "client", "cohort", "comment",
    "contract", "coupon", "currency", "customer", "dashboard", "deal", "delivery", "discount", "document", "event",
    "export", "feature", "feedback", "filter", "forecast", "funnel", "gateway", "group", "history", "insight",
    "inventory", "invoice", "item", "journal", "label", "ledger", "license", "limit", "member", "message", "metric",
    "notice", "offer", "order", "partner", "payment", "person", "plan", "policy", "price", "profile", "project",
    "quota", "rate", "receipt", "record", "refund", "region", "report", "request", "review", "role", "route", "rule",
    "schedule", "segment", "session", "shipment", "snapshot", "status", "supplier", "survey", "tax", "team",
    "template", "ticket", "token", "topic", "usage", "vendor", "version", "visit", "voucher", "widget", "zone",
)
VERBS = (
    "apply", "build", "check", "close", "collect", "count", "create", "decode", "drop", "export", "fetch", "find",
    "flush", "format", "group", "import", "load", "mark", "merge", "notify", "open", "parse", "prune", "publish",
    "queue", "read", "render", "repair", "reset", "resolve", "save", "select", "send", "sort", "split", "store",
    "sync", "trim", "update", "validate",
)
STDLIB = (
    "import json", "import logging", "import re", "import os", "import itertools", "import functools",
    "from collections import defaultdict", "from dataclasses import dataclass, field", "from pathlib import Path",
    "from datetime import date, datetime, timedelta", "from decimal import Decimal", "from typing import Any",
    "from collections.abc import Callable, Iterable, Iterator, Mapping", "from uuid import UUID, uuid4",
    "import hashlib", "import time", "from enum import Enum", "from contextlib import contextmanager",
)
# fmt: on


def camel(name: str) -> str:
    """``open_invoice`` as a class is called: ``OpenInvoice``."""
    return "".join(part.title() for part in name.split("_"))


@dataclass(frozen=True)
class Recipe:
    """What a module must hold.

    :param size: about how many bytes it is to have.
    :param imports: statements at its top, each with its line end.
    :param local: statements for the beginning of one of its functions, one line each.
    :param uses: names (or dotted names) that its code calls.
    :param classes: the classes that others import from it, and likewise ``functions``.
    :param asides: texts without a line end for comments and docstrings, words that the code names.
    """

    size: int
    imports: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


T = TypeVar("T")


class Author:
    """Writes modules; the same ``rng`` in the same state gives the same text."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.calls: list[str] = []
        self.asides: list[str] = []
        self.statements: tuple[Callable[[str, int], str], ...] = (
            self._assign, self._assign, self._assign, self._call, self._call, self._if, self._for, self._try,
            self._comment, self._with, self._return_early, self._dictionary,
        )  # fmt: skip

    def module(self, recipe: Recipe) -> str:
        """The text of a module; it ends with the first definition that reaches the size."""
        self.calls = list(recipe.uses)
        self.asides = list(recipe.asides)
        heading = f'"""{self._sentence()}"""\n\n' if recipe.size > 400 else ""
        imports = sorted({self._of(STDLIB) for _ in range(min(8, recipe.size // 900))})
        parts = [heading, "".join(line + "\n" for line in imports), "\n" if imports else "", *recipe.imports]
        if recipe.size > 1500:
            parts += ["\nlogger = logging.getLogger(__name__)\n" if "import logging" in imports else "\n"]
            parts += [
                f"{self._noun().upper()}_LIMIT = {self._number()}\n" for _ in range(self.rng.randrange(3))
            ]
        parts += [self._class(name) for name in recipe.classes]
        parts += [
            self._function(name, "", recipe.local if not index else ())
            for index, name in enumerate(recipe.functions)
        ]
        written = sum(map(len, parts))
        names = {*recipe.classes, *recipe.functions}
        while written < recipe.size or self.calls or self.asides:
            as_class = recipe.size - written > 1500 and self.rng.random() < 0.4
            name = f"{self._verb()}_{self._noun()}" + (f"_{len(parts)}" if self.rng.random() < 0.3 else "")
            if (camel(name) if as_class else name) not in names:
                parts.append(self._class(camel(name)) if as_class else self._function(name))
                names.add(camel(name) if as_class else name)
                written += len(parts[-1])
        return "".join(parts)

    # ---- definitions

    def _class(self, name: str) -> str:
        base = self._of(("", "", "(Base)", "(dict)", "(Exception)")).replace("Base", "object")
        lines = [f"\n\nclass {name}{base}:\n", f'    """{self._sentence()}"""\n\n']
        for _ in range(self.rng.randrange(1, 5)):
            lines.append(f"    {self._noun()}_{self._noun()}: {self._type()} = {self._literal()}\n")
        for number in range(self.rng.randrange(1, 4)):
            lines.append(self._function(f"{self._verb()}_{self._noun()}_{number}", "    "))
        return "".join(lines)

    def _function(self, name: str, indent: str = "", local: tuple[str, ...] = ()) -> str:
        first = ["self"] if indent else []
        names = dict.fromkeys(self._noun() for _ in range(self.rng.randrange(1, 4)))
        parameters = [*first, *(f"{one}: {self._type()}" for one in names)]
        if self.rng.random() < 0.3:
            parameters.append(f"{self._noun()}_{self._noun()}: int = {self._number()}")
        decorator = f"{indent}@functools.cache\n" if not indent and self.rng.random() < 0.05 else ""
        text = [f"{'' if indent else chr(10)}\n{decorator}{indent}def {name}({', '.join(parameters)}) -> "]
        text.append(f"{self._type()}:\n")
        inner = indent + "    "
        if self.rng.random() < 0.6:
            text.append(f'{inner}"""{self._sentence()}"""\n')
        text += [f"{inner}{line}\n" for line in local]
        text.append(self._block(inner, 0, self.rng.randrange(2, 10)))
        text.append(f"{inner}return {self._expression(2)}\n")
        return "".join(text)

    # ---- statements

    def _block(self, indent: str, depth: int, count: int) -> str:
        return "".join(self._statement(indent, depth) for _ in range(count))

    def _statement(self, indent: str, depth: int) -> str:
        if self.asides and self.rng.random() < 0.5:
            aside = f"{indent}{self.asides.pop()}\n"
            return aside + self._assign(indent, depth) if aside.lstrip().startswith("#") else aside
        return self._of(self.statements)(indent, depth)

    def _assign(self, indent: str, depth: int) -> str:
        return f"{indent}{self._noun()} = {self._expression(2)}\n"

    def _call(self, indent: str, depth: int) -> str:
        arguments = [self._expression(1) for _ in range(self.rng.randrange(1, 5))]
        callee = self.calls.pop() if self.calls else self._chain()
        line = f"{indent}{callee}({', '.join(arguments)})\n"
        if len(line) > 100:
            return (
                f"{indent}{callee}(\n"
                + "".join(f"{indent}    {one},\n" for one in arguments)
                + f"{indent})\n"
            )
        return line

    def _if(self, indent: str, depth: int) -> str:
        if depth > 2:
            return self._assign(indent, depth)
        text = f"{indent}if {self._condition()}:\n" + self._inner(indent, depth)
        if self.rng.random() < 0.3:
            text += f"{indent}else:\n" + self._inner(indent, depth)
        return text

    def _for(self, indent: str, depth: int) -> str:
        if depth > 2:
            return self._call(indent, depth)
        return f"{indent}for {self._noun()} in {self._chain()}:\n" + self._inner(indent, depth)

    def _try(self, indent: str, depth: int) -> str:
        if depth > 1:
            return self._call(indent, depth)
        handler = f"{indent}except (ValueError, KeyError) as error:\n"
        handler += f"{indent}    raise LookupError(str(error)) from error\n"
        return f"{indent}try:\n" + self._inner(indent, depth) + handler

    def _with(self, indent: str, depth: int) -> str:
        if depth > 1:
            return self._assign(indent, depth)
        return f"{indent}with {self._chain()}() as {self._noun()}:\n" + self._inner(indent, depth)

    def _return_early(self, indent: str, depth: int) -> str:
        return f"{indent}if not {self._noun()}:\n{indent}    return {self._literal()}\n"

    def _comment(self, indent: str, depth: int) -> str:
        return f"{indent}# {self._sentence()}\n{self._assign(indent, depth)}"

    def _dictionary(self, indent: str, depth: int) -> str:
        rows = [
            f'{indent}    "{self._noun()}": {self._expression(1)},\n' for _ in range(self.rng.randrange(2, 6))
        ]
        return f"{indent}{self._noun()} = {{\n{''.join(rows)}{indent}}}\n"

    def _inner(self, indent: str, depth: int) -> str:
        return self._block(indent + "    ", depth + 1, self.rng.randrange(1, 4))

    # ---- expressions

    def _expression(self, depth: int) -> str:
        kind = self.rng.random()
        if kind < 0.3 or depth == 0:
            return self._chain() if kind < 0.2 else self._literal()
        if kind < 0.5:
            return f"{self._chain()}({self._expression(depth - 1)})"
        if kind < 0.6:
            return (
                f"{self._noun()}.{self._noun()}_id {self._of(('+', '-', '*'))} {self._expression(depth - 1)}"
            )
        if kind < 0.68:
            one = self._noun()
            return f"[{one}.{self._noun()} for {one} in {self._chain()} if {one} != {self._literal()}]"
        if kind < 0.76:
            return f'f"{self._noun()} {{{self._chain()}}} of {{{self._noun()}}}"'
        if kind < 0.84:
            return f"{self._noun()}[{self._literal()}]"
        if kind < 0.9:
            return f'{{"{self._noun()}": {self._expression(depth - 1)}, "{self._noun()}": {self._literal()}}}'
        return f"{self._chain()} if {self._condition()} else {self._literal()}"

    def _condition(self) -> str:
        operator = self._of(("==", "!=", "<", ">=", "in", "is not"))
        right = "None" if operator == "is not" else self._chain()
        return f"{self._chain()} {operator} {right}" + (
            f" and {self._noun()}" if self.rng.random() < 0.2 else ""
        )

    def _chain(self) -> str:
        length = int(self.rng.random() * 3)
        head = "self" if self.rng.random() < 0.2 else self._noun()
        rest = (self._noun() if number else f"{self._verb()}_{self._noun()}" for number in range(length))
        return ".".join([head, *rest])

    def _literal(self) -> str:
        kind = self.rng.random()
        if kind < 0.35:
            return f'"{self._noun()}"'
        if kind < 0.5:
            return f'"{self._noun()} {self._verb()}s the {self._noun()}"'
        return self._number() if kind < 0.8 else self._of(("None", "True", "False", "()", "[]", "{}"))

    def _type(self) -> str:
        return self._of(("int", "str", "bool", "float", "list[str]", "dict[str, int]", "bytes", "int | None"))

    def _sentence(self) -> str:
        count = self.rng.randrange(1, 4)
        clauses = [f"{self._verb()}s each {self._noun()} of the {self._noun()}" for _ in range(count)]
        return f"The {self._noun()} {', then '.join(clauses)}."

    def _noun(self) -> str:
        return NOUNS[int(self.rng.random() * len(NOUNS))]

    def _verb(self) -> str:
        return VERBS[int(self.rng.random() * len(VERBS))]

    def _number(self) -> str:
        return str(int(self.rng.random() * 1000))

    def _of(self, choices: tuple[T, ...]) -> T:
        return choices[int(self.rng.random() * len(choices))]
