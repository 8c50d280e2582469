"""All that names models over one file: what is rewritten there, and what is wrong afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migration.core.changes import Finding, apply_edits
from migration.core.references import KEPT, Reference, TextFile
from migration.django.labels import labels_of
from migration.django.model_classes import is_frozen
from migration.django.registry import Registry
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile, UnreadableSource, parse
from migration.rewriters import (
    command_lines,
    fixtures,
    label_lookups,
    label_strings,
    migration_history,
    permissions,
    relations,
    tables,
)
from migration.text.keep_marks import heeded

NO_PAST = migration_history.Past()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one file.

    :param raw: its new bytes, or None where nothing changes.
    :param references: everything that was found, also what is left (``text`` is None).
    :param problems: what is wrong with the file afterwards; anything here must stop the phase.
    """

    raw: bytes | None
    references: tuple[Reference, ...]
    problems: tuple[Finding, ...]


def prepare(source: SourceFile, plan: Plan, registry: Registry, past: migration_history.Past = NO_PAST) -> Prepared:
    """Rewrite one file and check the result.

    :param source: the file as update_imports left it; path and module are those before the move.
    :param registry: the registry of the code base before the move.
    :param past: what the migrations of an app that gets another label say together.
    :raises UnreadableSource: if the file can't be parsed, before or after the rewrite.
    """
    references = find(source, plan, registry, past)
    edits = [reference.edit for reference in references if reference.edit is not None]
    if not edits:
        return Prepared(None, tuple(references), tuple(check(source, references, plan, registry, past)))
    data = apply_edits(source.data, edits)
    try:
        parse(data)
    except UnreadableSource as error:
        raise UnreadableSource(f"the rewrite would break the file: {error.message}", error.line) from error
    raw = source.encode(data)
    after = SourceFile(source.path, raw, source.module)
    left = find(after, plan, registry, past)
    return Prepared(raw, tuple(references), tuple(check(after, left, plan, registry, past)))


def prepare_text(text: TextFile, plan: Plan, registry: Registry) -> Prepared:
    """Rewrite one file that is not Python: a fixture, a template, a script.

    :param text: the file as update_imports left it; its path is the one before the move.
    """
    known = labels_of(plan, registry)
    every = (reference for one in (fixtures, permissions, command_lines) for reference in one.find_in_text(text, known))
    references = _without_kept(heeded(text.raw, every), plan)
    edits = [reference.edit for reference in references if reference.edit is not None]
    return Prepared(apply_edits(text.raw, edits) if edits else None, tuple(references), ())


def _without_kept(references: Iterable[Reference], plan: Plan) -> list[Reference]:
    """The references in order, without what the plan says must stay."""
    found = (one for one in references if one.old not in plan.keep and not one.reason.startswith(KEPT))
    return sorted(found, key=lambda reference: (reference.start, reference.end))


def find(source: SourceFile, plan: Plan, registry: Registry, past: migration_history.Past = NO_PAST) -> list[Reference]:
    """All places of one file that this phase rewrites (or leaves, with a reason), in order.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if is_frozen(source, registry):
        found = migration_history.find(source, plan, registry, past)
    else:
        labels_changed = labels_of(plan, registry)
        found = [*relations.find(source, plan, registry), *tables.find(source, plan, registry)]
        claimed = {reference.start for reference in found}
        for rewriter in (label_strings, label_lookups, permissions):
            others = (other for other in rewriter.find(source, labels_changed) if other.start not in claimed)
            found += (more := list(heeded(source.data, others)))
            claimed |= {reference.start for reference in more}
    return _without_kept(found, plan)


def check(
    source: SourceFile,
    found: Iterable[Reference],
    plan: Plan,
    registry: Registry,
    past: migration_history.Past = NO_PAST,
) -> list[Finding]:
    """What is wrong with one file after the rewrite: tables not pinned, relations to wrong labels.

    :param found: what :func:`find` finds in it now.
    """
    left = [
        Finding(
            plan.new_path(source.path),
            source.line_of(reference.start),
            f"{reference.old} is still named here",
            f"name {reference.new}",
        )
        for reference in found
        if reference.text is not None and reference.kind != tables.KIND
    ]
    left += migration_history.problems(source, plan, registry, past)
    return left + relations.problems(source, plan, registry) + tables.problems(source, plan, registry)
