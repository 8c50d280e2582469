"""The page, made of real moves and opened in a real browser (Chromium through Playwright).

Without a browser on the machine the tests that need one skip; ``apt-get install chromium`` brings it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from migration.cli import run_phase, tracker, write_page
from migration.cli.commands import preview as preview_module
from migration.cli.session import Session
from migration.core.errors import PlanError
from migration.core.phase import ORDER, PHASES
from tests.browser import CHROMIUM, MISSING, browser
from tests.phases.test_scan_moves import BACKEND, STOCK, session_for
from tests.report.__main__ import FILES as MANY
from tests.report.__main__ import large_report, measure
from tests.tools import Content, disk, make_repo

NASTY = "shop/<script>document.title='pwned'<／script>.txt"
FILES: dict[str, Content] = {
    **STOCK,
    "use.py": "# <script>document.title = 'pwned'</script>\nfrom shop.stock import Item  # </script><img src=x onerror=alert(1)>\n",
    "shop/core.py": "",
    "shop/stock/far.py": "from shop import core\n",
    "web/view.py": "import shop.stock\n\nITEMS = shop.stock.Item\n",
    NASTY: "see shop/stock/items.py </script><script>document.title='pwned'</script>\n",
    "CODEOWNERS": "* @org/all\n/web/ @org/web\n",
}


def moved(repo: Path) -> tuple[Session, dict[str, dict[str, Any]]]:
    session = session_for(repo)
    book = tracker.Tracker(session.tracker_path, "stock", PHASES)
    values = {}
    for phase in ORDER:
        values[phase] = run_phase.execute(session_for(repo, "shop.stock"), phase)
        book.complete(phase, values[phase])
    return session, values


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    session, values = moved(make_repo(tmp_path_factory.mktemp("moved") / "shop", FILES))
    return write_page.after_run(session, values)


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    session = session_for(make_repo(tmp_path_factory.mktemp("preview") / "shop", FILES), "shop.stock")
    preview_module.run(session)
    return session.state / "report.html"


# ---- what it holds


def test_no_plan_no_page(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "shop", FILES), "shop.stock")
    with pytest.raises(PlanError):
        write_page.after_run(session, {})
    assert not (session.state / "report.html").exists()


def test_the_repo_is_only_read(tmp_path: Path) -> None:
    session, values = moved(make_repo(tmp_path / "shop", FILES))
    before = disk(session.repo)
    write_page.after_run(session, values)
    assert disk(session.repo) == before


def test_the_same_state_gives_the_same_page(tmp_path: Path) -> None:
    session, values = moved(make_repo(tmp_path / "shop", FILES))
    first = write_page.after_run(session, values).read_bytes()
    assert write_page.after_run(session_for(session.repo), values).read_bytes() == first


def test_nothing_of_the_repo_s_is_live(page: Path) -> None:
    text = page.read_text()
    assert text.count("<script") == 2  # the data and our own
    assert "onerror=alert(1)>" not in text and "<img" not in text


def test_nothing_is_fetched(page: Path) -> None:
    text = page.read_text()
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:,)""", text)
    assert "default-src 'none'" in text and "@import" not in text and "url(http" not in text


def test_reasons_owners_and_borders(page: Path) -> None:
    text = page.read_text()
    assert "line 1: import <code>shop.stock</code> → <code>products.stock.backend</code>" in text
    assert "@org/web" in text
    assert "Before the move" in text and "After the move" in text


def test_figures_at_the_top(page: Path) -> None:
    figures = re.findall(r"<strong>([\d,]+)</strong> <span>([^<]*)</span></a>", page.read_text())
    assert [what for _, what in figures] == ["files moved", "files rewritten", "references", "models", "places for you to look at"]
    text = page.read_text()
    assert 'state completed">completed</span></h1>' in text
    kinds = dict(re.findall(r'<button type="button" data-kind="([^"]+)">[^<]*<span class="count">([\d,]+)</span>', text))
    numbers = [int(number) for number in kinds.values()]
    assert sum(numbers) == int(figures[2][0]) and numbers == sorted(numbers, reverse=True)


