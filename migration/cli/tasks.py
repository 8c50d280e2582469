"""doit's view of the phases and commands: dependencies, targets, and when they are up to date."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import hashlib
import importlib
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doit import Globals, get_initial_workdir
from doit.exceptions import InvalidDodoFile, TaskFailed
from doit.tools import config_changed

from migration.cli import interrupts, reporter
from migration.cli.known_secrets import known_secrets
from migration.cli.options import Options
from migration.cli.session import Session
from migration.cli.terminal import escape_output
from migration.cli.up_to_date import UpToDate, modules_used
from migration.core import recursion
from migration.core.errors import BusyError, MigrationError, UsageError, refused, short_of
from migration.core.phase import BY_NAME, TREE_PHASES
from migration.core.shown import escaped
from migration.repo import ledger_file
from migration.repo.ledger import Done

Task = dict[str, Any]
_FORGETTING = frozenset({"forget", "reset-dep"})  # doit's own commands that write its state and run nothing


def session_from(arguments: list[str], home: Path) -> Session:
    """The session that a command line stands for.

    :param arguments: doit's arguments; those of the form ``NAME=VALUE`` count.
    :raises InvalidDodoFile: (which doit prints without a traceback) if a value can't be used.
    """
    interrupts.install()
    recursion.allow_deep()
    _open_closed()
    _print_anything()
    _leave_out_collection()
    started = get_initial_workdir()
    if started and not Path(started).samefile(home):
        # doit reads its own settings, our keeper of state among them, from the pyproject.toml where it is started.
        raise InvalidDodoFile(f"doit was started in {started}\n  -> start it where dodo.py is: cd {home}")
    values = dict(word.split("=", 1) for word in arguments if "=" in word and not word.startswith("-"))
    try:
        options = Options.read(values, os.environ)
    except UsageError as error:
        raise InvalidDodoFile(str(error)) from error
    session = Session(options, home)
    try:
        session.state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidDodoFile(str(refused(error))) from error
    if not _FORGETTING.isdisjoint(arguments):
        _keep_out_others(session)
    return session


def _keep_out_others(session: Session) -> None:
    """Have the checkout to ourselves until this process ends: a run would write over what is forgotten meanwhile.

    :raises InvalidDodoFile: if another run is at work.
    """
    if not session.repo.exists():
        return
    try:
        session.turn.begin()
    except BusyError as error:
        raise InvalidDodoFile(str(error)) from error
    except MigrationError:
        return  # no checkout: nothing to be at work on
    except OSError as error:
        raise InvalidDodoFile(str(refused(error))) from error
    atexit.register(session.turn.end)


def _open_closed() -> None:
    """Let what is printed go nowhere where a stream is closed (``>&-``): no file of ours may get its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends


def _print_anything() -> None:
    """Make stdout take every path and every byte of a diff, whatever the terminal's encoding; no control characters."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        errors = "surrogateescape" if sys.stdout.encoding.lower().replace("-", "") == "utf8" else "backslashreplace"
        sys.stdout.reconfigure(errors=errors)
    escape_output()


def _leave_out_collection() -> None:
    """Leave out Python's search for cycles: syntax trees hold none, and it takes half of the time.

    The last one, too: when the process ends, all its memory goes anyway.
    """
    gc.disable()
    atexit.unregister(gc.freeze)  # this may be called again and again in one process
    atexit.register(gc.freeze)


def config(session: Session, phases: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """``DOIT_CONFIG``: the product's own state, our reporter, the phases in their order."""
    return {
        "dep_file": str(session.database_path),
        "backend": "moves",
        "default_tasks": [*(name for name, _ in phases), *(["commit"] if session.options.commit != "no" else [])],
        "reporter": reporter.reporter(session, phases, write_page),
        "verbosity": 2,
        "sort": "definition",
        "check_file_uptodate": "md5",
    }


