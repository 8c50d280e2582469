"""What stands in front of a path decides what it starts from."""

from __future__ import annotations

import pytest

from migration.text.before_a_path import is_root, lead_of, like, link_reason, plain, workdirs

PARTS_OF_WORDS = ("x", "é", ".", "@", "~", "$", "%", "\\", "x-")


@pytest.mark.parametrize("front", PARTS_OF_WORDS)
def test_a_path_does_not_start_inside_a_word(front: str) -> None:
    data = front.encode() + b"ee/x"
    assert lead_of(data, len(data) - 4, 0) is None


LEADS = {
    "": ("plain", ""),
    "see `": ("plain", ""),
    "--x=": ("plain", ""),
    " -": ("plain", ""),
    r"\n": ("plain", ""),
    "**/": ("plain", "**/"),
    "*/": ("any", "*/"),
    "^.*/": ("any", ".*/"),
    "/": ("root", "/"),
    "'/": ("root", "/"),
    "./": ("relative", "./"),
    "../../": ("relative", "../../"),
    "/srv/code/": ("absolute", "/srv/code/"),
    "~/code/": ("absolute", "~/code/"),
    "lib/": ("behind", "lib/"),
    "../lib/": ("behind", "../lib/"),
    "$ROOT/": ("variable", "ROOT"),
    "${{ github.workspace }}/": ("variable", "github.workspace"),
    "{{ base }}/": ("variable", "base"),
    '"$(git rev-parse --show-toplevel)"/': ("variable", "git rev-parse --show-toplevel"),
    "see https://a.b/c/": ("url", "https://a.b/c/"),
    r"lib\/": ("behind", "lib/"),
}


@pytest.mark.parametrize(("front", "expected"), LEADS.items())
def test_what_stands_in_front(front: str, expected: tuple[str, str]) -> None:
    data = front.encode() + b"ee/x"
    assert lead_of(data, len(data) - 4, 0) == expected


def test_what_stands_before_the_text_is_not_looked_at() -> None:
    assert lead_of(b"x/ee/y", 2, 2) == ("plain", "")


@pytest.mark.parametrize(
    ("written", "shown", "follows"),
    [(b"a/b.c", "a/b.c", "n/d.e"), (rb"a\/b.c", "a/b.c", r"n\/d.e"), (rb"a/b\\.c", "a/b.c", r"n/d\\.e")],
)
def test_the_author_s_backslashes(written: bytes, shown: str, follows: str) -> None:
    assert (plain(written), like(written, "n/d.e")) == (shown, follows)


NO_ROOTS, ROOTS = ("HOME", "TMPDIR", "MEDIA_ROOT", "venv"), ("ROOT", "REPO_ROOT", "settings.BASE_DIR", "PWD", "repo")


@pytest.mark.parametrize(("name", "expected"), [*((n, False) for n in NO_ROOTS), *((n, True) for n in ROOTS)])
def test_variables_that_stand_for_the_repo(name: str, expected: bool) -> None:
    assert is_root(name) == expected


def test_working_directories() -> None:
    assert workdirs(b"COPY . /x\n") == frozenset()
    assert workdirs(b"WORKDIR /code/\n  - .:/srv/app\n  - ./:/b\n") == {"/code", "/srv/app", "/b"}


FORGE = "https://github.com/x/y"


@pytest.mark.parametrize("text", ["https://a.b/c/", FORGE + "/", FORGE + "/blob/0a1b2c3d4e/", FORGE + "/issues/3/"])
def test_links_that_stay_right(text: str) -> None:
    assert link_reason(text) is None


@pytest.mark.parametrize("text", [FORGE + "/blob/master/", FORGE + "/tree/main/", "https://raw.host.com/x/y/main/"])
def test_links_that_are_worth_a_look(text: str) -> None:
    assert link_reason(text)
