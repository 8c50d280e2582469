"""Names of one word, as a package at the top has it, in places that can only mean a module or its directory (pure).

``warehouse`` is a word like any other: a service, an image, a section, a sentence. It is the package where the
place says so: behind ``python -m``, in ``gunicorn warehouse:app`` and ``warehouse = "warehouse:main"``, in keys
such as ``packages``, ``testpaths`` and ``known_first_party``, in a section ``[mypy-warehouse.*]``, behind
``automodule::``, as what a ``COPY`` takes. What it becomes follows from the register of the place: a dotted
name, or a path. Where a place may mean something else as well, it is listed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.text.dotted_names import is_alone
from migration.text.passage import Passage

Register = Literal["module", "directory", "either"]

_SETTINGS = re.compile(
    r"pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc"
    r"|\.?(?:mypy|pytest|ruff|flake8|isort|pylintrc|importlinter)(?:\.(?:ini|toml|cfg))?|\.isort\.cfg"
)
_BEHIND_A_KEY = rb"[\"']?[ \t]*[=:](?P<values>[ \t]*\[[^\]]*\]|[^\n]*(?:\n[ \t]+[^\n=:\[]+(?=\n|\Z))*)"
# Keys of settings whose values are modules, directories, or patterns that may be either; and programs of which
# the arguments are.
_KEYS: dict[Register, bytes] = {
    "module": (
        rb"packages|py[_-]modules|known[_-](?:first[_-]party|local[_-]folder)|source(?:[_-]pkgs)?|root[_-]packages?"
        rb"|application[_-]import[_-]names|(?:source|forbidden)[_-]modules|namespace[_-]packages|module(?:s|-name)?"
        rb"|include|qualname|top[_-]level"
    ),
    "directory": rb"testpaths|src|src[_-]paths|files|paths|mypy_path|pythonpath",
    "either": rb"(?:extend[_-])?exclude|omit|norecursedirs|skip(?:[_-]glob)?|extend[_-]skip",
}
_PROGRAMS: dict[Register, bytes] = {
    "module": rb"(?:daphne|dramatiq|granian|gunicorn|huey_consumer(?:\.py)?|hypercorn|uvicorn|uwsgi|waitress-serve)",
    "directory": (
        rb"(?:autoflake|autopep8|bandit|black|cd|codespell|cp|docformatter|du|find|flake8|interrogate|isort|ls|mypy"
        rb"|nose2|nosetests|py\.test|pydocstyle|pylint|pyright|pytest|pyupgrade|radon|rm|rsync"
        rb"|ruff(?:[ \t]+(?:check|format))?|tar|vulture|yapf)"
    ),
}
_COMMAND = rb"(?:^|[\s;&|(\"'`@-])(?:%s)(?P<arguments>[ \t][^\n;&|\"'`)]*)"
_SETTING: dict[Register, re.Pattern[bytes]] = {
    register: re.compile(rb"(?:^|[{,])[ \t]*[\"']?(?:%s)" % keys + _BEHIND_A_KEY, re.MULTILINE)
    for register, keys in _KEYS.items()
}
_CALLED: dict[Register, re.Pattern[bytes]] = {
    register: re.compile(_COMMAND % programs, re.MULTILINE) for register, programs in _PROGRAMS.items()
}
_VALUE = re.compile(rb"^[^\n=]+=(?P<value>[^\n]*)", re.MULTILINE)
_TAKES_NEXT = re.compile(rb"[ \t]--?[a-zA-Z][\w-]*[ \t]+\Z")
_SWITCH = re.compile(rb"[ \t](?:-[aflqrsvxR]{1,3}|--(?:check|diff|fix|strict|verbose|quiet|recursive|cov))[ \t]+\Z")
# What stands right in front of the word, and behind it, where the two alone make it a module.
_SIGNS: tuple[tuple[bytes, bytes], ...] = (
    (rb"\bpython[\w.]*\"?(?:[ \t]+-[a-zA-Z]+)*[ \t]+-m[ \t]+", rb""),
    (rb"\b(?:coverage|kernprof|pyinstrument|py-spy|viztracer|scalene|memray)[ \t][^\n;&|]*-m[ \t]+", rb""),
    (rb"\b(?:celery|flask)\b[^\n;&|]*[ \t](?:-A|--app)(?:[ \t]+|=)", rb""),
    (
        rb"(?<![\w-])--(?:cov|hidden-import|include-package|collect-(?:submodules|data|all)|package|pyargs|settings)"
        rb"(?:[ \t]+|=)",
        rb"",
    ),
    (rb"\bcoverage[ \t]+run\b[^\n;&|]*--source(?:[ \t]+|=)", rb""),
    (rb"\b(?:FLASK_APP|[A-Z_]*(?:SETTINGS|APP|WSGI|ASGI)_MODULE)[\"']?[ \t]*[=:][ \t]*[\"']?", rb""),
    (rb"^[ \t]*\.\.[ \t]+(?:py:)?(?:auto|current)?(?:module|package)::[ \t]+", rb"[ \t]*$"),
    (rb"^[ \t]*\.\.[ \t]+automodapi::[ \t]+", rb"[ \t]*$"),
    (rb":(?:py:)?mod:`(?:[^`<\n]*<)?[~!]?", rb"[>`]"),
    (rb"^:::[ \t]+", rb"[ \t]*$"),
    (rb"^\[mypy-", rb"(?:\.\*)?\]"),
    (rb"(?:^|[\"'`;]|>>>)[ \t]*import[ \t]+", rb"[ \t]*(?:$|[;,#\"'`]|as[ \t])"),
)
_SCRIPTS = re.compile(
    rb"^[ \t]*\[(?:project\.(?:gui-)?scripts|project\.entry-points\.[^\]\n]+|options\.entry_points"
    rb"|tool\.poetry\.(?:scripts|plugins\.[^\]\n]+))\][^\n]*\n(?:(?![ \t]*\[)[^\n]*(?:\n|\Z))*",
    re.MULTILINE,
)
_COPY = re.compile(
    rb"^[ \t]*(?:COPY|ADD)[ \t]+(?!--from)(?:--\S+[ \t]+)*(?P<paths>(?:[^\s\\\[]+[ \t]+)+[^\s\\]+)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_MANIFEST = re.compile(
    rb"^[ \t]*(?:graft|prune|recursive-(?:include|exclude))[ \t]+(?P<directory>\S+)", re.MULTILINE
)
_MAY_BE_EITHER = "may mean every directory of this name as well as the one that moves"


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that move -> where to, and what finds them.

    :param modules: names of packages and modules at the top.
    :param directories: those that are directories at the top of the repo.
    :param item: one of them as an item of a list, a value or an argument.
    :param signs: one of them behind something that makes it a module.
    """

    modules: Mapping[str, str]
    directories: Mapping[str, str]
    item: re.Pattern[bytes]
    signs: re.Pattern[bytes]


