from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migration.cli.options import Options
from migration.cli.sample_repo import SAMPLE, make_sample
from migration.cli.session import Session
from migration.core.errors import GitError, PlanError, UsageError
from migration.phases import scan_moves
from migration.plan import writing
from migration.plan.plan import Plan
from tests.tools import Content, contents, disk, git, make_repo, put

# ---- the command line

@pytest.mark.parametrize("environment", [{}, {"MIGRATION_REPO": ""}])
def test_nothing_said(environment: dict[str, str]) -> None:
    assert Options.read({}, environment) == Options("data_warehouse", None, "", "", sys.executable, "", True)


def test_everything_said() -> None:
    values = {"product": "shop", "repo": "~/x", "source": "a.b", "target": "c", "python": "py", "settings": "s", "django": "no",
              "jobs": "3", "file": "a.py", "verify": "no"}
    expected = Options("shop", Path.home() / "x", "a.b", "c", "py", "s", False, 3, "a.py", verify=False)
    assert Options.read(values, {"MIGRATION_REPO": "y"}) == expected
    assert Options.read({}, {"MIGRATION_REPO": "y"}).repo == Path("y")


def test_an_interpreter_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is started in the repo and in copies of it; a link stays one, or its environment would be lost."""
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv/python").symlink_to(sys.executable)
    (tmp_path / "tool").mkdir()
    monkeypatch.chdir(tmp_path / "tool")
    monkeypatch.setenv("HOME", str(tmp_path))
    for said in ("../venv/python", "./../venv/python", "~/venv/python", str(tmp_path / "venv/python")):
        assert Options.read({"python": said}, {}).python == str(tmp_path / "venv/python")
    assert Options.read({"python": "python3.11"}, {}).python == "python3.11"
    assert Options.read({"python": ""}, {}).python == sys.executable


@pytest.mark.parametrize(("name", "value", "words"), [
    ("prodct", "x", "prodct: unknown; known are product, repo"), ("product", "my-shop", "product: 'my-shop' is no Python identifier"),
    ("product", "", "product: '' is no"), ("product", "class", "product: 'class' is no"), ("product", "../x", "product: '../x' is no"),
    ("source", "a..b", "source: 'a..b' is no dotted"), ("target", "a.import", "'import' is a Python keyword"),
    ("django", "maybe", "django: expected auto or no, got 'maybe'"), ("verify", "yes", "verify: expected auto or no, got 'yes'"), ("jobs", "0", "jobs: expected a number from 1, got '0'"),
    ("format", "xml", "format: expected text, quiet, json, got 'xml'"), ("jobs", "two", "jobs: expected"), ("jobs", "²", "jobs: expected"), ("jobs", "-1", "jobs: expected"),
])
def test_a_value_that_cannot_be_used(name: str, value: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        Options.read({name: value}, {})
    assert len(error.value.details) == 1
    assert words in error.value.details[0]


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(UsageError) as error:
        Options.read({"x": "", "product": "1", "source": ".", "target": "-", "django": "", "jobs": ""}, {})
    assert len(error.value.details) == 6


# ---- the sample

@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sample") / "build/sample"
    make_sample(target)
    return target


def test_the_sample_is_one_clean_commit_with_every_file(sample: Path) -> None:
    assert git(sample, "status", "--porcelain", "--ignored") == ""
    assert git(sample, "rev-list", "--count", "HEAD") == "1\n"
    tracked = git(sample, "ls-files").splitlines()
    assert "manage.py" in tracked
    assert not any("__pycache__" in path or path.endswith(".sqlite3") for path in tracked)
    for path, (mode, data) in disk(sample).items():
        if mode != "directory":
            assert (oct((SAMPLE / path).stat().st_mode & 0o777), (SAMPLE / path).read_bytes()) == (mode, data)


def test_what_is_half_done_is_replaced(tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"build/sample/x": "", "build/sample.half/y": "", "config": "[core]\nexcludesFile = ignore\nautocrlf = true\n"
                   "hooksPath = hooks\n[commit]\ngpgsign = true\n[user]\nuseConfigOnly = true\n", "ignore": "*.md\n*.py\n"})
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    session = Session(Options(), tmp_path)
    assert session.git.root == session.repo == tmp_path / "build/sample"
    assert contents(session.repo) == contents(sample)
    assert git(session.repo, "rev-parse", "HEAD^{tree}") == git(sample, "rev-parse", "HEAD^{tree}")
    assert not (tmp_path / "build/sample.half").exists()
    put(session.repo, {"mine": ""})
    assert Session(Options(), tmp_path).git.root == session.repo
    assert (session.repo / "mine").exists()  # reused
    assert session.repo_label == "build/sample"


def test_no_such_repo(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="no directory"):
        _ = Session(Options(repo=tmp_path / "x"), tmp_path).git


# ---- the plan and the names

FILES: dict[str, Content] = {"big/__init__.py": "", "big/shop/__init__.py": "", "big/shop/a.py": "", "big/use.py": "import big.shop.a\n"}
PLAN = Plan("shop", "big.shop", "new.shop", {"big/shop/a.py": "new/shop/a.py"}, {"big.shop": "new.shop"})


def session(tmp_path: Path, config: str = "", plan: Plan | None = None, **options: str) -> Session:
    repo = make_repo(tmp_path / "repo", {**FILES, "pyproject.toml": config})
    found = Session(Options.read({"product": "shop", "repo": str(repo), **options}, {}), tmp_path)
    if plan:
        put(tmp_path, {"moves/shop/moves.yml": writing.render(plan)})
    return found


def test_the_plan_and_the_command_line_must_agree(tmp_path: Path) -> None:
    found = session(tmp_path, target="other.shop", source="big.shop")
    with pytest.raises(PlanError, match="there is no"):
        found.plan()
    put(tmp_path, {"moves/shop/moves.yml": writing.render(PLAN)})
    with pytest.raises(UsageError, match=r"target: the command line says other\.shop"):
        found.plan()
    assert Session(Options("shop", found.repo), tmp_path).plan() == PLAN


@pytest.mark.parametrize(("config", "plan", "options", "names"), [
    ("", None, {}, ("big.shop", "products.shop.backend")),
    ("", None, {"source": "x.y", "target": "z"}, ("x.y", "z")),
    ("", None, {"target": "z"}, ("big.shop", "z")),
    ("", PLAN, {}, ("big.shop", "new.shop")),
    ("", PLAN, {"target": "z"}, ("big.shop", "z")),
    ("", PLAN, {"source": "x"}, ("x", "products.shop.backend")),
    ('[tool.phased-migration]\nsource = "big.{product}"\ntarget = "to.{product}.{x}"\n', None, {}, ("big.shop", "to.shop.{x}")),
    ('[tool.phased-migration.products.shop]\nsource = "s"\ntarget = "t"\n', None, {}, ("s", "t")),
    ('[tool.phased-migration]\nproducts = {shop = 3}\n', None, {}, ("big.shop", "products.shop.backend")),
    ('[tool.phased-migration]\nproducts = 3\n', None, {}, ("big.shop", "products.shop.backend")),
])
def test_names(tmp_path: Path, config: str, plan: Plan | None, options: dict[str, str], names: tuple[str, str]) -> None:
    found = session(tmp_path, config, plan, **options)
    assert scan_moves.names(found.context("scan_moves")) == names


def test_nothing_says_what_the_source_is(tmp_path: Path) -> None:
    found = session(tmp_path, product="unknown")
    with pytest.raises(UsageError, match="nothing says which package unknown is"):
        scan_moves.names(found.context("scan_moves"))


def test_the_tree_at_each_phase(tmp_path: Path) -> None:
    found = session(tmp_path)
    project = found.project("move_files", (".",))
    assert project.roots == (".",)
    assert list(project.baseline) == list(project.before) == sorted([*FILES, "pyproject.toml"])
    assert project.candidates((b"shop",)) == ["big/use.py"]
