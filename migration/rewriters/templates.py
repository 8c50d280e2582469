"""Names that Django makes of places and labels: templates, tag libraries, admin URLs, permissions.

``shop/templates/stock/x.html`` is called ``stock/x.html``. Where only what stands before ``templates``
changes, so does nothing here; where the plan renames the part behind it, what loads the template follows.
When models get a new label, so do the names of their admin pages and permissions.
https://docs.djangoproject.com/en/stable/ref/contrib/admin/#reversing-admin-urls
https://docs.djangoproject.com/en/stable/topics/auth/default/#default-permissions
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.names import is_python, last_part, parent
from migration.core.references import Reference, TextFile
from migration.python.mentions import mentions
from migration.python.source_file import SourceFile
from migration.python.string_literals import pieces
from migration.python.strings_and_comments import texts

KIND = "template"
URL = "url name"
PERMISSION = "permission"

_TAG = re.compile(rb"\{%-?\s*(?P<tag>\w+)(?P<body>.*?)[-+]?%\}|\{\{(?P<value>.*?)\}\}", re.DOTALL)
_QUOTED = re.compile(rb"(?P<quote>[\"'])(?P<text>[^\"'\r\n]*)(?P=quote)")
_LOADED = re.compile(rb"[\w.]+")
_ENDING = re.compile(r".*\.(?:html?|txt|xml|jinja2?|j2|eml|mjml|md|svg|css|js)")
_DIRECTORIES = frozenset({"templates", "jinja2", "static"})
_FILE_CALLS = frozenset({"open", "Path", "join", "joinpath", "exists", "isfile"})
_DEFAULT = r"(?:add|change|delete|view)_"


@dataclass(frozen=True)
class _Names:
    """What changes, old -> new.

    :param files: names of templates and static files.
    :param directories: directories of such names, as far as they go together.
    :param tags: tag libraries.
    :param models: ``label.model`` in lower case, of models whose label changes.
    """

    files: Mapping[str, str]
    directories: Mapping[str, str]
    tags: Mapping[str, str]
    models: Mapping[str, str]
    urls: re.Pattern[str] = field(init=False)
    permissions: re.Pattern[str] = field(init=False)
    perms: re.Pattern[bytes] = field(init=False)
    pages: re.Pattern[bytes] = field(init=False)

    def __post_init__(self) -> None:
        pairs = [model.split(".", 1) for model in sorted(self.models)]
        stems = "|".join(re.escape(f"{label}_{model}") for label, model in pairs) or "(?!)"
        rights = "|".join(rf"{re.escape(label)}\.{_DEFAULT}{re.escape(model)}" for label, model in pairs) or "(?!)"
        pages = "|".join(re.escape(f"{label}/{model}") for label, model in pairs) or "(?!)"
        object.__setattr__(self, "urls", re.compile(rf"[\w-]+:(?P<stem>{stems})_\w*"))
        object.__setattr__(self, "permissions", re.compile(rights))
        object.__setattr__(self, "perms", re.compile(rf"(?<![\w.])perms\.(?P<name>{rights})(?!\w)".encode()))
        object.__setattr__(
            self, "pages", re.compile(rf"/admin/(?P<name>{pages})(?=/(?![\w/]*\.\w)|[\"'?#\s])".encode())
        )

    def __bool__(self) -> bool:
        return bool(self.files or self.tags or self.models)


@once
def _names(moves: Moves) -> _Names:
    """What changes by a set of moves."""
    tags = {
        last_part(old): last_part(new)
        for old, new in moves.moved.items()
        if last_part(parent(old)) == "templatetags" and last_part(old) != last_part(new)
    }
    files = _changed({old: new for old, new in moves.files.items() if not is_python(old)})
    models = {old.lower(): new.lower() for old, new in moves.labels.items()}
    return _Names(files, _changed(moves.directories), tags, models)


def _changed(paths: Mapping[str, str]) -> dict[str, str]:
    """Of paths that move, the names behind ``templates`` or ``static`` that change."""
    names = {_template_name(old): _template_name(new) for old, new in paths.items()}
    return {old: new for old, new in names.items() if old and new and old != new}


def _template_name(path: str) -> str:
    """The name under which a template or static file is loaded, ``""`` where it is none."""
    parts = path.split("/")
    last = max((at for at, part in enumerate(parts) if part in _DIRECTORIES), default=len(parts))
    return "/".join(parts[last + 1 :])


@once
def needles(moves: Moves) -> tuple[bytes, ...]:
    """Byte strings of which a file must hold one for this kind to be in it."""
    names = _names(moves)
    words = {*names.files, *(f"{directory}/" for directory in names.directories), *names.tags}
    words |= {last_part(model) for model in names.models}
    words |= {posixpath.basename(name) for name in names.files}  # by a relative name
    return tuple(sorted(word.encode() for word in words))


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The names of this kind in the strings of a Python file, docstrings left out.

    :raises UnreadableSource: if the file can't be decoded or parsed.
    """
    names = _names(moves)
    words = needles(moves)
    if not names or not any(word in source.data for word in words):
        return
    labels = {model.partition(".")[0] + "." for model in names.models}
    for text in texts(source, mentions(source, {*(word.decode() for word in words), *labels})):
        node = text.node
        if text.is_doc or (isinstance(node, ast.Constant) and not isinstance(node.value, str)):
            continue
        found = _whole(source, moves, names, node, text.call)
        if found is not None:
            yield found
            continue
        for piece in pieces(source, node):
            for reference in _in_template(source.data, moves, names, source.path, piece.inner, piece.inner_end):
                if not any(start < reference.end and reference.start < end for start, end in piece.fields):
                    yield reference


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    """The names of this kind in the tags of a template, and admin pages in any file."""
    names = _names(moves)
    if names and any(word in text.raw for word in needles(moves)):
        yield from _in_template(text.raw, moves, names, text.path, 0, len(text.raw))