def test_the_tree_before_and_after(page: Path) -> None:
    before, after = re.findall(r'<div class="tree">(.*?)</div>', page.read_text(), re.S)
    assert "<code>shop/stock/</code>" in before and "<code>products/</code>" not in before
    assert "<code>items.py</code>" in before and "<code>items.py</code>" in after
    assert "<code>products/</code>" in after and "<code>backend/</code>" in after and '<code>__init__.py</code> <span class="tag new">new</span>' in after


def test_the_diffs_are_html_in_json(page: Path) -> None:
    found = re.search(r'<script type="application/json" id="diffs">(.*?)</script>', page.read_text(), re.S)
    assert found
    diffs = json.loads(found[1])
    assert all(isinstance(one, str) for one in diffs) and any("<mark>" in one for one in diffs)


def test_a_preview_says_so(preview: Path) -> None:
    text = preview.read_text()
    assert "preview: nothing is changed" in text and "files to move" in text and "what it would do" in text
    assert re.search(r"\d+ files? rewritten", text)
    said = dict(re.findall(r'<th scope="row"><code>(\w+)</code></th>\s*<td class="text[^"]*">([^<]*)</td>', text))
    assert list(said) == list(ORDER)
    assert said["scan_moves"].startswith("3 Python files") and said["validate_django"] == "runs on the moved code, so it has no preview"


def test_a_preview_is_whole(tmp_path: Path) -> None:
    """Counts by kind, both trees, the diff with reasons, what needs a person, owners, seconds, the guard's rules."""
    files: dict[str, Content] = {**FILES, "ruff.toml": "line-length = 100\n", "x.py": "import shop.stock.gone\nS = 'shop.stock.gone'\n"}
    session = session_for(make_repo(tmp_path / "shop", files), "shop.stock")
    (session.repo / "use.py").write_text("from shop.stock import Item\n")
    preview_module.run(session)
    text = (session.state / "report.html").read_text()
    assert re.search(r"About [\d.]+ s, without what databases and tests take", text)
    assert re.search(r'data-kind="import">import <span class="count">\d+</span>', text)
    assert re.search(r'data-owner="@org/web">@org/web <span class="count">1 file</span>', text)
    assert len(re.findall(r'<div class="tree">', text)) == 2
    assert "line 1: import <code>shop.stock</code>" in text
    assert "In the way: uncommitted changes" in text and "<li><code>use.py</code></li>" in text
    assert "What <code>guard</code> would add afterwards" in text and "<code>ruff.toml</code>" in text
    assert "What the phases say" in text and "shop.stock.gone" in text


# ---- in a browser

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)


@dataclass
class Tab:
    page: Any
    said: list[str] = field(default_factory=list)

    def visible(self) -> list[str]:
        found: list[str] = self.page.locator("details.file:visible .path").all_text_contents()
        return found


def until(tab: Tab, expression: str) -> None:
    """Wait for JavaScript to be true. Playwright's own way evaluates text in the page, which its policy forbids."""
    for _ in range(100):
        if tab.page.evaluate(expression):
            return
        tab.page.wait_for_timeout(100)
    pytest.fail(f"never came true: {expression}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api", reason="pip install -e '.[test]' brings Playwright")
    with browser() as found:
        yield found


def opened(chromium: Any, path: Path, **options: Any) -> Iterator[Tab]:
    context = chromium.new_context(**options)
    tab = Tab(context.new_page())
    tab.page.on("console", lambda message: tab.said.append(f"console: {message.text}"))
    tab.page.on("pageerror", lambda error: tab.said.append(f"error: {error}"))
    tab.page.on("request", lambda request: tab.said.append(request.url) if request.url != path.as_uri() else None)
    tab.page.goto(path.as_uri())
    yield tab
    assert tab.page.title() != "pwned"
    assert tab.said == []  # no error, and no request left
    context.close()


