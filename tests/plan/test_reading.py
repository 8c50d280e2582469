"""Plans that are read: what may be left out, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import PlanError
from migration.plan import reading
from migration.plan.plan import Plan
from migration.plan.reading import load, loads
from migration.plan.writing import render

MINIMAL = """\
product: shop
source: old
target: new.shop
file_moves:
- from: old/a.py
  to: new/shop/a.py
module_moves: {old: new.shop}
"""


def test_only_the_needed_keys() -> None:
    assert loads(MINIMAL) == Plan("shop", "old", "new.shop", {"old/a.py": "new/shop/a.py"}, {"old": "new.shop"})


@pytest.mark.parametrize(("value", "expected"), [("auto", True), ("no", False), ("'no'", False), ("No", False), ("false", False)])
def test_django(value: str, expected: bool) -> None:
    assert loads(MINIMAL + f"django: {value}\n").django is expected


def test_chains_and_cases_are_no_mistakes() -> None:
    moves = {"a": "b", "b": "c", "d/x": "d/y", "d/y": "D/y"}
    assert loads(render(Plan("p", "a", "b", moves, {}))).file_moves == moves


MISTAKES = [
    ("prodct: x", "8: prodct: unknown key; known are product, source, target, file_moves"),
    ("roots: src", "8: roots: expected a list, got 'src'"),
    ("roots: []", "8: roots: is empty"),
    ("roots: [3]", "8: roots[0]: expected a text, got '3' (put it in quotes)"),
    ("roots: ['']", "8: roots[0]: is empty"),
    ("roots: [../x]", "8: roots[0]: '../x' leaves the repo"),
    ("exclude: {a: b}", "8: exclude: expected a list, got a mapping"),
    ("exclude:", "8: exclude: expected a list, got nothing"),
    ("keep: [yes]", "8: keep[0]: expected a text, got 'yes' (put it in quotes)"),
    ("keep: [[a]]", "8: keep[0]: expected a text, got a list"),
    ("django: maybe", "8: django: expected auto or no, got 'maybe'"),
    ("django: [no]", "8: django: expected auto or no, got a list"),
    ("product: again", "8: product: stands here twice"),
    ("[a]: b", "8: moves.yml: a list can't be a key"),
    ("symbol_remap: {old: {A: old.a, A: old.b}}", "8: symbol_remap.old: A stands here twice"),
    ("symbol_remap: {old: {A-B: old.a}}", "8: symbol_remap.old: 'A-B' is no Python identifier"),
    ("symbol_remap: {old: {A: old.class}}", "8: symbol_remap.old.A: 'old.class' is no dotted module name: 'class' is a Python keyword"),
    ("symbol_remap: {old: [A]}", "8: symbol_remap.old: expected a mapping, got a list"),
    ("symbol_remap: {a: &x {A: old.a}, b: *x}", "8: symbol_remap.b: YAML aliases (*name) are not allowed"),
    ("symbol_remap: !!python/object:os.system {a: {}}", "8: symbol_remap: expected a mapping, got something tagged tag:yaml.org,2002:python/object:os.system"),
    ("exclude: !!set {a}", "8: exclude: expected a list, got something tagged tag:yaml.org,2002:set"),
    ("keep: [!!python/name:os.system x]", "8: keep[0]: expected a text"),
    ("keep: [!mine x]", "8: keep[0]: expected a text"),
    ("app: {}", "8: app.kind: is missing"),
    ("app: {kind: mine}", "8: app.kind: expected extraction, app or package, got 'mine'"),
    ("app: {kind: extraction}", "8: app.label: is missing (kind is extraction)"),
    ("app: {kind: app, label: a.b}", "8: app.label: 'a.b' is no Python identifier"),
    ("app: {kind: package, models: {A: {module: x}}}", "8: app.models.A.table: is missing"),
    ("app: {kind: package, models: {A: {module: x, table: 3}}}", "8: app.models.A.table: expected a text, got '3'"),
    ("app: {kind: package, modles: {}}", "8: app.modles: unknown key"),
]


@pytest.mark.parametrize(("line", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_line(line: str, message: str) -> None:
    with pytest.raises(PlanError) as error:
        loads(MINIMAL + line + "\n")
    assert any(found.startswith("moves.yml:" + message) for found in error.value.details), error.value.details


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(PlanError) as error:
        loads(MINIMAL + "\n".join(line for line, _ in MISTAKES if "[a]:" not in line) + "\n")
    assert len(error.value.details) >= len(MISTAKES) - 1


@pytest.mark.parametrize(("old", "new", "message"), [
    ("product: shop\n", "", "moves.yml:1: product: is missing"),
    ("product: shop", "product: my-shop", "moves.yml:1: product: 'my-shop' is no Python identifier"),
    ("product: shop", "product: class", "moves.yml:1: product: 'class' is no Python identifier"),
    ("product: shop", "product: 3", "moves.yml:1: product: expected a text, got '3' (put it in quotes)"),
    ("source: old", "source:", "moves.yml:2: source: expected a text, got nothing"),
    ("source: old", "source: ''", "moves.yml:2: source: is empty"),
    ("source: old", "source: a..b", "moves.yml:2: source: 'a..b' is no dotted module name"),
    ("target: new.shop", "target: new.import", "moves.yml:3: target: 'new.import' is no dotted module name: 'import' is a Python keyword"),
    ("{old: new.shop}", "{old: new/shop}", "moves.yml:7: module_moves.old: 'new/shop' is no dotted module name"),
    ("{old: new.shop}", "[old]", "moves.yml:7: module_moves: expected a mapping, got a list"),
])
def test_mistakes_in_the_needed_keys(old: str, new: str, message: str) -> None:
    with pytest.raises(PlanError) as error:
        loads(MINIMAL.replace(old, new, 1))
    assert any(found.startswith(message) for found in error.value.details), error.value.details


@pytest.mark.parametrize(("entries", "messages"), [
    ("- from: /etc/passwd\n  to: a", ["5: file_moves[0].from: '/etc/passwd' is absolute"]),
    ("- from: a\n  to: ../a", ["6: file_moves[0].to: '../a' leaves the repo"]),
    ("- from: a\n  to: b/../../a", ["6: file_moves[0].to: 'b/../../a' leaves the repo"]),
    ("- from: a\n  to: .git/hooks/x", ["6: file_moves[0].to: '.git/hooks/x' lies in a git directory"]),
    ("- from: a\n  to: .", ["6: file_moves[0].to: '.' is the repo itself"]),
    ("- from: a", ["5: file_moves[0].to: is missing"]),
    ("- a\n- {from: x, to: y, mode: z}", ["5: file_moves[0]: expected a mapping, got 'a'", "6: file_moves[1].mode: unknown key"]),
    ("- {from: '', to: b}\n- {from: no, to: c}", ["5: file_moves[0].from: is empty", "6: file_moves[1].from: expected a text, got 'no' (put it in quotes)"]),
    ("- {from: a, to: b}\n- {from: c, to: b}", ["6: file_moves[1]: a and c both move to b"]),
    ("- {from: a, to: b}\n- {from: a, to: c}", ["6: file_moves[1]: a is moved twice"]),
    ("- {from: a, to: a}", ["5: file_moves[0]: a moves to itself"]),
    ("- {from: x, to: a}\n- {from: a, to: b}\n- {from: b, to: c}\n- {from: c, to: b}", ["8: file_moves[3]: a and c both move to b"]),
    ("- {from: a, to: x/y}\n- {from: b, to: x}", ["5: file_moves[0]: x/y lies in x, which is a file"]),
    ("- &a {from: a, to: b}\n- *a", ["5: file_moves[1]: YAML aliases (*name) are not allowed"]),
])
def test_mistakes_in_file_moves(entries: str, messages: list[str]) -> None:
    text = MINIMAL.replace("- from: old/a.py\n  to: new/shop/a.py", entries)
    with pytest.raises(PlanError) as error:
        loads(text)
    for message in messages:
        assert any(found.startswith("moves.yml:" + message) for found in error.value.details), error.value.details


@pytest.mark.parametrize("text", [
    "", "3", "- a", "a: [", "a: b: c", "\t", "a: *x", "--- a\n--- b", "\x00", "{", "%YAML 9", "!!python/object:os.x {}",
    "[" * 100_000, "{a: " * 100_000, "&a [*a]", "? &a [*a]\n: 1", "<<: *x", "<<: {product: x}",
    "a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
])
def test_what_is_no_plan_at_all(text: str) -> None:
    with pytest.raises(PlanError) as error:
        loads(text)
    assert "moves.yml" in str(error.value)


def test_yaml_mistakes_name_their_line() -> None:
    with pytest.raises(PlanError, match=r"moves\.yml:8: not valid YAML"):
        loads(MINIMAL + "keep: a: b\nroots: []\n")


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "moves.yml"
    with pytest.raises(PlanError, match="there is no"):
        load(path)
    path.write_bytes(b"\xff")
    with pytest.raises(PlanError, match="not UTF-8"):
        load(path)
    with pytest.raises(PlanError, match="can't be read"):
        load(tmp_path)
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    path.write_text(MINIMAL)
    with pytest.raises(PlanError, match="bytes"):
        load(path)
