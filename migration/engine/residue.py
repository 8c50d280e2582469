"""Residue: everything in the tree that still names the old place, and why it was left.

The rewriters say what is a reference and why one is left; a search for the old names, with word
borders, finds what no rewriter claims. Looked at is the tree as it is now, whether or not the move
is committed and whether or not the ledger is at hand, so that a CI job can guard a move long done.
Nothing is changed.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from migration.core.errors import MigrationError
from migration.core.moves import Moves
from migration.core.names import is_package_file, is_python, is_under, path_under
from migration.core.references import Reference, TextFile
from migration.engine.coverage.findings import Place, covered, places
from migration.engine.moves_of_plan import moves_now, moves_of, project_before
from migration.engine.old_names import Hit, OldNames, Tokens
from migration.engine.rewrite_python import rewrite
from migration.engine.rewrite_text import rewrite_text
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.git.entries import SYMLINK
from migration.repo.tree.project import Project, source_path
from migration.text import keep_marks
from migration.text.dotted_names import is_host
from migration.text.globs import MATCHES
from migration.text.text_style import left_out

UNDECIDED = "undecided"
COVER = "cover"
_DUE = "update_imports would rewrite it: run it again"
_URL = re.compile(rb"[\w+.-]+://[^\s\"'`<>()\[\]{}|,;]*\Z|[\w.+-]+@[\w.-]*\Z")
_TAIL = re.compile(rb"(?:\.[A-Za-z0-9_]+)+")
_LONGEST = 160


@dataclass(frozen=True, slots=True, order=True)
class Residue:
    """A place that still names the old one.

    :param path: the file, where it is now.
    :param line: the line; 0 for the file as a whole.
    :param kind: the kind of reference, as the rewriters name it.
    :param text: the line (or what counts in it), shortened.
    :param reason: why it was left; empty where nothing says so.
    :param decided: whether there is a reason.
    :param doubtful: whether the reason is a doubt, so that a person should look.
    :param kept: whether the reason is that the plan, or the meaning of the place, keeps it.
    """

    path: str
    line: int
    kind: str
    text: str
    reason: str
    decided: bool
    doubtful: bool = False
    kept: bool = False

    @property
    def why(self) -> str:
        """The reason as people read it."""
        return f"kept: {self.reason}" if self.kept else self.reason

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.text}" + (f"  ({self.why})" if self.reason else "")


def find(
    plan: Plan,
    project: Project,
    settled: Collection[str] = (),
    moves: Moves | None = None,
    above: Sequence[Place] | None = None,
) -> list[Residue]:
    """What names the old place in ``project.before``, the tree as it is now, sorted by file and line.

    Names of the new place that hold the old one (``wagtail`` -> ``monolith.wagtail``) don't count,
    nor does what was never there (``posthog.warehouse_utils``).

    :param project: its baseline is the tree before the move, or the same tree again where nobody
        remembers that one.
    :param settled: files that the rewriters have just seen and left nothing in; they are asked again
        only where a search finds an old name there.
    :param moves: the moves from the tree before the move, where they have been worked out already.
    :param above: what took in what moved and no longer does, where that has been worked out already.
    """
    now = moves_now(plan, project, moves)
    if above is None:
        above = not_covered(plan, project, moves)
    search = _Search(plan, project, now, OldNames.of(plan, project, now))
    found: set[Residue] = set(left_files(plan, project))
    named = set(project.candidates(now.needles))
    for path, mode in project.before.modes.items():
        if mode == SYMLINK:
            found.update(search.in_link(path))
        elif path in named and project.before.is_regular(path):
            found.update(search.in_file(path, path in settled))
    return sorted(_once(found, above))


def _once(found: Collection[Residue], above: Iterable[Place]) -> Iterator[Residue]:
    """All that was found, with one for a line that names the old place and takes it in."""
    named = {(item.path, item.line) for item in found if not item.decided}
    lines = {(at.path, at.line) for at in above} - named
    for item in found:
        if (item.path, item.line) not in lines or not item.reason.startswith(MATCHES):
            yield item
    for at in above:
        if (at.path, at.line) in lines:
            yield Residue(at.path, at.line, COVER, at.message, at.decided, bool(at.decided))


def not_covered(plan: Plan, project: Project, moves: Moves | None = None) -> Sequence[Place]:
    """The lines of configuration that took in what moved and don't since, or the other way round."""
    before, known = project_before(plan, project)
    if moves is None or not known:
        moves = moves_of(plan, before)
    settled = covered(plan, before.baseline, project.before, moves, project.candidates, known=known)
    return places(plan, settled)


