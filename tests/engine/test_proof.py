"""A rewrite is let through where it changes references and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.core.changes import Edit, apply_edits
from migration.core.references import Reference
from migration.engine.proof import Unproven, _replaced, prove
from migration.python.source_file import SourceFile


def check(text: str, changes: dict[str, str], stated: bool = True) -> None:
    """Prove that each key, at its first place, became its value; ``stated`` is whether references say so."""
    source = SourceFile("a.py", text.encode(), "a")
    edits = []
    for old, new in changes.items():
        start = source.data.index(old.encode())
        edits.append(Edit(start, start + len(old.encode()), new.encode()))
    edits.sort()
    references = [
        Reference("x", edit.start, edit.end, "", "", edit.new.decode()) for edit in edits if stated
    ]
    prove(source, apply_edits(source.data, edits), edits, references)


UNPROVEN = {
    "does not parse": ("x = 1\na.b()\n", {"a.b": "a."}, "does not parse", 6),
    "a statement lost": ("def f():\n    pass\n    a.b()\n", {"pass\n    ": ""}, "would be lost", 13),
    "a statement lost from the end": ("def f():\n    a.b\n    pass\n", {"\n    pass": ""}, "would be lost", 21),
    "a statement added": ("a.b()\n", {"a.b()": "c.b()\nx = 1"}, "kind or number", 0),
    "another kind": ("a.b()\n", {"a.b()": "x = a.b()"}, "kind or number", 0),
    "an import that becomes a call": ("import a.b\n", {"import a.b": "load('a.b')"}, "another statement", 0),
    "a name no longer bound": ("from a import b, c\n", {"b, c": "b"}, "no longer bind c", 0),
    "an alias no longer bound": ("import a as b\n", {"a as b": "a as c"}, "no longer bind b", 0),
    "an argument more": ("a.b(1)\n", {"1": "1, 2"}, "the syntax tree would change", 0),
    "another operator": ("x = 1 + 2\n", {"+": "-"}, "the syntax tree would change", 0),
    "an attribute of what a call gives": ("x = f(1).b.c\n", {"f(1).b": "f(2).n.b"}, "the syntax tree would change", 0),
    "bytes that become text": ("x = b'a.b'\n", {"b'a": "'a"}, "the syntax tree would change", 0),
}


@pytest.mark.parametrize(("text", "changes", "message", "offset"), UNPROVEN.values(), ids=UNPROVEN)
def test_any_other_change_is_refused(text: str, changes: dict[str, str], message: str, offset: int) -> None:
    with pytest.raises(Unproven, match=message) as found:
        check(text, changes)
    assert found.value.offset == offset


PROVEN = {
    "nothing": ("x = a.b\n", {}),
    "a chain": ("x = a.b.c(1)\n", {"a.b": "n.a.b"}),
    "a chain behind a call": ("x = f('a').b.c(1)\n", {".b": ".n.o"}),
    "a string": ("x = ['a.b.c', 'z']\n", {"a.b": "n.b"}),
    "an f-string": ("x = f'{y} a.b {z}'\n", {"a.b": "n.b"}),
    "a comment": ("x = 1  # see a.b\n", {"a.b": "n.b"}),
    "an annotation": ("def f(x: a.b.C) -> None: ...\n", {"a.b": "n.b"}),
    "a decorator": ("@a.b.task\ndef f():\n    return 1\n", {"a.b": "n.b"}),
    "two on one line": ("a.b(); x = 'a.c'\n", {"a.b": "n.b", "a.c": "n.c"}),
    "an import split in two": ("from a import b, c\n", {"from a import b, c": "from n import b\nfrom a import c"}),
    "an import with an alias": ("from a import b\n", {"from a import b": "import n as b"}),
    "an import whose uses follow": ("import a.b\na.b.c()\n", {"a.b": "n.b", "a.b.c": "n.b.c"}),
    "different lengths and line ends": ("é = 1\r\nx = a.b\r\ny = a.c\r\n", {"a.b": "n.o.b", "a.c": "c"}),
}


@pytest.mark.parametrize(("text", "changes"), PROVEN.values(), ids=PROVEN)
def test_references_may_change(text: str, changes: dict[str, str]) -> None:
    check(text, changes)


@pytest.mark.parametrize("text", ["x = a.b.c()\n", "x = 'a.b'\n", "@a.b\ndef f(): ...\n"])
def test_the_same_change_is_refused_where_no_reference_explains_it(text: str) -> None:
    check(text, {"a.b": "n.b"})
    with pytest.raises(Unproven):
        check(text, {"a.b": "n.b"}, stated=False)


NEWER = "def f[T](x):\n    return f'{a.b['c']:>{w}}'\n"


def test_grammar_newer_than_the_interpreter() -> None:
    check(NEWER, {"a.b": "d.e.f"})
    check(NEWER, {"c": "g.h"})


@pytest.mark.parametrize("changes", [{"[T]": "[S]"}, {"[T]": ""}, {"w}": "v}"}, {"'c'": "c"}])
def test_what_changes_in_newer_grammar_is_seen(changes: dict[str, str]) -> None:
    with pytest.raises(Unproven):
        check(NEWER, changes, stated=False)


def added(text: str, old: str, new: str, adds: bool = True) -> None:
    """Prove one edit at the first place of ``old``: as something that is added, or as a plain rewrite."""
    source = SourceFile("a.py", text.encode(), "a")
    start = source.data.index(old.encode())
    edit = Edit(start, start + len(old.encode()), new.encode())
    reference = Reference("x", edit.start, edit.end, "", "", new, adds=adds)
    prove(source, apply_edits(source.data, [edit]), [edit], [reference])


MODEL = "class A(M):\n    x = 1\n\n    class Meta:\n        y = 2  # two\n\n    def f(self): ...\n"
# What a reference that adds something may not do: change, move or lose what stands there.
NOT_ADDED = {
    "a statement lost with it": (MODEL, "x = 1\n", "z = 3\n", "would be lost"),
    "a statement changed with it": (MODEL, "y = 2", "y = 3; z = 4", "would be lost"),
    "an argument lost": ("f(a, b)\n", "a, b", "a, c=1", "syntax tree"),
    "an argument by its place": ("f(a)\n", "a", "a, b", "syntax tree"),
    "an entry lost": ("X = ['a', 'b']\n", "'b'", "'c'", "syntax tree"),
    "an entry of a dict lost": ("X = {'a': 1, 'b': 2}\n", "'b': 2", "'c': 3", "syntax tree"),
    "a value that gets another key": ("X = {'a': 1}\n", "'a': ", "'b': 2, 'c': ", "syntax tree"),
    "code in a comment's place": ("x = 1\n\n# why\n\ny = 2\n", "# why", "x = 3", "would be added"),
    "an edit over two statements": ("x = 1\ny = 2\nz = 3\n", "1\ny = 2", "1", "reach over"),
}


@pytest.mark.parametrize(("text", "old", "new", "message"), NOT_ADDED.values(), ids=NOT_ADDED)
def test_what_is_added_leaves_all_else_as_it_is(text: str, old: str, new: str, message: str) -> None:
    with pytest.raises(Unproven, match=message):
        added(text, old, new, adds="would be added" not in message)


ADDED = {  # ^ marks the place
    "behind a block that grows": ("class A:\n    class Meta:\n        y = 2  # two^\n\n    x = 1\n", "\n        z = 3"),
    "in front of a statement": ("class A:\n    ^x = 1\n", "w = 0\n    "),
    "on the line": ("class A: x = 1^\n", "; y = 2"),
    "an argument": ("f(a^)\n", ", b='c'"),
    "an entry": ("X = [\n    'a',^\n]\n", "\n    'b',"),
    "an entry of a dict": ("f(x={^})\n", "'a': 1"),
    "the first entry": ("X = (^)\n", "'a',"),
    "an import": ("^x = 1\n", "import a\n"),
}


@pytest.mark.parametrize(("text", "new"), ADDED.values(), ids=ADDED)
def test_what_is_added_has_to_say_so(text: str, new: str) -> None:
    source = SourceFile("a.py", text.replace("^", "").encode(), "a")
    edit = Edit(text.index("^"), text.index("^"), new.encode())
    data = apply_edits(source.data, [edit])
    prove(source, data, [edit], [Reference("x", edit.start, edit.end, "", "", new, adds=True)])
    with pytest.raises(Unproven):
        prove(source, data, [edit], [Reference("x", edit.start, edit.end, "", "", new)])


def test_what_is_added_may_take_the_place_of_a_pass() -> None:
    added("class A(M):\n    pass\n", "pass", "class Meta:\n        y = 2")
    with pytest.raises(Unproven):
        added("class A(M):\n    pass\n", "pass", "class Meta:\n        y = 2", adds=False)


@pytest.mark.parametrize(("text", "old", "new", "fits"), [
    ("f('a.B', x)\n", "'a.B'", "'c.B'", True), ("f(u'a.B', x)\n", "u'a.B'", "'c.B'", True), ("f(None)\n", "None", "'t'", True),
    ("f('a' 'b')\n", "'a' 'b'", "'c'", True), ("f('a', x)\n", "'a', x", "'a'", False), ("f(1)\n", "1", "'a'", False),
    ("f('a')\n", "'a'", "'b', 'c'", False), ("f(b'a')\n", "b'a'", "'a'", False), ("f('a')\n", "'a'", "a", False),
])  # fmt: skip
def test_a_literal_that_a_reference_covers(text: str, old: str, new: str, fits: bool) -> None:
    if fits:
        added(text, old, new, adds=False)
    else:
        with pytest.raises(Unproven):
            added(text, old, new, adds=False)


WORDS = ("a.b", "a.b.c", "n.b", "x", "é ", "a.b.b", "a.a.b")


def plainly_replaced(old: str, new: str, changes: list[tuple[str, str]]) -> bool:
    """The same by trying every choice: what is left out, and which occurrence."""
    if old == new:
        return True
    for number, (before, after) in enumerate(changes):
        places = [at for at in range(len(old)) if old.startswith(before, at)]
        for at in places:
            rest = old[at + len(before) :]
            if new.startswith(old[:at] + after) and plainly_replaced(rest, new[at + len(after) :], changes[number + 1 :]):
                return True
    return False


@given(st.data())
def test_a_text_with_some_of_its_references_replaced(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS), max_size=5))
    changes = data.draw(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=3))
    new, rest = [*words], [*changes]
    for index, word in enumerate(words):
        if rest and rest[0][0] == word and data.draw(st.booleans()):
            new[index] = rest.pop(0)[1]
    if data.draw(st.booleans()):
        new = data.draw(st.permutations(new))
    one, two = "".join(words), "".join(new)
    assert _replaced(one, two, tuple(changes)) == plainly_replaced(one, two, changes)


def test_many_references_in_one_file() -> None:
    lines = [f"x{number} = a.m{number}.b('a.m{number}', f'a.m{number} {{x}}')" for number in range(300)]
    lines += ['"""', *(f"a.m{number % 7} and a.m{number % 3}" for number in range(300)), '"""']
    text = "\n".join(lines) + "\n"
    source = SourceFile("a.py", text.encode(), "a")
    edits = [Edit(found.start(), found.end(), b"n.o" + found[0][1:]) for found in re.finditer(rb"a\.m\d+", source.data)]
    references = [Reference("x", edit.start, edit.end, "", "", edit.new.decode()) for edit in edits]
    data = apply_edits(source.data, edits)
    prove(source, data, edits, references)
    for place in (data.index(b"n.o.m150.b"), data.index(b"'n.o.m150'") + 1, data.rindex(b"n.o.m2")):
        other = data[:place] + b"n.u" + data[place + 3 :]
        with pytest.raises(Unproven):
            prove(source, other, edits, references)
