"""Trees, plans and surroundings that are out to get us: the move is right, or stops and changes nothing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.commands import reset, residue
from migration.cli.session import Session
from migration.core.errors import MigrationError
from migration.core.phase import ORDER
from migration.plan import reading, writing
from migration.plan.plan import Plan
from tests.phases.test_scan_moves import session_for
from tests.test_dodo import Home
from tests.tools import Content, Link, Script, commit, contents, disk, git, make_repo, put, snapshot, texts

NEW = "products/stock/backend"
SHOP: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "class Item: ...\n",
    "shop/cart.py": "from shop.stock import Item\n",
}
AFTER = {
    "products/__init__.py": "",
    "products/stock/__init__.py": "",
    f"{NEW}/__init__.py": "from .items import Item\n",
    f"{NEW}/items.py": "class Item: ...\n",
    "shop/__init__.py": "",
    "shop/cart.py": "from products.stock.backend import Item\n",
}
PLAN = """\
product: stock
source: shop.stock
target: products.stock.backend
django: no
module_moves: {shop.stock: products.stock.backend}
file_moves:
- {from: shop/stock/__init__.py, to: products/stock/backend/__init__.py}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def new(repo: Path) -> Session:
    return session_for(repo, "shop.stock")


def run(repo: Path) -> dict[str, dict[str, object]]:
    """All phases, each in a session of its own; a second round must change nothing."""
    found = {phase: run_phase.execute(new(repo), phase) for phase in ORDER}
    before = snapshot(repo)
    for phase in ORDER:
        run_phase.execute(new(repo), phase)
    assert snapshot(repo) == before
    return found


def stops(repo: Path, *words: str) -> None:
    """The first phase that has something against it changes nothing, and says these words."""
    at = snapshot(repo)
    with pytest.raises(MigrationError) as caught:
        for phase in ORDER:
            at = snapshot(repo)
            run_phase.execute(new(repo), phase)
    assert snapshot(repo) == at
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert caught.value.remedy


def stops_at_once(repo: Path, *words: str) -> None:
    """The same, and no phase before it has changed anything either."""
    before = snapshot(repo)
    stops(repo, *words)
    assert snapshot(repo) == before


def moved(repo: Path, files: dict[str, Content]) -> dict[str, bytes]:
    """What the files of a repo are after the move, where they hold no reference."""
    expected = {path: text.encode() for path, text in AFTER.items()}
    for path, content in files.items():
        data = content.to if isinstance(content, Link) else content.text if isinstance(content, Script) else content
        path = path.replace("shop/stock/", f"{NEW}/") if path.startswith("shop/stock/") else path
        expected.setdefault(path, data.encode() if isinstance(data, str) else data)
    return expected


def planned(repo: Path, text: str | bytes) -> Path:
    """A plan that a person has written."""
    path = new(repo).plan_path
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


# ---- names


ODD = ("a b", "it's", 'say "a"', "two\nlines", "tab\t", "ü", "日本", "e\u0301", "-rf", "$(touch pwned)", ";touch pwned", "*", "[a]", "\\", "%s{x}",
       "\x1b[31m", "#", ":(top)x", "~", "\u2028", "\x85", "\ufeff", "&amp;<b>")


def test_odd_names_move(tmp_path: Path) -> None:
    files: dict[str, Content] = {**SHOP, **{f"shop/stock/{name}.txt": name for name in ODD}, **{f"shop/stock/{name}/x": name for name in ODD}}
    repo = make_repo(tmp_path / "repo", files)
    run(repo)
    assert contents(repo) == moved(repo, files)


def test_odd_names_are_rewritten(tmp_path: Path) -> None:
    odd = [*ODD, os.fsdecode(b"\xff\xfe")]
    repo = make_repo(tmp_path / "repo", {**SHOP, **{f"x/{name}.py": "import shop.stock.items\n" for name in odd}})
    run(repo)
    assert contents(repo) == {
        **{path: text.encode() for path, text in AFTER.items()},
        **{f"x/{name}.py": b"import products.stock.backend.items\n" for name in odd},
    }


def test_a_moves_yml_can_t_name_bytes_that_are_no_utf_8(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, os.fsdecode(b"shop/stock/\xff.txt"): "x"})
    stops_at_once(repo, "shop/stock/\\xff.txt", "not UTF-8", "git mv")


