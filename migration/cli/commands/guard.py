"""``guard``: the rules that keep the old path from coming back."""

from __future__ import annotations

from migration.cli import advice
from migration.cli.commands.output import print_json
from migration.cli.session import Session
from migration.cli.terminal import of_stdout
from migration.core.errors import PhaseError
from migration.engine import guard_rules
from migration.repo.disk.atomic_write import write_or_leave
from migration.repo.protected_files import uncommitted_error


def run(session: Session) -> None:
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
        print_json({"rules": [{"tool": rule.tool, "path": rule.path, "lines": list(rule.lines)} for rule in found]})
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
    screen.line(f"for CI, whatever tools there are: {advice.said(session.options)} residue")
