"""When a phase is up to date: same plan, same tool, same inputs, outputs as we left them.

The tool is its code, and the Python and the libraries that it runs on. doit checks the plan and the
tool's modules (``file_dep``) and that the targets exist. What files can't say is checked here: the
rest of the tool, the tree before the move, the files as the phases left them, and that what the phase
stands on was not run again.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doit import Globals
from doit.dependency import UptodateCalculator

from migration import __version__
from migration.cli.session import Session
from migration.core.errors import MigrationError
from migration.core.phase import BY_NAME, TREE_PHASES
from migration.plan.writing import written_by_scanner
from migration.repo.apply import Workspace

_PACKAGE = Path(__file__).parents[1]
# Our own imports all have this form (ruff's isort sees to it); parsing every module costs 0.2 s a call.
_IMPORT = re.compile(r"from migration((?:\.\w+)*) import (?:\(([^)]*)\)|([^\n(#]+))")
# What runs every phase: the plan is read and the tree changed by these, and by what they import.
_RUNS_ALL = ("cli.session", "repo.apply")
# What is asked before a phase, beside the phase itself.
_ASKED = {
    "scan_moves": ("repo.merge_conflicts", "cli.recall"), "prepare_structure": ("repo.merge_conflicts",),
    "update_imports": ("engine.follow",),
}  # fmt: skip
_FAMILY = "rewriters"
_ALONE = ("cli.run_phase", "cli.fold", "cli.preload", "cli.late_comers", "cli.django_noted")  # what runs them
_COMPLETE = {"run", "inputs", "names", "tool"}
# What reads and writes for us: module -> the name under which it is installed.
_LIBRARIES = {"libcst": "libcst", "yaml": "PyYAML"}
_LIBRARY = re.compile(rf"^[ \t]*(?:import|from) ({'|'.join(_LIBRARIES)})\b", re.M)


class UpToDate(UptodateCalculator):  # type: ignore[misc]
    """Tells doit whether a phase may be skipped.

    :param before: the phase that this one stands on, or None for the first.
    """

    def __init__(self, session: Session, phase: str, before: str | None) -> None:
        super().__init__()
        self.session = session
        self.phase = phase
        self.before = before
        self.manager: Any = None

    def configure_task(self, task: Any) -> None:
        """Called by doit when the task is made: remember which run of the phase before this one stands on.

        Saved by doit's main process, which is the only one that knows (``doit -n 2``).
        """
        if self.before is not None:
            before = self.before
            task.value_savers.append(lambda: {"after": run_of(Globals.dep_manager, before)})

    def setup(self, dep_manager: Any, tasks_dict: Mapping[str, Any]) -> None:
        """Called by doit before each check."""
        super().setup(dep_manager, tasks_dict)
        self.manager = dep_manager

    def __call__(self, task: Any, values: Mapping[str, Any]) -> bool:
        """Whether nothing has changed since the phase ran."""
        if not values.keys() >= _COMPLETE or (BY_NAME[self.phase].takes_file and self.session.options.file):
            return False
        try:
            if values["inputs"] != inputs(self.session) or not is_same_tool(values["tool"], self.phase):
                return False
            workspace = self.session.workspace
            if workspace.differing(self.phase) or self._is_forgotten(workspace, values):
                return False
        except (MigrationError, OSError):
            return False  # the phase will say what is wrong
        if self.before is None:
            said = self.session.options.source, self.session.options.target
            if self._is_of_another_scan(values):
                return False
            return all(name in ("", done) for name, done in zip(said, values["names"], strict=True))
        if values.get("after") != run_of(self.manager, self.before):
            return False
        before = self.tasks_dict[self.before]
        return bool(self.manager.get_status(before, self.tasks_dict).status == "up-to-date")

    def _is_forgotten(self, workspace: Workspace, values: Mapping[str, Any]) -> bool:
        """Whether the checkout knows nothing of what the phase did: it is another one, at the same place."""
        changed = self.phase in TREE_PHASES and bool(values.get("operations"))
        return changed and self.phase not in workspace.ledger.phases


    def _is_of_another_scan(self, values: Mapping[str, Any]) -> bool:
        """Whether the plan is one that a scan has written, but not the last one: it was put back from somewhere."""
        if values.get("plan", said := scan_of(self.session)) == said:
            return False
        return written_by_scanner(self.session.plan_path.read_text(encoding="utf-8"))


def scan_of(session: Session) -> str:
    """The line by which a plan tells the scan that has written it; empty where there is none."""
    try:
        with session.plan_path.open(encoding="utf-8") as stream:
            return stream.readline()
    except (OSError, UnicodeDecodeError):
        return ""


def run_of(manager: Any, phase: str) -> str:
    """Which run of a phase doit's state holds; ``""`` if none."""
    return str(manager.get_values(phase).get("run", ""))


