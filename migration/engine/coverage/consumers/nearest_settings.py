"""Settings that a tool looks for upwards from each file: the nearest file with them holds, or all above.

https://docs.astral.sh/ruff/configuration/#config-file-discovery, https://spec.editorconfig.org/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence

from migration.engine.coverage.documents import options, value
from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Everything, Glob, Place
from migration.engine.coverage.spots import File, TextSpot
from migration.engine.coverage.values import Context, Entry, Group, of_file

_NEAREST = {
    "eslint": (r"\.[cm]?[jt]sx?|\.vue", re.compile(r"\.eslintrc(?:\.\w+)?|eslint\.config\.\w+")),
    "prettier": (r"\.[cm]?[jt]sx?|\.s?css|\.json|\.md|\.ya?ml|\.html|\.vue",
                 re.compile(r"\.prettierrc(?:\.\w+)?|prettier\.config\.\w+")),
    "stylelint": (r"\.s?css|\.less", re.compile(r"\.stylelintrc(?:\.\w+)?|stylelint\.config\.\w+")),
    "TypeScript": (r"\.[cm]?tsx?", re.compile(r"tsconfig\.json")),
    "markdownlint": (r"\.md", re.compile(r"\.markdownlint(?:\.\w+)?")),
    "biome": (r"\.[cm]?[jt]sx?|\.css|\.json", re.compile(r"biome\.jsonc?")),
    "clang-format": (r"\.[ch](?:pp|xx)?|\.cc", re.compile(r"\.clang-format")),
}  # fmt: skip

_RUFF = re.compile(r".*\.(?:pyi?|ipynb)")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """Which files one file of settings holds for.

    :raises ValueError: if the file can't be read as what it is.
    """
    name, base = posixpath.basename(path), directory_of(path)
    if name.endswith("ruff.toml") or name == "pyproject.toml":
        return list(_ruff(path, text, name, base))
    if name == ".editorconfig":
        return [Group(".editorconfig: sections", tuple(_editorconfig(path, text, base)), "*")]
    for tool, (ends, names) in _NEAREST.items():
        if names.fullmatch(name):
            entry = Entry(path, name, File(), Everything(base), of_file(path), hint=_hint(path))
            return [Group(f"{tool}: settings", (entry,), "*", _ends(ends))]
    return []


def _ruff(path: str, text: str, name: str, base: str) -> Iterator[Group]:
    table = value(path, text, ("tool", "ruff") if name == "pyproject.toml" else ())
    if not isinstance(table, dict):
        return
    said = path
    if set(table) == {"extend"}:  # it stands for the other one
        said = posixpath.normpath(posixpath.join(base, str(table["extend"])))

    def twin(place: Place) -> tuple[str, str] | None:
        return "ruff.toml", f'extend = "{posixpath.relpath(path, place[1])}"'

    entry = Entry(path, name, File(), Everything(base), of_file(said), twin=twin)
    yield Group("ruff: settings", (entry,), "*", lambda old: _RUFF.fullmatch(old) is not None)


def _editorconfig(path: str, text: str, base: str) -> Iterator[Entry]:
    found = options(text)
    for (section, option), (start, end) in found.items():
        if section and option:
            first = found[section, ""][0]
            spot = TextSpot(text, first, first + len(section), "only")
            said = f"{option} = {text[start:end].strip()}"
            for one in _braces(section):
                yield Entry(path, f"[{section}]", spot, Glob(one, base, anchored="/" in one), said, option)


def _hint(path: str) -> Callable[[Place], str]:
    return lambda place: f"give {posixpath.dirname(place[1]) or 'the new place'} a file that extends {path}"


def _ends(pattern: str) -> Callable[[str], bool]:
    fits = re.compile(rf".*(?:{pattern})")
    return lambda path: fits.fullmatch(path) is not None


def _braces(glob: str) -> Iterator[str]:
    """``*.{py,js}`` as ``*.py`` and ``*.js``."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", glob)
    if match is None:
        yield glob
        return
    for one in match[1].split(","):
        yield from _braces(glob[: match.start()] + one + glob[match.end() :])