def test_odd_names_on_the_command_line(home: Home, tmp_path: Path) -> None:
    odd = {os.fsdecode(b"x/\xff.py"): "import shop.stock\n", "x/two\nlines.py": "import shop.stock\n", os.fsdecode(b"x/\xfe.py"): "("}
    repo = make_repo(tmp_path / "it's a \"repo\"", {**SHOP, **odd})
    arguments = ["product=stock", f"repo={repo}", "source=shop.stock"]
    home.doit(*arguments)
    assert contents(repo)[os.fsdecode(b"x/\xff.py")] == b"import products.stock.backend\n"
    assert "x/\\xff.py" in home.tracker("stock")["phases"][3]["files_modified"]
    for command in ("status", "residue", "page", "preview", "reset"):
        home.doit(*arguments, command)
    assert contents(repo) == {path: text.encode() for path, text in {**SHOP, **odd}.items()}  # type: ignore[union-attr]
    put(repo, {os.fsdecode(b"x/\xfe.py"): "import shop.stock; ("})
    commit(repo)
    _, err = home.doit(*arguments, code=1)
    assert "x/\\" in err and "fe.py" in err and "x/\\xfe.py" in str(home.tracker("stock")["phases"][3]["error"])


# ---- links


def test_links_move_as_they_are_and_are_not_followed(tmp_path: Path) -> None:
    outside = make_repo(tmp_path / "outside", {"use.py": "import shop.stock\n"})
    links: dict[str, Content] = {
        "shop/stock/link.py": Link("items.py"), "shop/stock/out.py": Link("../../../outside/use.py"), "shop/stock/gone": Link("nowhere"),
        "shop/stock/dir": Link("../../../outside"), "shop/loop": Link("loop"), "use.py": Link("../outside/use.py"),
    }
    repo, before = make_repo(tmp_path / "repo", {**SHOP, **links}), snapshot(outside)
    run(repo)
    assert contents(repo) == moved(repo, {**SHOP, **links})
    assert snapshot(outside) == before


@pytest.mark.parametrize("place", ["products", "products/stock", NEW])
@pytest.mark.parametrize("tracked", [False, True])
def test_nothing_is_written_through_a_link(tmp_path: Path, place: str, tracked: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    repo = make_repo(tmp_path / "repo", SHOP)
    put(repo, {place: Link(str(outside))})
    if tracked:
        commit(repo)
    stops(repo, place, "link")
    assert list(outside.iterdir()) == []


def test_a_source_that_has_become_a_link_to_the_outside(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    (repo / "shop/stock").rename(tmp_path / "stock")
    (repo / "shop/stock").symlink_to(tmp_path / "stock")
    before = disk(tmp_path / "stock")
    stops_at_once(repo, "uncommitted", "shop/stock/items.py")
    assert disk(tmp_path / "stock") == before


# ---- git's own arrangements


def submodules(repo: Path) -> None:
    lib = make_repo(repo.parent / "lib", {"use.py": "import shop.stock\n"})
    for place in ("shop/stock/lib", "lib"):
        git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lib), place)
    commit(repo)


def test_submodules_stay_and_are_named(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    submodules(repo)
    found = run(repo)
    assert any("shop/stock/lib: is a submodule" in line.replace(":0", "") for line in found["scan_moves"]["findings"])  # type: ignore[attr-defined]
    assert texts(repo)["shop/stock/lib/use.py"] == texts(repo)["lib/use.py"] == "import shop.stock\n"
    for place in ("shop/stock/lib", "lib"):
        assert git(repo / place, "status", "--porcelain") == ""
        assert git(repo, "ls-files", "-s", place).startswith("160000")


def test_nothing_is_written_into_a_submodule(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    lib = make_repo(tmp_path / "lib", {"a": "a"})
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lib), "products")
    commit(repo)
    stops_at_once(repo, "products", "submodule")


@pytest.mark.parametrize(("left_out", "named"), [
    ("shop/stock/items.py", "shop/stock/items.py"), ("shop/stock/", "shop/stock/__init__.py"), ("shop/cart.py", "shop/cart.py"),
])
def test_a_sparse_checkout_without_files_of_the_move(tmp_path: Path, left_out: str, named: str) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    git(repo, "sparse-checkout", "set", "--no-cone", "/*", f"!/{left_out}")
    stops(repo, named, "sparse checkout", "git sparse-checkout disable")
    git(repo, "sparse-checkout", "disable")
    run(repo)
    assert texts(repo) == AFTER


