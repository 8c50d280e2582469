"""What people look at while it runs: a line per phase, a closing summary, the status table."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from doit import Globals
from doit.exceptions import InvalidTask
from doit.reporter import ConsoleReporter

from migration.cli import interrupts, tracker
from migration.cli.advice import next_steps
from migration.cli.session import Session
from migration.cli.terminal import Screen
from migration.core import progress
from migration.core.errors import BusyError, MigrationError, refused, short_of
from migration.core.phase import COMPLETED
from migration.repo.disk.lock import Turn

WRITING = ("reset", "commit", "guard", "follow")  # the commands beside the phases that write
PageWriter = Callable[[Session, Mapping[str, Mapping[str, Any]]], Path]


class PhaseReporter(ConsoleReporter):  # type: ignore[misc]
    """doit's reporter: one line per phase on stdout, errors on stderr, the tracker after every event.

    ``format=quiet`` leaves the closing line only; ``format=json`` gives one document at the end.
    """

    desc = "one line per phase, and phase_tracker.yml"
    session: Session
    phases: Sequence[tuple[str, str]]
    page: PageWriter | None = None
    turn: Turn | None = None

    def write(self, text: str) -> None:
        """Print what doit itself has to say."""
        self._show(lambda: self.screen.line(text.rstrip("\n")))

    def initialize(self, tasks: Mapping[str, Any], selected_tasks: Sequence[str]) -> None:
        """The run begins: read the tracker as the last run (or its death) has left it."""
        self.names = [name for name, _ in self.phases]
        self.done: dict[str, str] = {}
        self.values: dict[str, dict[str, Any]] = {}
        self.active = any(name in self.names for name in selected_tasks)
        self.format = self.session.options.format
        self.screen = Screen(self.outstream or sys.stdout, sys.stderr if self.format == "text" else None)
        self._track(self._read_tracker)
        if self.active or any(name in WRITING for name in selected_tasks):
            self._begin()
        if self.active:
            if self.page is not None:  # what earlier runs have kept: at the end of this one doit's state is closed
                self.values = {name: Globals.dep_manager.get_values(name) for name in self.names}
            kind = "a copy of the bundled sample" if self.session.options.repo is None else "your checkout"
            self._line(f"{self.session.options.product}: {self.session.repo_label} ({kind})")

    def _begin(self) -> None:
        """Keep other runs out of the checkout; where it is none, the first phase will say so.

        :raises InvalidTask: (which ends the run, without a traceback) if another run is at work.
        """
        try:
            self.turn = self.session.turn
            self.turn.begin()
        except BusyError as error:
            self.active = False
            raise InvalidTask(str(error)) from error
        except (MigrationError, OSError):
            return

    def _read_tracker(self) -> None:
        self.tracker = tracker.Tracker(self.session.tracker_path, self.session.options.product, self.phases)

    def _track(self, work: Callable[..., None], *values: Any) -> None:
        """Read or write the tracker.

        :raises InvalidTask: (which ends the run, without a traceback) if that can't be done.
        """
        try:
            work(*values)
        except OSError as error:
            raise InvalidTask(str(refused(error))) from error

    def execute_task(self, task: Any) -> None:
        """A phase begins."""
        interrupts.begin(task.name)
        if task.name in self.names:
            self._track(self.tracker.start, task.name)
            self.screen.begin_phase(task.name)
            progress.listen(self.screen.step if self.format == "text" else None)

    def add_success(self, task: Any) -> None:
        """A phase is done."""
        interrupts.begin("")
        if task.name not in self.names:
            return
        progress.listen(None)
        self._track(self.tracker.complete, task.name, task.values)
        self.done[task.name] = "ran"
        self.values[task.name] = task.values
        self._outcome(task.name, "done", f"{task.values['summary']} ({task.values['seconds']:.2f} s)")
        for finding in task.values["findings"][:5]:
            self._note(str(finding))
        if (more := len(task.values["findings"]) - 5) > 0:
            self._note(f"{more} more in {self.session.tracker_path.name}")

    def skip_uptodate(self, task: Any) -> None:
        """A phase has nothing to do."""
        if task.name in self.names:
            self._track(self.tracker.complete, task.name, Globals.dep_manager.get_values(task.name))
            self.done[task.name] = "up to date"
            self._outcome(task.name, "up to date", "up to date")

    def add_failure(self, task: Any, fail: Any) -> None:
        """A phase failed; nothing that stands on it runs."""
        from doit import Globals

        progress.listen(None)
        interrupts.begin("")
        for name in self.names if self.page else ():
            Globals.dep_manager.get_values(name)  # into doit's cache: its file is closed when the page is written
        message = fail.get_msg().strip()
        self.values[task.name] = {}  # as doit's own state has it
        self.failures.append({"task": task, "exception": fail})
        self.screen.end_phase()
        _tell(f"{task.name}: {message}")
        if task.name in self.names:
            self._outcome(task.name, "FAILED", "FAILED")
            self._track(self.tracker.fail, task.name, message)

    def complete_run(self) -> None:
        """The run ends: what it came to, where to look, and what to do next."""
        try:
            if isinstance(sys.exc_info()[1], KeyboardInterrupt):  # called by doit's own `finally`
                self.screen.end_phase()
            else:
                self._conclude()
        finally:
            if self.turn is not None:
                self.turn.end()

    def _conclude(self) -> None:
        self.screen.end_phase()
        for message in self.runtime_errors:
            _tell(message)
        if not self.active or self.runtime_errors:
            return
        if self.format == "json":
            self._show(lambda: self.screen.line(json.dumps(self._document(), indent=2)))
            return
        product = self.session.options.product
        content = self.tracker.content()
        closing = f"{product}: {content['completed']} of {content['total']} phases completed"
        if any(one == "ran" for one in self.done.values()):
            closing += f", {content['files_modified']} files changed, {content['seconds']} s of work"
        self._show(lambda: self.screen.line(closing, "bold"))
        state = f"moves/{product}"
        self._write_page()
        if self.failures:
            self._line(f"  see {state}/phase_tracker.yml; correct what is named above and run the same command again")
            return
        self._line(f"  plan and tracker: {state}/moves.yml, {state}/phase_tracker.yml")
        if content["status"] == COMPLETED:
            for line in next_steps(content, self.session.repo_label, self.session.options):
                self._line(f"  {line}")

    def _write_page(self) -> None:
        """Write the report, if the run was about the whole move and something has changed."""
        last = self.names[-1]
        if self.page is None or not (self.failures or "ran" in self.done.values() or self._page_is_old()):
            return
        if not self.failures and last not in self.done:
            return
        if not self.session.plan_path.exists():  # the scan itself has failed, and said why
            return
        try:
            path = self.page(self.session, self.values)
        except (MigrationError, OSError) as error:
            self._line(f"  no report: {str(error).splitlines()[0]}")
            return
        except (MemoryError, RecursionError) as error:
            self._line(f"  no report: {short_of(error).message}")
            return
        self._line(f"  report: {os.path.relpath(path)}")

    def _page_is_old(self) -> bool:
        """Whether a death behind the last phase has left no report, or an older one."""
        tracked = self.session.tracker_path
        try:
            return tracked.with_name("report.html").stat().st_mtime_ns < tracked.stat().st_mtime_ns
        except FileNotFoundError:
            return True

    def _document(self) -> dict[str, Any]:
        """The run as plain values: the tracker, with what ran this time and where the move is."""
        content = self.tracker.content()
        phases = [{**entry, "ran": self.done.get(entry["id"]) == "ran"} for entry in content["phases"]]
        return {**content, "repo": str(self.session.repo), "phases": phases}

    def _line(self, text: str) -> None:
        if self.format == "text":
            self._show(lambda: self.screen.line(text))

    def _outcome(self, name: str, mark: str, text: str) -> None:
        if self.format == "text":
            self._show(lambda: self.screen.outcome(name, mark, text))

    def _note(self, text: str) -> None:
        if self.format == "text":
            self._show(lambda: self.screen.note(text))

    def _show(self, show: Callable[[], None]) -> None:
        """Print, also where nobody reads any more."""
        try:
            show()
        except OSError as error:
            nobody_reads(error)


def reporter(
    session: Session, phases: Sequence[tuple[str, str]], page: PageWriter | None = None
) -> type[PhaseReporter]:
    """The reporter class for one session, as ``DOIT_CONFIG`` takes it.

    :param page: writes the report, given what doit keeps of each phase; says where it is.
    """
    write = staticmethod(page) if page else None
    return type("SessionReporter", (PhaseReporter,), {"session": session, "phases": phases, "page": write})


def nobody_reads(error: OSError) -> None:
    """Our output can't be written any more: what comes goes nowhere, and the work goes on.

    :param error: why; nothing is said where the reader has gone (``| head``).
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    if not isinstance(error, BrokenPipeError):
        _tell(f"what is printed is lost from here on: {error.strerror}")


def _tell(message: str) -> None:
    """A line on stderr, where that can be written."""
    with contextlib.suppress(OSError):
        sys.stderr.write(message + "\n")
