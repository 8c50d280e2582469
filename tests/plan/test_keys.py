"""Every finding about moves.yml has its line and its key; one never hides another."""

from __future__ import annotations

import pytest
import yaml

from migration.plan.keys import PlanReader
from migration.plan.plan import App, Model, Plan

NEEDED = "product: shop\nsource: old\ntarget: new.shop\nfile_moves: []\nmodule_moves: {old: new.shop}\n"


def read(text: str) -> tuple[Plan | None, list[str]]:
    """The plan (None where there are findings) and the findings."""
    reader = PlanReader("moves.yml")
    plan = reader.plan(yaml.compose(text))
    assert (plan is None) == bool(reader.problems)
    return plan, reader.problems


@pytest.mark.parametrize("text", ["", "- a", "text", "1", "~"])
def test_no_mapping_at_all(text: str) -> None:
    assert read(text) == (None, ["moves.yml:1: expected a mapping with product, source, target, file_moves, …"])


@pytest.mark.parametrize("more, finding", [
    ("colour: red", "6: colour: unknown key; known are product, source"),
    ("source: older", "6: source: stands here twice"),
    ("[a]: b", "6: moves.yml: a list can't be a key"),
    ("exclude: '*'", "6: exclude: expected a list, got '*'"),
    ("keep: [a, 1]", "6: keep[1]: expected a text, got '1' (put it in quotes)"),
    ("keep: ['']", "6: keep[0]: is empty"),
    ("roots: []", "6: roots: is empty; leave it out to have it found"),
    ("roots: [../x]", "6: roots[0]: '../x' leaves the repo"),
    ("django: yes", "6: django: expected auto or no, got 'yes'"),
    ("prose: maybe", "6: prose: expected yes or no, got 'maybe'"),
    ("tasks: drop", "6: tasks: expected keep or rename, got 'drop'"),
    ("imports: direct", "6: imports: expected package or concrete, got 'direct'"),
    ("imports: [concrete]", "6: imports: expected package or concrete, got a list"),
    ("deploy: twice", "6: deploy: expected single or rolling, got 'twice'"),
    ("cover: all", "6: cover: expected add, leave or ask, got 'all'"),
    ("cover: [add]", "6: cover: expected add, leave or ask, got a list"),
    ("cover: {pytest.ini: yes}", "6: cover.pytest.ini: expected add, leave or ask, got 'yes'"),
    ("cover:\n  Dockerfile:\n    shop/: keep", "8: cover.Dockerfile.shop/: expected add, leave or ask, got 'keep'"),
    ("cover: {'': add}", "6: cover: is empty"),
    ("trial:\n  allow: [a:80, b]", "7: trial.allow[1]: expected host:port (api.example.com:443, [::1]:8000) or the absolute path of a socket, got 'b'"),
    ("trial:\n  programs: git", "7: trial.programs: expected a list, got 'git'"),
    ("trial: {deny: [a]}", "6: trial.deny: unknown key; known are allow, programs"),
    ("symbol_remap: {old: {a-b: old.c}}", "6: symbol_remap.old: 'a-b' is no Python identifier"),
    ("symbol_remap: {old.class: {}}", "6: symbol_remap: 'old.class' is no dotted module name: 'class' is a Python keyword"),
    ("keep: &k [a]\ninclude: *k", "6: include: YAML aliases (*name) are not allowed"),
    ("app: {label: x}", "6: app.kind: is missing"),
    ("app: {kind: thing}", "6: app.kind: expected extraction, app or package, got 'thing'"),
    ("app: {kind: app, label: x, old_label: x}", "6: app.entry: is missing (kind is app)"),
    ("app: {kind: package, models: {M: {table: t}}}", "6: app.models.M.module: is missing"),
    ("app: !!set {kind}", "6: app: expected a mapping, got something tagged tag:yaml.org,2002:set"),
])
def test_one_finding(more: str, finding: str) -> None:
    _, problems = read(NEEDED + more + "\n")
    assert len(problems) == 1 and problems[0].startswith(f"moves.yml:{finding}")


def test_all_findings_at_once_in_the_order_of_the_file() -> None:
    moves = "[{from: a, to: b}, {from: b, to: a}, {from: c, to: b/x}, {from: d, to: d}, {from: .}]"
    assert read(f"product: my-shop\nsource: a.b\nfile_moves: {moves}\nmodule_moves: {{}}\n")[1] == [
        "moves.yml:1: product: 'my-shop' is no Python identifier",
        "moves.yml:3: file_moves[4].from: '.' is the repo itself, not a file",
        "moves.yml:3: file_moves[4].to: is missing",
        "moves.yml:3: file_moves[3]: d moves to itself; leave the entry out if it stays",
        "moves.yml:3: file_moves[2]: b/x lies in b, which is a file",
        "moves.yml:1: target: is missing",
    ]


@pytest.mark.parametrize("moves, finding", [
    ("[{from: a, to: x}, {from: b, to: x}]", "file_moves[1]: a and b both move to x"),
    ("[{from: a, to: x}, {from: a, to: y}]", "file_moves[1]: a is moved twice"),
])
def test_one_file_per_place(moves: str, finding: str) -> None:
    assert read(NEEDED.replace("[]", moves))[1] == [f"moves.yml:4: {finding}"]


def test_a_full_plan() -> None:
    app = "app: {kind: extraction, old_label: core, label: shop, config: n.S, models: {M: {module: old.m, table: t}}}\n"
    plan, _ = read(NEEDED.replace("[]", "[{from: a, to: b}, {from: c, to: a}]") + app + "django: no\nprose: No\ntasks: rename\nimports: concrete\ndeploy: rolling\n")
    found = App("extraction", "core", "shop", "n.S", models=(Model("M", "old.m", "t"),))
    assert plan == Plan("shop", "old", "new.shop", {"a": "b", "c": "a"}, {"old": "new.shop"}, django=False, app=found, prose=False, tasks="rename", imports="concrete",
                        deploy="rolling")


@pytest.mark.parametrize("text, cover", [
    ("ask", {}),
    ("add", {"*": "add"}),
    ("{pytest.ini: add, Dockerfile: {shop/: leave}}", {"pytest.ini": "add", "Dockerfile": {"shop/": "leave"}}),
])
def test_cover(text: str, cover: object) -> None:
    plan, problems = read(NEEDED + f"cover: {text}\n")
    assert plan and not problems
    assert plan.cover == cover
