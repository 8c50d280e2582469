"""What the pages under ``migration/docs`` show is what happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from migration.session import make_sample

CHECKOUT = Path(__file__).parent.parent
DOCS = CHECKOUT / "migration/docs"
PAGES = sorted(DOCS.glob("*.md"))


def blocks(page: Path, *languages: str) -> list[tuple[str, str]]:
    """(language, text) of the code blocks of a page, in order."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    return [(language, text) for language, text in found if language in languages]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("docs") / "sample"
    make_sample(target)
    return target


def test_the_python_page_runs(sample: Path) -> None:
    names: dict[str, object] = {"REPO": sample}
    said = ""
    checked = 0
    for language, text in blocks(DOCS / "python-api.md", "python", "text"):
        if language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, "python-api.md", "exec"), names)
            said = out.getvalue()
        else:
            assert said == text
            checked += 1
    assert checked >= 4


@pytest.mark.parametrize("page", [CHECKOUT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_named_in_the_readme(page: Path) -> None:
    assert f"migration/docs/{page.name}" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
