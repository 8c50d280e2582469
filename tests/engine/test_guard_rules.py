"""What is written is tried with the tools themselves: it lets the moved code pass and the old path not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.commands import guard, preview
from migration.cli.session import Session
from migration.core.errors import GitError, PhaseError
from migration.core.phase import ORDER
from migration.engine.guard_rules import banned, rules
from migration.engine.residue import find
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import Content, disk, git, make_repo, put, workspace

FILES: dict[str, Content] = {**STOCK, "use.py": "from shop.stock import Item\n"}
TARGET = "products.stock.backend"
MOVED = {"shop.stock": TARGET}
BIN = Path(sys.executable).parent

RUFF = """\
[project]
name = "shop"

[tool.ruff]
line-length = 100  # wide

[tool.ruff.lint]
select = ["E", "F"]

[tool.ruff.lint.isort]
known-first-party = ["shop"]

[tool.other]
x = 1
"""
TACH = """\
source_roots = ["."]  # here

[[modules]]
path = "shop"
depends_on = ["products.stock.backend"]

[[modules]]
path = "products.stock.backend"
depends_on = ["shop"]
"""
LINTER = """\
[importlinter]
root_packages =
    shop
    products
"""


def written(tmp_path: Path, files: dict[str, Content], moved: dict[str, str] = MOVED) -> dict[str, str]:
    tree = workspace(make_repo(tmp_path / "repo", files)).baseline()
    found = {rule.path: rule.raw.decode() for rule in rules(tree, moved, "stock")}
    again = workspace(make_repo(tmp_path / "again", {**files, **found})).baseline()
    assert rules(again, moved, "stock") == []  # a second time there is nothing to add
    return found


def tool(repo: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([BIN / words[0], *words[1:]], cwd=repo, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def lost(old: str, new: str) -> list[str]:
    """The lines of a file that are not in the new one, in their order."""
    rest = iter(new.splitlines())
    return [line for line in old.splitlines() if line not in rest]


# ---- nothing to write


@pytest.mark.parametrize("files", [
    {}, {"pyproject.toml": "[project]\nname = 'x'\n"}, {"setup.cfg": "[metadata]\nname = x\n"}, {"sub/ruff.toml": ""},
])
def test_tools_that_are_not_used(tmp_path: Path, files: dict[str, Content]) -> None:
    assert written(tmp_path, {"a.py": "", **files}) == {}


def test_nothing_has_moved(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "shop", FILES), "shop.stock")
    run_phase.execute(session, "scan_moves")
    with pytest.raises(PhaseError, match="has moved yet"):
        guard.run(session)


@pytest.mark.parametrize(("path", "text", "words"), [
    ("pyproject.toml", "tool = 1\n", "tool is no table"), ("pyproject.toml", "[tool]\nruff = 1\n", "tool.ruff is no table"),
    ("pyproject.toml", "[tool.ruff]\nlint = 1\n", "lint is no table"), ("ruff.toml", "[lint]\nflake8-tidy-imports = []\n", "flake8-tidy-imports is no table"),
    ("ruff.toml", "[lint.flake8-tidy-imports]\nbanned-api = 'x'\n", "banned-api is no table"), ("ruff.toml", "[lint]\nselect = 1\n", "select is no list of texts"),
    ("ruff.toml", "[lint]\nextend-select = [1]\n", "extend-select is no list of texts"), ("tach.toml", "modules = 1\n", "modules is no list of tables"),
    ("tach.toml", "modules = [1]\n", "modules is no list of tables"), ("tach.toml", "[[modules]]\npaths = 1\n", "paths is no list of texts"),
    ("pyproject.toml", "[tool]\nimportlinter = []\n", "tool.importlinter is no table"),
    ("pyproject.toml", "[tool.importlinter]\nroot_packages = 'shop'\n", "root_packages is no list of texts"),
    ("pyproject.toml", "[tool.importlinter]\nroot_package = 'shop'\ncontracts = 1\n", "contracts is no list of tables"),
    ("pyproject.toml", "x = " + "[" * 50_000 + "]" * 50_000 + "\n", ""), ("ruff.toml", b"a = '\xff'\n", "utf-8"),
    (".importlinter", "[importlinter\n", "no section headers"),
])
def test_mistyped_tables(tmp_path: Path, path: str, text: str | bytes, words: str) -> None:
    tree = workspace(make_repo(tmp_path, {path: text, "shop/__init__.py": ""})).baseline()
    with pytest.raises(PhaseError, match=rf"{re.escape(path)}: can't be read: .*{words}") as caught:
        rules(tree, {"shop.stock": "products.stock"}, "stock")
    assert caught.value.remedy


def test_a_file_that_can_t_be_read(tmp_path: Path) -> None:
    with pytest.raises(PhaseError, match=r"pyproject.toml: can't be read: .*line 2"):
        written(tmp_path, {"pyproject.toml": "[tool.ruff]\nx = \n"})


def test_a_package_of_which_something_stays_is_not_banned(tmp_path: Path) -> None:
    session = moved(make_repo(tmp_path / "shop", FILES))
    project = session.project("guard")
    put(session.repo, {"shop/stock/later.py": ""})
    git(session.repo, "add", "-A")
    session = session_for(session.repo)
    tree = session.workspace.tree(None)
    assert banned(session.plan(), project, project.before) == {"shop.stock": TARGET}
    assert banned(session.plan(), session.project("guard"), tree) == {"shop.stock.items": f"{TARGET}.items"}


# ---- ruff


def test_ruff_in_pyproject(tmp_path: Path) -> None:
    text = written(tmp_path, {"pyproject.toml": RUFF})["pyproject.toml"]
    assert lost(RUFF, text) == []
    repo = tmp_path / "repo"
    put(repo, {"pyproject.toml": text, "use.py": f"import {TARGET}.items\n\nprint({TARGET}.items)\n"})
    assert tool(repo, "ruff", "check", "--no-cache", "--config", "pyproject.toml", "use.py")[0] == 0
    for line in ("import shop.stock", "from shop.stock import Item", "from shop.stock.items import Item", "from shop import stock"):
        put(repo, {"use.py": f"{line}  # noqa: F401\n"})
        code, out = tool(repo, "ruff", "check", "--no-cache", "--config", "pyproject.toml", "use.py")
        assert code == 1 and "TID251" in out and f"moved to {TARGET}" in out, line
    put(repo, {"use.py": "import shop.stocks  # noqa: F401\n"})
    assert tool(repo, "ruff", "check", "--no-cache", "--config", "pyproject.toml", "use.py")[0] == 0


def test_two_tools_in_one_file(tmp_path: Path) -> None:
    both = RUFF + '\n[tool.importlinter]\nroot_package = "shop"\n'
    text = written(tmp_path, {"pyproject.toml": both})["pyproject.toml"]
    assert "banned-api" in text and "[[tool.importlinter.contracts]]" in text and lost(both, text) == []


@pytest.mark.parametrize("text", [
    "line-length = 100\n", 'select = ["E"]\n', '[lint]\nextend-select = ["B"]\n', '[lint]\nselect = ["TID"]\n', '[lint]\nselect = ["ALL"]\n',
    '[lint.flake8-tidy-imports]\nban-relative-imports = "parents"\n',
    '[lint.flake8-tidy-imports.banned-api]\n"os.path".msg = "no"\n', 'lint = { select = ["E"] }\n', "",
    'lint = { select = ["E"], flake8-tidy-imports = { ban-relative-imports = "all" } }  # mine\n',
])
def test_ruff_in_its_own_file(tmp_path: Path, text: str) -> None:
    new = written(tmp_path, {"ruff.toml": text})["ruff.toml"]
    repo = tmp_path / "repo"
    put(repo, {"ruff.toml": new, "use.py": "import shop.stock  # noqa: F401\n"})
    code, out = tool(repo, "ruff", "check", "--no-cache", "use.py")
    assert code == 1 and "TID251" in out, new


def test_what_is_banned_already_stays(tmp_path: Path) -> None:
    text = '[lint.flake8-tidy-imports.banned-api]\n"shop.stock".msg = "my own words"\n'
    assert written(tmp_path, {"ruff.toml": text}) == {}


def test_line_ends_stay(tmp_path: Path) -> None:
    text = written(tmp_path, {"ruff.toml": b"line-length = 100\r\n"})["ruff.toml"]
    assert text.count("\n") == text.count("\r\n") > 2


# ---- tach


def test_tach(tmp_path: Path) -> None:
    code = {
        "shop/__init__.py": "", "shop/use.py": f"import {TARGET}\n", "products/__init__.py": "",
        "products/stock/__init__.py": "", "products/stock/backend/__init__.py": "",
    }
    text = written(tmp_path, {"tach.toml": TACH, **code})["tach.toml"]
    assert lost(TACH, text) == []
    repo = tmp_path / "repo"
    put(repo, {"tach.toml": text})
    assert tool(repo, "tach", "check")[0] == 0
    put(repo, {"shop/stock/__init__.py": "", "shop/use.py": "import shop.stock\n"})
    code_, out = tool(repo, "tach", "check")
    assert code_ == 1 and "cannot depend on 'shop.stock'" in out


# ---- import-linter


@pytest.mark.parametrize(("path", "text"), [
    (".importlinter", LINTER), ("setup.cfg", f"[metadata]\nname = x\n\n{LINTER}"),
    ("pyproject.toml", '[tool.importlinter]\nroot_packages = ["shop", "products"]\n'),
    ("pyproject.toml", '[tool.importlinter]\nroot_package = "shop"\n\n[[tool.importlinter.contracts]]\nid = "x"\nname = "x"\n'
     'type = "forbidden"\nsource_modules = ["shop.use"]\nforbidden_modules = ["shop.other"]\n\n[tool.other]\nx = 1\n'),
])
def test_import_linter(tmp_path: Path, path: str, text: str) -> None:
    code = {
        "shop/__init__.py": "", "shop/use.py": "X = 1\n", "shop/other.py": "", "products/__init__.py": "", "products/a.py": "",
    }
    new = written(tmp_path, {path: text, **code})[path]
    assert lost(text, new) == []
    repo = tmp_path / "repo"
    put(repo, {path: new})
    code_, out = tool(repo, "lint-imports", "--no-cache")
    assert code_ == 0 and "What has moved into stock stays there KEPT" in out
    put(repo, {"shop/stock/__init__.py": "", "shop/stock/items.py": "", "shop/use.py": "import shop.stock.items\n"})
    code_, out = tool(repo, "lint-imports", "--no-cache")
    assert code_ == 1 and "shop.use -> shop.stock.items" in out


def test_import_linter_below_other_packages(tmp_path: Path) -> None:
    code = {"shop/__init__.py": "", "shop/a/__init__.py": "", "shop/a/use.py": "", "shop/z.py": ""}
    new = written(tmp_path, {".importlinter": "[importlinter]\nroot_package = shop\n", **code}, {"shop.a.stock": "x"})
    repo = tmp_path / "repo"
    put(repo, {**new})
    assert tool(repo, "lint-imports", "--no-cache")[0] == 0
    put(repo, {"shop/a/stock/__init__.py": "", "shop/a/stock/items.py": "", "shop/a/use.py": "import shop.a.stock.items\n"})
    assert tool(repo, "lint-imports", "--no-cache")[0] == 1


# ---- the command


def moved(repo: Path) -> Session:
    for phase in ORDER:
        run_phase.execute(session_for(repo, "shop.stock"), phase)
    return session_for(repo)


def test_the_rule_survives_a_rerun_and_is_no_residue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(tmp_path / "shop", {**FILES, "pyproject.toml": RUFF, "tach.toml": TACH, ".importlinter": LINTER})
    guard.run(moved(repo))
    out = capsys.readouterr().out
    assert out.splitlines()[:3] == [
        "pyproject.toml (ruff)",
        f'  + [tool.ruff.lint.flake8-tidy-imports.banned-api] "shop.stock" = {{msg = "moved to {TARGET}"}}',
        '  + [tool.ruff.lint] extend-select: "TID251"',
    ]
    assert "tach.toml (tach)" in out and ".importlinter (import-linter)" in out
    after = disk(repo)
    session = moved(repo)
    assert disk(repo) == after
    guard.run(session)
    assert "the rules are there already" in capsys.readouterr().out
    assert disk(repo) == after
    left = find(session.plan(), session.project("residue"))
    assert left and {item.path for item in left if not item.decided} <= {"pyproject.toml"}
    (other,) = [item for item in left if not item.decided]  # no rule of ours: what ruff takes for first party
    assert other.text.startswith("ruff: known-first-party: `shop` no longer takes in")


def test_someone_is_at_work_on_the_file(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "shop", {**FILES, "pyproject.toml": RUFF})
    session = moved(repo)
    put(repo, {"pyproject.toml": RUFF + "# mine\n"})
    before = disk(repo)
    with pytest.raises(GitError, match="uncommitted"):
        guard.run(session)
    assert disk(repo) == before


def test_no_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guard.run(moved(make_repo(tmp_path / "shop", FILES)))
    out = capsys.readouterr().out
    assert "nothing to write to" in out and "residue" in out


def test_the_preview_shows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(tmp_path / "shop", {**FILES, "pyproject.toml": RUFF})
    before = disk(repo)
    preview.run(session_for(repo, "shop.stock"))
    out = capsys.readouterr().out
    assert 'pyproject.toml: [tool.ruff.lint.flake8-tidy-imports.banned-api] "shop.stock"' in out[: out.index("diff --git")]
    assert disk(repo) == before


