"""Moves inside Wagtail, proved by Wagtail's own tests.

Not part of the default run: ``pytest -m real``, or one move alone: ``pytest -m real -k redirects``.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.codebases import Codebase, Counts, git, run

TOOL = Path(__file__).parents[2]

WAGTAIL = Codebase(
    name="wagtail",
    version="8.0.1",
    test_extra="testing",
    test_requirements=frozenset({
        "azure-identity", "azure-mgmt-cdn", "azure-mgmt-frontdoor", "azure-mgmt-subscription", "boto3",
        "django-pattern-library", "factory-boy", "freezegun", "jinja2", "polib", "responses", "tblib",
    }),
    settings="wagtail.test.settings",
    env=(("DATABASE_NAME", ":memory:"),),
    leave_out=("wagtail.egg-info", "PKG-INFO", "setup.cfg"),
    ignored=("/wagtail/tests/test-media/", "/wagtail/tests/test-static/"),
)


@dataclass(frozen=True)
class Move:
    """A package that moves, and whose tests prove it.

    :param neighbours: test labels of what uses the package.
    :param has_tests: whether the package has tests of its own.
    :param django: whether it is a Django app.
    """

    product: str
    source: str
    neighbours: tuple[str, ...]
    has_tests: bool = True
    django: bool = True

    @property
    def target(self) -> str:
        """Its dotted name after the move."""
        return f"products.{self.product}.backend"

    @property
    def values(self) -> list[str]:
        """The command line's values, but for the places."""
        values = [f"product={self.product}", f"source={self.source}", f"target={self.target}"]
        return [*values, f"settings={WAGTAIL.settings}" if self.django else "django=no"]

    def labels(self, package: str) -> tuple[str, ...]:
        """The test labels, with the package where it is at the time."""
        return ((package,) if self.has_tests else ()) + self.neighbours


MOVES = (
    Move(
        "redirects",
        "wagtail.contrib.redirects",
        (
            "wagtail.admin.tests.test_menu",
            "wagtail.api.v3",
            "wagtail.contrib.search_promotions",
            "wagtail.contrib.simple_translation",
            "wagtail.sites",
        ),
    ),
    Move(
        "forms",
        "wagtail.contrib.forms",
        (
            "wagtail.admin.tests.pages.test_copy_page",
            "wagtail.admin.tests.pages.test_page_usage",
            "wagtail.admin.tests.test_edit_handlers",
            "wagtail.api.v2.tests.test_pages",
        ),
    ),
    Move(
        "rich_text",
        "wagtail.rich_text",
        (
            "wagtail.admin.tests.test_contentstate",
            "wagtail.admin.tests.test_edit_handlers",
            "wagtail.admin.tests.test_rich_text",
            "wagtail.api.v2",
            "wagtail.api.v3.tests.test_page_input_schemas",
            "wagtail.documents.tests.test_rich_text",
            "wagtail.embeds",
            "wagtail.images.tests.test_rich_text",
            "wagtail.tests.test_blocks",
            "wagtail.tests.test_reference_index",
            "wagtail.tests.test_rich_text",
            "wagtail.tests.test_streamfield",
        ),
        has_tests=False,
        django=False,
    ),
    # Imported by 63 files; all of Wagtail's tests take most of an hour, these are the ones of blocks and streams.
    Move(
        "blocks",
        "wagtail.blocks",
        (
            "wagtail.contrib.table_block",
            "wagtail.contrib.typed_table_block",
            "wagtail.images.tests.test_blocks",
            "wagtail.tests.streamfield_migrations",
            "wagtail.tests.test_blocks",
            "wagtail.tests.test_streamfield",
        ),
        has_tests=False,
        django=False,
    ),
)


@dataclass(frozen=True)
class Moved:
    """A copy of Wagtail after the tool's run.

    :param before: the counts of the tests before the move.
    """

    move: Move
    repo: Path
    tool: Path
    before: Counts

    def run_tool(self) -> str:
        """Run the tool's command line; what it printed."""
        places = [f"repo={self.repo}", f"python={WAGTAIL.python}"]
        return run([sys.executable, "-m", "doit", *self.move.values, *places], self.tool, dict(WAGTAIL.env))

    def changed(self, letters: str) -> list[str]:
        """The tracked files, staged or not, that differ from the commit in one of these ways."""
        arguments = ("diff", "--name-only", "--no-renames", f"--diff-filter={letters}", "HEAD")
        return git(self.repo, *arguments).splitlines()

    def python_files(self) -> list[Path]:
        """Every Python file that git tracks or would track."""
        found = git(self.repo, "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.py")
        return [path for line in sorted(set(found.splitlines())) if (path := self.repo / line).exists()]


