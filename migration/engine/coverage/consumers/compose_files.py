"""Compose files: directories that are mounted or watched.

https://docs.docker.com/reference/compose-file/services/#volumes
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.documents import entries
from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Directory
from migration.engine.coverage.values import Context, Entry, Group

_SHORT = re.compile(r"(?P<source>\.{1,2}(?:/[^:\s]*)?):(?P<target>[^:]+)(?P<mode>:.*)?")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The mounts of each service of one file.

    :raises ValueError: if it is no YAML.
    """
    if not path.endswith((".yml", ".yaml")) or "services" not in text:
        return []
    return [Group("compose: volumes", tuple(_entries(path, text)))]


def _entries(path: str, text: str) -> Iterator[Entry]:
    base = directory_of(path)
    for (service,), (volume, spot) in entries(path, text, ("services", "*", "volumes")):
        if match := _SHORT.fullmatch(volume):
            source, target, mode = match["source"], match["target"], match["mode"] or ""

            def write(new: str, source: str = source, target: str = target, mode: str = mode) -> str:
                tail = source.removeprefix("./").rstrip("/")
                above = target.rstrip("/").removesuffix(tail) if tail and target.rstrip("/").endswith(tail) else ""
                return f"{new}:{above}{new.removeprefix('./')}{mode}" if above else f"{new}:{target}{mode}"

            yield Entry(path, volume, spot, Directory(source, base), "mounted", service, write=write)
    for key in (("services", "*", "volumes", "*", "source"), ("services", "*", "develop", "watch", "*", "path")):
        for (service, *_), (source, spot) in entries(path, text, key):
            if source.startswith("."):
                yield Entry(path, source, spot, Directory(source, base), "mounted", f"{service} {key[-1]}")