@once
def _words(moves: Moves) -> _Words:
    named = {name: moves.new_module(name) for name in moves.packages if "." not in name and name in moves.modules}
    modules = {old: new for old, new in named.items() if new != old}
    directories = {old: new for old, new in moves.directories.items() if old in modules and new != old}
    each = b"|".join(re.escape(word.encode()) for word in sorted(modules)) or rb"(?!)"
    signs = b"|".join(
        rb"(?:%s)(?=(?:%s)(?:%s))" % (before, each, behind or rb"(?::[A-Za-z_]\w*)?(?![\w./\-@:])")
        for before, behind in _SIGNS
    )
    word = rb"(?P<word>%s)(?P<all>\.\*|\*)?(?P<rest>:[A-Za-z_]\w*)?" % each
    item = rb"(?<![\w./\-@*$:])%s(?![\w./\-@*:])" % word
    return _Words(modules, directories, re.compile(item), re.compile(rb"(?:%s)%s" % (signs, word), re.MULTILINE))


def words_that_move(moves: Moves) -> frozenset[bytes]:
    """The names of one word that move: a text must hold one of them to be looked into."""
    return frozenset(word.encode() for word in _words(moves).modules)


def single(passage: Passage) -> Iterator[Reference]:
    """The words in a file that can only be a module that moves or its directory, each rewritten or listed.

    :param passage: a whole file.
    """
    words = _words(passage.moves)
    if not any(passage.holds(word) for word in words_that_move(passage.moves)):
        return
    taken: set[int] = set()
    for match, register in _places(passage, words):
        if match.start("word") not in taken and (reference := _reference(passage, words, match, register)):
            taken.add(match.start("word"))
            yield reference
    for copied in _COPY.finditer(passage.data, passage.start, passage.stop) if _is_image(passage) else ():
        yield from _copied(passage, words, copied)


