"""What people look at: a line per phase as it happens, a closing summary, status, preview."""

from __future__ import annotations

import base64
import difflib
import os
import re
import shlex
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from doit.reporter import ConsoleReporter

from migration import tracker
from migration.changes import ChangeSet
from migration.project import Tree
from migration.session import Session

_WIDTH = 20
_UNSAFE = re.compile(r'[\x00-\x1f"\\\x7f]')


class PhaseReporter(ConsoleReporter):  # type: ignore[misc]
    """doit's reporter: one line per phase on stdout, errors on stderr, the tracker after every event."""

    desc = "one line per phase, and phase_tracker.yml"
    session: Session
    phases: Sequence[tuple[str, str]]

    def write(self, text: str) -> None:
        """Print, also where nobody reads any more."""
        try:
            super().write(text)
            self.outstream.flush()
        except BrokenPipeError:
            nobody_reads()

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
        repo = shlex.quote(self.session.repo_label)
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
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def diff_of(before: Tree, after: Tree, changes: Iterable[ChangeSet], oid_of: Callable[[bytes], str]) -> str:
    """What ``changes`` make of a tree, in git's own form: ``git apply`` takes it.

    Bytes that are not UTF-8 are surrogates in the result (:pep:`383`), as they are in paths.

    :param changes: all that leads from ``before`` to ``after``; files are renamed once at most.
    :param oid_of: gives the id under which git stores some bytes.
    """
    sets = tuple(changes)
    origin = {rename.target: rename.source for one in sets for rename in one.renames}
    gone = set(origin.values())
    parts = []
    for path in sorted({path for one in sets for path in one.paths}):
        old = origin.get(path, path)
        was = before.read(old) if old in before and (old != path or path not in gone) else None
        now = after.read(path) if path in after else None
        header = f"diff --git {_quoted(f'a/{old}')} {_quoted(f'b/{path}')}\n"
        if now is None:
            if was is None:
                continue
            header += f"deleted file mode {before.modes[path]}\n"
        elif was is None:
            header += f"new file mode {after.modes[path]}\n"
        elif old != path:
            header += f"rename from {_quoted(old)}\nrename to {_quoted(path)}\n"
        elif was == now:
            continue
        parts.append(header + _hunks(was, now, f"a/{old}", f"b/{path}", oid_of))
    return "".join(parts)


def _hunks(was: bytes | None, now: bytes | None, old: str, new: str, oid_of: Callable[[bytes], str]) -> str:
    """What changes inside a file; None stands for no file."""
    before, after = was or b"", now or b""
    if before == after:
        return ""
    if b"\0" in before or b"\0" in after:
        none = "0" * len(oid_of(b""))
        ids = f"{none if was is None else oid_of(was)}..{none if now is None else oid_of(now)}"
        return f"index {ids}\nGIT binary patch\n{_literal(after)}\n{_literal(before)}\n"
    names = "/dev/null" if was is None else _side(old), "/dev/null" if now is None else _side(new)
    lines = difflib.unified_diff(_lines(before), _lines(after), *names)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    """Lines as git counts them: only a line feed ends one."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _side(path: str) -> str:
    quoted = _quoted(path)
    return quoted + "\t" if " " in path and quoted == path else quoted  # else the blank would end the name


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes where it holds a control character, a quote or a backslash."""
    if not _UNSAFE.search(path):
        return path
    return '"' + _UNSAFE.sub(lambda match: f"\\{ord(match[0]):03o}", path) + '"'


def _literal(data: bytes) -> str:
    """Bytes in git's form for binary patches: deflated, 52 bytes a line, the first letter is their number."""
    packed = zlib.compress(data)
    lines = [f"literal {len(data)}\n"]
    for start in range(0, len(packed), 52):
        chunk = packed[start : start + 52]
        letter = chr(len(chunk) + (64 if len(chunk) <= 26 else 70))
        lines.append(letter + base64.b85encode(chunk, pad=True).decode() + "\n")
    return "".join(lines)


def nobody_reads() -> None:
    """The reader of our output has gone (``| head``): what comes goes nowhere, and the work goes on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