def summary(residues: Iterable[Residue]) -> dict[str, int]:
    """How many of each kind are left for a reason, and under ``undecided`` how many are for none."""
    kinds = Counter(item.kind if item.decided else UNDECIDED for item in residues)
    return dict(sorted(kinds.items(), key=lambda item: (item[0] == UNDECIDED, item[0])))


def reasons(residues: Iterable[Residue]) -> dict[str, int]:
    """How many places are left for each reason (``<kind>: <reason>``), the most frequent first."""
    counted = Counter(f"{item.kind}: {_why(item)}" for item in residues)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _why(item: Residue) -> str:
    if not item.decided:
        return UNDECIDED
    return "for you to look at" if item.doubtful else item.reason


def listing(source: str, residues: Iterable[Residue]) -> str:
    """What a person reads: the places by kind, each with its reason; the undecided ones at the end."""
    groups: dict[tuple[bool, str], list[Residue]] = {}
    for item in sorted(residues):
        groups.setdefault((not item.decided, item.kind), []).append(item)
    if not groups:
        return f"nothing names {source} any more\n"
    lines = []
    for (undecided, kind), items in sorted(groups.items()):
        lines += [f"{kind}{f', {UNDECIDED}' if undecided else ''} ({len(items)})", *(f"  {item}" for item in items)]
    return "\n".join(lines) + "\n"


def left_files(plan: Plan, project: Project) -> Iterator[Residue]:
    """Files that lie at the old place still, or again."""
    place = source_path(project_before(plan, project)[0].baseline, project.roots, plan.source)
    target = path_under(place[0], plan.target.replace(".", "/")) if place else ""
    for path in project.before if place else ():
        if not is_under(path, place[1] if place else "") or path in plan.file_moves.values():
            continue
        if is_under(target, place[1] if place else "") and is_under(path, target):
            continue
        if _keeps_importable(plan, project, path):
            continue
        if plan.excludes(path):
            yield Residue(path, 0, "file", path, "listed under exclude in moves.yml", True)
        elif path in plan.file_moves or path.rpartition("/")[2] != "__init__.py":
            yield Residue(path, 0, "file", path, "", False)


def _keeps_importable(plan: Plan, project: Project, path: str) -> bool:
    """Whether a file is the empty package that move_files leaves where something moves into its own package."""
    directory = path.rpartition("/")[0]
    if not is_package_file(path) or project.before.read(path).strip():
        return False
    return any(is_under(new, directory) for new in plan.file_moves.values())