@pytest.fixture
def tab(chromium: Any, page: Path) -> Iterator[Tab]:
    yield from opened(chromium, page)


@needs_browser
def test_it_opens_folded(tab: Tab) -> None:
    assert tab.page.title() == "stock: shop.stock → products.stock.backend"
    assert tab.page.locator("table.diff").count() == 0
    assert NASTY in tab.visible()


@needs_browser
def test_a_file_unfolds_to_its_diff(tab: Tab) -> None:
    file = tab.page.locator("details.file", has=tab.page.locator(".path", has_text=re.compile(r"^use\.py$")))
    file.locator("summary").click()
    assert file.locator("td.old.changed").inner_text() == "from shop.stock import Item  # </script><img src=x onerror=alert(1)>"
    assert file.locator("td.new mark").all_inner_texts() == ["products.stock.backend"] or file.locator("td.new mark").count() >= 1
    assert tab.page.locator("table.diff").count() == 1


@needs_browser
def test_filters_and_search(tab: Tab) -> None:
    everything = len(tab.visible())
    tab.page.select_option("#owner", "@org/web")
    assert tab.visible() == ["web/view.py"]
    tab.page.select_option("#owner", "")
    tab.page.select_option("#kind", "use")
    assert tab.visible() == ["web/view.py"]
    tab.page.select_option("#kind", "")
    tab.page.fill("#path", "./WEB/")
    assert tab.visible() == ["web/view.py"]
    tab.page.fill("#path", "shop/stock/prices")  # where it was before
    assert tab.visible() == [f"{BACKEND}/prices.csv"]
    tab.page.fill("#path", "")
    tab.page.fill("#search", "ITEMS = shop.stock.Item")  # a line of the diff
    assert tab.visible() == ["web/view.py"]
    tab.page.fill("#search", "PRICES rename")
    assert tab.visible() == [f"{BACKEND}/prices.csv"]
    assert tab.page.inner_text("#shown") == "1 file"
    tab.page.fill("#search", "nothing like it")
    assert tab.visible() == [] and tab.page.is_visible("#none")
    tab.page.fill("#search", "")
    assert len(tab.visible()) == everything


@needs_browser
def test_a_kind_and_a_team_lead_to_their_files(tab: Tab) -> None:
    tab.page.get_by_role("button", name=re.compile(r"^use\b")).click()
    assert tab.visible() == ["web/view.py"]
    assert tab.page.evaluate("document.activeElement.id") == "kind"
    tab.page.get_by_role("button", name="@org/web 1 file").click()
    assert tab.visible() == ["web/view.py"] and tab.page.input_value("#kind") == ""
    assert tab.page.input_value("#owner") == "@org/web"


@needs_browser
def test_by_keyboard_alone(tab: Tab) -> None:
    """Skip link, sections, fields, a file, a command: each is reached by Tab, in the order in which it is read."""
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "main"
    seen = []
    for _ in range(200):
        tab.page.keyboard.press("Tab")
        seen.append(tab.page.evaluate(
            "(one => one.id || (one.closest('details.file') ? 'file' : '') || one.getAttribute('class') || one.tagName)"
            "(document.activeElement)"
        ))
        if seen[-1] == "file" and "opened" not in seen:
            assert tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            tab.page.keyboard.press("Enter")
            assert tab.page.locator("details.file[open]").count() == 1
            seen.append("opened")
        if seen[-1] == "copy":
            break
    order = ["search", "path", "kind", "owner", "expand", "file", "opened", "copy"]
    assert [one for one in dict.fromkeys(seen) if one in order] == order
    tab.page.keyboard.press("Enter")
    until(tab, "document.getElementById('copied').textContent.startsWith('Copied: doit')")
    assert tab.page.evaluate("document.activeElement.className") == "copy"


