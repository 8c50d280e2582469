"""A monolith in which every phase has something to do, small enough to be moved a thousand times."""

from __future__ import annotations

from textwrap import dedent

from tests.tools import Content, Script

PRODUCT, SOURCE = "stock", "core.stock"
TARGET = "products.stock.backend"

_FILES = {
    "manage.py": """\
        import os
        import sys

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")

        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
        """,
    "pyproject.toml": """\
        [tool.phased-migration]
        test = ["look.py"]
        """,
    "look.py": """\
        from pathlib import Path

        assert Path("products/stock/backend/items.py").exists()
        print("1 passed")
        """,
    "site_/__init__.py": "",
    "site_/urls.py": "urlpatterns = []\n",
    "site_/settings.py": """\
        SECRET_KEY = "x"
        USE_TZ = True
        ROOT_URLCONF = "site_.urls"
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/db.sqlite3"}}
        INSTALLED_APPS = [
            "django.contrib.contenttypes",
            "core",
            "billing",
        ]
        PRICES = "core.stock.prices.PRICES"
        """,
    "core/__init__.py": "",
    "core/models.py": """\
        from django.db import models

        from core.stock.models import Item  # noqa: F401


        class Team(models.Model):
            name = models.CharField(max_length=10)
        """,
    "core/use.py": """\
        from . import stock
        from .stock.items import name_of  # what it is called


        def first():
            return stock.items.name_of(1), name_of(2)
        """,
    "core/migrations/__init__.py": "",
    "core/migrations/0001_initial.py": """\
        from django.db import migrations, models


        class Migration(migrations.Migration):
            initial = True
            dependencies = []
            operations = [
                migrations.CreateModel(
                    name="Team",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.CharField(max_length=10)),
                    ],
                ),
                migrations.CreateModel(
                    name="Item",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("team", models.ForeignKey(to="core.team", on_delete=models.CASCADE)),
                    ],
                ),
            ]
        """,
    "core/stock/__init__.py": "from .items import name_of\n",
    "core/stock/items.py": '''\
        """Names of items; see core/stock/prices.csv."""

        from ..words import WORD


        def name_of(number):
            return f"{WORD} {number}"
        ''',
    "core/stock/models.py": """\
        from django.db import models


        class Item(models.Model):
            team = models.ForeignKey("Team", models.CASCADE)
        """,
    "core/stock/prices.py": """\
        from core.stock import items

        PRICES = {items.name_of(1): 1}
        """,
    "core/stock/prices.csv": "a,1\r\n",
    "core/words.py": 'WORD = "item"\n',
    "billing/__init__.py": "",
    "billing/models.py": """\
        from django.db import models


        class Invoice(models.Model):
            item = models.ForeignKey("core.Item", models.CASCADE)
        """,
    "billing/migrations/__init__.py": "",
    "billing/migrations/0001_initial.py": """\
        from django.db import migrations, models


        class Migration(migrations.Migration):
            initial = True
            dependencies = [("core", "0001_initial")]
            operations = [
                migrations.CreateModel(
                    name="Invoice",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("item", models.ForeignKey(to="core.item", on_delete=models.CASCADE)),
                    ],
                ),
            ]
        """,
    "CODEOWNERS": "/core/stock/ @stock\n",
}

FILES: dict[str, Content] = {
    **{path: dedent(text) for path, text in _FILES.items()},
    "core/stock/refresh.sh": Script("#!/bin/sh\npython -m core.stock.prices\n"),
}
