from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize(("path", "text"), [
    ("pyproject.toml", "[tool.ruff]\nextend-exclude = ['migrations', '*.pyi']\n"),
    ("pyproject.toml", "[tool.ruff.lint.per-file-ignores]\n'**/test_*.py' = ['S101']\n'__init__.py' = ['F401']\n"),
    ("pyproject.toml", "[tool.ruff.lint.isort]\nknown-first-party = ['shop', 'products']\n"),
    ("ruff.toml", "[lint.per-file-ignores]\n'shop/billing/*' = ['E501']\n"),
    (".flake8", "[flake8]\nexclude = .git,build\nper-file-ignores = test_*: E501\n"),
    ("crm/.flake8", "[flake8]\nexclude = shop\n"),
    ("pyproject.toml", "[tool.black]\nextend-exclude = '/migrations/'\n"),
    ("setup.cfg", "[isort]\nskip = build\n[other]\nskip = shop\n"),
    (".pylintrc", "[MASTER]\nignore=CVS\nignore-paths=^build/.*$\n"),
])  # fmt: skip
def test_settings_that_do_not_tell_the_places_apart(path: str, text: str) -> None:
    assert Moved({path: text}).told() == []


@pytest.mark.parametrize(("path", "text", "told", "new"), [
    ("pyproject.toml", "[tool.ruff]\nextend-exclude = ['shop']\n", "2 shop: left out -> ", "extend-exclude = ['shop', 'products/stock/backend']"),
    ("pyproject.toml", "[tool.ruff.lint.per-file-ignores]\n'shop/**' = ['E1', 'E2']\n", "2 shop/**: ignores E1, ignores E2 -> ",
     "'products/stock/backend/**' = ['E1', 'E2']"),
    ("ruff.toml", "[lint.isort]\nknown-first-party = ['shop']\n", "2 shop: first party -> ", "known-first-party = ['shop', 'products']"),
    ("ruff.toml", "[lint]\nexclude = ['shop/*']\n", "2 shop/*: left out -> ", "exclude = ['shop/*', 'products/stock/backend/*']"),
    (".flake8", "[flake8]\nexclude = .git, shop\n", "2 shop: left out -> ", "exclude = .git, shop, products/stock/backend"),
    ("tox.ini", "[flake8]\nper-file-ignores =\n    shop/*: E501,W1\n    crm/*: E501\n", "3 shop/*: ignores E501, ignores W1 -> ",
     "    products/stock/backend/*: E501,W1"),
    ("pyproject.toml", "[tool.black]\nextend-exclude = '^/shop/'\n", "2 ^/shop/: left out -> ", "extend-exclude = '^/shop/|^/products/stock/backend/'"),
    ("pyproject.toml", "[tool.black]\nextend-exclude = '''\n/(\n  shop\n| build\n)/\n'''\n", "2 /(\n  shop\n| build\n)/\n: left out -> ", "  products/stock/backend"),
    ("setup.cfg", "[isort]\nskip_glob = shop/*\n", "2 shop/*: left out -> ", "skip_glob = shop/*,products/stock/backend/*"),
    (".isort.cfg", "[settings]\nknown_first_party = shop\n", "2 shop: first party -> ", "known_first_party = shop,products"),
    ("pyproject.toml", "[tool.pylint.main]\nignore-paths = ['^shop/.*$']\n", "2 ^shop/.*$: left out -> ",
     "ignore-paths = ['^shop/.*$', '^products/stock/backend/.*$']"),
    ("pyproject.toml", "[tool.bandit]\nexclude_dirs = ['shop']\n", "2 shop: left out -> ", "exclude_dirs = ['shop', 'products/stock/backend']"),
])  # fmt: skip
def test_settings_for_what_lies_above_the_old_place_get_an_entry(path: str, text: str, told: str, new: str) -> None:
    moved = Moved({path: text})
    (line,) = moved.told()
    assert line.split(" ", 1)[1] == told.split(" ", 1)[1]
    assert new in moved.mended()[path].splitlines()


def test_a_settings_file_above_has_no_say_at_the_new_place() -> None:
    moved = Moved({"shop/ruff.toml": "[lint.per-file-ignores]\n'stock/*' = ['F401']\n"})
    ((gap, mend),) = [one for one in moved.settled().open if "per-file" in one[0].name]
    assert (gap.path, gap.line, gap.entry.text, mend) == ("shop/ruff.toml", 2, "stock/*", None)