@needs_browser
def test_what_a_screen_reader_says(tab: Tab) -> None:
    role = tab.page.get_by_role
    assert role("heading", level=1).inner_text().split() == ["stock", "completed"]
    assert role("navigation", name="Sections").count() == role("main").count() == role("search").count() == 1
    headings = role("heading", level=2).all_inner_texts()
    assert headings[:2] == ["Phases", "To look at"] and headings[-1] == "Next"
    for heading in headings:  # each section is a landmark of that name
        assert role("region", name=heading, exact=True).count() == 1, heading
    for name in ("Search", "Path"):
        assert role("searchbox", name=name).count() == 1
    for name in ("Kind", "Owner"):
        assert role("combobox", name=name).count() == 1
    assert role("link", name=re.compile(r"^\d+ imports? of the product in web")).count() >= 1
    assert role("link", name=re.compile(r"^\d+ imports? from the product into ")).count() >= 1
    assert role("button", name=re.compile("^Copy: doit product=stock")).count() >= 4
    assert role("table").first.get_by_role("columnheader").all_inner_texts() == ["phase", "outcome", "seconds", "what it did"]
    assert tab.page.locator("#shown[aria-live=polite]").count() == tab.page.locator("[role=status]").count() == 1


@needs_browser
def test_expand_all_and_fold(tab: Tab) -> None:
    tab.page.select_option("#kind", "import")
    shown = len(tab.visible())
    tab.page.click("#expand")
    until(tab, f"document.querySelectorAll('details.file[open] table.diff').length === {shown}")
    tab.page.click("#expand")
    assert tab.page.locator("details.file[open]").count() == 0


@needs_browser
def test_an_arrow_shows_its_imports(tab: Tab) -> None:
    arrow = tab.page.locator("svg a").first
    target = arrow.get_attribute("href")
    tab.page.locator("svg a text").first.click()
    tab.page.wait_for_selector(f"{target}[open] li")
    tab.page.locator(f"{target} summary").click()
    assert not tab.page.locator(target).is_visible()
    arrow.focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_selector(f"{target}[open] li")
    assert tab.page.evaluate("document.activeElement.tagName") == "SUMMARY"


@needs_browser
def test_a_command_is_copied(tab: Tab) -> None:
    button = tab.page.locator("button.copy").first
    button.click()
    until(tab, "document.getElementById('copied').textContent.startsWith('Copied: doit product=stock')")


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("which", ["page", "preview"])
def test_for_everybody(chromium: Any, request: pytest.FixtureRequest, which: str, scheme: str, width: int) -> None:
    """axe-core finds nothing serious, and nothing runs out of a phone's screen."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e '.[test]' brings axe")
    path = request.getfixturevalue(which)
    for tab in opened(chromium, path, color_scheme=scheme, viewport={"width": width, "height": 800}):
        tab.page.click("#expand")
        tab.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        tab.page.wait_for_timeout(300)
        found = axe.Axe().run(tab.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


@needs_browser
def test_on_a_phone_the_picture_is_a_list(chromium: Any, page: Path) -> None:
    for tab in opened(chromium, page, viewport={"width": 360, "height": 800}):
        assert not tab.page.locator("svg.picture").first.is_visible()
        line = tab.page.locator("details.imports").first
        line.locator("summary").click()
        assert line.locator("li").first.is_visible()


@needs_browser
def test_what_four_hundred_files_lay_out_at_first_does_not_grow_with_their_diffs(chromium: Any, tmp_path: Path) -> None:
    """How fast they open is measured by ``python -m tests.report``."""
    path = large_report(tmp_path)
    assert measure(chromium, path).files >= MANY
    for tab in opened(chromium, path):
        nodes = tab.page.evaluate("document.getElementsByTagName('*').length")
        assert nodes / len(tab.visible()) < 30
        assert tab.page.locator("table.diff").count() == 0
