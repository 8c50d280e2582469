"""Paths that start at a directory above what moves, without naming that directory (pure).

``base/fixtures/x.xml`` leads to ``geonode/base/fixtures/x.xml`` from ``geonode/``, wherever it stands:
behind ``{PROJECT_ROOT}/``, in a message catalogue that was made there, in a document. Only what names one
file of the whole tree counts. It follows where it starts from a directory that modules are found from
(``src/``), and the file is below that one afterwards; else it is listed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.names import prefixes
from migration.core.references import Reference
from migration.text.before_a_path import lead_of
from migration.text.passage import Passage
from migration.text.paths import anchors, may_hold_path

_RUN = re.compile(rb"(?<![\w.\-+])[\w\-+][\w.\-+]*+(?:/[\w.\-+]++)++")  # each byte is looked at once
_LOADED = re.compile(r"(?:^|/)(?:templates|jinja2|static)/")  # what is below is found by loaders, under its name there
_CATALOGUES = (".po", ".pot")


@dataclass(frozen=True)
class _Tails:
    """What moves by each end of its path that holds what moves as a whole; empty where two share one.

    Files, and directories by ends of three parts at least: fewer are words.
    """

    moves: Moves
    files: Mapping[str, str]
    single: dict[str, bool] = field(default_factory=dict)

    def file(self, tail: str) -> str:
        """The one file or directory of the tree whose path ends so; ``""`` if there is none, or another one."""
        found = self.files.get(tail, "")
        if found and tail not in self.single:
            ending = "/" + tail
            own = (found, self.moves.new_path(found))
            self.single[tail] = not any(path.endswith(ending) and path not in own for path in self.moves.paths)
        return found if found and self.single[tail] and tail not in self.moves.paths else ""


@once
def _tails(moves: Moves) -> _Tails:
    """The ends of paths for a set of moves."""
    files: dict[str, str] = {}
    whole = anchors(moves)[0]
    for path in (*moves.files, *moves.directories):
        anchor = path
        while anchor and anchor not in whole:
            anchor = posixpath.dirname(anchor)
        at = path.find("/") + 1
        least = 1 if path in moves.files else 2
        while at and at <= anchor.rfind("/") + 1 and path.count("/", at) >= least and not _LOADED.search(path[:at]):
            files[path[at:]] = "" if path[at:] in files else path
            at = path.find("/", at) + 1
    return _Tails(moves, files)


def file_named(tail: str, moves: Moves) -> str:
    """The moved file that a path names from a directory above it, ``""`` if it is none or not sure which."""
    return _tails(moves).file(tail)


def names_tail(raw: bytes, moves: Moves) -> bool:
    """Whether the bytes hold a path that names a moved file from a directory above it."""
    return may_hold_path(raw, moves) and any(
        match[0].rstrip(b".").decode(errors="replace") in _tails(moves).files for match in _RUN.finditer(raw)
    )


def partial(passage: Passage) -> Iterator[Reference]:
    """The paths in a text that name a moved file from a directory above it, each rewritten or listed."""
    data, moves, place, tails = passage.data, passage.moves, passage.place, _tails(passage.moves)
    for match in _RUN.finditer(data, passage.start, passage.stop):
        written = match[0].rstrip(b".").decode(errors="replace")
        if written not in tails.files:
            continue
        path, lead = tails.file(written), lead_of(data, match.start(), passage.start)
        if not path or lead is None or lead[0] not in ("plain", "variable"):
            continue
        here = posixpath.join(place.directory, written)
        if here != path and (here in moves.paths or here in moves.files):
            continue  # from the place of the text's own file
        new, above = moves.new_path(path), path[: -len(written)]
        text = new[len(above) :] if new.startswith(above) else None
        reason = f"names {path} from {above}, by its looks" + (f"; that would be {text}" if text else "")
        if text == written:
            continue
        sure = path in moves.files and place.style != "python" and lead[0] == "plain"
        if sure and text and _is_root(moves, written):
            reason = ""
        span = match.start(), match.start() + len(written)
        yield Reference(passage.kind, *span, path, new, None if reason else text, reason)


def _is_root(moves: Moves, written: str) -> bool:
    """Whether a path starts where modules are found from: by its name it is a module that moves, or lies in one."""
    return any(name in moves.moved for name in prefixes(written.removesuffix(".py").replace("/", ".")))


def in_catalogue(path: str, raw: bytes, reference: Reference) -> Reference:
    """A reference of a text file; what is left in a catalogue's comments is no open question.

    ``makemessages`` writes them anew: https://docs.djangoproject.com/en/5.2/topics/i18n/translation/.
    """
    start = raw.rfind(b"\n", 0, reference.start) + 1
    if reference.text is not None or not path.endswith(_CATALOGUES) or not raw.startswith(b"#:", start):
        return reference
    return reference.left("a place in the source, which makemessages writes anew", kept=True)
