"""Where a terminal is asked for it is a real one, a pty."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration.cli import terminal
from migration.cli.terminal import Screen

CHECKOUT = Path(__file__).parents[2]


def on_terminal(code: str, **environment: str) -> str:
    """What a terminal gets to see of a program."""
    reader, writer = os.openpty()
    names = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=writer, stderr=writer, stdin=subprocess.DEVNULL, cwd=CHECKOUT,
        env={**names, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment},
    )
    os.close(writer)
    seen = b""
    while True:
        try:
            chunk = os.read(reader, 65536)
        except OSError:  # how Linux says that the last writer has gone
            break
        if not chunk:
            break
        seen += chunk
    os.close(reader)
    assert process.wait() == 0, seen
    return seen.decode().replace("\r\n", "\n")


LINES = """
import sys
from migration.cli.terminal import Screen
screen = Screen(sys.stdout)
screen.line("[bold]shop[/bold]: as it is :smile:", "bold")
screen.outcome("scan_moves", "done", "3 files " + "x" * 200)
screen.outcome("move_files", "FAILED", "FAILED")
screen.outcome("run_tests", "-", "")
"""
SLOW = """
import sys, time
from migration.cli.terminal import Screen
screen = Screen(sys.stdout, sys.stderr)
screen.begin_phase("update_imports")
for done in range(1, 13):
    time.sleep(.1)
    screen.step(done, 12)
screen.outcome("update_imports", "done", "done it")
"""


# ---- not a terminal


def test_a_file_gets_plain_lines() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.line("[bold]shop[/bold]: as it is", "bold")
    screen.outcome("scan_moves", "done", "3 files")
    screen.outcome("run_tests", "-", "")
    assert not screen.is_terminal
    assert out.getvalue() == "[bold]shop[/bold]: as it is\n  scan_moves           3 files\n  run_tests\n"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    yield now


def test_plain_lines_are_few(clock: list[float]) -> None:
    out, err = io.StringIO(), io.StringIO()
    screen = Screen(out, err)
    screen.begin_phase("update_imports")
    for tenth in range(100):
        clock[0] = tenth / 10
        screen.step(tenth, 100)
    screen.end_phase()
    clock[0] = 99
    screen.step(100, 100)
    assert out.getvalue() == ""
    assert err.getvalue() == (
        "  update_imports: 10 of 100 files after 1 s\n"
        "  update_imports: 20 of 100 files after 2 s\n"
        "  update_imports: 40 of 100 files after 4 s\n"
        "  update_imports: 80 of 100 files after 8 s\n"
    )


def test_a_phase_that_can_t_count_says_that_it_lives(clock: list[float]) -> None:
    err = io.StringIO()
    screen = Screen(io.StringIO(), err)
    screen.begin_phase("validate_django")
    clock[0] = 0.9
    screen.step(0, 0)
    assert err.getvalue() == ""
    clock[0] = 1.2
    screen.step(0, 0)
    assert err.getvalue() == "  validate_django: still at it after 1 s\n"


def test_a_dumb_terminal_gets_plain_lines() -> None:
    assert on_terminal(LINES, TERM="dumb").splitlines()[-2:] == ["  move_files           FAILED", "  run_tests"]


# ---- a terminal


def test_colours() -> None:
    seen = on_terminal(LINES)
    assert "\x1b[" in seen
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen).splitlines()
    assert plain[0] == "[bold]shop[/bold]: as it is :smile:"
    assert plain[1:3] == ["✓ scan_moves           3 files", " " * 23 + "x" * 200]
    assert plain[3] == "✗ move_files           FAILED"
    assert re.search(r"\x1b\[[0-9;]*31m.*FAILED", seen)


LONG = """
import sys
from migration.cli.terminal import Screen
screen = Screen(sys.stdout)
screen.outcome("scan_moves", "done", "63 Python files, 9 packages, 7 other files")
screen.note("a note of more words than fit, with a/path/that/is/longer/than/the/line.py:70 in it")
"""


def test_long_lines_hang_below_their_first_words() -> None:
    seen = on_terminal(LONG, COLUMNS="55", NO_COLOR="1")
    assert [line.rstrip() for line in seen.splitlines()] == [
        "✓ scan_moves           63 Python files, 9 packages, 7",
        "                       other files",
        "                       note: a note of more words than",
        "                       fit, with",
        "                       a/path/that/is/longer/than/the/line.py:70",
        "                       in it",
    ]


def test_only_the_first_word_of_a_note_has_a_colour() -> None:
    seen = on_terminal(LONG, COLUMNS="55")
    assert re.findall(r"\x1b\[33m(.*?)\x1b\[0m", seen) == ["note:"]


def test_a_time_keeps_its_unit() -> None:
    code = LONG.replace("7 other files", "7 files (1.96 s)")
    lines = on_terminal(code, COLUMNS="60", NO_COLOR="1").splitlines()
    assert lines[1].strip() == "(1.96 s)"


def test_on_a_narrow_terminal_lines_are_left_to_it() -> None:
    assert "63 Python files, 9 packages, 7 other files\n" in on_terminal(LONG, COLUMNS="40", NO_COLOR="1")


def test_no_color_is_honoured() -> None:
    assert not re.search(r"\x1b\[[0-9;]*3\dm", on_terminal(LINES, NO_COLOR="1"))


def test_an_encoding_without_check_marks() -> None:
    seen = on_terminal(LINES, PYTHONIOENCODING="ascii", NO_COLOR="1")
    assert "✓" not in seen and "\\u2713" not in seen and "scan_moves" in seen


def test_a_bar_from_one_second_on() -> None:
    seen = on_terminal(SLOW)
    assert re.search(r"update_imports.*1[0-2]/12", seen)
    assert not re.search(r"\b[1-8]/12", seen)
    assert re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", seen).splitlines()[-1].endswith("✓ update_imports       done it")


def test_a_quick_phase_shows_no_bar() -> None:
    assert "/12" not in on_terminal(SLOW.replace("time.sleep(.1)", "pass"))


def test_the_whole_command_on_a_terminal(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from migration.cli import reporter as report
from migration.core.phase import PHASES
from migration.cli.options import Options
from migration.cli.session import Session
session = Session(Options("shop", Path({str(tmp_path)!r})), Path({str(tmp_path)!r}))
session.state.mkdir(parents=True)
reporter = report.reporter(session, PHASES)(sys.stdout, {{}})
reporter.initialize({{}}, ["scan_moves"])
from types import SimpleNamespace
values = dict(seconds=1.5, summary="did it", findings=["a [red]note[/red]"], files_modified=[], timestamp="now", run="1")
reporter.add_success(SimpleNamespace(name="scan_moves", values=values))
reporter.complete_run()
"""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(code)).splitlines()
    assert plain[1:4] == [
        "✓ scan_moves           did it (1.50 s)", f"{'':23}note: a [red]note[/red]",
        "shop: 1 of 9 phases completed, 0 files changed, 1.5 s of work",
    ]




