"""Packages of Wagtail and django-oscar moved as plain files and references, each checked statically.

Not part of the default run: ``pytest -m real``, or one move alone: ``pytest -m real -k wagtail.blocks``.
"""

from __future__ import annotations

import functools
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from migration.cli.options import Options
from migration.cli.session import Session
from migration.engine.import_check import check_tree
from migration.engine.residue import Residue, find
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from tests.real.codebases import Codebase, git, run
from tests.real.independent import Words, left, unexplained
from tests.real.test_wagtail import WAGTAIL, copy_tool, state
from tests.tools import contents

OSCAR = Codebase(
    name="django-oscar",
    version="4.1",
    test_extra="test",
    test_requirements=frozenset(),
    settings="",
    leave_out=("src/django_oscar.egg-info", "PKG-INFO", "setup.cfg"),
)
PHASES = ("scan_moves", "prepare_structure", "move_files", "update_imports")
IMPORT_ALL = Path(__file__).with_name("import_all.py")


@dataclass(frozen=True)
class Move:
    """A package or module that moves.

    :param merged: the empty ``__init__`` that becomes the source's, whose text is then new there.
    :param imports: whether the target makes sense to Django, so that every module still imports.
    """

    codebase: Codebase
    source: str
    target: str
    merged: str = ""
    imports: bool = True

    @property
    def product(self) -> str:
        """A name for it."""
        return self.source.replace(".", "_")

    @property
    def words(self) -> Words:
        """The old name and the new one, as an independent look needs them."""
        return Words(self.source, self.target, "src/" if self.codebase is OSCAR else "")


MOVES = (
    Move(WAGTAIL, "wagtail.blocks", "products.blocks.backend"),
    Move(WAGTAIL, "wagtail.images", "media.images"),
    Move(WAGTAIL, "wagtail.admin", "products.admin.backend"),
    Move(WAGTAIL, "wagtail.rich_text", "rich_text"),
    Move(WAGTAIL, "wagtail.contrib.forms", "wagtail.form_builder.backend"),
    Move(WAGTAIL, "wagtail.api", "wagtail.contrib.api"),
    Move(WAGTAIL, "wagtail.models", "wagtail.core.models"),
    # Merges into a package that is there, and whose __init__ then reads models before the apps are loaded.
    Move(WAGTAIL, "wagtail.permission_policies", "wagtail.utils", "wagtail/utils/__init__.py", imports=False),
    Move(WAGTAIL, "wagtail.utils.text", "products.text_tools"),  # a single module
    Move(WAGTAIL, "wagtail.coreutils", "wagtail.utils.core"),
    Move(WAGTAIL, "wagtail.search", "media.search"),
    Move(OSCAR, "oscar.apps.catalogue", "shop.catalogue.backend"),
    Move(OSCAR, "oscar.core", "oscar.kernel"),
    Move(OSCAR, "oscar.apps.partner", "products.partner.backend"),
    Move(OSCAR, "oscar.apps.offer", "oscar.offer"),
    Move(OSCAR, "oscar.apps.dashboard", "backoffice"),
    Move(OSCAR, "oscar.apps", "oscar"),  # merges into the package around it
    Move(OSCAR, "oscar.models.fields", "oscar.core.fields"),
    Move(OSCAR, "oscar.test", "tests.support"),
    Move(OSCAR, "oscar.defaults", "oscar.core.defaults"),
    Move(OSCAR, "oscar.forms", "oscar.core.ui.forms"),
)
IN_A_ROW = (
    Move(WAGTAIL, "wagtail.blocks", "products.blocks.backend"),
    Move(WAGTAIL, "wagtail.rich_text", "products.rich_text.backend"),
    Move(WAGTAIL, "wagtail.images", "media.images"),
)


@dataclass(frozen=True)
class Moved:
    """A copy of a code base after the tool's run."""

    move: Move
    repo: Path
    tool: Path

    def run_tool(self, *tasks: str) -> str:
        """Run the tool's command line; what it printed."""
        move = self.move
        values = [f"product={move.product}", f"source={move.source}", f"target={move.target}", f"repo={self.repo}"]
        return run([sys.executable, "-m", "doit", *values, "django=no", *tasks], self.tool)

    def look(self) -> tuple[Plan, Project]:
        """The plan, and the tree as it is now with the one before the move as its baseline."""
        session = Session(Options(self.move.product, self.repo, django=False), self.tool)
        plan = session.plan()
        return plan, session.project("residue", plan.roots)

    def residue(self) -> list[Residue]:
        """What still names the old place."""
        return find(*self.look())



