"""Paths relative to the place of the file that holds them, and what they become (pure).

In a file that moves, ``../../ee/x`` must find what it found before; in one that stays,
``../posthog/warehouse/x`` must follow. Only what was there before the move tells that a path is meant
this way: where nothing is found from the file's own place, the text is left. In a template's tag a name
is one of a template: loaders find it, and the rewriter of templates sees to it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.names import is_under
from migration.core.references import Reference
from migration.text.before_a_path import lead_of, like, plain
from migration.text.dotted_names import char_before, is_word
from migration.text.passage import Passage, Place
from migration.text.paths import Found, anchors, follow

_DOTS = re.compile(rb"\.{1,2}(?:\\?/\.{1,2})*(?=\\?/(?:[\w*@]|\.\w))")
_ONLY_DOTS = re.compile(rb"(?:^|(?<=[ \t=:\"'(\[,]))(?P<dots>\.\.(?:/\.\.)*)(?=/?(?:[\s\"')\],;]|\Z))", re.MULTILINE)
_UPWARDS = re.compile(rb"(?:dirname|BASH_SOURCE|__dirname)[^\n]{0,40}?(?<![.\w])/?(\.\.(?:/\.\.)*)(?![\w./])")
_OWN_PLACE = re.compile(rb"(?:dirname[^\n]{0,30}|BASH_SOURCE\S{0,20}|__dirname[^\n]{0,8})\Z")
_SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".vue", ".svelte")  # ``{{`` is code there
# What may be left out behind the name of a module in JavaScript and in style sheets.
_LEFT_OUT = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".d.ts", ".json", ".scss", ".css", ".vue", ".svelte")


def relative(passage: Passage) -> Iterator[Reference]:
    """The paths in a text that start with ``./`` or ``../`` and name something from the file's own place."""
    data, moves, place, start = passage.data, passage.moves, passage.place, passage.start
    for match in _DOTS.finditer(data, start, passage.stop):
        found = follow(data, match.start(), match.end(), passage.stop)
        if found is None or found.glued or not found.path or not _opens(data, match.start(), start):
            continue
        if _in_tag(data, place, match.start(), start):
            continue
        written = plain(match[0]) + found.path
        target = posixpath.normpath(posixpath.join(place.directory, written))
        suffix = _suffix(moves, target)
        if suffix is None:
            continue
        new = moves.new_path(target + suffix).removesuffix(suffix) if suffix else moves.new_path(target)
        reference = _rewritten(passage, found, target, new)
        if reference is not None:
            yield reference


def upwards(passage: Passage) -> Iterator[Reference]:
    """The places in a script that moves where it goes up from its own directory, to be looked at."""
    moves, old = passage.moves, passage.place.directory
    new = posixpath.dirname(moves.new_path(passage.place.path))
    if old == new:
        return
    for match in _UPWARDS.finditer(passage.data):
        target = posixpath.normpath(posixpath.join(old, match[1].decode()))
        after = moves.new_path(target)
        if posixpath.normpath(posixpath.join(new, match[1].decode())) != after:
            yield passage.left(match.span(1), target, after, "goes up from the file's own place")


def dots_only(passage: Passage) -> Iterator[Reference]:
    """The paths of nothing but dots, ``../..``, in a file that moves to another depth: each as far up as it takes.

    In a document dots are dots, and ``..`` alone counts only as the value of an option or a setting.
    """
    moves, place = passage.moves, passage.place
    old, new = place.directory, posixpath.dirname(moves.new_path(place.path))
    if old == new or place.style == "prose":
        return
    for match in _ONLY_DOTS.finditer(passage.data, passage.start, passage.stop):
        written = match["dots"].decode()
        target = posixpath.normpath(posixpath.join(old, written))
        if target.startswith(".."):
            continue
        after = "." if target == "." else moves.new_path(target)
        meant = posixpath.relpath(after, new or ".")
        if meant == written:
            continue
        if after == target != "." and _goes_in_part(moves, target):
            yield passage.left(match.span("dots"), target, after, "the directory moves only in part")
        else:
            yield passage.rewritten(match.span("dots"), target, after, meant)


