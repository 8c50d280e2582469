"""The rows: a small Django project for each kind of model, relation, option and setting that may move.

``ROWS`` are extractions and app moves in which no database notices anything, ``REFUSED`` what is refused
by name; see ``tests.model_cases``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from textwrap import dedent

from tests.model_cases import Case

MODELS = "from django.db import models\n\n"


def extraction(moves: str, stays: str = "", fill: str = "", **more: object) -> Case:
    """``core.warehouse`` becomes ``products.depot``.

    :param moves: the models under the source.
    :param stays: the models of the surrounding app, behind an import of those that move.
    :param fill: makes rows; all models are imported.
    """
    files = {
        "core/__init__.py": "",
        "core/migrations/__init__.py": "",
        "core/models.py": f"{MODELS}from core.warehouse.models import *  # noqa\n\n\n{dedent(stays)}",
        "core/warehouse/__init__.py": "",
        "core/warehouse/models.py": MODELS + dedent(moves),
    }
    extra = more.pop("files", {})
    assert isinstance(extra, Mapping)
    script = f"from core.models import *\nfrom core.warehouse.models import *\n{dedent(fill)}"
    apps = more.pop("apps", ("core",))
    return Case(apps, {**files, **extra}, "core.warehouse", "products.depot", "depot", rows=script, **more)  # type: ignore[arg-type]


# --- apps that move and get another label

USERPROFILE_MODELS = """\
    from django.conf import settings
    from django.contrib.contenttypes.fields import GenericRelation
    from django.db import models


    class Tag(models.Model):
        name = models.CharField(max_length=10)


    class Profile(models.Model):
        user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(app_label)s_profile")
        tags = models.ManyToManyField("userprofile.Tag")
        friends = models.ManyToManyField("self")
        notes = GenericRelation("audit.Entry")

        class Meta:
            permissions = [("ban", "Can ban")]
            constraints = [models.UniqueConstraint(fields=["user"], name="%(app_label)s_one")]
            indexes = [models.Index(fields=["user"], name="%(app_label)s_user_i")]


    class Alias(Profile):
        class Meta:
            proxy = True


    class Special(Profile):
        rank = models.IntegerField(default=0)


    class View(models.Model):
        class Meta:
            managed = False
"""

AUDIT_MODELS = """\
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.db import models


    class Entry(models.Model):
        content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
        object_id = models.IntegerField()
        thing = GenericForeignKey()
        profile = models.ForeignKey("userprofile.Profile", models.CASCADE, null=True)


    class Mine(models.Model):
        tags = models.ManyToManyField("userprofile.Tag", through="Use")


    class Use(models.Model):
        mine = models.ForeignKey(Mine, models.CASCADE)
        tag = models.ForeignKey("userprofile.Tag", models.CASCADE)
