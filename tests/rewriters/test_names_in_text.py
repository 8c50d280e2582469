from __future__ import annotations

from dataclasses import replace

import pytest

from migration.rewriters import names_in_text
from tests.rewriters.text_tools import MOVES, PART, TOP, in_text, placed, text_rewritten, text_unchanged, whole
from tests.rewriters.tools import MONOLITH, NEW, moves_for

OLD = "posthog.warehouse"
KNOWN = placed(moves_for({OLD: NEW}, bindings={OLD: ["Thing"]}), whole())
SPECIAL = placed(
    moves_for({OLD: NEW, f"{OLD}.special": "common.special"}, MONOLITH + f"{OLD}.special common/"), whole()
)


@pytest.mark.parametrize(
    "text",
    [
        "posthog",
        "warehouse",
        "posthog.models.team",
        "posthog.warehouse_utils",
        "posthog.warehouse_utils.x",
        "posthog.warehouses",
        "posthog.warehouse2",
        "posthog.warehouseé",
        "posthog_warehouse.util",
        "xposthog.warehouse",
        "éposthog.warehouse",
        "my.posthog.warehouse",
        "my-posthog.warehouse",
        "posthog.warehouse-x",
        "posthog.warehouse.util-x",
        "posthog.warehouse.1",
        "posthog.warehouse/util",
        "x/posthog.warehouse.util",
        "/posthog.warehouse",
        "posthog.warehouse:8080",
        "posthog.warehouse://x",
        "posthog.warehouse@example.com",
        "me@posthog.warehouse",
        "mailto:posthog.warehouse",
        "posthog.warehouse.example.com",
        "posthog.warehouse.io",
        "posthog.warehouse.svc.cluster.local",
        "https://posthog.warehouse/x",
        "https://example.com/?module=posthog.warehouse.util",
        "https://example.com/#posthog.warehouse.util",
        "//posthog.warehouse",
        "www.posthog.warehouse",
        "git@posthog.warehouse",
        "$posthog.warehouse.util",
        "SELECT * FROM posthog.warehouse WHERE x",
        "select a from posthog.warehouse",
        "INSERT INTO posthog.warehouse VALUES (1)",
        "join x; UPDATE posthog.warehouse SET x = 1",
        "posthog\\warehouse",
        "posthog. warehouse",
        "posthog..warehouse",
        "from posthog import models",
        "from posthog import warehouse_utils",
        "from posthog import warehouse data into the tool",
        "from posthog.models import warehouse",
    ],
)
@pytest.mark.parametrize("path", ["x.yml", "docs/x.md"])
def test_untouched(text: str, path: str) -> None:
    text_unchanged(names_in_text, text, path)
    text_unchanged(names_in_text, f"a: '{text}'\n", path)
    text_unchanged(names_in_text, f"- {text}\r\n", path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("posthog.warehouse*", "pattern"),
        ("posthog.warehouse${X}", "pattern"),
        ("posthog.warehouse{x}", "pattern"),
        ("posthog.warehouse%s", "pattern"),
        ("posthog.warehouse.md", "name of a file"),
        ("posthog.warehouse.gone.f", "has no module gone"),
        ("from posthog import models, warehouse", "not simple enough"),
        ("from posthog import (models, warehouse)", "not simple enough"),
        ("from posthog import (\n    models,\n    warehouse,\n)", "not simple enough"),
    ],
)
def test_doubtful(text: str, reason: str) -> None:
    text_unchanged(names_in_text, f"x: {text}\n", doubtful=[reason])


def test_what_does_not_exist_is_listed() -> None:
    text_unchanged(names_in_text, "x = 'posthog.warehouse.Gone'\n", moves=KNOWN, doubtful=["has no Gone"])
    text_rewritten(names_in_text, "x = 'posthog.warehouse.Thing.f'\n", f"x = '{NEW}.Thing.f'\n", moves=KNOWN)


