from __future__ import annotations

import pytest

from migration.engine.coverage.patterns import (
    Directory,
    Everything,
    Glob,
    ModuleGlob,
    Modules,
    Package,
    Pattern,
    Regex,
    Wild,
    below,
    dotted,
    retargeted,
    twin_of,
)

PLACE = ("shop/stock", "products/stock")


@pytest.mark.parametrize(("pattern", "path"), [
    (Everything("shop"), "shopping/x.py"),
    (Directory("shop"), "shopping/x.py"),
    (Directory("shop", "crm"), "shop/x.py"),
    (Glob("*.log"), "shop/log.py"),
    (Glob("/build"), "shop/build/x"),
    (Glob("shop/*.py", anchored=True), "crm/shop/a.py"),
    (Glob("# shop"), "shop/x"),
    (Glob("a[b"), "a[c"),
    (Wild("shop/*", anywhere=True), "crm/x.py"),
    (Wild("shop*", "crm"), "shop/x.py"),
    (Regex("^shop/"), "crm/shop/x.py"),
    (Regex("shop", start=True), "crm/shop.py"),
    (Regex("(unclosed"), "(unclosed"),
    (Modules("shop"), "shopping/__init__.py"),
    (Modules("shop", inner=False), "shop/stock.py"),
    (Modules("shop", but=("shop.stock",)), "shop/stock/x.py"),
    (ModuleGlob("shop.*"), "shop/x.py"),
    (ModuleGlob("shop.*", style="mypy"), "shopping/x.py"),
    (Package("shop"), "shop/stock/x.py"),
])  # fmt: skip
def test_what_a_pattern_does_not_take_in(pattern: Pattern, path: str) -> None:
    assert not pattern.matches(path)


@pytest.mark.parametrize(("pattern", "path"), [
    (Everything(), "x"),
    (Directory("./shop/"), "shop/stock/x.py"),
    (Directory("../shop", "crm"), "shop/x.py"),
    (Glob("*.log"), "shop/a.log"),
    (Glob("stock/"), "shop/stock/x"),
    (Glob("shop/**.py", anchored=True), "shop/stock/a.py"),
    (Glob("stock", "shop"), "shop/stock/x"),
    (Wild("shop"), "shop/stock/x.py"),
    (Wild("*/stock/*"), "stock/x.py"),
    (Wild("test_*.py"), "shop/test_x.py"),
    (Regex("/shop/", lead="/"), "shop/x.py"),
    (Modules("shop"), "shop/stock/a.html"),
    (Modules("shop", ("src",)), "src/shop/x.py"),
    (ModuleGlob("shop.*"), "shop/stock/x.py"),
    (ModuleGlob("shop.*", style="mypy"), "shop/__init__.py"),
    (ModuleGlob("shop*", where="src"), "src/shop/stock/x.py"),
    (Package("shop.stock", "src"), "src/shop/stock/x.py"),
])  # fmt: skip
def test_what_a_pattern_takes_in(pattern: Pattern, path: str) -> None:
    assert pattern.matches(path)
    assert pattern.may_touch(path)


@pytest.mark.parametrize(("pattern", "first"), [
    (Everything("shop"), None),
    (Directory("shop", "crm"), None),
    (Directory("./shop/"), ["./products/stock/"]),
    (Directory("shop/stock/sub"), ["products/stock/sub"]),
    (Directory("shop", top=True), ["products"]),
    (Directory("src/shop", top=True), None),
    (Glob("stock", "shop"), None),
    (Glob("/shop/**"), ["/products/stock/**"]),
    (Glob("shop/*/x.py"), ["products/stock/x.py"]),
    (Glob("shop/**/tests/*.py"), ["products/stock/**/tests/*.py"]),
    (Wild("shop/*"), ["products/stock/*"]),
    (Regex("^shop/"), ["^shop/|^products/stock/"]),
    (Regex("^(crm|shop)/"), ["^(crm|shop|products/stock)/"]),
    (Regex(r"^shop\/x", items=True), [r"^products\/stock\/x"]),
    (Regex("x"), None),
    (Modules("shop"), ["products.stock"]),
    (Modules("shop", top=True), ["products"]),
    (ModuleGlob("shop.*"), ["products.stock"]),
    (ModuleGlob("shop.*", style="mypy"), ["products.stock.*"]),
    (ModuleGlob("shop*"), ["products.stock*"]),
    (Package("shop.stock"), ["products.stock"]),
])  # fmt: skip
def test_what_is_written_for_the_new_place(pattern: Pattern, first: list[str] | None) -> None:
    ways = [list(way) for way in pattern.renewed(PLACE)]
    assert (ways[0] if ways else None) == first
    assert pattern.whole == (isinstance(pattern, Regex) and not pattern.items)


@pytest.mark.parametrize(("pattern", "paths"), [
    (Directory("shop"), []),
    (Glob("out/", "crm"), []),
    (Glob("crm/out/"), []),
    (Glob("*.log"), ["shop/stock/x.log", "shop/stock/x.log/x"]),
    (Glob("/shop/stock/out/"), ["shop/stock/out/x"]),
    (Glob("stock/o?t/*.[ab]", "shop"), ["shop/stock/oxt/x.a", "shop/stock/oxt/x.a/x"]),
])  # fmt: skip
def test_files_to_come_that_a_pattern_is_meant_for(pattern: Pattern, paths: list[str]) -> None:
    assert list(pattern.probes(PLACE)) == paths


@pytest.mark.parametrize(("glob", "line"), [
    ("*.log", "*.log"),
    ("/stock/", "*"),
    ("stock/out/", "/out/"),
    ("/stock/*.csv", "/*.csv"),
    ("**/out/*", "**/out/*"),
    ("billing/out", None),
    ("stock", "stock"),
])  # fmt: skip
def test_a_line_for_a_file_at_the_new_place(glob: str, line: str | None) -> None:
    assert twin_of(glob, "shop", PLACE) == line


def test_a_line_of_a_file_elsewhere_is_none_for_it() -> None:
    assert twin_of("*.log", "crm", PLACE) is None


def test_retargeted_gives_the_whole_place_after_the_exact_way() -> None:
    assert retargeted("shop/**/x", "shop/stock", "new") == ["new/**/x", "new/**", "new/*", "new"]
    assert retargeted("*.py", "shop/stock", "new") == ["new/**", "new/*", "new"]


def test_paths_from_a_directory_and_dotted_names() -> None:
    assert (below("a/b", "."), below("a/b", "a"), below("ab/c", "a")) == ("a/b", "b", None)
    roots = ("src",)
    assert (dotted("src/a/b.py", roots), dotted("src/a", roots), dotted("src/a/x.txt", roots)) == ("a.b", "a", "a.x.txt")
    assert (dotted("src", ("src",)), dotted("other/a", roots)) == (None, None)
