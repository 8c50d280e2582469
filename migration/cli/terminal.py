"""What a run looks like while it lasts: colours and a moving bar on a terminal, plain lines elsewhere.

On a terminal Rich draws (https://rich.readthedocs.io); it honours ``NO_COLOR``, ``TERM=dumb`` and the
width of the window. Elsewhere not a byte differs from run to run but for times.
"""

from __future__ import annotations

import contextlib
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

from migration.core.shown import escaped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_WIDTH = 20
_NARROWEST = 30  # columns beside the name of a phase; in fewer the terminal itself breaks the line
_PATIENCE = 1.0  # seconds after which a phase shows how far it is
_STYLES = {"done": "green", "up to date": "dim", "FAILED": "bold red", "running": "yellow", "-": "dim"}
_MARKS = {"done": "✓", "up to date": "✓", "FAILED": "✗"}


class Screen:
    """Where the lines of a run go.

    :param stream: the output; a terminal gets colours and a bar, anything else plain lines.
    :param errors: where plain lines tell how far a long phase is.
    """

    def __init__(self, stream: IO[str], errors: IO[str] | None = None) -> None:
        self.stream = stream
        self.errors = errors
        self.console = _console(stream)
        self._bar: Progress | None = None
        self._phase, self._start, self._next = "", 0.0, 0.0

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it."""
        return self.console is not None

    def line(self, text: str, style: str = "") -> None:
        """One line, or several, as it is but for control characters."""
        self.end_phase()
        text = escaped(text)
        if self.console is None:
            self.stream.write(text + "\n")
        else:
            self.console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)
        self.stream.flush()

    def outcome(self, name: str, mark: str, text: str) -> None:
        """The line of one phase.

        :param mark: a word of the status table: ``done``, ``up to date``, ``FAILED``, ``-``, …
        """
        if self.console is None:
            self.line(f"  {name:<{_WIDTH}} {text}".rstrip())
            return
        self.end_phase()
        sign = _MARKS.get(mark, "·") if _can_show(self.stream, "✓✗·") else " "
        style = _STYLES.get(mark, "red")
        self._hang(sign, style, name, text, style if text == mark else "")

    def note(self, text: str) -> None:
        """A line below that of a phase: what a person should look at."""
        if self.console is None:
            self.line(f"  {'':<{_WIDTH}} note: {text}")
            return
        self.end_phase()
        self._hang("", "", "", f"note: {text}", "yellow")

    def _hang(self, sign: str, sign_style: str, name: str, text: str, style: str) -> None:
        """Print a text in the column behind the names of the phases; its further lines stay there.

        Words are kept whole, however long: a path can be copied.

        :param style: of the text; of its first word alone where that ends in a colon.
        """
        assert self.console is not None
        from rich.text import Text

        text = escaped(text)

        room = self.console.width - _WIDTH - 3
        wrapper = textwrap.TextWrapper(max(room, 1), break_long_words=False, break_on_hyphens=False)
        together = text.replace(" s)", "\N{NO-BREAK SPACE}s)")  # a time is not torn from its unit
        lines = wrapper.wrap(together) if room >= _NARROWEST else [text]
        for number, line in enumerate(lines or [""]):
            if number:
                sign, name, style = "", "", "" if lines[0].partition(" ")[0].endswith(":") else style
            start = (f"{sign:<2}", sign_style), (f"{name:<{_WIDTH}} ", "")
            first, space, rest = line.replace("\N{NO-BREAK SPACE}", " ").partition(" ")
            words = [(first, style), (space + rest, "")] if first.endswith(":") else [(first + space + rest, style)]
            self.console.print(Text.assemble(*start, *words), soft_wrap=True, highlight=False)

    # ---- a phase that takes its time

    def begin_phase(self, name: str) -> None:
        """A phase begins; :meth:`step` says how it goes."""
        self.end_phase()
        self._phase, self._start = name, time.monotonic()
        self._next = _PATIENCE

    def step(self, done: int, total: int) -> None:
        """Show how far the phase is, once it has taken a second."""
        seconds = time.monotonic() - self._start
        if not self._phase or seconds < _PATIENCE:
            return
        with contextlib.suppress(OSError):  # how far it is, nobody has to see
            self._show_step(done, total, seconds)

    def _show_step(self, done: int, total: int, seconds: float) -> None:
        if self.console is not None:
            self._move_bar(done, total)
        elif self.errors is not None and seconds >= self._next:
            far = f"{done:,} of {total:,} files" if total else "still at it"
            self.errors.write(f"  {self._phase}: {far} after {seconds:.0f} s\n")
            self.errors.flush()
            self._next = seconds * 2  # a line after 1, 2, 4, 8 … seconds: few, however long it takes

    def end_phase(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._phase = ""

    def _move_bar(self, done: int, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        if self._bar is None:
            known = (BarColumn(), MofNCompleteColumn()) if total else ()
            self._bar = Progress(
                SpinnerColumn(), TextColumn("{task.description}", markup=False), *known, TimeElapsedColumn(),
                console=self.console, transient=True, auto_refresh=False,
            )
            self._bar.add_task(self._phase, total=total or None)
            self._bar.start()
        seconds = time.monotonic() - self._start
        if seconds >= self._next or done == total:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total or None)
            self._bar.refresh()
            self._next = seconds + 0.1


class Escaping:
    """A stream to which nobody can send a control character, whoever writes to it; colours are let through.

    :param stream: where all of it goes.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(text if _unescaped else escaped(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Through:
    """The same stream for Rich, which is given texts without control characters and adds its own."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with unescaped():
            return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_unescaped = False


@contextmanager
def unescaped() -> Iterator[None]:
    """What is written in the block goes out byte by byte: colours, or a diff that ``git apply`` is to take."""
    global _unescaped
    before, _unescaped = _unescaped, True
    try:
        yield
    finally:
        _unescaped = before


def escape_output() -> None:
    """Keep control characters from stdout and stderr of this process."""
    if not isinstance(sys.stdout, Escaping):
        sys.stdout = cast(TextIO, Escaping(sys.stdout))
    if not isinstance(sys.stderr, Escaping):
        sys.stderr = cast(TextIO, Escaping(sys.stderr))


def _console(stream: IO[str]) -> Console | None:
    """Rich's console where the stream is a terminal that can move its cursor."""
    if not stream.isatty():
        return None
    from rich.console import Console

    console = Console(file=cast(IO[str], _Through(stream)), emoji=False)
    return None if console.is_dumb_terminal else console


def _can_show(stream: IO[str], text: str) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def of_stdout() -> Screen:
    """The screen of a command that prints to stdout."""
    return Screen(sys.stdout)
