"""Random programs are moved and run before and after: same results, same names bound.

A program is one module of a small tree, made of import statements, scopes and uses of what they bind.
It records what each use gives; a use that fails before the move says nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migration.core.moves import Moves
from migration.core.names import module_of
from migration.engine.rewrite_python import rewrite
from migration.python.source_file import SourceFile
from tests.rewriters.tools import moves_for

MODULES = """
mono/ mono.keep mono.wh/ mono.wh.util mono.wh.models/ mono.wh.models.table mono.wh.tasks products/ products.other
app mono.client mono.wh.inner mono.wh.models.deep
"""
CLIENTS = ["app", "mono.client", "mono.wh.inner", "mono.wh.models.deep"]
PLANS = [
    {"mono.wh": "products.dw.backend"},
    {"mono.wh": "mono.products.wh"},
    {"mono.wh": "wh"},
    {"mono.wh.models": "products.models"},
    {"mono.wh.models": "mono.models"},
    {"mono.wh": "products.dw", "mono.wh.util": "common.util"},
    {"mono.wh": "products.dw", "mono.wh.models": "mono.wh.models"},
    {"mono.wh": "products.dw", "mono.wh.models.table": "products.table"},
    {"mono.wh": "products.dw", "mono.keep": "products.keep"},
]
IMPORTS = [
    "import mono",
    "import mono as m",
    "import mono.keep",
    "import mono.keep, mono.wh.util",
    "import mono.wh",
    "import mono.wh.util",
    "import mono.wh.util  # noqa",
    "import mono.wh.models.table",
    "import mono.wh.models.table as t, os",
    "import mono.wh as w",
    "import products.other",
    "from mono import wh",
    "from mono import keep, wh as w",
    "from mono import (\n    keep,  # one\n    # two\n    wh,\n    NAME as top,\n)",
    "from mono.wh import util, models, NAME",
    "from mono.wh import models as mm, \\\n    tasks",
    "from mono.wh.models import table",
    "from mono.wh.models.table import f, NAME as n",
    "from mono.wh.util import *",
    "from mono import wh; import mono.wh.tasks",
]
RELATIVE = {
    "app": [],
    "mono.client": ["from . import wh, keep", "from .wh import util", "from .wh.models.table import f", "from . import wh as w"],
    "mono.wh.inner": ["from . import util, models", "from .. import keep, wh", "from ..wh import util", "from .models.table import f", "from ..keep import f"],
    "mono.wh.models.deep": ["from . import table", "from .. import util, models", "from ... import keep, wh", "from ...keep import f", "from ..models import table as t"],
}
USES = [
    "mono.NAME",
    "mono.keep.f()",
    "mono.wh.NAME",
    "mono.wh.util.f()",
    "(mono\n    .wh  # why\n    .util.f())",
    "mono.wh.models.table.f()",
    "mono.wh.tasks.NAME",
    "m.wh.util.f()",
    "wh.util.f()",
    "w.models.table.NAME",
    "w.NAME",
    "util.f()",
    "models.table.f()",
    "mm.NAME",
    "table.f()",
    "t.NAME",
    "f()",
    "n",
    "top",
    "products",
    "products.other.NAME",
    "[mono.wh.util.f() for _ in 'x'][0]",
    "[mono for mono in 'x'][0]",
    "[mono.wh.util.f() for products in 'x'][0]",
    "(lambda products: mono.wh.util.f() + products)('x')",
    "(lambda mono: mono)('x')",
    "f'{mono.wh.util.f()} mono.wh.util {mono.wh.NAME!r:>{len(mono.keep.NAME)}}'",
    "import_module('mono.wh.util').f()",
    "import_module(f'mono.wh.models.{\"table\"}').f()",
    "str(sorted(globals()) and mono.NAME)",
]

BINDINGS = [
    "products = 'shop'",
    "util = 'mine'",
    "mono = None",
    "x = 1; import mono.wh.util",
    "if True: from mono import keep, wh",
    "x: 'list[mono.wh.util.T]' = []",
]


def use(expression: str) -> list[str]:
    return ["try:", f"    R.append({expression})", "except Exception as e:", "    R.append([type(e).__name__])"]


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for part in lines for line in part.split("\n")]


@st.composite
def blocks(draw: st.DrawFn, imports: list[str], depth: int) -> list[str]:
    lines: list[str] = []
    kinds = ["import", "import", "use", "use", "use", "bind"] + (["if", "def", "class", "try"] if depth else [])
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5)):
        if kind == "import":
            lines += draw(st.sampled_from(imports)).split("\n")
        elif kind == "use":
            lines += use(draw(st.sampled_from(USES)))
        elif kind == "bind":
            lines.append(draw(st.sampled_from(BINDINGS)))
        else:
            inner = indented(draw(blocks(imports, depth - 1)))
            name = f"{kind}_{len(lines)}_{depth}"
            if kind == "def":
                parameters = draw(st.sampled_from(["", "products='p'", "mono='m'", "wh='w'"]))
                if not parameters and draw(st.booleans()):
                    inner = ["    global products, wh, mono", *inner]
                lines += [f"def {name}({parameters}):", *inner, f"{name}()"]
            elif kind == "class":
                lines += [f"class {name}:", *inner]
            elif kind == "try":
                lines += ["try:", *inner, "except ImportError:", "    mono = None"]
            else:
                lines += ["if R is not None:", *inner]
    return lines


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    client = draw(st.sampled_from(CLIENTS))
    body = draw(blocks(IMPORTS + RELATIVE[client], 2))
    text = "\n".join(["from importlib import import_module", "R = []", *body, ""])
    return client, text, draw(st.sampled_from(PLANS))


RUN = """
import importlib, json, sys
out = []
for root, client in json.load(sys.stdin):
    for name in [n for n in sys.modules if n.partition(".")[0] in ("mono", "products", "common", "wh", "app")]:
        del sys.modules[name]
    sys.path.insert(0, root)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(client)
        out.append([[r if isinstance(r, (str, list)) else getattr(r, "__name__", "?") for r in module.R], sorted(vars(module))])
    except Exception as error:
        out.append([repr(error), []])
    sys.path.remove(root)
