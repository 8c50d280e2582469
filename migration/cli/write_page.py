"""``moves/<product>/report.html``: gathered after a run, or for a preview, and written."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from migration.cli import advice, tracker
from migration.cli.dry_run import Preview
from migration.cli.known_secrets import known_secrets
from migration.cli.session import Session
from migration.core.django_used import lines
from migration.core.phase import PENDING, PhaseResult, Reason
from migration.core.shown import escaped
from migration.phases import scan_moves
from migration.repo.disk.atomic_write import write_atomically
from migration.report.content import Content, borders_of, changes_of, files_of, residue_of
from migration.report.html_page import page

NAME = "report.html"


def after_run(session: Session, values: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write what a run has done so far, whether it came to the end or failed.

    :param values: phase -> what doit keeps of it.
    :returns: where the page is.
    :raises MigrationError: if there is no plan yet, or the repo can't be read.
    """
    plan = session.plan()
    project = session.project("report", plan.roots)
    tree = project.before
    reasons = _reasons(one.get("reasons", {}) for one in values.values())
    files = files_of(project.baseline, tree, changes_of(session.workspace.ledger), reasons)
    before, after = borders_of(plan, project, tree, files)
    has_moved = any(new in tree for new in plan.file_moves.values())
    entries = tracker.read(session.tracker_path).get("phases", [])
    known = known_secrets(session)
    content = Content(
        plan,
        False,
        entries,
        known.files(files),
        before,
        after if has_moved else (),
        tuple(chain.from_iterable(entry.get("findings", ()) for entry in entries)),
        tuple(replace(one, text=known.hide(one.text)) for one in residue_of(plan, project)) if has_moved else (),
        tuple((path, known.hide(text)) for path, text in _migrations(session, values)),
        _commands(session),
    )
    return _write(session, content)


def of_preview(session: Session, found: Preview) -> Path:
    """Write what a run would do.

    :returns: where the page is.
    """
    plan = found.plan
    project = session.project_at(found.before, found.after, plan.roots)
    reasons: dict[str, list[Reason]] = {}
    for result in found.results.values():
        for path, why in result.reasons.items():
            reasons.setdefault(path, []).extend(why)
    files = files_of(found.before, found.after, [one.changes for one in found.results.values()], reasons)
    before, after = borders_of(plan, project, found.after, files)
    results = {"scan_moves": PhaseResult(counts=scan_moves.counts(plan)), **found.results}
    entries = [{"id": name, "status": PENDING, "summary": one.summary} for name, one in results.items()]
    known = known_secrets(session)
    findings = tuple(known.hide(str(finding)) for finding in found.findings)
    guards = tuple((rule.path, line) for rule in found.guards for line in rule.lines)
    content = Content(
        plan, True, entries, known.files(files), before, after, findings, (), (), _commands(session), found.owners,
        found.seconds, found.in_the_way, guards, tuple(lines(found.django)),
    )
    return _write(session, content)


def _write(session: Session, content: Content) -> Path:
    path = session.state / NAME
    write_atomically(path, escaped(page(content)).encode("utf-8", "replace"))
    return path


def _reasons(kept: Iterable[Mapping[str, list[list[Any]]]]) -> dict[str, list[Reason]]:
    found: dict[str, list[Reason]] = {}
    for one in kept:
        for path, reasons in one.items():
            found.setdefault(path, []).extend(Reason(*reason) for reason in reasons)
    return found


def _migrations(session: Session, values: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """The migrations that were generated: (path, text)."""
    tree = session.workspace.tree(None)
    paths = values.get("generate_migrations", {}).get("files_modified", ())
    return tuple((path, tree.read(path).decode("utf-8", "replace")) for path in paths if path in tree)


def _commands(session: Session) -> tuple[tuple[str, str], ...]:
    """What a person does next, in order."""
    doit = advice.said(session.options)
    git = f"git -C {shlex.quote(session.repo_label)}"
    return (
        ("run it, or go on", doit),
        ("see the moves", f"{git} diff --cached -M --stat"),
        ("see the rewrites", f"{git} diff"),
        ("what is left, and why", f"{doit} residue"),
        ("commit it for review", f"{doit} commit"),
        ("keep the old path away", f"{doit} guard"),
        ("take it all back", f"{doit} reset"),
    )


