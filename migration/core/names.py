"""Dotted module names and the paths they live at (pure).

Paths are POSIX paths relative to the repo, as git prints them. A *root* is a directory that is
on ``sys.path``, in the same form; the repo itself is ``"."``.
"""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Iterable

_MOST_PARTS = 100
PYTHON_SUFFIXES = (".py", ".pyi")
_MIGRATION = re.compile(r"[0-9]+_\w+")
# What git takes for a git directory on any system, and so refuses to track (core.protectNTFS, core.protectHFS):
# https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreprotectNTFS
_GIT_DIRECTORY = re.compile(r"(?:\.git|git~1)[ .]*(?::.*)?", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
MAX_PART = 255  # what file systems take
MAX_PATH = 3900  # PATH_MAX is 4,096, and the repo's own path comes before


def printable(path: str) -> str:
    """A path (or a text with paths) for people and for YAML: bytes that are no UTF-8 as escapes."""
    escaped = re.sub("[\udc80-\udcff]", lambda match: f"\\x{ord(match[0]) - 0xDC00:02x}", path)
    return escaped.encode(errors="backslashreplace").decode()


def is_python(path: str) -> bool:
    """Whether ``path`` is Python source (``.py``) or a stub (``.pyi``)."""
    return path.endswith(PYTHON_SUFFIXES)


def compiled_from(path: str) -> str:
    """The path of the Python file that would have the same module name as a Cython source (``.pyx``, ``.pxd``).

    Any other path is given back as it is.
    """
    return path[:-4] + ".py" if path.endswith((".pyx", ".pxd")) else path


def is_under(path: str, directory: str) -> bool:
    """Whether ``path`` is ``directory`` or lies below it; ``"."`` holds everything."""
    return directory == "." or path == directory or path.startswith(directory + "/")


def is_within(name: str, package: str) -> bool:
    """Whether the dotted ``name`` is ``package`` or one of the names below it."""
    return name == package or name.startswith(package + ".")


def parent(name: str) -> str:
    """The dotted name without its last part; ``""`` for a top-level name."""
    return name.rpartition(".")[0]


def last_part(name: str) -> str:
    """The last part of a dotted name."""
    return name.rpartition(".")[2]


def prefixes(name: str) -> Iterable[str]:
    """``name`` and its parents, longest first: ``a.b.c``, ``a.b``, ``a``."""
    while name:
        yield name
        name = parent(name)


def swap_prefix(name: str, old: str, new: str) -> str:
    """``name`` with its leading ``old`` replaced by ``new``; ``name`` must be within ``old``."""
    return new + name[len(old) :]


def path_under(directory: str, *parts: str) -> str:
    """The path of ``parts`` below ``directory``, without a leading ``./``."""
    joined = "/".join(part for part in parts if part)
    if directory == "." or not joined:
        return joined or directory
    return f"{directory}/{joined}"


def directories_of(paths: Iterable[str]) -> set[str]:
    """Every directory that holds one of the files, at any depth; without the repo itself."""
    found: set[str] = set()
    for path in paths:
        directory = path.rpartition("/")[0]
        while directory and directory not in found:  # else those above it are there, too
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return found


def root_of(path: str, roots: Iterable[str]) -> str | None:
    """The most specific root that holds ``path``, or None."""
    holding = [root for root in roots if is_under(path, root)]
    return max(holding, key=lambda root: 0 if root == "." else len(root), default=None)


def module_of(path: str, roots: Iterable[str]) -> str | None:
    """The dotted name under which Python imports the file, or None where it can't.

    ``pkg/__init__.py`` is the package ``pkg``. A file whose path holds a part that is no
    identifier (``management-scripts/x.py``) has no importable name; but Django imports migrations,
    which start with a digit, by their names.
    """
    if not is_python(path):
        return None
    directory, _, file = path.rpartition("/")
    package, name = _dotted(directory, tuple(roots)), file.rpartition(".")[0]
    if package is None:
        return None
    if name == "__init__":
        return package or None
    if not (name.isidentifier() or (package and _MIGRATION.fullmatch(name))):
        return None
    return f"{package}.{name}" if package else name


@functools.lru_cache(maxsize=1 << 16)
def _dotted(directory: str, roots: tuple[str, ...]) -> str | None:
    """The dotted name of a directory, ``""`` for a root; a tree has far fewer of them than files."""
    if (root := root_of(directory, roots)) is None:
        return None
    inner = directory if root == "." else directory[len(root) + 1 :]
    parts = inner.split("/") if inner else []
    return ".".join(parts) if all(part.isidentifier() for part in parts) else None


def is_package_file(path: str) -> bool:
    """Whether the file is the ``__init__`` of a package."""
    return path.rpartition("/")[2] in ("__init__.py", "__init__.pyi")


def package_of(path: str, module: str) -> str:
    """The package against which relative imports in the file are resolved (``__package__``)."""
    return module if is_package_file(path) else parent(module)


def name_problem(name: str) -> str | None:
    """Why ``name`` is no dotted module name, or None if it is one."""
    for part in name.split("."):
        if not part.isidentifier():
            return f"{part!r} is not a Python identifier"
        if keyword.iskeyword(part):
            return f"{part!r} is a Python keyword"
        if len(part.encode()) > 250:
            return f"{part[:20]}… is too long for the name of a file"
    if name.count(".") >= _MOST_PARTS:
        return f"it has {name.count('.') + 1} parts, and may have {_MOST_PARTS}"
    return "it is too long for a path" if len(name.encode()) > 2000 else None


def path_problem(value: str) -> str | None:
    """Why ``value`` is no path inside the repo, or None if it is one."""
    if not value:
        return "is empty"
    if value.startswith("/") or re.match(r"[A-Za-z]:[\\/]", value):
        return "is absolute; paths are relative to the repo"
    parts = value.split("/")
    if ".." in parts:
        return "leaves the repo or goes through ..; write the plain path"
    if any(_GIT_DIRECTORY.fullmatch(_UNSEEN.sub("", part)) for part in parts):
        return "lies in a git directory"
    if value != "." and any(part in ("", ".") for part in parts):
        return "has an empty or . part; write the plain path"
    if "\0" in value:
        return "holds a NUL byte"
    sizes = [len(part.encode(errors="replace")) for part in parts]
    if max(sizes) > MAX_PART or sum(sizes) + len(parts) > MAX_PATH:
        return f"is too long: no part may hold more than {MAX_PART} bytes, nor the whole more than {MAX_PATH:,}"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "is not UTF-8, so moves.yml can't hold it"
    return None