json.dump(out, sys.stdout)
"""


def write_tree(root: Path, client: str, text: str, moves: Moves, after: bool) -> list[str]:
    """The tree on disk, before or after the move; what the rewrite of the program left to a person."""
    left: list[str] = []
    for module, is_package in moves.modules.items():
        path = module.replace(".", "/") + ("/__init__.py" if is_package else ".py")
        raw = (text if module == client else f"NAME = {module!r}\n\ndef f():\n    return NAME + '()'\n").encode()
        if after:
            result = rewrite(SourceFile(path, raw, module_of(path, ["."])), moves)
            raw = (raw if result.raw is None else result.raw) if module == client else raw
            left += [finding.message for finding in result.findings]
            path = moves.new_module(module).replace(".", "/") + ("/__init__.py" if is_package else ".py")
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(raw)
    for directory in root.rglob("*"):
        if directory.is_dir() and not (directory / "__init__.py").exists():
            (directory / "__init__.py").touch()
    return left


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_moved_program_does_what_it_did(program: tuple[str, str, dict[str, str]]) -> None:
    client, text, plan = program
    moves = moves_for(plan, MODULES)
    with tempfile.TemporaryDirectory() as directory:
        before, after = Path(directory, "before"), Path(directory, "after")
        write_tree(before, client, text, moves, after=False)
        if write_tree(after, client, text, moves, after=True):
            return  # left to a person
        new_client = moves.new_module(client)
        order = json.dumps([(str(before), client), (str(after), new_client)])
        command = [sys.executable, "-I", "-S", "-B", "-c", RUN]
        done = subprocess.run(command, input=order, capture_output=True, text=True, check=True)
        (results, names), (new_results, new_names) = json.loads(done.stdout)
        moved_text = (after / (new_client.replace(".", "/") + ".py")).read_text()
    if isinstance(results, str):
        return  # it did not run before
    message = f"{plan}\n--- {client}\n{text}\n+++ {new_client}\n{moved_text}"
    assert not isinstance(new_results, str), f"{new_results}\n{message}"
    assert len(results) == len(new_results), message
    for old, new in zip(results, new_results, strict=True):
        assert isinstance(old, list) or old == new or moves.new_name(old) == new, f"{old} -> {new}\n{message}"
    assert set(names) - set(new_names) <= {"mono"}, f"{names} -> {new_names}\n{message}"
