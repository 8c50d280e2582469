"""Patterns that match what moves without naming it: ``posthog/*/models.py``, ``posthog/**/warehouse/**`` (pure).

Such a pattern may be about what moves, about what stays, or about both, so it is listed and left. One that
matches the files at their new place as well stays right, and so does one that another pattern of the same
file makes up for. A pattern for all there is (``posthog/**``, ``posthog/**/*.py``) names the directory and
no part of it. Files that hold patterns by their purpose (``CODEOWNERS``, ``.gitignore``, workflows) are looked
into whatever they hold; others only where a directory and ``/*`` stand in them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.text.passage import Passage, Place
from migration.text.paths import path_needles

_TOKEN = re.compile(rb"(?<![\w.\-+~/*?@$%\\\x80-\xff:])[\w.\-+~/*?\x80-\xff]*/[\w.\-+~/*?\x80-\xff]*")
MATCHES = "a pattern that matches"
_NAMED = re.compile(r"[A-Za-z_]")
_PATTERN_FILES = re.compile(
    r"(?:.*/)?(?:CODEOWNERS|\.\w*ignore|\.\w+ignore\.\w+|\.gitattributes|MANIFEST\.in"
    r"|pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc|package\.json|[jt]sconfig(?:\.\w+)?\.json"
    r"|\.?(?:mypy|pytest|ruff|flake8|isort|codecov|gitlab-ci|pre-commit-config|importlinter)(?:\.(?:ini|toml|ya?ml))?"
    r"|(?:\.github|\.circleci)/(?:.*/)?[\w.-]+\.ya?ml)"
)


@once
def _above(moves: Moves) -> frozenset[str]:
    """The directories that hold something that moves, at any depth."""
    above: set[str] = set()
    for path in moves.files:
        directory = posixpath.dirname(path)
        while directory and directory not in above:
            above.add(directory)
            directory = posixpath.dirname(directory)
    return frozenset(above)


@once
def glob_needles(moves: Moves) -> tuple[bytes, ...]:
    """Byte strings of which a file must hold one for a pattern that names no part of what moves."""
    return tuple(sorted(f"{directory}/*".encode() for directory in _above(moves) if "/" not in directory))


def may_hold_glob(raw: bytes, moves: Moves, path: str = "") -> bool:
    """Whether the bytes of a file can hold such a pattern: cheap, and never wrong about a "no".

    :param path: of a file that is not Python.
    """
    return any(needle in raw for needle in glob_needles(moves)) or (b"*" in raw and is_pattern_file(path))


def is_pattern_file(path: str) -> bool:
    """Whether a file holds patterns by its purpose; there are few of them in a repo."""
    return _PATTERN_FILES.fullmatch(path) is not None


def globbed(passage: Passage) -> Iterator[Reference]:
    """The patterns in a text that match files which move, and not where these are afterwards: all left."""
    if not passage.holds(b"*"):
        return
    moves, place = passage.moves, passage.place
    found: list[tuple[int, int, str, re.Pattern[str]]] = []
    for match in _TOKEN.finditer(passage.data, passage.start, passage.stop):
        if b"*" in match[0]:
            text = match[0].decode(errors="replace").removeprefix("./").lstrip("/")
            found.append((*match.span(), text, _pattern(text, place)))
    for first, last, text, pattern in found:
        if not _says_more(text) or not _may_match(text, moves, place):
            continue
        others = [other for *_, other in found if other is not pattern]
        for old, new in moves.files.items():
            if pattern.fullmatch(old) and not any(each.fullmatch(new) for each in (pattern, *others)):
                reason = f"{MATCHES} {old}, which moves: does it need one for {new}?"
                yield passage.left((first, last), text, new, reason)
                break


def _may_match(text: str, moves: Moves, place: Place) -> bool:
    """Whether the part that is written out leads to something that moves, or names it further on."""
    head = re.split(r"[^/]*[*?]", text, maxsplit=1)[0].rstrip("/")
    if not head:
        return any(needle.decode() in text for needle in path_needles(moves)) or not text.startswith("*")
    return any(path in _above(moves) for path in (head, posixpath.join(place.directory, head)))


def _says_more(text: str) -> bool:
    """Whether a name follows the first wildcard, or is a part of what holds it."""
    parts = text.split("/")
    first = next(index for index, part in enumerate(parts) if "*" in part or "?" in part)
    names = (part for part in parts[first:] if not re.fullmatch(r"\*+(?:\.\w+)*", part))
    return any(map(_NAMED.search, names))


def _pattern(text: str, place: Place) -> re.Pattern[str]:
    """A pattern as ``.gitignore`` and most tools read it, from the repo's top or from its file's own place.

    See https://git-scm.com/docs/gitignore#_pattern_format.
    """
    written = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", text.rstrip("/"))
    body = "".join(written.get(part) or re.escape(part) for part in parts)
    own = f"(?:{re.escape(place.directory)}/)?" if place.directory else ""
    return re.compile(rf"{own}{body}(?:/.*)?")
