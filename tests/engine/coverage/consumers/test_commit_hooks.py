from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

HOOKS = "repos:\n- repo: local\n  hooks:\n  - id: a\n    files: {}\n"


@pytest.mark.parametrize(("path", "text"), [
    (".pre-commit-config.yaml", HOOKS.format(r"\.py$")),
    (".pre-commit-config.yaml", "exclude: ^(docs|build)/\n"),
    ("package.json", '{"lint-staged": {"*.ts": "eslint"}}'),
    ("lefthook.yml", "pre-commit:\n  commands:\n    a:\n      glob: '*.py'\n"),
])  # fmt: skip
def test_patterns_for_both_places_or_neither(path: str, text: str) -> None:
    assert Moved({path: text, "shop/stock/a.ts": ""}).told() == []


@pytest.mark.parametrize(("old", "new"), [
    ("^shop/", "^shop/|^products/stock/backend/"),
    (r"^shop/.*\.py$", r"^shop/.*\.py$|^products/stock/backend/.*\.py$"),
    ("'^(shop|crm)/'", "'^(shop|products/stock/backend|crm)/'"),
])  # fmt: skip
def test_a_hook_gets_the_new_place_into_its_pattern(old: str, new: str) -> None:
    assert Moved({".pre-commit-config.yaml": HOOKS.format(old)}).mended() == {".pre-commit-config.yaml": HOOKS.format(new)}


def test_a_pattern_over_several_lines_gets_a_line() -> None:
    text = "exclude: |\n  (?x)^(\n    shop/.*|\n    docs/.*\n  )$\nfail_fast: true\n"
    new = text.replace("    shop/.*|\n", "    shop/.*|\n    products/stock/backend/.*|\n")
    assert Moved({".pre-commit-config.yaml": text}).mended() == {".pre-commit-config.yaml": new}


def test_a_directory_that_a_hook_is_given() -> None:
    text = "repos:\n- hooks:\n  - id: mypy\n    args: [--strict, shop]\n"
    assert Moved({".pre-commit-config.yaml": text}).mended() == {
        ".pre-commit-config.yaml": text.replace("shop]", "shop, products/stock/backend]")
    }


def test_lint_staged_and_lefthook() -> None:
    text = '{\n  "lint-staged": {\n    "shop/**/*.ts": "eslint"\n  }\n}\n'
    line = '    "shop/**/*.ts": "eslint"'
    new = f'{line},\n    "products/stock/backend/**/*.ts": "eslint"'
    moved = Moved({"package.json": text, "shop/stock/a.ts": ""})
    assert moved.mended() == {"package.json": text.replace(line, new)}
    hooks = "pre-commit:\n  commands:\n    a:\n      root: shop/\n"
    assert Moved({"lefthook.yml": hooks}).told() == ["lefthook.yml:4 shop/: checked -> "]