"""

FILL_USERPROFILE = """
from django.contrib.auth.models import *
from django.contrib.contenttypes.models import ContentType
from userprofile.models import *
from audit.models import *
user = User.objects.create(username="u")
p = Special.objects.create(user=user, rank=3)
tag = Tag.objects.create(name="x")
p.tags.add(tag)
p.friends.add(p)
p.notes.create()
Use.objects.create(mine=Mine.objects.create(), tag=tag)
Entry.objects.create(content_type=ContentType.objects.get_for_model(Profile), object_id=p.pk, profile=p)
user.user_permissions.add(*Permission.objects.filter(content_type__app_label="userprofile"))
"""

USERPROFILE = Case(
    ("userprofile", "audit"),
    {
        "userprofile/__init__.py": "",
        "userprofile/migrations/__init__.py": "",
        "userprofile/models.py": USERPROFILE_MODELS,
        "audit/__init__.py": "",
        "audit/migrations/__init__.py": "",
        "audit/models.py": AUDIT_MODELS,
    },
    "userprofile",
    "apps.account",
    "account",
    "account",
    FILL_USERPROFILE,
)

# The history of an app: a model renamed twice over, one that is gone, data migrations, a squash whose
# originals are gone, another app that must come first.
PEOPLE = Case(
    ("people", "early"),
    {
        "people/__init__.py": "",
        "people/apps.py": """\
            from django.apps import AppConfig


            class PeopleConfig(AppConfig):
                name = "people"
                label = "folk"
                default_auto_field = "django.db.models.AutoField"
            """,
        "people/models.py": """\
            from django.db import models


            class Human(models.Model):
                name = models.CharField(max_length=10)
                likes = models.ManyToManyField("Thing")
                knows = models.ManyToManyField("self")


            class Thing(models.Model):
                owner = models.ForeignKey("folk.Human", models.CASCADE, null=True)

                class Meta:
                    db_table = "things"
                    order_with_respect_to = "owner"
            """,
        "people/migrations/__init__.py": "",
        "people/migrations/max_migration.txt": "0004_data\n",
        "people/migrations/0001_initial_squashed_0002_x.py": """\
            from django.db import migrations, models


            class Migration(migrations.Migration):
                replaces = [("folk", "0001_initial"), ("folk", "0002_x")]
                initial = True
                dependencies = []
                operations = [
                    migrations.CreateModel(
                        "Being",
                        [
                            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                            ("name", models.CharField(max_length=10)),
                        ],
                    ),
                    migrations.CreateModel(
                        name="Gone",
                        fields=[
                            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                            ("of", models.ForeignKey("folk.Being", models.CASCADE)),
                        ],
                        options={},
                    ),
                    migrations.CreateModel(
                        name="Thing",
                        fields=[
                            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                            ("owner", models.ForeignKey(null=True, on_delete=models.CASCADE, to="folk.being")),
                        ],
                        options={
                            # made for another table
                            "db_table": "stuff",
                        },
                    ),
                    migrations.AddField("Being", "likes", models.ManyToManyField(to="folk.Thing")),
                    migrations.AddField("Being", "knows", models.ManyToManyField(to="folk.being")),
                ]
            """,
        "people/migrations/0003_names.py": """\
            from django.db import migrations, models


            class Migration(migrations.Migration):
                \"\"\"Better names.\"\"\"

                dependencies = [("folk", "0002_x"), ("early", "__first__")]
                operations = [
                    migrations.RenameModel("Being", "Person"),
                    migrations.SeparateDatabaseAndState(
                        state_operations=[migrations.RenameModel(old_name="Person", new_name="Human")],
                        database_operations=[migrations.RenameModel(old_name="Person", new_name="Human")],
                    ),
                    migrations.AlterModelTable("Thing", table=None),
                    migrations.DeleteModel("Gone"),
                    migrations.AlterOrderWithRespectTo(name="thing", order_with_respect_to="owner"),
                ]
            """,
        "people/migrations/0004_data.py": """\
            from django.db import migrations


            def forwards(apps, schema_editor):
                Human = apps.get_model("folk", "Human")
                Human.objects.create(name=apps.get_model("folk.Thing")._meta.db_table)
                apps.get_model(app_label="folk", model_name="Human").objects.get()


            class Migration(migrations.Migration):
                dependencies = [("folk", "0003_names")]
                operations = [
                    migrations.AlterModelTable(name="Thing", table="things"),
                    migrations.RunPython(forwards, migrations.RunPython.noop),
                ]
            """,
        "early/__init__.py": "",
        "early/migrations/__init__.py": "",
        "early/models.py": "from django.db import models\n\n\nclass Bird(models.Model):\n    eats = models.ForeignKey('folk.Human', models.CASCADE)\n",
        "early/migrations/0001_initial.py": """\
            from django.db import migrations


            class Migration(migrations.Migration):
                run_before = [("folk", "0003_names")]
                operations = []
            """,
    },
    "people",
    "apps.humans",
    "humans",
    "humans",
    """
from people.models import *
from early.models import *
h = Human.objects.create(name="h")
t = Thing.objects.create(owner=h)
h.likes.add(t)
h.knows.add(h)
Bird.objects.create(eats=h)
""",
)

# The user model itself, named by a setting, and an app whose migrations lie elsewhere.
USERS = Case(
    ("users",),
    {
        "users/__init__.py": "",
        "users/models.py": """\
            from django.contrib.auth.models import AbstractUser
            from django.db import models


            class User(AbstractUser):
                boss = models.ForeignKey("self", models.SET_NULL, null=True)
            """,
        "history/__init__.py": "",
        "history/users/__init__.py": "",
    },
    "users",
    "apps.accounts",
    "accounts",
    "accounts",
    """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
u = get_user_model().objects.create(username="u")
u.boss = u
u.save()
u.user_permissions.add(*Permission.objects.filter(content_type__app_label="users"))
u.groups.add(Group.objects.create(name="g"))
""",
    settings='\nAUTH_USER_MODEL = "users.User"\nMIGRATION_MODULES = {"users": "history.users"}\n',
    made=("users",),
)


THING = """
class Thing(models.Model):
    name = models.CharField(max_length=10)
"""

TEAM = "\n\nclass Team(models.Model):\n    thing = models.ForeignKey('Thing', models.CASCADE)\n"


def _things(target: str, path: str) -> Case:
    """``core.things``, a module or a package, becomes ``target``; ``path`` is the file with the model."""
    module = path.removesuffix(".py").replace("/", ".")
    files = {
        "core/__init__.py": "",
        "core/migrations/__init__.py": "",
        "core/models.py": f"{MODELS}from {module} import Thing\n{TEAM}",
        path: MODELS + THING,
    }
    fill = "from core.models import *\nTeam.objects.create(thing=Thing.objects.create(name='a'))"
    return Case(("core",), files, "core.things", target, "depot", rows=fill)


# Migrations of old write the option as a list of lists.
TOGETHER = """
class {name}(models.Model):
    a = models.IntegerField()
    b = models.IntegerField()

    class Meta:
        unique_together = [["a", "b"]]
"""
CREATE_TOGETHER = """\
        migrations.CreateModel(
            "{name}",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("a", models.IntegerField()),
                ("b", models.IntegerField()),
            ],
            options={{"unique_together": [["a", "b"]]}},
        ),
"""

# Receivers by class, by label, of an object, and of a signal of one's own.
HOOKS = """\
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from core.signals import COUNTED
from core.warehouse.models import Thing

HEARD = []


