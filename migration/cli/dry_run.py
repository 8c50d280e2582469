"""What a move would do, worked out with nothing touched: the figures, the diff, who is concerned."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migration.cli import recall
from migration.cli.fold import fold, in_the_way, work_out
from migration.cli.session import Session
from migration.core.changes import ChangeSet, Finding
from migration.core.django_used import Used, heard_by
from migration.core.phase import ORDER, PhaseResult
from migration.engine.guard_rules import Rule, banned, rules
from migration.phases import module_of, scan_moves
from migration.plan import edited, in_commits, reading
from migration.plan.plan import Plan
from migration.repo.tree.codeowners import count, owners
from migration.repo.tree.tree import Tree
from migration.report.diff import diff_of

if TYPE_CHECKING:
    pass



@dataclass(frozen=True)
class Preview:
    """What would happen.

    :param results: phase -> what it would do, for the phases that need no more than the tree.
    :param before: the tree as it is, :param after: as it would be.
    :param findings: what a person would have to look at.
    :param in_the_way: files with uncommitted changes that the move would have to change.
    :param owners: team -> how many of the files that change are its own.
    :param seconds: about how long the phases would take, those that run tests and databases left out.
    :param guards: the rules that ``guard`` would write afterwards.
    :param django: which Django is used (see :class:`migration.core.django_used.Used`); empty for none.
    :param diff: in git's own form.
    """

    plan: Plan
    results: Mapping[str, PhaseResult]
    before: Tree
    after: Tree
    findings: tuple[Finding, ...]
    in_the_way: tuple[str, ...]
    owners: Mapping[str, int]
    seconds: float
    guards: tuple[Rule, ...]
    django: Mapping[str, Any]
    diff: str

    @property
    def directories(self) -> list[tuple[str, str, int]]:
        """What moves, by directory: (before, after, number of files)."""
        pairs = Counter(
            (old.rpartition("/")[0], new.rpartition("/")[0]) for old, new in self.plan.file_moves.items()
        )
        return [(old, new, number) for (old, new), number in sorted(pairs.items())]

    def document(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return {
            "product": self.plan.product,
            "source": self.plan.source,
            "target": self.plan.target,
            "case": self.plan.app.kind,
            "phases": [
                {"id": name, "summary": result.summary, "counts": dict(result.counts), "references": dict(result.kinds)}
                for name, result in self.results.items()
            ],
            "files": dict(self.plan.file_moves),
            "findings": [
                {"path": one.path, "line": one.line, "message": one.message, "remedy": one.remedy}
                for one in self.findings
            ],
            "in_the_way": list(self.in_the_way),
            "owners": dict(self.owners),
            "seconds": self.seconds,
            "guards": [{"tool": one.tool, "path": one.path, "lines": list(one.lines)} for one in self.guards],
            "django": dict(self.django),
            "diff": self.diff,
        }


def preview(session: Session) -> Preview:
    """Work out what a run would do; neither the repo nor the state is touched.

    Edits by hand count as in a run.

    :raises MigrationError: where the run would stop, too.
    """
    start = time.perf_counter()
    recalled = recall.recall(session, work_out)
    session.workspace.foresee(*((recalled.ledger, recalled.blobs) if recalled else ()))
    asked: list[Used] = []
    with heard_by(asked.append):
        found, registry = scan_moves.look(session.context(ORDER[0]))
    booted = time.perf_counter() - start
    plan, _, about_plan = edited.in_force(session.plan_path, found.plan)
    if recalled and recalled.said and in_commits.is_edited(recalled.said):
        plan = reading.loads(in_commits.text(recalled.said, found.plan, recalled.scanned))
    scan_moves.check_models(plan, registry)
    baseline = tree = session.workspace.baseline()
    results, findings = {}, [*about_plan, *found.findings]
    for phase, result, after in fold(session, plan, registry):
        results[phase] = result
        findings += result.findings
        tree = after
    worked = time.perf_counter() - start - booted
    boots = 1 + sum(_starts_django(name) for name in ORDER) if registry is not None else 1
    changes = [result.changes for result in results.values()]
    return Preview(
        plan,
        results,
        baseline,
        tree,
        tuple(findings),
        tuple(in_the_way(session, plan, registry)),
        count(_concerned(plan, changes), owners(baseline)),
        math.ceil(10 * (boots * booted + worked)) / 10,  # never none
        tuple(rules(tree, banned(plan, session.project_at(baseline, tree, plan.roots), tree), plan.product)),
        asked[-1].with_databases(registry.databases).document() if asked and registry else {},
        diff_of(baseline, tree, changes, session.git.oid_of),
    )


def _concerned(plan: Plan, changes: Iterable[ChangeSet]) -> list[str]:
    """The files that change, at the places where their owners know them; new ones at their own."""
    back = plan.back
    return sorted({back.get(path, path) for one in changes for path in one.paths})


def _starts_django(phase: str) -> bool:
    """Whether a phase starts the moved code's Django once; what databases and tests take nobody can say."""
    needs = module_of(phase).NEEDS
    return needs.tree == "disk" and needs.registry
