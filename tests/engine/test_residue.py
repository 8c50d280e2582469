from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from migration.cli import fold, run_phase
from migration.cli.commands import residue as commands
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.errors import PhaseError
from migration.core.phase import ORDER
from migration.engine import residue
from migration.engine.residue import Residue, find, reasons, summary
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from tests.tools import Content, Link, commit, git, make_repo, put, snapshot

NEW = "products/dw"
BEFORE = {
    "posthog/__init__.py": "",
    "posthog/utils.py": "",
    "posthog/warehouse/__init__.py": "",
    "posthog/warehouse/models.py": "class Table: ...\n",
    "posthog/warehouse/sql/x.sql": "",
}
MOVES = {path: path.replace("posthog/warehouse", NEW) for path in BEFORE if "warehouse" in path}
PLAN = Plan("dw", "posthog.warehouse", "products.dw", MOVES, {"posthog.warehouse": "products.dw"})


def tree(files: Mapping[str, Content]) -> Tree:
    """A tree that exists in memory only."""
    modes = {path: "120000" if isinstance(content, Link) else "100644" for path, content in files.items()}
    texts = {path: content.to if isinstance(content, Link) else content for path, content in files.items()}
    return Tree(Path(), modes, {p: t.encode() if isinstance(t, str) else bytes(t) for p, t in texts.items()})  # type: ignore[call-overload]


def project(after: Mapping[str, Content], before: Mapping[str, Content] = BEFORE) -> Project:
    """The project once the move is done: ``after`` is all that differs from a clean move."""
    return Project(Path(), (".",), tree(before), tree(after), lambda needles: holding(after, needles))


def holding(files: Mapping[str, Content], needles: tuple[bytes, ...]) -> list[str]:
    texts = {p: c.encode() if isinstance(c, str) else c for p, c in files.items() if isinstance(c, (str, bytes))}
    return [path for path, text in texts.items() if any(needle in text for needle in needles)]


def moved(extra: Mapping[str, Content], plan: Plan = PLAN, before: Mapping[str, str] = BEFORE) -> dict[str, Content]:
    """The tree after a clean move, and what else is in it."""
    return {**{plan.file_moves.get(path, path): text for path, text in before.items()}, **extra}


def left(path: str, content: Content, plan: Plan = PLAN) -> list[Residue]:
    """What is found in one file; the rest of the tree holds nothing. The same without the tree before."""
    after = moved({path: content}, plan)
    found = find(plan, project(after, {**BEFORE, path: content}))
    assert [(r.path, r.line, r.decided) for r in find(plan, project(after, after))] == [
        (r.path, r.line, r.decided) for r in found
    ]
    return found


@pytest.mark.parametrize("text", [
    "",
    "from products.dw import models\n",
    "import posthog.warehouse_utils\n",
    "# my.posthog.warehouse, posthog.warehouse_utils, posthog.warehouses and data_warehouse\n",
    "X = 'ee/posthog/warehouse_old'\n",
    "def f(posthog):\n    return posthog.warehouse\n",
    "warehouse = 1\nprint(warehouse, 'warehouse')\n",
])  # fmt: skip
def test_what_does_not_name_the_old_place(text: str) -> None:
    assert left("posthog/a.py", text) == []


@pytest.mark.parametrize(("path", "text"), [
    ("a.md", "See posthog.warehouse_utils and posthog/warehouse_old/x, or posthog/warehouse.md\n"),
    ("a.md", "See products/dw/models.py\n"),
    ("a.toml", 'packages = ["my.posthog.warehouse"]\n'),
    ("a.toml", 'files = ["posthog/warehouse.md", "posthog/warehouse-old"]\n'),
])  # fmt: skip
def test_text_that_does_not_name_the_old_place(path: str, text: str) -> None:
    assert left(path, text) == []


@pytest.mark.parametrize("text", [
    "import posthog.warehouse.models\n",
    "from posthog import utils, warehouse\n",
    "from .warehouse import models\n",
    "from .warehouse.models import Table\n",
    "import posthog\nposthog.warehouse.models\n",
    "# see posthog.warehouse\n",
    "'''See :class:`posthog.warehouse.models.Table`.'''\n",
    "X = 'posthog/warehouse/models.py'\n",
    "X = ('a',\n     'posthog/warehouse')\n".replace("\n     ", " "),
])  # fmt: skip
def test_python_that_came_back_is_undecided(text: str) -> None:
    found = left("posthog/a.py", text)
    assert {(item.path, item.decided) for item in found} == {("posthog/a.py", False)}


