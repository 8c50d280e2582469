"""conftest.py: its fixtures and hooks hold for the tests below its directory, and so does its ``collect_ignore``.

https://docs.pytest.org/en/stable/reference/fixtures.html#conftest-py-sharing-fixtures-across-multiple-files
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Directory, Everything, Place, Wild, dotted, twin_of
from migration.engine.coverage.python_spots import spot_of, strings_of
from migration.engine.coverage.spots import File
from migration.engine.coverage.values import Context, Entry, Group, of_file
from migration.python.relative_imports import resolve_relative

_TESTS = re.compile(r"(?:.*/)?(?:test_.*|.*_tests?|tests?)\.py")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What one conftest.py says, and what others say that it takes over by a star import."""
    tree = ast.parse(text)
    base = directory_of(path)
    names = _names(tree)
    module = dotted(path, context.roots)

    def concerns(old: str) -> bool:
        if not _TESTS.fullmatch(old):
            return False
        return names is None or re.search(rf"\b(?:{'|'.join(names)})\b", _text(context, old)) is not None

    def twin(place: Place) -> tuple[str, str] | None:
        return ("conftest.py", f"from {module} import *  # noqa: F403") if module else None

    whole = Entry(path, posixpath.basename(path), File(), Everything(base), "applies", twin=twin)
    found = [Group("pytest: conftest.py", (whole,), of_file(path), concerns)] if names or names is None else []
    found += [
        Group("pytest: conftest.py", (Entry(path, posixpath.basename(path), File(), Everything(base), "applies"),),
              of_file(other), _is_test)
        for other in _taken_over(tree, path, context)
    ]
    ignored = tuple(_ignored(tree, path, text, base))
    return [*found, Group("pytest: collect_ignore", ignored, "*", _is_test)]


def _is_test(path: str) -> bool:
    return _TESTS.fullmatch(path) is not None


def _names(tree: ast.Module) -> list[str] | None:
    """The fixtures that tests have to name for them to count; None where there is more to it (a hook, ``autouse``)."""
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_docstring(node):
            if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                found += [re.escape(alias.asname or alias.name) for alias in node.names if alias.name != "*"]
                star = any(alias.name == "*" for alias in node.names)
                if star and (node.module or "").rpartition(".")[2] != "conftest":  # that one speaks for itself
                    return None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            fixture = [one for one in node.decorator_list if "fixture" in ast.dump(one)]
            if node.name.startswith("pytest_") or any("autouse" in ast.dump(one) for one in fixture):
                return None
            if fixture:
                found.append(re.escape(_named(fixture) or node.name))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if not all(isinstance(one, ast.Name) and one.id.startswith("collect_ignore") for one in targets):
                return None
        elif not isinstance(node, ast.ClassDef):
            return None
    return found


def _named(decorators: list[ast.expr]) -> str:
    """The name that a fixture is given other than its function's."""
    for one in decorators:
        for keyword in one.keywords if isinstance(one, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return ""


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _taken_over(tree: ast.Module, path: str, context: Context) -> Iterator[str]:
    """The conftest.py files of which this one takes over all by ``from ... import *``."""
    module = dotted(path, context.roots) or ""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            name = node.module or ""
            if node.level:
                name = resolve_relative(module.rpartition(".")[0], node.level, node.module) or ""
            for root in context.roots:
                file = posixpath.normpath(posixpath.join(root, name.replace(".", "/") + ".py"))
                if name.rpartition(".")[2] == "conftest" and file in context.files:
                    yield file


def _ignored(tree: ast.Module, path: str, text: str, base: str) -> Iterator[Entry]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {one.id for one in targets if isinstance(one, ast.Name)}
            kind = Wild if "collect_ignore_glob" in names else Directory
            if names & {"collect_ignore", "collect_ignore_glob"}:
                for constant in strings_of(node.value):
                    said = str(constant.value)

                    def twin(place: Place, said: str = said, name: str = min(names)) -> tuple[str, str] | None:
                        line = twin_of(f"/{said}", base, place)
                        return ("conftest.py", f'{name} = ["{line[1:]}"]') if line and line[:1] == "/" else None

                    yield Entry(path, said, spot_of(text, constant), kind(said, base), "ignored", twin=twin)


def _text(context: Context, path: str) -> str:
    return context.files.read(path).decode("utf-8", "replace")
