"""In which register a text names something: what looks like a module's name or path and is another thing's (pure).

A table ``shop.stock``, the namespace of a schema, a group of entry points, the key of a message, a route
``/shop/stock/``, the label of a document: each is a name of its own, kept by others (a database, readers of the
data, other distributions, translators, browsers). It stays when a package of the same name moves. Where the
spot says so, the reason is given; everywhere else the name is taken for what it looks like.
"""

from __future__ import annotations

import re

from migration.text.passage import Passage

TABLE = "the name of a table, as the database keeps it"
STORAGE = "a directory of a storage, where files lie already"
QUEUE = "the name of a queue, topic or bucket"
GROUP = "a group of entry points, which other distributions know"
SCHEMA = "the namespace of a schema, which readers of the data know"
MESSAGE = "the key of a message in a catalogue"
LABEL = "the label of a document"
KEY = "the key of something that is stored"

_CATALOGUES = re.compile(
    r"(?:^|/)(?:locales?|i18n|translations?|langs?|languages?|messages)/.*"
    r"\.(?:json5?|ya?ml|properties|arb|ftl|toml|strings)"
)
_SCHEMAS = re.compile(r".*\.(?:avsc|avdl|avpr|proto|thrift|xsd|wsdl)")
_KEY = rb"[\"']?[ \t]*(?:[:=]|=>|:=)[ \t]*[\"']?"
_IN_FRONT: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    (LABEL, re.compile(rb"(?::(?:std:)?(?:ref|numref|term|keyword):`(?:[^`<\n]*<)?~?!?|^[ \t]*\.\.[ \t]+_)\Z", re.M)),
    (GROUP, re.compile(rb"^[ \t]*\[(?:project\.entry-points|tool\.poetry\.plugins)\.[\"']?\Z", re.MULTILINE)),
    (TABLE, re.compile(rb"\b(?:db_table|table(?:_?name)?|__tablename__)" + _KEY + rb"\Z", re.IGNORECASE)),
    (QUEUE, re.compile(rb"\b(?:topics?|queues?|exchange|routing[_-]key|bucket|stream|channel)" + _KEY + rb"\Z", re.I)),
    (STORAGE, re.compile(rb"\bupload_to" + _KEY + rb"\Z")),
)
_NAMESPACE = re.compile(rb"[\"']namespace[\"'][ \t]*:[ \t]*[\"']\Z")
_IS_A_KEY = re.compile(rb"[\w.\-]*[\"']?[ \t]*[:=]")
_GROUP_OF_SETUP = re.compile(rb"[\w.\-]+[ \t]*=[ \t]*\r?\n[ \t]+\S")
_SECTION = re.compile(rb"^\[([^\]\n]+)\]", re.MULTILINE)
_ROUTE = re.compile(
    rb"(?:\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT)[ \t]+[\"'`]?"
    rb"|\b(?i:url|uri|route|endpoint|location|href|action|disallow|allow|path_prefix|pathprefix|base_?path)[\"']?"
    rb"[ \t]*[:=~][ \t]*[\"'^]?|\blocation[ \t]+(?:[=~^*]+[ \t]*)?)\Z"
)


def register(passage: Passage, start: int, end: int) -> str:
    """What a dotted name (or path) at a place is, where it is no module's and no file's; else ``""``.

    :param start: where the name starts in the passage's data.
    :param end: where it ends.
    """
    data, path = passage.data, passage.place.path
    line = data.rfind(b"\n", 0, start) + 1
    before = data[max(line, start - 200, passage.start) : start]
    for reason, pattern in _IN_FRONT:
        if pattern.search(before):
            return reason
    if _NAMESPACE.search(before) and (_SCHEMAS.fullmatch(path) or b'"type"' in data or b"'type'" in data):
        return SCHEMA
    if _CATALOGUES.search(path) and not before.strip(b" \t\"'-{,") and _IS_A_KEY.match(data, end):
        return MESSAGE
    if path.endswith("setup.cfg") and start == line and _GROUP_OF_SETUP.match(data, start):
        sections = [*_SECTION.finditer(data, 0, start)]
        return GROUP if sections and sections[-1][1] == b"options.entry_points" else ""
    return ""


def is_route(data: bytes, start: int, at: int) -> bool:
    """Whether a path that starts with a slash, at an offset, is one of a web server by what stands in front of it.

    :param start: where the text starts.
    """
    return _ROUTE.search(data, max(start, at - 60), at) is not None
