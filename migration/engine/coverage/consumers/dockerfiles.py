"""Dockerfiles: what ``COPY`` and ``ADD`` take into an image. https://docs.docker.com/reference/dockerfile/#copy"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Directory, Glob, Pattern, is_file
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_STEP = re.compile(r"^[ \t]*(?P<step>COPY|ADD|FROM)\b(?P<words>(?:\\\r?\n|[^\r\n])*)", re.M | re.I)
_REMOTE = re.compile(r"[a-z][\w+.-]*://|git@|<<", re.I)


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The sources that one Dockerfile copies, by stage of the build."""
    found: list[Entry] = []
    stage = 0
    for step in _STEP.finditer(text):
        if step["step"].upper() == "FROM":
            stage += 1
            continue
        words = list(_words(step))
        options = [word for word, _ in words if word.startswith("--")]
        words = [(word, at) for word, at in words if not word.startswith("--")]
        if len(words) < 2 or any(option.startswith("--from") for option in options):
            continue
        if any(_REMOTE.match(word) for word, _ in words):
            continue
        *sources, (target, _) = words
        base = _context(path, [word for word, _ in sources], context)
        found += _entries(path, text, step, sources, target, base, f"stage {stage}")
    return [Group("Dockerfile: COPY", tuple(found))]


def _words(step: re.Match[str]) -> Iterator[tuple[str, int]]:
    body = step["words"].strip()
    if body.startswith("["):
        try:
            names = json.loads(body)
        except ValueError:
            return
        at = step.start("words")
        for name in names if isinstance(names, list) else ():
            at = step.string.find(json.dumps(name), at) + 1
            yield str(name), at
        return
    for match in re.finditer(r"(?:\\\r?\n)|[\"']?([^\s\\\"']+)[\"']?", step["words"]):
        if match[1]:
            yield match[1], step.start("words") + match.start(1)


def _context(path: str, sources: list[str], context: Context) -> str:
    """The directory that a build starts from: the nearest one that holds what is copied."""
    directory = directory_of(path)
    while True:
        named = [posixpath.normpath(posixpath.join(directory, source.lstrip("/"))) for source in sources]
        if all("$" in one or "*" in one or one in context.directories or one in context.files for one in named):
            return directory
        if directory == ".":
            return "."
        directory = posixpath.dirname(directory) or "."


def _entries(
    path: str, text: str, step: re.Match[str], sources: list[tuple[str, int]], target: str, base: str, stage: str
) -> Iterator[Entry]:
    for source, at in sources:
        wild = re.search(r"[*?\[]", source)
        pattern: Pattern = Glob(source.lstrip("/"), base, True) if wild else Directory(source.lstrip("/"), base)
        alone = len(sources) == 1 and not wild and "\n" not in step[0]
        end = step.end("words")
        spot = TextSpot(text, at, end, "line") if alone else TextSpot(text, at, at + len(source), "only")

        def write(new: str, source: str = source, target: str = target, rest: str = text[at:end]) -> str:
            return new + rest[len(source) :].replace(target, _beside(source, target, new))

        yield Entry(path, source, spot, pattern, "copied", stage, write=write)


def _beside(source: str, target: str, new: str) -> str:
    """Where something goes that is copied from beside: ``COPY src/shop /app/shop`` takes ``src/x`` to ``/app/x``."""
    old, to = source.strip("/").split("/"), target.rstrip("/").split("/")
    while old and to and old[-1] == to[-1] and old != ["."]:
        old, to = old[:-1], to[:-1]
    above = "/".join(old)
    inner = new.strip("/").removeprefix("./").removeprefix(above + "/" if above and above != "." else "")
    slash = "/" if target.endswith("/") and not is_file(new) else ""
    lead = "/".join(to)
    return f"{lead}/{inner}{slash}" if lead or target.startswith("/") else f"{inner}{slash}"
