"""Dotted names in plain text: where one stands for itself, and what it becomes (pure).

Text has no grammar that would tell a name from a longer word, a host or an address, so the borders do.
``posthog.warehouse`` is itself between quotes, brackets, blanks and at the end of a sentence; it is not
itself in ``my.posthog.warehouse``, ``posthog.warehouse_utils``, ``posthog.warehouse-x``, in a URL, in
an e-mail address, or behind ``FROM`` in SQL. Everything works on bytes: what is looked for is a name
or a path, and the rest of the text may be in any encoding that contains ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.names import is_within, last_part, parent, swap_prefix
from migration.core.references import Reference
from migration.text.passage import Passage
from migration.text.registers import register

_DOT = rb"\\{0,2}\."  # also as a regular expression writes it, and that in a JSON string
_ESCAPES = (rb"\b", rb"\n", rb"\r", rb"\t")
_URL = re.compile(rb"(?:[\w.+-]+:)?//|(?:[\w.+-]+@[\w.-]+|github|gitlab|mailto):|www\.")
_SQL = re.compile(
    rb"(?:\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+|\b(?i:select)\b[^;\n]*\b(?i:from|join)\s+|\b(?i:insert\s+into)\s+)\Z"
)
_IMPORT_OF = re.compile(rb"[ \t]+import[ \t]+\(?([\w \t,]+)")
_IMPORT = re.compile(rb"\bfrom[ \t]+([\w.]+)[ \t]+import[ \t]*(\([\w\s,]+\)?|[\w \t,]+)")
_ALIASED = re.compile(rb"[ \t]*(\w+)(?:[ \t]+as[ \t]+\w+)?[ \t]*")
_LISTED = re.compile(rb"(\(?)\s*\w+(?:\s+as\s+\w+)?(?:\s*,\s*\w+(?:\s+as\s+\w+)?)*\s*,?\s*\)?")
_END_OF_CODE = re.compile(rb"\Z|[\r\n;#\"'`)<|&]|\\[nr]")
_MIGRATION = re.compile(rb"\d{4}(?:_\w+)?(?![\w.])")
_HOST = re.compile(r"com|io|org|net|dev|app|internal|local|cloud|co|ai|eu|us|de|uk|svc|cluster")
_FILE = re.compile(
    r"pyi?|md|rst|txt|jsonl?|ya?ml|toml|[ct]sv|sql|log|html|[jt]sx?|s?css|sh|bash|cfg|ini|conf|xml|pdf|png|svg"
    r"|ipynb|zip|gz|parquet|lock|env|db|sqlite"
)


@dataclass(frozen=True, slots=True)
class _Words:
    leaves: tuple[bytes, ...]
    names: re.Pattern[bytes]
    parents: frozenset[bytes]


@once
def _words(moves: Moves) -> _Words:
    """The patterns for a set of moves."""
    keys = sorted(moves.packages, key=lambda key: (-len(key), key))
    each = (_DOT.join(re.escape(part.encode()) for part in key.split(".")) for key in keys)
    # A part may start with a digit where it can only be a module: ``migrations.0002_initial``.
    names = re.compile(
        rb"(?P<key>%s)(?!\w)(?P<tail>(?:%s(?:[A-Za-z_]\w*|[0-9]+_\w+))*)" % (b"|".join(each) or rb"(?!)", _DOT)
    )
    leaves = tuple(sorted({last_part(key).encode() for key in keys}))
    return _Words(leaves, names, frozenset(parent(key).encode() for key in keys) - {b""})


def may_name(raw: bytes, moves: Moves) -> bool:
    """Whether the bytes can hold a dotted name that moves: cheap, and never wrong about a "no"."""
    words = _words(moves)
    if not any(leaf in raw for leaf in words.leaves):
        return False
    return words.names.search(raw) is not None or (b"import" in raw and _IMPORT.search(raw) is not None)


def char_before(data: bytes, at: int, start: int = 0) -> str:
    """The character that ends at ``at``; ``""`` at the start, U+FFFD where it is not UTF-8."""
    for width in range(1, 5):
        piece = data[max(start, at - width) : at]
        try:
            return piece.decode()[-1:]
        except UnicodeDecodeError:
            continue
    return "\ufffd"


def char_after(data: bytes, at: int, end: int) -> str:
    """The character that starts at ``at``; ``""`` at the end, U+FFFD where it is not UTF-8."""
    for width in range(1, 5):
        try:
            return data[at : min(end, at + width)].decode()
        except UnicodeDecodeError:
            continue
    return "\ufffd"


def is_word(char: str) -> bool:
    """Whether a character goes on with a word; one that can't be decoded does."""
    return char == "_" or char.isalnum() or char == "\ufffd"


