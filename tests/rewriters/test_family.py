"""A new kind of reference is a module, a line and a test: here one is planted, and nothing else knows of it."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.phase import PhaseResult
from migration.core.references import Reference, TextFile
from migration.phases import update_imports
from migration.python.source_file import SourceFile
from migration.rewriters import OF_MODELS, OF_NAMES, REWRITERS, Reader, Rewriter
from tests.phases.test_update_imports import SHOP, after_move, plan_of, project_of, written
from tests.tools import make_repo

KIND = "scoped name"


def needles(moves: Moves) -> list[bytes]:
    """``shop::stock`` for each package that moves."""
    return sorted(name.replace(".", "::").encode() for name in moves.packages)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _within(source.data, moves, *source.span(node))


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    yield from _within(text.data, moves, 0, len(text.data))


def _within(data: bytes, moves: Moves, start: int, end: int) -> Iterator[Reference]:
    for match in re.compile(rb"\b\w+(?:::\w+)+").finditer(data, start, end):
        old = match[0].decode().replace("::", ".")
        if (new := moves.new_name(old)) != old:
            yield Reference(KIND, *match.span(), old, new, new.replace(".", "::"))


def swallows(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The same with a fault: the statement behind goes, too."""
    for reference in find(source, moves) if source.path == "scoped.py" else ():
        yield Reference(KIND, reference.start, len(source.data) - 1, reference.old, reference.new, f"{reference.text}'")


PLANTED: Rewriter[Moves] = Rewriter(KIND, needles, Reader(find), Reader(find_in_text))
FILES = {
    **SHOP,
    "other.py": "X = 'shop::money'\n",
    "scoped.py": "X = 'shop::stock::items'\nY = 1\n",
    "scoped.yml": "use: shop::stock\n",
    "both.py": "import shop.stock\nX = 'shop::stock', 'shop.stock.items'\n",
}


def run(repo: Path, *rewriters: Rewriter[Moves], jobs: int = 1) -> PhaseResult:
    project = project_of(repo, jobs)
    plan = plan_of(project, "shop.stock", "products.stock.backend")
    return update_imports.rewritten(plan, after_move(plan, project), rewriters)


def test_without_it_nothing_of_the_kind_changes(tmp_path: Path) -> None:
    result = run(make_repo(tmp_path / "repo", FILES), *OF_NAMES)
    assert written(result).keys() == {"both.py"} and KIND not in result.kinds


@pytest.mark.parametrize("jobs", [1, 2])
def test_its_line_is_all_that_it_needs(tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migration.engine.workers.WORTH_A_PROCESS", 0)
    result = run(make_repo(tmp_path / "repo", FILES), *OF_NAMES, PLANTED, jobs=jobs)
    assert written(result) == {
        "both.py": "import products.stock.backend\nX = 'products::stock::backend', 'products.stock.backend.items'\n",
        "scoped.py": "X = 'products::stock::backend::items'\nY = 1\n",
        "scoped.yml": "use: products::stock::backend\n",
    }
    assert result.kinds[KIND] == 3
    assert [str(reason) for reason in result.reasons["scoped.yml"]] == ["1: scoped name shop.stock -> products.stock.backend"]


def test_alone_it_is_looked_for_by_its_own_needles(tmp_path: Path) -> None:
    files = {path: text for path, text in FILES.items() if path != "both.py"}
    result = run(make_repo(tmp_path / "repo", files), PLANTED)
    assert written(result).keys() == {"scoped.py", "scoped.yml"}
    assert result.counts["files read"] == 2 + sum(path.startswith("shop/stock/") for path in files)


def test_what_it_does_wrong_is_refused_like_any_other_edit(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", FILES)
    with pytest.raises(PhaseError) as error:
        run(repo, *OF_NAMES, Rewriter(KIND, needles, Reader(swallows)))
    (detail,) = error.value.details
    assert "scoped.py:1: " in detail and detail.endswith("the file was not written")


def test_a_place_that_another_kind_claims_is_a_mistake_unless_it_gives_way(tmp_path: Path) -> None:
    def names(source: SourceFile, moves: Moves) -> Iterator[Reference]:
        at = source.data.find(b"shop.stock.items'")
        if at >= 0:
            yield Reference(KIND, at, at + 16, "shop.stock.items", "y", "y")

    def needle(moves: Moves) -> list[bytes]:
        return [b"shop.stock.items'"]

    repo = make_repo(tmp_path / "repo", FILES)
    with pytest.raises(PhaseError) as error:
        run(repo, *OF_NAMES, Rewriter(KIND, needle, Reader(names)))
    assert "both.py:2: the kinds string and scoped name claim the same place" in error.value.details[0]
    result = run(repo, *OF_NAMES, Rewriter(KIND, needle, Reader(names), gives_way=True))
    assert "'products.stock.backend.items'" in written(result)["both.py"]


def test_the_list_can_be_sent_to_another_process() -> None:
    """Where processes are not forked, what they are given is pickled."""
    assert pickle.loads(pickle.dumps(REWRITERS)) == REWRITERS
    assert set(REWRITERS) == {*OF_NAMES, *OF_MODELS} and not {*OF_NAMES} & {*OF_MODELS}