def test_kept_by_the_plan() -> None:
    kept = replace(MOVES, keep=frozenset({"posthog.warehouse.tasks.sync", "posthog.warehouse.util:main"}))
    text = 'send_task("posthog.warehouse.tasks.sync") posthog.warehouse.tasks posthog.warehouse.util:main\n'
    expected = text.replace(" posthog.warehouse.tasks", f" {NEW}.tasks")
    text_rewritten(names_in_text, text, expected, moves=kept, doubtful=["under keep", "under keep"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", 'module = ["posthog.warehouse.models.*", "posthog.warehouse"]  # posthog.warehouse\n'),
        ("pyproject.toml", "[project.scripts]\nwh = 'posthog.warehouse.util:main'\n"),
        ("pyproject.toml", "[project.entry-points.'x.y']\nposthog.warehouse = \"posthog.warehouse.util:A.b\"\n"),
        ("tach.toml", '[[modules]]\npath = "posthog.warehouse"\ndepends_on = ["ee", "posthog.warehouse.models"]\n'),
        (".importlinter", "[importlinter:contract:1]\nsource_modules =\n    posthog.warehouse\n    posthog.warehouse.**\n"),
        (".importlinter", "ignore_imports =\n    posthog.warehouse.util -> posthog.warehouse.models.table\n"),
        ("mypy.ini", "[mypy-posthog.warehouse.*]\nignore_errors = True\n"),
        ("mypy.ini", "[mypy-posthog.warehouse.models,posthog.warehouse.util.*]\n"),
        ("setup.cfg", "[options.package_data]\nposthog.warehouse = *.sql\n"),
        ("logging.ini", "[logger_x]\nqualname=posthog.warehouse.tasks\n"),
        ("x.yml", "run: python -m posthog.warehouse.tasks --all\n"),
        ("x.yml", "'posthog.warehouse.models.table.Table': 1\n"),
        ("x.json", '{"posthog.warehouse.util": ["posthog.warehouse.models.Table"]}'),
        ("x.ipynb", '{"source": ["from posthog.warehouse.util import f\\n", "import posthog.warehouse.util\\n"]}'),
        ("Procfile", "worker: celery -A posthog.warehouse.tasks:app worker\n"),
        ("Makefile", "x:\n\tpytest --cov=posthog.warehouse -p posthog.warehouse.util\n"),
        ("Dockerfile", 'CMD ["python", "-m", "posthog.warehouse.util"]\n'),
        ("bin/x", "exec gunicorn 'posthog.warehouse.util:app'\n"),
        ("x.html", "{# posthog.warehouse.util #}<code>posthog.warehouse</code>\n"),
        ("x.graphql", "# see posthog.warehouse.util\n"),
        ("x.sql", "-- see posthog.warehouse.util\n"),
        ("x.ts", "const x = 'posthog.warehouse.util.f' // posthog.warehouse\n"),
        ("x.txt", "Error in posthog.warehouse.\nIn posthog.warehouse... and (posthog.warehouse), posthog.warehouse's\n"),
        ("x.rst", ":class:`~posthog.warehouse.models.table.Table` ``posthog.warehouse`` .. automodule:: posthog.warehouse\n"),
        ("x.md", "“posthog.warehouse” — posthog.warehouse—**posthog.warehouse** *posthog.warehouse*\n"),
        ("x.md", "`@posthog.warehouse.util.decorator` [x](#posthog.warehouse)\n"),
        ("x.md", "```python\n>>> from posthog.warehouse import util\n>>> posthog.warehouse.util.f()\n```\n"),
        ("x.cfg", "posthog.warehouse.%(name)s posthog.warehouse.{name} posthog.warehouse.${X} posthog.warehouse.<x>\n"),
    ],
)
@pytest.mark.parametrize("moved", [False, True])
def test_rewritten(path: str, text: str, moved: bool) -> None:
    where = f"posthog/warehouse/{path}" if moved else path
    references = text_rewritten(names_in_text, text, text.replace(OLD, NEW), where)
    assert {reference.kind for reference in references} == {"prose" if path.endswith((".md", ".rst", "x.txt")) else "text name"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"^posthog\.warehouse\.util$", r"^products\.data_warehouse\.backend\.util$"),
        (r"\bposthog\.warehouse\b", r"\bproducts\.data_warehouse\.backend\b"),
        (r'"\\bposthog\\.warehouse(\\..*)?"', r'"\\bproducts\\.data_warehouse\\.backend(\\..*)?"'),
        ("from posthog import warehouse\n", "from products.data_warehouse import backend as warehouse\n"),
        (">>> from posthog import warehouse as w\n", ">>> from products.data_warehouse import backend as w\n"),
        ("sh -c 'from posthog import warehouse; f()'", "sh -c 'from products.data_warehouse import backend as warehouse; f()'"),
        ("from posthog.warehouse import util, models\n", f"from {NEW} import util, models\n"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    text_rewritten(names_in_text, text, expected)


def test_other_bytes_stay() -> None:
    new, left, _ = in_text(names_in_text, b"\xef\xbb\xbf\xe9\xff posthog.warehouse\r\n\r posthog.warehouse.util \xa0")
    assert new.encode("utf-8", "surrogateescape") == (
        b"\xef\xbb\xbf\xe9\xff %s\r\n\r %s.util \xa0" % (NEW.encode(), NEW.encode())
    )
    assert left == []


def test_code_of_another_language_is_listed() -> None:
    text_unchanged(names_in_text, "posthog.warehouse.load()\n", "x.ts", doubtful=["another language"])
    text_unchanged(names_in_text, "SELECT 1 AS a, posthog.warehouse.b\n", "x.sql", doubtful=["another language"])


def test_our_own_table_says_what_to_move() -> None:
    text = '[tool.phased-migration.products.x]\nsource = "posthog.warehouse"\n\n[tool.x]\ny = "posthog.warehouse"\n'
    expected = text.replace('y = "posthog.warehouse"', f'y = "{NEW}"')
    text_rewritten(names_in_text, text, expected, "pyproject.toml", doubtful=["tells us"])


def test_a_page_named_after_the_module() -> None:
    moves = replace(MOVES, paths=MOVES.paths | {"docs/posthog.warehouse.util.rst"})
    text = ".. toctree::\n\n   posthog.warehouse.util\n   posthog.warehouse.models\n"
    expected = text.replace("posthog.warehouse.models", f"{NEW}.models")
    text_rewritten(names_in_text, text, expected, "docs/x.rst", moves, doubtful=["stands beside it"])


def test_what_goes_elsewhere() -> None:
    text = "posthog.warehouse.special.f posthog.warehouse.util posthog.warehouse\n"
    text_rewritten(names_in_text, text, f"common.special.f {NEW}.util {NEW}\n", moves=SPECIAL)
    text_unchanged(names_in_text, "posthog.warehouse.*\n", moves=SPECIAL, doubtful=["may not go with its package"])
    text_unchanged(names_in_text, "from posthog.warehouse import util, special\n", moves=SPECIAL, doubtful=["different modules"])
    text_rewritten(names_in_text, "from posthog.warehouse import util\n", f"from {NEW} import util\n", moves=SPECIAL)


def test_a_part_moves() -> None:
    text = "posthog.warehouse posthog.warehouse.models.table posthog.warehouse.tasks posthog.warehouse.*\n"
    text_rewritten(names_in_text, text, text.replace(f"{OLD}.models", f"{NEW}.models"), moves=PART)


def test_two_moves_at_once() -> None:
    swap = moves_for({"pkg.a": "pkg.b", "pkg.b": "pkg.a"}, "pkg/ pkg.a/ pkg.a.x pkg.b/ pkg.b.x")
    assert in_text(names_in_text, "pkg.a.x pkg.b.x pkg.a\n", moves=swap)[0] == "pkg.b.x pkg.a.x pkg.b\n"


@pytest.mark.parametrize("text", ["warehouse", "warehouse.com", "warehouse.*", "warehouse.yml", "import warehouse", "the warehouse. Then"])
def test_one_word_is_a_word(text: str) -> None:
    text_unchanged(names_in_text, text, moves=TOP)


def test_more_than_one_word_below_a_top_package() -> None:
    text_rewritten(names_in_text, "-m warehouse.util data.warehouse.util\n", "-m products.wh.util data.warehouse.util\n", moves=TOP)
    text_rewritten(names_in_text, ">>> from warehouse import x\n", ">>> from products.wh import x\n", moves=TOP)