def after_escape(data: bytes, at: int, start: int = 0) -> bool:
    r"""Whether the letter in front belongs to an escape: ``\bposthog``, ``\nposthog``."""
    return data[max(start, at - 2) : at] in _ESCAPES


def in_url(data: bytes, at: int, start: int = 0) -> bool:
    """Whether the text in front, up to a blank, a quote or a bracket, makes it a part of a URL or an address."""
    token = re.split(rb"[\s\"'`<>()\[\]{}|,;]", data[max(start, at - 400) : at])[-1]
    return _URL.match(token) is not None or b"://" in token


def is_host(name: str) -> bool:
    """Whether a dotted name ends as the names of hosts do."""
    return _HOST.fullmatch(last_part(name)) is not None


def dotted(passage: Passage) -> Iterator[Reference]:
    """The dotted names in a text, each rewritten or listed with the reason why it is left."""
    data, words = passage.data, _words(passage.moves)
    if not any(passage.holds(leaf) for leaf in words.leaves):
        return
    for match in words.names.finditer(data, passage.start, passage.stop):
        if _opens(data, match.start(), passage.start):
            reference = _named(passage, match)
            if reference is not None:
                yield reference
    if passage.holds(b"import"):
        for match in _IMPORT.finditer(data, passage.start, passage.stop):
            if match[1] in words.parents:
                reference = _imported(passage, match)
                if reference is not None:
                    yield reference


def _opens(data: bytes, at: int, start: int) -> bool:
    """Whether a name can start here."""
    char = char_before(data, at, start)
    if is_word(char):
        return after_escape(data, at, start)
    if char in (".", "/", "\\", "$", "%"):
        return False
    if char == "-":
        return data.endswith(b"[mypy-", start, at) or not is_word(char_before(data, at - 1, start))
    if char == "@" and is_word(char_before(data, at - 1, start)):
        return False
    return not in_url(data, at, start) and not _SQL.search(data, max(start, at - 200), at)


def _named(passage: Passage, match: re.Match[bytes]) -> Reference | None:
    data, moves, kind, start, stop = passage.data, passage.moves, passage.kind, passage.start, passage.stop
    key, name = (re.sub(_DOT, b".", text).decode() for text in (match["key"], match[0]))
    module, rest = moves.split(name)
    follow = _follow(data, match, start, stop)
    if follow == "glued" and char_after(data, match.end(), stop) == "*" and not rest and is_alone(moves, name):
        follow = ""
    if follow is None or (rest and module == key and is_host(rest) and not _has(moves, module, rest)):
        return None
    if "." not in key and not _means_a_module(data, match, module, key, start):
        return None
    if moves.new_module(module or name) == (module or name):
        gone = any(is_within(name, package) and not is_within(module, package) for package in moves.packages)
        reason = "no such module or symbol before the move" if gone else None
    else:
        reason = _doubt(moves, module, rest, follow, _IMPORT_OF.match(data, match.end(), stop))
    if reason is None:
        return None
    kept = moves.why_kept(*_written(data, match.end(), stop, name)) or register(passage, *match.span())
    if kept or reason:
        return Reference(kind, *match.span(), name, moves.new_name(name), None, kept or reason, bool(kept))
    new = moves.new_module(module)
    new_key = moves.new_module(key)
    old, new, end = (
        (key, new_key, match.end("key")) if swap_prefix(module, key, new_key) == new else (module, new, -1)
    )
    if end < 0:
        dots = module.count(".") + 1
        parts = re.finditer(rb"\w+", data[match.start() : match.end()])
        end = match.start() + next(part.end() for index, part in enumerate(parts, 1) if index == dots)
    dot = re.search(_DOT, match[0])
    return Reference(kind, match.start(), end, old, new, new.replace(".", dot[0].decode() if dot else "."))


