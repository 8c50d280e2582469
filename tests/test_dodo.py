"""The command line as people use it: doit, in a subprocess, on real repositories."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
import yaml

from migration.core.phase import ORDER

CHECKOUT = Path(__file__).parent.parent
IDENTITY = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]

SHOP = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "from ..money import Money\n\n\nclass Item:\n    price = Money(1)\n",
    "shop/stock/prices.csv": "a,1\n",
    "shop/money.py": "class Money:\n    def __init__(self, amount):\n        self.amount = amount\n",
    "shop/cart.py": "from shop.stock import Item  # what is sold\n\nTOTAL = Item.price.amount\n",
    "shop/unrelated.py": "X = 1\n",
}
MOVED = {
    "products/__init__.py": "",
    "products/stock/__init__.py": "",
    "products/stock/backend/__init__.py": "from .items import Item\n",
    "products/stock/backend/items.py": "from shop.money import Money\n\n\nclass Item:\n    price = Money(1)\n",
    "products/stock/backend/prices.csv": "a,1\n",
    "shop/__init__.py": "",
    "shop/money.py": SHOP["shop/money.py"],
    "shop/cart.py": "from products.stock.backend import Item  # what is sold\n\nTOTAL = Item.price.amount\n",
    "shop/unrelated.py": "X = 1\n",
}


@cache
def compiled() -> None:
    """Byte code beside the tool's modules: a copy takes it along, and starts in a third of the time."""
    compileall.compile_dir(CHECKOUT / "migration", quiet=2)


