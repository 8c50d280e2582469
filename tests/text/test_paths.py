"""Paths in plain text are told from routes, images and other directories by what stands around them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.changes import apply_edits
from migration.text.passage import Passage, Place, Style
from migration.text.paths import anchors, follow, may_hold_path, may_hold_path_in_code, names_path, rooted
from tests.rewriters.text_tools import AWAY, HOME, MOVES, PART

UNTOUCHED: dict[str, Style] = {
    "posthog/warehouse_utils.py": "text",
    "my/posthog/warehouse": "text",
    "xposthog/warehouse": "text",
    "posthog/warehouse-x": "text",
    "@posthog/warehouse": "text",
    "https://example.org/posthog/warehouse": "text",
    "/posthog/warehouse": "web",
    "../../posthog/warehouse ../../posthog/warehouse/gone.py": "text",
    "*/posthog/warehouse/": "patterns",
    "posthog/utils.py posthog/models": "text",
    "warehouse": "text",
}


@pytest.mark.parametrize(("text", "style"), UNTOUCHED.items())
def test_other_paths_stay(text: str, style: Style) -> None:
    assert [*rooted(Passage(text.encode(), MOVES, "path", Place("config/x.yml", style)))] == []


LEFT: dict[str, tuple[Style, str]] = {
    "/posthog/warehouse": ("text", "a route or a directory of the system"),
    "/srv/posthog/warehouse/util.py": ("text", "which may be the repo"),
    "$OTHER/posthog/warehouse/util.py": ("text", "which may be the repo"),
    "other/posthog/warehouse/util.py": ("text", "which is not in the repo"),
    "../../posthog/warehouse/util.py": ("python", "behind ../../, which leads elsewhere from this file"),
    "posthog/warehouse*": ("text", "goes on in a pattern"),
    "image: posthog/warehouse": ("text", "name of an image"),
    "docker run posthog/warehouse:latest": ("text", "name of an image"),
    "posthog/{warehouse,hogql}/**": ("text", "one of several alternatives"),
    "posthog/@(hogql|warehouse)/**": ("text", "one of several alternatives"),
    "https://github.com/x/y/blob/master/posthog/warehouse/util.py": ("text", "a link to the file"),
}


@pytest.mark.parametrize(("text", "style", "reason"), [(text, *more) for text, more in LEFT.items()])
def test_doubtful_paths_are_listed(text: str, style: Style, reason: str) -> None:
    (found,) = rooted(Passage(text.encode(), MOVES, "path", Place("config/x.yml", style)))
    assert found.text is None and reason in found.reason


FOLLOWED: dict[str, Style] = {
    "{}": "text",
    "./{}/util.py": "text",
    "`{}/`, then": "prose",
    "/{}/ @team": "patterns",
    "{}/**/*.sql": "text",
    "$REPO_ROOT/{}/run.sh": "text",
    "COPY {}/ui /srv": "text",
    "run: pytest {}/api/table.py::test": "text",
    "omit = */{}/test/*": "text",
    "find . -path '*/{}/*'": "text",
    "exclude: .*/{}/api/": "text",
}


@pytest.mark.parametrize(("form", "style"), FOLLOWED.items())
def test_paths_follow(form: str, style: Style) -> None:
    data, expected = (form.format(path).encode() for path in (HOME, AWAY))
    assert may_hold_path(data, MOVES) and names_path(data, MOVES)
    edits = [found.edit for found in rooted(Passage(data, MOVES, "path", Place("config/x.yml", style)))]
    assert apply_edits(data, [edit for edit in edits if edit]) == expected


def test_a_pattern_that_nothing_else_matches() -> None:
    alone = replace(MOVES, paths=frozenset(path for path in MOVES.paths if "warehouse_" not in path))
    (found,) = rooted(Passage(b"posthog/warehouse*", alone, "path", Place("x.yml")))
    assert found.text == AWAY


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conf/index.yaml", "include: posthog/warehouse/a.yaml"),  # beside the file
        ("conf/deep/index.yaml", "include: posthog/warehouse/a.yaml"),  # from above it
        ("views.py", "posthog/warehouse/list.html"),  # from a root of templates
    ],
)
def test_what_lies_below_another_directory_stays(path: str, text: str) -> None:
    there = {"conf/posthog/warehouse/a.yaml", "templates/posthog/warehouse/list.html"}
    moves = replace(MOVES, paths=MOVES.paths | there)
    (reference,) = rooted(Passage(text.encode(), moves, "path", Place(path)))
    assert (reference.text, reference.kept) == (None, True)
    assert reference.reason in {f"names {path}, which stays" for path in there}
    # What was at the old place, too, is what is meant; and what moves as well is not another thing.
    both = replace(moves, paths=moves.paths | {"posthog/warehouse/a.yaml", "posthog/warehouse/list.html"})
    for other in (both, MOVES):
        (reference,) = rooted(Passage(text.encode(), other, "path", Place(path)))
        assert reference.text is not None


@pytest.mark.parametrize("text", ["/posthog/warehouse/<pk>/edit/", "GET /posthog/warehouse", "/posthog/warehouse/{id}/"])
def test_pages_of_a_site_are_no_paths(text: str) -> None:
    assert [*rooted(Passage(f"see {text}".encode(), MOVES, "path", Place("a.py", "prose")))] == []


def test_slashes_stay_as_the_author_escaped_them() -> None:
    (found,) = rooted(Passage(rb"posthog\/warehouse\/util\.py", MOVES, "path", Place("x.yml")))
    assert found.text == AWAY.replace("/", r"\/")


def test_the_working_directory_of_a_container_is_the_repo() -> None:
    place = Place("Dockerfile", workdirs=frozenset({"/code"}))
    (found,) = rooted(Passage(b"/code/posthog/warehouse/util.py", MOVES, "path", place))
    assert found.text == AWAY


def test_what_is_looked_for() -> None:
    assert anchors(MOVES) == ({HOME: AWAY}, frozenset())
    whole, parts = anchors(PART)
    assert f"{HOME}/util.py" in whole and f"{HOME}/models" in whole and HOME not in whole and HOME in parts


@pytest.mark.parametrize(
    "text",
    [
        "warehouse",
        "kind = 'warehouse'",
        "f(kind='warehouse')",
        'x["warehouse"]',
        "{'warehouse': 1, 'x': f'warehouse'}",
        "x == 'warehouse'",
        "'the warehouse'",
        "'data_warehouse'",
        "'warehouses'",
    ],
)
def test_a_word_in_code_that_is_no_path(text: str) -> None:
    assert not may_hold_path_in_code(text.encode(), MOVES)


@pytest.mark.parametrize(
    "text",
    [
        "'posthog/warehouse'",
        "'../warehouse'",
        "'warehouse/x.sql'",
        "Path('posthog') / 'warehouse'",
        "join(ROOT, 'posthog', 'warehouse')",
        "['posthog', 'warehouse']",
        "'posthog/' 'warehouse'",
        '\'posthog/\' r"""warehouse"""',
        "r'posthog\\/warehouse'",
        "'\\x2fwarehouse'",
        "getattr(posthog, 'warehouse')",
        "patch.object(posthog, 'warehouse')",
        "__import__('posthog', fromlist=['warehouse'])",
    ],
)
def test_a_word_in_code_that_may_be_one(text: str) -> None:
    assert may_hold_path_in_code(text.encode(), MOVES)


def test_the_name_of_a_file_or_of_a_directory_at_the_top_needs_nothing_in_front() -> None:
    file = replace(MOVES, files={"ee/tool": "x/tool"}, directories={})
    assert may_hold_path_in_code(b"name = 'tool'", file) and not may_hold_path_in_code(b"name = 'data_toolbox'", file)
    top = replace(MOVES, files={"warehouse/util.py": "x/util.py"}, directories={"warehouse": "x"})
    assert may_hold_path_in_code(b"name = 'warehouse'", top)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ax", None), ("a-b", None), ("a", ""), ("a/b.c.", "/b.c"), ("a/b/*.py", "/b"), ("a*", ""), ("a/b, c", "/b")],
)
def test_what_is_written_out_behind_a_path(text: str, expected: str | None) -> None:
    found = follow(text.encode(), 0, 1, len(text))
    assert (found and found.path) == expected


@pytest.mark.parametrize(("text", "path"), [
    ("posthog/warehouse/util.py", "posthog/warehouse/util.py"),
    ("https://github.com/x/y/blob/master/posthog/warehouse/util.py", "posthog/warehouse/util.py"),  # a doubt of its own
])  # fmt: skip
def test_what_keep_lists_is_no_open_question(text: str, path: str) -> None:
    (found,) = rooted(Passage(text.encode(), replace(MOVES, keep=frozenset({path})), "path", Place("config/x.yml")))
    assert (found.text, found.kept, found.is_open) == (None, True, False)
