"""The diff of a tree, in git's own form, with nothing done yet."""

from __future__ import annotations

import base64
import difflib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from migration.core.changes import ChangeSet
from migration.repo.tree.tree import Tree

_UNSAFE = re.compile(r'[\x00-\x1f"\\\x7f]')


def diff_of(before: Tree, after: Tree, changes: Iterable[ChangeSet], oid_of: Callable[[bytes], str]) -> str:
    """What ``changes`` make of a tree, in git's own form: ``git apply`` takes it.

    Bytes that are not UTF-8 are surrogates in the result (:pep:`383`), as they are in paths.

    :param changes: all that leads from ``before`` to ``after``; files are renamed once at most.
    :param oid_of: gives the id under which git stores some bytes.
    """
    parts = []
    for pair in pairs(before, after, changes):
        old, new, was, now = pair.old, pair.new, pair.was, pair.now
        header = f"diff --git {_quoted(f'a/{old or new}')} {_quoted(f'b/{new or old}')}\n"
        if new is None:
            header += f"deleted file mode {before.modes[old or '']}\n"
        elif old is None:
            header += f"new file mode {after.modes[new]}\n"
        elif old != new:
            header += f"rename from {_quoted(old)}\nrename to {_quoted(new)}\n"
        parts.append(header + _hunks(was, now, f"a/{old or new}", f"b/{new or old}", oid_of))
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Pair:
    """A file before and after: its path and its bytes, both None where there is none."""

    old: str | None
    new: str | None
    was: bytes | None
    now: bytes | None


def pairs(before: Tree, after: Tree, changes: Iterable[ChangeSet]) -> Iterator[Pair]:
    """The files that differ between two trees, by path; a file that was renamed is one of them.

    :param changes: as for :func:`diff_of`.
    """
    sets = tuple(changes)
    origin = {rename.target: rename.source for one in sets for rename in one.renames}
    gone = set(origin.values())
    for path in sorted({path for one in sets for path in one.paths}):
        old = origin.get(path, path)
        was = before.read(old) if old in before and (old != path or path not in gone) else None
        now = after.read(path) if path in after else None
        if (was is None and now is None) or (old == path and was == now):
            continue
        yield Pair(old if was is not None else None, path if now is not None else None, was, now)


def _hunks(was: bytes | None, now: bytes | None, old: str, new: str, oid_of: Callable[[bytes], str]) -> str:
    """What changes inside a file; None stands for no file."""
    before, after = was or b"", now or b""
    if before == after:
        return ""
    if b"\0" in before or b"\0" in after:
        none = "0" * len(oid_of(b""))
        ids = f"{none if was is None else oid_of(was)}..{none if now is None else oid_of(now)}"
        return f"index {ids}\nGIT binary patch\n{_literal(after)}\n{_literal(before)}\n"
    names = "/dev/null" if was is None else _side(old), "/dev/null" if now is None else _side(new)
    lines = difflib.unified_diff(_lines(before), _lines(after), *names)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    """Lines as git counts them: only a line feed ends one."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _side(path: str) -> str:
    quoted = _quoted(path)
    return quoted + "\t" if " " in path and quoted == path else quoted  # else the blank would end the name


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes where it holds a control character, a quote or a backslash."""
    if not _UNSAFE.search(path):
        return path
    return '"' + _UNSAFE.sub(lambda match: f"\\{ord(match[0]):03o}", path) + '"'


def _literal(data: bytes) -> str:
    """Bytes in git's form for binary patches: deflated, 52 bytes a line, the first letter is their number."""
    packed = zlib.compress(data)
    lines = [f"literal {len(data)}\n"]
    for start in range(0, len(packed), 52):
        chunk = packed[start : start + 52]
        letter = chr(len(chunk) + (64 if len(chunk) <= 26 else 70))
        lines.append(letter + base64.b85encode(chunk, pad=True).decode() + "\n")
    return "".join(lines)
