"""What a person corrects at a place that was left for them belongs to the moved code.

Edits are carried back to the tree before the move, from which every phase starts again. A label that a person
has brought to where the models are now means nothing there, and the monolith's Django would not start. So
wherever the code before the move is run, the noted lines are as they were.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from migration.core.changes import ChangeSet, Finding, Write
from migration.core.names import is_python
from migration.repo.ledger import Corrected, Ledger, Noted
from migration.repo.states import Trees
from migration.repo.tree.tree import Tree


def left_by(findings: Iterable[Finding]) -> dict[str, set[int]]:
    """The lines that a phase leaves for a person: path after the phase -> their numbers."""
    left: dict[str, set[int]] = {}
    for finding in findings:
        if finding.line and is_python(finding.path):
            left.setdefault(finding.path, set()).add(finding.line)
    return left


def noted(
    found: Mapping[str, Collection[int]], texts: Mapping[str, Iterable[bytes]], oids: Mapping[str, str]
) -> dict[str, Noted]:
    """What a phase leaves for a person, to be told from other edits later on.

    :param found: path after the phase -> numbers of lines.
    :param texts: the file before the phase and after it; the number may be one of either.
    :param oids: the blobs on disk after the phase.
    """
    notes = {}
    for path, numbers in found.items():
        lines = {
            line.decode(errors="replace")
            for text in texts[path]
            for number, line in enumerate(text.splitlines(), 1)
            if number in numbers
        }
        notes[path] = Noted(oids[path], tuple(sorted(lines)))
    return notes


def without_corrections(left: bytes, now: bytes, lines: Collection[str]) -> bytes:
    """A file as a person left it, but for what they changed of the noted lines.

    :param left: the file as the phases left it.
    :param lines: the texts of the noted lines.
    """
    old, new = left.splitlines(keepends=True), now.splitlines(keepends=True)
    is_noted = [line.decode(errors="replace").rstrip("\r\n") in lines for line in old]
    kept: list[bytes] = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        corrected = tag != "equal" and any(is_noted[start:end])
        kept += old[start:end] if corrected else new[new_start:new_end]
    return b"".join(kept)


def still_noted(trees: Trees) -> dict[str, dict[int, str]]:
    """The lines that phases have left for a person and that stand as they were: path -> number -> text."""
    lines: dict[str, dict[int, str]] = {}
    for notes in trees.ledger.noted.values():
        for path, note in sorted(notes.items()):
            on_disk = trees.checkout.read(path)
            texts = on_disk[0].decode(errors="replace").splitlines() if on_disk else []
            lines.setdefault(path, {}).update(
                {number: text for number, text in enumerate(texts, 1) if text in note.lines}
            )
    return lines


def found(trees: Trees) -> dict[str, bytes]:
    """The files with corrections, each as it was before the move and without them: path before the move -> content.

    :param trees: the ledger is the one before edits are carried back.
    """
    ledger, states = trees.ledger, trees.states(None)
    notes: dict[str, tuple[str, set[str]]] = {}
    for of_phase in ledger.noted.values():
        for path, note in of_phase.items():
            notes.setdefault(path, (note.left, set()))[1].update(note.lines)
    changed: dict[str, bytes] = {}
    for path, (oid, lines) in notes.items():
        state, on_disk = states.get(path), trees.checkout.read(path)
        left = state.oid if state else oid
        if on_disk is None or not lines or trees.git.oid_of(on_disk[0]) == left:
            continue
        origin = state.origin if state else path
        before = ledger.corrected[origin].without if origin in ledger.corrected else left
        if state and origin and origin not in ledger.corrected:
            before = ledger.origins[origin].oid
        blobs = trees.git.read({left, before})
        uncorrected = without_corrections(blobs[left], on_disk[0], lines)
        if origin and uncorrected != on_disk[0]:
            merged, conflicts = trees.git.merge_words(uncorrected, blobs[left], blobs[before])
            changed[origin] = blobs[before] if conflicts else merged
    return changed


def remembered(trees: Trees, ledger: Ledger, changed: Mapping[str, bytes]) -> tuple[Ledger, dict[str, bytes]]:
    """The ledger with corrections that were found, and the blobs that it names anew.

    :param ledger: the ledger once edits are carried back.
    """
    corrected, blobs = dict(ledger.corrected), dict[str, bytes]()
    for origin, data in changed.items():
        state, on_disk = ledger.origins.get(origin), trees.checkout.read(origin)
        if state is None and on_disk is not None:
            blobs[trees.git.oid_of(on_disk[0])] = on_disk[0]
        oid = state.oid if state else trees.git.oid_of(on_disk[0]) if on_disk else ""
        without = trees.git.oid_of(data)
        blobs[without] = data
        if oid and oid != without:
            corrected[origin] = Corrected(oid, without)
        else:
            corrected.pop(origin, None)
    return (ledger if corrected == ledger.corrected else replace(ledger, corrected=corrected)), blobs


def before_corrections(trees: Trees) -> Tree:
    """The tree before the move, as the code ran then."""
    baseline, writes = trees.baseline(), []
    for origin, item in trees.ledger.corrected.items():
        if origin not in baseline or not is_python(origin):
            continue
        now = baseline.read(origin)
        blobs = trees.git.read({item.corrected, item.without})
        merged, conflicts = trees.git.merge_words(blobs[item.without], blobs[item.corrected], now)
        if not conflicts and merged != now:
            writes.append(Write(origin, merged))
    return baseline.changed(ChangeSet(writes=tuple(writes)))
