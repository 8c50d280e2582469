"""Jobs of queues other than Celery's that go by the name of their module: what waits holds the old one.

Procrastinate, Huey, RQ, taskiq, APScheduler and Django's tasks keep ``<module>.<function>`` with each job, in a
database or a broker, and import or look up the function by it when the job's turn comes. How a name is kept is
different in each, and some can't: listed, with the two ways out.
https://docs.djangoproject.com/en/6.0/topics/tasks/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name
from migration.python.name_meanings import imported
from migration.python.single_assignments import single_assignments
from migration.python.source_file import SourceFile

KIND = "task name"

# Library -> how a job is given a name of its own there; "" where it can't be.
_LIBRARIES = {
    "apscheduler": "id=",
    "django.tasks": "",
    "django_rq": "",
    "django_tasks": "",
    "huey": "name=",
    "procrastinate": "name=",
    "rq": "",
    "taskiq": "task_name=",
}
_SIGN = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in _LIBRARIES))


def may_register(source: SourceFile, moves: Moves) -> bool:
    """Whether a file moves and its bytes speak of such a library; never wrong about a "no"."""
    return source.path in moves.files and _SIGN.search(source.data) is not None


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The functions of a file that moves that a decorator of such a library makes jobs of, without a name.

    :raises UnreadableSource: if the file can't be parsed.
    """
    module = source.module
    if module is None or not may_register(source, moves) or moves.new_module(module) == module:
        return
    names, assigned = imported(source), single_assignments(source.tree)
    for node in ast.walk(source.tree):
        for decorator in getattr(node, "decorator_list", []):
            written = dotted_name(decorator.func if isinstance(decorator, ast.Call) else decorator)
            first, _, rest = written.partition(".")
            value = assigned.get(first)
            if isinstance(value, ast.Call):  # app = procrastinate.App()
                first = dotted_name(value.func).partition(".")[0]
            meant = {f"{name}.{rest}" for name in names.get(first, ())}
            library = next((one for one in _LIBRARIES if any(f"{name}.".startswith(f"{one}.") for name in meant)), "")
            keyword = _LIBRARIES.get(library, "")
            if library and not (keyword and _gives(decorator, keyword.rstrip("="))):
                name = f"{module}.{getattr(node, 'name', '')}"
                out = f"write {keyword}{name!r}, or " if keyword else ""
                reason = f"a job of {library}, of which those that wait hold this name: {out}let the queue run empty"
                at = source.span(decorator)[0]
                yield Reference(KIND, at, at + 1, name, moves.new_name(name), None, reason)


def _gives(decorator: ast.expr, keyword: str) -> bool:
    return isinstance(decorator, ast.Call) and any(one.arg == keyword for one in decorator.keywords)
