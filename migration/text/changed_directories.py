"""Upward paths behind a change of directory (pure): ``cd shop/stock && ls ../../lib``.

What follows a ``cd`` in a command (in a shell script: up to the next one), or the ``working-directory`` of a step,
is meant from there. Where that directory moves to another depth, ``../../lib`` must go up as far as it takes now.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.text.passage import Passage

_CD = re.compile(
    rb"(?:^|[\s;&|(\"'@])(?:cd|pushd)[ \t]+(?P<quote>[\"']?)(?P<path>[\w./\-]+)(?P=quote)[ \t]*(?=&&|;|$)", re.MULTILINE
)
_STEP = re.compile(rb"^(?P<indent>[ \t-]*)working-directory:[ \t]*[\"']?(?P<path>[\w./\-]+)[\"']?[ \t]*$", re.MULTILINE)
_UP = re.compile(rb"(?<![\w./\-~$}])\.\.(?:/\.\.)*(?P<rest>/[\w.\-/]*)?(?![\w])")
_SCRIPTS = (".sh", ".bash", ".zsh", ".ksh")


def from_changed_directories(passage: Passage) -> Iterator[Reference]:
    """The upward paths in a text behind a change into a directory that moves, each as it must be from there."""
    data, moves = passage.data, passage.moves
    for start, end, written in _regions(passage):
        old = posixpath.normpath(written)
        new = moves.directories.get(old) or moves.new_path(old)
        if new == old:
            continue
        for match in _UP.finditer(data, start, end):
            text = match[0].decode().rstrip("/")
            target = posixpath.normpath(posixpath.join(old, text))
            if target.startswith("..") or (target != "." and target not in moves.paths and not _below(moves, target)):
                continue
            after = moves.new_path(target)
            meant = posixpath.relpath(after, new)
            if meant != posixpath.normpath(text):
                yield passage.rewritten((match.start(), match.start() + len(text)), target, after, meant)


def _below(moves: Moves, target: str) -> bool:
    """Whether a path that is not in the tree (it is made when something runs) lies in a directory of it."""
    return posixpath.dirname(target) in moves.paths


def _regions(passage: Passage) -> Iterator[tuple[int, int, str]]:
    """The parts of a text that run in another directory: start, end, and which."""
    data, stop = passage.data, passage.stop
    changes = [*_CD.finditer(data, passage.start, stop)]
    to_the_next = passage.place.path.endswith(_SCRIPTS)
    for index, match in enumerate(changes):
        line_end = data.find(b"\n", match.end(), stop)
        following = changes[index + 1].start() if index + 1 < len(changes) else stop
        end = following if to_the_next or line_end < 0 else min(line_end, following)
        yield match.end(), end, match["path"].decode()
    for match in _STEP.finditer(data, passage.start, stop):
        width = len(match["indent"])  # the rest of the step is indented as far
        step = rb"(?:\n(?:[ \t]*(?=\n)|[ \t]{%d,}[^\s\-][^\n]*|[ \t]{%d,}[^\n]*))*" % (width, width + 1)
        rest = re.compile(step).match(data, match.end(), stop)
        yield match.end(), rest.end() if rest else stop, match["path"].decode()