@pytest.fixture(scope="module", params=MOVES, ids=lambda move: move.product)
def moved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """Wagtail with one package moved, by a copy of the tool so that the checkout stays as it is."""
    move: Move = request.param
    place = tmp_path_factory.mktemp(move.product)
    before = WAGTAIL.baseline(move.labels(move.source))
    done = Moved(move, WAGTAIL.fresh_copy(place / "repo"), copy_tool(place / "tool"), before)
    done.run_tool()
    return done


def copy_tool(place: Path) -> Path:
    """The tool without the plans and state of its checkout."""
    shutil.copytree(TOOL / "migration", place / "migration", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy2(TOOL / name, place)
    (place / "moves").mkdir()
    return place


def as_path(dotted: str) -> str:
    """The directory of a package."""
    return dotted.replace(".", "/")


def blobs(listing: str, under: str) -> dict[str, tuple[str, str]]:
    """Mode and blob of each file under a directory, from ``git ls-tree`` or ``git ls-files --stage``."""
    found = {}
    for line in listing.splitlines():
        facts, path = line.split("\t")
        if path.startswith(f"{under}/"):
            mode, *rest = facts.split()
            blob = rest[1] if rest[0] == "blob" else rest[0]
            found[path.removeprefix(f"{under}/")] = (mode, blob)
    return found


def code_names(path: Path) -> Iterator[tuple[int, str]]:
    """The dotted names that a file imports or holds as strings, with their lines."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def mention(source: str) -> re.Pattern[bytes]:
    """What a file holds that names a package: dotted, as a path, or imported from the package above."""
    above, _, last = source.rpartition(".")
    dotted, package, name = (re.escape(part).encode() for part in (source, above, last))
    imported = rb"\bfrom %s import (?:\([^)]*|[^(\n]*)\b%s\b" % (package, name)
    return re.compile(rb"\b(?:%s|%s)\b|%s" % (dotted, dotted.replace(rb"\.", b"/"), imported))


@pytest.mark.real
class TestMove:
    """What has to hold after each move."""

    def test_every_file_is_renamed_byte_for_byte(self, moved: Moved) -> None:
        source, target = as_path(moved.move.source), as_path(moved.move.target)
        before = blobs(git(moved.repo, "ls-tree", "-r", "HEAD"), source)
        staged = blobs(git(moved.repo, "ls-files", "--stage"), target)
        assert before
        assert {path: staged.get(path) for path in before} == before
        # Git may pair empty files crosswise, so only the old names and the number are certain.
        status = git(moved.repo, "diff", "--cached", "-M100%", "--name-status", "--diff-filter=RD")
        lines = [line.split("\t") for line in status.splitlines()]
        assert {(line[0], line[1]) for line in lines} == {("R100", f"{source}/{path}") for path in before}

    def test_nothing_stays_at_the_old_place(self, moved: Moved) -> None:
        old = moved.repo / as_path(moved.move.source)
        assert [path for path in old.rglob("*") if path.is_file() and "__pycache__" not in path.parts] == []

    def test_every_python_file_compiles(self, moved: Moved) -> None:
        for path in moved.python_files():
            compile(path.read_bytes(), path, "exec", dont_inherit=True)

    def test_only_files_that_name_the_source_change(self, moved: Moved) -> None:
        surplus = [path for path in moved.changed("M") if not mention(moved.move.source).search(at_head(moved.repo, path))]
        assert surplus == []
        product = f"products/{moved.move.product}/"
        created = moved.changed("A") + git(moved.repo, "ls-files", "--others", "--exclude-standard").splitlines()
        assert [path for path in created if path != "products/__init__.py" and not path.startswith(product)] == []

    def test_no_code_names_the_old_place(self, moved: Moved) -> None:
        old = re.compile(rf"{re.escape(moved.move.source)}(?:\.\w+)*")
        files = moved.python_files()
        found = [f"{file}:{line}" for file in files for line, name in code_names(file) if old.fullmatch(name)]
        assert found == []

    def test_django_finds_nothing_to_complain_of(self, moved: Moved) -> None:
        WAGTAIL.django(moved.repo, "check")
        WAGTAIL.django(moved.repo, "makemigrations", "--check", "--dry-run")

    def test_the_same_tests_pass(self, moved: Moved) -> None:
        after, output = WAGTAIL.test(moved.repo, moved.move.labels(moved.move.target))
        assert after == moved.before, output[-8000:]

    def test_a_second_run_changes_nothing(self, moved: Moved) -> None:
        before = state(moved.repo)
        output = moved.run_tool()
        assert state(moved.repo) == before
        assert "up to date" in output


def at_head(repo: Path, path: str) -> bytes:
    """A file as it was committed."""
    return git(repo, "show", f"HEAD:{path}").encode()


def state(repo: Path) -> tuple[str, ...]:
    """Everything that git sees of a work tree, staged and unstaged."""
    commands = (["status", "--porcelain"], ["diff", "--binary"], ["diff", "--cached", "--binary"])
    return tuple(git(repo, *command) for command in commands)
