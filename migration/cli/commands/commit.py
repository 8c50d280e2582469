"""``commit``: what was done, as commits for review."""

from __future__ import annotations

from dataclasses import asdict

from migration.cli.commands.output import print_json
from migration.cli.session import Session
from migration.cli.terminal import of_stdout
from migration.plan import in_commits
from migration.repo import review_commits
from migration.repo.tree.codeowners import owners


def run(session: Session) -> None:
    """Commit what the phases did, on a branch of its own: pure renames first, then step by step.

    :raises MigrationError: if something is in the way, or git or a hook refuses.
    """
    plan = session.plan()
    teams = owners(session.workspace.baseline()) if session.options.commit == "owners" else None
    said = in_commits.line(session.plan_path.read_text(encoding="utf-8"), plan, session.workspace.baseline())
    made = review_commits.commit(session.workspace, plan, teams, said)
    if session.options.format == "json" and session.options.commit == "no":  # else the run's own document is printed
        print_json({"branch": review_commits.branch_of(plan.product), "commits": [asdict(one) for one in made]})
    elif session.options.format == "text":
        screen = of_stdout()
        for one in made:
            files = f"{one.files} file{'' if one.files == 1 else 's'}"
            screen.line(f"  committed {one.oid[:10]} {one.subject} ({files})")
        if not made:
            screen.line(f"  everything is committed on {review_commits.branch_of(plan.product)}")
