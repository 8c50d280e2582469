"""Every row: moved by the phases, and no database notices; or refused by name before anything changes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.django.registry import Registry
from migration.phases.validate_django import validate
from migration.phases.verify_migrations import tried
from tests import databases, model_cases
from tests.databases import Kept, keep
from tests.django_projects import PYTHON, django, manage, manage_each, rows, schema
from tests.django_projects import replace as replace_text
from tests.model_cases import STALE, Case, Moved, check, data, move
from tests.model_rows import NAMED, NAMED_WHOLE, REFUSED, ROWS, RULED
from tests.tools import git


@cache
def django_version() -> tuple[int, ...]:
    """The Django that runs the projects."""
    said = subprocess.run([PYTHON, "-m", "django", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.split(".")[:2]))


@pytest.mark.parametrize("name", ROWS)
def test_no_database_notices(name: str, tmp_path: Path) -> None:
    case = ROWS[name]
    if django_version() < case.django:
        pytest.skip(f"needs Django {'.'.join(map(str, case.django))}")
    moved = move(case, tmp_path / "move")
    if moved.session.plan().app.relabels:
        check(moved, tmp_path)
        return
    populated = moved.populated(tmp_path / "populated")
    says = "from products.stock.backend.signals import READY\nassert READY == ['stock'], READY\nprint('ready')"
    said = manage_each(populated, ("migrate",), ("makemigrations", "--check", "--dry-run"), ("shell", "-c", says))
    assert all(words in said for words in ("No migrations to apply", "No changes detected", "ready"))
    assert [schema(populated), data(populated)] == [schema(moved.old), data(moved.old)]
    assert rows(populated, "SELECT app, name FROM django_migrations") == rows(
        moved.old, "SELECT app, name FROM django_migrations"
    )


# The phases above try each row on SQLite; on PostgreSQL these are tried by default, the others with `-m engines`.
SOME = ("names with the label", "an app that changes its label", "a long history under a new label")
# RenameModel makes foreign keys anew where the table changes with it; under a new label the table is renamed by itself.
# (Django 4.2 makes them anew all the same.)
OTHER_NAMES = {
    "a long history under a new label": [("stuff_owner_id_40278e6e_fk_folk_being_id", "stuff_owner_id_40278e6e_fk_folk_human_id")]
}


def other_names(name: str) -> list[tuple[str, str]]:
    """The foreign keys of a row that get another name on an empty database than the old code's history gives them."""
    return OTHER_NAMES.get(name, []) if django_version() > (4, 2) else []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.engines) for name in ROWS]
)
def test_no_postgresql_database_notices(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ROWS[name]
    if django_version() < case.django:
        pytest.skip(f"needs Django {'.'.join(map(str, case.django))}")
    moved = move(replace(case, settings=case.settings + databases.BY_ENVIRONMENT), tmp_path / "move")
    for variable, value in databases.environment("postgresql").items():
        monkeypatch.setenv(variable, value)
    done = model_cases.run(moved.session, "verify_migrations")["verify_migrations"]
    if not moved.session.plan().app.models:
        assert done["skipped"].startswith("nothing to do: no models move")
        return
    outcomes = {row["outcome"] for row in done["table"] if not row["check"].startswith("empty")}
    assert outcomes == {"equal"}
    renamed = other_names(name)
    otherwise = {f"equal but for names of foreign keys ({len(renamed)})"} if renamed else set()
    assert {row["outcome"] for row in done["table"]} - outcomes == otherwise
    for other, usual in renamed:
        (said,) = {line.partition(": Django calls ")[2] for line in done["findings"]} - {""}
        assert said.startswith(f"a foreign key {other} that the old code's history calls {usual};")
    assert {row["database"] for row in done["table"]} == {"default (postgresql)", ""}
    assert databases.names() == set()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_anything_changes(name: str, tmp_path: Path) -> None:
    case = REFUSED[name]
    with pytest.raises(PhaseError, match=case.refused):
        move(case, tmp_path / "move")
    assert git(tmp_path / "move" / "new", "status", "--porcelain", "--untracked-files=no") == ""


@pytest.mark.parametrize(("case", "lookups"), [(NAMED, "core.lookups"), (NAMED_WHOLE, "apps.place.lookups")], ids=["extraction", "label"])
def test_what_names_a_model_finds_what_it_found(case: Case, lookups: str, tmp_path: Path) -> None:
    moved = move(case, tmp_path / "move")
    said = manage(moved.old, "shell", "-c", "from core.lookups import ask\nprint('ask', ask())")
    answer = said[said.index("ask") :]
    assert "[False, True]" in answer and answer.count("True") == 5
    populated = moved.populated(tmp_path / "populated")
    manage(populated, "migrate")
    assert answer in manage(populated, "shell", "-c", f"from {lookups} import ask\nprint('ask', ask())")
    fixtures = [path.relative_to(moved.new).as_posix() for path in moved.new.rglob("fixtures/*")]
    assert "Installed 4 object(s) from 3 fixture(s)" in manage(populated, "loaddata", *(str(moved.new / path) for path in fixtures))
    assert rows(populated, "SELECT DISTINCT model FROM core_thing t JOIN django_content_type c ON c.id = t.kind_id") == [("thing",)]
    assert rows(populated, STALE) == []


def test_what_the_autodetector_of_a_package_wants_is_written(tmp_path: Path) -> None:
    """A trigger is named by the label: it gets another name, in the database too, and its old one on the way back."""
    moved = move(RULED, tmp_path / "move")
    assert "No changes detected" in manage(moved.new, "makemigrations", "--check", "--dry-run")
    verified = model_cases.run(moved.session, "verify_migrations")["verify_migrations"]["table"]
    assert {row["outcome"] for row in verified} == {"equal", "equal but for names of triggers (1)"}
    populated = moved.populated(tmp_path / "populated")
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    was = rows(populated, triggers)
    manage(populated, "migrate")
    assert (was, rows(populated, triggers)) == ([("hold_core_team",), ("keep_core_thing",)], [("hold_core_team",), ("keep_depot_thing",)])
    manage(populated, "migrate", "depot", "zero")
    assert rows(populated, triggers) == was
    repo, plan = moved.empty(tmp_path / "new"), moved.session.plan()
    (repo / "products/depot/migrations/0002_follow_the_label.py").unlink()
    place = tmp_path / "place"
    place.mkdir()
    with keep(plan, django(moved.old), "sqlite", "test_phased_rules", place) as kept, pytest.raises(PhaseError) as caught:
        tried(plan, django(repo), kept.place, kept.filled)
    assert "makemigrations would write for depot: Set the rules of thing" in str(caught.value)


# ---- what code does with the rows

BEHAVIOUR = {
    "order_with_respect_to": """
from core.warehouse.models import Part, Thing
t = Thing.objects.get()
first, second = t.get_part_order()
assert Part.objects.get(pk=first).get_next_in_order().pk == second
t.set_part_order([second, first])
assert list(t.get_part_order()) == [second, first]
third = Part.objects.create(of=t)
assert list(t.get_part_order()) == [second, first, third.pk]
""",
    "pages": """
from django.contrib.auth.models import Permission, User
from django.test import Client
user = User.objects.create_superuser("root", password="x")
client = Client()
client.force_login(user)
url, add, *may = client.get("/page/").content.decode().split()
assert may == ["may"], may
assert client.get(add).status_code == 200 and b"Select thing to change" in client.get(url).content
client.force_login(User.objects.create(username="nobody"))
assert client.get("/page/").content.decode().split()[2:] == ["may", "not"]
""",
    "an app that moves, with default_app_config and ready": """
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
assert render_to_string("stock/item.html", {"number": 2}) == "4\\n"
assert finders.find("stock/item.css")
""",
    "receivers of signals": """
from core.warehouse.models import Thing
from core.warehouse.hooks import HEARD
Thing.objects.create(name="b").delete()
assert HEARD == ["saved b", "counted Thing", "gone b"], HEARD
""",
    "names with the label": """
from core.models import Team
team = Team.objects.get()
assert team.core_things.count() == team.core_parts.count() == 1
assert Team.objects.filter(core_thing__isnull=False, core_parts__isnull=False).count() == 1
assert not [name for name in dir(team) if name.startswith("depot")]
""",
}


@pytest.mark.parametrize("name", BEHAVIOUR)
def test_code_finds_what_it_found(name: str, tmp_path: Path) -> None:
    moved = move(ROWS[name], tmp_path / "move")
    asked = BEHAVIOUR[name] + "print('found')\n"
    new = moved.populated(tmp_path / "populated")
    manage(new, "migrate")
    for repo, package in ((moved.old, "core.warehouse."), (new, "products.depot.")):
        assert "found" in manage(repo, "shell", "-c", asked.replace("core.warehouse.", package))


# ---- what is left out of a row's move

FIRST, LAST, MODELS = (
    "products/depot/migrations/0001_initial.py", "core/migrations/0002_move_models_to_depot.py", "products/depot/models.py",
)  # fmt: skip
Edits = tuple[tuple[str, str, str], ...]  # file, text, what stands there instead; an empty text is the whole file

LEFT_OUT: list[tuple[str, str, Edits, str]] = [
    (
        "max_migration.txt", "of the old app stays what it was",
        (("core/migrations/max_migration.txt", "0002_move_models_to_depot", "0001_initial"),),
        "max_migration.txt: max_migration.txt of core says 0001_initial, where the last migration is 0002_move_models_to_depot",
    ),
    (
        "max_migration.txt", "of the new app is not made", (("products/depot/migrations/max_migration.txt", "", ""),),
        "max_migration.txt: max_migration.txt of depot is missing; core has one",
    ),
    (
        "order_with_respect_to", "in the migration", ((FIRST, "'order_with_respect_to': 'of',", ""),),
        "makemigrations would write for depot: Set order_with_respect_to on part to of",
    ),
    (
        "order_with_respect_to", "in the model", ((MODELS, "order_with_respect_to = 'of'", "pass"),),
        "makemigrations would write for depot: Set order_with_respect_to on part to None",
    ),
    (
        "names with the label", "a constraint, in the model",
        ((MODELS, '"core_%(class)s_one"', '"%(app_label)s_%(class)s_one"'),),
        "makemigrations would write for depot: Create constraint depot_thing_one on model thing",
    ),
    (
        "names with the label", "a constraint, in model and migration",
        ((MODELS, '"core_%(class)s_one"', '"%(app_label)s_%(class)s_one"'), (FIRST, "'core_thing_one'", "'depot_thing_one'")),
        "filled database: default (sqlite): table core_thing has no constraint depot_thing_one, which the model Thing names",
    ),
    (
        "names with the label", "an index, in the model", ((MODELS, '"core_%(class)s_i"', '"%(app_label)s_%(class)s_i"'),),
        "makemigrations would write for depot: Rename index core_thing_i on thing to depot_thing_i",
    ),
    (
        "names with the label", "an index, in model and migration",
        ((MODELS, '"core_%(class)s_i"', '"%(app_label)s_%(class)s_i"'), (FIRST, "'core_thing_i'", "'depot_thing_i'")),
        "filled database: default (sqlite): table core_thing has no index depot_thing_i, which the model Thing names",
    ),
    (
        "names with the label", "a related_name, in the model",
        ((MODELS, '"core_%(class)ss"', '"%(app_label)s_%(class)ss"'),),
        "makemigrations would write for depot: Alter field team on thing",
    ),
    (
        "names with the label", "a related_query_name, in the model",
        ((MODELS, '"core_%(class)s")', '"%(app_label)s_%(class)s")'),),
        "makemigrations would write for depot: Alter field team on thing",
    ),
    (
        "names with the label", "a default_related_name, in the model", ((MODELS, '"core_parts"', '"%(app_label)s_parts"'),),
        "makemigrations would write for depot: Change Meta options on part",
    ),
]  # fmt: skip
# The same in the migrations too: no database knows, Django's own models do.
RENAMED: list[tuple[str, Edits, str]] = [
    ("related_name", ((MODELS, '"core_%(class)ss"', '"%(app_label)s_%(class)ss"'),), "team: reverse name is depot_things, was core_things"),
    ("query name", ((MODELS, '"core_%(class)s")', '"%(app_label)s_%(class)s")'),), "team: name in queries is depot_thing, was core_thing"),
    ("default_related_name", ((MODELS, '"core_parts"', '"%(app_label)s_parts"'),), "team: reverse name is depot_parts, was core_parts"),
]  # fmt: skip


LEFT_OUT += [
    (
        "many to many, with and without through", "the table of a many-to-many relation",
        ((MODELS, 'db_table = "core_box"', "pass"), (FIRST, "'db_table': 'core_box',", "")),
        "depot.Box_things has the table depot_box_things, which does not exist",
    ),
    (
        "many to many, with and without through", "a through model",
        ((MODELS, 'db_table = "core_use"', "pass"), (FIRST, "'db_table': 'core_use',", "")),
        "depot.Use has the table depot_use, which does not exist",
    ),
    (
        "unmanaged", "managed, in the model", ((MODELS, "managed = False", "pass"),),
        "makemigrations would write for depot: Change Meta options on legacy",
    ),
    (
        "unmanaged", "managed, in model and migration", ((MODELS, "managed = False", "pass"), (FIRST, "'managed': False,", "")),
        "depot.Legacy has the table core_legacy, which does not exist",
    ),
    (
        "models that a package makes at run time", "the table",
        ((MODELS, '(table_name="core_historicalthing")', "()"),),
        "makemigrations would write for depot: Rename table for historicalthing to (default)",
    ),
    (
        "bases that name things by the label", "a relation of an installed base",
        ((MODELS, "    owner = models.ForeignKey(on_delete=models.CASCADE, related_name='core_%(class)s_items', "
          "related_query_name='core_%(class)s_item', to=settings.AUTH_USER_MODEL)\n\n    class Meta", "    class Meta"),),
        "makemigrations would write for depot: Alter field owner on thing",
    ),
    (
        "bases that name things by the label", "an index of an installed base",
        ((MODELS, "        indexes = [models.Index(fields=['rank'], name='core_thing_i')]\n", ""),),
        "makemigrations would write for depot: Rename index core_thing_i on thing to depot_thing_i",
    ),
    (
        "bases that name things by the label", "an index of a metaclass",
        ((MODELS, ", models.Index(fields=['rank', 'id'], name='core_leaf_made')", ""),),
        "makemigrations would write for depot: Rename index core_leaf_made on leaf to depot_leaf_made",
    ),
    (
        "proxies that stay", "the base of a proxy", ((LAST, "bases=('depot.thing',)", "bases=('core.thing',)"),),
        "Cannot resolve bases for",
    ),
    (
        "a parent that leaves its children", "the base of a child in another app",
        (("billing/migrations/0002_relations_to_depot.py", "bases=('depot.thing',)", "bases=('core.thing',)"),),
        "Cannot resolve bases for",
    ),
    (
        "a child that leaves its parent", "the table of a child", ((MODELS, 'db_table = "core_employee"', "pass"),),
        "makemigrations would write for depot: Rename table for employee to (default)",
    ),
    (
        "a proxy that moves with its model", "the base of a proxy", ((FIRST, "bases=('depot.thing',)", "bases=('core.thing',)"),),
        "Cannot resolve bases for",
    ),
]  # fmt: skip


def edited(repo: Path, edits: Edits) -> Path:
    for path, old, new in edits:
        if old:
            replace_text(repo / path, old, new)
        else:
            (repo / path).unlink()
    return repo


@pytest.fixture(scope="module")
def row(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Moved, Kept]]:
    """A row's move, and databases that its old code has filled."""
    moved = move(ROWS[request.param], tmp_path_factory.mktemp("row"))
    place = tmp_path_factory.mktemp("kept")
    with keep(moved.session.plan(), django(moved.old), "sqlite", "test_phased_row", place) as kept:
        yield moved, kept


