"""Throw-away databases are filled by what the fields say; what can't be filled is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as changed

import pytest

from migration.django.database_dump import Dump
from migration.phases.verify_migrations import Place, fill, request
from migration.plan.plan import App, Model, Plan
from tests import databases
from tests.databases import BY_ENVIRONMENT, ENGINES
from tests.django_projects import django, manage, project, write

ZOO = project(
    ("zoo", "notes"),
    {
        "zoo/__init__.py": "",
        "zoo/migrations/__init__.py": "",
        "zoo/fixtures/a_needs_b.json": '[{"model": "zoo.cage", "pk": 3, "fields": {"keeper": 9, "name": "b"}}]',
        "zoo/fixtures/b.json": '[{"model": "zoo.keeper", "pk": 9, "fields": {"name": "Ada"}}]',
        "zoo/fixtures/c_of_old.json": '[{"model": "zoo.keeper", "pk": 1, "fields": {"nickname": "x"}}]',
        "zoo/fixtures/readme.txt": "no fixture",
        "zoo/models.py": '''\
            import uuid

            import django
            from django.core.validators import MaxValueValidator, MinValueValidator
            from django.db import models
            from django.db.models import Q
            from django.db.models.signals import post_save


            def check(condition, name):
                word = "condition" if django.VERSION >= (5, 1) else "check"
                return models.CheckConstraint(name=name, **{word: condition})


            class Keeper(models.Model):
                name = models.CharField(max_length=10)

                def save(self, *args, **kwargs):
                    raise RuntimeError("a save of the monolith's own")


            class Cage(models.Model):
                keeper = models.ForeignKey(Keeper, models.CASCADE)
                name = models.CharField(max_length=10)


            class Animal(models.Model):
                name = models.CharField(max_length=3, unique=True)
                kind = models.CharField(max_length=1, choices=[("", "none"), ("c", "cat"), ("d", "dog")])
                state = models.CharField(max_length=10, default="new")
                cage = models.ForeignKey(Cage, models.CASCADE)
                parent = models.ForeignKey("self", models.CASCADE, null=True)
                friends = models.ManyToManyField("self")
                born = models.DateField()
                seen = models.DateTimeField(auto_now=True)
                fed = models.TimeField()
                sleep = models.DurationField()
                weight = models.DecimalField(max_digits=4, decimal_places=2)
                length = models.FloatField()
                age = models.PositiveSmallIntegerField(validators=[MinValueValidator(5), MaxValueValidator(7)])
                wild = models.BooleanField()
                chip = models.UUIDField(unique=True, default=uuid.uuid4)
                photo = models.FileField()
                about = models.JSONField()
                slug = models.SlugField(unique=True)
                site = models.URLField(null=True)
                mail = models.EmailField()
                ip = models.GenericIPAddressField()
                raw = models.BinaryField()


            class Cat(Animal):
                lives = models.IntegerField()


            class Badge(models.Model):
                id = models.UUIDField(primary_key=True)
                animal = models.OneToOneField(Animal, models.CASCADE)


            class OneOf(models.Model):
                a = models.IntegerField(null=True)
                b = models.IntegerField(null=True)

                class Meta:
                    constraints = [check(Q(a=None, b__isnull=False) | Q(a__isnull=False, b=None), "one_of")]


            class Impossible(models.Model):
                age = models.PositiveIntegerField()

                class Meta:
                    constraints = [check(Q(age__gt=1_000_000), "older")]


            class Chicken(models.Model):
                egg = models.ForeignKey("Egg", models.CASCADE, related_name="+")


            class Egg(models.Model):
                chicken = models.ForeignKey(Chicken, models.CASCADE, related_name="+")


            class RuneField(models.Field):
                def db_type(self, connection):
                    return "text"


            class Rune(models.Model):
                sign = RuneField()


            class Stubborn(models.Model):
                def __init__(self, *args, **kwargs):
                    if not args:
                        raise ValueError("not like this")
                    super().__init__(*args, **kwargs)


            class Legacy(models.Model):
                class Meta:
                    managed = False


            class Short(Keeper):
                class Meta:
                    proxy = True


            def heard(**kwargs):
                raise RuntimeError("a receiver of the monolith's own")


            post_save.connect(heard, sender=Animal)
            ''',
        "notes/__init__.py": "",
        "notes/migrations/__init__.py": "",
        "notes/models.py": """\
            from django.contrib.contenttypes.fields import GenericForeignKey
            from django.db import models


            class Note(models.Model):
                content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
                object_id = models.CharField(max_length=36)
                target = GenericForeignKey()

                class Meta:
                    unique_together = [("content_type", "object_id")]


            class Star(models.Model):
                kind = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
                number = models.PositiveIntegerField()
                target = GenericForeignKey("kind", "number")
            """,
        "boxes/__init__.py": "",
        "boxes/migrations/__init__.py": "",
        "boxes/models.py": """\
            from django.contrib.postgres.fields import ArrayField, DateRangeField, IntegerRangeField
            from django.db import models


            class Box(models.Model):
                animal = models.ForeignKey("zoo.Animal", models.CASCADE)
                sizes = ArrayField(models.IntegerField())
                open = DateRangeField()
                fits = IntegerRangeField()
            """,
    },
)
ZOO["shop/settings.py"] += BY_ENVIRONMENT + 'if os.environ.get("TEST_HOST"):\n    INSTALLED_APPS += ["boxes"]\n'
MODELS = (
    "Keeper", "Cage", "Animal", "Cat", "Badge", "OneOf", "Impossible", "Chicken", "Egg", "Rune", "Stubborn", "Legacy", "Short",
)  # fmt: skip
PLAN = Plan(
    "zoo", "zoo", "zoo", {}, {},
    app=App("extraction", "zoo", "zoo_of_its_own", models=tuple(Model(name, "zoo.models", "") for name in MODELS)),
)  # fmt: skip


@dataclass(frozen=True)
class Zoo:
    engine: str
    dump: Dump
    notes: dict[str, str]

    def rows(self, table: str) -> list[dict[str, object]]:
        found = self.dump.tables[table]
        return [dict(zip(found.columns, row, strict=True)) for row in sorted(found.rows)]


@pytest.fixture(scope="module", params=ENGINES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    engine = request.param
    repo = write(tmp_path_factory.mktemp("zoo"), ZOO)
    asked = changed(django(repo), env=databases.environment(engine))
    manage(repo, "makemigrations", "zoo", "notes")
    if engine == "postgresql":
        write(repo, {"boxes/migrations/0001_initial.py": BOXES})
    place = Place("test_phased_zoo", repo / "work")
    place.directory.mkdir()
    try:
        found = fill(PLAN, asked, place)
        assert found is not None
        notes = {note["what"].replace(f"{repo}/", ""): note["why"] for note in found.answer["notes"]["default"]}
        yield Zoo(engine, found.before["default"], notes)
    finally:
        asked.ask("verify", verify=drop(place))
    assert engine == "sqlite" or not [name for name in databases.names() if "zoo" in name]


def drop(place: Place) -> dict[str, object]:
    return request(PLAN, place, "drop")


BOXES = """\
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("zoo", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Box",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sizes", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("open", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("fits", django.contrib.postgres.fields.ranges.IntegerRangeField()),
                ("animal", models.ForeignKey(on_delete=models.CASCADE, to="zoo.animal")),
            ],
        ),
    ]
