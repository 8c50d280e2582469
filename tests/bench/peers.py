"""Who takes part: our tool, and the ways that people know. Each gives the commands of one move.

What is here as a function runs in a process of its own: ``python -m tests.bench.peers libcst REPO``.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.generate import SOURCE, TARGET, WORD
from tests.bench.measure import Step, run

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Peer:
    """One way to move the package.

    :param name: as ``--skip`` takes it.
    :param label: what it does, for the table.
    :param steps: gets a fresh copy of the repo ready, and gives the commands to be measured.
    :param is_slow: takes a minute or so on the full tree.
    :param missing: why it can't take part here; empty if it can.
    """

    name: str
    label: str
    steps: Callable[[Path], Sequence[Step]]
    is_slow: bool = False
    missing: str = ""


def tool_home(home: Path) -> Path:
    """A copy of the tool in a directory of its own, so that the checkout stays clean."""
    home.mkdir()
    for name in ("dodo.py", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, home)
    ignored = shutil.ignore_patterns("__pycache__", "sample")
    shutil.copytree(CHECKOUT / "migration", home / "migration", ignore=ignored)
    return home


def ours(home: Path) -> Peer:
    """Our tool: ``move_files`` and ``update_imports``, once scan and structure are done.

    :param home: where the tool's copy is, as :func:`tool_home` made it.
    """

    def steps(repo: Path) -> Sequence[Step]:
        shutil.rmtree(home / "moves", ignore_errors=True)
        words = [f"product={WORD}", f"repo={repo}", f"source={SOURCE}", f"target={TARGET}", "django=no"]
        command = [sys.executable, "-m", "doit", *words]
        run([Step([*command, "prepare_structure"], home)])
        return [Step([*command, "update_imports"], home)]

    return Peer("ours", "move_files + update_imports", steps)


def sed() -> Peer:
    """(a) What people do by hand: every text that looks like the name, nothing that is relative."""

    def steps(repo: Path) -> Sequence[Step]:
        old, new = SOURCE.replace(".", "/"), TARGET.replace(".", "/")
        (repo / new).parent.mkdir(parents=True, exist_ok=True)
        script = rf"s/\b{SOURCE.replace('.', '[.]')}\b/{TARGET}/g"
        return [
            Step(["git", "mv", old, new], repo),
            Step(["git", "grep", "-l", "-z", "-F", SOURCE], repo, feeds=True),
            Step(["xargs", "-0", "sed", "-i", "-e", script], repo),
        ]

    return Peer("sed", "(a) git mv, git grep -l | xargs sed -i", steps, missing=_no_gnu_sed())


def libcst() -> Peer:
    """(b) The original's way: every file through LibCST, and printed back."""
    return Peer("libcst", "(b) LibCST parses and prints every file", _by_function("libcst"), is_slow=True)


def rope() -> Peer:
    """(c) rope's MoveModule."""
    missing = "" if importlib.util.find_spec("rope") else "rope is not installed: pip install -e '.[bench]'"
    return Peer("rope", "(c) rope's MoveModule", _by_function("rope"), is_slow=True, missing=missing)


def _by_function(name: str) -> Callable[[Path], Sequence[Step]]:
    return lambda repo: [Step([sys.executable, "-m", "tests.bench.peers", name, str(repo)], CHECKOUT)]


def _no_gnu_sed() -> str:
    for program in ("sed", "xargs"):
        if shutil.which(program) is None:
            return f"there is no {program} here"
    done = subprocess.run(["sed", "--version"], capture_output=True, check=False)
    return "" if b"GNU" in done.stdout else "this sed is not GNU's"


def rewrite_with_libcst(repo: Path) -> None:
    """Parse every Python file, rename what its imports name, print it back."""
    import libcst as cst
    import libcst.helpers

    def renamed(node: cst.BaseExpression) -> cst.BaseExpression:
        name = cst.helpers.get_full_name_for_node(node) or ""
        if name == SOURCE or name.startswith(SOURCE + "."):
            return cst.parse_expression(TARGET + name[len(SOURCE) :])
        return node

    class Imports(cst.CSTTransformer):
        def leave_ImportFrom(
            self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
        ) -> cst.ImportFrom:
            if updated_node.relative or updated_node.module is None:
                return updated_node
            return updated_node.with_changes(module=renamed(updated_node.module))

        def leave_ImportAlias(
            self, original_node: cst.ImportAlias, updated_node: cst.ImportAlias
        ) -> cst.ImportAlias:
            return updated_node.with_changes(name=renamed(updated_node.name))

    for path in sorted(repo.rglob("*.py")):
        code = path.read_text(encoding="utf-8")
        path.write_text(cst.parse_module(code).visit(Imports()).code, encoding="utf-8")


def move_with_rope(repo: Path) -> None:
    """Let rope move the package; it keeps its last name."""
    from rope.base.project import Project
    from rope.refactor.move import create_move

    project = Project(str(repo), ropefolder=None)
    mover = create_move(project, project.get_resource(SOURCE.replace(".", "/")))
    project.do(mover.get_changes(project.get_resource(TARGET.partition(".")[0])))
    project.close()


if __name__ == "__main__":
    {"libcst": rewrite_with_libcst, "rope": move_with_rope}[sys.argv[1]](Path(sys.argv[2]))
