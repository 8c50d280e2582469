"""Plans and trees that nobody would write: whatever comes, the move is done or says why not, and no traceback shows.

An input counts as *stopped* where an error with a remedy ends a phase; the tree must then be as before the
phase. Where the move goes through, ``reset`` must give back the tree as it was. Inputs come from hypothesis,
by a seed, so that a number names a round.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import yaml
from hypothesis import strategies as st

from migration.cli import run_phase
from migration.cli.commands import reset
from migration.core.errors import MigrationError
from migration.core.phase import ORDER
from migration.plan import reading
from tests.phases.test_scan_moves import session_for
from tests.tools import Content, Link, disk, git, make_repo, snapshot

PLAN = """\
product: stock
source: shop.stock
target: products.stock.backend
roots: [.]
django: no
module_moves:
  shop.stock: products.stock.backend
file_moves:
- from: shop/stock/__init__.py
  to: products/stock/backend/__init__.py
- from: shop/stock/items.py
  to: products/stock/backend/items.py
symbol_remap:
  shop.stock: {Item: shop.stock.items}
exclude: ['**/*.lock']
include: []
keep: [shop.stock stays]
prose: 'yes'
tasks: keep
format: keep
"""
SHOP: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "class Item: ...\n",
    "shop/cart.py": "from shop.stock import Item\n",
    "pyproject.toml": '[project]\nname = "shop.stock"\n',
}


@dataclass(frozen=True)
class Figures:
    """What came of a round.

    :param inputs: how many plans and trees there were; :param stopped: how many ended with an error.
    :param tracebacks: exceptions that a user would have seen, with the input.
    :param differing: inputs after which the tree was not as it must be.
    """

    inputs: int
    stopped: int
    tracebacks: tuple[str, ...]
    differing: tuple[str, ...]


def figures(where: Path, seed: int, plans: int, trees: int) -> Figures:
    """Fuzz plans and trees.

    :param where: an empty directory to work in.
    """
    round_ = _Round(where)
    _each(PLANS, seed, plans, round_.plan)
    _each(TREES, seed, trees, round_.tree)
    return Figures(round_.inputs, round_.stopped, tuple(round_.tracebacks), tuple(round_.differing))


def _each(strategy: st.SearchStrategy, seed: int, examples: int, body: Callable[[Any], None]) -> None:
    if not examples:
        return

    def one(value: object) -> None:
        body(value)

    checks = list(hypothesis.HealthCheck)
    settings = hypothesis.settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=checks, phases=[hypothesis.Phase.generate],
    )
    hypothesis.seed(seed)(settings(hypothesis.given(strategy)(one)))()


# ---- what is tried

_TOKENS = st.sampled_from([
    b"!!python/object/apply:os.system ", b"!!binary ", b"!!set ", b"&a ", b"*a", b"- ", b"? ", b": ", b"{", b"}", b"[", b"]", b"'", b'"',
    b"|", b">", b"#", b"%YAML 1.1\n", b"---\n", b"...\n", b"\0", b"\t", b"\r", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"../", b"/", b".git/", b"~",
    b"null", b"yes", b"9" * 400, b"0x", b"1e999", b"<<: ", b"a" * 300, b"[" * 60, b"- " * 60, b"\\", b"*", b"@", b"`", b"2020-01-01", b".", b"..",
])
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**40, 10**60), st.floats(), st.binary(max_size=5), st.dates(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    st.sampled_from(["shop.stock", "shop", "", ".", "..", "shop/stock/items.py", "/etc", "a" * 300, "products.stock.backend", "no", "*", "[", "extraction"]),
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_SCALARS.filter(lambda key: key == key), inner, max_size=4), max_leaves=8
)


@st.composite
def _flipped(draw: st.DrawFn) -> bytes:
    """A plan with bytes and lines changed."""
    raw = PLAN.encode()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        kind = draw(st.sampled_from(["byte", "token", "cut", "twice", "swap"]))
        lines = raw.splitlines(keepends=True) or [b""]
        one, two = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        if kind == "byte":
            raw = raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]
        elif kind == "token":
            raw = raw[:at] + draw(_TOKENS) + raw[at:]
        elif kind == "cut":
            raw = raw[:at] + raw[at + draw(st.integers(1, 30)) :]
        elif kind == "twice":
            raw = b"".join([*lines[:one], lines[one], *lines[one:]])
        else:
            lines[one], lines[two] = lines[two], lines[one]
            raw = b"".join(lines)
    return raw


@st.composite
def _retyped(draw: st.DrawFn) -> bytes:
    """A plan with other values, of any type, at some of its keys."""
    content = yaml.safe_load(PLAN)
    for _ in range(draw(st.integers(1, 3))):
        key = draw(st.sampled_from([*content, "app", "nosuch"]))
        value = draw(_VALUES)
        inner = content.get(key)
        if isinstance(inner, list) and inner and draw(st.booleans()):
            content[key] = [*inner, value]
        elif isinstance(inner, dict) and draw(st.booleans()):
            content[key] = {**inner, "shop.stock": value}
        else:
            content[key] = value
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()


@st.composite
def _redirected(draw: st.DrawFn) -> bytes:
    """A plan that can be read, with other places in it."""
    content = yaml.safe_load(PLAN)
    parts = st.sampled_from(["shop", "stock", "Stock", "products", "backend", "items.py", "__init__.py", "cart.py", "x", "pyproject.toml", "é", "a b", "\n"])
    for move in content["file_moves"]:
        if draw(st.booleans()):
            move["to"] = "/".join(draw(st.lists(parts, min_size=1, max_size=4)))
    names = st.lists(st.sampled_from(["shop", "stock", "products", "backend", "cart", "items", "x"]), min_size=1, max_size=4).map(".".join)
    content["module_moves"] |= draw(st.dictionaries(names, names, max_size=2))
    content["symbol_remap"] = draw(st.dictionaries(names, st.dictionaries(st.just("Item"), names, max_size=1), max_size=2))
    content["roots"] = draw(st.sampled_from([["."], ["shop"], [".", "shop"], ["nosuch"], ["shop/cart.py"]]))
    content["exclude"] = draw(st.lists(st.sampled_from(["*", "**", "shop/cart.py", "[", "shop/**", "?"]), max_size=2))
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()


PLANS = st.one_of(_flipped(), _retyped(), _redirected())

_NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=6),
    st.binary(min_size=1, max_size=4).map(lambda raw: os.fsdecode(raw.replace(b"/", b"_").replace(b"\0", b"_"))),
    st.sampled_from(["items", "stock", "a b", "models", "tests", "class", "settings", "__main__", "-x", "'", '"', "\n", "conftest"]),
).filter(lambda name: name not in (".", "..") and not name.lower().startswith((".git", "git~")))
_SUFFIXES = st.sampled_from([".py", ".py", ".py", ".pyi", ".txt", ".md", ".toml", ".yml", ".cfg", ".json", ".html", ".ini", ""])
_LINES = st.sampled_from([
    "import shop.stock", "from shop import stock", "from shop.stock import *", "from .stock import Item", "from . import items", "from .. import stock",
    "from .......x import y", "import shop.stock.items as i, os", "from shop.stock import (  # a\n    Item,  # b\n)", "x = 'shop.stock.items.Item'",
    "shop.stock.items.Item()", "x = 'shop/stock/items.py'", "# shop.stock.items", '"""shop.stock and shop/stock"""', "if x:", "    import shop.stock",
    "\timport shop.stock", "def f(:", "(", "'", '"""', "\\", "\f", "\x00", "\r", "x = f'{shop.stock.items}'", "async def f(): from shop.stock import Item",
    "__all__ = ['stock']", "globals()['shop.stock']", "x = b'shop.stock'", "é = 'shop.stock'", "from shop import (stock", "class Item(shop.stock.Item): ...",
    "import shop.stock; import shop.stock", "try:\n    import shop.stock\nexcept ImportError: pass", "del shop.stock", "[tool.ruff.lint]", "- shop.stock: {",
    "<<<<<<< ours", "# coding: latin-1", "# coding: rot13", "match x:\n    case shop.stock.Item(): pass", "importlib.import_module('.stock', 'shop')", "lambda: shop.stock",
])
_TEXTS = st.builds(
    lambda lines, end, coding, bom: bom + end.join([*lines, ""]).encode(coding, "replace"),
    st.lists(_LINES, max_size=6), st.sampled_from(["\n", "\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-16"]),
    st.sampled_from([b"", b"", b"\xef\xbb\xbf"]),
)
_CONTENTS = st.one_of(
    _TEXTS, _TEXTS, _TEXTS, st.binary(max_size=40),
    st.sampled_from(["items.py", "..", ".", "/etc/passwd", "../outside", "../../outside/use.py", "nosuch", "stock", "shop/stock"]).map(Link),
)
_PLACES = st.sampled_from(["shop/stock/", "shop/stock/", "shop/stock/sub/", "shop/", "", "products/", "products/stock/", "products/stock/backend/", "x/y/"])
TREES = st.dictionaries(st.builds(lambda *parts: "".join(parts), _PLACES, _NAMES, _SUFFIXES), _CONTENTS, min_size=1, max_size=8)


