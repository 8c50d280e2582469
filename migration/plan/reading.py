"""Reading ``moves.yml``: from the bytes of a file to a plan, or to everything that is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from migration.core.errors import PlanError
from migration.plan.keys import PlanReader
from migration.plan.plan import Plan

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 50
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(path: Path) -> Plan:
    """The plan in a file.

    :raises PlanError: listing everything that is wrong with it, each with its line.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise PlanError(f"{path} holds {size:,} bytes", f"a plan may hold {MAX_BYTES:,}; delete it and scan again")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise PlanError(f"there is no {path}", "run the scan first: doit product=... scan_moves") from None
    except OSError as error:
        raise PlanError(f"{path} can't be read: {error.strerror}", "see to that, or scan again without it") from error
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise PlanError(f"{path} is not UTF-8 ({error})", "save it as UTF-8") from error
    return loads(text, str(path))


def loads(text: str, name: str = "moves.yml") -> Plan:
    """The plan in a text; ``name`` stands for it in errors.

    :raises PlanError: listing everything that is wrong with it, each with its line.
    """
    reader = PlanReader(name)
    with no_collection():
        plan = reader.plan(compose(text, name))
    if reader.problems:
        raise PlanError(
            f"{name} can't be used, {len(reader.problems)} finding(s):",
            "correct it, or delete it and run scan_moves for a fresh one",
            reader.problems,
        )
    assert plan is not None
    return plan


@contextmanager
def no_collection() -> Iterator[None]:
    """Leave out Python's search for cycles: on 100,000 entries it takes four fifths of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def compose(text: str, name: str) -> yaml.Node | None:
    try:
        _check_depth(text, name)
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        if "nesting depth" in str(error.problem):  # newer libyaml counts for itself
            raise PlanError(f"{name}:{line}: nested too deeply", "delete the file and scan again") from error
        raise PlanError(
            f"{name}:{line}: not valid YAML: {error.problem}", "correct that line, or delete the file and scan again"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PlanError(f"{name}: not valid YAML: {error}", "correct it, or delete the file and scan again") from error


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting: libyaml's composer calls itself for each level, and the process would crash."""
    marks = max(len(line) - len(line.lstrip(" ")) + line.count("- ") + line.count("? ") for line in text.split("\n"))
    if marks + text.count("[") + text.count("{") <= MAX_DEPTH:
        return  # it can't be deep, and reading it twice takes time
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise PlanError(f"{name}:{line}: nested too deeply", "delete the file and scan again")