@receiver(post_save, sender=Thing)
def saved(sender, instance, **more):
    HEARD.append(f"saved {instance.name}")
    COUNTED.send(sender)


@receiver(COUNTED)
def counted(sender, **more):
    HEARD.append(f"counted {sender.__name__}")


class Ear:
    def gone(self, instance, **more):
        HEARD.append(f"gone {instance.name}")


EAR = Ear()
post_delete.connect(EAR.gone, sender="core.Thing")
"""

PAGES = """
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ALLOWED_HOSTS = ["testserver"]
STATIC_URL = "/static/"
"""

# An installed package: a base that names things by the label, a metaclass that does.
TAGGISH = """\
from django.db import models
from django.db.models.base import ModelBase


class Tagged(models.Model):
    owner = models.ForeignKey("auth.User", models.CASCADE, related_name="%(app_label)s_%(class)s_items",
                              related_query_name="%(app_label)s_%(class)s_item")
    rank = models.IntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["rank", "owner"], name="%(app_label)s_%(class)s_one")]
        indexes = [models.Index(fields=["rank"], name="%(app_label)s_%(class)s_i")]


class Related(models.Model):
    group = models.ForeignKey("auth.Group", models.CASCADE)

    class Meta:
        abstract = True
        default_related_name = "%(app_label)s_%(class)s_of"


class Indexed(ModelBase):
    def __new__(cls, name, bases, attrs, **more):
        made = super().__new__(cls, name, bases, attrs, **more)
        if not any(index.fields == ["rank", "id"] for index in made._meta.indexes):
            index = models.Index(fields=["rank", "id"], name=f"{made._meta.app_label}_{made._meta.model_name}_made")
            made._meta.indexes.append(index)
        return made
"""
LABELLED = """\
import taggish.models
from django.contrib.auth.models import User
from core.base import Owned
from taggish.models import Tagged


class Thing(Tagged):
    pass


class Part(Tagged):
    \"\"\"Has names of its own.\"\"\"

    text = models.CharField(max_length=9)

    class Meta(Tagged.Meta):
        indexes = [models.Index(fields=["owner"], name="mine")]


class Leaf(taggish.models.Related, metaclass=taggish.models.Indexed):
    rank = models.IntegerField(default=0)

    class Meta(taggish.models.Related.Meta):
        indexes = [models.Index(fields=["rank"], name="leaf_rank"), models.Index(fields=["rank", "group"])]


class Mine(Owned):
    owner = models.ForeignKey(User, models.CASCADE, related_name="core_mines")


class Yours(Owned): pass
"""

# As django-simple-history: a model of its own beside each that is recorded, in no class statement.
HISTORY = """\
from django.apps import apps
from django.db import models
from django.db.models.signals import class_prepared


class HistoricalChanges:
    pass


class HistoricalRecords:
    def __init__(self, table_name=None, app=None):
        self.table_name, self.app = table_name, app

    def contribute_to_class(self, cls, name):
        self.cls = cls
        class_prepared.connect(self.finalize, weak=False)

    def finalize(self, sender, **more):
        if sender is not self.cls:
            return
        names = {"app_label": self.app or sender._meta.app_label}
        names.update({"db_table": self.table_name} if self.table_name else {})
        attrs = {
            "__module__": apps.app_configs[sender._meta.app_label].name,
            "Meta": type("Meta", (), names),
            "instance_type": sender,
            "history_id": models.AutoField(primary_key=True),
            "of": models.ForeignKey(sender, models.CASCADE, null=True, related_name="+"),
        }
        self.made = type(f"Historical{sender.__name__}", (HistoricalChanges, models.Model), attrs)
"""
RECORDED = """\
from simple_history.models import HistoricalRecords


class Thing(models.Model):
    name = models.CharField(max_length=10)
    history = HistoricalRecords()


class Part(models.Model):
    thing = models.ForeignKey(Thing, models.CASCADE)
    history = HistoricalRecords(
        app="core",  # they stay
    )
"""
PACKAGES = "\nimport sys\nsys.path.insert(0, str(Path(__file__).parent.parent / 'lib/site-packages'))\n"
# As django-pgtrigger: an option of Meta, operations and an autodetector of its own; the name holds the model's label.
RULES = """\
from django.apps import AppConfig
from django.db.models import options


class RuledConfig(AppConfig):
    name = "ruled"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        options.DEFAULT_NAMES = (*options.DEFAULT_NAMES, "rules")

    def ready(self):
        from django.core.management.commands import makemigrations, migrate
        from django.db.migrations import state
        from ruled.operations import Detecting

        state.DEFAULT_NAMES = options.DEFAULT_NAMES

        detector = type("Detector", (Detecting, makemigrations.MigrationAutodetector), {})
        makemigrations.MigrationAutodetector = migrate.MigrationAutodetector = detector
        for command in (makemigrations.Command, migrate.Command):
            if hasattr(command, "autodetector"):
                command.autodetector = detector
"""
RULE_OPERATIONS = """\
from django.db.migrations.operations.base import Operation


def compiled(state, rule):
    return f"{rule}_{state.app_label}_{state.name_lower}"