def test_a_sparse_checkout_made_after_the_move(tmp_path: Path) -> None:
    """What is not checked out any more is not deleted."""
    repo = make_repo(tmp_path / "repo", SHOP)
    run(repo)
    commit(repo)
    after = snapshot(repo)
    git(repo, "sparse-checkout", "set", "--no-cone", "/*", "!/products/")
    stops_at_once(repo, f"{NEW}/items.py", "sparse checkout")
    git(repo, "sparse-checkout", "disable")
    run(repo)
    assert snapshot(repo) == after


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_a_sparse_checkout_of_all_that_matters(tmp_path: Path, cone: str) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "docs/a.md": "nothing here\n"})
    git(repo, "sparse-checkout", "set", cone, *(["shop"] if cone == "--cone" else ["/*", "!/docs/"]))
    run(repo)
    assert texts(repo) == AFTER
    assert "docs/a.md" in git(repo, "ls-files") and " D" not in git(repo, "status", "--porcelain")


def filtered(repo: Path) -> None:
    """A filter in the manner of LFS: the index holds pointers, the disk what they stand for."""
    git(repo, "config", "filter.fake.clean", "sed s/LARGE/pointer/")
    git(repo, "config", "filter.fake.smudge", "sed s/pointer/LARGE/")
    git(repo, "config", "filter.fake.required", "true")
    put(repo, {".gitattributes": "*.bin filter=fake\n", "shop/stock/a.bin": "LARGE\n", "b.bin": "LARGE\n"})
    commit(repo)


@pytest.mark.parametrize(("prepare", "extra"), [
    (filtered, {".gitattributes": "*.bin filter=fake\n", "shop/stock/a.bin": "LARGE\n", "b.bin": "LARGE\n"}),
    (lambda repo: git(repo, "config", "core.ignorecase", "true"), {}),
    (lambda repo: git(repo, "config", "core.precomposeunicode", "true"), {}),
    (lambda repo: git(repo, "config", "core.fsmonitor", "false"), {}),
    (lambda repo: git(repo, "config", "index.version", "4"), {}),
    (lambda repo: git(repo, "config", "core.splitIndex", "true"), {}),
    (lambda repo: git(repo, "config", "core.quotePath", "true"), {}),
    (lambda repo: git(repo, "config", "status.showUntrackedFiles", "all"), {}),
    (lambda repo: git(repo, "config", "diff.renames", "copies"), {}),
    (lambda repo: git(repo, "config", "diff.external", "false"), {}),
    (lambda repo: git(repo, "config", "color.ui", "always"), {}),
    (lambda repo: git(repo, "checkout", "-q", "--detach"), {}),
    (lambda repo: git(repo, "pack-refs", "--all"), {}),
])
def test_settings_of_git(tmp_path: Path, prepare: Callable[[Path], object], extra: dict[str, str]) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    prepare(repo)
    before = dict(reversed(line.split("\t")) for line in git(repo, "ls-files", "-s").splitlines())
    run(repo)
    assert contents(repo) == moved(repo, {**SHOP, **extra})
    after = dict(reversed(line.split("\t")) for line in git(repo, "ls-files", "-s").splitlines())
    for path, entry in before.items():
        assert after[path.replace("shop/stock/", f"{NEW}/")] == entry  # renamed, and not another blob
    assert git(repo, "diff", "--no-ext-diff", "--no-color", "--name-only") == "shop/cart.py\n"


@pytest.mark.parametrize("setting", ["true", "input"])
@pytest.mark.parametrize("attributes", ["", "* text=auto\n", "*.py text eol=crlf\n", "*.py -text\n"])
def test_line_ends(tmp_path: Path, setting: str, attributes: str) -> None:
    """What is on disk keeps its line ends, and to git only the references differ."""
    repo = make_repo(tmp_path / "repo", {**SHOP, ".gitattributes": attributes})
    git(repo, "config", "core.autocrlf", setting)
    git(repo, "rm", "-rq", "--cached", ".")
    git(repo, "reset", "-q", "--hard")
    commit(repo)
    end = "\r\n" if b"\r\n" in contents(repo)["shop/cart.py"] else "\n"
    run(repo)
    assert contents(repo)["shop/cart.py"].decode() == f"from products.stock.backend import Item{end}"
    assert contents(repo)[f"{NEW}/items.py"].decode() == f"class Item: ...{end}"
    assert git(repo, "diff", "--numstat").split() == ["1", "1", "shop/cart.py"]


