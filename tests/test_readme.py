"""The README, and the pages that it leads to, say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from migration.cli.options import KNOWN
from migration.core.phase import ORDER
from migration.plan import reading, writing

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


DOCS = CHECKOUT / "migration/docs"


def section(title: str, page: str = README) -> str:
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,3}} |\Z)", page, re.M | re.S)
    assert found, title
    return found[2]


def test_the_readme_is_a_guide_and_no_manual() -> None:
    assert len(README.splitlines()) <= 220


def test_each_phase_has_its_heading_in_order() -> None:
    headings = re.findall(r"^### (\w+)$", README, re.M)
    assert [heading for heading in headings if heading in ORDER] == list(ORDER)


def test_every_value_is_in_the_table() -> None:
    table = section("The command line", (DOCS / "command-line.md").read_text(encoding="utf-8"))
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == list(KNOWN)


def test_the_plan_example_is_a_plan() -> None:
    page = (DOCS / "plan.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.S)
    assert example
    plan = reading.loads(example[1])
    assert plan.product == "data_warehouse"
    keys = re.findall(r"^\| `(\w+)` \|", page, re.M)
    assert {"product", "source", "target", *keys} == set(yaml.safe_load(writing.render(plan)))


def test_the_sample_s_output_is_what_a_user_sees() -> None:
    """In figures: that each word of it is printed is shown in test_docs.py."""
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    shown = section("What a run prints", page)
    phases = [line.split()[0] for line in shown.splitlines() if line.startswith("  ") and "note:" not in line]
    assert phases[: len(ORDER)] == list(ORDER)
    assert "data_warehouse: 9 of 9 phases completed" in shown
    assert "migration/docs/pictures/terminal.svg" in section("Try it")


def test_links_and_files_that_are_named_exist() -> None:
    for name in ("dodo.py", ".ci/run", "CHANGELOG.md", "LICENSE"):
        assert (CHECKOUT / name).exists(), name
