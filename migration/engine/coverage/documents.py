"""Configuration files by key: what stands under ``tool.mypy.files``, and where (pure).

TOML, INI, YAML and JSON give the same: for each key that is asked for its entries with their places. The places of
TOML are worked out only when somebody asks for one, since its parsers don't keep them.
"""

from __future__ import annotations

import functools
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from migration.engine.coverage.spots import Spot, Style, TextSpot

Split = Literal["item", "words", "commas", "key"]
_SENTINEL = "phased-migration-place"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECTION = re.compile(r"\[([^\]\n]+)\]")
_NO_JSON = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_OPTION = re.compile(r"([^\s=:#;\[][^=:\n]*?)[ \t]*[=:][ \t]*")
Found = tuple[str, Spot]


def entries(
    path: str, text: str, keys: Sequence[str], split: Split = "item"
) -> Iterator[tuple[tuple[str, ...], Found]]:
    """What stands under a key, one by one.

    :param path: tells the format.
    :param keys: the key from the top; ``*`` stands for each key, and for each item of a list.
    :param split: whether a text is one entry, or holds several parted by blanks or by commas; ``key``: the keys
        themselves are the entries.
    :returns: the keys that the stars stood for, the entry, and its place.
    :raises ValueError: if the file can't be parsed.
    """
    if path.endswith(".toml") or posixpath.basename(path) in ("Pipfile",):
        return _toml(text, keys, split)
    if path.endswith((".yml", ".yaml", ".json", ".jsonc", ".webmanifest")):
        return _yaml(text, keys, split)
    return _ini(text, keys, split)


def value(path: str, text: str, keys: Sequence[str]) -> Any:
    """The plain value under a key of a TOML file; None where there is none.

    :raises ValueError: if the file can't be parsed.
    """
    found: Any = _parsed(text) if path.endswith(".toml") else None
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


# TOML


@functools.lru_cache(maxsize=32)
def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


@functools.lru_cache(maxsize=4)
def _document(text: str) -> str:
    """The same text, if tomlkit gives it back unchanged; else ""."""
    import tomlkit  # few moves need it, and it takes a while to load

    try:
        return text if tomlkit.parse(text).as_string() == text else ""
    except ValueError:  # what tomlkit raises
        return ""


@dataclass(frozen=True)
class TomlSpot:
    """The place of a value of a TOML file, worked out when it is asked for.

    :param keys: from the top; numbers are those of items.
    :param part: the span of a word within the value; None: the whole of it.
    """

    text: str
    keys: tuple[str | int, ...]
    style: Style
    part: tuple[int, int] | None = None
    value: str = ""
    comma: bool = False

    @property
    def line(self) -> int:
        """The number of its line, from 1; 0 where it can't be told."""
        return self._spot.line if self._spot else 0

    def beside(self, new: Sequence[str]) -> str | None:
        """The text with more entries beside it."""
        spot = self._spot
        if spot is None or any(character in one for one in new for character in "\"'\\"):
            return None
        return spot.beside(new)

    def replaced(self, entry: str) -> str | None:
        """The text with another entry in its place."""
        spot, span = self._spot, _span(self.text, self.keys)
        if spot is None or span is None:
            return None
        literal = self.text[span[0]] == "'"
        if literal and "'" in entry:
            return None
        return spot.replaced(entry if literal else entry.replace("\\", "\\\\").replace('"', '\\"'))

    @functools.cached_property
    def _spot(self) -> TextSpot | None:
        if self.style == "pair":
            return self._of_key()
        span = _span(self.text, self.keys)
        if span is None:
            return None
        start, end = span
        raw = self.text[start:end]
        width = 3 if raw[:3] in ('"""', "\'\'\'") else 1
        start, end = start + width, end - width
        if width == 3 and (first := re.match(r"\r?\n", self.text[start:end])):  # which is none of the value
            start += first.end()
        if self.part is not None:
            word = self.value[slice(*self.part)]
            at = self.text.find(word, start, end) if self.text[start:end] != self.value else start + self.part[0]
            if at < 0:
                return None
            start, end = at, at + len(word)
        return TextSpot(self.text, start, end, self.style, self.comma)

    def _of_key(self) -> TextSpot | None:
        """The place of a key in a table that has a line for each."""
        span = _span(self.text, self.keys)
        if span is None:
            return None
        first = self.text.rfind("\n", 0, span[0]) + 1
        at = self.text.find(self.value, first, span[0])
        if at < 0 or self.text[first:at].strip().strip("\"'"):
            return None
        last = self.text.find("\n", span[1])
        whole = (first, len(self.text) if last < 0 else last)
        return _KeyLine(self.text, at, at + len(self.value), "line", whole=whole)