def test_a_shallow_clone(tmp_path: Path) -> None:
    make_repo(tmp_path / "full", {})
    put(tmp_path / "full", SHOP)
    commit(tmp_path / "full")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tmp_path}/full", "repo")
    run(tmp_path / "repo")
    assert texts(tmp_path / "repo") == AFTER


def test_somebody_elses_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    before = disk(repo)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(MigrationError, match="does not trust") as caught:
        run_phase.execute(new(repo), ORDER[0])
    assert "safe.directory" in str(caught.value) and disk(repo) == before


@pytest.mark.parametrize("mode", [0o755, 0o444, 0o555, 0o600, 0o664])
def test_modes_are_kept(tmp_path: Path, mode: int) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    for path in ("shop/stock/items.py", "shop/cart.py"):
        (repo / path).chmod(mode)
    commit(repo)
    run(repo)
    for path in (f"{NEW}/items.py", "shop/cart.py"):
        assert (repo / path).stat().st_mode & 0o777 == mode
        assert git(repo, "ls-files", "-s", path).startswith("100755" if mode & 0o100 else "100644")


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    files: dict[str, Content] = {**SHOP, "shop/Stock/note.txt": "Stock\n", "Shop/stock/note.txt": "Shop\n", "shop/stock/Items.txt": "I\n", "shop/stock/items.txt": "i\n"}
    repo = make_repo(tmp_path / "repo", files)
    run(repo)
    assert contents(repo) == moved(repo, files)


def test_a_move_that_changes_the_case_only(tmp_path: Path) -> None:
    """As git does it with `git mv`: a pure rename, forth and back."""
    files: dict[str, Content] = {"shop/__init__.py": "", "shop/Stock/__init__.py": "from .Items import Item\n", "shop/Stock/Items.py": "class Item: ...\n",
                                 "use.py": "from shop.Stock import Item\n"}
    repo = make_repo(tmp_path / "repo", files)
    before = snapshot(repo)
    for _ in range(2):
        for phase in ORDER:
            run_phase.execute(session_for(repo, "shop.Stock", "shop.stock"), phase)
    assert texts(repo) == {"shop/__init__.py": "", "shop/stock/__init__.py": "from .Items import Item\n", "shop/stock/Items.py": "class Item: ...\n",
                           "use.py": "from shop.stock import Item\n"}
    assert git(repo, "diff", "--cached", "-M100%", "--name-status").splitlines() == [
        "R100\tshop/Stock/Items.py\tshop/stock/Items.py", "R100\tshop/Stock/__init__.py\tshop/stock/__init__.py",
    ]
    reset.run(session_for(repo))
    assert snapshot(repo) == before


# ---- contents


DEEP = "/".join("d" * 60)


