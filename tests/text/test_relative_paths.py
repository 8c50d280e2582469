"""Paths from a file's own place find after the move what they found before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.changes import apply_edits
from migration.text.passage import Passage, Place, Style
from migration.text.relative_paths import beside, dots_only, relative, upwards
from tests.rewriters.text_tools import MOVES, TOP

STAY = (
    ("posthog/warehouse/run.sh", "./util.py ./models/x.sql"),
    ("posthog/warehouse/run.sh", "../nothing/here ../../nor/here.py"),
    ("posthog/warehouse/run.sh", "x../utils.py $../utils.py @../utils.py a/../utils.py"),
    ("docs/guide.md", "../posthog/utils.py ../ee/billing.py"),
    ("docs/guide.md", "./posthog/warehouse/util.py"),
    ("posthog/warehouse/ui/types.ts", "'../../models/team'"),
    # By a way round, which leads there still.
    ("posthog/README.md", "../posthog/utils.py ./../ee/billing.py"),
    ("posthog/warehouse/models/x.sql", "../models/table.py"),
)


@pytest.mark.parametrize(("path", "text"), STAY)
def test_paths_that_stay_right(path: str, text: str) -> None:
    assert [*relative(Passage(text.encode(), MOVES, "path", Place(path)))] == []


@pytest.mark.parametrize("tag", ["{%% include '%s' %%}", "{{ include('%s') }}", "{%%- x\n '%s' %%}"])
@pytest.mark.parametrize("name", ["warehouse/README.md", "./warehouse/README.md"])
def test_what_a_tag_names_is_a_template(tag: str, name: str) -> None:
    place = Place("posthog/x.html")
    data = (tag % name).encode()
    assert [*relative(Passage(data, MOVES, "path", place)), *beside(Passage(data, MOVES, "path", place))] == []
    behind = data + f" {name}".encode()
    assert [*relative(Passage(behind, MOVES, "path", place)), *beside(Passage(behind, MOVES, "path", place))] != []


def test_braces_of_code_are_no_tag() -> None:
    data = b"<A style={{ x: require('../../posthog/warehouse/ui/types') }}>"
    (found,) = relative(Passage(data, MOVES, "path", Place("frontend/src/x.tsx")))
    assert found.text == "../../products/data_warehouse/backend/ui/types"


FOLLOW = (
    ("docs/guide.md", "[x](../posthog/warehouse/util.py)", "[x](../products/data_warehouse/backend/util.py)"),
    ("docs/guide.md", "../posthog/warehouse/", "../products/data_warehouse/backend/"),
    ("posthog/README.md", "see ./warehouse/README.md.", "see ../products/data_warehouse/backend/README.md."),
    ("posthog/warehouse/run.sh", "'../utils.py'", "'../../../posthog/utils.py'"),
    ("posthog/warehouse/run.sh", r"..\/utils.py", r"..\/..\/..\/posthog\/utils.py"),
    ("bin/start", "import '../posthog/warehouse/ui/types'", "import '../products/data_warehouse/backend/ui/types'"),
)


@pytest.mark.parametrize(("path", "text", "expected"), FOLLOW)
def test_paths_follow(path: str, text: str, expected: str) -> None:
    data = text.encode()
    edits = [found.edit for found in relative(Passage(data, MOVES, "path", Place(path)))]
    assert apply_edits(data, [edit for edit in edits if edit]).decode() == expected


@pytest.mark.parametrize("path", ["bin/start", "posthog/README.md"])
def test_what_stays_may_go_up(path: str) -> None:
    assert [*upwards(Passage(b'cd "$(dirname "$0")/../.."', MOVES, "path", Place(path)))] == []


def test_going_up_from_a_file_that_moves_is_listed() -> None:
    (found,) = upwards(Passage(b'cd "$(dirname "$0")/../.."', MOVES, "path", Place("posthog/warehouse/run.sh")))
    assert (found.old, found.text, found.reason) == (".", None, "goes up from the file's own place")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "warehouse/README.md"),
        ("posthog/README.md", "x/warehouse/README.md my-warehouse/README.md warehouse/none.md warehouse"),
        ("posthog/README.md", "https://a.b/warehouse/README.md"),
    ],
)
def test_what_does_not_lie_beside_a_file(path: str, text: str) -> None:
    assert [*beside(Passage(text.encode(), MOVES, "path", Place(path)))] == []


def test_what_lies_beside_a_file_follows() -> None:
    (found,) = beside(Passage(b"in warehouse/README.md", MOVES, "path", Place("posthog/README.md")))
    assert (found.start, found.text) == (3, "../products/data_warehouse/backend/README.md")
    assert [*beside(Passage(b"warehouse/a.html", TOP, "path", Place("app.py")))] == []


@pytest.mark.parametrize(("style", "part"), [("patterns", "can't leave the directory"), ("python", "not be meant")])
def test_what_may_lie_beside_a_file_is_listed(style: Style, part: str) -> None:
    (found,) = beside(Passage(b"warehouse/util.py", MOVES, "path", Place("posthog/x", style)))
    assert found.text is None and part in found.reason


def only_dots(text: str, path: str, style: Style = "text") -> str:
    found = [*dots_only(Passage(text.encode(), MOVES, "path", Place(path, style)))]
    return apply_edits(text.encode(), [edit for reference in found if (edit := reference.edit)]).decode()


@pytest.mark.parametrize(
    ("text", "path", "style"),
    [
        ("-e ../..", "posthog/README.md", "text"),  # stays
        ("and so on .. or ../..", "posthog/warehouse/README.md", "prose"),
        ("ROOT := ../../..", "posthog/warehouse/run.sh", "text"),  # above the repo
        ("range 1..2 a.. ...", "posthog/warehouse/run.sh", "text"),
        ("-e ./addon", "posthog/warehouse/run.sh", "text"),
    ],
)
def test_dots_that_stay(text: str, path: str, style: Style) -> None:
    assert only_dots(text, path, style) == text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("-e ../..", "-e ../../.."),
        ("ROOT := ../..\n", "ROOT := ../../..\n"),
        ("root: ['../..', \"..\"]", "root: ['../../..', \"../../../posthog\"]"),
        ("x=../../", "x=../../../"),
    ],
)
def test_dots_lead_to_the_same_directory(text: str, after: str) -> None:
    assert only_dots(text, "posthog/warehouse/run.sh") == after


def test_an_upward_path_to_a_name_that_starts_with_a_dot() -> None:
    moves = replace(MOVES, paths=MOVES.paths | {".env"})
    found = [*relative(Passage(b"env_file: ../../.env", moves, "path", Place("posthog/warehouse/run.sh")))]
    assert [reference.text for reference in found] == ["../../../.env"]
