from __future__ import annotations

import dataclasses

import pytest

from migration.python.celery_tasks import task_names
from migration.python.source_file import SourceFile
from migration.rewriters import celery
from tests.rewriters.alone import check
from tests.rewriters.tools import WAREHOUSE

TASKS = "posthog/warehouse/tasks.py"
NAME = "posthog.warehouse.tasks.sync"
SHARED = "from celery import shared_task\n"


def names(text: str, path: str = TASKS) -> frozenset[str]:
    return task_names(SourceFile(path, text.encode(), path.removesuffix(".py").replace("/", ".")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def task(): ...\n",
        "from celery import shared_task\n",
        "@shared_task(name='sync')\ndef sync(): ...\n",
        '@shared_task(bind=True, name="a.b.sync")\ndef sync(self): ...\n',
        "@shared_task(name=NAME)\ndef sync(): ...\n",
        "@app.task(name=f'{PREFIX}.sync', bind=True)\ndef sync(self): ...\n",
        "@task\ndef sync(): ...\n",
        "from airflow.decorators import task\n@task\ndef sync(): ...\n",
        "from invoke import task\n@task()\ndef sync(c): ...\n",
        "import prefect\n@prefect.task\ndef sync(): ...\n",
        "from huey import app\n@app.task()\ndef sync(): ...\n",
        "import faust\napp = faust.App('x')\n@app.task\nasync def sync(): ...\n",
        "@huey.task()\ndef sync(): ...\n",
        "@self.client.task(3)\nasync def sync(l): ...\n",
        "@mock.patch('a.shared_task')\ndef sync(): ...\n",
        "shared_task\nshared_task.delay()\nshared_task()\n",
        "class Sync(Task):\n    pass\n",
        "from celery import Task\nclass Sync(Task):\n    name = 'sync'\n",
        "from celery import Task\nclass Base(Task):\n    abstract = True\n    def run(self): ...\n",
        "from celery import Task\nclass Base(Task): ...\n@shared_task(base=Base, name='x')\ndef sync(): ...\n",
        "from celery import Task\nclass Base(Task):\n    def __call__(self): ...\nclass Other(Base): ...\n",
        "class Base(app.Task):\n    def on_failure(self): ...\nclass Base(Base): ...\n",
        "sync = shared_task(name='sync')(run)\n",
        "sync = shared_task(run, name='sync')\n",
    ],
)
def test_untouched(text: str) -> None:
    check(celery, text, path=TASKS)


def test_only_what_moves_and_only_where_names_are_kept() -> None:
    text = f"{SHARED}@shared_task\ndef sync(): ...\n"
    check(celery, text, path="posthog/utils.py")
    check(celery, text, path="posthog/warehouse_utils.py")
    check(celery, text, path="scripts/x-y.py")
    check(celery, text, path=TASKS, moves=dataclasses.replace(WAREHOUSE, rename_tasks=True))


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ("@shared_task", '@shared_task(name="N")'),
        ("@shared_task  # why", '@shared_task(name="N")  # why'),
        ("@celery.shared_task", '@celery.shared_task(name="N")'),
        ("@shared_task()", '@shared_task(name="N")'),
        ("@(shared_task)", '@(shared_task(name="N"))'),
        ("@app.task", '@app.task(name="N")'),
        ("@celery_app.task(bind=True)", '@celery_app.task(bind=True, name="N")'),
        ("@current_app.task(bind=True,)", '@current_app.task(bind=True, name="N",)'),
        ("@self.app.task", '@self.app.task(name="N")'),
        ("@shared_task(retry=(3))", '@shared_task(retry=(3), name="N")'),
        ("@shared_task(bind=True,\n             retry=3)", '@shared_task(bind=True,\n             retry=3, name="N")'),
        ("@shared_task(\n    bind=True\n)", '@shared_task(\n    bind=True,\n    name="N"\n)'),
        ("@shared_task(\n    bind=True  # why\n)", '@shared_task(\n    bind=True, name="N"  # why\n)'),
        ("@shared_task(\n    bind=True,  # a, b\n    )", '@shared_task(\n    bind=True,  # a, b\n    name="N",\n    )'),
        ("@shared_task(\r\n\ta=1, b=(\r\n  2),\r\n)", '@shared_task(\r\n\ta=1, b=(\r\n  2),\r\n\tname="N",\r\n)'),
        ("@shared_task(bind=True,\n)", '@shared_task(bind=True,\n    name="N",\n)'),
        ("@shared_task(bind=True\n    ,\n)", '@shared_task(bind=True, name="N"\n    ,\n)'),
        ("@shared_task(  # why\n)", '@shared_task(  # why\nname="N")'),
        ("@limit(1)\n@shared_task\n@retried", '@limit(1)\n@shared_task(name="N")\n@retried'),
    ],
)
@pytest.mark.parametrize("function", ["def sync(): ...", "async def sync(x):\n    return x"])
def test_name_is_pinned(decorator: str, expected: str, function: str) -> None:
    check(celery, f"{decorator}\n{function}\n", f"{expected.replace('N', NAME)}\n{function}\n", TASKS)


