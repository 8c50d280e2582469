"""``preview``: the plan, the counts and the whole diff; nothing is touched."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from migration.cli import advice, dry_run, write_page
from migration.cli.commands.output import print_json, print_section
from migration.cli.dry_run import Preview
from migration.cli.known_secrets import Known, known_secrets
from migration.cli.session import Session
from migration.cli.terminal import of_stdout, unescaped
from migration.core.django_used import lines
from migration.core.phase import ORDER
from migration.repo.protected_files import uncommitted_error

_TEAMS = 12  # more than these make no short list


def run(session: Session) -> None:
    """Show the plan, the counts and the whole diff; touch neither the repo nor the state.

    Edits by hand count as in a run. What only the moved code's own Django can say (the check, the
    migrations) is left out and named. On a terminal the directories stand for the files, and the diff is left out.
    """
    found = _without_secrets(dry_run.preview(session), known_secrets(session))
    page = write_page.of_preview(session, found)
    if session.options.format == "json":
        return print_json(found.document())
    plan, screen = found.plan, of_stdout()
    screen.line(f"{plan.product}: {plan.source} -> {plan.target} ({plan.app.kind}); nothing is changed", "bold")
    for phase in ORDER[1:]:
        result = found.results.get(phase)
        screen.outcome(phase, "-", result.summary if result else "runs on the moved code, so it has no preview")
    if screen.is_terminal:
        print_section(screen, "before and after", [
            f"{old}/ -> {new}/ ({number} files)" for old, new, number in found.directories
        ])
    else:
        print_section(screen, "files", [f"{old} -> {new}" for old, new in plan.file_moves.items()])
    print_section(screen, "for you to look at", [str(finding) for finding in found.findings])
    print_section(screen, "Django", lines(found.django))
    teams = [f"{number:>6,} {name}" for name, number in found.owners.items()]
    more = [f"{len(teams) - _TEAMS} more"] if len(teams) > _TEAMS else []
    print_section(screen, "owners of the files that change", teams[:_TEAMS] + more)
    print_section(screen, "what `guard` would add afterwards", [
        f"{rule.path}: {line}" for rule in found.guards for line in rule.lines
    ])
    if found.in_the_way:
        screen.line(f"\nin the way\n{uncommitted_error(found.in_the_way, merging=bool(session.git.merging()))}")
    screen.line(f"\nabout {found.seconds:g} s, without what your databases and tests take")
    screen.line(f"the whole of it, to look at: {os.path.relpath(page)}")
    if screen.is_terminal:
        screen.line(f"the whole diff: {advice.said(session.options)} preview > {plan.product}.diff")
    elif session.options.format == "text":
        with unescaped():
            sys.stdout.write("\n" + found.diff)


def _without_secrets(found: Preview, known: Known) -> Preview:
    """What may be shown of it; ``git apply`` does not take a hunk in which something is hidden."""
    findings = (
        replace(one, message=known.hide(one.message), remedy=known.hide(one.remedy)) for one in found.findings
    )
    return replace(found, findings=tuple(findings), diff=known.diff(found.diff))
