"""Secrets in texts that people are shown or that are kept: found by what names them, and hidden (pure).

Django's own error pages hide what settings call by such names
(https://docs.djangoproject.com/en/stable/ref/settings/#debug); here they are looked for in source and in
running text as well: values of settings and of environment variables, entries of a ``DATABASES``, passwords of
URLs. What the monolith's Django itself says is seen to where it runs, since only there all values are known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HIDDEN = "********"
_SHORTEST = 5  # a shorter one is a word like others: hiding it would tear texts apart
_LONG = 12  # from here on it is no part of a word by chance
_LINE_OF_KEY = 20  # characters: a line of a key in PEM is one by itself
_NAME = re.compile(
    r"SECRET|PRIVATE_KEY|(?:PASSWORD|PASSWD|PASSPHRASE|(?:^|_)(?:PASS|PWD|DSN)|TOKEN|CREDENTIAL|SIGNATURE)S?$"
    r"|(?:_|API|ACCESS|AUTH|ACCOUNT)KEYS?$",
    re.IGNORECASE,
)
_URL = re.compile(r"(?<=://)(?P<user>[^\s/@'\"]*:)(?P<password>[^\s/@'\"]+)(?=@)")
_WORDS = re.compile(r"(?i)\b(password|passwd|pwd|secret|api_?key)=(?:'[^']+'|\"[^\"]+\"|[^\s&;,'\")(]+)")
_PUBLIC = ("ENGINE", "NAME", "USER", "HOST")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_LITERAL = re.compile(r"(?s)(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|')(?P<text>.*)(?P=quote)")
_LINE = re.compile(r"""(?P<name>\w+)["']?\]?\s*[:=]\s*(?P<value>.*)""")
_QUOTED = re.compile(r"""(["'])(?:\\.|(?!\1).)+\1""")
# Words of every project: whoever has one of them for a password hides nothing by it.
_WEAK = frozenset(("admin", "django", "mysql", "password", "postgres", "postgresql", "secret", "sqlite", "token"))


