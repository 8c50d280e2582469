from __future__ import annotations

from migration.engine.coverage.keys import directory_of, listed, path_or_package, starred
from migration.engine.coverage.patterns import Directory, Modules
from migration.engine.coverage.values import Context
from tests.engine.coverage.tools import Texts

CONTEXT = Context(Texts({"shop/__init__.py": b"", "lib/x.txt": b""}), {".", "shop", "lib"}, (".",))


def test_keys_of_other_files_are_passed_over() -> None:
    places = ("setup.cfg:tool:pytest.a", "pytest.ini:pytest.a")
    assert [word for word, _ in listed("x/pytest.ini", "[pytest]\na = b c\n", places, "words")] == ["b", "c"]
    assert list(listed("x/tox.ini", "[pytest]\na = b c\n", places, "words")) == []


def test_what_a_star_stood_for_comes_with_the_entry() -> None:
    found = starred("a.toml", "[t]\nx = ['1']\ny = ['2']\n", ("a.toml:t.*",))
    assert [(stars, word) for stars, (word, _) in found] == [(("x",), "1"), (("y",), "2")]


def test_the_directory_of_a_file() -> None:
    assert (directory_of("a"), directory_of("a/b/c")) == (".", "a/b")


def test_a_word_is_a_directory_or_else_a_package() -> None:
    assert path_or_package("shop", ".", CONTEXT) == Modules("shop", (".",))
    assert path_or_package("lib", ".", CONTEXT) == Directory("lib", ".")
    assert path_or_package("./shop", ".", CONTEXT) == Directory("./shop", ".")
    assert path_or_package("a-b", ".", CONTEXT) == Directory("a-b", ".")
