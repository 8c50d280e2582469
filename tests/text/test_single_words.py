from __future__ import annotations

import dataclasses

import pytest

from migration.core.changes import apply_edits
from migration.core.references import Reference
from migration.text.passage import Passage, Place
from migration.text.single_words import single, words_that_move
from migration.text.text_style import style_of
from tests.rewriters.tools import moves_for

NEW = "products.warehouse.backend"
MOVES = dataclasses.replace(
    moves_for({"warehouse": NEW}, "warehouse/ warehouse.models shop/ warehouse_utils"),
    files={"warehouse/__init__.py": "products/warehouse/backend/__init__.py"},
    directories={"warehouse": "products/warehouse/backend"},
)


def run(text: str, path: str) -> tuple[str, list[Reference]]:
    data = text.encode()
    found = sorted(single(Passage(data, MOVES, "text name", Place(path, style_of(path)))), key=lambda r: r.start)
    return apply_edits(data, [edit for reference in found if (edit := reference.edit)]).decode(), found


def test_what_moves_by_one_word() -> None:
    assert words_that_move(MOVES) == {b"warehouse"}
    assert words_that_move(moves_for({"posthog.warehouse": "products.w"})) == frozenset()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "The warehouse is large: pytest warehouse runs its tests.\n"),
        ("Makefile", "warehouse:\n\t@echo warehouse\n\tdocker compose run warehouse\n\tgit commit -m warehouse\n"),
        ("Makefile", "\tpython -m warehouse_utils\n\tpython -m warehouse-x\n\tpytest -k warehouse tests\n\tpytest -m warehouse\n"),
        ("compose.yml", "services:\n  warehouse:\n    image: warehouse:latest\n    command: run warehouse\n"),
        ("pyproject.toml", '[project]\nname = "warehouse"\nkeywords = ["warehouse"]\ndescription = "a warehouse"\n'),
        ("pyproject.toml", '[project.scripts]\nwarehouse = "shop:main"\n[tool.other]\nx = "warehouse:main"\n'),
        ("setup.cfg", "[metadata]\nname = warehouse\n[mypy-warehouse_utils.*]\nx = 1\n"),
        ("Dockerfile", "FROM warehouse\nLABEL app=warehouse\nCOPY --from=warehouse /x /y\nCOPY shop /app/warehouse\n"),
        ("docs/a.rst", ".. image:: warehouse\n\n.. module:: shop\n\nimport warehouse data into it\n"),
        ("data.json", '{"packages": ["warehouse"], "include": "warehouse"}\n'),
        ("MANIFEST.in", "include warehouse.txt\n"),
    ],
)
def test_untouched(path: str, text: str) -> None:
    assert run(text, path) == (text, [])


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Makefile", "\tpython3 -m warehouse x\n", f"\tpython3 -m {NEW} x\n"),
        ("Makefile", "\t$(BIN)/python -u -m warehouse\n", f"\t$(BIN)/python -u -m {NEW}\n"),
        ("run.sh", "coverage run -m warehouse && pytest --cov=warehouse\n", f"coverage run -m {NEW} && pytest --cov={NEW}\n"),
        ("Procfile", "web: gunicorn -w 4 warehouse:app\n", f"web: gunicorn -w 4 {NEW}:app\n"),
        ("Procfile", "x: celery -A warehouse worker\n", f"x: celery -A {NEW} worker\n"),
        ("Procfile", "x: celery --app=warehouse worker\n", f"x: celery --app={NEW} worker\n"),
        (".env", "FLASK_APP=warehouse\nDJANGO_SETTINGS_MODULE='warehouse'\n", f"FLASK_APP={NEW}\nDJANGO_SETTINGS_MODULE='{NEW}'\n"),
        (".github/workflows/ci.yml", "  - run: mypy warehouse && black --check warehouse\n",
         "  - run: mypy products/warehouse/backend && black --check products/warehouse/backend\n"),
        ("tox.ini", "commands =\n    flake8 --jobs 8 shop warehouse\n    pytest --cov shop --cov warehouse\n",
         f"commands =\n    flake8 --jobs 8 shop products/warehouse/backend\n    pytest --cov shop --cov {NEW}\n"),
        ("pyproject.toml", '[project.scripts]\nwarehouse = "warehouse:main"\n', f'[project.scripts]\nwarehouse = "{NEW}:main"\n'),
        ("pyproject.toml", 'packages = ["shop", "warehouse"]\nknown-first-party = ["warehouse"]\n',
         f'packages = ["shop", "{NEW}"]\nknown-first-party = ["{NEW}"]\n'),
        ("pyproject.toml", 'include = ["warehouse", "warehouse.*"]\n', f'include = ["{NEW}", "{NEW}.*"]\n'),
        ("pyproject.toml", 'testpaths = ["warehouse"]\nsrc = ["warehouse"]\n',
         'testpaths = ["products/warehouse/backend"]\nsrc = ["products/warehouse/backend"]\n'),
        ("setup.cfg", "[options]\npackages =\n    shop\n    warehouse\n[mypy-warehouse.*]\nx = 1\n[mypy-warehouse]\n",
         f"[options]\npackages =\n    shop\n    {NEW}\n[mypy-{NEW}.*]\nx = 1\n[mypy-{NEW}]\n"),
        (".coveragerc", "[run]\nsource = warehouse\n", f"[run]\nsource = {NEW}\n"),
        ("docs/api.rst", ".. automodule:: warehouse\n\nSee :mod:`warehouse` and :py:mod:`it <warehouse>`.\n",
         f".. automodule:: {NEW}\n\nSee :mod:`{NEW}` and :py:mod:`it <{NEW}>`.\n"),
        ("README.md", ">>> import warehouse\n", f">>> import {NEW}\n"),
        ("MANIFEST.in", "graft warehouse\nrecursive-include warehouse *.txt\n",
         "graft products/warehouse/backend\nrecursive-include products/warehouse/backend *.txt\n"),
        ("Dockerfile", "COPY warehouse /app/warehouse\nCOPY --chown=me shop ./warehouse/ /srv/\n",
         "COPY products/warehouse/backend /app/products/warehouse/backend\nCOPY --chown=me shop ./products/warehouse/backend/ /srv/\n"),
    ],
)  # fmt: skip
def test_rewritten(path: str, before: str, after: str) -> None:
    text, found = run(before, path)
    assert text == after
    assert all(reference.text for reference in found)
    assert run(after, path)[0] == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('exclude = ["warehouse"]\n', "may mean every directory of this name as well as the one that moves"),
        ('packages = ["warehouse*"]\n', "the name goes on in a pattern"),  # warehouse_utils, too
    ],
)
def test_listed(text: str, reason: str) -> None:
    same, (reference,) = run(text, "pyproject.toml")
    assert (same, reference.reason) == (text, reason)