def write_page(session: Session, values: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write ``report.html`` after a run; Jinja2 and Pygments are loaded only then."""
    from migration.cli import write_page

    return write_page.after_run(session, values)


def phase_task(session: Session, phase: str, phases: tuple[tuple[str, str], ...]) -> Task:
    """The doit task of one phase."""
    names = [name for name, _ in phases]
    position = names.index(phase)
    before = names[position - 1] if position else None
    plan = [] if before is None else [str(session.plan_path)]
    return {
        "basename": phase,
        "doc": dict(phases)[phase],
        "actions": [(run_phase, [session, phase])],
        "file_dep": [*modules_used(phase), *plan],
        "task_dep": [before] if before else [],
        "targets": targets(session, phase, names),
        "uptodate": [UpToDate(session, phase, before), *_values_of(session, phase)],
        "clean": [(clean, [session, phase])],
    }


def _values_of(session: Session, phase: str) -> list[Any]:
    """The values of the command line that one phase alone depends on."""
    return [config_changed({name: getattr(session.options, name)}) for name in BY_NAME[phase].values]


def command_task(session: Session, name: str, doc: str, *after: str) -> Task:
    """The doit task of a command (a module of :mod:`migration.cli.commands`), run whenever asked for.

    :param after: the phases that have to be done before.
    """
    return {
        "basename": name,
        "doc": doc,
        "actions": [(run_command, [session, name])],
        "task_dep": list(after),
        "uptodate": [False],
    }


def run_phase(session: Session, phase: str) -> dict[str, Any] | TaskFailed:
    """doit's action for a phase: its figures, or a failure with the remedy."""
    try:
        with session.at_work():
            from migration.cli import run_phase

            return known_secrets(session).values(run_phase.execute(session, phase))
    except MigrationError as error:
        return _failed(session, error)
    except OSError as error:
        return _failed(session, refused(error))
    except (MemoryError, RecursionError) as error:
        return _failed(session, short_of(error))


def _failed(session: Session, error: MigrationError) -> TaskFailed:
    """An error as doit takes it: its words may be the monolith's own, and hold what nobody is to read."""
    return TaskFailed(known_secrets(session).hide(str(error)))


def run_command(session: Session, name: str) -> TaskFailed | None:
    """doit's action for a command; the phases that it names are forgotten."""
    try:
        with session.at_work() if name in reporter.WRITING else contextlib.nullcontext():
            forgotten = importlib.import_module(f"migration.cli.commands.{name}").run(session)
        sys.stdout.flush()
    except MigrationError as error:
        return _failed(session, error)
    except BrokenPipeError as error:
        reporter.nobody_reads(error)
        return None
    except OSError as error:
        return _failed(session, refused(error))
    except (MemoryError, RecursionError) as error:
        return _failed(session, short_of(error))
    for phase in forgotten or ():
        Globals.dep_manager.remove(phase)
    return None


def clean(session: Session, phase: str, dryrun: bool) -> TaskFailed | None:
    """``doit clean``: undo what the phase did to the tree, and what later phases did.

    :returns: why it can't, for doit to print: what an action writes to stderr is kept from people here.
    """
    from migration.phases import Clearing, clear, module_of

    try:
        if phase in TREE_PHASES:
            with contextlib.nullcontext() if dryrun else session.alone():
                undone = session.workspace.undo(phase, dryrun=dryrun)
            sys.stdout.write(f"{phase}: {'would undo' if dryrun else 'undid'} {undone} file(s)\n")
        elif not dryrun and isinstance(module_of(phase), Clearing):
            with session.alone():
                found = clear(phase, session.workspace, session.repo)
            sys.stdout.write(escaped("".join(f"{phase}: {finding}\n" for finding in found)))
    except MigrationError as error:
        return TaskFailed(escaped(f"{phase}: {_failed(session, error).get_msg()}\n"))
    except OSError as error:
        return TaskFailed(escaped(f"{phase}: {refused(error)}\n"))
    return None


def targets(session: Session, phase: str, names: list[str]) -> list[str]:
    """The files that a phase has made, as the ledger has them; each belongs to the first that made it.

    Read at load time, so without a git process: what can't be read gives no targets, and the phase
    is due for other reasons then.
    """
    if phase == names[0]:
        return [str(session.plan_path)]
    try:
        path = ledger_path(session)
        phases = _phases_done(path, path.stat().st_mtime_ns)
    except (MigrationError, OSError):
        return []
    earlier = {path for name in names[: names.index(phase)] for path in _made(phases.get(name))}
    return [str(session.repo / path) for path in _made(phases.get(phase)) if path not in earlier]


@functools.lru_cache(maxsize=1)
def _phases_done(path: Path, stamp: int) -> Mapping[str, Done]:
    """What the ledger says of each phase: read once for all of them.

    :param stamp: when it was written.
    """
    return ledger_file.load(path).phases


def _made(done: Done | None) -> list[str]:
    return sorted({*done.writes, *done.renames.values()}) if done else []


def ledger_path(session: Session) -> Path:
    """What :attr:`migration.repo.apply.Workspace.path` says, found without asking git.

    :raises OSError: if what points to the git directory can't be read.
    """
    repo = session.repo
    top = next((place for place in (repo, *repo.parents) if (place / ".git").exists()), repo)
    directory = top / ".git"
    if directory.is_file():  # a linked work tree, or a submodule
        directory = top / os.fsdecode(directory.read_bytes()).partition("gitdir: ")[2].rstrip("\n")
    prefix = "" if repo == top else f"{repo.relative_to(top)}/"
    where = hashlib.sha256(os.fsencode(prefix)).hexdigest()[:8] if prefix else ""
    return directory / "phased-migration" / where / session.options.product / "ledger.json"