@pytest.mark.parametrize(("path", "text", "line"), [
    ("a.md", "# A\n\nSee `posthog.warehouse.models`.\n", 3),
    ("a.md", "Run:\n\n    from posthog import warehouse\n", 3),
    ("CODEOWNERS", "/posthog/warehouse/ @us\n", 1),
    ("Dockerfile", "FROM x\nCOPY ./posthog/warehouse /app\n", 2),
    ("a.yml", "run: cat posthog/warehouse/sql/x.sql\n", 1),
])  # fmt: skip
def test_text_that_came_back_is_undecided(path: str, text: str, line: int) -> None:
    assert [(item.path, item.line, item.decided) for item in left(path, text)] == [(path, line, False)]


def test_one_place_is_named_once() -> None:
    (item,) = left("posthog/a.py", "import posthog.warehouse.models\n")
    assert str(item).startswith("posthog/a.py:1: import posthog.warehouse.models  (update_imports would rewrite it")


@pytest.mark.parametrize(("path", "text", "reason"), [
    ("posthog/a.py", "X = 'posthog.warehouse.nothing'\n", "posthog.warehouse"),
    ("posthog/a.py", "X = 'é', 'SELECT 1 FROM posthog.warehouse'\n", "longer text"),
    ("poetry.lock", "posthog/warehouse/models.py\n", ""),
    ("CHANGELOG.md", "- posthog.warehouse is gone\n", ""),
    ("a.bin", b"\0 posthog/warehouse/models.py", ""),
])  # fmt: skip
def test_what_is_left_for_a_reason(path: str, text: Content, reason: str) -> None:
    (item,) = left(path, text)
    assert item.decided and item.reason and reason in item.reason


def test_what_the_plan_leaves_is_decided() -> None:
    kept = Plan("dw", PLAN.source, PLAN.target, MOVES, PLAN.module_moves, keep=("posthog.warehouse.models",))
    (item,) = left("posthog/a.py", "X = 'the salt: posthog.warehouse.models'\n", kept)
    assert item.decided and "keep" in item.reason
    excluded = Plan("dw", PLAN.source, PLAN.target, MOVES, PLAN.module_moves, exclude=("legacy/*",))
    for path in ("legacy/a.py", "legacy/a.txt"):
        (item,) = left(path, "import posthog.warehouse\n", excluded)
        assert item.decided and "exclude" in item.reason


def test_a_url_is_decided() -> None:
    (item,) = left("posthog/a.py", "X = 'see https://example.com/posthog/warehouse/models.py there'\n") or [None]
    assert item is None or item.decided


@pytest.mark.parametrize("path", ["docs/a.md", "posthog/a.py"])
def test_the_name_of_a_host_is_decided(path: str) -> None:
    (item,) = left(path, "# see posthog.warehouse.example.com there\n")
    assert item.decided and (item.kind, item.reason) == ("url", "the name of a host")
    (item,) = left(path, "# see posthog.warehouse.example there\n")
    assert item.doubtful and "has no example" in item.reason


@pytest.mark.parametrize("name", ["app", "app.local"])
def test_what_moves_is_no_host_whatever_it_is_called(name: str) -> None:
    """Behind ``FROM`` nothing is rewritten."""
    files = {"posthog/__init__.py": "", "posthog/app/__init__.py": "", "posthog/app/local.py": ""}
    moves = {path: path.replace("posthog/app", NEW) for path in files if "app" in path}
    plan = Plan("dw", "posthog.app", "products.dw", moves, {"posthog.app": "products.dw"})
    text = {"docs/a.md": f"SELECT 1 FROM posthog.{name}\n"}
    after = moved(text, plan, files)
    for before in ({**files, **text}, after):
        (item,) = find(plan, project(after, before))
        assert (item.kind, item.decided) == ("name", False)


