"""Imports that a script finds in its own directory, as Python puts that first on ``sys.path``.

``python shop/run.py`` imports ``shop/stock`` as ``stock``, whatever the package is called elsewhere. Where the module
moves away from beside the script, or the script from beside the module, the import finds nothing: listed.
https://docs.python.org/3/library/sys.html#sys.path
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.mentions import import_statements, mentions
from migration.python.source_file import SourceFile

KIND = "import"

# What a file that is run does at its top: it calls something.
_PROGRAM = re.compile(rb"^[A-Za-z_][\w.]*\(|^if[ \t(]+__name__[ \t]*==", re.MULTILINE)


def may_find_beside(source: SourceFile, moves: Moves) -> bool:
    """Whether a file can hold such an import, by its bytes; never wrong about a "no" outside what moves itself."""
    return any(needle in source.data for needle in moves.needles) and _imports(moves).search(source.data) is not None


@once
def _imports(moves: Moves) -> re.Pattern[bytes]:
    """An absolute import that begins with the last part of something that moves."""
    each = b"|".join(re.escape(needle) for needle in moves.needles) or rb"(?!)"
    return re.compile(rb"^[ \t]*(?:from[ \t]+|import[ \t]+(?:[\w., \t]+,[ \t]*)?)(?:%s)(?!\w)" % each, re.MULTILINE)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The imports of a file that find a module beside it, which is not beside it any more after the move.

    :raises UnreadableSource: if the file can't be parsed.
    """
    directory = posixpath.dirname(source.path)
    if not directory or b"import" not in source.data:
        return
    is_script = _PROGRAM.search(source.data) is not None
    there = posixpath.dirname(moves.new_path(source.path))
    for statement in import_statements(source, mentions(source, ["import"])):
        for name in _tops(statement):
            beside = _beside(moves, directory, name) if name not in moves.modules or is_script else ""
            after = _new_path(moves, beside) if beside else ""
            if beside and after != f"{there}/{posixpath.basename(beside)}":
                old = beside.removesuffix(".py").replace("/", ".")
                reason = f"run as a script, the file finds {name} in its own directory, where {beside} is no longer"
                yield Reference(KIND, *source.span(statement), old, moves.new_name(old), None, reason)
                break


def _tops(statement: ast.Import | ast.ImportFrom) -> list[str]:
    """The first parts of what an absolute import names."""
    if isinstance(statement, ast.Import):
        return [alias.name.partition(".")[0] for alias in statement.names]
    return [statement.module.partition(".")[0]] if statement.module and not statement.level else []


def _beside(moves: Moves, directory: str, name: str) -> str:
    """The module or package of a name in a directory (its path), ``""`` if there is none."""
    file, package = f"{directory}/{name}.py", f"{directory}/{name}"
    if file in moves.paths:
        return file
    return package if package in moves.paths else ""


def _new_path(moves: Moves, path: str) -> str:
    """Where a module or package is after the move; a package is where its ``__init__`` is, if it has one."""
    init = f"{path}/__init__.py"
    return posixpath.dirname(moves.files[init]) if init in moves.files else moves.new_path(path)