def _follow(data: bytes, match: re.Match[bytes], start: int, stop: int) -> str | None:
    """What comes behind a name: ``""`` an end, ``"open"`` a name that is not written out, ``"glued"`` a
    pattern that goes on in the same word; None where it is no name of ours."""
    at = match.end()
    char, behind = char_after(data, at, stop), char_after(data, at + 1, stop)
    if is_word(char) or char in ("/", "@") or (char == "-" and is_word(behind)):
        return None
    if char == ":" and (behind.isdigit() or data[at : at + 3] == b"://"):
        return None
    if char == "=" and char_before(data, match.start(), start) in ("?", "&"):
        return None
    if char == "*":
        return "" if char_before(data, match.start(), start) == "*" else "glued"
    if (char == "{" and behind not in ("{", "%")) or char + behind in ("${", "%s", "%("):
        return "glued"
    dot = re.compile(_DOT).match(data, at, stop)
    if dot:
        then = char_after(data, dot.end(), stop)
        if then.isdigit():  # a migration, or else a version or the like
            return "" if _MIGRATION.match(data, dot.end(), stop) else None
        return "open" if then and then in "*%{$<[(." else ""
    return ""


def _means_a_module(data: bytes, match: re.Match[bytes], module: str, key: str, start: int) -> bool:
    """Whether a name of one word, as a top-level package has it, is more than that word."""
    if module != key:
        return module != ""
    before = re.search(rb"(?:^|[\s\"'`;])from[ \t]+\Z", data[max(start, match.start() - 40) : match.start()])
    return before is not None and not match["tail"] and _IMPORT_OF.match(data, match.end()) is not None


def _has(moves: Moves, module: str, rest: str) -> bool:
    """Whether a module is known to bind the first part of ``rest``."""
    first = rest.partition(".")[0]
    return first in moves.bindings.get(module, ()) or first in moves.remap.get(module, ())


def is_alone(moves: Moves, name: str) -> bool:
    """Whether nothing else starts with a name, so that ``name*`` means it and what is in it."""
    return not any(other.startswith(name) and not is_within(other, name) for other in moves.modules)


def _doubt(moves: Moves, module: str, rest: str, follow: str, imports: re.Match[bytes] | None) -> str | None:
    """Why a name below a module that moves can't be rewritten; ``""`` if it can."""
    first = rest.partition(".")[0]
    if first[:1].isdigit():
        return ""  # a migration, maybe a squashed one: no package has a name of its own like that
    if follow == "glued":
        return "the name goes on in a pattern"
    if first and not first.startswith("__") and not _has(moves, module, rest):
        if module in moves.bindings:
            return f"{module} has no {first}"
        if _FILE.fullmatch(last_part(rest)):
            return "could be the name of a file"
        if moves.modules.get(module) and "." in rest and not first[:1].isupper():
            return f"{module} has no module {first}"
    if not rest and module in moves.strays:
        if follow == "open":
            return "what it goes on with may not go with its package"
        names = re.findall(rb"(\w+)(?:[ \t]+as[ \t]+\w+)?", imports[1]) if imports else []
        full = [f"{module}.{name.decode()}" for name in names]
        if any(name in moves.modules and parent(moves.new_module(name)) != moves.new_module(module) for name in full):
            return "imports names that end up in different modules"
    return ""


def _written(data: bytes, at: int, stop: int, name: str) -> set[str]:
    """The name as it stands there, with and without what follows a colon."""
    colon = re.compile(rb":[A-Za-z_][\w.]*").match(data, at, stop)
    return {name, name + colon[0].decode()} if colon else {name}


def _imported(passage: Passage, match: re.Match[bytes]) -> Reference | None:
    """``from parent import moved``, where the parent stays and so isn't found by its own name."""
    data, moves = passage.data, passage.moves
    base = match[1].decode()
    listed = _LISTED.fullmatch(match[2])
    if listed is None or not (listed[1] or _END_OF_CODE.match(data, match.end(), passage.stop)) or moves.moves(base):
        return None  # a sentence, or found by the name of the parent
    names = re.findall(r"(\w+)(?:\s+as\s+\w+)?", match[2].decode(errors="replace"))
    moving = [
        name
        for name in names
        if f"{base}.{name}" in moves.modules
        and moves.moves(f"{base}.{name}")
        and name not in moves.bindings.get(base, ())
    ]
    if not moving:
        return None
    old = f"{base}.{moving[0]}"
    new = moves.new_name(old)
    only = _ALIASED.fullmatch(match[2])
    if only is None or "." not in new:
        return passage.left((match.start(1), match.end()), old, new, "an import that is not simple enough")
    begin, end = match.start(1), match.start(2) + only.end(1)
    alias = only[0].strip() != only[1] or last_part(new) == moving[0]
    middle = data[match.end(1) : match.start(2) + only.start(1)].decode()
    text = parent(new) + middle + last_part(new) + ("" if alias else f" as {moving[0]}")
    return passage.rewritten((begin, end), old, new, text)
