"""The Celery tasks that a module registers, and under which names (pure)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from migration.python.attribute_chains import dotted_name
from migration.python.name_meanings import Imported, imported, meanings
from migration.python.source_file import SourceFile
from migration.python.string_literals import plain_text

UNNAMED = "<unnamed>"
# A file in which none of these stands registers no task.
MAY_REGISTER = re.compile(rb"@[^\r\n]*task|task\s*\(|task\s+as\b|Task\b")
_DECORATORS = frozenset({"shared_task", "task", "periodic_task"})
_CELERY = re.compile(r"celery|djcelery")
_APP = re.compile(r"(?:\w+_)?(?:app|celery)")
_APP_CLASS = re.compile(r"(?:\w*\.)*\w*Celery\w*|(?:\w*\.)*get_current_app")
# Packages whose objects may be called ``app`` and have a ``task`` of their own.
_OTHERS = frozenset({"airflow", "arq", "dramatiq", "faust", "flask", "fastapi", "huey", "invoke", "locust", "prefect"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class _Task:
    """A function that a decorator makes a task; ``name`` as :func:`_name_in` has it."""

    function: _Function
    decorator: ast.expr
    name: str | None


def task_names(source: SourceFile) -> frozenset[str]:
    """The names that a module's tasks are registered by and keep: those given, and those pinned by :func:`find`.

    :param source: a file that moves, as it was before.
    :raises UnreadableSource: if the file can't be parsed.
    """
    if source.module is None or not MAY_REGISTER.search(source.data):
        return frozenset()
    registry = TaskRegistry(source)
    names = {f"{source.module}.{task.function.name}" if task.name == UNNAMED else task.name for task in registry.tasks}
    names |= {_given(node.body) for node in registry.classes}
    return frozenset(name for name in names if name)


@dataclass(frozen=True)
class TaskRegistry:
    """What a file says about tasks."""

    source: SourceFile

    @cached_property
    def names(self) -> Imported:
        return imported(self.source)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.source.tree))

    @cached_property
    def tasks(self) -> list[_Task]:
        return [
            _Task(node, decorator, _name_in(decorator))
            for node in self.nodes
            if isinstance(node, _Function)
            for decorator in node.decorator_list
            if self.makes_task(decorator.func if isinstance(decorator, ast.Call) else decorator)
        ]

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """Classes that are derived from Celery's own Task by what this file shows."""
        found: list[ast.ClassDef] = []
        for node in self.nodes:
            if isinstance(node, ast.ClassDef) and any(self._is_task_class(base, found) for base in node.bases):
                found.append(node)
        return found

    def _is_task_class(self, base: ast.expr, known: list[ast.ClassDef]) -> bool:
        if isinstance(base, ast.Name) and any(base.id == node.name for node in known):
            return True
        for meant in meanings(base, self.names):
            owner, _, last = meant.rpartition(".")
            if last.endswith("Task") and owner and _CELERY.fullmatch(owner.partition(".")[0]):
                return True
            if last == "Task" and isinstance(base, ast.Attribute) and self.is_app(base.value, owner):
                return True
        return False

    def _runs(self, node: ast.ClassDef) -> bool:
        """Whether a class says what a task of it does, here or where this file doesn't show it.

        A class without ``run`` is what the tasks of functions are made of (``@app.task(base=…)``).
        """
        if any(isinstance(part, ast.FunctionDef) and part.name == "run" for part in node.body):
            return True
        above = [other for other in self.classes if other.lineno < node.lineno]
        names = [base.id for base in node.bases if isinstance(base, ast.Name)]
        own = [other for other in above if other.name in names]
        celery_s = [base for base in node.bases if self._is_task_class(base, own)]
        return len(celery_s) < len(node.bases) or any(map(self._runs, own))

    def makes_task(self, function: ast.expr) -> bool:
        """Whether calling this with a function registers a task."""
        for meant in meanings(function, self.names):
            owner, _, last = meant.rpartition(".")
            if last == "shared_task" or dotted_name(function).rpartition(".")[2] == "shared_task":
                return True
            if last in _DECORATORS and owner:
                celery_s_own = _CELERY.fullmatch(owner.partition(".")[0]) is not None
                if celery_s_own or (isinstance(function, ast.Attribute) and self.is_app(function.value, owner)):
                    return True
        return False

    def is_app(self, node: ast.expr, meant: str) -> bool:
        """Whether an expression is a Celery app: by what it is made of here, else by its name."""
        made = self.made.get(dotted_name(node))
        if made is not None:
            return _APP_CLASS.fullmatch(made) is not None
        top, last = meant.partition(".")[0], meant.rpartition(".")[2]
        return top not in _OTHERS and _APP.fullmatch(last) is not None

    @cached_property
    def made(self) -> dict[str, str]:
        """Names that the file assigns the result of a call -> what is called."""
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                for target in node.targets:
                    for called in meanings(node.value.func, self.names):
                        found[dotted_name(target)] = called
        found.pop("", None)
        return found

    def undecided(self) -> Iterator[tuple[ast.expr | ast.ClassDef, str, str]]:
        """Tasks without a name for sure that can't be given one here: node, what it is, the last part of its name."""
        for task in self.tasks:
            if task.name is None:
                yield task.decorator, "a task whose arguments don't tell its name", task.function.name
        decorators = {id(task.decorator) for task in self.tasks}
        calls = [node for node in self.nodes if isinstance(node, ast.Call) and id(node) not in decorators]
        for call in calls:
            inner = call.func if isinstance(call.func, ast.Call) else call
            if call.args and self.makes_task(inner.func) and _name_in(inner, function=True) in (UNNAMED, None):
                yield call, "a task that is made by a call", dotted_name(call.args[0]).rpartition(".")[2] or "?"
        bases = {
            dotted_name(k.value)
            for node in self.nodes
            if isinstance(node, ast.Call)
            for k in node.keywords
            if k.arg == "base"
        }
        bases |= {dotted_name(base) for node in self.classes for base in node.bases}
        for node in self.classes:
            if _given(node.body) is None and node.name not in bases and self._runs(node):
                yield node, "a class of tasks", node.name


def _given(body: list[ast.stmt]) -> str | None:
    """The ``name`` that a class body assigns; ``""`` where it is no plain string or the class is abstract."""
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if value is not None and any(dotted_name(target) in ("name", "abstract") for target in targets):
            return plain_text(value)
    return None


def _name_in(decorator: ast.expr, function: bool = False) -> str | None:
    """The name that a decorator gives, or :data:`UNNAMED`.

    ``""`` where it is worked out when the program runs, None where that may bring in the module's name.

    :param function: whether the first argument is the function itself.
    """
    if not isinstance(decorator, ast.Call):
        return UNNAMED
    for keyword in decorator.keywords:
        if keyword.arg == "name":
            value = keyword.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
            return None if "__name__" in ast.unparse(value) else ""
    unclear = decorator.args[function:] or any(keyword.arg is None for keyword in decorator.keywords)
    return None if unclear else UNNAMED
