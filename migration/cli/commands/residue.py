"""The commands beside the phases: preview, status, reset, residue. Each prints what it found or did."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from doit import Globals

from migration.cli import dry_run, left_databases, reporter, tracker, write_page
from migration.cli.session import Session
from migration.cli.terminal import Screen, of_stdout
from migration.core.errors import PhaseError
from migration.core.phase import ORDER, PHASES
from migration.engine import guard_rules, import_check
from migration.engine import residue as residues
from migration.plan import in_commits
from migration.repo import review_commits
from migration.repo.disk.atomic_write import write_or_leave
from migration.repo.protected_files import uncommitted_error
from migration.repo.tree.codeowners import owners

_TEAMS = 12  # more than these make no short list


def preview(session: Session) -> None:
    """Show the plan, the counts and the whole diff; touch neither the repo nor the state.

    Edits by hand count as in a run. What only the moved code's own Django can say (the check, the
    migrations) is left out and named. On a terminal the directories stand for the files, and the diff is left out.
    """
    found = dry_run.preview(session)
    page = write_page.of_preview(session, found)
    if session.options.format == "json":
        return _document(found.document())
    plan, screen = found.plan, of_stdout()
    screen.line(f"{plan.product}: {plan.source} -> {plan.target} ({plan.app.kind}); nothing is changed", "bold")
    for phase in ORDER[1:]:
        result = found.results.get(phase)
        screen.outcome(phase, "-", result.summary if result else "runs on the moved code, so it has no preview")
    if screen.is_terminal:
        _section(screen, "before and after", [f"{old}/ -> {new}/ ({n} files)" for old, new, n in found.directories])
    else:
        _section(screen, "files", [f"{old} -> {new}" for old, new in plan.file_moves.items()])
    _section(screen, "for you to look at", [str(finding) for finding in found.findings])
    teams = [f"{number:>6,} {name}" for name, number in found.owners.items()]
    more = [f"{len(teams) - _TEAMS} more"] if len(teams) > _TEAMS else []
    _section(screen, "owners of the files that change", teams[:_TEAMS] + more)
    _section(screen, "what `guard` would add afterwards", [
        f"{rule.path}: {line}" for rule in found.guards for line in rule.lines
    ])
    if found.in_the_way:
        screen.line(f"\nin the way\n{uncommitted_error(found.in_the_way, merging=bool(session.git.merging()))}")
    screen.line(f"\nabout {found.seconds:g} s, without what your databases and tests take")
    screen.line(f"the whole of it, to look at: {os.path.relpath(page)}")
    if screen.is_terminal:
        screen.line(f"the whole diff: {reporter.said(session.options)} preview > {plan.product}.diff")
    elif session.options.format == "text":
        sys.stdout.write("\n" + found.diff)


def status(session: Session) -> None:
    """Show where the move stands."""
    content = tracker.read(session.tracker_path)
    if session.options.format == "json":
        return _document(content)
    reporter.status_table(content, of_stdout())


def reset(session: Session) -> list[str]:
    """Undo the files that we changed and no others, then forget; the plan stays.

    With ``force=1``, files of ours that were edited since go too, and a ref keeps what they hold.

    :returns: the phases that are to be forgotten.
    :raises PhaseError: if files of ours were edited since; nothing is changed then.
    """
    left = left_databases.take_away(session)
    kept = session.workspace.keep_edits() if session.options.force else None
    elsewhere = bool(session.workspace.records.elsewhere)
    restored, removed = session.workspace.reset(kept.paths if kept else ())
    session.registry_path.unlink(missing_ok=True)
    book = tracker.Tracker(session.tracker_path, session.options.product, PHASES)
    book.forget()
    if session.options.format == "json":
        edits = {"ref": kept.ref, "paths": list(kept.paths)} if kept else None
        _document({"given_back": restored, "removed": removed, "kept": edits})
        return list(ORDER)
    if session.options.format == "text":
        of_stdout().line(f"reset: {restored} files given back, {removed} of ours removed; moves.yml is kept")
        if elsewhere:
            of_stdout().line("  the move of another branch stays: check it out to reset it")
    if session.options.format == "text":
        for finding in left:
            of_stdout().line(f"  {finding}")
    if kept:
        sys.stdout.write(reporter.kept_edits(session.repo_label, kept.ref, kept.paths))
    return list(ORDER)


def residue(session: Session) -> None:
    """Print what still names the old place, by kind, with the reason it was left; touch nothing.

    :raises PhaseError: if something is left that nothing explains, or an import of the tree finds
        nothing that did before the move; so that a CI job can guard against the old path.
    """
    plan = session.plan()
    project = session.project("residue", plan.roots)
    if not any(new in project.before for new in plan.file_moves.values()):
        raise PhaseError(f"nothing of {plan.source} has moved yet", f"run doit product={plan.product} first")
    found, lost = residues.find(plan, project), import_check.check_tree(plan, project)
    counts = residues.summary(found)
    above = sum(item.kind == residues.COVER and not item.decided for item in found)
    undecided = counts.get(residues.UNDECIDED, 0) - above
    if session.options.format == "json":
        places = [{**asdict(item), "decided": item.decided} for item in found]
        _document({"source": plan.source, "counts": counts, "places": places, "dangling": [str(one) for one in lost]})
    elif session.options.format == "text":
        sys.stdout.write(residues.listing(plan.source, found))
    if lost:
        raise PhaseError(
            f"{len(lost)} import(s) that resolved before the move find nothing",
            f"run doit product={plan.product} update_imports, or correct these lines",
            [str(item) for item in lost],
        )
    if undecided:
        raise PhaseError(
            f"{undecided} place(s) name {plan.source} and nothing says why",
            "change them to the new place, or list the string under keep or the file under exclude in moves.yml",
        )
    if above:
        raise PhaseError(
            f"{above} line(s) of configuration took in what moved and no longer do (or the other way round)",
            "write `cover: add` into moves.yml and run update_imports, see to them by hand, or say under cover which "
            "of them are to be left",
        )


def guard(session: Session) -> None:
    """Write the rules that keep the old path from coming back, where the repo has tools for it.

    :raises PhaseError: if nothing has moved yet, if a file can't be read, or if it holds uncommitted
        changes that are not ours; nothing is written then.
    """
    plan = session.plan()
    project = session.project("guard", plan.roots)
    tree = project.before
    moved = guard_rules.banned(plan, project, tree)
    if not any(new in tree for new in plan.file_moves.values()):
        raise PhaseError(f"nothing of {plan.source} has moved yet", f"run doit product={plan.product} first")
    found = guard_rules.rules(tree, moved, plan.product)
    dirty = session.git.uncommitted() - session.workspace.ledger.touched
    if foreign := sorted(dirty.intersection(rule.path for rule in found)):
        raise uncommitted_error(foreign)
    write_or_leave({session.repo / rule.path: rule.raw for rule in found})
    if session.options.format == "json":
        _document({"rules": [{"tool": rule.tool, "path": rule.path, "lines": list(rule.lines)} for rule in found]})
        return
    screen = of_stdout()
    for rule in found:
        screen.line(f"{rule.path} ({rule.tool})", "bold")
        for line in rule.lines:
            screen.line(f"  + {line}")
    if not found and guard_rules.is_configured(tree):
        screen.line("the rules are there already")
    elif not found:
        screen.line("no ruff, tach or import-linter is configured at the top of the repo: nothing to write to")
    screen.line(f"for CI, whatever tools there are: {reporter.said(session.options)} residue")


def commit(session: Session) -> None:
    """Commit what the phases did, on a branch of its own: pure renames first, then step by step.

    :raises MigrationError: if something is in the way, or git or a hook refuses.
    """
    plan = session.plan()
    teams = owners(session.workspace.baseline()) if session.options.commit == "owners" else None
    said = in_commits.line(session.plan_path.read_text(encoding="utf-8"), plan, session.workspace.baseline())
    made = review_commits.commit(session.workspace, plan, teams, said)
    if session.options.format == "json" and session.options.commit == "no":  # else the run's own document is printed
        _document({"branch": review_commits.branch_of(plan.product), "commits": [asdict(one) for one in made]})
    elif session.options.format == "text":
        screen = of_stdout()
        for one in made:
            files = f"{one.files} file{'' if one.files == 1 else 's'}"
            screen.line(f"  committed {one.oid[:10]} {one.subject} ({files})")
        if not made:
            screen.line(f"  everything is committed on {review_commits.branch_of(plan.product)}")


def page(session: Session) -> None:
    """Write ``report.html`` anew, from what is there now.

    :raises MigrationError: if there is no plan yet, or the repo can't be read.
    """
    kept = {phase: Globals.dep_manager.get_values(phase) for phase in ORDER}
    path = write_page.after_run(session, kept)
    if session.options.format == "json":
        _document({"report": str(path)})
    else:
        of_stdout().line(os.path.relpath(path))


def _section(screen: Screen, title: str, lines: list[str]) -> None:
    if lines:
        screen.line(f"\n{title}", "bold")
        for line in lines:
            screen.line(f"  {line}")


def _document(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, indent=2) + "\n")
