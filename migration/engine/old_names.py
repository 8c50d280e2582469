"""The old names in any text, found by their looks: word borders, and what is (or was) in the tree (pure).

What a rewriter does not claim is found here, in documents, comments, configuration and code that
can't be parsed. A name counts where nothing of that name is in the tree any more.
"""

from __future__ import annotations

import bisect
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from migration.core.moves import Moves
from migration.core.names import is_within, last_part, parent, path_under
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project, module_index
from migration.repo.tree.tree import Tree

# What may stand before a name or a path, and how one goes on.
_NAME_FRONT = re.compile(rb"(?:\A|[^\w.@/$\x80-\xff-]|(?<!\w)[-@])\Z")
_NAME_TAIL = re.compile(rb"(?![\w/\x80-\xff]|-\w)(?:\.[^\W\d]\w*)*")
_LEAD = re.compile(rb"(?<![^\s\"'`=:,;<>()\[\]{}|])[\w@.*/-]*/\Z|(?<![\w.\x80-\xff-])\Z")
_UP = re.compile(r"(?:\.{1,2}/)+")
_PATH_TAIL = re.compile(rb"\.pyi?\b|(?![\w\x80-\xff]|[-.]\w)(?:/[\w.@+-]*[\w-])*")
_LINE_STARTS = (tokenize.ENCODING, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
_STRINGS = {number for name, number in vars(tokenize).items() if name in ("STRING", "FSTRING_MIDDLE", "TSTRING_MIDDLE")}


@dataclass(frozen=True, slots=True)
class Hit:
    """An old name in a text: what it is (``name`` or ``path``) and where."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class OldNames:
    """The old names, and how they look in plain text."""

    moves: Moves
    tree: Tree
    gone: frozenset[str]
    roots: frozenset[str]
    literals: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    listings: re.Pattern[bytes]

    @classmethod
    def of(cls, plan: Plan, project: Project, moves: Moves) -> OldNames:
        """The source and every module that the plan names or that moves on its own, if it is gone."""
        there = module_index(project.before, project.roots)
        stated = {plan.source, *(old for old, new in plan.module_moves.items() if old != new), *moves.packages}
        olds = sorted({name for name in stated if name not in there}, key=lambda name: (-len(name), name))
        dotted, slashed = (b"|".join(re.escape(name.replace(".", by).encode()) for name in olds) for by in "./")
        pattern = re.compile(rb"%s|%s" % (dotted or rb"(?!)", slashed or rb"(?!)"))
        literals = tuple(name.replace(".", by).encode() for name in olds for by in "./")
        listed = [_listing(*(part.encode() for part in (parent(name), last_part(name)))) for name in olds]
        gone = frozenset({*moves.directories, *moves.files} - project.before.directories - set(project.before.modes))
        roots = frozenset(path_under(root, "x")[:-1] for root in project.roots) | {""}
        return cls(moves, project.before, gone, roots, literals, pattern, re.compile(b"|".join(listed) or rb"(?!)"))

    def hits(self, data: bytes) -> Iterator[Hit]:
        """The old names in a text, in its order."""
        found = []
        if any(form in data for form in self.literals):
            for match in self.pattern.finditer(data):
                front, rest = data[max(0, match.start() - 200) : match.start()], data[match.end() : match.end() + 400]
                found += [Hit(kind, *match.span()) for kind in self._kinds(front, match[0], rest)]
        if b"import " in data:
            found += [Hit("name", *match.span()) for match in self.listings.finditer(data)]
        return iter(sorted(found, key=lambda hit: hit.start))

    def _kinds(self, front: bytes, old: bytes, rest: bytes) -> Iterator[str]:
        """What an old name in a text is, by what stands around it: a name, a path, or nothing of the kind."""
        name = b"/" not in old and _NAME_FRONT.search(front) and _NAME_TAIL.match(rest)
        if name and self._is_old_name((old + name[0]).decode(errors="replace"), old.decode()):
            yield "name"
            return
        lead, tail = _LEAD.search(front), _PATH_TAIL.match(rest)
        if lead and tail and b"." not in old:
            parts = (part.decode(errors="replace") for part in (lead[0], old, tail[0]))
            if self._is_old_path(*parts):
                yield "path"

    def _is_old_name(self, full: str, old: str) -> bool:
        """Whether a dotted name that goes on as ``full`` means ``old``, and not something that is there."""
        known = self.moves.split(full)[0]
        if is_within(known, old) and known in self.moves.modules and known not in self.moves.moved:
            return False
        return "." in old or (known != old and is_within(known, old))

    def _is_old_path(self, lead: str, old: str, tail: str) -> bool:
        """Whether a path leads (or led) to what moved: to it as a whole, or to a part that it had."""
        if self._is_there(lead + old) or self._is_there(old):
            return False
        if not tail:
            return "/" in old or _UP.fullmatch(lead) is not None
        full = old + tail
        return any(path in self.gone for above in self.roots for path in (above + full, f"{above}{full}.py"))

    def _is_there(self, path: str) -> bool:
        """Whether a path (from the top, or from anywhere by dots) names something of the tree."""
        clean = re.sub(r"\A(?:\.{0,2}/)+", "", path)
        return clean in self.tree.directories or clean in self.tree


def _listing(above: bytes, last: bytes) -> bytes:
    """The import statements, as text has them, that name a module without its dotted name."""
    if not above:
        return rb"from %s import\b|import %s\b(?!\.)" % (re.escape(last), re.escape(last))
    return rb"from %s import \(?(?:\w+, *)*%s\b" % (re.escape(above), re.escape(last))


@dataclass(frozen=True)
class Tokens:
    """The strings and comments of a Python file: where each starts, and (its end, what it is)."""

    starts: tuple[int, ...] = ()
    ends: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, source: SourceFile) -> Tokens:
        """Those of a file.

        :raises UnreadableSource: if Python can't read it.
        """
        found: list[tuple[int, int, str]] = []
        depth, opens = 0, True  # whether a string that comes next stands for itself, as a docstring does
        try:
            for token in tokenize.tokenize(io.BytesIO(source.data).readline):
                kind = _kind_of(token, opens and depth == 0)
                if kind:
                    start, end = (_offset(source, *position) for position in (token.start, token.end))
                    found.append((start, end, kind))
                if token.type == tokenize.OP:
                    depth += (token.string in "([{") - (token.string in ")]}")
                if token.type not in (tokenize.COMMENT, tokenize.NL):
                    opens = token.type in _LINE_STARTS
        except (tokenize.TokenError, SyntaxError) as error:
            raise UnreadableSource(str(error)) from error
        return cls(tuple(start for start, _, _ in found), tuple((end, kind) for _, end, kind in found))

    def at(self, offset: int) -> str:
        """What the token at an offset is: ``string``, ``prose``, or ``""`` for code."""
        index = bisect.bisect_right(self.starts, offset) - 1
        return self.ends[index][1] if index >= 0 and offset < self.ends[index][0] else ""


def _kind_of(token: tokenize.TokenInfo, alone: bool) -> str:
    if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and alone):
        return "prose"
    return "string" if token.type in _STRINGS else ""


def _offset(source: SourceFile, line: int, column: int) -> int:
    """The offset of a position as :mod:`tokenize` gives it: the column counts characters."""
    start = source.line_starts[line - 1]
    text = source.data[start : start + 4 * column].decode(errors="ignore")
    return start + len(text[:column].encode())
