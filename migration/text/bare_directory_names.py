"""A directory that moves, named by nothing but its last part, in settings of tools (pure).

``testpaths = warehouse`` in ``posthog/tox.ini`` means ``posthog/warehouse``, and so may ``"warehouse"`` in
``packages``, where ``package-dir`` says ``posthog``. Anywhere else the word is a word. What it becomes can't
be told, as most tools can't look out of their directory: it is listed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migration.core.names import last_part
from migration.core.references import Reference
from migration.text.passage import Passage
from migration.text.paths import anchors

_FILES = re.compile(
    r"pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc|package\.json|[jt]sconfig(?:\.\w+)?\.json"
    r"|\.?(?:mypy|pytest|ruff|flake8|isort|pylintrc|importlinter)(?:\.(?:ini|toml|cfg))?|\.isort\.cfg"
)
# Settings whose values are modules, packages or directories; what stands behind one, up to the next.
_SETTING = re.compile(
    rb"(?:^|[{,])[ \t]*[\"']?(?:packages|py[_-]modules|known[_-](?:first[_-]party|local[_-]folder)"
    rb"|source(?:_pkgs)?|testpaths|src|root[_-]packages?|modules|files|include|(?:extend[_-])?exclude|omit"
    rb"|norecursedirs|skip)[\"']?[ \t]*[=:]"
    rb"(?:[ \t]*\[[^\]]*\]|[^\n]*(?:\n[ \t]+[^\n=:\[]+(?=\n|\Z))*)",
    re.MULTILINE,
)
_SECTION = re.compile(rb"^\[mypy-([^\]\n]+)\]", re.MULTILINE)
_ITEM = rb"(?:(?<=\[mypy-)|(?<![\w./\-@*]))%s(?=(?:\.(?!py\b)[\w.*]+|\*|/[\w.*/\-]*)?(?![\w./\-@*]))"
_ROOT = (
    rb"(?:\b(?:where|pythonpath|mypy_path|src|source_roots|namespace-root)\b[\"']?[ \t]*[=:][^\n]*"
    rb"|\bpackage[_-]dir\b[\"']?[ \t]*[=:][^\n]*(?:\n[ \t]+)?[^\n]*|^\"\"[ \t]*=[^\n]*)"
    rb"(?<![\w./-])(?:\./)?%s/?(?![\w./-])"
)


def bare(passage: Passage) -> Iterator[Reference]:
    """The directories and packages that settings name by the last part alone: all listed.

    :param passage: a whole file.
    """
    data = passage.data
    if _FILES.fullmatch(posixpath.basename(passage.place.path)) is None:
        return
    for old, new in _below(passage).items():
        leaf = re.escape(posixpath.basename(old).encode())
        item = re.compile(_ITEM % leaf)
        for setting in [*_SETTING.finditer(data), *_SECTION.finditer(data)]:
            for match in item.finditer(data, setting.start(setting.re.groups), setting.end(setting.re.groups)):
                if data[match.end() : match.end() + 2].lstrip()[:1] not in (b"=", b":"):
                    reason = f"may mean {old}, from {posixpath.dirname(old)}/"
                    yield passage.left(match.span(), old, new, reason)


def _below(passage: Passage) -> dict[str, str]:
    """The directories that move and lie in the file's own, or in one that the file says modules are found from."""
    data, moves, place = passage.data, passage.moves, passage.place
    found = {}
    for old, new in anchors(moves)[0].items():
        above = posixpath.dirname(old)
        if old not in moves.directories or posixpath.basename(old).encode() not in data or not above:
            continue
        inner = posixpath.relpath(above, place.directory or ".")
        is_there = last_part(old.replace("/", ".")) in moves.modules or posixpath.basename(old) in moves.paths
        if inner == "." or (not inner.startswith("..") and not is_there and _says(data, inner)):
            found[old] = new
    return found


def _says(data: bytes, directory: str) -> bool:
    """Whether a file says that modules are found from a directory."""
    return re.search(_ROOT % re.escape(directory.encode()), data, re.MULTILINE) is not None