class SetRules(Operation):
    def __init__(self, name, rules, before=()):
        self.name, self.rules, self.before = name, rules, before

    def state_forwards(self, app_label, state):
        state.models[app_label, self.name].options["rules"] = list(self.rules)
        state.reload_model(app_label, self.name, delay=True)

    def database_forwards(self, app_label, editor, from_state, to_state, names=None):
        model = to_state.apps.get_model(app_label, self.name)
        if editor.connection.vendor != "sqlite":
            return
        gone, new = names or (self.before, self.rules)
        for rule in gone:
            editor.execute(f"DROP TRIGGER {rule}")
        for rule in new:
            editor.execute(f"CREATE TRIGGER {rule} BEFORE DELETE ON {model._meta.db_table} BEGIN SELECT RAISE(IGNORE); END")

    def database_backwards(self, app_label, editor, from_state, to_state):
        self.database_forwards(app_label, editor, from_state, to_state, (self.rules, self.before))

    def describe(self):
        return f"Set the rules of {self.name}"


class Detecting:
    def generate_added_constraints(self):
        super().generate_added_constraints()
        self._rules(self.kept_model_keys)

    def generate_created_models(self):
        super().generate_created_models()
        created = self.new_model_keys - self.old_model_keys
        self._rules(created)
        for key in created:  # CreateModel has the same dict
            self.to_state.models[key].options.pop("rules", None)

    def _rules(self, keys):
        for key in sorted(keys):
            state = self.to_state.models[key]
            was = self.from_state.models[key].options.get("rules", []) if key in self.from_state.models else []
            now = [compiled(state, rule) for rule in state.options.get("rules", [])]
            if now != was:
                dependencies = [(key[0], key[1], None, True)]
                try:
                    from django.db.migrations.autodetector import OperationDependency
                    dependencies = [OperationDependency(key[0], key[1], None, OperationDependency.Type.CREATE)]
                except ImportError:
                    pass
                self.add_operation(key[0], SetRules(key[1], now, was), dependencies=dependencies)
"""

# A tree of tables over two apps whose root moves: one child with a link of its own.
CHILDREN = """\
class Child(Thing):
    near = models.ManyToManyField("self")

    class Meta:
        verbose_name = "a child"


class Special(Thing):
    link = models.OneToOneField("Thing", models.CASCADE, parent_link=True)
    rank = models.IntegerField(default=1)


class Rare(Special):
    extra = models.IntegerField(default=1)


class Use(models.Model):
    child = models.ForeignKey(Child, models.CASCADE)
    rare = models.ForeignKey(Rare, models.CASCADE, related_name="+")
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="+")
"""
PROXIES = """\
class Alias(Thing):
    class Meta:
        proxy = True
        permissions = [("hide", "Hide")]


class Second(Alias):
    class Meta:
        proxy = True


class Watch(models.Model):
    kind = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
    of = models.ForeignKey(Alias, models.CASCADE)
"""

ROWS: dict[str, Case] = {
    "a proxy that moves with its model": extraction(
        THING + "class Alias(Thing):\n    class Meta:\n        proxy = True\n        permissions = [('x', 'X')]\n",
        fill="Alias.objects.create(name='a')",
    ),
    "a proxy of a model that stays": extraction(
        "from django.contrib.auth.models import User\n\nclass Boss(User):\n    class Meta:\n        proxy = True\n"
        + THING,
        fill="Boss.objects.create(username='b')",
    ),
    "unmanaged": extraction(THING + "class Legacy(models.Model):\n    class Meta:\n        managed = False\n"),
    "order_with_respect_to": extraction(
        THING
        + "class Part(models.Model):\n    of = models.ForeignKey(Thing, models.CASCADE)\n\n"
        "    class Meta:\n        order_with_respect_to = 'of'\n",
        fill="t = Thing.objects.create(name='a')\nPart.objects.create(of=t)\nPart.objects.create(of=t)",
    ),
    "many to many, with and without through": extraction(
        THING
        + """
class Box(models.Model):
    things = models.ManyToManyField("Thing")
    owners = models.ManyToManyField("core.Team")
    used = models.ManyToManyField(Thing, through="Use", related_name="users")
    plain = models.ManyToManyField(Thing, db_table="plain_things", related_name="+")

class Use(models.Model):
    box = models.ForeignKey(Box, models.CASCADE)
    thing = models.ForeignKey(Thing, models.CASCADE)
""",
        "class Team(models.Model):\n    favourites = models.ManyToManyField('core.Box', related_name='fans')\n",
        """
        t, b, team = Thing.objects.create(name="a"), Box.objects.create(), Team.objects.create()
        b.things.add(t), b.owners.add(team), b.plain.add(t), team.favourites.add(b)
        Use.objects.create(box=b, thing=t)
        """,
    ),
    "relations to itself and in a circle": extraction(
        """
class Thing(models.Model):
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    twins = models.ManyToManyField("self")
    follows = models.ManyToManyField("core.Thing", symmetrical=False, related_name="followers")
    part = models.ForeignKey("Part", models.SET_NULL, null=True, related_name="+")

class Part(models.Model):
    of = models.ForeignKey("core.Thing", models.CASCADE, related_name="parts")