def inputs(session: Session) -> str:
    """A digest of everything outside the tool and the plan that a phase's result stands on."""
    options = session.options
    if not session.repo.exists():
        return ""
    settings = options.settings or options.inherited_settings
    said = [str(session.repo), options.python, settings, str(options.django)]
    return hashlib.sha256("\0".join([session.tree_digest(), *said]).encode(errors="surrogateescape")).hexdigest()


@functools.cache
def modules_used(phase: str) -> tuple[str, ...]:
    """The tool's own modules that a phase stands on, as sorted paths: its transitive imports."""
    pending = [*_RUNS_ALL, *([module] if (module := f"phases.{phase}") in _modules() else [])]
    pending += _ASKED.get(phase, ())
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += _imports(name) if name != _FAMILY else _of_the_family(phase)
    if "django.process" in seen:  # these run in the monolith's interpreter and are not imported
        seen.update(name for name in _modules() if name.startswith("django.probe."))
    return tuple(sorted(_modules()[name] for name in seen.union(_ALONE)))


@functools.cache
def _of_the_family(phase: str) -> tuple[str, ...]:
    """What the list of rewriters imports for a phase: of the kinds in it only those that belong to the phase.

    All stand in one list, which says for each what phase it belongs to; read from its text, as loading them takes long.
    """
    owners: dict[str, set[str]] = {}
    for call in ast.walk(ast.parse(_source(_modules()[_FAMILY]))):
        kind = call.args[0] if isinstance(call, ast.Call) and call.args else None
        if isinstance(call, ast.Call) and isinstance(kind, ast.Attribute) and kind.attr == "KIND":
            said = [ast.literal_eval(word.value) for word in call.keywords if word.arg == "phase"]
            owners.setdefault(ast.unparse(kind.value), set()).add(said[0] if said else "update_imports")
    models = phase == "prepare_models"
    others = {name for name, phases in owners.items() if ("prepare_models" in phases) is not models}
    return tuple(name for name in _imports(_FAMILY) if name.removeprefix(f"{_FAMILY}.") not in others)


@functools.cache
def tool_digest(phase: str) -> str:
    """A digest of the tool's code that a phase stands on."""
    digest = hashlib.sha256()
    for path in modules_used(phase):
        digest.update(_module_digest(path))
    return digest.hexdigest()[:16]


@functools.cache
def _module_digest(path: str) -> bytes:
    return hashlib.sha256(_source(path).encode()).digest()


def tool(phase: str) -> str:
    """The tool as the tracker names it: its version, the digest of a phase's code, what it runs on."""
    libraries = [f"{_LIBRARIES[name]} {_version(name)}" for name in _libraries_used(phase)]
    return ", ".join([f"{__version__}+{tool_digest(phase)}", f"Python {sys.version.split()[0]}", *libraries])


@functools.cache
def _libraries_used(phase: str) -> tuple[str, ...]:
    """Those of the libraries that read and write for us which a phase stands on, sorted."""
    return tuple(sorted({name for path in modules_used(phase) for name in _libraries_in(path)}))


@functools.cache
def _libraries_in(path: str) -> frozenset[str]:
    text = _source(path)
    return frozenset(_LIBRARY.findall(text)) if any(name in text for name in _LIBRARIES) else frozenset()


def is_same_tool(said: str, phase: str) -> bool:
    """Whether a phase would be run by the tool that the tracker names; the version says nothing of a phase."""
    return said.partition("+")[2] == tool(phase).partition("+")[2]


@functools.cache
def _version(module: str) -> str:
    loaded = getattr(sys.modules.get(module), "__version__", None)  # looking it up takes as long as listing
    return str(loaded or importlib.metadata.version(_LIBRARIES[module]))


@functools.cache
def _source(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()


@functools.cache
def _modules() -> dict[str, str]:
    """Every module of the tool (its name without ours) -> its file; asking the disk for each takes longer."""
    found: dict[str, str] = {}
    pending = [("", str(_PACKAGE))]
    while pending:
        prefix, directory = pending.pop()
        inside = list(os.scandir(directory))
        if prefix and "__init__.py" not in {entry.name for entry in inside}:
            continue
        for entry in inside:
            if entry.name.endswith(".py"):
                name = prefix.rstrip(".") if entry.name == "__init__.py" else prefix + entry.name[:-3]
                found[name] = entry.path
            elif entry.is_dir():
                pending.append((f"{prefix}{entry.name}.", entry.path))
    return found


@functools.cache
def _imports(name: str) -> tuple[str, ...]:
    found, text = [], _source(_modules()[name])
    for match in _IMPORT.finditer(text):
        if text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip(" \t"):
            continue  # no statement, but a sentence
        inner = (match[1] or "").lstrip(".")
        for symbol in re.findall(r"(\w+)(?: as \w+)?", match[2] or match[3]):
            dotted = f"{inner}.{symbol}" if inner else symbol
            found.append(dotted if dotted in _modules() else inner)
    return tuple(dict.fromkeys(one for one in found if one))
