"""The part of the probe that sees whether a statement names a database other than the one it runs in.

A server of MySQL lets one connection write to every database of its user's, by a name with a dot; one of
PostgreSQL does so through extensions. SQLite's own authorizer answers for that engine.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import re
from typing import Any, Iterator  # noqa: UP035  Python 3.8

_TOKEN = re.compile(
    r"(?P<string>'(?:[^'\\]|\\.|'')*')|(?P<quoted>`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.|\"\")*\")"
    r"|(?P<comment>--(?=\s|$)[^\n]*|\#[^\n]*|/\*(?!M?!).*?\*/)|(?P<hint>/\*M?!\d*|\*/)"
    r"|(?P<word>[\w$]+)|(?P<mark>[^\s\w])",
    re.DOTALL,
)
_LITERAL = re.compile(
    r"(?P<string>\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")|(?P<comment>--[^\n]*|/\*.*?\*/)",
    re.DOTALL,
)
# After these a name with a dot is a table's, never a column's.
_BEFORE_TABLE = frozenset(re.findall(r"\w+",
    "from join into update table tables references exists view trigger procedure function event call to like"
))  # fmt: skip
_BEFORE_COLUMN = frozenset(re.findall(r"\w+",
    "select distinct where and or not on by set having when then else in is between case using"
))  # fmt: skip
_SYSTEM = frozenset(("information_schema", "performance_schema", "sys"))  # they can only be read
_POSTGRESQL = re.compile(
    r"\b(dblink\w*|lo_export|pg_file_write)\s*\(|\b(create|alter|drop)\s+(database|server|subscription|tablespace|user\s+mapping|"
    r"foreign\s+data\s+wrapper)\b|\bcreate\s+foreign\s+table\b|\bimport\s+foreign\s+schema\b|\balter\s+system\b|"
    r"\b(grant|revoke)\b[^;]*\bon\s+database\b|\bcomment\s+on\s+database\b|"
    r"\b(drop|alter)\s+(role|user|group)\b|\bcopy\b[^;]*\bto\s+(program\b|')",
    re.IGNORECASE,
)
_MYSQL = re.compile(
    r"(?:^|;)\s*use\b|\b(create|alter|drop)\s+(database|schema)\b|\binto\s+(outfile|dumpfile)\b|\bset\s+(global|persist)\b|"
    r"@@(global|persist)\.|\b(drop|alter|rename)\s+user\b",
    re.IGNORECASE,
)
_QUICK = re.compile(  # one of these is in whatever the two find
    r"dblink|lo_export|pg_file_write|database|schema|server|subscription|tablespace|foreign|mapping|system|role|user|group|copy|outfile|dumpfile|"
    r"global|persist|\buse\b",
    re.IGNORECASE,
)
_DYNAMIC = re.compile(r"\bprepare\b|\bexecute\s+immediate\b|\bset\s+@", re.IGNORECASE)


class Statements:
    """What is known of the server, for looking at statements.

    :param databases: the trial's ``Databases``.
    """

    def __init__(self, databases: Any) -> None:
        self.databases = databases
        self.others: dict[str, Any] = {}  # alias -> what finds a name of another database in a text

    def elsewhere(self, vendor: str, name: str, text: str) -> str:
        """Why a statement may leave the database that it runs in, or nothing."""
        if vendor == "postgresql":
            found = _QUICK.search(text) and _POSTGRESQL.search(without_literals(text, _LITERAL))
            return f"a statement reaches out of the database {name} ({found[0]})" if found else ""
        if vendor != "mysql":
            return ""
        found = _QUICK.search(text) and _MYSQL.search(without_literals(text, _TOKEN))
        if found:
            return f"a statement reaches out of the database {name} ({found[0].strip()})"
        names = self.names(name)
        if not names or not names.search(text):
            return ""
        other = next(self.named(text, names), "")
        return f"a statement in the database {name} names the database {other}" if other else ""

    def names(self, name: str) -> Any:
        """Finds the names of the server's other databases; None where there are none."""
        if name not in self.others:
            known = list(self.databases.guard.known.values())
            place = next((place for place in known if place.name == name), known[0])
            with self.databases.server(place.alias) as ask:
                found = {self.databases.marks.as_text(row[0]) for row in ask("SHOW DATABASES")}
            found = {other for other in found if other.lower() not in _SYSTEM and other.lower() != name.lower()}
            pattern = "|".join(sorted(map(re.escape, found), key=len, reverse=True))
            self.others[name] = re.compile(rf"(?<![\w$])(?:{pattern})(?![\w$])", re.IGNORECASE) if found else None
        return self.others[name]

    def named(self, text: str, names: Any) -> Iterator[str]:
        """The other databases that a statement names as such, and not a table or an alias that is called the same."""
        words, dynamic = list(tokens(text)), _DYNAMIC.search(text)
        here = {word.lower() for at, (kind, word) in enumerate(words) if kind == "name" and stands_for_table(words, at)}
        for at, (kind, word) in enumerate(words):
            if dynamic and kind in ("string", "double"):
                yield from self.named(word.replace("''", "'"), names)
            if kind not in ("name", "double") or not names.fullmatch(word):
                continue
            if not follows(words, at, ".") or follows(words, at - 2, "."):
                continue
            before = words[at - 1][1].lower() if at else ""
            if follows(words, at + 2, ".") or before in _BEFORE_TABLE or word.lower() not in here:
                yield word


def stands_for_table(words: list[tuple[str, str]], at: int) -> bool:
    """Whether a name without a dot is where a table or its alias stands."""
    if follows(words, at, ".") or follows(words, at - 2, ".") or not at:
        return False
    kind, before = words[at - 1][0], words[at - 1][1].lower()
    return before in _BEFORE_TABLE or before in (",", ")", "as") or (kind != "mark" and before not in _BEFORE_COLUMN)


def follows(words: list[tuple[str, str]], at: int, mark: str) -> bool:
    """Whether a mark stands right after a word."""
    return at >= 0 and at + 1 < len(words) and words[at + 1] == ("mark", mark)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The names, strings and marks of a statement, without quotes; what MySQL runs of a comment, too."""
    for found in _TOKEN.finditer(text):
        if found["quoted"]:
            quote = found[0][0]
            yield "double" if quote == '"' else "name", found[0][1:-1].replace(quote * 2, quote)
        elif found["word"]:
            yield "name", found[0]
        elif found["string"]:
            yield "string", found[0][1:-1]
        elif found["mark"]:
            yield "mark", found[0]


def without_literals(text: str, literal: Any) -> str:
    """A statement without the strings and comments in it; what PostgreSQL has in dollars is run, and stays."""

    def instead(found: Any) -> str:
        if found["string"]:
            return " '' "
        if found["quoted"]:
            return found[0][1:-1] if re.fullmatch(r"\w+", found[0][1:-1]) else '"…"'
        return " " if found["comment"] else str(found[0])

    return str(literal.sub(instead, text))