""",
        fill="""
        t = Thing.objects.create()
        t.parent, t.part = t, Part.objects.create(of=t)
        t.save(), t.twins.add(t), t.follows.add(t)
        """,
    ),
    "relations in a circle with what stays": extraction(
        "class Thing(models.Model):\n    team = models.ForeignKey('Team', models.CASCADE)\n",
        "class Team(models.Model):\n    first = models.ForeignKey('Thing', models.SET_NULL, null=True, related_name='+')\n",
        "team = Team.objects.create()\nteam.first = Thing.objects.create(team=team)\nteam.save()",
    ),
    "abstract bases that move and that stay": extraction(
        """
from core.base import Dated

class Named(models.Model):
    name = models.CharField(max_length=10)
    near = models.ForeignKey("Thing", models.CASCADE, null=True, related_name="%(class)s_near")

    class Meta:
        abstract = True
        ordering = ["name"]

class Thing(Named, Dated):
    pass
""",
        "from core.base import Dated\n\nclass Team(Dated):\n    thing = models.ForeignKey('Thing', models.CASCADE)\n",
        "from django.db import transaction\nwith transaction.atomic():\n    t = Thing.objects.create(name='a', of_id=1)\n"
        "    Team.objects.create(pk=1, thing=t, of_id=1)",
        files={
            "core/base.py": MODELS
            + "class Dated(models.Model):\n    of = models.ForeignKey('core.Team', models.CASCADE, related_name='+')\n"
            "    class Meta:\n        abstract = True\n"
        },
    ),
    "a manager in the migrations": extraction(
        "class Managed(models.Manager):\n    use_in_migrations = True\n\n" + THING + "    objects = Managed()\n",
        fill="Thing.objects.create(name='a')",
    ),
    "generic relations": extraction(
        """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation

class Note(models.Model):
    content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE,
                                     limit_choices_to={"app_label": "core", "model": "thing"})
    object_id = models.IntegerField()
    about = GenericForeignKey()

class Thing(models.Model):
    notes = GenericRelation("core.Note")
""",
        fill="t = Thing.objects.create()\nt.notes.create()\nt.notes.first().delete()\nt.notes.create()",
    ),
    "names with the label": extraction(
        """
class Base(models.Model):
    team = models.ForeignKey("core.Team", models.CASCADE, related_name="%(app_label)s_%(class)ss",
                             related_query_name="%(app_label)s_%(class)s")

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["team"], name="%(app_label)s_%(class)s_one")]
        indexes = [models.Index(fields=["team"], name="%(app_label)s_%(class)s_i")]

class Thing(Base):
    pass

class Part(models.Model):
    team = models.ForeignKey("core.Team", models.CASCADE)

    class Meta:
        default_related_name = "%(app_label)s_parts"
