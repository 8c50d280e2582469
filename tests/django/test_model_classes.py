"""How models look in source: what is no class, no Meta, no plain string is passed over."""

from __future__ import annotations

import ast

import pytest

from migration.django import model_classes
from migration.django.registry import ModelInfo
from migration.plan.plan import App, Model
from migration.python.source_file import SourceFile, UnreadableSource

TEXT = """\
class A(Base):
    name: str
    a = b = Field(); c.d = 1; (e, f) = 1, 2
    if X:
        g: int = 1
        class Meta: db_table = R'''t'''
    elif Y: h = 1
    else: i = 1
    try: j = 1
    except E: k = 1
    else: l = 1
    finally: m = 1
    with w: n = 1
    def method(self):
        class Inner: o = 1
    class B:
        class C: pass
try:
    class D: pass
except E:
    class D2: pass
match x:
    case 1:
        class F: pass
"""
SOURCE = SourceFile("p/m.py", TEXT.encode(), "p.m")
CLASSES = dict(model_classes.classes(SOURCE))
MODELS = (Model("Item", "core.m", "t"), Model("Tag", "core.m", "u"))


def test_labels_of_an_extraction() -> None:
    moved = App("extraction", "Core", "shop", models=MODELS).moved_labels
    assert moved == {"core.item": "shop.Item", "core.tag": "shop.Tag"}
    found = [model_classes.new_label(label, moved) for label in ("", "core", "core.Items", "x.Item", "core.ITEM", "Core.Tag")]
    assert found == ["", "core", "core.Items", "x.Item", "shop.Item", "shop.Tag"]
    owners = [ModelInfo(label, "m", "q", "t") for label in ("core.Team", "core.Item", "Core.tag")]
    assert model_classes.labels_after(owners, moved) == {"core", "shop"}


def test_classes_have_the_names_that_the_registry_gives_them() -> None:
    expected = {f"p.m.{name}" for name in ("A", "A.Meta", "A.method.<locals>.Inner", "A.B", "A.B.C", "D", "D2", "F")}
    assert set(CLASSES) == expected
    assert list(model_classes.classes(SourceFile("x.py", TEXT.encode(), None))) == []
    with pytest.raises(UnreadableSource):
        list(model_classes.classes(SourceFile("p/m.py", b"class", "p.m")))


def test_what_a_class_body_assigns() -> None:
    assert sorted(name for name, _ in model_classes.assignments(CLASSES["p.m.A"].body)) == list("abghijklmn")
    assert model_classes.meta_of(CLASSES["p.m.A.B"]) is None
    assert model_classes.meta_of(CLASSES["p.m.A"]) is CLASSES["p.m.A.Meta"]
    assert model_classes.meta_value(CLASSES["p.m.D"], "db_table") is None
    assert model_classes.meta_value(CLASSES["p.m.A"], "managed") is None
    assert model_classes.string(model_classes.meta_value(CLASSES["p.m.A"], "db_table")) == "t"


@pytest.mark.parametrize("text, value", [("1", None), ("b'x'", None), ("f'x'", None), ("x", None), ("'a' 'b'", "ab"), ("''", "")])
def test_strings(text: str, value: str | None) -> None:
    assert model_classes.string(ast.parse(text, mode="eval").body) == value
    assert model_classes.string(None) is None


@pytest.mark.parametrize("text, written", [("'a'", "'n'"), ('"a"', '"n"'), ("r'''a'''", "r'''n'''"), ('U"a"', 'U"n"'), ("'a' \"b\"", "'n'"), ("x", '"n"')])
def test_literals_are_written_like_their_neighbour(text: str, written: str) -> None:
    source = SourceFile("a.py", f"ü = {text}".encode(), "a")
    assign = source.tree.body[0]
    assert isinstance(assign, ast.Assign)
    assert model_classes.literal(source, assign.value, "n") == written


@pytest.mark.parametrize("raw, newline, end", [(b"a = 1", "\n", 5), (b"a = 1\nb\r\n", "\n", 5), (b"a = 1\r\nb\n", "\r\n", 5), (b"a = 1 # x\rb\n", "\r", 9)])
def test_ends_of_lines(raw: bytes, newline: str, end: int) -> None:
    source = SourceFile("a.py", raw, "a")
    assert model_classes.newline(source, source.tree.body[0]) == newline
    assert model_classes.line_end(source, 2) == end