def test_python_that_cannot_be_read() -> None:
    (item,) = left("posthog/a.py", "import posthog.warehouse\nprint 1\n")
    assert not item.decided and item.line == 1 and "can't be read" in item.reason
    assert left("posthog/a.py", "print 1  # a warehouse\n") == []


def test_a_link_and_a_file_at_the_old_place() -> None:
    after = moved({"link": Link("posthog/warehouse/models.py"), "posthog/warehouse/new.py": "", "other": Link("posthog")})
    found = find(PLAN, project(after))
    assert [(item.path, item.kind, item.decided) for item in found] == [
        ("link", "link", False),
        ("posthog/warehouse/new.py", "file", False),
    ]


def test_the_target_within_the_source_and_around_it() -> None:
    before = {"oscar/__init__.py": "", "oscar/forms.py": "", "run.py": "import oscar.forms\n"}
    inner = {"oscar/forms.py": "oscar/core/forms.py", "oscar/__init__.py": "oscar/core/__init__.py"}
    plan = Plan("p", "oscar", "oscar.core", inner, {"oscar": "oscar.core"})
    text = "import oscar.core.forms\n\nX = 'oscar.core.forms', 'oscar/core/forms.py'  # oscar.core.forms\n"
    after = {"oscar/core/__init__.py": "", "oscar/core/forms.py": "", "run.py": text}
    assert find(plan, project(after, before)) == find(plan, project(after, after)) == []
    after["run.py"] = "import oscar.forms\n"
    assert [item.line for item in find(plan, project(after, before))] == [1]
    outer = {"oscar/forms.py": "vendor/oscar/forms.py", "oscar/__init__.py": "vendor/oscar/__init__.py"}
    plan = Plan("p", "oscar", "vendor.oscar", outer, {"oscar": "vendor.oscar"})
    text = "import vendor.oscar.forms\n\nX = 'vendor.oscar.forms', 'vendor/oscar/forms.py'  # vendor.oscar, for oscar\n"
    after = {"vendor/oscar/__init__.py": "", "vendor/oscar/forms.py": "", "run.py": text}
    assert find(plan, project(after, before)) == find(plan, project(after, after)) == []


def test_a_summary() -> None:
    items = [
        Residue("a", 1, "string", "", "why", True),
        Residue("a", 2, "string", "", "why", True),
        Residue("a", 3, "prose", "", "", False),
        Residue("b", 3, "import", "", "again", False),
        Residue("c", 3, "lock", "", "why", True),
    ]
    assert list(summary(items).items()) == [("lock", 1), ("string", 2), (residue.UNDECIDED, 2)]
    assert summary([]) == {}


def test_the_command_guards_a_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(tmp_path / "repo", {**BEFORE, "posthog/use.py": "from posthog.warehouse import models\n"})
    session = Session(Options("dw", repo, PLAN.source, PLAN.target, django=False), tmp_path / "home")
    session.state.mkdir(parents=True)
    run_phase.execute(session, "scan_moves")
    with pytest.raises(PhaseError, match="has moved yet"):
        commands.run(session)
    for phase in filter(fold.is_previewed, ORDER):
        run_phase.execute(session, phase)
    commands.run(session)
    assert capsys.readouterr().out == "nothing names posthog.warehouse any more\n"
    put(repo, {"posthog/new.py": "X = 'posthog.warehouse.models'\n"})
    commit(repo)
    before = snapshot(repo)
    fresh = Session(session.options, session.home)
    with pytest.raises(PhaseError, match="1 place") as error:
        commands.run(fresh)
    assert "keep" in error.value.remedy
    assert "posthog/new.py:1: X = 'posthog.warehouse.models'" in capsys.readouterr().out
    assert snapshot(repo) == before
    # The same without the ledger, as in a CI job's clone.
    git(tmp_path, "clone", "-q", str(repo), str(tmp_path / "clone"))
    clone = Session(replace(session.options, repo=tmp_path / "clone"), session.home)
    with pytest.raises(PhaseError, match="1 place"):
        commands.run(clone)


