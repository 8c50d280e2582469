"""The models of a monolith that lives on: new ones and new fields, each with its migration, by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

APP = "shop"
PLACES = {"shop/stock/models.py": 3, "shop/models.py": 1}  # path -> how often something happens there
FIXED = {
    "manage.py": (
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n'
    ),
    "site_/__init__.py": "",
    "site_/urls.py": "urlpatterns = []\n",
    "site_/settings.py": (
        'SECRET_KEY = "x"\nUSE_TZ = True\nROOT_URLCONF = "site_.urls"\nDEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"\n'
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/db.sqlite3"}}\n'
        'INSTALLED_APPS = [\n    "django.contrib.contenttypes",\n    "shop",\n]\n'
    ),
    "shop/migrations/__init__.py": "",
}
_ID = '("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))'


@dataclass
class Model:
    """A model: where it is defined, and its fields with their definitions."""

    name: str
    path: str
    fields: dict[str, str] = field(default_factory=dict)


class Models:
    """What the migrations have made so far."""

    def __init__(self, chance: random.Random) -> None:
        self.random = chance
        self.models: dict[str, Model] = {}
        self.migrations: list[str] = []
        for path in PLACES:
            self.add(path)

    def add(self, path: str = "") -> None:
        """A new model, with a relation to one that is there."""
        path = path or self.random.choices([*PLACES], [*PLACES.values()])[0]
        model = Model(f"Model{len(self.models) + 1}", path)
        if self.models:
            other = self.random.choice(sorted(self.models))
            model.fields["other"] = f'models.ForeignKey("{APP}.{other}", models.CASCADE, related_name="+")'
        model.fields["number"] = "models.IntegerField(default=1)"
        self.models[model.name] = model
        fields = ", ".join([_ID, *(f'("{name}", {text})' for name, text in model.fields.items())])
        self._migrate(f'migrations.CreateModel("{model.name}", [{fields}])')

    def add_field(self) -> None:
        """A new field of some model."""
        model = self.models[self.random.choice(sorted(self.models))]
        name, text = f"field{len(model.fields)}", f"models.IntegerField(default={len(self.migrations)})"
        model.fields[name] = text
        self._migrate(f'migrations.AddField("{model.name}", "{name}", {text})')

    def _migrate(self, operation: str) -> None:
        self.migrations.append(operation)

    def files(self) -> dict[str, str]:
        """Every file that there is for them."""
        found = dict(FIXED)
        for path in PLACES:
            head = "from django.db import models\n"
            if path == "shop/models.py":
                head += "\nfrom shop.stock import models as stock_models  # noqa: F401\n"
            found[path] = head + "".join(_class(model) for model in self.models.values() if model.path == path)
        for number, operation in enumerate(self.migrations, 1):
            needed = f'("{APP}", "{_name(number - 1)}")' if number > 1 else ""
            found[f"shop/migrations/{_name(number)}.py"] = (
                "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
                f"    dependencies = [{needed}]\n    operations = [{operation}]\n"
            )
        return found


def _name(number: int) -> str:
    return "0001_initial" if number == 1 else f"{number:04}_change"


def _class(model: Model) -> str:
    return f"\n\nclass {model.name}(models.Model):\n" + "".join(f"    {name} = {text}\n" for name, text in model.fields.items())