# ---- control characters

CONTROLS = """
import sys
from migration.cli.terminal import Screen, escape_output, of_stdout
escape_output()
escape_output()  # once is enough
evil = "a\\x1b]0;PWNED\\x07b\\x9b31m\\r\\u202e"
screen = of_stdout()
screen.line(evil, "bold")
screen.outcome("scan_moves", "FAILED", evil)
screen.note(evil)
sys.stdout.write(evil + "\\n")
sys.stdout.writelines([evil, "\\n"])
sys.stderr.write(evil + "\\n")
print(evil)
"""


def test_no_control_character_reaches_a_terminal() -> None:
    """Whoever writes, through Rich or not; Rich's own colours are there."""
    seen = on_terminal(CONTROLS)
    assert seen.count("a\\x1b]0;PWNED\\x07b\\x9b31m\\r\\u202e") == 7
    assert "\x1b[1m" in seen and "\x1b[1;31m" in seen
    assert re.sub(r"\x1b\[[0-9;]*m", "", seen).isprintable() is False  # line feeds alone
    assert set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", re.sub(r"\x1b\[[0-9;]*m", "", seen))) == set()


def test_nor_a_log() -> None:
    out = subprocess.run([sys.executable, "-c", CONTROLS], cwd=CHECKOUT, capture_output=True, check=True, encoding="utf-8")
    assert set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out.stdout + out.stderr)) == set()
    assert out.stdout.count("PWNED") == 6 and out.stderr.count("PWNED") == 1


def test_a_diff_goes_out_as_it_is() -> None:
    stream = io.StringIO()
    escaping = terminal.Escaping(stream)
    escaping.write("a\r\n")
    with terminal.unescaped():
        escaping.write("a\r\n")
    escaping.write("\x1b")
    assert stream.getvalue() == "a\\r\na\r\n\\x1b" and escaping.getvalue() == stream.getvalue()