@pytest.mark.parametrize(
    ("row", "edits", "said"),
    [pytest.param(name, edits, said, id=f"{name}: {what}") for name, what, edits, said in LEFT_OUT],
    indirect=["row"],
)
def test_what_is_left_out_is_noticed(row: tuple[Moved, Kept], tmp_path: Path, edits: Edits, said: str) -> None:
    moved, kept = row
    kept.restore()
    repo = edited(moved.empty(tmp_path / "new"), edits)
    with pytest.raises(PhaseError) as caught:
        tried(moved.session.plan(), django(repo), kept.place, kept.filled)
    assert said in str(caught.value)


@pytest.mark.parametrize("row", ["receivers of signals"], indirect=True)
def test_receivers_that_nothing_connects_any_more_are_noticed(row: tuple[Moved, Kept], tmp_path: Path) -> None:
    moved, _ = row
    before = Registry.from_json(moved.session.registry_path.read_text())
    repo, plan = moved.empty(tmp_path / "new"), moved.session.plan()
    assert len(before.receivers) == 3
    validate(before, django(repo).ask("registry", "check").registry, plan)
    replace_text(repo / "core/apps.py", "from products.depot import hooks  # noqa", "pass")
    with pytest.raises(PhaseError) as caught:
        validate(before, django(repo).ask("registry", "check").registry, plan)
    assert list(caught.value.details) == [
        "the receiver products.depot.hooks.counted is no longer connected to its signals as before: core.signals.COUNTED",
        "the receiver products.depot.hooks.Ear.gone is no longer connected to its signals as before: django.db.models.signals.post_delete",
        "the receiver products.depot.hooks.saved is no longer connected to its signals as before: django.db.models.signals.post_save",
        "likely cause: nothing imports the module that connects it",
    ]
    assert "import that module in ready()" in caught.value.remedy


@pytest.mark.parametrize("row", ["names with the label"], indirect=True)
@pytest.mark.parametrize(("edits", "said"), [pytest.param(edits, said, id=what) for what, edits, said in RENAMED])
def test_names_that_only_models_know_are_compared(row: tuple[Moved, Kept], tmp_path: Path, edits: Edits, said: str) -> None:
    moved, _ = row
    before = Registry.from_json(moved.session.registry_path.read_text())
    repo = moved.empty(tmp_path / "new")
    plan = moved.session.plan()
    validate(before, django(repo).ask("registry", "check").registry, plan)
    with pytest.raises(PhaseError) as caught:
        validate(before, django(edited(repo, edits)).ask("registry", "check").registry, plan)
    assert said in str(caught.value)
