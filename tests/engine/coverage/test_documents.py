from __future__ import annotations

import pytest

from migration.engine.coverage.documents import Split, composed, entries, options, value

TOML = '# c\n[tool.x]\nlist = ["a", \'b\']\nword = "a b"\nmore = """\na\n"""\n[[tool.o]]\nm = "a"\n[[tool.o]]\nm = ["b"]\n[tool.t]\n"k/*" = [1]\n'
INI = "[s]\na = x y\nb =\n    x\n    # no\n    y, z  ; why\nEmpty =\n[p-one]\nk: v\n[p-two]\nk = w\n"
YAML = "a:\n  - x\n  - 'y'\nb: {c: [x, \"y\"]}\nd: |\n  one\n  two\ne: x y\n"


def told(path: str, text: str, key: str, split: Split = "item") -> list[tuple[tuple[str, ...], str, int]]:
    return [(stars, word, spot.line) for stars, (word, spot) in entries(path, text, key.split("."), split)]


def test_keys_that_are_not_there() -> None:
    for path, text in (("a.toml", TOML), ("a.ini", INI), ("a.yml", YAML)):
        assert told(path, text, "tool.none") == []
    assert told("a.yml", "", "a") == []


@pytest.mark.parametrize(("path", "text"), [("a.toml", "a = ["), ("a.yml", "a: [\n"), ("a.json", "{")])
def test_what_can_t_be_parsed(path: str, text: str) -> None:
    with pytest.raises(ValueError):
        told(path, text, "a")


@pytest.mark.parametrize(("key", "split", "found"), [
    ("tool.x.list", "item", [((), "a", 3), ((), "b", 3)]),
    ("tool.x.word", "item", [((), "a b", 4)]),
    ("tool.x.word", "words", [((), "a", 4), ((), "b", 4)]),
    ("tool.x.more", "item", [((), "a\n", 6)]),
    ("tool.o.*.m", "item", [(("0",), "a", 9), (("1",), "b", 11)]),
    ("tool.t", "key", [((), "k/*", 13)]),
])  # fmt: skip
def test_toml(key: str, split: Split, found: list[tuple[tuple[str, ...], str, int]]) -> None:
    assert told("a.toml", TOML, key, split) == found


@pytest.mark.parametrize(("key", "split", "found"), [
    ("s.a", "words", [((), "x", 2), ((), "y", 2)]),
    ("s.a", "item", [((), "x y", 2)]),
    ("s.b", "commas", [((), "x", 4), ((), "y", 6), ((), "z", 6)]),
    ("s.empty", "words", []),
    ("p-*.k", "item", [(("one",), "v", 9), (("two",), "w", 11)]),
])  # fmt: skip
def test_ini(key: str, split: Split, found: list[tuple[tuple[str, ...], str, int]]) -> None:
    assert told("setup.cfg", INI, key, split) == found


@pytest.mark.parametrize(("key", "split", "found"), [
    ("a", "item", [((), "x", 2), ((), "y", 3)]),
    ("b.*", "item", [(("c",), "x", 4), (("c",), "y", 4)]),
    ("b", "key", [((), "c", 4)]),
    ("d", "item", [((), "one\ntwo\n", 6)]),
    ("e", "words", [((), "x", 8), ((), "y", 8)]),
    ("*", "item", [(("a",), "x", 2), (("a",), "y", 3), (("d",), "one\ntwo\n", 6), (("e",), "x y", 8)]),
])  # fmt: skip
def test_yaml(key: str, split: Split, found: list[tuple[tuple[str, ...], str, int]]) -> None:
    assert told("a.yml", YAML, key, split) == found


def test_json_with_comments() -> None:
    text = '{\n  // "a": ["no"],\n  /* no */ "a": ["x//y"]\n}\n'
    assert told("a.json", text, "a") == [((), "x//y", 3)]
    assert composed("{}") is not None


def test_a_block_of_text_is_replaced_at_its_indent() -> None:
    ((_, (_, spot)),) = entries("a.yml", YAML, ("d",))
    assert spot.replaced("one\nother\n") == YAML.replace("two", "other")
    assert spot.beside(["x"]) is None


def test_a_toml_text_that_tomlkit_does_not_give_back_has_no_places() -> None:
    ((_, (_, spot)),) = entries("a.toml", "a = ['x']\n", ("a",))
    assert spot.beside(['"']) is None
    assert spot.beside(["y"]) == "a = ['x', 'y']\n"
    ((_, (_, first)),) = entries("a.toml", 'a = "x\\\\.y"\n', ("a",))
    assert first.replaced(r"x\.y|z\.y") == 'a = "x\\\\.y|z\\\\.y"\n'


def test_values_and_options() -> None:
    assert (value("a.toml", TOML, ("tool", "x", "word")), value("a.toml", TOML, ("x",)), value("a.ini", INI, ("s",))) == ("a b", None, None)
    start, end = options(INI)["s", "b"]
    assert INI[start:end].split() == ["x", "#", "no", "y,", "z", ";", "why"]
