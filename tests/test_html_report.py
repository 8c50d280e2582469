"""The page, made of real moves and opened in a real browser (Chromium through Playwright).

Without a browser on the machine the tests that need one skip; ``apt-get install chromium`` brings it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from migration import commands, html_report, runner
from migration.errors import PlanError
from migration.phases import ORDER
from migration.session import Session
from tests.test_scan_moves import BACKEND, STOCK, session_for
from tests.tools import Content, disk, make_repo

NASTY = "shop/<script>document.title='pwned'<／script>.txt"
FILES: dict[str, Content] = {
    **STOCK,
    "use.py": "# <script>document.title = 'pwned'</script>\nfrom shop.stock import Item  # </script><img src=x onerror=alert(1)>\n",
    "web/view.py": "import shop.stock\n\nITEMS = shop.stock.Item\n",
    NASTY: "see shop/stock/items.py </script><script>document.title='pwned'</script>\n",
    "CODEOWNERS": "* @org/all\n/web/ @org/web\n",
}


def moved(repo: Path) -> tuple[Session, dict[str, dict[str, Any]]]:
    values = {phase: runner.execute(session_for(repo, "shop.stock"), phase) for phase in ORDER}
    return session_for(repo), values


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    session, values = moved(make_repo(tmp_path_factory.mktemp("moved") / "shop", FILES))
    return html_report.after_run(session, values)


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    session = session_for(make_repo(tmp_path_factory.mktemp("preview") / "shop", FILES), "shop.stock")
    commands.preview(session)
    return session.state / "report.html"


# ---- what it holds


def test_no_plan_no_page(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "shop", FILES), "shop.stock")
    with pytest.raises(PlanError):
        html_report.after_run(session, {})
    assert not (session.state / "report.html").exists()


def test_the_repo_is_only_read(tmp_path: Path) -> None:
    session, values = moved(make_repo(tmp_path / "shop", FILES))
    before = disk(session.repo)
    html_report.after_run(session, values)
    assert disk(session.repo) == before


def test_the_same_state_gives_the_same_page(tmp_path: Path) -> None:
    session, values = moved(make_repo(tmp_path / "shop", FILES))
    first = html_report.after_run(session, values).read_bytes()
    assert html_report.after_run(session_for(session.repo), values).read_bytes() == first


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
    assert f"<code>shop/stock/</code> → <code>{BACKEND}/</code>" in text


def test_the_diffs_are_html_in_json(page: Path) -> None:
    found = re.search(r'<script type="application/json" id="diffs">(.*?)</script>', page.read_text(), re.S)
    assert found
    diffs = json.loads(found[1])
    assert all(isinstance(one, str) for one in diffs) and any("<mark>" in one for one in diffs)


def test_a_preview_says_so(preview: Path) -> None:
    text = preview.read_text()
    assert "preview: nothing is changed" in text and "Whose files change" in text
    assert "2 files rewritten" in text or "files rewritten" in text


# ---- in a browser

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium, or CHROMIUM=/path/to/it"
)


@dataclass
class Tab:
    page: Any
    said: list[str] = field(default_factory=list)

    def visible(self) -> list[str]:
        found: list[str] = self.page.locator("details.file:visible .path").all_inner_texts()
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
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install -e '.[test]' brings Playwright")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


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
    tab.page.fill("#search", "PRICES rename")
    assert tab.visible() == [f"{BACKEND}/prices.csv"]
    assert tab.page.inner_text("#shown") == "1 file"
    tab.page.fill("#search", "nothing like it")
    assert tab.visible() == [] and tab.page.is_visible("#none")
    tab.page.fill("#search", "")
    assert len(tab.visible()) == everything


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
def test_four_hundred_files_open_folded(chromium: Any, tmp_path: Path) -> None:
    """What is laid out at first does not grow with the diffs."""
    uses = {f"web/use_{number}.py": "x = 1\n" * 50 + "from shop.stock import Item\n" + "y = 2\n" * 50 for number in range(400)}
    session = session_for(make_repo(tmp_path / "shop", {**STOCK, **uses}), "shop.stock")
    commands.preview(session)
    for tab in opened(chromium, session.state / "report.html"):
        assert len(tab.visible()) > 400
        nodes = tab.page.evaluate("document.getElementsByTagName('*').length")
        assert nodes / len(tab.visible()) < 25
        assert tab.page.locator("table.diff").count() == 0