@pytest.mark.parametrize(("path", "before", "after"), [
    ("bom.py", b"\xef\xbb\xbfimport shop.stock\r\n", b"\xef\xbb\xbfimport products.stock.backend\r\n"),
    ("latin.py", b"# coding: latin-1\nimport shop.stock  # \xe9\n", b"# coding: latin-1\nimport products.stock.backend  # \xe9\n"),
    ("sjis.py", b"# coding: shift_jis\nimport shop.stock  # \x83\x5c\n", b"# coding: shift_jis\nimport products.stock.backend  # \x83\x5c\n"),
    ("garbage.txt", b"\xff\xfe\xfa shop/stock/items.py\n", b"\xff\xfe\xfa products/stock/backend/items.py\n"),
    ("a.bin", b"\0shop.stock\0", b"\0shop.stock\0"),
    ("utf16.txt", "shop.stock".encode("utf-16"), "shop.stock".encode("utf-16")),
    (f"{DEEP}/use.py", b"import shop.stock\n", b"import products.stock.backend\n"),
    ("brackets.py", b"import shop.stock\nx = " + b"(" * 95 + b"shop.stock" + b")" * 95 + b"\n",
     b"import products.stock.backend\nx = " + b"(" * 95 + b"products.stock.backend" + b")" * 95 + b"\n"),
    ("lists.py", b"import shop.stock\nx = " + b"[" * 150 + b"]" * 150 + b"\n", b"import products.stock.backend\nx = " + b"[" * 150 + b"]" * 150 + b"\n"),
    ("blocks.py", b"".join(b" " * n + b"if x:\n" for n in range(95)) + b" " * 95 + b"import shop.stock\n",
     b"".join(b" " * n + b"if x:\n" for n in range(95)) + b" " * 95 + b"import products.stock.backend\n"),
    ("sum.py", b"import shop.stock as s\nx = " + b"+".join([b"s.a"] * 500) + b"\n", b"import products.stock.backend as s\nx = " + b"+".join([b"s.a"] * 500) + b"\n"),
])
def test_contents(tmp_path: Path, path: str, before: bytes, after: bytes) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, path: before})
    run(repo)
    assert contents(repo) == {**{path: text.encode() for path, text in AFTER.items()}, path: after}


@pytest.mark.parametrize(("raw", "words"), [
    (b"import shop.stock  # \xff\n", "encoding"),
    (b"# coding: nosuch\nimport shop.stock\n", "unknown encoding"),
    (b"# coding: rot13\nimport shop.stock\n", "not in the encoding it declares"),
    (b"# coding: hex\nimport shop.stock\n", "not in the encoding it declares"),
    (b"# coding: undefined\nimport shop.stock\n", "not in the encoding it declares"),
    (b"# coding: ascii\nimport shop.stock  # \xe9\n", "not in the encoding it declares"),
    (b"import shop.stock\n\0\n", "null bytes"),
    (b"import shop.stock\n<<<<<<< ours\n", "bad.py:2"),
    (b"import shop.stock\nx = " + b"(" * 500 + b")" * 500 + b"\n", "too many nested parentheses"),
])
def test_python_that_can_t_be_read(tmp_path: Path, raw: bytes, words: str) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "bad.py": raw})
    stops(repo, "bad.py", words, "exclude")


