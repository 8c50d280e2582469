from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize(("path", "text"), [
    ("Makefile", "test:\n\tmypy .\n\tpytest shop/billing\n\tcd shop\n\tmake shop\n"),
    ("Makefile", "test:\n\t# mypy shop\n\tmypy shop products\n"),
    ("Makefile", "test:\n\tpytest -k shop -m shop\n"),
    ("ci.sh", "cd crm && mypy shop\n"),
    ("ci.sh", "cd \"$(dirname \"$0\")\"\nmypy shop\n"),
    ("ci.sh", "echo shop/ && docker compose up shop\n"),
    ("notes.txt", "mypy shop\n"),
    ("noxfile.py", "def lint(session):\n    session.run('mypy', 'shop/billing')\n    session.log('mypy', 'x')\n"),
])  # fmt: skip
def test_commands_that_take_both_places_or_neither(path: str, text: str) -> None:
    assert Moved({path: text, "products/x.py": "", "crm/shop/a.py": ""}).told() == []


@pytest.mark.parametrize(("path", "text", "new"), [
    ("Makefile", "\tmypy --strict shop\n", "\tmypy --strict shop products/stock/backend"),
    ("Makefile", "\tpython -m pytest -q ./shop/ \\\n\t  crm\n", "\tpython -m pytest -q ./shop/ ./products/stock/backend/ \\"),
    ("Makefile", "\tpytest --cov=shop\n", "\tpytest --cov=shop --cov=products.stock.backend"),
    ("Makefile", "\tcoverage run --source=shop -m pytest\n", "\tcoverage run --source=shop,products.stock.backend -m pytest"),
    ("scripts/check", "#!/bin/sh\nruff check shop\n", "ruff check shop products/stock/backend"),
    ("tox.ini", "[testenv]\ncommands =\n    pytest shop\n", "    pytest shop products/stock/backend"),
    (".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - run: black --check shop\n", "      - run: black --check shop products/stock/backend"),
    ("package.json", '{"scripts": {"lint": "prettier --check shop"}}\n', '{"scripts": {"lint": "prettier --check shop products/stock/backend"}}'),
    ("noxfile.py", "def lint(s):\n    s.run('mypy', 'shop')\n", "    s.run('mypy', 'shop', 'products/stock/backend')"),
    ("pyproject.toml", '[tool.phased-migration]\ntest = ["manage.py", "test", "shop"]\n', 'test = ["manage.py", "test", "shop", "products/stock/backend"]'),
    ("pyproject.toml", '[tool.poe.tasks]\nlint = "mypy shop"\n', 'lint = "mypy shop products/stock/backend"'),
    ("Makefile", "\tpython manage.py test shop\n", "\tpython manage.py test shop products/stock/backend"),
])  # fmt: skip
def test_a_directory_that_a_tool_is_given_gets_the_new_one_beside_it(path: str, text: str, new: str) -> None:
    moved = Moved({path: text})
    assert len(moved.told()) == 1
    assert new in moved.mended()[path].splitlines()


@pytest.mark.parametrize("text", [
    "\trsync -a shop/ host:/srv\n", "\tpython -m unittest discover -t shop\n", "\tpython -m unittest discover -s shop\n", "\tcd shop && ruff check .\n",
    "\tcd shop && pytest -q\n",
])  # fmt: skip
def test_what_takes_one_directory_only_is_listed(text: str) -> None:
    ((gap, mend),) = Moved({"Makefile": "all:\n" + text}).settled().open
    assert (gap.path, gap.line, mend) == ("Makefile", 2, None)


def test_what_a_tool_was_told_to_leave_out() -> None:
    moved = Moved({"Makefile": "all:\n\tpytest --ignore=shop .\n"})
    assert moved.told() == ["Makefile:2 --ignore=shop: left out -> "]
    assert moved.mended()["Makefile"] == "all:\n\tpytest --ignore=shop --ignore=products/stock/backend .\n"


def test_the_working_directory_of_a_step() -> None:
    text = "jobs:\n  a:\n    steps:\n      - run: mypy shop\n        working-directory: crm\n      - working-directory: src\n        run: |\n          mypy shop\n"
    files = {".github/workflows/a.yml": text, "src/shop/stock/a.py": "", "crm/shop/stock/b.py": ""}
    moved = Moved(files, old="src/shop/stock", new="src/products/stock")
    assert moved.told() == [".github/workflows/a.yml:8 shop: given -> "]
    assert moved.mended()[".github/workflows/a.yml"].endswith("          mypy shop products/stock\n")
