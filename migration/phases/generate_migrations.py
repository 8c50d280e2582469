"""generate_migrations: the migrations that new labels need, written by the monolith's Django.

In an extraction they change the state of several apps; an app that gets another label has its history
rewritten by then, and only its content types are left to follow. An app that keeps its label needs
nothing: ``django_migrations`` and the tables stay as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from migration.core.changes import ChangeSet, Finding, Write
from migration.core.errors import PhaseError
from migration.core.phase import PhaseResult
from migration.django.process import Answer
from migration.django.registry import Pending, Registry
from migration.engine import dependent_migrations
from migration.engine.monolith import Monolith
from migration.phases.context import Context, Needs, without_models
from migration.plan.plan import Plan

MAX_MIGRATION = "max_migration.txt"  # of django-linear-migrations


NEEDS = Needs("disk", registry=True)
does_not_apply = without_models


def run(context: Context) -> PhaseResult:
    """Let the monolith's Django write the migrations of the move, in one boot.

    :raises DjangoError: if the moved code does not start.
    :raises PhaseError: if they can't be written, or would not be all that is needed.
    """
    plan, project, before = context.plan, context.project, context.registry
    if before is None or not plan.app.relabels:
        return PhaseResult(skipped="nothing to do: the labels and tables stay as they are")
    django = Monolith(context.project, context.options, context.workspace).django()
    answer = django.ask("migrations", migrations=request(plan, before))
    made = generated(answer, plan, before, lambda path: path in project.before)
    writes = tuple(
        Write(path, text.encode(), create=path not in project.before) for path, text in sorted(made.files.items())
    )
    left = tuple(
        Finding(item.app, 0, f"makemigrations would still write, as before the move: {item.operation}")
        for item in made.left
    )
    again = tuple(dependent_migrations.repointed(answer.raw["migrations"]["files"], django.ours, project))
    counts = {"migrations": len(made.migrations)} | ({"migrations that follow": len(again)} if again else {})
    return PhaseResult(ChangeSet(writes=(*writes, *again)), counts, findings=left)


@dataclass(frozen=True, slots=True)
class Generated:
    """What is to be written.

    :param files: path relative to the repo -> text.
    :param migrations: ``app.name`` of each, in the order in which they are applied.
    :param left: what ``makemigrations`` would still write because it would have before the move.
    """

    files: Mapping[str, str]
    migrations: tuple[str, ...] = ()
    left: tuple[Pending, ...] = ()


def request(plan: Plan, before: Registry, ignore: Iterable[tuple[str, str]] = ()) -> dict[str, object]:
    """What ``Django.ask("migrations", migrations=…)`` is given.

    :param before: the registry of the code base before the move.
    :param ignore: app label and name of migrations that an earlier run of ours wrote: they are left
        out, so that a rerun writes what a first run would.
    """
    return {
        "kind": plan.app.kind,
        "old": plan.app.old_label,
        "new": plan.app.label,
        "tables": {model.name.lower(): model.table for model in plan.app.models},
        "rolling": plan.deploy == "rolling",
        "known": [item.operation for item in before.pending],
        "ignore": sorted([label, name] for label, name in ignore),
    }


def generated(answer: Answer, plan: Plan, before: Registry, exists: Callable[[str], bool]) -> Generated:
    """The files of the move.

    :param answer: of a boot after prepare_models, with the question ``migrations``.
    :param before: the registry of the code base before the move.
    :param exists: whether a path (relative to the repo) is a file.
    :raises PhaseError: if Django can't write them, or ``makemigrations`` would find more to do than it
        did before the move.
    """
    raw = answer.raw["migrations"]
    if raw["refused"]:
        raise PhaseError(
            f"the migrations of the move can't be written: {raw['refused']}",
            "put this right in the monolith (as it was before the move), then run the same command again",
        )
    left = tuple(Pending(label, operation) for label, operation in raw["left"])
    _refuse_more(left, before, plan)
    files: dict[str, str] = {}
    linear = any(exists(f"{item['path']}/{MAX_MIGRATION}") for item in raw["files"])
    for item in raw["files"]:
        directory, name = item["path"], item["name"]
        files[f"{directory}/{name}.py"] = item["text"]
        # the new app needs one where its neighbours have one
        if exists(f"{directory}/{MAX_MIGRATION}") or (linear and item["app"] == plan.app.label):
            files[f"{directory}/{MAX_MIGRATION}"] = f"{name}\n"
    return Generated(files, tuple(f"{item['app']}.{item['name']}" for item in raw["files"]), left)


def _refuse_more(left: Iterable[Pending], before: Registry, plan: Plan) -> None:
    """Compare without the app: what was pending for a moved model is now pending in its new app."""
    known = Counter(item.operation for item in before.pending)
    more = []
    for item in left:
        known[item.operation] -= 1
        if known[item.operation] < 0:
            more.append(f"{item.app}: {item.operation}")
    if more:
        raise PhaseError(
            "makemigrations would find more to do after the move than before it",
            f"see whether a Meta or a field of these models depends on the label {plan.app.old_label}, "
            "and write the old value out",
            more,
        )
