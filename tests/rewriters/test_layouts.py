"""Random trees are moved by whole phases and run before and after: same results, same names bound.

Where :mod:`tests.rewriters.test_properties` varies statements and scopes, this varies the layout: packages that
re-export, hide a submodule behind a symbol or have no ``__init__``, moves that chain, swap, merge, or
turn a module into a package, and programs that are packages themselves.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.names import module_of
from migration.engine.moves_of_plan import moves_of
from migration.phases import move_files, update_imports
from migration.plan.plan import Plan
from migration.python.exports import symbol_remap
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from tests.rewriters.test_properties import RUN, USES, indented, use
from tests.tools import context

MODULES = ("keep", "wh/__init__", "wh/util", "wh/tasks", "wh/models/__init__", "wh/models/table", "wh/models/deep", "wh/inner")
BODY = "NAME = {0!r}\n\n\ndef f():\n    return NAME + '()'\n\n\nclass T:\n    name = {0!r}\n"
# What moves: files or directories below ``mono``, and where to; and what the plan calls the source.
LAYOUTS: dict[str, dict[str, str]] = {
    "a package": {"mono/wh/": "products/dw/backend/"},
    "up into what it lies in": {"mono/wh/": "mono/"},
    "into a package that is there": {"mono/wh/": "products/"},
    "a part of it": {"mono/wh/models/": "products/models/"},
    "one module": {"mono/wh/tasks.py": "products/jobs.py"},
    "all but a part": {"mono/wh/": "products/dw/", "mono/wh/models/": "mono/wh/models/"},
    "a chain": {"mono/wh/util.py": "products/util.py", "mono/wh/tasks.py": "mono/wh/util.py"},
    "a swap": {"mono/wh/util.py": "mono/wh/tasks.py", "mono/wh/tasks.py": "mono/wh/util.py"},
    "packages that swap": {"mono/wh/models/": "products/models/", "products/models/": "mono/wh/models/"},
    "a module that becomes a package": {"mono/wh/util.py": "mono/wh/util/__init__.py"},
    "to the top": {"mono/wh/": "wh/"},
}
PACKAGES = [
    "",
    "from .models import T, table\nfrom .util import f as helper\n__all__ = ['T', 'helper', 'models']\n",
    "from .models.table import *\nfrom . import util\n",
    "from .util import f as tasks\n",  # hides a submodule
    "from mono.wh import util as u\nfrom mono.wh.models import table as t\n",
]
INNER = ["", "from .table import T, f\n", "from mono.wh.models.table import T\nfrom ..util import f as helper\n__all__ = ['T', 'helper']\n"]
IMPORTS = [
    "import mono.wh.util", "import mono.wh.models.table as t, mono.keep", "import mono.wh as w", "from mono import wh, keep",
    "from mono.wh import T, helper", "from mono.wh import models, tasks", "from mono.wh import *", "from mono.wh.models import T as n, table",
    "from mono.wh.models import (\n    table,  # one\n    T,\n)", "from mono.wh.util import f", "from mono.wh.tasks import NAME as n, f",
    "import products.models", "from mono.wh.models import *", "from mono.wh import util, tasks",
]  # fmt: skip
DOTS = {
    "app": [],
    "mono.keep": ["from .wh import util, models", "from . import wh", "from .wh.models import T", "from .wh.tasks import f"],
    "mono.wh.inner": ["from . import util, tasks", "from .models import T, table", "from .. import keep", "from .util import f"],
    "mono.wh.util": ["from . import models", "from .tasks import f", "from ..keep import f", "from .. import keep", "from .models.table import T"],
    "mono.wh.models.deep": ["from . import T, table", "from .. import util", "from ..tasks import f", "from ... import keep"],
    "mono.wh.models": ["from . import table", "from ..util import f", "from .table import T", "from ... import keep"],
    "mono.wh": ["from . import util", "from .models import T", "from .. import keep", "from .tasks import f"],
}
MORE_USES = ["T.name", "helper()", "tasks", "w.T.name", "wh.helper()", "n", "table.T.name", "import_module('mono.wh.tasks').f()", "keep.f()"]


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, str, str, dict[str, str]]:
    """A layout, the module that is the program, and the files of the tree."""
    layout, client = draw(st.sampled_from(sorted(LAYOUTS))), draw(st.sampled_from(sorted(DOTS)))
    files = {f"mono/{name}.py": BODY.format(name.replace("/", " ")) for name in MODULES}
    files["mono/__init__.py"] = files["products/__init__.py"] = ""
    files["mono/wh/__init__.py"] = "NAME = 'wh'\n" + draw(st.sampled_from(PACKAGES))
    files["mono/wh/models/__init__.py"] = draw(st.sampled_from(INNER))
    if layout == "packages that swap":
        files |= {"products/models/__init__.py": "from .table import T\n", "products/models/table.py": BODY.format("products table")}
    if draw(st.booleans()):  # namespace packages
        empty = [path for path, text in files.items() if path.endswith("__init__.py") and not text and path != _path(client)]
        for path in empty:
            del files[path]
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        imports = [*draw(st.sampled_from(IMPORTS + DOTS[client])).split("\n")]
        uses = [line for expression in draw(st.lists(st.sampled_from(USES + MORE_USES), max_size=3)) for line in use(expression)]
        shape = draw(st.sampled_from(["plain", "plain", "try", "def"]))
        if shape == "try":
            lines += ["try:", *indented(imports), "except ImportError:", "    keep = None", *uses]
        elif shape == "def" and not any("*" in line for line in imports):
            lines += ["def run():", *indented([*imports, *uses]), "run()"]
        else:
            lines += [*imports, *uses]
    path = _path(client)
    text = files.get(path, "") + "\n".join(["from importlib import import_module", "R = []", *lines, ""])
    return layout, client, path, {**files, path: text}


def _path(client: str) -> str:
    inner = client.replace(".", "/")
    return f"{inner}/__init__.py" if client in ("mono.wh", "mono.wh.models") else f"{inner}.py"


def moved(files: dict[str, str], layout: dict[str, str]) -> tuple[dict[str, bytes], Plan, Moves] | None:
    """The tree after move_files and update_imports; None where something is left to a person."""
    file_moves: dict[str, str] = {}
    for path in files:
        for old in sorted(layout, key=len, reverse=True):
            if path == old or (old.endswith("/") and path.startswith(old)):
                file_moves[path] = layout[old] + path[len(old) :]
                break
    file_moves = {old: new for old, new in file_moves.items() if old != new}
    modules = {_dotted(old): _dotted(new) for old, new in layout.items() if _dotted(old) != _dotted(new)}
    tree = Tree(Path(), dict.fromkeys(files, "100644"), {path: text.encode() for path, text in files.items()})
    project = Project(Path(), (".",), tree, tree, lambda needles: [p for p, t in files.items() if any(n in t.encode() for n in needles)])
    packages = [module for module, is_package in project.modules.items() if is_package]
    remap = symbol_remap(packages, project.reader(), project.modules)[0]
    source = next(iter(modules), "mono.wh.util")
    plan = Plan("p", source, modules.get(source, "mono.wh.util"), file_moves, modules, remap)
    for phase in (move_files, update_imports):
        result = phase.run(context(plan, project))
        if phase is update_imports and result.findings:
            return None
        project = Project(Path(), (".",), tree, project.before.changed(result.changes), project.candidates)
    return {path: project.before.read(path) for path in project.before}, plan, moves_of(plan, project)


def _dotted(path: str) -> str:
    return path.removesuffix("/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def write(place: Path, files: dict[str, bytes]) -> str:
    for path, raw in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(raw)
    return str(place)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_moved_tree_does_what_it_did(program: tuple[str, str, str, dict[str, str]]) -> None:
    layout, client, path, files = program
    message = f"{layout}\n--- {path}\n{files[path]}"
    try:
        done = moved(files, LAYOUTS[layout])
    except PhaseError as error:
        # A package that says something can't merge into one that does; the phase says so.
        assert "exists" in str(error) or "already" in str(error), f"{error}\n{message}"
        return
    if done is None:
        return
    after, plan, moves = done
    new_path = plan.new_path(path)
    new_client = module_of(new_path, ["."])
    with tempfile.TemporaryDirectory() as directory:
        before = write(Path(directory, "before"), {path: text.encode() for path, text in files.items()})
        order = [(before, client), (write(Path(directory, "after"), after), new_client)]
        command = [sys.executable, "-I", "-S", "-B", "-c", RUN]
        ran = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=True)
    (results, names), (new_results, new_names) = json.loads(ran.stdout)
    if isinstance(results, str):
        return  # it did not run before
    message += f"+++ {new_path}\n{after[new_path].decode()}\n" + "\n".join(f"{p}\n{t.decode()}" for p, t in after.items() if "__init__" in p)
    assert not isinstance(new_results, str), f"{new_results}\n{message}"
    # Loading a submodule binds it in its package, too, and a star brings what happens to be loaded.
    by_chance = path.endswith("__init__.py") or "import *" in files[path]
    for old, new in zip(results, new_results, strict=True):
        lost = by_chance and isinstance(new, list)
        assert isinstance(old, list) or old == new or moves.new_name(old) == new or lost, f"{old} -> {new}\n{message}"
    by_the_way = {"mono", "products", *({"util", "tasks", "models", "table"} if by_chance else ())}
    assert set(names) - set(new_names) <= by_the_way, f"{names} -> {new_names}\n{message}"
