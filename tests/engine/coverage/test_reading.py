from __future__ import annotations

from collections.abc import Sequence

from migration.core.names import directories_of
from migration.engine.coverage.consumers import CONSUMERS
from migration.engine.coverage.patterns import Directory
from migration.engine.coverage.reading import Reader
from migration.engine.coverage.spots import File
from migration.engine.coverage.values import Context, Entry, Group
from tests.engine.coverage.tools import Texts


class Words:
    """A consumer of its own: the words of a file are entries."""

    reads = ("words.txt", "*.words", "Words*", "words/")
    needles = (b"WORDS",)

    def __init__(self) -> None:
        self.read: list[str] = []

    def groups(self, path: str, text: str, context: Context) -> Sequence[Group]:
        """The words."""
        self.read.append(path)
        if "!" in text:
            raise ValueError("no word")
        return [Group("words", tuple(Entry(path, word, File(), Directory(word), "x") for word in text.split()))]


def read(files: dict[str, bytes], holding: tuple[str, ...] = ()) -> tuple[Words, dict[str, list[str]], Reader]:
    words = Words()
    reader = Reader((".",), holding, consumers=[words])
    state = reader.state(Texts(files), files, {".", *directories_of(files)})
    return words, {path: [e.text for group in groups for e in group.entries] for path, groups in state.groups.items()}, reader


def test_other_files_are_not_read() -> None:
    words, found, _ = read({"a.txt": b"x", "words.txt.old": b"x", "b/words/c": b"x", "aWords": b"x", "a.py": b"WORDS"})
    assert (words.read, found) == ([], {})


def test_files_are_found_by_name_end_start_directory_and_what_they_hold() -> None:
    files = {"a/words.txt": b"1", "b.words": b"2", "Words.x": b"3", "words/y": b"4", "p.py": b"5", "empty.words": b""}
    assert read(files, ("p.py",))[1] == {
        "a/words.txt": ["1"], "b.words": ["2"], "Words.x": ["3"], "words/y": ["4"], "p.py": ["5"],
    }  # fmt: skip


def test_a_file_that_can_t_be_read_is_remembered_and_the_others_count() -> None:
    _, found, reader = read({"a.words": b"!", "b.words": b"1"})
    assert found == {"b.words": ["1"]}
    assert reader.unreadable == {}
    assert read({"words.txt": b"!", "b.words": b"1"})[2].unreadable == {"words.txt": "no word"}


def test_what_has_not_changed_is_read_once() -> None:
    words, _, reader = read({"a.words": b"1", "b.words": b"2"})
    files = Texts({"a.words": b"1", "b.words": b"3"})
    after = reader.state(files, files, {"."})
    changed = reader.changed(after, {"b.words": b"4", "new.words": b"5"})
    assert words.read == ["a.words", "b.words", "b.words", "b.words", "new.words"]
    assert {path: groups[0].entries[0].text for path, groups in changed.groups.items()} == {
        "a.words": "1", "b.words": "4", "new.words": "5",
    }  # fmt: skip


def test_a_pattern_tells_places_apart_or_not() -> None:
    reader = Reader((".",))
    moves = {"a/x": "b/x"}
    assert (reader.tells_apart(Directory("a"), moves), reader.tells_apart(Directory("."), moves)) == (True, False)


def test_each_consumer_says_what_it_reads() -> None:
    for consumer in CONSUMERS:
        assert consumer.reads or consumer.needles
        assert all(reads.count("*") <= 1 and (reads.strip("*") == reads or reads[0] != reads[-1]) for reads in consumer.reads)