@pytest.fixture(scope="module", params=MOVES, ids=lambda move: move.source)
def moved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """A code base with one package moved, by a copy of the tool so that the checkout stays as it is."""
    place = tmp_path_factory.mktemp(request.param.product)
    done = Moved(request.param, request.param.codebase.fresh_copy(place / "repo"), copy_tool(place / "tool"))
    done.run_tool(*PHASES)
    return done


@pytest.mark.real
class TestPackage:
    """What has to hold after each move; the last one undoes it."""

    def test_no_import_of_the_whole_tree_dangles(self, moved: Moved) -> None:
        assert check_tree(*moved.look()) == []

    def test_every_file_compiles(self, moved: Moved) -> None:
        plan, project = moved.look()
        back = {new: old for old, new in plan.file_moves.items()}
        files = [path for path in project.before if path.endswith(".py")]
        broken = [path for path in files if not compiles(project.before.read(path))]
        was_broken = [path for path in broken if not compiles(project.baseline.read(back.get(path, path)))]
        assert broken == was_broken

    def test_every_changed_line_holds_a_reference(self, moved: Moved) -> None:
        merged = moved.move.merged
        surplus = [place for place in unexplained(moved.repo, moved.move.words) if place.split(":")[0] != merged]
        assert surplus == []

    def test_what_names_the_old_place_is_listed_with_a_reason(self, moved: Moved) -> None:
        found = moved.residue()
        assert [str(item) for item in found if not item.decided] == []
        listed = {(item.path, item.line) for item in found}
        assert [place for place in left(moved.repo, moved.move.words) if not {place, (place[0], 0)} & listed] == []

    def test_every_module_is_imported_as_before(self, moved: Moved) -> None:
        if not moved.move.codebase.settings or not moved.move.imports:
            pytest.skip("its settings, or what moved where, don't let Django start")
        move = moved.move
        now = [line.replace(f"{move.target}.", f"{move.source}.", 1) for line in not_imported(move.codebase, moved.repo)]
        assert sorted(now) == not_imported_before(move.codebase)

    def test_a_second_run_changes_nothing(self, moved: Moved) -> None:
        before = state(moved.repo)
        output = moved.run_tool(*PHASES)
        assert state(moved.repo) == before
        assert output.count("up to date") == len(PHASES)

    def test_reset_gives_the_first_tree_back(self, moved: Moved) -> None:
        moved.run_tool("reset")
        assert git(moved.repo, "status", "--porcelain", "--ignored") == ""


@pytest.mark.real
def test_products_one_after_the_other(tmp_path: Path) -> None:
    repo, tool = WAGTAIL.fresh_copy(tmp_path / "repo"), copy_tool(tmp_path / "tool")
    for move in IN_A_ROW:
        Moved(move, repo, tool).run_tool(*PHASES)
        git(repo, "add", "--all")
        git(repo, "commit", "--quiet", "--message", move.product)
    before = contents(repo)
    for move in IN_A_ROW:
        done = Moved(move, repo, tool)
        assert check_tree(*done.look()) == []
        assert [str(item) for item in done.residue() if not item.decided] == []
    assert contents(repo) == before


def not_imported(codebase: Codebase, repo: Path) -> list[str]:
    """The modules that can't be imported, each with its error."""
    settings = {"DJANGO_SETTINGS_MODULE": codebase.settings, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [codebase.python, "-W", "ignore", IMPORT_ALL]
    output = run(command, repo, {**codebase.environment(repo), **settings})
    return [line for line in output.splitlines() if "Error: " in line]


@functools.cache
def not_imported_before(codebase: Codebase) -> list[str]:
    """The same before any move."""
    with tempfile.TemporaryDirectory() as aside:
        return sorted(not_imported(codebase, codebase.fresh_copy(Path(aside) / "repo")))


def compiles(text: bytes) -> bool:
    """Whether Python takes a file."""
    try:
        compile(text, "file", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True