def beside(passage: Passage) -> Iterator[Reference]:
    """The paths in a text that go down from the file's own directory: ``warehouse/README.md``.

    Only a file that was there is surely meant, and in a list of patterns what is below the directory.
    """
    data, moves, place, start = passage.data, passage.moves, passage.place, passage.start
    own, stop = place.directory, passage.stop
    if not own:
        return  # what starts from here starts from the repo
    below = [path for path in anchors(moves)[0] if is_under(path, own) and path != own]
    names = [path[len(own) + 1 :] for path in below]
    if not any(name.rpartition("/")[2].encode() in data for name in names):
        return
    words = sorted((re.escape(name.encode()) for name in names), key=len, reverse=True)
    for match in re.finditer(rb"(?:%s)(?!\w)" % b"|".join(words), data[:stop]):
        found = follow(data, match.start(), match.end(), stop) if match.start() >= start else None
        lead = lead_of(data, match.start(), start) if found else None
        if found is None or lead is None or found.glued or _in_tag(data, place, match.start(), start):
            continue
        written = match[0].decode() + found.path
        target = f"{own}/{written}"
        patterns = place.style == "patterns" and (lead[0] in ("plain", "root"))
        directory = place.style == "text" and data[found.end - 1 : found.end] == b"/"
        known = target in moves.files or (directory and target in moves.directories)
        if not patterns and (lead[0] != "plain" or not known or written in moves.paths):
            continue
        reference = _rewritten(passage, found, target, moves.new_path(target))
        if reference is not None:
            here = "names this directory from the place of its file, which may not be meant"
            doubt = {
                "patterns": "a pattern can't leave the directory of its file",
                "python": "names this file from the place of the source, which may not be meant",
            }.get(place.style, here if target in moves.directories else None)
            yield reference if doubt is None else reference.left(doubt)


def _in_tag(data: bytes, place: Place, at: int, start: int) -> bool:
    """Whether a text stands in a tag of a template: ``{% include "x.html" %}``."""
    if place.style == "python":
        return False
    tags = ((b"{%", b"%}"),) if place.path.endswith(_SCRIPTS) else ((b"{%", b"%}"), (b"{{", b"}}"))
    opened, closed = (max(data.rfind(pair[side], start, at) for pair in tags) for side in (0, 1))
    return opened > closed


def _opens(data: bytes, at: int, start: int) -> bool:
    """Whether a relative path can start here."""
    char = char_before(data, at, start)
    if char == "/":
        return _OWN_PLACE.search(data, max(start, at - 60), at - 1) is not None
    return not (is_word(char) or char in (".", "-", "@", "~", "$", "%", "\\", "*"))


def _suffix(moves: Moves, target: str) -> str | None:
    """What must be added to a path for it to name something: ``""`` where it does, None where nothing helps."""
    if target in moves.files or target in moves.directories or target in moves.paths:
        return ""
    found = (suffix for suffix in _LEFT_OUT if target + suffix in moves.files or target + suffix in moves.paths)
    first = next(found, None)
    if first is None and moves.new_path(target) != target and "." in posixpath.basename(target):
        return ""  # a file that is made there
    return first


def _rewritten(passage: Passage, found: Found, target: str, new: str) -> Reference | None:
    """The reference for a path from the file's own place, None where the text stays right."""
    data, moves = passage.data, passage.moves
    here = posixpath.dirname(moves.new_path(passage.place.path))
    end = found.end - (data[found.end - 1 : found.end] == b"/")
    end -= data[end - 1 : end] == b"\\" and end < found.end
    written = data[found.start : end]
    if posixpath.normpath(posixpath.join(here, plain(written))) == new:
        return None
    text = posixpath.relpath(new, here or ".")
    if not text.startswith(".") and written.startswith(b"."):
        text = "./" + text
    if new == target and moves.directories.get(target) is None and _goes_in_part(moves, target):
        return passage.left((found.start, end), target, new, "the directory moves only in part")
    return passage.rewritten((found.start, end), target, new, like(written, text))


def _goes_in_part(moves: Moves, target: str) -> bool:
    return target in anchors(moves)[1]