def test_the_command_names_imports_that_find_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(tmp_path / "repo", dict(BEFORE))
    session = Session(Options("dw", repo, PLAN.source, PLAN.target, django=False), tmp_path / "home")
    session.state.mkdir(parents=True)
    for phase in ("scan_moves", *filter(fold.is_previewed, ORDER)):
        run_phase.execute(session, phase)
    put(repo, {"posthog/new.py": "def f():\n    from posthog.warehouse import models\n"})
    commit(repo)
    with pytest.raises(PhaseError) as error:
        commands.run(Session(session.options, session.home))
    assert error.value.details[0].startswith("posthog/new.py:2: from posthog.warehouse import models: there is no")


def test_reasons_are_counted_the_most_frequent_first() -> None:
    places = [
        Residue("a", 1, "prose", "x", "prose is left as it is", True, kept=True),
        Residue("a", 2, "string", "x", "a.b has no c", True, doubtful=True),
        Residue("b", 2, "string", "x", "a.d has no e", True, doubtful=True),
        Residue("b", 3, "name", "x", "", False),
    ]
    assert list(reasons(places).items()) == [
        ("string: for you to look at", 2), ("name: undecided", 1), ("prose: prose is left as it is", 1),
    ]  # fmt: skip


def test_doubts_are_told_from_decisions() -> None:
    plan = replace(PLAN, keep=("posthog.warehouse.x",))
    found = left("a.py", "x = 'posthog.warehouse.x', 'posthog.warehouse.models.Gone'\n", plan)
    assert [(item.decided, item.doubtful) for item in found] == [(True, False), (True, True)]


def test_settled_files_are_searched_all_the_same() -> None:
    files = {"posthog/a.py": "# posthog.warehouse\n", "posthog/b.py": "from . import warehouse\n"}
    after = project(moved(files), {**BEFORE, **files})
    assert {item.path for item in find(PLAN, after)} == {"posthog/a.py", "posthog/b.py"}
    assert {item.path for item in find(PLAN, after, settled=files)} == {"posthog/a.py"}


# ---- what covered the place from above

TESTED = {**BEFORE, "posthog/warehouse/test_x.py": "", "pytest.ini": "[pytest]\ntestpaths = posthog\n"}
TESTED_PLAN = replace(PLAN, file_moves={path: path.replace("posthog/warehouse", NEW) for path in TESTED if "warehouse" in path})


def test_a_line_that_still_takes_in_the_new_place_is_none() -> None:
    for text in ("[pytest]\ntestpaths = posthog products\n", "[pytest]\n", "[pytest]\ntestpaths = products/dw\n"):
        files = {**TESTED, "pytest.ini": text}
        assert find(TESTED_PLAN, project(moved({}, TESTED_PLAN, files), files)) == []


@pytest.mark.parametrize("cover, decided", [({}, False), ({"pytest.ini": "leave"}, True)])
def test_a_line_that_no_longer_takes_in_what_moved(cover: dict[str, str], decided: bool) -> None:
    after = moved({}, TESTED_PLAN, TESTED)
    plan = replace(TESTED_PLAN, cover=cover)
    for before in (TESTED, after):  # with the tree before the move, and without it
        (item,) = find(plan, project(after, before))
        assert (item.path, item.line, item.kind, item.decided) == ("pytest.ini", 2, residue.COVER, decided)


def test_a_line_that_names_the_old_place_is_named_once() -> None:
    files = {**TESTED, "pytest.ini": "[pytest]\ntestpaths = posthog/warehouse\n"}
    assert [item.kind for item in find(TESTED_PLAN, project(moved({}, TESTED_PLAN, files), files))] == ["path"]


@pytest.mark.parametrize(("text", "names"), [("", []), ("X = 1\n", ["posthog/warehouse/__init__.py"])])
def test_the_empty_package_that_a_move_into_itself_leaves_is_ours(text: str, names: list[str]) -> None:
    moves = {f"posthog/warehouse/{name}": f"posthog/warehouse/core/{name}" for name in ("__init__.py", "models.py")}
    before = dict.fromkeys(moves, "Y = 1\n")
    plan = replace(
        PLAN, target="posthog.warehouse.core", file_moves=moves, module_moves={"posthog.warehouse": "posthog.warehouse.core"}
    )
    after = {**{new: before[old] for old, new in moves.items()}, "posthog/warehouse/__init__.py": text}
    assert [item.path for item in find(plan, project(after, before)) if item.kind == "file"] == names