@dataclass(frozen=True)
class Secrets:
    """What must not be shown.

    :param values: as they stand, the longest first.
    """

    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str], public: Iterable[str] = ()) -> Secrets:
        """Those of ``values`` that tell something.

        :param public: words that stand everywhere: names of apps, of databases and of their users.
        """
        every = {value.strip() for value in values}
        lines = {line.strip() for value in every if "\n" in value for line in value.split("\n")}
        every |= {line for line in lines if len(line) >= _LINE_OF_KEY}
        kept = {value for value in every - set(public) - _WEAK if len(value) >= _SHORTEST}
        return cls(tuple(sorted(kept, key=lambda value: (-len(value), value))))

    def hide(self, text: str) -> str:
        """A text without them, and without the passwords of its URLs and connection strings."""
        text = _URL.sub(rf"\g<user>{HIDDEN}", text) if "://" in text else text
        text = _WORDS.sub(rf"\1={HIDDEN}", text) if "=" in text else text
        for value in self.values:
            if value in text and len(value) >= _LONG:
                text = text.replace(value, HIDDEN)
            elif value in text:
                text = re.sub(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", HIDDEN, text)
        return text

    def hide_all(self, content: Any) -> Any:
        """The same for every text in plain JSON values; keys stay."""
        if isinstance(content, str):
            return self.hide(content)
        if isinstance(content, Mapping):
            return {key: self.hide_all(item) for key, item in content.items()}
        return [self.hide_all(item) for item in content] if isinstance(content, list | tuple) else content


def named_secrets(values: Mapping[str, str]) -> Iterator[str]:
    """The secrets of an environment (or of a ``.env``): by the names of its variables, and in URLs."""
    for name, value in values.items():
        if _NAME.search(name) and not _DOTTED.fullmatch(value):
            yield value
        yield from (match["password"] for match in _URL.finditer(value))


def variables(text: str) -> dict[str, str]:
    """The ``NAME=VALUE`` lines of a ``.env``."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip().isidentifier():
            found[name.strip()] = value.strip().strip("\"'")
    return found


def in_settings(source: str) -> tuple[set[str], set[str]]:
    """The literals of a settings module that are secrets, and those that name a database: (secret, public).

    A source that can't be parsed is read line by line.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {match[0][1:-1] for line in source.split("\n") for match in _of_line(line)}, set()
    secret = {part for node in _secret_literals(tree) for part in _parts(node)}
    secret |= {match["password"] for node in _texts(tree) for part in _parts(node) for match in _URL.finditer(part)}
    public = {
        str(value.value)
        for node in ast.walk(tree) if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value in _PUBLIC and isinstance(value, ast.Constant)
    }
    return secret, public


def masked(source: str) -> str:
    """A settings module as it may be shown: each secret literal is hidden, however short; lines stay where they are."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join(_masked_line(line) for line in source.split("\n"))
    secret = set(map(id, _secret_literals(tree)))
    lines = source.encode("utf-8", "surrogateescape").split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    data = b"\n".join(lines)
    places = []
    for node in _texts(tree):
        assert node.end_lineno is not None and node.end_col_offset is not None
        place = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        places.append((*place, id(node) in secret))
    for start, end, whole in sorted(places, reverse=True):
        text = data[start:end].decode("utf-8", "surrogateescape")
        shown = _URL.sub(rf"\g<user>{HIDDEN}", text)
        if whole:
            shown = _LITERAL.sub(rf"\g<prefix>\g<quote>{HIDDEN}" + "\n" * text.count("\n") + r"\g<quote>", text)
        data = data[:start] + shown.encode("utf-8", "surrogateescape") + data[end:]
    return data.decode("utf-8", "surrogateescape")


def masked_diff(diff: str, modules: Collection[str]) -> str:
    """A diff in git's form with the secrets of settings modules hidden, line by line.

    :param modules: their paths, before and after.
    """
    parts = re.split(r"(?m)^(?=diff --git )", diff)
    paths = tuple(f" b/{path}" for path in modules) + tuple(f' "b/{path}"' for path in modules)
    of_settings = (part.partition("\n")[0].endswith(paths) for part in parts)
    return "".join(
        "\n".join(map(_masked_line, part.split("\n"))) if masks else part
        for part, masks in zip(parts, of_settings, strict=True)
    )


_Text = ast.Constant | ast.JoinedStr


def _texts(tree: ast.AST) -> Iterator[_Text]:
    """The literals that are texts; one in which values are put in is one as a whole."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            yield node
        else:
            pending += ast.iter_child_nodes(node)


def _parts(node: _Text) -> list[str]:
    """What a literal says, in the pieces that stand in the source."""
    if isinstance(node, ast.Constant):
        return [node.value.decode(errors="replace") if isinstance(node.value, bytes) else str(node.value)]
    return [str(part.value) for part in node.values if isinstance(part, ast.Constant)]


def _secret_literals(tree: ast.AST) -> Iterator[_Text]:
    """The literals in what a name, a key or an argument calls a secret."""
    seen: set[int] = set()
    for value in _secret_values(tree):
        for node in _texts(value):
            text = "".join(_parts(node))
            if id(node) not in seen and text and not _DOTTED.fullmatch(text) and not _VARIABLE.fullmatch(text):
                seen.add(id(node))
                yield node


def _secret_values(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            if any(map(_is_secret, node.targets)):
                yield node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign):
            if node.value and _is_secret(node.target):
                yield node.value
        elif isinstance(node, ast.Dict):
            yield from (value for key, value in zip(node.keys, node.values, strict=True) if key and _is_secret(key))
        elif isinstance(node, ast.keyword):
            if node.arg and _NAME.search(node.arg):
                yield node.value
        elif isinstance(node, ast.Call) and node.args and _is_secret(node.args[0]):  # os.environ.get("SECRET_KEY", "…")
            yield from node.args[1:]
            yield from (keyword.value for keyword in node.keywords)


def _is_secret(node: ast.AST) -> bool:
    """Whether a target, a key or an argument is called like a secret."""
    if isinstance(node, ast.Subscript):
        return _is_secret(node.slice)
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name = node.value
    return bool(name) and name.isidentifier() and bool(_NAME.search(name))


def _of_line(line: str) -> list[re.Match[str]]:
    match = _LINE.search(line)
    return list(_QUOTED.finditer(match["value"])) if match and _NAME.search(match["name"]) else []


def _masked_line(line: str) -> str:
    line = _URL.sub(rf"\g<user>{HIDDEN}", line)
    for literal in {match[0] for match in _of_line(line)}:
        line = line.replace(literal, literal[0] + HIDDEN + literal[-1])
    return line
