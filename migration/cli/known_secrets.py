"""The secrets of one monolith, as far as they are known without asking its Django, and kept out of what we tell.

They stand in the environment, in the settings modules and in files such as ``.env``. Whatever leaves a phase
(findings, errors) and whatever is shown of the tree (the report, the preview) goes through here.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration.cli import tracker
from migration.cli.session import Session
from migration.core.names import is_python, path_problem, path_under
from migration.core.secrets import Secrets, in_settings, masked, masked_diff, named_secrets, variables

if TYPE_CHECKING:  # the report takes long to load
    from migration.report.content import FileChange
    from migration.report.diff import Pair


@dataclass(frozen=True)
class Known:
    """The secrets, and where they may stand in the tree.

    :param modules: paths of the settings modules, as they were before the move and as they are.
    """

    secrets: Secrets
    modules: frozenset[str]

    def hide(self, text: str) -> str:
        """A text without them."""
        return self.secrets.hide(text)

    def values(self, values: dict[str, Any]) -> dict[str, Any]:
        """What doit keeps of a phase without them."""
        told = ("summary", "findings", "table", "reasons")
        return {key: self.secrets.hide_all(value) if key in told else value for key, value in values.items()}

    def diff(self, diff: str) -> str:
        """A diff as it may be shown: ``git apply`` does not take what is hidden in it."""
        return self.hide(masked_diff(diff, self.modules))

    def source(self, path: str | None, data: bytes | None) -> bytes | None:
        """A file of the tree as it may be shown."""
        if data is None or path is None or b"\0" in data:
            return data
        text = data.decode("utf-8", "surrogateescape")
        text = masked(text) if path in self.modules and is_python(path) else text
        return self.hide(text).encode("utf-8", "surrogateescape")

    def files(self, files: Iterable[FileChange]) -> tuple[FileChange, ...]:
        """Files of the report as they may be shown."""
        return tuple(replace(file, pair=self._pair(file.pair)) for file in files)

    def _pair(self, pair: Pair) -> Pair:
        return replace(pair, was=self.source(pair.old, pair.was), now=self.source(pair.new, pair.now))


def known_secrets(session: Session) -> Known:
    """What is known of the monolith's secrets; reads the files in which they stand."""
    kept = _kept(session.registry_path)
    modules = _modules(session, kept)
    values, public = set(named_secrets(dict(os.environ))), _words(session, kept)
    for path in modules:
        secret, named = in_settings(_text(session.repo / path))
        values |= secret
        public |= named
    for path in _local(session):
        values |= set(named_secrets(variables(_text(session.repo / path))))
    return Known(Secrets.of(values, public), modules)


def _kept(path: Path) -> dict[str, Any]:
    """What the scan has kept of Django's answer."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _modules(session: Session, kept: dict[str, Any]) -> frozenset[str]:
    """Paths of the settings modules: those that Django loaded, or where it could not, the one that is named."""
    plan = session.plan_at_hand()
    loaded = [str(item.get("path", "")) for item in _dicts(kept.get("settings_modules"))]
    roots = plan.roots if plan else (".",)
    options = session.options
    names = {options.settings, options.inherited_settings, *_named_in(session.tracker_path)}
    if not loaded:
        from migration.django.process import find_settings

        scripts = [path.relative_to(session.repo).as_posix() for path in session.repo.glob("*/manage.py")]
        names |= {str(_table(session).get("settings", "")), find_settings(session.repo, ["manage.py", *scripts]) or ""}
    for name in names - {""}:
        base = name.replace(".", "/")
        for root in roots:
            package = session.repo / path_under(root, base)
            found = [package.with_suffix(".py"), *package.glob("*.py"), *package.parent.glob("settings*.py")]
            loaded += [str(path.relative_to(session.repo)) for path in found if path.is_file()]
    return frozenset(loaded) | frozenset(plan.new_path(path) for path in loaded if plan)


def _named_in(path: Path) -> set[str]:
    """The settings modules that phases have asked for, as the tracker has them."""
    used = [entry.get("django") for entry in _dicts(tracker.read(path).get("phases"))]
    return {str(one.get("settings", "")) for one in _dicts(used)}


def _words(session: Session, kept: dict[str, Any]) -> set[str]:
    """Names that stand everywhere and are nobody's secret."""
    plan = session.plan_at_hand()
    names = [session.options.product, *([plan.source, plan.target, plan.app.label, plan.app.old_label] if plan else [])]
    names += [str(app.get(key, "")) for app in _dicts(kept.get("apps")) for key in ("label", "name")]
    return {*names, *(word for name in names for word in re.findall(r"\w+", name))}


def _dicts(content: object) -> list[dict[str, Any]]:
    return [item for item in content if isinstance(item, dict)] if isinstance(content, list) else []


def _local(session: Session) -> list[str]:
    """Files that git need not track and that may hold secrets: ``.env``, and what the repo's own table names."""
    local = _table(session).get("local")
    named = local if isinstance(local, list) else []
    return [".env", *(path for path in named if isinstance(path, str) and not path_problem(path))]


def _table(session: Session) -> dict[str, Any]:
    """The repo's own table, as it is on disk; what is wrong with it the phases say."""
    try:
        table = tomllib.loads(_text(session.repo / "pyproject.toml"))["tool"]["phased-migration"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
