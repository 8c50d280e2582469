"""Whether our move of the generated monolith is right: a speed means nothing without it.

Nothing of the tool is used here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.bench.generate import SOURCE, TARGET, Generated

_OLD, _NEW = SOURCE.replace(".", "/") + "/", TARGET.replace(".", "/") + "/"


def new_path(path: str) -> str:
    """Where a file of the generated tree is after the move."""
    return _NEW + path.removeprefix(_OLD) if path.startswith(_OLD) else path


def problems(before: Generated, repo: Path) -> list[str]:
    """What is wrong with ``repo``, a copy of the tree that was moved; each with its file."""
    found, changed = [], []
    for full in sorted(before.repo.rglob("*.py")):
        path = str(full.relative_to(before.repo))
        place = repo / new_path(path)
        if not place.is_file():
            found.append(f"{new_path(path)}: is not there")
        elif place.read_bytes() != full.read_bytes():
            changed.append(path)
    if (repo / _OLD).exists():
        found.append(f"{_OLD}: is still there")
    expected = set(before.changing)
    found += [f"{path}: should have changed" for path in sorted(expected - set(changed))]
    found += [f"{path}: should not have changed" for path in sorted(set(changed) - expected)]
    for path in map(new_path, changed):
        found += [f"{path}: {reason}" for reason in _wrong_imports(repo, path)]
    return found


def imports(text: str, package: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The imports of a module: (line, absolute name that is imported from, names); no names for ``import a.b``.

    :param package: what its relative imports start from.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield node.lineno, base, tuple(alias.name for alias in node.names)


def _wrong_imports(repo: Path, path: str) -> Iterator[str]:
    text = (repo / path).read_text(encoding="utf-8")
    package = path.rpartition("/")[0].replace("/", ".")
    try:
        compile(text, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        yield f"does not compile: {error}"
        return
    for line, module, names in imports(text, package):
        named = {module, *(f"{module}.{name}" for name in names)}
        if any(name == SOURCE or name.startswith(SOURCE + ".") for name in named):
            yield f"line {line} still imports {module}"
        elif (repo / module.partition(".")[0]).is_dir() and not _is_module(repo, module):
            yield f"line {line} imports {module}, which is not there"


def _is_module(repo: Path, module: str) -> bool:
    inner = repo / module.replace(".", "/")
    return inner.is_dir() or inner.with_suffix(".py").is_file()