@dataclass(frozen=True)
class _Search:
    """One search: the plan, the tree as it is now, and what is looked for."""

    plan: Plan
    project: Project
    moves: Moves
    names: OldNames

    def in_link(self, path: str) -> Iterator[Residue]:
        """A symbolic link that points to the old place."""
        target = self.project.before.read(path)
        if any(True for _ in self.names.hits(target)):
            excluded = self._excluded(path)
            yield Residue(path, 0, "link", f"-> {target.decode(errors='replace')}", excluded, bool(excluded))

    def in_file(self, path: str, settled: bool = False) -> Iterator[Residue]:
        """What names the old place in one file."""
        raw = self.project.before.read(path)
        if settled and not any(True for _ in self.names.hits(raw)):
            return
        reason = self._excluded(path) or ("" if is_python(path) else left_out(path, raw, self.project.before)) or ""
        if reason:
            text = TextFile(path, raw)
            hits = [*self.names.hits(raw)]
            if b"\0" in raw[:8000]:
                yield from [Residue(path, 0, "binary", path, reason, True)][: len(hits)]
            else:
                yield from (_residue(path, text, hit.start, hit.kind, reason, True) for hit in hits)
        elif is_python(path):
            yield from self._in_python(SourceFile(path, raw, self.project.module_of(path)))
        else:
            text = TextFile(path, raw)
            references = rewrite_text(text, self.moves).references
            yield from self._claimed(path, text, references)
            for hit in _unclaimed(self.names.hits(raw), references):
                yield self._searched(path, text, hit, hit.kind)

    def _in_python(self, source: SourceFile) -> Iterator[Residue]:
        text = TextFile(source.path, source.raw)
        try:
            references = rewrite(source, self.moves).references
            kinds = Tokens.of(source) if self.names.pattern.search(source.data) else Tokens()
        except (UnreadableSource, MigrationError) as error:
            reason = f"can't be read: {error.message}"
            for hit in self.names.hits(source.raw):
                yield _residue(source.path, text, hit.start, hit.kind, reason, False)
            return
        text = TextFile(source.path, source.data)
        yield from self._claimed(source.path, text, references)
        for hit in _unclaimed(self.names.hits(source.data), references):
            if kind := kinds.at(hit.start):  # in code the rewriters know better than a search
                yield self._searched(source.path, text, hit, kind)

    def _claimed(self, path: str, text: TextFile, references: Sequence[Reference]) -> Iterator[Residue]:
        """What the rewriters found."""
        for reference in references:
            if reference.text is None:
                reason, kept = reference.reason, reference.kept
                found = _residue(path, text, reference.start, reference.kind, reason, bool(reason))
                yield replace(found, doubtful=found.decided and not kept, kept=kept)
            elif text.raw[reference.start : reference.end] != reference.text.encode():
                yield _residue(path, text, reference.start, reference.kind, _DUE, False)

    def _searched(self, path: str, text: TextFile, hit: Hit, kind: str) -> Residue:
        """What no rewriter claims."""
        line = text.raw[text.line_starts[text.line_of(hit.start) - 1] : hit.end]
        reason, kept = "", False
        if self._is_kept(text.raw, hit):
            reason = "listed under keep in moves.yml"
        elif keep_marks.is_marked(text.raw, hit.start):
            reason, kept = keep_marks.REASON, True
        elif _URL.search(line[: len(line) - (hit.end - hit.start)]):
            kind, reason = "url", "a URL or an address"
        elif hit.kind == "name" and self._is_host(text.raw, hit):
            kind, reason = "url", "the name of a host"
        elif kind == "string":
            reason = "within a longer text, such as SQL"
        return replace(_residue(path, text, hit.start, kind, reason, bool(reason)), kept=kept)

    def _is_host(self, raw: bytes, hit: Hit) -> bool:
        """Whether an old name goes on as the name of a host does, and not as what moved from there."""
        tail = _TAIL.match(raw, hit.end)
        if tail is None or raw[hit.start : tail.end()].decode() in self.moves.moved:
            return False
        return is_host(tail[0].decode())

    def _is_kept(self, raw: bytes, hit: Hit) -> bool:
        for kept in (string.encode() for string in self.plan.keep):
            at = raw.find(kept, max(0, hit.start - len(kept) + 1), hit.end + len(kept))
            if 0 <= at <= hit.start and hit.end <= at + len(kept):
                return True
        return False

    def _excluded(self, path: str) -> str:
        back = self.plan.back if self.plan.exclude else {}
        excluded = self.plan.excludes(path) or self.plan.excludes(back.get(path, path))
        return "listed under exclude in moves.yml" if excluded else ""


def _unclaimed(hits: Iterable[Hit], references: Sequence[Reference]) -> Iterator[Hit]:
    """Those that lie in no reference."""
    ends = [reference.end for reference in references]  # ascending, as the spans don't overlap
    for hit in hits:
        index = bisect.bisect_right(ends, hit.start)
        if index == len(references) or references[index].start >= hit.end:
            yield hit


def _residue(path: str, text: TextFile, offset: int, kind: str, reason: str, decided: bool) -> Residue:
    line = text.line_of(offset)
    start = text.line_starts[line - 1]
    whole = re.match(rb"[^\r\n]*", text.raw[start:])
    shown = (whole[0] if whole else b"").decode(errors="replace").strip()
    return Residue(path, line, kind, _shortened(shown, offset - start - 40), reason, decided)


def _shortened(text: str, at: int = 0) -> str:
    if len(text) <= _LONGEST:
        return text
    at = max(0, min(at, len(text) - _LONGEST))
    return f"{'…' if at else ''}{text[at : at + _LONGEST]}…"
