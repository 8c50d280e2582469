"""The names under which tasks are registered."""

from __future__ import annotations

import pytest

from migration.core.changes import Edit
from migration.core.references import Reference
from migration.engine.proof import Unproven, prove
from migration.python.source_file import SourceFile
from tests.rewriters.test_celery import NAME, names


def test_names_that_a_module_registers() -> None:
    text = (
        "from celery import Task, shared_task\n"
        "@shared_task\ndef sync(): ...\n"
        "@shared_task(name='nightly')\ndef other(): ...\n"
        "@shared_task(name=NAME)\ndef third(): ...\n"
        "class Big(Task):\n    name = 'posthog.big'\n"
        "def no_task(): ...\n"
    )
    assert names(text) == {NAME, "nightly", "posthog.big"}
    assert names("def f(): ...\n") == set()


@pytest.mark.parametrize("added", ["(bind='a.b')", "(1, name='a.b')", "(name='a.b', bind=1)", "('a.b')", "(name='a' 'b')[0]", ".x(name='a.b')"])
def test_a_decorator_is_given_a_name_and_nothing_else(added: str) -> None:
    text = "@shared_task\ndef sync(): ...\n"
    reference = Reference("task name", 12, 12, "a.b", "a.b", added)
    with pytest.raises(Unproven):
        prove(SourceFile("a.py", text.encode(), "a"), text.replace("task\n", f"task{added}\n").encode(), [Edit(12, 12, added.encode())], [reference])
