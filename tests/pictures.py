"""The pictures in the documentation, made from a real move of the sample: ``python -m tests.pictures``.

The terminal is what a run writes to one, as Rich draws it (https://rich.readthedocs.io), without the
fonts that its own template would fetch. The report is what Chromium shows of it.
"""

from __future__ import annotations

import inspect
import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.browser import CHROMIUM, MISSING, browser
from tests.test_dodo import CHECKOUT, Home

PICTURES = CHECKOUT / "migration/docs/pictures"
COMMAND = "doit product=data_warehouse"
WIDTH = 112
_FONTS = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'
_THEME = TerminalTheme(
    (13, 17, 23), (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221), (201, 209, 217)],
)
_CONTROL = re.compile(r"\x1b\[(\d*)A|\x1b\[2K|\x1b\[\?25[lh]|\r|\n")


def on_a_terminal(home: Home, *arguments: str) -> str:
    """What doit writes to a terminal, its control sequences included.

    :raises subprocess.CalledProcessError: if it fails.
    """
    master, slave = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "MIGRATION_REPO", "PYTHONPATH")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-m", "doit", *arguments]
    with subprocess.Popen(words, cwd=home.path, env=environment, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        said = b"".join(_until_the_end(master))
    os.close(master)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, said)
    return said.decode()


def _until_the_end(master: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux says so when the other side has closed
            return
        if not piece:
            return
        yield piece


def left_on_screen(said: str) -> list[str]:
    """The lines that are left when all is written: a bar that was drawn and taken away is not among them."""
    lines, at = [""], 0
    for control in _CONTROL.finditer(said):
        lines[-1] += said[at : control.start()]
        at = control.end()
        if control[0] == "\n":
            lines.append("")
        elif control[0].endswith("A"):
            del lines[len(lines) - int(control[1] or 1) :]
        elif control[0].endswith("K"):
            lines[-1] = ""
    return [*lines[:-1], *([lines[-1] + said[at:]] if lines[-1] + said[at:] else [])]


def terminal_svg(lines: list[str], command: str) -> str:
    """A terminal in which a command was given, as SVG that fetches nothing."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.assemble(("$ ", "bold green"), (f".venv/bin/{command}", "bold")))
    for line in lines:
        console.print(Text.from_ansi(line))
    own = inspect.signature(Console.export_svg).parameters["code_format"].default
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", own, flags=re.S)
    template = template.replace("Fira Code, monospace", _FONTS).replace("Fira Code", "monospace")
    return console.export_svg(title=command, theme=_THEME, code_format=template, unique_id="terminal")


def text_of(svg: str) -> str:
    """The words in a terminal's picture, from left to right and from top to bottom."""
    places: dict[float, list[tuple[float, str]]] = {}
    for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        if "clip-path" in one.attrib:
            places.setdefault(float(one.attrib["y"]), []).append((float(one.attrib["x"]), one.text or ""))
    lines = ["".join(text for _, text in sorted(found)) for _, found in sorted(places.items())]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def screenshots(chromium: Any, report: Path) -> Iterator[tuple[str, bytes]]:
    """(name, PNG) for each picture of the report."""
    for name, options, prepare in (
        ("report.png", {"color_scheme": "light", "viewport": {"width": 1200, "height": 800}}, "scrollTo(0, 0)"),
        (
            "report-changes.png",
            {"color_scheme": "dark", "viewport": {"width": 1200, "height": 760}},
            "const file = [...document.querySelectorAll('details.file')]"
            ".find(one => one.querySelector('.path').textContent === 'posthog/urls.py'); file.open = true;"
            "document.getElementById('changes').scrollIntoView({behavior: 'instant'});"
            "document.querySelectorAll('details.file').forEach(one => { one.hidden = one.compareDocumentPosition(file) & 4 });",
        ),
        (
            "report-border.png",
            {"color_scheme": "light", "viewport": {"width": 1200, "height": 640}},
            "document.getElementById('border').scrollIntoView({behavior: 'instant'})",
        ),
    ):
        context = chromium.new_context(**options)
        page = context.new_page()
        page.goto(report.as_uri())
        page.evaluate(prepare)
        page.wait_for_timeout(500)
        yield name, page.screenshot()
        context.close()


def main() -> int:
    """Make them all."""
    if CHROMIUM is None:
        sys.exit(MISSING)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        home = Home(Path(place) / "home")
        lines = left_on_screen(on_a_terminal(home, *COMMAND.split()[1:]))
        (PICTURES / "terminal.svg").write_text(terminal_svg(lines, COMMAND), encoding="utf-8")
        with browser() as chromium:
            for name, image in screenshots(chromium, home.path / "moves/data_warehouse/report.html"):
                (PICTURES / name).write_bytes(image)
    for path in sorted(PICTURES.iterdir()):
        sys.stdout.write(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size // 1024} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