@dataclass(frozen=True)
class _KeyLine(TextSpot):
    """A key with its value, over one line or several."""

    whole: tuple[int, int] = (0, 0)

    def beside(self, entries: Sequence[str]) -> str | None:
        """The text with the same value under more keys."""
        first, last = self.whole
        return self._lines(first, last, entries)


def _span(text: str, keys: tuple[str | int, ...]) -> tuple[int, int] | None:
    """Where the value under a key of a TOML text is written: tomlkit gives the text back with another one there."""
    import tomlkit

    if not _document(text):
        return None
    node: Any = tomlkit.parse(text)
    document = node
    try:
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = _SENTINEL
        out = document.as_string()
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    mark = f'"{_SENTINEL}"'
    start = out.find(mark)
    end = len(text) - (len(out) - start - len(mark))
    fits = start >= 0 and text[:start] == out[:start] and text[end:] == out[start + len(mark) :]
    return (start, end) if fits and start < end else None


def _toml(text: str, keys: Sequence[str], split: Split) -> Iterator[tuple[tuple[str, ...], Found]]:
    for node, path, stars in _nodes(_parsed(text), keys, (), ()):
        if split == "key":
            for key in node if isinstance(node, dict) else ():
                yield stars, (key, TomlSpot(text, (*path, key), "pair", value=key))
        elif isinstance(node, str):
            for part, start, end in _parts(node, split):
                style: Style = "only" if split == "item" else "words"
                piece = None if split == "item" else (start, end)
                yield stars, (part, TomlSpot(text, path, style, piece, node, split == "commas"))
        elif isinstance(node, list):
            for number, item in enumerate(node):
                if isinstance(item, str):
                    yield stars, (item, TomlSpot(text, (*path, number), "item"))


def _nodes(
    node: Any, keys: Sequence[str], path: tuple[str | int, ...], stars: tuple[str, ...]
) -> Iterator[tuple[Any, tuple[str | int, ...], tuple[str, ...]]]:
    if not keys:
        yield node, path, stars
    elif keys[0] != "*":
        if isinstance(node, dict) and keys[0] in node:
            yield from _nodes(node[keys[0]], keys[1:], (*path, keys[0]), stars)
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from _nodes(item, keys[1:], (*path, key), (*stars, str(key)))
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _nodes(item, keys[1:], (*path, number), (*stars, str(number)))


def _parts(text: str, split: Split) -> Iterator[tuple[str, int, int]]:
    if split == "item":
        yield text, 0, len(text)
        return
    for match in re.finditer(r"[^\s,]+" if split == "commas" else r"\S+", text):
        yield match[0], match.start(), match.end()


# INI