"""


def test_what_can_not_be_filled_is_named(filled: Zoo) -> None:
    reasons = filled.notes
    assert set(reasons) == {
        "zoo.Impossible", "zoo.Chicken", "zoo.Egg", "zoo.Rune", "zoo.Stubborn", "zoo.Legacy",
        "zoo/fixtures/c_of_old.json",
    }  # fmt: skip
    assert "IntegrityError" in reasons["zoo.Impossible"] and "older" in reasons["zoo.Impossible"]
    assert reasons["zoo.Chicken"] == "required relations form a circle: zoo.Chicken -> zoo.Egg -> zoo.Chicken"
    assert reasons["zoo.Rune"] == "sign is a zoo.models.RuneField: no value is known for it"
    assert reasons["zoo.Stubborn"] == "Stubborn() can't be called: ValueError: not like this"
    assert "managed = False" in reasons["zoo.Legacy"]
    assert reasons["zoo/fixtures/c_of_old.json"].startswith("a fixture that does not load: DeserializationError: ")


def test_fixtures_load_in_the_order_that_works(filled: Zoo) -> None:
    assert {"id": 9, "name": "Ada"} in filled.rows("zoo_keeper")
    assert {"id": 3, "keeper_id": 9, "name": "b"} in filled.rows("zoo_cage")


def test_values_follow_the_fields(filled: Zoo) -> None:
    first, second, *_ = filled.rows("zoo_animal")
    assert first["kind"] in ("c", "d") and second["kind"] in ("c", "d")
    assert first["state"] == second["state"] == "new"
    assert len(str(first["name"])) == 3 and first["name"] != second["name"] and first["slug"] != second["slug"]
    assert first["age"] in (5, 6, 7)
    assert first["site"] and first["parent_id"] is None, "as much as there is is filled in the first one"
    assert second["site"] is None, "and as little as may be in the second one"
    assert str(first["mail"]).endswith("@example.com") and str(first["photo"]).endswith(".txt")


def test_relations(filled: Zoo) -> None:
    animals = {row["id"] for row in filled.rows("zoo_animal")}
    assert {row["animal_ptr_id"] for row in filled.rows("zoo_cat")} < animals and len(filled.rows("zoo_cat")) == 2
    assert len({row["animal_id"] for row in filled.rows("zoo_badge")}) == 2
    assert len(filled.rows("zoo_animal_friends")) == 2
    assert len(filled.rows("zoo_oneof")) == 2


def test_generic_relations_reach_every_model_whose_key_fits(filled: Zoo) -> None:
    kinds = {row["id"]: row["model"] for row in filled.rows("django_content_type")}
    noted = {kinds[row["content_type_id"]] for row in filled.rows("notes_note")}
    assert {"animal", "badge", "cage", "keeper"} <= noted
    starred = {kinds[row["kind_id"]] for row in filled.rows("notes_star")}
    assert "animal" in starred and "badge" not in starred
    badges = {str(row["id"]).replace("-", "") for row in filled.rows("zoo_badge")}
    noted_badges = [row["object_id"] for row in filled.rows("notes_note") if kinds[row["content_type_id"]] == "badge"]
    assert noted_badges and {str(key).replace("-", "") for key in noted_badges} <= badges


def test_permissions_are_granted(filled: Zoo) -> None:
    kinds = {row["id"] for row in filled.rows("django_content_type") if row["app_label"] == "zoo"}
    ours = {row["id"] for row in filled.rows("auth_permission") if row["content_type_id"] in kinds}
    assert {row["permission_id"] for row in filled.rows("auth_group_permissions")} == ours
    assert {row["permission_id"] for row in filled.rows("auth_user_user_permissions")} == ours
    assert len(ours) == 4 * len(MODELS)


def test_the_fields_of_postgresql(filled: Zoo) -> None:
    if filled.engine == "postgresql":
        assert len(filled.rows("boxes_box")) == 2 and filled.rows("boxes_box")[0]["sizes"]
    else:
        assert "boxes_box" not in filled.dump.tables
