"""Sizes, names and surroundings at the edge: an answer in seconds, no traceback, no hang."""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from migration.core.moves import Moves
from migration.core.recursion import USUAL
from migration.engine.workers import Task, work
from migration.python.source_file import SourceFile
from tests.test_dodo import MOVED, SHOP, Home
from tests.tools import make_repo, put, texts

ARGUMENTS = ("product=stock", "source=shop.stock", "target=products.stock.backend", "django=no")
USE = "from shop.stock.items import Item\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "shop", SHOP)


def run(home: Home, *words: str, shell: str = "", limits: Mapping[int, int] = {}) -> subprocess.CompletedProcess[str]:
    """doit, with redirections of a shell, and with limits of the system."""
    def limit() -> None:
        for name, value in limits.items():
            resource.setrlimit(name, (value, value))

    call = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-m", "doit", *words]
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MIGRATION_REPO")}
    return subprocess.run(
        call, cwd=home.path, env={**environment, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, encoding="utf-8",
        errors="surrogateescape", timeout=120, check=False, preexec_fn=limit,
    )


# ---- expressions

LINKS = 2700  # Python 3.11 compiles 2,978 where nothing runs yet
PLACE = "shop.stock.items.Item"
CHAINS = {
    "names": lambda name: "X = lambda Y: " + " + ".join([*["Y"] * LINKS, name]),
    "uses": lambda name: "X = lambda: " + " + ".join([name] * LINKS),
    "calls": lambda name: "X = lambda: " + " + ".join([f"{name}(1)"] * LINKS),
    "attributes": lambda name: f"X = lambda: {name}" + ".a" * LINKS,
    "called again": lambda name: f"X = lambda: {name}" + "()" * LINKS,
    "subscripts": lambda name: f"X = lambda: {name}" + "[0]" * LINKS,
    "a builder": lambda name: "X = lambda q: q" + f".filter({name})" * (LINKS // 2),
    "strings": lambda name: "X = " + " + ".join([f'"{name}"'] * LINKS),
    "strings side by side": lambda name: "X = " + " ".join([f'"{name} "'] * 10_000),
    "parts of strings": lambda name: f"X = lambda: {name}, " + " + ".join(['"a"'] * LINKS),
    "f-strings": lambda name: "X = lambda: " + " + ".join([f'f"{{{name}}}"'] * (LINKS // 4) + ['"a"'] * (LINKS // 2)),
    "comparisons": lambda name: "X = lambda: " + " < ".join([name] * LINKS),
    "and": lambda name: "X = lambda: " + " and ".join([name] * 10_000),
    "not": lambda name: "X = lambda: " + "not " * LINKS + name,
    "minus": lambda name: "X = lambda: " + "-" * LINKS + name,
    "powers": lambda name: "X = lambda: " + "2 ** " * (LINKS - 50) + name,
    "choices": lambda name: "X = lambda a: " + "1 if a else " * LINKS + name,
    "functions": lambda name: "X = " + "lambda: " * (LINKS - 50) + name,
    "elif": lambda name: "def f(x):\n    if x: pass\n" + f"    elif x: {name}\n" * LINKS,
    "a list": lambda name: "X = lambda: [" + ", ".join([name] * 10_000) + "]",
    "a list of other names": lambda name: f"X = lambda: [{name}, " + ", ".join(f"n{number}" for number in range(10_000)) + "]",
    "arguments": lambda name: f"X = lambda f: f({name}, " + ", ".join(['"a"'] * 10_000) + ")",
    "nested lists": lambda name: "X = lambda: " + "[" * 190 + name + "]" * 190,
    "nested dicts": lambda name: "X = lambda: " + "{1: " * 190 + name + "}" * 190,
    "comprehensions": lambda name: "X = lambda: " + "[x for x in " * 90 + name + "]" * 90,
    "a union": lambda name: "x: " + " | ".join([name] * LINKS),
    "a quoted union": lambda name: 'x: "' + " | ".join([name] * LINKS) + '"',
    "joined paths": lambda name: f"X = lambda p: {name}, p / " + " / ".join(['"shop" / "stock"'] * (LINKS // 2)),
    "imports by name": lambda name: f"X = lambda: {name}, " + " + ".join(['__import__("shop.stock.items")'] * LINKS),
    "one long name": lambda name: f"X = lambda: {name}." + "a" * 100_000,
}
MOVES = Moves(
    {"shop": True, "shop.stock": True, "shop.stock.items": False}, {"shop.stock": "products.stock", "shop.stock.items": "products.stock.items"},
    {"shop.stock": "products.stock"}, files={"shop/stock/__init__.py": "products/stock/__init__.py", "shop/stock/items.py": "products/stock/items.py"},
    directories={"shop/stock": "products/stock"}, paths=frozenset({"shop/stock/__init__.py", "shop/stock/items.py", "shop/stock", "shop"}),
)


@pytest.mark.parametrize("place", [("shop/use.py", "shop.use"), ("shop/stock/use.py", "shop.stock.use")])
@pytest.mark.parametrize("kind", CHAINS)
def test_what_python_compiles_is_rewritten(kind: str, place: tuple[str, str]) -> None:
    """Once as a file that refers to what moves, once as one that moves."""
    text, expected = (f"import {name}\n{CHAINS[kind](f'{name}.Item')}\n" for name in ("shop.stock.items", "products.stock.items"))
    text = text.replace("import shop.stock.items.Item", "import shop.stock.items")
    compile(text, "use.py", "exec")
    path, module = place
    new, new_module = path.replace("shop/stock", "products/stock"), module.replace("shop.stock", "products.stock")
    start = time.process_time()
    (outcome,) = work([Task(path, text.encode(), new, True, module, new_module)], MOVES, 1)
    assert outcome.rewritten is not None, outcome.error
    if kind == "joined paths":  # which of them are paths of the repo, only a person can tell
        assert len(outcome.rewritten.findings) == LINKS // 2
        expected = expected.splitlines()[0] + "\n" + text.splitlines()[1].replace(PLACE, "products.stock.items.Item") + "\n"
    elif kind == "imports by name":
        expected = expected.replace('"shop.stock.items"', '"products.stock.items"')
    assert outcome.rewritten.raw == expected.encode()
    assert time.process_time() - start < 60  # most take half a second


def test_deeper_than_python_compiles() -> None:
    """An answer, not the end of the process."""
    for links in (20_000, 150_000):
        text = "import shop.stock.items\nX = " + "Y + " * links + "shop.stock.items.Item\n"
        (outcome,) = work([Task("use.py", text.encode(), "use.py", True, "use", "use")], MOVES, 1)
        if outcome.rewritten is None:
            assert outcome.unreadable and "nested too deeply" in outcome.error
        else:
            assert outcome.rewritten.raw == text.replace("shop.stock", "products.stock").encode()


def test_the_parser_is_not_asked_for_more_than_the_stack_holds() -> None:
    """A process of its own with the usual stack: it ends by itself, whatever it is given."""
    code = "from migration.python.source_file import SourceFile\ntry: SourceFile('a.py', b'X = ' + b'Y+' * 1_000_000 + b'1', None).tree\nexcept Exception as e: print(e)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "nested too deeply" in done.stdout, done.stderr


def test_other_programs_limit_is_not_lowered() -> None:
    before = sys.getrecursionlimit()
    SourceFile("a.py", b"x = 1\n", None).tree  # noqa: B018
    assert sys.getrecursionlimit() >= max(before, USUAL)


def test_long_chains_on_the_command_line(home: Home, tmp_path: Path) -> None:
    """In a file that refers, one that moves, and one that is only read to know what it exports."""
    chain = "X = lambda q: q" + ".filter(Item)" * 1400 + "\n"
    files = {
        **SHOP, "use.py": USE + chain, "shop/stock/deep.py": USE + chain, "shop/exports.py": "from shop.stock import *\n__all__ = " + " + ".join(['["Item"]'] * LINKS) + "\n",
        "again.py": "from shop.exports import Item\n",
    }
    repo = make_repo(tmp_path / "repo", files)
    home.doit(*ARGUMENTS, f"repo={repo}")
    after = texts(repo)
    assert after["use.py"] == "from products.stock.backend.items import Item\n" + chain
    assert ast.parse(after["shop/exports.py"]) and after["shop/exports.py"].startswith("from products.stock.backend import *\n")
    home.doit(*ARGUMENTS, f"repo={repo}", "residue")


# ---- memory


@pytest.mark.parametrize("kilobytes", [40_000, 55_000, 70_000, 120_000, 180_000, 220_000])
def test_little_memory(home: Home, shop: Path, kilobytes: int) -> None:
    """It is done or says what it lacks, and does not wait for a thread that never came; then with more it is done."""
    put(shop, {})
    done = run(home, *ARGUMENTS, f"repo={shop}", "jobs=4", limits={resource.RLIMIT_AS: kilobytes * 1024})
    if kilobytes >= 70_000:
        assert done.returncode == 0, done.stdout + done.stderr
    elif done.returncode and "Traceback" not in done.stderr:  # with even less, Python itself can't load us
        assert "not enough memory" in done.stderr or "memory" in done.stdout + done.stderr, done.stderr
    home.doit(*ARGUMENTS, f"repo={shop}")
    assert texts(shop) == MOVED


def test_no_thread_left(home: Home, shop: Path) -> None:
    """A system that gives us no thread at all."""
    trap = "import _thread\ndef none(*args): raise RuntimeError(\"can't start new thread\")\n_thread.start_new_thread = none\n"
    put(home.path, {"dodo.py": trap + (home.path / "dodo.py").read_text()})
    home.doit(*ARGUMENTS, f"repo={shop}")
    assert texts(shop) == MOVED


# ---- where the output goes


@pytest.mark.parametrize("shell", [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full"])
def test_nobody_listens(home: Home, shop: Path, shell: str) -> None:
    done = run(home, *ARGUMENTS, f"repo={shop}", shell=shell)
    assert done.returncode == 0, done.stderr
    assert texts(shop) == MOVED
    assert "Traceback" not in done.stderr
    assert ("No space left" in done.stderr) == (shell == ">/dev/full")
    for command in ("status", "page", "reset"):
        assert run(home, *ARGUMENTS, f"repo={shop}", command, shell=shell).returncode in ((0, 1) if "full" in shell else (0,))
    assert texts(shop) == SHOP


def test_a_failure_that_nobody_hears_is_a_failure(home: Home, shop: Path) -> None:
    for shell in (">&- 2>&-", "2>/dev/full"):
        assert run(home, *ARGUMENTS, f"repo={shop}", "source=shop.none", "scan_moves", shell=shell).returncode == 1
    assert home.tracker("stock")["phases"][0]["status"] == "failed"


def test_the_tracker_can_t_be_written(home: Home, shop: Path) -> None:
    put(home.path, {"moves/stock/phase_tracker.yml/x": ""})
    done = run(home, *ARGUMENTS, f"repo={shop}")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "phase_tracker.yml" in done.stderr and "  -> " in done.stderr
    assert texts(shop) == SHOP


# ---- names


@pytest.mark.parametrize("name", [
    "run", "work", "list", "report", "migration", "forget", "reset", "match", "__init__", "elsewhere", "main", "lock", "ﬁle", "名前", "a" * 250,
])
def test_products_called_like_other_things(home: Home, shop: Path, name: str) -> None:
    words = [f"product={name}", f"repo={shop}", "source=shop.stock", "target=products.stock.backend", "django=no"]
    home.doit(*words)
    assert texts(shop) == MOVED
    home.doit(*words, "reset")
    assert texts(shop) == SHOP


@pytest.mark.parametrize("words", [
    ["product=class"], ["product=None"], ["product=a.b"], ["product=a-b"], ["product=../x"], ["product="], ["product=" + "a" * 300],
    ["repo=~nosuchuser/x"], ["jobs=" + "1" * 5000], ["jobs=99999"], ["target=" + "a." * 900 + "a"], ["source=" + "a." * 900 + "a"], ["settings=a-b"],
    [os.fsdecode(b"settings=\xff")], [os.fsdecode(b"target=\xff")], [os.fsdecode(b"product=\xff")],
])
def test_values_that_can_t_be_used(home: Home, shop: Path, words: list[str]) -> None:
    done = run(home, *ARGUMENTS, f"repo={shop}", *words)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr and "  -> " in done.stderr and len(done.stderr) < 5000
    assert f"{words[0].partition('=')[0]}: " in done.stderr


def test_an_interpreter_at_a_place_that_is_no_utf_8(home: Home, tmp_path: Path, shop: Path) -> None:
    done = run(home, *ARGUMENTS[:-1], f"repo={shop}", "settings=shop.settings", os.fsdecode(b"python=/nowhere/\xff"))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "/nowhere/" in done.stderr and "python=" in done.stderr


def test_a_checkout_in_a_directory_called_worktrees(home: Home, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "worktrees", SHOP)
    home.doit(*ARGUMENTS, f"repo={repo}")
    assert texts(repo) == MOVED
    home.doit(*ARGUMENTS, f"repo={repo}", "reset")
    assert texts(repo) == SHOP