""",
        "class Team(models.Model):\n    pass\n",
        "Thing.objects.create(team=Team.objects.create())\nPart.objects.create(team=Team.objects.get())",
    ),
    "comments and tablespaces": extraction(
        "class Thing(models.Model):\n    name = models.CharField(max_length=9, db_comment='n', db_index=True, "
        "db_tablespace='pg_default')\n\n    class Meta:\n        db_table_comment = 'things'\n        db_tablespace = 'pg_default'\n",
        fill="Thing.objects.create(name='a')",
    ),
    "another kind of automatic key": extraction(
        THING,
        "class Team(models.Model):\n    thing = models.ForeignKey(Thing, models.CASCADE)\n",
        "Team.objects.create(thing=Thing.objects.create(name='a'))",
        files={
            "core/apps.py": "from django.apps import AppConfig\n\n\nclass CoreConfig(AppConfig):\n    name = 'core'\n"
            "    default_auto_field = 'django.db.models.AutoField'\n"
        },
    ),
    "composite primary keys": extraction(
        THING + "class Part(models.Model):\n    pk = models.CompositePrimaryKey('a', 'b')\n"
        "    a = models.IntegerField()\n    b = models.ForeignKey(Thing, models.CASCADE)\n",
        fill="Part.objects.create(a=1, b=Thing.objects.create(name='a'))",
        django=(5, 2),
    ),
    "generated fields": extraction(
        "class Thing(models.Model):\n    a = models.IntegerField()\n    b = models.GeneratedField("
        "expression=models.F('a') + 1, output_field=models.IntegerField(), db_persist=True)\n",
        fill="Thing.objects.create(a=1)",
        django=(5, 0),
    ),
    "what is unique together, in lists of lists": extraction(
        "",
        TOGETHER.format(name="Team"),
        "Thing.objects.create(a=1, b=2)\nTeam.objects.create(a=1, b=2)",
        files={
            "core/warehouse/models.py": MODELS + TOGETHER.format(name="Thing"),
            "core/migrations/0001_initial.py": "from django.db import migrations, models\n\n\n"
            "class Migration(migrations.Migration):\n    initial = True\n    operations = [\n"
            + CREATE_TOGETHER.format(name="Thing") + CREATE_TOGETHER.format(name="Team") + "    ]\n",
        },
    ),
    "receivers of signals": extraction(
        THING,
        fill="Thing.objects.create(name='a')",
        files={
            "core/apps.py": "from django.apps import AppConfig\n\n\nclass CoreConfig(AppConfig):\n    name = 'core'\n\n"
            "    def ready(self):\n        from core.warehouse import hooks  # noqa\n",
            "core/signals.py": "from django.dispatch import Signal\n\nCOUNTED = Signal()\n",
            "core/warehouse/hooks.py": HOOKS,
        },
    ),
    "pages": extraction(
        THING,
        fill="Thing.objects.create(name='a')",
        apps=("django.contrib.admin", "django.contrib.sessions", "django.contrib.messages", "core"),
        files={
            "shop/urls.py": "from django.contrib import admin\nfrom django.urls import path\n\nfrom core.views import page\n\n"
            "urlpatterns = [path('admin/', admin.site.urls), path('page/', page)]\n",
            "core/admin.py": "from core.warehouse import admin  # noqa\n",
            "core/warehouse/admin.py": "from django.contrib import admin\n\nfrom core.warehouse.models import Thing\n\n"
            "admin.site.register(Thing)\n",
            "core/views.py": "from django.shortcuts import render\nfrom django.urls import reverse\n\n\ndef page(request):\n"
            "    return render(request, 'core/page.html', {'url': reverse('admin:core_thing_changelist')})\n",
            "core/templates/core/page.html": "{{ url }} {% url 'admin:core_thing_add' %} "
            "{% if perms.core.view_thing %}may{% else %}may not{% endif %}\n",
        },
        settings=PAGES,
        made=("core",),
    ),
    "a module that becomes a package's models": _things("products.depot.models", "core/things.py"),
    "a module that becomes a module of a package": _things("products.depot.things", "core/things.py"),
    "a package without a module of models": _things("products.depot", "core/things/tables.py"),
    "a whole tree of tables": extraction(
        THING + "class Special(Thing):\n    rank = models.IntegerField(default=1)\n\n"
        "class Rare(Special):\n    link = models.OneToOneField(Special, models.CASCADE, parent_link=True)\n",
        "class Team(models.Model):\n    rare = models.ForeignKey('core.Rare', models.CASCADE)\n",
        "Team.objects.create(rare=Rare.objects.create(name='a'))",
    ),
    "bases that name things by the label": extraction(
        LABELLED,
        fill="""
        from django.contrib.auth.models import User, Group
        from billing.models import *
        u = User.objects.create(username="u")
        Thing.objects.create(owner=u), Part.objects.create(owner=u), Mine.objects.create(owner=u), Yours.objects.create(owner=u)
        Bill.objects.create(owner=u), Leaf.objects.create(group=Group.objects.create(name="g"))
        """,
        apps=("core", "billing"),
        files={
            "lib/site-packages/taggish/__init__.py": "",
            "lib/site-packages/taggish/models.py": TAGGISH,
            "core/base.py": MODELS + "class Owned(models.Model):\n    owner = models.ForeignKey('auth.User', models.CASCADE, "
            "related_name='%(app_label)s_%(class)s_own')\n\n    class Meta:\n        abstract = True\n",
            "billing/__init__.py": "",
            "billing/migrations/__init__.py": "",
            "billing/models.py": MODELS + "from core.base import Owned\n\n\nclass Bill(Owned):\n    pass\n",
        },
        settings=PACKAGES,
    ),
    "models that a package makes at run time": extraction(
        RECORDED,
        "from django.apps import apps\n\n\ndef make():\n    thing = Thing.objects.create(name='a')\n"
        "    Part.objects.create(thing=thing)\n    apps.get_model('core', 'HistoricalThing').objects.create(of=thing)\n"
        "    apps.get_model('core', 'HistoricalPart').objects.create()\n",
        "make()",
        files={"lib/site-packages/simple_history/__init__.py": "", "lib/site-packages/simple_history/models.py": HISTORY},
        settings=PACKAGES,
    ),
    "a child that leaves its parent": extraction(
        "from core.people import Person\n\nclass Employee(Person):\n    wage = models.IntegerField(default=1)\n"
        "    boss = models.ForeignKey('self', models.CASCADE, null=True)\n",
        "from core.people import Person  # noqa\n\n\nclass Team(models.Model):\n"
        "    lead = models.ForeignKey('core.Employee', models.CASCADE)\n"
        "    first = models.ForeignKey('core.Person', models.CASCADE, related_name='+')\n",
        "e = Employee.objects.create(name='a', wage=3)\nTeam.objects.create(lead=e, first=e)",
        files={"core/people.py": MODELS + "class Person(models.Model):\n    name = models.CharField(max_length=10)\n"},
    ),
    "a parent that leaves its children": extraction(
        THING,
        CHILDREN,
        "from billing.models import *\nr = Rare.objects.create(name='a', rank=3, extra=4)\n"
        "c = Child.objects.create(name='b')\nc.near.add(c)\nUse.objects.create(child=c, rare=r, thing=c)\n"
        "Bill.objects.create(name='c', sum=5)",
        apps=("core", "billing"),
        files={
            "billing/__init__.py": "",
            "billing/migrations/__init__.py": "",
            "billing/models.py": MODELS + "from core.models import Thing\n\n\nclass Bill(Thing):\n"
            "    sum = models.IntegerField()\n    of = models.ForeignKey(Thing, models.CASCADE, null=True, related_name='+')\n",
        },
    ),
    "proxies that stay": extraction(
        THING,
        PROXIES,
        "from django.contrib.auth.models import *\nfrom django.contrib.contenttypes.models import ContentType\n"
        "Watch.objects.create(kind=ContentType.objects.get_for_model(Alias, for_concrete_model=False), of=Alias.objects.create(name='a'))\n"
        "u = User.objects.create(username='u')\nu.user_permissions.add(*Permission.objects.filter(content_type__app_label='core'))",
    ),
    "proxies that go": extraction(
        "from core.people import Person\n\nclass Alias(Person):\n    class Meta:\n        proxy = True\n"
        "        permissions = [('hide', 'Hide')]\n\nclass Second(Alias):\n    class Meta:\n        proxy = True\n",
        "from core.people import Person  # noqa\n\n\nclass Watch(models.Model):\n"
        "    kind = models.ForeignKey('contenttypes.ContentType', models.CASCADE)\n"
        "    of = models.ForeignKey('core.Alias', models.CASCADE)\n",
        "from django.contrib.auth.models import *\nfrom django.contrib.contenttypes.models import ContentType\n"
        "Watch.objects.create(kind=ContentType.objects.get_for_model(Alias, for_concrete_model=False), of=Alias.objects.create(name='a'))\n"
        "u = User.objects.create(username='u')\nu.user_permissions.add(*Permission.objects.filter(content_type__app_label='core'))",
        files={"core/people.py": MODELS + "class Person(models.Model):\n    name = models.CharField(max_length=10)\n"},
    ),
    "permissions": extraction(
        "class Thing(models.Model):\n    class Meta:\n        permissions = [('ban', 'Ban')]\n"
        "        default_permissions = ('view', 'hide')\n",
        fill="from django.contrib.auth.models import *\nu = User.objects.create(username='u')\n"
        "u.user_permissions.add(*Permission.objects.filter(content_type__app_label='core'))",
    ),
    "code that old migrations name": extraction(
        """