def test_large_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A large binary file moves as it is, a large text is left and named."""
    binary, text = os.urandom(1 << 20) * 30, "see shop/stock/items.py\n" * 60_000
    repo = make_repo(tmp_path / "repo", {**SHOP, "shop/stock/a.bin": binary, "large.txt": text})
    for phase in ORDER:
        run_phase.execute(new(repo), phase)
    assert contents(repo)[f"{NEW}/a.bin"] == binary
    assert contents(repo)["large.txt"] == text.encode()
    residue.run(new(repo))
    assert "large.txt" in (out := capsys.readouterr().out) and "larger than 1 MiB" in out


# ---- plans


def entry(old: str, to: str) -> str:
    return f"{PLAN}- from: {old}\n  to: {to}\n"


@pytest.mark.parametrize(("text", "words"), [
    (entry("shop/stock/items.py", "../items.py"), "leaves the repo"),
    (entry("shop/stock/items.py", "/tmp/items.py"), "is absolute"),
    (entry("../items.py", "items.py"), "leaves the repo"),
    (entry("shop/stock/items.py", ".git/hooks/post-checkout"), "git directory"),
    (entry("shop/stock/items.py", "a/GIT~1/config"), "git directory"),
    (entry("shop/stock/items.py", '".g\\u200cit/config"'), "git directory"),
    (entry("shop/stock/items.py", '".git . /config"'), "git directory"),
    (entry("shop/stock/items.py", '".git::$INDEX_ALLOCATION/config"'), "git directory"),
    (entry("shop/stock/items.py", "a" * 256), "too long"),
    (entry("shop/stock/items.py", "/".join(["a" * 200] * 20)), "too long"),
    (entry("shop/stock/items.py", '"a\\0b"'), "NUL"),
    (entry("shop/stock/nosuch.py", "products/nosuch.py"), "not a tracked file"),
    (entry("a" * 300, "products/a.py"), "too long"),
    (PLAN.replace("target: products.stock", f"target: {'a' * 300}"), "too long"),
    (PLAN.replace("target: products.stock", f"target: {'a.' * 3000}b"), "may have 100"),
    (PLAN.replace("file_moves:", "file_moves: !!python/object/apply:os.system"), "expected a list"),
    (PLAN + "exclude: [!!python/name:os.system '']\n", "expected a text"),
    (PLAN + "exclude: !!binary aGk=\n", "expected a list"),
    (PLAN + "a: &a [x, x]\nb: &b [*a, *a]\nkeep: [*b, *b]\n", "unknown key"),
    (PLAN + "keep: &a [*a]\n", "expected a text"),
    (PLAN + "exclude: &a [x]\ninclude: *a\n", "aliases"),
    (PLAN + "<<: {keep: [x]}\n", "unknown key"),
    (PLAN + "keep: " + "[" * 5000 + "]" * 5000 + "\n", "nested too deeply"),
    (PLAN + "keep: " + "{a: " * 5000 + "}" * 5000 + "\n", "nested too deeply"),
    (PLAN + f"keep: [{'9' * 5000}]\n", "expected a text"),
    (PLAN + "keep: ['\x01']\n", "control characters"),
    (PLAN + 'keep: ["\\uD800"]\n', "not valid YAML"),
    (PLAN + "---\n" + PLAN, "not valid YAML"),
    ("%YAML 9.9\n---\n" + PLAN, "not valid YAML"),
    (PLAN.encode("utf-16"), "not UTF-8"),
    (b"\0" * 100, "not valid YAML"),
])
def test_plans_that_stop_the_run_before_it_has_begun(tmp_path: Path, text: str | bytes, words: str) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    path = planned(repo, text)
    before = path.read_bytes()
    with_names = session_for(repo)
    at = snapshot(repo)
    with pytest.raises(MigrationError) as caught:
        for phase in ("scan_moves", "prepare_structure"):
            run_phase.execute(with_names, phase)
    assert words in str(caught.value) and caught.value.remedy
    assert snapshot(repo) == at and path.read_bytes() == before


def test_a_plan_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    path = planned(repo, PLAN)
    with path.open("ab") as stream:
        stream.truncate(64 * 1024 * 1024 + 1)  # a hole: it takes no room
    start = time.process_time()
    stops_at_once(repo, "moves.yml", "67,108,865 bytes", "scan again")
    assert time.process_time() - start < 30


def test_a_plan_for_a_repo_without_django_says_so(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    planned(repo, PLAN.replace("django: no\n", ""))
    stops_at_once(repo, "django: no")


def test_a_plan_that_is_a_directory_or_a_link(home: Home, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    before = snapshot(repo)
    plan = home.path / "moves/stock/moves.yml"
    plan.mkdir(parents=True)
    arguments = ["product=stock", f"repo={repo}", "source=shop.stock"]
    _, err = home.doit(*arguments, "scan_moves", code=1)
    assert "moves.yml" in err and snapshot(repo) == before
    plan.rmdir()
    (tmp_path / "theirs.yml").write_text("nothing of ours\n")
    plan.symlink_to(tmp_path / "theirs.yml")
    home.doit(*arguments, "scan_moves", code=1)
    assert (tmp_path / "theirs.yml").read_text() == "nothing of ours\n" and snapshot(repo) == before


def test_a_phase_that_fails_alone_ends_without_a_traceback(home: Home, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", SHOP)
    _, err = home.doit("product=stock", f"repo={repo}", "source=shop.nosuch", "scan_moves", code=1)
    assert "no package or module shop.nosuch" in err


# ---- what the process does


WATCH = '''
import os, runpy, sys
log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_APPEND)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.rename": 2, "os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.chmod": 1, "os.chown": 1, "os.link": 2, "os.utime": 1}
RUNS = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn"}

def say(*words):
    os.write(log, (repr(words) + "\\n").encode())

def hook(event, args):
    if event == "open" and not isinstance(args[0], int) and (args[2] or 0) & WRITING:
        say("write", os.path.abspath(os.fsdecode(args[0])))
    elif event in CHANGES and not (event == "os.mkdir" and os.path.isdir(args[0])):  # there already: nothing happens
        within = args[-1] if event in ("os.remove", "os.rmdir") and args[-1] >= 0 else None
        for path in args[: CHANGES[event]]:
            if within is not None:  # as shutil.rmtree does it: by the descriptor of the directory
                path = os.path.join(os.readlink(f"/proc/self/fd/{within}"), os.fsdecode(path))
            say("write", os.path.abspath(os.fsdecode(path)) if not isinstance(path, int) else "")
    elif event == "os.symlink":
        say("write", os.path.abspath(os.fsdecode(args[1])))
    elif event == "subprocess.Popen":
        words = args[1] if isinstance(args[1], (str, bytes)) else [os.fsdecode(word) for word in args[1]]
        say("run", os.fsdecode(args[0]), words)
    elif event in RUNS:
        say("shell", event, repr(args))

sys.addaudithook(hook)
sys.argv = ["doit", *sys.argv[1:]]
runpy.run_module("doit", run_name="__main__", alter_sys=True)
'''
COMMANDS = ("preview", "", "status", "residue", "page", "reset")


def test_only_the_repo_and_moves_are_written_and_no_shell_is_run(home: Home, tmp_path: Path) -> None:
    """Every file that is opened to be written, and every process that is started, in all our processes."""
    repo = make_repo(tmp_path / "a repo; touch pwned", {**SHOP, **{f"u{n}.py": "import shop.stock\n" for n in range(40)}, "shop/stock/$(touch pwned).txt": ""})
    others = {name: tmp_path / name for name in ("watch", "user", "tmp", "cache")}
    for place in others.values():
        place.mkdir()
    (others["watch"] / "watch.py").write_text(WATCH)
    log = others["watch"] / "log"
    log.touch()
    environment = {
        **os.environ, "HOME": str(others["user"]), "TMPDIR": str(others["tmp"]), "XDG_CACHE_HOME": str(others["cache"]), "PYTHONDONTWRITEBYTECODE": "1",
        "WATCH_LOG": str(log), "PYTHONPATH": str(home.path),
    }
    code = disk(home.path)
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, str(others["watch"] / "watch.py"), "product=stock", f"repo={repo}", "source=shop.stock", "jobs=2", *([command] if command else [])],
            cwd=home.path, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    events = [ast.literal_eval(line) for line in log.read_text().splitlines()]
    written = {path for kind, path, *_ in events if kind == "write"}
    allowed = (f"{repo}/", f"{home.path}/moves", str(others["tmp"]), os.devnull)
    assert [path for path in written if path and not path.startswith(allowed)] == []
    assert any(path.startswith(str(repo)) for path in written) and any(path.startswith(allowed[1]) for path in written)
    runs = [event for event in events if event[0] == "run"]
    assert runs and [event for event in events if event[0] == "shell"] == []
    for _, program, words in runs:
        assert isinstance(words, list) and Path(program).name in ("git", Path(sys.executable).name), words
    # Nothing is left of temporary files, nothing beside what we said.
    assert list(others["user"].iterdir()) == list(others["tmp"].iterdir()) == list(others["cache"].iterdir()) == []
    assert {path for path in disk(home.path).keys() - code.keys() if not path.startswith("moves")} == set()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([repo.name, "home", *others])
    assert not [path for path in disk(repo) if path.endswith("pwned")]


@pytest.mark.parametrize("way", ["in the repo", "at home"])
def test_nothing_of_the_monolith_is_imported(home: Home, tmp_path: Path, way: str) -> None:
    """A monolith with modules named like ours, the standard library's and other people's."""
    mark = tmp_path / "mark"
    leaves = f"open({str(mark)!r}, 'a').write(__name__ + '\\n')\nraise SystemExit(9)\n"
    names = ("yaml", "git", "libcst", "doit", "tomlkit", "rich", "jinja2", "pygments", "codeowners", "sitecustomize", "usercustomize", "json", "tokenize", "ast",
             "subprocess", "migration/__init__", "migration/cli/tasks", "dodo", "conftest", "setup", "shop/stock/hidden")
    traps = {f"{name}.py": leaves + "import shop.stock\n" for name in names}
    repo = make_repo(tmp_path / "repo", {**SHOP, **traps})
    doit = Path(sys.executable).with_name("doit")
    values = ["product=stock", "source=shop.stock", "jobs=2"]
    where = repo if way == "in the repo" else home.path
    call = [str(doit), "-f", str(home.path / "dodo.py"), *values, f"repo={repo}"] if way == "in the repo" else [sys.executable, "-m", "doit", *values, f"repo={repo}"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(call, cwd=where, env={**environment, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True, timeout=300, check=False)
    assert not mark.exists(), mark.read_text()
    if way == "in the repo":
        assert done.returncode == 3 and f"cd {home.path}" in done.stderr and "Traceback" not in done.stderr
        assert not git(repo, "status", "--porcelain")
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert texts(repo)["yaml.py"] == leaves + "import products.stock.backend\n"


# ---- what a terminal would obey

EVIL = "\x1b]0;PWNED\x07"
TESTS = '[tool.phased-migration]\ntest = ["-c", "print(chr(27) + \'PWNED\' + chr(7) + chr(155)); raise SystemExit(1)"]\n'
RAISES = 'raise Exception("\\x1b]0;PWNED\\x07")\n'
DIES = 'import os\n\nos.write(2, b"\\x1b]0;PWNED\\x07")\nos._exit(3)\n'
SHOWN = {
    "a team": ({"CODEOWNERS": f"* @org/{EVIL}\n"}, {}, ("django=no", "preview")),
    "the repo's tests": ({"pyproject.toml": TESTS}, {}, ("django=no",)),
    "a file in the way": ({f"shop/{EVIL}.py": "import shop.stock\n"}, {f"shop/{EVIL}.py": "import shop.stock\nX = 1\n"}, ("django=no",)),
    "a file that can't be parsed": ({f"shop/{EVIL}.py": "import shop.stock\n(\n"}, {}, ("django=no",)),
    "an error of Django": ({"shop/settings.py": RAISES}, {}, ("settings=shop.settings",)),
    "a Python that dies": ({"shop/settings.py": DIES}, {}, ("settings=shop.settings",)),
    "a line of source": ({"shop/x.py": f"from shop.stock import gone  # {EVIL}\nX = 'shop.stock.gone {EVIL}'\n"}, {}, ("django=no", "scan_moves", "update_imports", "residue")),
    "a target that exists": ({f"shop/stock/{EVIL}.txt": "1", f"{NEW}/{EVIL}.txt": "2"}, {}, ("django=no",)),
}


@pytest.mark.parametrize("case", SHOWN)
def test_what_a_terminal_would_obey_is_written_out(home: Home, tmp_path: Path, case: str) -> None:
    committed, edited, words = SHOWN[case]
    repo = make_repo(tmp_path / "shop", {**SHOP, **committed})
    put(repo, edited)
    reader, writer = os.openpty()
    arguments = ["product=stock", f"repo={repo}", "source=shop.stock", *words]
    with subprocess.Popen([sys.executable, "-m", "doit", *arguments], cwd=home.path, stdout=writer, stderr=writer):
        os.close(writer)
        seen = b""
        while chunk := _read(reader):
            seen += chunk
    os.close(reader)
    assert b"PWNED" in seen and b"Traceback" not in seen
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())  # Rich's own
    assert set(re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)) == set()
    for path in (home.path / "moves/stock").glob("*.[yh]*ml"):
        assert b"\x1b" not in path.read_bytes() and b"\x07" not in path.read_bytes(), path


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the last writer has gone
        return b""


def test_a_plan_of_100_000_entries_is_read_in_time(tmp_path: Path) -> None:
    moves = {f"shop/stock/d{n % 300}/f{n}.txt": f"{NEW}/d{n % 300}/f{n}.txt" for n in range(100_000)}
    plan = Plan("stock", "shop.stock", "products.stock.backend", moves, {"shop.stock": "products.stock.backend"}, {}, django=False)
    path = tmp_path / "moves.yml"
    path.write_text(writing.render(plan))
    start = time.process_time()
    assert reading.load(path) == plan
    assert time.process_time() - start < 60  # 5 s where nothing else runs


@pytest.mark.faults
def test_a_move_of_100_000_files(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, **{f"shop/stock/d{n % 300}/f{n}.txt": "x" for n in range(100_000)}})
    for phase in ORDER:
        run_phase.execute(new(repo), phase)
    assert len(new(repo).plan().file_moves) == 100_002
    assert git(repo, "status", "--porcelain").count("R  shop/stock/d") == 100_000
    assert texts(repo)["shop/cart.py"] == AFTER["shop/cart.py"]
