from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

FLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(("path", "text"), [
    (FLOW, "on:\n  push:\n    paths: ['**/*.py']\n"),
    (FLOW, "on:\n  push:\n    paths: ['shop/**', 'products/**']\n"),
    (FLOW, "on: push\njobs:\n  shop:\n    env: {paths: 'a b'}\n    steps:\n      - run: echo shop/**\n"),
    (".gitlab-ci.yml", "job:\n  rules:\n    - changes: [docs/**]\n  artifacts:\n    files: [shop/**]\n"),
    ("other.yml", "paths: [shop/**]\n"),
])  # fmt: skip
def test_filters_for_both_places_or_neither(path: str, text: str) -> None:
    assert Moved({path: text}).told() == []


@pytest.mark.parametrize(("path", "text", "new"), [
    (FLOW, "on:\n  push:\n    paths:\n      - 'shop/**'\n      - '!shop/billing/**'\n", "      - 'products/stock/backend/**'"),
    (FLOW, "on:\n  push:\n    paths-ignore: [docs/**, shop/**.py]\n", "    paths-ignore: [docs/**, shop/**.py, products/stock/backend/**.py]"),
    (FLOW, "on: push\njobs:\n  a:\n    steps:\n      - uses: dorny/paths-filter@v3\n        with:\n          filters: |\n            x:\n              - 'shop/**'\n",
     "              - 'products/stock/backend/**'"),
    (FLOW, "jobs:\n  a:\n    steps:\n      - uses: tj-actions/changed-files@v45\n        with:\n          since: shop/x\n          files: |\n            shop/**\n",
     "            products/stock/backend/**"),
    (".gitlab-ci.yml", "job:\n  rules:\n    - changes:\n        - shop/**/*\n", "        - products/stock/backend/**/*"),
    (".gitlab-ci.yml", "job:\n  rules:\n    - changes:\n        paths: [shop/**/*]\n", "        paths: [shop/**/*, products/stock/backend/**/*]"),
    ("azure-pipelines.yml", "trigger:\n  paths:\n    include:\n    - shop/*\n", "    - products/stock/backend/*"),
    ("bitbucket-pipelines.yml", "pipelines:\n  default:\n    - step:\n        condition:\n          changesets:\n            includePaths:\n              - \"shop/**\"\n",
     '              - "products/stock/backend/**"'),
    (".circleci/config.yml", "jobs:\n  a:\n    mapping: |\n      shop/.* run-shop true\n      docs/.* run-docs true\n", "      products/stock/backend/.* run-shop true"),
])  # fmt: skip
def test_a_filter_for_a_directory_above_gets_an_entry(path: str, text: str, new: str) -> None:
    moved = Moved({path: text})
    assert len(moved.told()) == 1
    assert new in moved.mended()[path].splitlines()


def test_what_a_negation_took_out_is_told_by_its_line() -> None:
    text = "on:\n  push:\n    paths:\n      - '**'\n      - '!shop/**'\n"
    moved = Moved({FLOW: text})
    assert moved.told() == [f"{FLOW}:5 !shop/**:  -> runs"]
    assert moved.mended() == {FLOW: text + "      - '!products/stock/backend/**'\n"}


def test_labels_of_changed_files() -> None:
    text = "shop:\n- changed-files:\n  - any-glob-to-any-file: shop/**\n  - all-globs-to-any-file: ['shop/**']\n"
    assert [told.split(" ")[0] for told in Moved({".github/labeler.yml": text}).told()] == [
        ".github/labeler.yml:3", ".github/labeler.yml:4",
    ]  # fmt: skip