class Home:
    """A checkout of the tool of its own, so that state and code can be changed freely."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        shutil.copy(CHECKOUT / "dodo.py", path)
        shutil.copy(CHECKOUT / "pyproject.toml", path)
        compiled()
        shutil.copytree(CHECKOUT / "migration", path / "migration", symlinks=True)

    def start(self, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MIGRATION_REPO")}
        return subprocess.Popen(
            [sys.executable, "-m", "doit", *args],
            cwd=self.path,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
            start_new_session=True,
        )

    def doit(self, *args: str, code: int = 0, env: dict[str, str] | None = None) -> tuple[str, str]:
        process = self.start(*args, env=env)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, f"exit code {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in out + err
        return out, err

    def tracker(self, product: str) -> dict:
        return yaml.safe_load((self.path / "moves" / product / "phase_tracker.yml").read_text())

    def statuses(self, product: str) -> list[str]:
        return [entry["status"] for entry in self.tracker(product)["phases"]]


def git(repo: Path, *args: str) -> str:
    return subprocess.run(["git", *IDENTITY, *args], cwd=repo, check=True, capture_output=True, text=True).stdout


def make_repo(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git(path, "init", "-q", "-b", "main")
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "before")
    return path


def tree(repo: Path) -> dict[str, tuple[int, bytes]]:
    """Everything in the work tree, directories too, with permission bits and content."""
    found = {}
    for path in sorted(repo.rglob("*")):
        name = str(path.relative_to(repo))
        if name != ".git" and not name.startswith(".git/"):
            found[name] = (path.lstat().st_mode, b"" if path.is_dir() else path.read_bytes())
    return found


def state(repo: Path) -> tuple[dict[str, tuple[int, bytes]], str, bytes]:
    """The tree, what the index holds, and the index file itself."""
    return tree(repo), git(repo, "ls-files", "-s"), (repo / ".git" / "index").read_bytes()


def files(repo: Path) -> dict[str, str]:
    return {name: content.decode() for name, (mode, content) in tree(repo).items() if (repo / name).is_file()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "mono", SHOP)


def move(shop: Path) -> list[str]:
    return ["product=stock", f"repo={shop}", "source=shop.stock"]


# ---- what stays untouched


def test_preview_touches_neither_repo_nor_state(home: Home, shop: Path) -> None:
    before = state(shop)
    out, _ = home.doit(*move(shop), "preview")
    assert state(shop) == before
    assert not (home.path / "moves/stock/moves.yml").exists()
    assert "shop/stock/items.py -> products/stock/backend/items.py" in out
    assert "-from shop.stock import Item  # what is sold\n+from products.stock.backend import Item  # what is sold" in out
    assert "rename from shop/stock/prices.csv" in out
    assert "new file mode 100644" in out


def test_a_second_run_does_nothing(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    before = state(shop)
    times = {path: path.stat().st_mtime_ns for path in shop.rglob("*.py")}
    out, _ = home.doit(*move(shop))
    assert [line.split() for line in out.splitlines()[1 : len(ORDER) + 1]] == [[name, "up", "to", "date"] for name in ORDER]
    assert state(shop) == before
    assert {path: path.stat().st_mtime_ns for path in shop.rglob("*.py")} == times


def test_a_report_that_a_death_behind_the_last_phase_has_prevented(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    report = home.path / "moves/stock/report.html"
    written = report.stat().st_mtime_ns
    home.doit(*move(shop))
    assert report.stat().st_mtime_ns == written
    text = report.read_text()
    report.unlink()
    out, _ = home.doit(*move(shop))
    assert out.count("up to date") == 9
    assert report.read_text() == text


def test_uncommitted_changes_are_never_touched(home: Home, shop: Path) -> None:
    (shop / "shop/cart.py").write_text(SHOP["shop/cart.py"] + "# mine\n")
    (shop / "shop/stock/items.py").write_text(SHOP["shop/stock/items.py"] + "# mine too\n")
    before = state(shop)
    _, err = home.doit(*move(shop), code=1)
    assert "shop/cart.py" in err and "shop/stock/items.py" in err and "commit or stash" in err
    assert state(shop) == before


def test_uncommitted_changes_elsewhere_are_no_matter(home: Home, shop: Path) -> None:
    (shop / "shop/unrelated.py").write_text("X = 2\n")
    home.doit(*move(shop))
    assert files(shop) == {**MOVED, "shop/unrelated.py": "X = 2\n"}


# ---- what changes


def test_a_plain_package_moves(home: Home, shop: Path) -> None:
    out, err = home.doit(*move(shop))
    assert files(shop) == MOVED
    assert not (shop / "shop/stock").exists()
    assert err == ""
    assert out.splitlines()[0] == f"stock: {shop} (your checkout)"
    assert "3 files moved" in out
    assert "9 of 9 phases completed" in out
    renames = git(shop, "diff", "--cached", "-M100%", "--name-status")
    assert sorted(line.split("\t")[0] for line in renames.splitlines()) == ["A", "A", "R100", "R100", "R100"]
    content = home.tracker("stock")
    assert content["status"] == "completed" and content["product"] == "stock"
    assert [entry["id"] for entry in content["phases"]] == list(ORDER)
    assert content["phases"][2]["operations"] == 3


def test_the_moved_code_runs(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    done = subprocess.run([sys.executable, "-c", "import shop.cart as c; print(c.TOTAL)"], cwd=shop, capture_output=True)
    assert done.stdout == b"1\n"


def test_list_and_status(home: Home, shop: Path) -> None:
    out, _ = home.doit(*move(shop), "list")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [line[0] for line in lines] == [*ORDER, "preview", "status", "reset", "residue", "commit", "guard", "page", "follow", "map"]
    assert all(len(line) == 2 for line in lines)
    out, _ = home.doit("list", "--status", *move(shop))
    assert {line.split()[0] for line in out.splitlines()} == {"R"}
    out, _ = home.doit(*move(shop), "status")
    assert "nothing has run yet" in out
    home.doit(*move(shop))
    out, _ = home.doit("list", "--status", *move(shop))
    assert [line.split()[0] for line in out.splitlines()] == ["U"] * 9 + ["R"] * 9
    out, _ = home.doit(*move(shop), "status")
    assert "stock: completed (9/9 phases)" in out and "3 files moved" in out


def test_forget_reruns_a_phase_and_what_stands_on_it(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    before = state(shop)
    home.doit("forget", "move_files", *move(shop))
    out, _ = home.doit("list", "--status", *move(shop))
    assert [line.split()[0] for line in out.splitlines()[:9]] == ["U"] * 2 + ["R"] * 7
    out, _ = home.doit(*move(shop))
    assert [("up to date" in line) for line in out.splitlines()[1:10]] == [True, True] + [False] * 7
    assert state(shop)[:2] == before[:2]


@pytest.mark.parametrize("path", ["products/stock/backend/items.py", "products/stock/__init__.py"])
def test_a_target_deleted_by_hand_comes_back(home: Home, shop: Path, path: str) -> None:
    home.doit(*move(shop))
    (shop / path).unlink()
    home.doit(*move(shop))
    assert files(shop) == MOVED


def test_a_checkout_that_was_made_anew_at_the_same_place_is_moved_again(home: Home, shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "mono", "fresh")
    home.doit(*move(shop))
    expected = files(shop)
    shutil.rmtree(shop)
    (tmp_path / "fresh").rename(shop)
    out, _ = home.doit(*move(shop))
    assert "  move_files           3 files moved" in out
    assert files(shop) == expected


def test_edits_by_hand_survive_and_old_references_in_them_are_rewritten(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    (shop / "shop/cart.py").write_text(MOVED["shop/cart.py"] + "import shop.stock.items as more\n")
    items = MOVED["products/stock/backend/items.py"].replace("price = Money(1)", "price = Money(1)  # cheap")
    (shop / "products/stock/backend/items.py").write_text(items)
    home.doit(*move(shop))
    assert files(shop) == {
        **MOVED,
        "shop/cart.py": MOVED["shop/cart.py"] + "import products.stock.backend.items as more\n",
        "products/stock/backend/items.py": items,
    }
    before = state(shop)
    out, _ = home.doit(*move(shop))
    assert out.count("up to date") == 9
    assert state(shop) == before


def test_a_new_file_under_the_source_is_moved_by_the_next_run(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    (shop / "shop/stock").mkdir()
    (shop / "shop/stock/late.py").write_text("from .items import Item\nfrom ..money import Money\n")
    git(shop, "add", "shop/stock/late.py")
    git(shop, "commit", "-qam", "late")
    home.doit(*move(shop))
    assert files(shop) == {
        **MOVED,
        "products/stock/backend/late.py": "from .items import Item\nfrom shop.money import Money\n",
    }


def test_reset_gives_everything_back_and_a_new_run_does_the_same(home: Home, shop: Path) -> None:
    before = tree(shop), git(shop, "ls-files", "-s"), git(shop, "status", "--porcelain")
    home.doit(*move(shop))
    after = state(shop)
    out, _ = home.doit(*move(shop), "reset")
    assert "reset:" in out
    assert (tree(shop), git(shop, "ls-files", "-s"), git(shop, "status", "--porcelain")) == before
    assert set(home.statuses("stock")) == {"pending"}
    assert git(shop, "for-each-ref", "refs/worktree") == ""
    home.doit(*move(shop))
    assert state(shop)[:2] == after[:2]


def test_reset_refuses_files_that_were_edited(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    (shop / "shop/cart.py").write_text("# mine\n")
    before = state(shop)
    _, err = home.doit(*move(shop), "reset", code=1)
    assert "shop/cart.py" in err
    assert state(shop) == before


def test_one_file(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    text = MOVED["shop/cart.py"] + "from shop.stock.items import Item as Again\n"
    (shop / "shop/cart.py").write_text(text)
    home.doit(*move(shop), "update_imports", "file=shop/cart.py")
    assert files(shop) == {**MOVED, "shop/cart.py": text.replace("shop.stock.items", "products.stock.backend.items")}


def test_an_edited_plan_is_kept_and_obeyed(home: Home, shop: Path) -> None:
    home.doit(*move(shop), "scan_moves")
    plan = home.path / "moves/stock/moves.yml"
    text = "# ours\n" + plan.read_text().replace("stock/backend/prices.csv", "stock/data/prices.csv")
    plan.write_text(text)
    home.doit(*move(shop))
    assert (shop / "products/stock/data/prices.csv").exists()
    out, _ = home.doit("forget", "scan_moves", *move(shop))
    out, _ = home.doit(*move(shop))
    assert "edited by hand and is kept" in out
    assert plan.read_text() == text
    # a later change of mind moves the file on
    plan.write_text(text.replace("stock/data/prices.csv", "stock/prices.csv"))
    home.doit(*move(shop))
    assert (shop / "products/stock/prices.csv").exists() and not (shop / "products/stock/data").exists()


def test_a_fixed_tool_gives_what_it_would_have_given_from_scratch(home: Home, shop: Path) -> None:
    rewriter = home.path / "migration/rewriters/imports.py"
    right = rewriter.read_text()
    rewriter.write_text(right + "\n\n_find = find\n\n\ndef find(source, moves):\n    return ()\n")
    _, err = home.doit(*move(shop), code=1)
    assert "shop/cart.py" in err and "shop.stock" in err
    rewriter.write_text(right)
    out, _ = home.doit("list", "--status", *move(shop))
    assert [line.split()[0] for line in out.splitlines()[:9]] == ["U"] * 3 + ["R"] * 6
    home.doit(*move(shop))
    assert files(shop) == MOVED


@pytest.mark.parametrize("delay", [0.25, 0.4, 0.55, 0.7, 0.9])
def test_death_at_any_time_and_the_same_command_again(home: Home, shop: Path, delay: float) -> None:
    process = home.start(*move(shop))
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    home.doit(*move(shop))
    assert files(shop) == MOVED
    assert set(home.statuses("stock")) == {"completed"}
    assert not [path for path in shop.rglob("*") if "phased-migration-tmp" in path.name]


def test_doit_s_own_commands_make_sense(home: Home, shop: Path) -> None:
    home.doit("-n", "2", *move(shop))
    assert files(shop) == MOVED
    before = state(shop)
    out, _ = home.doit("info", "move_files", *move(shop))
    assert "products/stock/backend/items.py" in out and "up-to-date" in out
    out, _ = home.doit("clean", "--dry-run", *move(shop))
    assert "would undo" in out
    assert state(shop) == before


def test_two_products_in_one_repo(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    money = ["product=money", f"repo={shop}", "source=shop.money"]
    home.doit(*money)
    both = state(shop)[:2]
    for arguments in (move(shop), money):
        out, _ = home.doit(*arguments)
        assert out.count("up to date") == 9
    (shop / "shop/cart.py").write_text((shop / "shop/cart.py").read_text() + "# shop.stock\n")
    out, _ = home.doit(*move(shop))
    assert "money stands on this move and was taken back -> run it again: doit product=money" in out
    out, _ = home.doit(*money, "status")
    assert "money: pending" in out
    home.doit(*money)
    text = both[0]["shop/cart.py"][1] + b"# products.stock.backend\n"
    assert state(shop)[0] == {**both[0], "shop/cart.py": (both[0]["shop/cart.py"][0], text)}
    _, err = home.doit(*move(shop), "reset", code=1)
    assert "doit product=money reset" in err
    assert (shop / "products/money/backend.py").read_text() == SHOP["shop/money.py"]
    assert "from products.money.backend import Money" in (shop / "products/stock/backend/items.py").read_text()
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "moved")
    assert git(shop, "status", "--porcelain") == ""


# ---- errors: named, exit code not 0, nothing lost


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["product=2nd"], "product: '2nd' is no Python identifier"),
        (["product=stock", "produkt=x"], "produkt: unknown; known are product"),
        (["product=stock", "source=shop..stock"], "source: 'shop..stock' is no dotted module name"),
        (["product=stock", "target=products.class.x"], "'class' is a Python keyword"),
        (["product=stock", "jobs=many"], "jobs: expected a number from 1, got 'many'"),
        (["product=stock", "django=maybe"], "django: expected auto or no, got 'maybe'"),
    ],
)
def test_values_that_can_t_be_used(home: Home, shop: Path, arguments: list[str], message: str) -> None:
    before = state(shop)
    _, err = home.doit(*arguments, f"repo={shop}", code=3)
    assert message in err
    assert state(shop) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["source=shop.nowhere"], "no package or module shop.nowhere is among the tracked files"),
        (["source=shop.stok"], "did you mean shop.stock or"),
        (["source=shop.stock", "target=shop.stock"], "source and target are both shop.stock"),
        (["source=shop.old", "target=shop.stock"], "it has been moved already"),
        ([], "source=a.b.c"),
    ],
)
def test_sources_that_can_t_move(home: Home, shop: Path, arguments: list[str], message: str) -> None:
    before = state(shop)
    out, err = home.doit("product=other", f"repo={shop}", *arguments, code=1)
    assert message in err and "report" not in out
    assert state(shop) == before
    content = home.tracker("other")
    assert content["status"] == "failed"
    assert content["phases"][0]["status"] == "failed" and message in content["phases"][0]["error"]
    assert set(home.statuses("other")[1:]) == {"pending"}


def test_no_such_repo(home: Home, tmp_path: Path) -> None:
    _, err = home.doit("product=stock", f"repo={tmp_path}/nowhere", "source=a.b", code=1)
    assert f"there is no directory {tmp_path}/nowhere" in err


def test_no_git_checkout(home: Home, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    _, err = home.doit("product=stock", f"repo={tmp_path}/plain", "source=a.b", code=1)
    assert "is not a git checkout" in err and "git init" in err


def test_a_bare_repo(home: Home, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    _, err = home.doit("product=stock", f"repo={tmp_path}/bare.git", "source=a.b", code=1)
    assert "is a bare repository" in err


def test_a_plan_with_mistakes(home: Home, shop: Path) -> None:
    home.doit(*move(shop), "scan_moves")
    plan = home.path / "moves/stock/moves.yml"
    text = plan.read_text().replace("to: products/stock/backend/prices.csv", "to: ../prices.csv")
    plan.write_text(text.replace("symbol_remap:", "symbol_rempa:"))
    before = state(shop)
    _, err = home.doit(*move(shop), code=1)
    assert "symbol_rempa: unknown key" in err and "'../prices.csv' leaves the repo" in err
    assert state(shop) == before


def test_python_that_can_t_be_parsed(home: Home, shop: Path) -> None:
    (shop / "shop/broken.py").write_text("def f(:\n")
    (shop / "shop/template.py").write_text("x = 1\nfrom shop.stock import {{ name }}\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "broken")
    _, err = home.doit(*move(shop), code=1)
    assert "shop/template.py:2" in err
    assert "shop/broken.py" not in err
    assert home.statuses("stock")[:4] == ["completed", "completed", "completed", "failed"]
    git(shop, "rm", "-qf", "shop/template.py")
    git(shop, "commit", "-qm", "gone", "shop/template.py")
    home.doit(*move(shop))
    assert files(shop) == {**MOVED, "shop/broken.py": "def f(:\n"}


def test_a_phase_that_fails_after_it_had_been_done(home: Home, shop: Path) -> None:
    home.doit(*move(shop))
    (shop / "shop/template.py").write_text("x = 1\nfrom shop.stock import {{ name }}\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "broken")
    _, err = home.doit(*move(shop), code=1)
    assert "shop/template.py:2" in err
    assert home.statuses("stock")[:4] == ["completed", "completed", "completed", "failed"]


def test_a_target_that_exists(home: Home, shop: Path) -> None:
    (shop / "products/stock/backend").mkdir(parents=True)
    (shop / "products/stock/backend/items.py").write_text("other = 1\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "there")
    _, err = home.doit(*move(shop), code=1)
    assert "shop/stock/items.py -> products/stock/backend/items.py: the target exists and differs" in err
    assert (shop / "shop/stock/items.py").exists()
    assert (shop / "products/stock/backend/items.py").read_text() == "other = 1\n"


# ---- sources and targets within each other


def test_files_change_places_inside_one_package(home: Home, tmp_path: Path) -> None:
    """Modules go into packages that take the names of others; packages that are new are what those around are."""
    code = {
        "app/__init__.py": "", "app/plan.py": "PLAN = 1\n", "app/plan_file.py": "from app.plan import PLAN\n",
        "app/report.py": "from app import plan, plan_file\n\nTEXT = plan.PLAN, plan_file.PLAN\n",
        "app/pages/__init__.py": "", "app/pages/page.py": "from app.report import TEXT\n",
        "tests/__init__.py": "", "tests/test_app_plan.py": "from app.plan import PLAN\n\nassert PLAN\n",
    }  # fmt: skip
    repo = make_repo(tmp_path / "repo", code)
    moves = {
        "app/plan.py": "app/plan/plan.py", "app/plan_file.py": "app/plan/reading.py", "app/report.py": "app/cli/report.py",
        "app/pages/__init__.py": "app/report/__init__.py", "app/pages/page.py": "app/report/page.py",
        "tests/test_app_plan.py": "tests/plan/test_app_plan.py",
    }  # fmt: skip
    lines = [f"- {{from: {old}, to: {new}}}\n" for old, new in moves.items()]
    plan = home.path / "moves/rooms/moves.yml"
    plan.parent.mkdir(parents=True)
    plan.write_text("product: rooms\nsource: app\ntarget: app\ndjango: no\nmodule_moves: {}\nfile_moves:\n" + "".join(lines))
    home.doit("product=rooms", f"repo={repo}")
    assert files(repo) == {
        "app/__init__.py": "", "app/cli/__init__.py": "", "app/plan/__init__.py": "", "app/plan/plan.py": "PLAN = 1\n",
        "app/plan/reading.py": "from app.plan.plan import PLAN\n",
        "app/cli/report.py": "from app.plan import plan, reading as plan_file\n\nTEXT = plan.PLAN, plan_file.PLAN\n",
        "app/report/__init__.py": "", "app/report/page.py": "from app.cli.report import TEXT\n",
        "tests/__init__.py": "", "tests/plan/__init__.py": "",
        "tests/plan/test_app_plan.py": "from app.plan.plan import PLAN\n\nassert PLAN\n",
    }  # fmt: skip
    before = state(repo)
    home.doit("product=rooms", f"repo={repo}")
    assert state(repo) == before
    home.doit("product=rooms", f"repo={repo}", "reset")
    assert files(repo) == code


def test_the_target_may_lie_inside_the_source(home: Home, shop: Path) -> None:
    home.doit(*move(shop), "target=shop.stock.backend")
    assert files(shop) == {
        **{name: text for name, text in MOVED.items() if name.startswith("shop/")},
        "shop/cart.py": "from shop.stock.backend import Item  # what is sold\n\nTOTAL = Item.price.amount\n",
        "shop/stock/__init__.py": "",
        "shop/stock/backend/__init__.py": "from .items import Item\n",
        "shop/stock/backend/items.py": SHOP["shop/stock/items.py"].replace("..money", "...money")
        if "...money" in files(shop)["shop/stock/backend/items.py"]
        else MOVED["products/stock/backend/items.py"],
        "shop/stock/backend/prices.csv": "a,1\n",
    }


def test_the_source_may_lie_inside_the_target(home: Home, tmp_path: Path) -> None:
    repo = make_repo(
        tmp_path / "mono",
        {
            "wag/__init__.py": "VERSION = 1\n",
            "wag/core/__init__.py": "",
            "wag/core/models.py": "from wag.core.utils import f\nfrom . import utils\nfrom .. import VERSION\n",
            "wag/core/utils.py": "def f(): ...\n",
            "wag/admin.py": "from wag.core import models\nfrom .core.utils import f\n",
        },
    )
    home.doit("product=core", f"repo={repo}", "source=wag.core", "target=wag")
    assert files(repo) == {
        "wag/__init__.py": "VERSION = 1\n",
        "wag/models.py": "from wag.utils import f\nfrom . import utils\nfrom . import VERSION\n",
        "wag/utils.py": "def f(): ...\n",
        "wag/admin.py": "from wag import models\nfrom .utils import f\n",
    }


# ---- with a Django of their own

SITE = {
    "manage.py": 'import os, sys\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n'
    "from django.core.management import execute_from_command_line\n\nexecute_from_command_line(sys.argv)\n",
    "site_/__init__.py": "",
    "site_/settings.py": 'SECRET_KEY = "x"\nUSE_TZ = True\nDEFAULT_AUTO_FIELD = "django.db.models.AutoField"\n'
    'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}\n'
    'INSTALLED_APPS = ["django.contrib.contenttypes", "core"]\n',
    "core/__init__.py": "",
    "core/models.py": "from core.stock.models import Item\n",
    "core/stock/__init__.py": "",
    "core/stock/models.py": "from django.db import models\n\n\nclass Item(models.Model):\n    name = models.TextField()\n",
    "core/migrations/__init__.py": "",
    "core/migrations/0001_initial.py": "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
    '    initial = True\n    operations = [migrations.CreateModel("Item", [("id", models.AutoField(auto_created=True, '
    'primary_key=True, serialize=False, verbose_name="ID")), ("name", models.TextField())])]\n',
}
COMPUTED = 'INSTALLED_APPS = list(filter(None, "django.contrib.contenttypes core".split()))\n'


def test_settings_without_a_place_for_the_app(home: Home, tmp_path: Path) -> None:
    settings = SITE["site_/settings.py"].rsplit("INSTALLED_APPS", 1)[0] + COMPUTED
    site = make_repo(tmp_path / "site", {**SITE, "site_/settings.py": settings})
    arguments = ["product=stock", f"repo={site}", "source=core.stock"]
    before = state(site)
    _, err = home.doit(*arguments, code=1)
    line = 'INSTALLED_APPS = [*INSTALLED_APPS, "products.stock.backend.apps.StockConfig"]'
    assert f"add this line at the end of site_/settings.py: {line}" in err
    assert state(site) == before
    (site / "site_/settings.py").write_text(settings + line + "\n")
    home.doit(*arguments)
    assert set(home.statuses("stock")) == {"completed"}
    assert (site / "site_/settings.py").read_text() == settings + line + "\n"
    home.doit("forget", "scan_moves", *arguments)
    home.doit(*arguments)
    assert set(home.statuses("stock")) == {"completed"}


def test_a_monolith_that_does_not_start_speaks_for_itself(home: Home, tmp_path: Path) -> None:
    site = make_repo(tmp_path / "site", {**SITE, "site_/settings.py": "import nothing_of_the_kind\n"})
    before = state(site)
    _, err = home.doit("product=stock", f"repo={site}", "source=core.stock", code=1)
    assert "site_/settings.py:1: ModuleNotFoundError: No module named 'nothing_of_the_kind'" in err
    assert "likely cause: missing module" in err
    assert state(site) == before


def test_moved_code_that_does_not_start(home: Home, tmp_path: Path) -> None:
    trap = 'if __name__.startswith("prod"):\n    raise RuntimeError("not here")\n'
    site = make_repo(tmp_path / "site", {**SITE, "core/stock/__init__.py": trap})
    arguments = ["product=stock", f"repo={site}", "source=core.stock"]
    _, err = home.doit(*arguments, code=1)
    assert "validate_django: the monolith's Django does not start: products/stock/backend/__init__.py:2" in err
    assert "RuntimeError: not here" in err
    assert home.statuses("stock")[4:] == ["completed", "failed", "pending", "pending", "pending"]
    (site / "products/stock/backend/__init__.py").write_text("")
    home.doit(*arguments)
    assert set(home.statuses("stock")) == {"completed"}


def test_no_such_interpreter(home: Home, tmp_path: Path) -> None:
    site = make_repo(tmp_path / "site", SITE)
    _, err = home.doit("product=stock", f"repo={site}", "source=core.stock", f"python={tmp_path}/nowhere", code=1)
    assert "nowhere can't be run" in err


def test_the_django_phases_can_be_left_out(home: Home, tmp_path: Path) -> None:
    site = make_repo(tmp_path / "site", SITE)
    out, _ = home.doit("product=stock", f"repo={site}", "source=core.stock", "django=no")
    assert out.count("left out: django=no") == 4


def test_the_tracker_says_what_is_running(home: Home, tmp_path: Path) -> None:
    slow = SITE["site_/settings.py"] + "import time\n\ntime.sleep(3)\n"
    site = make_repo(tmp_path / "site", {**SITE, "site_/settings.py": slow})
    arguments = ["product=stock", f"repo={site}", "source=core.stock"]
    process = home.start(*arguments)
    path = home.path / "moves/stock/phase_tracker.yml"
    deadline = time.time() + 30
    while not path.exists() and time.time() < deadline:
        time.sleep(0.05)
    content = home.tracker("stock")
    assert (content["status"], content["current_phase"]) == ("in_progress", "scan_moves")
    assert home.statuses("stock")[0] == "in_progress"
    out, _ = home.doit(*arguments, "status")
    assert "running" in out
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert home.statuses("stock")[0] == "in_progress"
    out, _ = home.doit(*arguments, "status")
    assert "stopped" in out
    (site / "site_/settings.py").write_text("import nothing_of_the_kind\n")
    home.doit(*arguments, code=1)
    assert home.statuses("stock")[0] == "failed"


@pytest.mark.parametrize("task", ["preview", "run_tests", "residue", "status"])
def test_a_reader_who_leaves_early_sees_no_traceback(home: Home, shop: Path, task: str) -> None:
    process = home.start(*move(shop), task)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.wait()
    assert "Traceback" not in err and "BrokenPipe" not in err