# ---- what must come of it


class _Round:
    """Keeps count."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.inputs = self.stopped = 0
        self.tracebacks: list[str] = []
        self.differing: list[str] = []
        self.outside = make_repo(where / "outside", {"use.py": "import shop.stock\n"})
        self.repo = where / "plans/repo"

    def plan(self, raw: bytes) -> None:
        """One plan, on a tree that would move."""
        if not self.repo.exists():
            make_repo(self.repo, SHOP)
        path = session_for(self.repo).plan_path
        path.write_bytes(raw)
        self.inputs += 1
        try:
            reading.load(path)
        except MigrationError:  # the usual case: it need not cost a whole run
            self.stopped += 1
            return
        except Exception:
            self.tracebacks.append(f"{raw!r}\n{traceback.format_exc()}")
            return
        self._run(self.repo, raw)
        if snapshot(self.repo)["status"]:
            shutil.rmtree(self.where / "plans")

    def tree(self, files: dict[str, Content]) -> None:
        """One tree, with the plan that the scan makes of it."""
        where = self.where / "trees"
        shutil.rmtree(where, ignore_errors=True)
        every = dict(SHOP)
        for path, content in files.items():  # no file where a directory is, and no twice
            above = {path[:at] for at, character in enumerate(path) if character == "/"}
            if not above & every.keys() and not any(other == path or other.startswith(path + "/") for other in every):
                every[path] = content
        self.inputs += 1
        self._run(make_repo(where / "repo", every), files)

    def _run(self, repo: Path, given: object) -> None:
        first = at = snapshot(repo)
        outside = disk(self.outside)
        phase = ""
        try:
            for phase in ORDER:
                at = snapshot(repo)
                run_phase.execute(session_for(repo, "shop.stock", "products.stock.backend"), phase)
            after = snapshot(repo)
            for phase in ORDER:
                run_phase.execute(session_for(repo, "shop.stock", "products.stock.backend"), phase)
            if snapshot(repo) != after:
                self.differing.append(f"a second run: {given!r}")
        except MigrationError as error:
            self.stopped += 1
            if snapshot(repo) != at or not error.remedy:
                self.differing.append(f"{phase} stopped ({error}): {given!r}")
        except Exception:
            self.tracebacks.append(f"{phase}: {given!r}\n{traceback.format_exc()}")
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                reset.run(session_for(repo))
        except MigrationError as error:
            self.differing.append(f"reset stopped ({error}): {given!r}")
        except Exception:
            self.tracebacks.append(f"reset: {given!r}\n{traceback.format_exc()}")
        if snapshot(repo) != first or disk(self.outside) != outside or git(self.outside, "status", "--porcelain"):
            self.differing.append(f"after the reset: {given!r}")
