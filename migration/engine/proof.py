"""The proof that a rewrite changed references and nothing else.

The new text must parse, and its syntax tree must equal the old one except at the references. A file is
a sequence of statements: those whose lines no edit touches have the same bytes and so the same tree;
only the lines of the others are parsed again and compared.

A reference that adds something explains statements, keyword arguments and entries of displays that lie wholly
in its text, and the ``pass`` that it takes the place of. One that covers a literal as a whole explains that
another string stands there.
"""

from __future__ import annotations

import ast
import bisect
import itertools
import re
from collections.abc import Iterator, Sequence

from migration.core.changes import Edit
from migration.core.references import Reference
from migration.python.attribute_chains import attributes
from migration.python.mentions import Block, first_line
from migration.python.source_file import SourceFile, UnreadableSource, parse

_IMPORTS = (ast.Import, ast.ImportFrom)
_CHAINS = (ast.Name, ast.Attribute)
_WORDS = re.compile(r"#[^\r\n]*|(\w+)")


class Unproven(Exception):
    """The new text is not the old one with other references; ``offset`` is where, in the old text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def prove(old: SourceFile, data: bytes, edits: Sequence[Edit], references: Sequence[Reference]) -> None:
    """Compare a file before and after its edits.

    :param data: the new text in UTF-8, made by doing ``edits``.
    :param edits: the edits, sorted.
    :param references: the references that gave the edits.
    :raises Unproven: at the first difference that no reference explains.
    """
    proof = _Proof(old, edits, references)
    for start, end, statements in _parts(old):
        last = end == len(old.data)
        inside = proof.starting(start, end + last)
        if not inside:
            continue
        if inside[-1].end > end:
            raise Unproven("an edit would reach over the end of a statement", inside[-1].start)
        proof.base = proof.new_start(start)
        proof.new = SourceFile(old.path, data[proof.base : len(data) if last else proof.new_start(end)], None)
        try:
            body = parse(proof.new.raw, old.parser).body  # two parsers may differ in trifles
        except UnreadableSource as error:
            raise Unproven(f"the rewritten text does not parse ({error.message})", start) from error
        proof.blocks(statements, body)


def _parts(source: SourceFile) -> Iterator[tuple[int, int, Block]]:
    """The text from start to end: each group of top-level statements, and what lies between them with none."""
    done = 0
    for first, last, statements in _groups(source):
        start = source.line_starts[first - 1]
        end = source.line_starts[last] if last < len(source.line_starts) else len(source.data)
        if done < start:
            yield done, start, []
        yield start, end, statements
        done = end
    limit = len(source.data) if source.head is None else source.head  # behind that nothing is edited, nor parsed
    if done < limit:
        yield done, limit, []


def _groups(source: SourceFile) -> Iterator[tuple[int, int, Block]]:
    """The top-level statements by lines (first, last), those that share a line together."""
    group: Block = []
    first = last = 0
    for statement in source.tree.body:
        line = first_line(statement)
        if group and line > last:
            yield first, last, group
            group = []
        first = first if group else line
        last = statement.end_lineno or line
        group.append(statement)
    if group:
        yield first, last, group


class _Proof:
    """Compares statements of the old text with those of a part of the new one that starts at ``base``."""

    def __init__(self, old: SourceFile, edits: Sequence[Edit], references: Sequence[Reference]) -> None:
        self.old = self.new = old
        self.base = 0
        self.edits = edits
        self.starts = [edit.start for edit in edits]
        self.ends = [edit.end for edit in edits]
        self.shifts = list(
            itertools.accumulate((len(edit.new) - (edit.end - edit.start) for edit in edits), initial=0)
        )
        self.changes = sorted(
            (r.start, r.end, old.data[r.start : r.end].decode(), r.text) for r in references if r.text is not None
        )
        self.chains: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for _, _, before, after in self.changes:
            if before:
                self.chains.setdefault(_words(before), set()).add(_words(after))
        self.literal: ast.expr | None = None
        self.added = [(r.start, r.end, len(r.text.encode())) for r in references if r.adds and r.text is not None]

    def blocks(self, old: Block, new: Block) -> None:
        """Compare two lists of statements; an import may have become several, or got a neighbour."""
        if self.added:
            old = [one for one in old if not (isinstance(one, ast.Pass) and self._is_replaced(self._old_span(one)))]
            new = [one for one in new if not self._is_added(self._new_span(one))]
        rest = iter(new)
        ahead = next(rest, None)
        for index, statement in enumerate(old):
            start, end = self._old_span(statement)
            limit = self.moved(self._old_span(old[index + 1])[0]) if index + 1 < len(old) else None
            matching: list[ast.stmt] = []
            while ahead is not None and (limit is None or self._new_span(ahead)[0] < limit):
                matching.append(ahead)
                ahead = next(rest, None)
            self._statement(statement, matching, start, end)
        if ahead is not None:
            raise Unproven("a statement would be added", self._old_span(old[-1])[0] if old else 0)

    def _statement(self, old: ast.stmt, new: list[ast.stmt], start: int, end: int) -> None:
        if not new:
            raise Unproven("a statement would be lost", start)
        if isinstance(old, _IMPORTS):
            self._imports(old, new, start)
            return
        spare = [statement for statement in new[1:] if not isinstance(statement, _IMPORTS)]
        if spare or len(new) > 1 or type(new[0]) is not type(old):
            raise Unproven("a statement would change its kind or number", start)
        same = self.untouched(start, end) and (self.moved(start), self.moved(end)) == self._new_span(new[0])
        if not same and self.untouched(start, end) and not self.added:  # what is added behind a block may belong to it
            raise Unproven("a statement would change its extent", start)
        if not same:
            self._node(old, new[0], start)

    def _imports(self, old: ast.stmt, new: list[ast.stmt], start: int) -> None:
        if not all(isinstance(statement, _IMPORTS) for statement in new):
            raise Unproven("an import would become another statement", start)
        lost = _bound(old) - {name for statement in new for name in _bound(statement)}
        if isinstance(old, ast.Import):  # where all uses of the name were rewritten, too
            lost -= {alias.name for alias in old.names if not alias.asname and (alias.name,) in self.chains}
        if lost:
            raise Unproven(f"an import would no longer bind {', '.join(sorted(lost))}", start)

    def _node(self, old: ast.AST, new: ast.AST, start: int) -> None:
        if isinstance(old, _CHAINS) and isinstance(new, _CHAINS):
            if self._same_chain(old, new):
                return
            old, new = self._roots(old, new)
        if type(old) is not type(new):
            raise Unproven("the syntax tree would change", start)
        if self._is_other_literal(old, new):
            return
        outer = self.literal
        if outer is None and isinstance(old, (ast.Constant, ast.JoinedStr)):
            self.literal = old
        added = self._without_added(new) if self.added else {}
        for name, value in ast.iter_fields(old):
            other = added.get(name, getattr(new, name))
            if name == "decorator_list" and len(value) == len(other):
                other = [self._without_name(one, two) for one, two in zip(value, other, strict=True)]
            self._value(value, other, start)
        self.literal = outer

    def _is_other_literal(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether a string stands where a reference covers a string (or None) as a whole, and is just its text."""
        if not isinstance(old, ast.Constant) or not isinstance(new, ast.Constant) or not isinstance(new.value, str):
            return False
        start, end = self.old.span(old)
        texts = [after for at, to, _, after in self._within(start, end) if (at, to) == (start, end)]
        first = self.new_start(start)
        return isinstance(old.value, str | None) and any(
            self._new_span(new) == (first, first + len(text.encode())) for text in texts
        )

    def _without_added(self, new: ast.AST) -> dict[str, list[ast.AST]]:
        """The keyword arguments or the entries of a node, those that references have added left out."""
        if isinstance(new, ast.Call):
            return {"keywords": self._old_ones(new.keywords)}
        if isinstance(new, (ast.List, ast.Tuple, ast.Set)):
            return {"elts": self._old_ones(new.elts)}
        if isinstance(new, ast.Dict):
            pairs = [(key, value) for key, value in zip(new.keys, new.values, strict=True) if self._old_ones([value])]
            return {"keys": [key for key, _ in pairs], "values": [value for _, value in pairs]}  # type: ignore[misc]
        return {}

    def _old_ones(self, nodes: Sequence[ast.expr] | Sequence[ast.keyword]) -> list[ast.AST]:
        return [node for node in nodes if not self._is_added(self._new_span(node))]

    def _is_added(self, span: tuple[int, int]) -> bool:
        """Whether a part of the new text lies wholly in what a reference adds."""
        return any(
            self.new_start(start) <= span[0] and span[1] <= self.new_start(start) + length
            for start, _, length in self.added
        )

    def _is_replaced(self, span: tuple[int, int]) -> bool:
        """Whether what a reference adds takes the place of a part of the old text."""
        return any(start <= span[0] and span[1] <= end for start, end, _ in self.added)

    def _without_name(self, old: ast.expr, new: ast.expr) -> ast.expr:
        """A new decorator without the ``name="…"`` that a reference has put in, the new one itself where none has."""
        start, end = self.old.span(old)
        added = [after for at, to, _, after in self._within(start, end) if at == to]
        if not added or not isinstance(new, ast.Call) or not new.keywords:
            return new
        *others, last = new.keywords
        value = last.value.value if last.arg == "name" and isinstance(last.value, ast.Constant) else None
        if not isinstance(value, str) or not any(value in text for text in added):
            return new
        if isinstance(old, ast.Call):
            return ast.Call(new.func, new.args, others)
        return new if new.args or others else new.func

    def _value(self, old: object, new: object, start: int) -> None:
        if isinstance(old, ast.AST) and isinstance(new, ast.AST):
            self._node(old, new, start)
        elif isinstance(old, list) and isinstance(new, list):
            if old and isinstance(old[0], ast.stmt):
                self.blocks(old, new)
                return
            if len(old) != len(new):
                raise Unproven("the syntax tree would change", start)
            for one, two in zip(old, new, strict=True):
                self._value(one, two, start)
        elif type(old) is not type(new) or (old != new and not self._same_text(old, new)):
            raise Unproven("the syntax tree would change", start)

    def _same_chain(self, old: ast.expr, new: ast.expr) -> bool:
        """Whether two names (with attributes) are equal but for a reference they start with."""
        one, two = _names(old), _names(new)
        if not one or not two or type(getattr(old, "ctx", None)) is not type(getattr(new, "ctx", None)):
            return False
        return one == two or self._explained(one, two, 0)

    def _roots(self, old: ast.expr, new: ast.expr) -> tuple[ast.expr, ast.expr]:
        """What two chains of attributes start from that are no names, where a reference behind it is the difference.

        The expressions themselves where that is not so: their own comparison tells.
        """
        (one, root), (two, other) = attributes(old), attributes(new)
        same = type(getattr(old, "ctx", None)) is type(getattr(new, "ctx", None))
        if isinstance(root, ast.Name) or not same or one == two:
            return old, new
        return (root, other) if self._explained(one, two, 1) else (old, new)

    def _explained(self, old: tuple[str, ...], new: tuple[str, ...], shortest: int) -> bool:
        """Whether a reference, of as many names at least, makes one chain the other where it starts it."""
        return any(
            (*after, *old[length:]) == new
            for length in range(shortest, len(old) + 1)
            for after in self.chains.get(old[:length], ())
        )

    def _same_text(self, old: object, new: object) -> bool:
        """Whether two texts of a string literal are equal but for the references inside the literal."""
        if not isinstance(old, str) or not isinstance(new, str) or self.literal is None:
            return False
        first, last = self.old.span(self.literal)
        inside = self._within(first, last)
        changes = [change for _, _, before, after in inside if before for change in _as_values(before, after)]
        return _replaced(old, new, tuple(changes))

    def _within(self, start: int, end: int) -> list[tuple[int, int, str, str]]:
        """The changes between two offsets of the old text, in its order."""
        index = bisect.bisect_left(self.changes, (start,))
        found = itertools.takewhile(lambda change: change[0] <= end, itertools.islice(self.changes, index, None))
        return [change for change in found if change[1] <= end]

    def untouched(self, start: int, end: int) -> bool:
        """Whether no edit touches the text from ``start`` to ``end``, borders included."""
        index = bisect.bisect_left(self.ends, start)
        return index == len(self.ends) or self.starts[index] > end

    def moved(self, offset: int) -> int:
        """An offset of the old text in the new one; edits that end there lie before it."""
        return offset + self.shifts[bisect.bisect_right(self.ends, offset)]

    def new_start(self, offset: int) -> int:
        """An offset of the old text in the new one; what is put in there lies behind it."""
        return offset + self.shifts[bisect.bisect_left(self.starts, offset)]

    def starting(self, start: int, end: int) -> Sequence[Edit]:
        """The edits that start between two offsets, the second one excluded."""
        return self.edits[bisect.bisect_left(self.starts, start) : bisect.bisect_left(self.starts, end)]

    def _old_span(self, node: ast.stmt) -> tuple[int, int]:
        return _span(self.old, node)

    def _new_span(self, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
        start, end = _span(self.new, node)
        return start + self.base, end + self.base


def _replaced(old: str, new: str, changes: tuple[tuple[str, str], ...]) -> bool:
    """Whether ``new`` is ``old`` after some of the changes, done in this order at one occurrence each."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for number, change in enumerate(changes):
        numbers.setdefault(change, []).append(number)
    pending, seen = [(0, 0, 0)], set()
    while pending:
        place = done, there, index = pending.pop()
        if place in seen:
            continue
        seen.add(place)
        limit = done + _alike(old, done, new, there)
        if limit == len(old) and limit - done == len(new) - there:
            return True
        for (before, after), known in numbers.items():
            later = bisect.bisect_left(known, index)
            if later == len(known):
                continue
            number = known[later]  # of equal changes the first will do: it leaves the most for what follows
            at = old.find(before, done, limit + len(before))
            while at >= 0:
                if new.startswith(after, there + at - done):
                    pending.append((at + len(before), there + at - done + len(after), number + 1))
                at = old.find(before, at + 1, limit + len(before))
    return False


def _as_values(before: str, after: str) -> Iterator[tuple[str, str]]:
    """A change as it is written, and as it is in the value of a literal where backslashes are written twice."""
    yield before, after
    if "\\\\" in before:
        yield before.replace("\\\\", "\\"), after.replace("\\\\", "\\")


def _alike(one: str, start: int, two: str, there: int) -> int:
    """How many characters two texts have in common from these places on; the work grows with that number."""
    length, step = 0, 64
    while step:
        left, right = one[start + length : start + length + step], two[there + length : there + length + step]
        if left == right and len(left) == step:
            length, step = length + step, step * 2
        elif step > 1:
            step //= 2
        else:
            step = 0
    return length


def _span(source: SourceFile, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
    """Start and end of a node, of a statement with its decorators."""
    start, end = source.span(node)
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([start, *(source.span(decorator)[0] for decorator in decorators)]), end


def _bound(statement: ast.stmt) -> set[str]:
    """The names an import statement binds for good: not the ``a`` of ``import a.b``."""
    names: Iterator[ast.alias] = iter(getattr(statement, "names", []))
    if isinstance(statement, ast.Import):
        return {alias.asname or alias.name for alias in names if alias.asname or "." not in alias.name}
    return {alias.asname or alias.name for alias in names}


def _words(text: str) -> tuple[str, ...]:
    """The names in a dotted chain, comments left out."""
    return tuple(word for word in _WORDS.findall(text) if word)


def _names(node: ast.expr) -> tuple[str, ...]:
    """The names of an attribute chain that starts at a name, none of any other."""
    names, root = attributes(node)
    return (root.id, *names) if isinstance(root, ast.Name) else ()
