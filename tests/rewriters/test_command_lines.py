"""Labels on command lines, in whatever file they stand."""

from __future__ import annotations

import pytest

from tests.model_labels import WHOLE, check_text


@pytest.mark.parametrize(
    "text",
    [
        "python manage.py migrate core 0001",
        "python manage.py dumpdata core.Team -o core/table.json",
        "python manage.py runserver core.Table",
        "echo dumpdata core.Table",
        "./manage.py dumpdata other; echo core.Table",
        "./manage.py dumpdata other | grep core.Table",
        "./manage.py dumpdata core.Tables my.core.Table core/Table $core core-x",
        "./manage.py loaddata fixtures/core.table.json",
        "./manage.py migrate --database core",
        "./manage.py dumpdata other > core.Table",
        "FILER_IMAGE_MODEL=core.Team",
        "IMAGE=core.Table",
    ],
)
def test_untouched(text: str) -> None:
    check_text("bin/x.sh", f"{text}\n")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("bin/x", "python manage.py dumpdata core.Table core.team > x", "python manage.py dumpdata data_warehouse.Table core.team > x"),
        ("Makefile", "dump:\n\t./manage.py dumpdata -e core.table \\\n\t  --exclude=core.Tag ee", "dump:\n\t./manage.py dumpdata -e data_warehouse.table \\\n\t  --exclude=data_warehouse.Tag ee"),
        ("ci.yml", "- run: django-admin dumpdata 'core.Table'", "- run: django-admin dumpdata 'data_warehouse.Table'"),
        ("c.yml", 'command: ["python", "manage.py", "dumpdata", "core.Table"]', 'command: ["python", "manage.py", "dumpdata", "data_warehouse.Table"]'),
        ("Procfile", "release: python -m django dumpdata core.Table", "release: python -m django dumpdata data_warehouse.Table"),
        (".env", "FILER_IMAGE_MODEL=core.Table", "FILER_IMAGE_MODEL=data_warehouse.Table"),
        ("compose.yml", 'FILER_IMAGE_MODEL: "core.Table"', 'FILER_IMAGE_MODEL: "data_warehouse.Table"'),
        ("README.md", "Run `manage.py dumpdata core.Table`.", "Run `manage.py dumpdata data_warehouse.Table`."),
    ],
)
def test_followed(path: str, text: str, expected: str) -> None:
    check_text(path, f"é\n{text}\n", f"é\n{expected}\n")


def test_the_app_alone() -> None:
    text = "./manage.py dumpdata core && ./manage.py migrate core zero && ./manage.py graph_models core -o core.png\n"
    check_text("x.sh", text, left=["1: core: means all models of the app"])
    expected = "./manage.py dumpdata depot && ./manage.py migrate depot zero && ./manage.py graph_models depot -o core.png\n"
    check_text("x.sh", text, expected, plan=WHOLE)