@functools.lru_cache(maxsize=32)
def options(text: str) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Where the value of each option of an INI file stands: (section, option) -> span, later lines included.

    Sections and options are given with their names as they are written, options in small letters.
    """
    found: dict[tuple[str, str], tuple[int, int]] = {}
    section, current, offset = "", None, 0
    for line in text.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        body = line.strip()
        if not body or body[0] in "#;":
            continue
        head = _SECTION.match(line)
        option = _OPTION.match(line)
        if head:
            section, current = head[1].strip(), None
            found[section, ""] = (start + 1, start + 1 + len(head[1]))
        elif line[0] in " \t" and current:
            found[current] = (found[current][0], start + len(line.rstrip()))
        elif option:
            current = (section, option[1].strip().lower())
            found[current] = (start + option.end(), start + len(line.rstrip()))
        else:
            current = (section, body.lower())
            found[current] = (start + len(line.rstrip()), start + len(line.rstrip()))
    return found


def _ini(text: str, keys: Sequence[str], split: Split) -> Iterator[tuple[tuple[str, ...], Found]]:
    section, option = (".".join(keys[:-1]), keys[-1]) if len(keys) > 1 else ("", keys[0])
    for (name, key), (start, end) in options(text).items():
        stars = _star(section, name)
        if stars is None or (key != option if split != "key" else key == ""):
            continue
        if split == "key":
            yield stars, (key, TextSpot(text, text.rfind("\n", 0, start) + 1, end, "only"))
            continue
        lines = "\n" in text[start:end]
        for part, first, last in _pieces(text, start, end, split):
            style: Style = "lines" if lines else "words"
            yield stars, (part, TextSpot(text, first, last, style, split == "commas" or "," in text[start:end]))


def _star(pattern: str, name: str) -> tuple[str, ...] | None:
    if "*" not in pattern:
        return () if pattern == name else None
    head, _, tail = pattern.partition("*")
    fits = name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
    return (name[len(head) : len(name) - len(tail)],) if fits else None


def _pieces(text: str, start: int, end: int, split: Split) -> Iterator[tuple[str, int, int]]:
    """The parts of a value of an INI file; comments between its lines are none."""
    offset = start
    for line in text[start:end].splitlines(keepends=True):
        body = "" if line.lstrip()[:1] in ("#", ";") else re.sub(r"\s[#;].*", "", line.rstrip("\r\n"))
        if split == "item" and body.strip():
            indent = len(body) - len(body.lstrip())
            stripped = body.strip().rstrip(",")
            yield stripped, offset + indent, offset + indent + len(stripped)
        elif split != "item":
            for part, first, last in _parts(body, split):
                yield part, offset + first, offset + last
        offset += len(line)


# YAML, and JSON with it


@functools.lru_cache(maxsize=32)
def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def composed(text: str) -> yaml.Node | None:
    """The first document of a YAML text; comments of JSON (``//``) count as blanks.

    :raises ValueError: if it can't be parsed.
    """
    if text.lstrip()[:1] in ("{", "["):
        blank = _NO_JSON.sub(lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text)
        return _composed(blank.replace("\t", " "))
    return _composed(text)


def _yaml(text: str, keys: Sequence[str], split: Split) -> Iterator[tuple[tuple[str, ...], Found]]:
    top = composed(text)
    for node, stars in _yaml_nodes(top, keys, ()) if top is not None else ():
        if split == "key" and isinstance(node, yaml.MappingNode):
            for key, item in node.value:
                yield stars, (str(key.value), _yaml_spot(text, key, "pair", item.end_mark.index))
        elif isinstance(node, yaml.ScalarNode):
            spot = _yaml_spot(text, node, "only")
            if split == "item":
                yield stars, (str(node.value), spot)
            else:
                for part, first, last in _parts(text[spot.start : spot.end], split):
                    place = TextSpot(text, spot.start + first, spot.start + last, "words", split == "commas")
                    yield stars, (part, place)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                if isinstance(item, yaml.ScalarNode):
                    yield stars, (str(item.value), _yaml_spot(text, item, "item" if node.flow_style else "block"))


def _yaml_nodes(
    node: yaml.Node, keys: Sequence[str], stars: tuple[str, ...]
) -> Iterator[tuple[yaml.Node, tuple[str, ...]]]:
    if not keys:
        yield node, stars
    elif isinstance(node, yaml.MappingNode):
        for key, item in node.value:
            if keys[0] in ("*", key.value):
                yield from _yaml_nodes(item, keys[1:], (*stars, str(key.value)) if keys[0] == "*" else stars)
    elif isinstance(node, yaml.SequenceNode) and keys[0] == "*":
        for number, item in enumerate(node.value):
            yield from _yaml_nodes(item, keys[1:], (*stars, str(number)))


@dataclass(frozen=True)
class _Block(TextSpot):
    """A text in lines of its own (``|``), from the one below the key on."""

    indent: str = ""

    def replaced(self, entry: str) -> str:
        """The text with another one in its place, at the same indent."""
        lines = "".join(self.indent + line if line.strip() else line for line in entry.splitlines(keepends=True))
        return self.text[: self.start] + lines + self.text[self.end :]


def _yaml_spot(text: str, node: yaml.ScalarNode, style: Style, pair_end: int = 0) -> TextSpot:
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        start = text.find("\n", start) + 1
        indent = re.match(r"[ \t]*", text[start:])
        return _Block(text, start, end, "only", indent=indent[0] if indent else "")
    if text[start : start + 1] in ("'", '"'):
        start, end = start + 1, end - 1
    else:
        end = start + len(text[start:end].rstrip())
    return TextSpot(text, start, end, style, pair_end=pair_end)