def _places(passage: Passage, words: _Words) -> Iterator[tuple[re.Match[bytes], Register]]:
    """Where a word stands that can only be a module or a directory, and which."""
    for sign in words.signs.finditer(passage.data, passage.start, passage.stop):
        yield sign, "module"
    for start, end, register in _regions(passage):
        for item in words.item.finditer(passage.data, start, end):
            if not item["rest"] or register == "module":
                yield item, register


def _regions(passage: Passage) -> Iterator[tuple[int, int, Register]]:
    """The parts of a text of which each word is a module or a directory by itself: start, end and which."""
    data, start, stop = passage.data, passage.start, passage.stop
    name = posixpath.basename(passage.place.path)
    if _SETTINGS.fullmatch(name):
        for section in _SCRIPTS.finditer(data, start, stop):
            for value in _VALUE.finditer(data, *section.span()):
                yield *value.span("value"), "module"
        for register, pattern in _SETTING.items():
            for setting in pattern.finditer(data, start, stop):
                yield *setting.span("values"), register
    if name == "MANIFEST.in":
        for line in _MANIFEST.finditer(data, start, stop):
            yield *line.span("directory"), "directory"
    if passage.place.style != "prose":
        for register, pattern in _CALLED.items():
            for command in pattern.finditer(data, start, stop):
                yield *command.span("arguments"), register


def _is_image(passage: Passage) -> bool:
    """Whether a file says how an image is built."""
    return re.search(r"(?i:dockerfile|containerfile)", posixpath.basename(passage.place.path)) is not None


def _reference(passage: Passage, words: _Words, match: re.Match[bytes], register: Register) -> Reference | None:
    data, word = passage.data, match["word"].decode()
    new = words.modules[word]
    path = words.directories.get(word, "")
    if register == "directory" and not path:
        return None
    if match.re is words.item:
        before = data[max(passage.start, match.start() - 60) : match.start()]
        if _TAKES_NEXT.search(before) and not _SWITCH.search(before):
            return None  # what an option is given
        if data[match.end() : match.end() + 2].lstrip().startswith(b"="):
            return None  # a key
    span = match.span("word")
    if match["all"] == b"*" and not is_alone(passage.moves, word):
        return passage.left(span, word, new, "the name goes on in a pattern")
    if register == "either":
        return passage.left(span, word, path or new, _MAY_BE_EITHER)
    return passage.rewritten(span, word, *((new, new) if register == "module" else (path, path)))


def _copied(passage: Passage, words: _Words, match: re.Match[bytes]) -> Iterator[Reference]:
    """What a ``COPY`` takes, and where it goes to if that is called alike: a line is rewritten as a whole."""
    data = passage.data
    parts = [*re.finditer(rb"\S+", data[match.start("paths") : match.end("paths")])]
    *sources, target = [(match.start("paths") + part.start(), part[0].decode(errors="replace")) for part in parts]
    for start, text in sources:
        word = text.removeprefix("./").rstrip("/")
        new = words.directories.get(word)
        if new is None:
            continue
        at = start + text.index(word)
        yield passage.rewritten((at, at + len(word)), word, new, new)
        goes_to = re.fullmatch(r"(?:(?P<above>.*)/)?(?P<name>[^/]+)/?", target[1])
        if goes_to and goes_to["name"] == word:
            inner = target[0] + goes_to.start("name")
            yield passage.rewritten((inner, inner + len(word)), word, new, new)