def usual():
    return 3

def even(value):
    pass

class Kind(models.TextChoices):
    A = "a"

class Special(models.IntegerField):
    pass

class Thing(models.Model):
    a = models.IntegerField(default=usual, validators=[even])
    b = Special(default=1)
    c = models.CharField(max_length=1, choices=Kind.choices, default=Kind.A)
""",
        fill="Thing.objects.create()",
    ),
    "max_migration.txt": extraction(
        THING,
        fill="Thing.objects.create(name='a')",
        files={"core/migrations/max_migration.txt": "0001_initial\n"},
    ),
    "migrations elsewhere": extraction(
        THING,
        fill="Thing.objects.create(name='a')",
        files={"history/__init__.py": "", "history/core/__init__.py": ""},
        settings="\nMIGRATION_MODULES = {'core': 'history.core'}\n",
        made=("core",),
    ),
    "other apps with relations both ways": extraction(
        "class Thing(models.Model):\n    bill = models.ForeignKey('billing.Bill', models.SET_NULL, null=True, related_name='+')\n",
        "",
        "from billing.models import *\nt = Thing.objects.create()\nt.bill = Bill.objects.create(of=t)\nt.save()\n"
        "Rebate.objects.create(of=t).things.add(t)",
        apps=("core", "billing"),
        files={
            "billing/__init__.py": "",
            "billing/migrations/__init__.py": "",
            "billing/models.py": MODELS + "class Bill(models.Model):\n    of = models.ForeignKey('core.Thing', "
            "models.CASCADE, related_name='bills')\n\nclass Key(models.ForeignKey):\n    pass\n\nclass Rebate(models.Model):\n"
            "    of = Key('core.Thing', models.CASCADE, related_name='%(app_label)s_rebates')\n"
            "    things = models.ManyToManyField(to='core.Thing', related_name='+')\n"
            "    kind = models.ForeignKey('contenttypes.ContentType', models.CASCADE, null=True,\n"
            "        limit_choices_to=models.Q(app_label='core', model='thing') | models.Q(app_label='auth', model='user'))\n",
        },
    ),
    "an app that changes its label": USERPROFILE,
    "a long history under a new label": PEOPLE,
    "the user model under a new label": USERS,
    "a module with the name of a model": Case(
        ("stock",),
        {
            "stock/__init__.py": "",
            "stock/migrations/__init__.py": "",
            "stock/models.py": "from stock.item import Item  # noqa\nfrom stock.box import Box  # noqa\n",
            "stock/item.py": MODELS + "class Item(models.Model):\n    box = models.ForeignKey('stock.Box', models.CASCADE)\n"
            "    near = models.ManyToManyField('stock.item')\n",
            "stock/box.py": MODELS + "class Box(models.Model):\n    of = models.ForeignKey('stock.item', models.CASCADE, "
            "null=True, related_name='+')\n",
        },
        "stock",
        "apps.depot",
        "depot",
        "depot",
        "from stock.models import *\nItem.objects.create(box=Box.objects.create())",
    ),
    "an app that moves, with default_app_config and ready": Case(
        ("stock.apps.StockConfig", "django.contrib.staticfiles"),
        {
            "stock/templates/stock/item.html": "{% load stock_tags %}{{ number|double }}\n",
            "stock/templatetags/__init__.py": "",
            "stock/templatetags/stock_tags.py": "from django import template\n\nregister = template.Library()\n\n\n"
            "@register.filter\ndef double(value):\n    return 2 * value\n",
            "stock/static/stock/item.css": "p {}\n",
            "stock/__init__.py": "default_app_config = 'stock.apps.StockConfig'\n",
            "stock/apps.py": "from django.apps import AppConfig\n\n\nclass StockConfig(AppConfig):\n    name = 'stock'\n\n"
            "    def ready(self):\n        from stock import signals  # noqa\n        import stock.signals as s\n"
            "        s.READY.append(self.label)\n",
            "stock/signals.py": "READY = []\n",
            "stock/models.py": MODELS + THING,
            "history/__init__.py": "",
            "history/stock/__init__.py": "",
        },
        "stock",
        "products.stock.backend",
        "stock",
        rows="from stock.models import *\nThing.objects.create(name='a')",
        settings=PAGES.replace('"django.contrib.messages.context_processors.messages",', "")
        + "MIDDLEWARE = []\nMIGRATION_MODULES = {'stock': 'history.stock'}\n",
        made=("stock",),
    ),
}

RULED = extraction(
    "class Thing(models.Model):\n    name = models.CharField(max_length=9)\n\n    class Meta:\n        rules = ['keep']\n",
    "class Team(models.Model):\n    class Meta:\n        rules = ['hold']\n",
    "Thing.objects.create(name='a')",
    apps=("ruled.apps.RuledConfig", "core"),
    files={
        "lib/site-packages/ruled/__init__.py": "", "lib/site-packages/ruled/apps.py": RULES,
        "lib/site-packages/ruled/operations.py": RULE_OPERATIONS,
    },
    settings=PACKAGES,
)

# Code, settings and fixtures that name a model by its label; ``ask()`` says what they find.
LOOKUPS = """\
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType

