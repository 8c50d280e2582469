"""Apps of Wagtail and django-oscar move, and verify_migrations finds every database as it was.

Not part of the default run: ``pytest -m real``, or one move alone: ``pytest -m real -k promoted``. The
phases before verify_migrations ask for no database's rows, so they run once, on SQLite.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import yaml

from tests import databases
from tests.django_projects import write
from tests.real.codebases import Codebase, git, run
from tests.real.test_packages import OSCAR
from tests.real.test_wagtail import WAGTAIL, copy_tool

POSTGRESQL = ("psycopg[binary]>=3.1",)

# django-oscar brings no project: the smallest settings with which Django's checks find nothing.
SHOP = {
    "src/shop/__init__.py": "",
    "src/shop/urls.py": "urlpatterns = []\n",
    "src/shop/settings.py": '''\
from pathlib import Path

from oscar import INSTALLED_APPS  # noqa: F401
from oscar.defaults import *  # noqa: F403

SECRET_KEY = "x"
SITE_ID = 1
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "shop.urls"
STATIC_URL = "/static/"
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).parent.parent / "db.sqlite3"}
}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
'''
    + databases.BY_ENVIRONMENT,
}


HISTORY = ("OrderNote", "OrderStatusChange", "CommunicationEvent")  # what people and mails did with an order


def split_models(repo: Path) -> None:
    """Put a part of django-oscar's models of orders into a module of its own, as a person does before a move."""
    models = repo / "src/oscar/apps/order/models.py"
    text, part = models.read_text(), ""
    for name in HISTORY:
        (block,) = re.findall(rf'\n\nif not is_model_registered\("order", "{name}"\):\n.*?append\("{name}"\)\n', text, re.DOTALL)
        text, part = text.replace(block, ""), part + block
    names = ", ".join(f"Abstract{name}" for name in HISTORY)
    imports = f"from oscar.apps.order.abstract_models import {names}\nfrom oscar.core.loading import is_model_registered\n"
    models.with_name("history.py").write_text(f"{imports}\n__all__ = []\n{part}")
    above = "from oscar.core.loading import is_model_registered\n"
    assert text.count(above) == 1
    models.write_text(text.replace(above, "from oscar.apps.order.history import *  # noqa: F401\n" + above))


@dataclass(frozen=True)
class Move:
    """An app that moves, or a part of its models.

    :param label: the label that a person writes into the plan; empty for none.
    :param files: what is added to the code base before the move.
    :param target: dotted name afterwards; empty for the usual one.
    :param edit: what else a person does before the move: then models get the product's label.
    """

    codebase: Codebase
    product: str
    source: str
    settings: str
    label: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    edit: Callable[[Path], None] | None = None

    @property
    def new_label(self) -> str:
        """The label that models get; empty where theirs stays."""
        return self.product if self.edit else self.label


WAGTAIL_WITH_DRIVER = replace(WAGTAIL, also=POSTGRESQL)
# Its release leaves django-treebeard open; the checks of later ones refuse Oscar's categories.
OSCAR_WITH_DRIVER = replace(OSCAR, also=(*POSTGRESQL, "django-treebeard<5"))

MOVES = (
    Move(
        WAGTAIL_WITH_DRIVER, "forwarding", "wagtail.contrib.redirects", "wagtail.test.settings", label="forwarding"
    ),
    Move(
        WAGTAIL_WITH_DRIVER, "promoted", "wagtail.contrib.search_promotions", "wagtail.test.settings", label="promoted"
    ),
    Move(OSCAR_WITH_DRIVER, "wishlists", "oscar.apps.wishlists", "shop.settings", files=SHOP),
    Move(
        OSCAR_WITH_DRIVER, "order_history", "oscar.apps.order.history", "shop.settings", files=SHOP,
        target="products.order_history.models", edit=split_models,
    ),
)


@dataclass(frozen=True)
class Moved:
    """A code base in which everything but the tests has run, on SQLite."""

    move: Move
    repo: Path
    tool: Path

    def run_tool(self, *tasks: str, env: Mapping[str, str] | None = None) -> str:
        """Run the tool's command line; what it printed."""
        move = self.move
        target = move.target or f"products.{move.product}.backend"
        values = [f"product={move.product}", f"source={move.source}", f"target={target}"]
        places = [f"settings={move.settings}", f"repo={self.repo}", f"python={move.codebase.python}"]
        command = [sys.executable, "-m", "doit", *values, *places, *tasks]
        return run(command, self.tool, {**dict(move.codebase.env), "PYTHONWARNINGS": "ignore", **(env or {})})

    def checks(self) -> list[dict[str, object]]:
        """The table that verify_migrations has left in the tracker."""
        tracker = yaml.safe_load((self.tool / "moves" / self.move.product / "phase_tracker.yml").read_text())
        (entry,) = (phase for phase in tracker["phases"] if phase["id"] == "verify_migrations")
        assert entry["status"] == "completed"
        found: list[dict[str, object]] = entry["table"]
        return found

    def relabel(self) -> None:
        """Write another label into the plan, as a person does."""
        plan = self.tool / "moves" / self.move.product / "moves.yml"
        text, count = re.subn(r"(?m)^(  label:) .*$", rf"\1 {self.move.label}", plan.read_text())
        assert count == 1
        plan.write_text(text)


@pytest.fixture(scope="module", params=MOVES, ids=lambda move: move.product)
def moved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """All phases, by a copy of the tool so that the checkout stays as it is."""
    move: Move = request.param
    place = tmp_path_factory.mktemp(move.product)
    done = Moved(move, move.codebase.fresh_copy(place / "repo"), copy_tool(place / "tool"))
    if move.files:
        write(done.repo, move.files)
        if move.edit:
            move.edit(done.repo)
        git(done.repo, "add", "--all")
        git(done.repo, "commit", "--quiet", "--message", "A project around it")
    done.run_tool("scan_moves")
    if move.label:
        done.relabel()
    done.run_tool()
    return done


def environment(move: Move, engine: str) -> dict[str, str]:
    """What the settings read to choose a database: Wagtail's by variables of its own."""
    if move.codebase.name != "wagtail" or engine == "sqlite":
        return databases.environment(engine)
    backend = {"DATABASE_ENGINE": "django.db.backends.postgresql", "DATABASE_NAME": "mine"}
    return {**backend, "DATABASE_USER": "postgres", "DATABASE_HOST": databases.host()}


@pytest.mark.real
@pytest.mark.parametrize("engine", databases.ENGINES)
def test_no_database_notices(moved: Moved, engine: str) -> None:
    if engine != "sqlite":
        moved.run_tool("forget", "verify_migrations")
        moved.run_tool("verify_migrations", env=environment(moved.move, engine))
    table = moved.checks()
    assert {row["outcome"] for row in table} == {"equal"}
    assert {row["database"] for row in table} == {f"default ({engine})", ""}
    checks = {row["check"] for row in table}
    assert {"filled database", "empty database", "makemigrations --check"} <= checks
    label = moved.move.new_label
    if label:
        assert {"back", "forth again", "both content types", f"empty database, {label} first"} <= checks
