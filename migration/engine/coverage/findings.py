"""The move as the comparison needs it, and its gaps in words."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from migration.core.moves import Moves
from migration.engine.coverage.compare import Gap, Move
from migration.engine.coverage.consumers import NEEDLES
from migration.engine.coverage.reading import Reader, State
from migration.engine.coverage.settle import Mend, Settled, settle
from migration.engine.coverage.values import file_of
from migration.plan.plan import Plan
from migration.repo.tree.tree import Tree
from migration.text.keep_marks import MARK, is_marked


@dataclass(frozen=True)
class Place:
    """A gap for people: a line, what has changed there, and what to do.

    :param decided: why it stays as it is, where the plan says so; else empty.
    """

    path: str
    line: int
    message: str
    remedy: str
    decided: str = ""


def covered(
    plan: Plan,
    before: Tree,
    after: Tree,
    moves: Moves,
    candidates: Callable[[tuple[bytes, ...]], list[str]],
    *,
    known: bool = True,
) -> Settled:
    """What lines of configuration took in before the move and no longer do, and what the plan wants done about it.

    :param before: the tree before the move; :param after: the tree with all that the phases have done.
    :param candidates: lists the files that hold one of some byte strings.
    :param known: whether ``before`` is that tree indeed, and not one made up from the one after the move.
    """
    files = {old: new for old, new in plan.file_moves.items() if old in before and new in after}
    if not files:
        return Settled({}, (), (), ())
    move = Move(files, moves.directories, plan.roots, known)
    back = {new: old for old, new in files.items()}
    holding = {name for path in candidates(NEEDLES) for name in (path, back.get(path, path))}
    reader = Reader(plan.roots, holding, move.words)
    settled = settle(_state(reader, before), _state(reader, after), move, reader, lambda gap: _decision(plan, gap))
    marked = functools.partial(_is_marked, after)
    return replace(
        settled,
        open=tuple(pair for pair in settled.open if not marked(pair[0])),
        left=tuple(gap for gap in settled.left if not marked(gap)),
    )


def _is_marked(after: Tree, gap: Gap) -> bool:
    """Whether the line that holds the entry says for itself that it stays as it is, as those of ``guard`` do."""
    raw = after.read(gap.path) if gap.path in after else b""
    start = sum(map(len, raw.splitlines(keepends=True)[: max(gap.line - 1, 0)]))
    return MARK.encode() in raw and is_marked(raw, start)


def _state(reader: Reader, tree: Tree) -> State:
    return reader.state(tree, filter(tree.is_regular, tree), tree.directories)


def _decision(plan: Plan, gap: Gap) -> str:
    return "leave" if plan.excludes(gap.path) else plan.covers(gap.path, gap.entry.text)


def places(plan: Plan, settled: Settled) -> Sequence[Place]:
    """The gaps that are left, by file and line."""
    found = [Place(gap.path, gap.line, message(gap), remedy(gap, mend)) for gap, mend in settled.open]
    found += [Place(gap.path, gap.line, message(gap), "", _decided(plan, gap.path)) for gap in settled.left]
    for path, error in settled.unreadable.items():
        said = f"can't be read ({error}), so what it takes in is not known"
        left = plan.excludes(path) or plan.covers(path, "") == "leave"
        what = f"correct it, or `cover: {{{path}: leave}}` in moves.yml leaves it as it is"
        found.append(Place(path, 0, said, what, _decided(plan, path) if left else ""))
    return sorted(found, key=lambda place: (place.path, place.line, place.message))


def _decided(plan: Plan, path: str) -> str:
    return f"listed under {'exclude' if plan.excludes(path) else 'cover'} in moves.yml"


def message(gap: Gap) -> str:
    """What has changed, in one sentence."""
    entry = f"`{gap.entry.text}`" if gap.entry.text else "what holds where nothing is said"
    new = gap.files[0][1]
    what = new if gap.there == 1 else f"{gap.there:,} files ({new}, …)"
    if not gap.there:
        what = f"files that may come in {posixpath.dirname(new) or 'the repo'}"
    before, now = (file_of(said) or said for said in (gap.before, gap.now))
    if gap.gained:
        does = "takes in" if now else "leaves out"
        return f"{gap.name}: {entry} now {does} {what}{_listed(before, now)}"
    return f"{gap.name}: {entry} no longer {'takes in' if before else 'lets in'} {what}{_listed(before, now)}"


def _listed(before: str, now: str) -> str:
    said = [f"before: {before}" if before else "", f"now: {now}" if now else ""]
    return f" ({'; '.join(filter(None, said))})" if before or now else ""


def remedy(gap: Gap, mend: Mend | None) -> str:
    """What to do about it."""
    leave = f"`cover: {{{gap.path}: leave}}` in moves.yml leaves it as it is"
    if mend is None:
        hint = gap.entry.hint(gap.files[0]) if gap.entry.hint else ""
        return f"{hint or 'see to the new place by hand'}, or {leave}"
    entries = " and ".join(f"`{entry}`" for entry in mend.entries)
    where = "there" if mend.path == gap.path else f"in {mend.path}"
    return f"`cover: {{{gap.path}: add}}` in moves.yml writes {entries} {where}, {leave}"