REGISTRY = {"core.Thing": "a thing"}


def ask():
    thing = apps.get_model("core", "Thing")
    user = User.objects.get(username="u")
    return [
        ContentType.objects.get(app_label="core", model="thing").pk,
        ContentType.objects.get_by_natural_key("core", "thing").pk,
        Permission.objects.filter(content_type__app_label="core", content_type__model="thing").count(),
        Permission.objects.get_by_natural_key("ban", "core", "thing").pk,
        REGISTRY[apps.get_model("core.Thing")._meta.label],
        apps.get_model(settings.SHOP_THING_MODEL) is thing,
        apps.get_app_config("core").get_model("Thing") is thing,
        user.has_perm("core.ban"),
        user.has_perm("core.view_thing"),
        [user.has_perm(f"core.{action}_thing") for action in ("add", "view")],
        thing._meta.get_field("kind").get_limit_choices_to(),
    ][:-1]
"""
OBJECTS = [
    {"model": "core.thing", "pk": 11, "fields": {"name": "a", "kind": ["core", "thing"]}},
    {"model": "auth.group", "pk": 1, "fields": {"name": "g", "permissions": [["ban", "core", "thing"]]}},
]
XML = """\
<?xml version="1.0" encoding="utf-8"?>
<django-objects version="1.0">
  <object model="core.thing" pk="12">
    <field name="name" type="CharField">b</field>
    <field name="kind" rel="ManyToOneRel" to="contenttypes.contenttype"><natural>core</natural><natural>thing</natural></field>
  </object>
</django-objects>
"""
YAML = "- model: core.thing\n  pk: 13\n  fields:\n    name: c\n    kind:\n    - core\n    - thing\n"
NAMED = extraction(
    """
    class Thing(models.Model):
        name = models.CharField(max_length=10)
        kind = models.ForeignKey("contenttypes.ContentType", models.CASCADE, null=True,
                                 limit_choices_to={"app_label": "core", "model": "thing"})

        class Meta:
            permissions = [("ban", "Can ban")]
    """,
    fill="from django.contrib.auth.models import *\nu = User.objects.create(username='u')\n"
    "u.user_permissions.add(*Permission.objects.filter(codename__in=['ban', 'view_thing']))",
    files={
        "core/lookups.py": LOOKUPS,
        "core/fixtures/one.json": json.dumps(OBJECTS, indent=2) + "\n",
        "core/fixtures/two.xml": XML,
        "core/fixtures/three.yaml": YAML,
    },
    settings='\nSHOP_THING_MODEL = "core.Thing"\n',
)
NAMED_WHOLE = replace(NAMED, source="core", target="apps.place", product="place", label="place")

REFUSED: dict[str, Case] = {
    "a swappable model": extraction(
        "class Image(models.Model):\n    class Meta:\n        swappable = 'SHOP_IMAGE_MODEL'\n",
        settings="\nSHOP_IMAGE_MODEL = 'core.Image'\n",
        refused=r"core.Image is swappable \(SHOP_IMAGE_MODEL\): migrations name the setting, not the label",
    ),
}