@pytest.mark.parametrize(
    "text",
    [
        "from celery import task\n@task{}\ndef sync(): ...\n",
        "from celery.task import periodic_task as often\n@often({c}run_every=3{}\ndef sync(): ...\n".replace("{c}run_every=3{}", "run_every=3, {n})"),
        "from celery import shared_task as st\n@st{}\ndef sync(): ...\n",
        "from posthog.celery import app as worker\n@worker.task{}\ndef sync(): ...\n",
        "from ..task_queue import shared_task\n@shared_task{}\ndef sync(): ...\n",
        "from celery import Celery\nwork = Celery()\n@work.task{}\ndef sync(): ...\n",
        "from posthog import celery\n@celery.app.task{}\ndef sync(): ...\n",
        "try:\n    from celery import shared_task as t\nexcept ImportError:\n    from x import noop as t\n@t{}\ndef sync(): ...\n",
        "def register(app):\n    @app.task{}\n    def sync(): ...\n",
        "if DEBUG:\n    @shared_task{}\n    def sync(): ...\n",
    ],
)
def test_what_a_task_is(text: str) -> None:
    pin = f'name="{NAME}"'
    before = text.replace("{}", "").replace(", {n}", "")
    check(celery, before, text.replace("{}", f"({pin})").replace("{n}", pin), TASKS)
    assert names(before) == {NAME}


def test_several_tasks_in_the_quotes_of_the_file() -> None:
    text = "x = 'a', 'b', '''c'''\n@shared_task\ndef sync(): ...\n\n@shared_task(bind=True)\ndef other(self): ...\n"
    expected = text.replace("task\n", f"task(name='{NAME}')\n").replace("True)", "True, name='posthog.warehouse.tasks.other')")
    references = check(celery, text, expected, TASKS)
    assert [(r.kind, r.old, r.new) for r in references] == [
        ("task name", NAME, NAME),
        ("task name", "posthog.warehouse.tasks.other", "posthog.warehouse.tasks.other"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@shared_task(**options)\ndef sync(): ...\n", "tasks.sync: a task whose arguments don't tell"),
        ("@app.task(Base)\ndef sync(): ...\n", "tasks.sync: a task whose arguments don't tell"),
        ("@app.task(name=__name__ + '.x')\ndef sync(): ...\n", "arguments don't tell its name"),
        ("sync = shared_task(run)\n", "tasks.run: a task that is made by a call"),
        ("sync = app.task(bind=True)(run)\n", "tasks.run: a task that is made by a call"),
        ("from celery import Task\nclass Sync(Task):\n    def run(self): ...\n", "2: posthog.warehouse.tasks.Sync: a class of tasks"),
        ("class Sync(celery.Task):\n    def run(self): ...\n", "a class of tasks"),
        ("class Sync(app.Task):\n    def run(self): ...\n", "a class of tasks"),
        ("from celery import Task\nclass Base(Task):\n    def run(self): ...\nclass Sync(Base): ...\n", "Sync: a class of tasks"),
        ("from x import Mixin\nclass Sync(Mixin, app.Task): ...\n", "a class of tasks"),
    ],
)
def test_names_that_can_t_be_pinned_are_listed(text: str, reason: str) -> None:
    check(celery, text, path=TASKS, left=[reason])
    assert not names(text)