def _whole(
    source: SourceFile, moves: Moves, names: _Names, node: ast.Constant | ast.JoinedStr, call: str
) -> Reference | None:
    """What a string names as a whole, or by its head where it goes on in an expression."""
    found = pieces(source, node)
    if len(found) != 1:
        return None
    piece = found[0]
    value = source.data[piece.inner : piece.inner_end].decode()
    if value in moves.keep:
        return None
    head = isinstance(node, ast.JoinedStr) and piece.fields
    change = _named(names, value.partition("{")[0] if head else value, bool(head), value)
    if change is None:
        return None
    kind, old, new, offset = change
    start = piece.inner + len(value[:offset].encode())
    reference = Reference(kind, start, start + len(old.encode()), old, new, new)
    if kind != KIND and "/migrations/" in f"/{source.path}":
        return reference.left("a migration speaks of the past", kept=True)
    if kind == KIND and call in _FILE_CALLS:
        return reference.left("a template of this name moves; here it may be a file")
    return reference


def _named(names: _Names, text: str, head: bool, whole: str) -> tuple[str, str, str, int] | None:
    """Kind, old and new text and its offset, for what a string names; None if nothing that changes."""
    if text in names.files and not head:
        return KIND, text, names.files[text], 0
    if head or re.search(r"%[s(]|\{", text):
        for directory in sorted(names.directories, key=len, reverse=True):
            if text.startswith(directory + "/") and _ENDING.fullmatch(whole):
                return KIND, directory, names.directories[directory], 0
    if match := names.urls.fullmatch(text):
        return URL, match["stem"], _stem(names, match["stem"]), match.start("stem")
    if match := names.permissions.fullmatch(text):
        return PERMISSION, text, _permission(names, text), 0
    return None


def _in_template(data: bytes, moves: Moves, names: _Names, path: str, start: int, end: int) -> Iterator[Reference]:
    """The names in the tags of a template, and links to admin pages around them."""
    tags = list(_TAG.finditer(data, start, end)) if data.find(b"{", start, end) >= 0 else []
    for tag in tags:
        begin, stop = tag.span("body" if tag["tag"] else "value")
        if tag["tag"] == b"load":
            yield from _loaded(data, names, begin, stop)
        for match in names.perms.finditer(data, begin, stop):
            old = match["name"].decode()
            yield Reference(PERMISSION, *match.span("name"), old, _permission(names, old), _permission(names, old))
        for match in _QUOTED.finditer(data, begin, stop):
            text = match["text"].decode(errors="replace")
            change = None if text in moves.keep else _quoted(names, path, text)
            if change is not None:
                kind, old, new, offset = change
                at = match.start("text") + len(text[:offset].encode())
                yield Reference(kind, at, at + len(old.encode()), old, new, new)
    for match in names.pages.finditer(data, start, end):
        if not any(tag.start() <= match.start() < tag.end() for tag in tags):
            old = match["name"].decode()
            new = names.models[old.replace("/", ".", 1)].replace(".", "/", 1)
            yield Reference(URL, *match.span("name"), old, new, new)


def _loaded(data: bytes, names: _Names, start: int, end: int) -> Iterator[Reference]:
    """The libraries of ``{% load a b %}`` and ``{% load x from a %}``."""
    words = list(_LOADED.finditer(data, start, end))
    if len(words) > 2 and words[-2][0] == b"from":
        words = words[-1:]
    for word in words:
        old = word[0].decode(errors="replace")
        if old in names.tags:
            yield Reference(KIND, *word.span(), old, names.tags[old], names.tags[old])


def _quoted(names: _Names, path: str, text: str) -> tuple[str, str, str, int] | None:
    """The same as :func:`_named` for a string in a tag, where a name may be relative to the template's own."""
    if not text.startswith(("./", "../")):
        if text.endswith("/") and text[:-1] in names.directories:  # goes on in an expression
            return KIND, text[:-1], names.directories[text[:-1]], 0
        return _named(names, text, False, text)
    own = _template_name(path)
    if not own:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(own), text))
    new_own, new_target = names.files.get(own, own), names.files.get(target, target)
    there = posixpath.dirname(new_own)
    if posixpath.normpath(posixpath.join(there, text)) == new_target:
        return None
    new = posixpath.relpath(new_target, there or ".")
    return KIND, text, new if new.startswith(".") else f"./{new}", 0


def _stem(names: _Names, stem: str) -> str:
    old = next(model for model in names.models if model.replace(".", "_", 1) == stem)
    return names.models[old].replace(".", "_", 1)


def _permission(names: _Names, text: str) -> str:
    """``old.view_thing`` with the new label (and the model's name, which is part of the codename)."""
    label, _, codename = text.partition(".")
    action, _, model = codename.partition("_")
    new_label, _, new_model = names.models[f"{label}.{model}"].partition(".")
    return f"{new_label}.{action}_{new_model}"
