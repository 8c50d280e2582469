"""Paths in plain text: where one stands for itself, and what it becomes (pure).

A path is looked for by the topmost directories that move as a whole, and by the files that move without
one; what stands in front of it decides what it starts from. Nothing or ``./`` is the repo, ``/`` is the
repo where patterns are written (CODEOWNERS, ``.gitignore``) or where something moves that is just there,
``$ROOT/`` and a Dockerfile's ``WORKDIR`` too. With another directory in front it is another path. What
comes behind may be a file, a glob, a regular expression or nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from migration.core.memo import once
from migration.core.moves import LISTED, Moves
from migration.core.names import is_under
from migration.core.references import Reference
from migration.text.before_a_path import is_root, lead_of, like, link_reason, plain
from migration.text.dotted_names import char_after, char_before, is_word
from migration.text.passage import Passage, Place
from migration.text.registers import is_route

_SLASH = rb"\\?/"
_TAIL = re.compile(rb"(?:\\?/(?:[\w\-+~\x80-\xff]|\\{0,2}\.)+)*(?:\\?/)?")
_IMAGE = re.compile(
    rb"(?:\b(?:image|repository|repo|uses)[\"']?\s*[:=]\s*[\"']?|^FROM[ \t]+(?:--\S+[ \t]+)?|--from="
    rb"|\bdocker[ \t]+(?:pull|push|run|tag|build|rmi)\b[^|;&\n]*\s)\Z",
    re.MULTILINE,
)
_PATTERN = frozenset("*?[{<%")
_QUOTES = (b'"', b"'")
_WORD_BYTE = re.compile(rb"[\w\x80-\xff]")
_ESCAPE = re.compile(rb"\\\w{1,9}\Z")
_VALUE = re.compile(rb"[=:\[{][ \t]*[rbfuRBFU]{0,2}([\"'])\Z")
_FROM_LIST = re.compile(rb"__import__|fromlist")


@dataclass(frozen=True, slots=True)
class _Paths:
    leaves: tuple[bytes, ...]
    inner: frozenset[bytes]
    pattern: re.Pattern[bytes]
    groups: re.Pattern[bytes]
    whole: Mapping[str, str]
    parts: frozenset[str]
    longest: int
    deepest: int


@once
def _paths(moves: Moves) -> _Paths:
    """The patterns for a set of moves."""
    whole = _whole(moves)
    parts = frozenset(_parts(moves, whole))
    found = sorted({*whole, *parts}, key=lambda path: (-len(path), path))
    leaves = tuple(sorted({posixpath.basename(path).encode() for path in found}))
    outer = {posixpath.basename(path) for path in found if "/" not in path or path in moves.files}
    inner = frozenset(leaf for leaf in leaves if leaf.decode() not in outer)
    pattern = re.compile(rb"(?:%s)(?!\w)" % (b"|".join(map(_escaped, found)) or rb"(?!)"))
    above = sorted({posixpath.dirname(path) for path in found} - {""}, key=len, reverse=True)
    groups = re.compile(
        rb"(?<![\w.\-/])(?:%s)%s[@?!+*]?[({]([\w|,./*\s\\-]{1,300})[)}]"
        % (b"|".join(map(_escaped, above)) or rb"(?!)", _SLASH)
    )
    most = len(found[0]) if found else 0, max((path.count("/") + 1 for path in moves.files), default=0)
    return _Paths(leaves, inner, pattern, groups, whole, parts, *most)


def anchors(moves: Moves) -> tuple[Mapping[str, str], frozenset[str]]:
    """What paths are looked for: what moves -> where to, and the directories that move in part.

    The first holds the topmost directories that move as a whole and the files that move without one.
    """
    paths = _paths(moves)
    return paths.whole, paths.parts


def longest_anchor(moves: Moves) -> int:
    """How many characters the longest of these paths has."""
    return _paths(moves).longest


def deepest_file(moves: Moves) -> int:
    """How many parts the path of a file that moves may have."""
    return _paths(moves).deepest


def _whole(moves: Moves) -> dict[str, str]:
    directories = moves.directories
    whole = {
        old: new for old, new in directories.items() if old != new and posixpath.dirname(old) not in directories
    }
    for old, new in moves.files.items():
        if old != new and posixpath.dirname(old) not in directories:
            whole[old] = new
    return whole


def _parts(moves: Moves, whole: Mapping[str, str]) -> Iterator[str]:
    """The directories that move in part: those of packages that move, and those that lose most of what is in them.

    What only changes its place within a directory isn't lost to it.
    """
    names = tuple("/" + name.replace(".", "/") for name in moves.packages)
    candidates: set[str] = set()
    for path in whole:
        above = posixpath.dirname(path)
        while above and above not in candidates:
            candidates.add(above)
            above = posixpath.dirname(above)
    for directory in candidates - set(whole):
        below = [path for path in moves.paths if path.startswith(directory + "/")]
        lost = sum(not moves.new_path(path).startswith(directory + "/") for path in below)
        if ("/" + directory).endswith(names) or ("/" in directory and 2 * lost >= len(below) > 0):
            yield directory


def _escaped(path: str) -> bytes:
    return re.escape(path.encode()).replace(b"/", _SLASH).replace(rb"\.", rb"\\{0,2}\.")


def path_needles(moves: Moves) -> tuple[bytes, ...]:
    """Byte strings of which a file must hold one to name a path that moves: the last parts of what moves.

    Not so for the relative paths in a file that moves itself.
    """
    return _paths(moves).leaves


def may_hold_path(raw: bytes, moves: Moves) -> bool:
    """Whether the bytes can hold a path that moves: cheap, and never wrong about a "no".

    Not so for the relative paths in a file that moves itself.
    """
    return any(leaf in raw for leaf in _paths(moves).leaves)


def may_hold_path_in_code(raw: bytes, moves: Moves) -> bool:
    """The same for Python, where a part of a path stands next to a slash or is the whole of a string.

    A string may also name a module that way: ``getattr(posthog, "warehouse")``. Where it is a value,
    as in ``kind = "warehouse"``, there is no path around it.
    """
    paths = _paths(moves)
    return any(_stands_for_path(raw, leaf, leaf in paths.inner) for leaf in paths.leaves if leaf in raw)


def _stands_for_path(raw: bytes, leaf: bytes, inner: bool) -> bool:
    """Whether a last part stands in code as that of a path.

    :param inner: whether a part of the path always comes before it.
    """
    at = raw.find(leaf)
    while at >= 0:
        end = at + len(leaf)
        before, behind = raw[at - 1 : at] if at else b"", raw[end : end + 1]
        if b"/" in (before, behind) or b"\\" in (before, behind):
            return True
        quoted = before in _QUOTES or behind in _QUOTES
        if quoted and not (inner and (before == b" " or _is_longer(raw, at, behind) or _is_value(raw, at, behind))):
            return True
        at = raw.find(leaf, end)
    return False


def _is_longer(raw: bytes, at: int, behind: bytes) -> bool:
    """Whether a word goes on in front of ``at``, where that is no escape, or with ``behind``."""
    escape = _ESCAPE.search(raw, max(0, at - 10), at)
    return bool(_WORD_BYTE.match(behind) or (at and _WORD_BYTE.match(raw, at - 1) and not escape))


def _is_value(raw: bytes, at: int, behind: bytes) -> bool:
    """Whether a string stands behind ``=``, ``:`` or an opening bracket: nothing leads to it, so it names no path.

    Nor a module, but for ``__import__("posthog", fromlist=["warehouse"])``.
    """
    value = _VALUE.search(raw, max(0, at - 40), at)
    return value is not None and value[1] == behind and not _FROM_LIST.search(raw)


def names_path(raw: bytes, moves: Moves) -> bool:
    """Whether the bytes hold a path that moves, written from the top of the repo."""
    return may_hold_path(raw, moves) and _paths(moves).pattern.search(raw) is not None


def rooted(passage: Passage) -> Iterator[Reference]:
    """The paths in a text that start from the repo, each rewritten or listed with why it is left."""
    data, paths = passage.data, _paths(passage.moves)
    if not any(passage.holds(leaf) for leaf in paths.leaves):
        return
    for match in paths.pattern.finditer(data, passage.start, passage.stop):
        found = _found(passage, match)
        reason = None if found is None else _reason(passage, found)
        if found is None or reason is None:
            continue
        reference = _reference(passage, found, reason)
        if other := _elsewhere(passage, found):
            reference = reference.left(f"names {other}, which stays", kept=True)
        if passage.moves.keep & {found.path, data[found.start : found.end].decode(errors="replace")}:
            reference = _reference(passage, found, LISTED).left(LISTED, kept=True)
        yield reference
    for match in paths.groups.finditer(data, passage.start, passage.stop):
        yield from _in_group(passage, match)


@dataclass(frozen=True, slots=True)
class Found:
    """A path in a text.

    :param start: where it starts, what stands in front of it left out.
    :param anchor_end: where what moves as a whole ends in it.
    :param end: where the part ends that is written out, a slash at its end included.
    :param anchor: what moves as a whole.
    :param path: the path that is written out.
    :param open: whether a pattern goes on behind it, so that it is a directory of which the rest is open.
    """

    start: int
    anchor_end: int
    end: int
    anchor: str
    path: str
    open: bool = False
    glued: bool = False


def _found(passage: Passage, match: re.Match[bytes]) -> Found | None:
    data, anchor = passage.data, plain(match[0])
    found = follow(data, match.start(), match.end(), passage.stop)
    if found is None:
        return None
    if "/" not in anchor and anchor not in passage.moves.files and not data.startswith((b"/", b"\\/"), match.end()):
        alone = char_before(data, match.start()) == "/"
        if not alone:
            return None  # a word, not a path
    path = anchor + found.path
    return replace(found, anchor=anchor, path=path)


def follow(data: bytes, start: int, at: int, stop: int) -> Found | None:
    """What is written out behind ``at``, where a path (that starts at ``start``) has a word border.

    None if the path is only the beginning of a longer word. ``Found.path`` is the part behind ``at``.
    """
    match = _TAIL.match(data, at, stop)
    tail = match[0] if match else b""
    goes_on = char_after(data, at + len(tail), stop)
    pattern = goes_on in _PATTERN and not data.startswith((b"{%", b"{{"), at + len(tail))
    if goes_on == "<" or (goes_on == "%" and not re.match(rb"%[sd(]", data[at + len(tail) : stop])):
        angle = re.match(rb"<\w+>", data[at + len(tail) : stop])
        pattern = goes_on == "<" and angle is not None and tail.endswith(b"/")
    if goes_on == "$" and re.match(rb"\$[\w{(]", data[at + len(tail) : stop]):
        pattern = True
    if goes_on == "*" and char_before(data, start) == "*" and not tail.endswith(b"/"):
        pattern = False  # emphasis
    if pattern:
        tail = tail[: tail.rfind(b"/") + 1]
        if not tail:
            return Found(start, at, at, "", "", glued=True)
        return Found(start, at, at + len(tail), "", plain(tail).rstrip("/"), open=True)
    tail = re.sub(rb"(?:(?<=[\w/\-])\.+|(?<=\w)-+|\\+)\Z", b"", tail)
    if not tail:
        behind = char_after(data, at + 1, stop)
        if is_word(goes_on) or goes_on in ("@", "+", "~") or (goes_on in ("-", ".") and is_word(behind)):
            return None
        if goes_on == "\\" and re.match(rb"\\{1,2}\.[\w]", data[at:stop]):
            return None
    return Found(start, at, at + len(tail), "", plain(tail).rstrip("/"))


def _reason(passage: Passage, found: Found) -> str | None:
    """Why a path is left: ``""`` if it is not, None if it is no reference at all."""
    moves, place = passage.moves, passage.place
    exact = found.path in moves.files
    within = exact or (found.path in moves.directories and found.path != found.anchor)
    lead = lead_of(passage.data, found.start, passage.start)
    if lead is None or _is_other(moves, place, found, within):
        return None
    what, text = lead
    routed = what == "root" and is_route(passage.data, passage.start, found.start - 1)
    if routed or (what == "root" and _is_a_page(passage, found, within)):
        return None
    if what == "any" and place.style == "patterns":
        return None  # one directory above it, where tools such as coverage mean any number, none included
    if what == "url":
        return link_reason(text) if exact or found.path in moves.directories else None
    if what == "relative":
        inside = posixpath.normpath(posixpath.join(place.directory, text, found.path))
        from_here = ".." in text or place.style == "web" or posixpath.dirname(inside) in moves.paths
        if inside != found.path and from_here:
            # What it names is looked for by itself; else commands are run from the repo.
            leads = not exact or inside in moves.paths
            return None if leads else f"behind {text}, which leads elsewhere from this file"
    if what == "root" and not (place.style in ("patterns", "prose") or within or found.open):
        of_site = place.style in ("web", "python") or "/" not in found.anchor
        return None if of_site else "could be a route or a directory of the system"
    if what == "root" and place.style in ("web", "python"):
        return "starts from the root of something" if exact else None
    if what == "absolute" and text.rstrip("/") not in place.workdirs:
        return f"behind {text}, which may be the repo" if within else None
    if what == "behind" and text + found.path in moves.paths:
        return None
    if what == "behind":
        return f"behind {text}, which is not in the repo" if exact else None
    if what == "variable" and not is_root(text):
        return f"behind {text}, which may be the repo" if within or found.path == found.anchor else None
    return _doubt(passage, found)


def _is_a_page(passage: Passage, found: Found, within: bool) -> bool:
    """Whether a path in a sentence is one of a site: ``/jobs/<pk>/edit/``, ``/jobs/``, and nothing that is there."""
    if passage.place.style != "prose":
        return False
    if not within and (found.open or found.path != found.anchor):
        return True
    return "/" not in found.anchor and found.path == found.anchor and found.anchor not in passage.moves.files


@once
def _tails(moves: Moves) -> Mapping[str, str]:
    """What ends in the path of something that would lie below what moves, and will -> the path of it.

    ``templates/shop/stock/list.html`` by ``shop/stock/list.html``, where no such file lies in ``shop/stock``; in the
    moved app's own ``templates/`` it keeps that name, too.
    """
    whole = _whole(moves)
    found: dict[str, str] = {}
    starts = re.compile("|".join(f"/{re.escape(anchor)}(?=/)" for anchor in whole if "/" in anchor) or "(?!)")
    for path in moves.paths:
        match = starts.search(path)
        tail = path[match.start() + 1 :] if match else ""
        if tail and tail not in moves.paths and moves.new_path(path).endswith(f"/{tail}"):
            found[tail] = min(path, found.get(tail, path))
    return found


def _elsewhere(passage: Passage, found: Found) -> str:
    """The file or directory that a path leads to from another one than the repo, which stays; else ``""``."""
    if found.path == found.anchor or found.path in passage.moves.paths:
        return ""
    tails = _tails(passage.moves)
    directory = passage.place.directory
    while True:
        if (here := posixpath.join(directory, found.path)) in passage.moves.paths and here in tails.values():
            return here
        if not directory:
            return tails.get(found.path, "")
        directory = posixpath.dirname(directory)


def _is_other(moves: Moves, place: Place, found: Found, within: bool) -> bool:
    """Whether it is something that stays, or a word with a slash behind it."""
    if found.anchor in _paths(moves).parts and found.path != found.anchor and found.path in moves.paths:
        return not any(path.startswith(found.path + "/") for path in moves.files)
    if "/" in found.anchor or within:
        return False
    return place.style in ("web", "python") or not (found.open or found.path == found.anchor)


def _doubt(passage: Passage, found: Found) -> str:
    data, moves = passage.data, passage.moves
    if found.glued and not (data.startswith(b"*", found.end) and _is_alone(moves, found.path)):
        return "the path goes on in a pattern"
    if found.anchor in _paths(moves).parts and moves.new_path(found.path) == found.path:
        return "the directory moves only in part"
    if found.path == found.anchor and found.path not in moves.files:
        then = data[found.end : found.end + 2]
        first = char_before(data, found.start, passage.start)
        if re.match(rb":\w", then) and first not in ("=", ":"):
            return "looks like the name of an image"
        if _IMAGE.search(data, max(passage.start, found.start - 200), found.start):
            return "looks like the name of an image or a repository"
    elif passage.place.style == "python" and not found.open and not _is_known(moves, found.path):
        return "" if "." in posixpath.basename(found.path) else "names nothing that was there before the move"
    return ""


def _is_alone(moves: Moves, path: str) -> bool:
    """Whether nothing else starts with a path, so that ``path*`` means it and what is in it."""
    return not any(other.startswith(path) and not is_under(other, path) for other in moves.paths)


def _is_known(moves: Moves, path: str) -> bool:
    return path in moves.files or path in moves.directories


def _reference(passage: Passage, found: Found, reason: str) -> Reference:
    data, moves = passage.data, passage.moves
    new = moves.new_path(found.path)
    if reason:
        return passage.left((found.start, found.end), found.path, new, reason)
    written = data[found.start : found.anchor_end]
    anchor, end = moves.new_path(found.anchor), found.anchor_end
    if anchor == found.anchor:  # a part of it moves
        anchor, end, written = new, found.end, data[found.start : found.end].rstrip(b"/")
        end = found.start + len(written)
    return passage.rewritten((found.start, end), found.path, new, like(written, anchor))


def _in_group(passage: Passage, match: re.Match[bytes]) -> Iterator[Reference]:
    """``posthog/{warehouse,hogql}/**``: there is no place to write the new path into."""
    if not re.search(rb"[|,]", match[1]):
        return
    above = plain(passage.data[match.start() : match.start(1) - 1]).rstrip("@?!+*").rstrip("/")
    for part in re.finditer(rb"[\w./-]+", match[1]):
        path = f"{above}/{plain(part[0])}".rstrip("/")
        new = passage.moves.new_path(path)
        if new != path:
            start = match.start(1) + part.start()
            yield passage.left((start, start + len(part[0])), path, new, "one of several alternatives")
