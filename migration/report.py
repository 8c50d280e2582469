"""What people look at: a line per phase as it happens, a closing summary, status, preview."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from doit.reporter import ConsoleReporter

from migration import tracker
from migration.changes import unified_diff
from migration.project import Tree
from migration.session import Session

_WIDTH = 20


class PhaseReporter(ConsoleReporter):  # type: ignore[misc]
    """doit's reporter: one line per phase on stdout, errors on stderr, the tracker after every event."""

    desc = "one line per phase, and phase_tracker.yml"
    session: Session
    phases: Sequence[tuple[str, str]]

    def initialize(self, tasks: Mapping[str, Any], selected_tasks: Sequence[str]) -> None:
        """The run begins: read the tracker as the last run (or its death) has left it."""
        self.names = [name for name, _ in self.phases]
        self.done: dict[str, str] = {}
        self.active = any(name in self.names for name in selected_tasks)
        self.tracker = tracker.Tracker(self.session.tracker_path, self.session.options.product, self.phases)
        if self.active:
            where = self.session.repo_label
            kind = "a copy of the bundled sample" if self.session.options.repo is None else "your checkout"
            self.write(f"{self.session.options.product}: {where} ({kind})\n")

    def execute_task(self, task: Any) -> None:
        """A phase begins."""
        if task.name in self.names:
            self.tracker.start(task.name)

    def add_success(self, task: Any) -> None:
        """A phase is done."""
        if task.name not in self.names:
            return
        self.tracker.complete(task.name, task.values)
        self.done[task.name] = "ran"
        seconds = task.values["seconds"]
        self.write(f"  {task.name:<{_WIDTH}} {task.values['summary']} ({seconds:.2f} s)\n")
        for finding in task.values["findings"][:5]:
            self.write(f"  {'':<{_WIDTH}} note: {finding}\n")
        if (more := len(task.values["findings"]) - 5) > 0:
            self.write(f"  {'':<{_WIDTH}} note: {more} more in {self.session.tracker_path.name}\n")

    def skip_uptodate(self, task: Any) -> None:
        """A phase has nothing to do."""
        if task.name in self.names:
            from doit import Globals

            self.tracker.complete(task.name, Globals.dep_manager.get_values(task.name))
            self.done[task.name] = "up to date"
            self.write(f"  {task.name:<{_WIDTH}} up to date\n")

    def add_failure(self, task: Any, fail: Any) -> None:
        """A phase failed; nothing that stands on it runs."""
        message = fail.get_msg().strip()
        if task.name in self.names:
            self.tracker.fail(task.name, message)
            self.write(f"  {task.name:<{_WIDTH}} FAILED\n")
        self.failures.append({"task": task, "exception": fail})
        sys.stderr.write(f"{task.name}: {message}\n")

    def complete_run(self) -> None:
        """The run ends: what it came to and where to look."""
        for message in self.runtime_errors:
            sys.stderr.write(message + "\n")
        if not self.active or self.runtime_errors:
            return
        product = self.session.options.product
        content = self.tracker.content()
        self.write(f"{product}: {content['completed']} of {content['total']} phases completed")
        if any(one == "ran" for one in self.done.values()):
            self.write(f", {content['files_modified']} files changed, {content['seconds']} s of work")
        self.write("\n")
        state = f"moves/{product}"
        if self.failures:
            self.write(f"  see {state}/phase_tracker.yml; correct what is named above and run the same command again\n")
            return
        repo = self.session.repo_label
        self.write(f"  plan and tracker: {state}/moves.yml, {state}/phase_tracker.yml\n")
        self.write(f"  the moves: git -C {repo} diff --cached -M --stat    the rewrites: git -C {repo} diff\n")


def reporter(session: Session, phases: Sequence[tuple[str, str]]) -> type[PhaseReporter]:
    """The reporter class for one session, as ``DOIT_CONFIG`` takes it."""
    return type("SessionReporter", (PhaseReporter,), {"session": session, "phases": phases})


def status_table(content: Mapping[str, Any]) -> str:
    """The tracker as a table for the terminal."""
    if not content:
        return "nothing has run yet\n"
    lines = [f"{content['product']}: {content['status']} ({content['completed']}/{content['total']} phases)"]
    marks = {tracker.COMPLETED: "done", tracker.FAILED: "FAILED", tracker.IN_PROGRESS: "running", tracker.PENDING: "-"}
    for entry in content["phases"]:
        status = entry["status"]
        mark = marks[status]
        if status == tracker.IN_PROGRESS and not _alive(entry.get("pid")):
            mark = "stopped"
        note = entry.get("summary") or str(entry.get("error", "")).split("\n", 1)[0]
        lines.append(f"  {entry['id']:<{_WIDTH}} {mark:<8} {entry.get('timestamp') or '':<21} {note}".rstrip())
    return "\n".join(lines) + "\n"


def _alive(pid: object) -> bool:
    import os

    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def diff_of(before: Tree, after: Tree, moved: Mapping[str, str]) -> str:
    """The whole change between two trees, as ``git diff -M`` shows it.

    :param moved: path before -> path after.
    """
    origin = {new: old for old, new in moved.items()}
    parts = []
    for path in sorted({*before, *after}):
        old = origin.get(path, path)
        if path in after:
            was = before.read(old) if old in before else b""
            now = after.read(path)
            header = f"diff --git a/{old} b/{path}\n"
            if old != path:
                header += f"rename from {old}\nrename to {path}\n"
            elif path not in before:
                header += f"new file mode {after.modes[path]}\n"
            if old != path or was != now or path not in before:
                parts.append(header + unified_diff(was, now, old, path))
        elif path not in moved:
            parts.append(f"diff --git a/{path} b/{path}\ndeleted file\n")
    return "".join(parts)
