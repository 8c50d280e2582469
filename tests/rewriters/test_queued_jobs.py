from __future__ import annotations

import dataclasses

import pytest

from migration.rewriters import queued_jobs
from tests.rewriters.alone import check
from tests.rewriters.tools import WAREHOUSE

HOME = "posthog/warehouse/tasks.py"
MOVES = dataclasses.replace(WAREHOUSE, files={HOME: "products/data_warehouse/backend/tasks.py"})


@pytest.mark.parametrize(
    "text",
    [
        "from invoke import task\n\n@task\ndef f(c): ...\n",
        "from celery import shared_task\n\n@shared_task\ndef f(): ...\n",  # another rewriter's
        "import procrastinate\napp = procrastinate.App()\n\n@app.task(name='x')\ndef f(): ...\n",
        "from huey import crontab\nfrom x import task\n\n@task()\ndef f(): ...\n",
        "import rq\n\n@other.job\ndef f(): ...\n",
    ],
)
def test_untouched(text: str) -> None:
    check(queued_jobs, text, path=HOME, moves=MOVES)


@pytest.mark.parametrize(
    ("text", "library", "way"),
    [
        ("import procrastinate\napp = procrastinate.App()\n\n@app.task\ndef f(): ...\n", "procrastinate", "write name="),
        ("from procrastinate.contrib.django import app\n\n@app.task(queue='x')\ndef f(): ...\n", "procrastinate", "write name="),
        ("from huey.contrib.djhuey import db_task\n\n@db_task()\ndef f(): ...\n", "huey", "write name="),
        ("from django.tasks import task\n\n@task\ndef f(): ...\n", "django.tasks", "let the queue run empty"),
        ("from django_rq import job\n\n@job\ndef f(): ...\n", "django_rq", "let the queue run empty"),
        ("from rq.decorators import job\n\n@job('low')\ndef f(): ...\n", "rq", "let the queue run empty"),
    ],
)
def test_jobs_that_go_by_their_module(text: str, library: str, way: str) -> None:
    check(queued_jobs, text, path=HOME, moves=MOVES, left=[f"posthog.warehouse.tasks.f: a job of {library}, "])
    (reference,) = check(queued_jobs, text, path=HOME, moves=MOVES, left=[way])
    assert reference.new == "products.data_warehouse.backend.tasks.f"
    check(queued_jobs, text, path="posthog/utils.py", moves=MOVES)  # stays, and so does the name
