"""A path that starts at a directory above what moves names it where only one file of the tree ends so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.changes import apply_edits
from migration.core.moves import Moves
from migration.core.references import TextFile
from migration.rewriters import paths
from migration.text.partial_paths import file_named, partial
from migration.text.passage import Passage, Place, Style
from tests.rewriters.alone import check
from tests.rewriters.text_tools import IN_SRC, IN_SRC_TREE, MOVES, placed
from tests.rewriters.tools import moves_for


def found(text: str, path: str = "docs/x.md", style: Style = "prose", moves: Moves = IN_SRC) -> tuple[str, list[str]]:
    references = [*partial(Passage(text.encode(), moves, "path", Place(path, style)))]
    new = apply_edits(text.encode(), [edit for each in references if (edit := each.edit)]).decode()
    again = replace(moves, paths=frozenset(moves.new_path(path) for path in moves.paths))
    assert not any(each.edit for each in partial(Passage(new.encode(), again, "path", Place(path, style))))
    return new, [each.reason for each in references if each.text is None]


@pytest.mark.parametrize(
    "text",
    [
        "src/shop/base/mail.py",  # the whole path
        "shop/base/gone.py shop/base shop/base/ base a/x.xml mail.py",
        "https://x.org/shop/base/mail.py /shop/base/mail.py /srv/shop/base/mail.py x/shop/base/mail.py",
        "xshop/base/mail.py shop/base/mail.pyc @shop/base/mail.py my.shop/base/mail.py ./shop/base/mail.py",
        "shop/web/mail.py shop/web/urls.py",  # stays
        "x" * 300_000 + "/base",  # as minified code has it: read in one go
    ],
)
def test_untouched(text: str) -> None:
    assert found(text) == (text, [])


def test_a_file_that_another_path_ends_like_is_not_meant_for_sure() -> None:
    files = {"src/shop/web/mail.py": "src/shop/core/web/mail.py", "src/shop/web/urls.py": "src/shop/core/web/urls.py"}
    moves = placed(moves_for({"shop.web": "shop.core.web"}, "shop/ shop.web/ shop.web.mail shop.web.urls"), files, IN_SRC_TREE)
    assert file_named("web/mail.py", moves) == ""
    assert file_named("web/urls.py", moves) == "src/shop/web/urls.py"
    assert file_named("shop/web/mail.py", moves) == "src/shop/web/mail.py"


def test_from_a_directory_that_modules_are_found_from() -> None:
    text = "#: shop/base/mail.py:12 shop/base/mail.py\n(shop/base/a/x.xml), see shop/base/mail.py.\n"
    assert found(text) == (text.replace("shop/base", "shop/core/base"), [])
    (first, *rest) = paths.find_in_text(TextFile("src/x.cfg", text.encode()), IN_SRC)  # its own place as well
    assert (first.text, len(rest)) == ("shop/core/base/mail.py", 3)


def test_from_any_other_directory_it_is_listed() -> None:
    reason = "names src/shop/base/mail.py from src/shop/, by its looks; that would be core/base/mail.py"
    assert found("in base/mail.py") == ("in base/mail.py", [reason])
    (named,) = found("${ROOT}/base/mail.py", "x.sh", "text")[1]
    assert named == reason
    (away,) = found("warehouse/util.py", "x.sh", "text", MOVES)[1]
    assert away == "names posthog/warehouse/util.py from posthog/, by its looks"


def test_what_loaders_find_is_named_from_where_they_look() -> None:
    moving = [f"shop/{place}/web/a{number}.html" for number, place in enumerate(("templates", "static", "x/jinja2", "text"))]
    tree = " ".join([*moving, *(path.replace("/a", "/stays") for path in moving)])
    moves = placed(moves_for({}, "shop/"), {path: "core" + path[4:] for path in moving}, tree)
    assert [file_named(f"web/a{number}.html", moves) for number in range(4)] == ["", "", "", moving[3]]
    assert file_named("templates/web/a0.html", moves) == moving[0]


def test_in_python_it_is_listed() -> None:
    text = (
        "a = f'{settings.PACKAGE_ROOT}/warehouse/models/x.sql'\n"
        "b = os.path.join(ROOT, 'warehouse', 'models/x.sql')\n"
        "c = HERE / 'warehouse' / 'util.py'\n"
        "d = os.path.join(ROOT, 'warehouse', 'none.sql'), os.path.join('warehouse', 'util.py'), HERE / 'util.py'\n"
    )
    left = [
        "1: posthog/warehouse/models/x.sql: names posthog/warehouse/models/x.sql from posthog/, by its looks",
        "2: posthog/warehouse/models/x.sql: joined to ROOT, which may be posthog/",
        "3: posthog/warehouse/util.py: joined to HERE, which may be posthog/",
    ]
    check(paths, text, moves=MOVES, path="ee/billing.py", left=left)


@pytest.mark.parametrize("path", ["locale/de/LC_MESSAGES/django.po", "locale/django.pot"])
def test_what_is_left_in_a_catalogue_is_no_open_question(path: str) -> None:
    text = b'#: warehouse/util.py:1\nmsgid "warehouse/util.py"\n'
    place, message = paths.find_in_text(TextFile(path, text), MOVES)
    assert (place.reason, place.kept) == ("a place in the source, which makemessages writes anew", True)
    assert message.reason.startswith("names posthog/warehouse/util.py")
