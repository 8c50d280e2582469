"""``setup.py``: packages that ``find_packages`` finds or a list names, and data files.

https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Sequence

from migration.core.names import is_python, path_under
from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Everything, Glob, ModuleGlob, Package, Place
from migration.engine.coverage.python_spots import spot_of, strings_of
from migration.engine.coverage.spots import File
from migration.engine.coverage.values import Context, Entry, Group
from migration.python.attribute_chains import last_name

_FINDERS = ("find_packages", "find_namespace_packages")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What one script builds.

    :raises SyntaxError: if it can't be parsed.
    """
    tree = ast.parse(text)
    base = directory_of(path)
    found: list[Entry] = []
    data: list[Entry] = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = last_name(call.func)
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if name in _FINDERS:
            found += _finder(path, text, base, call, given)
        elif name == "setup":
            root = _root(given.get("package_dir"), base)
            if isinstance(given.get("packages"), (ast.List, ast.Tuple)):
                found += [
                    Entry(path, str(one.value), spot_of(text, one), Package(str(one.value), root), "built")
                    for one in strings_of(given["packages"])
                ]
            data += _data(path, text, root, given.get("package_data"), "data")
    return [
        Group("setup.py: packages", tuple(found), concerns=is_python),
        Group("setup.py: package_data", tuple(data)),
    ]


def _finder(
    path: str, text: str, base: str, call: ast.Call, given: dict[str | None, ast.expr]
) -> Iterator[Entry]:
    where = next(strings_of(call.args[0] if call.args else given.get("where")), None)
    place = posixpath.normpath(path_under(base, str(where.value) if where else "."))
    included, excluded = list(strings_of(given.get("include"))), list(strings_of(given.get("exclude")))
    if excluded and not included:
        yield Entry(path, "", File(), Everything(place), "built")
    for one in included:
        yield Entry(path, str(one.value), spot_of(text, one), ModuleGlob(str(one.value), where=place), "built")
    for one in excluded:
        yield Entry(path, str(one.value), spot_of(text, one), ModuleGlob(str(one.value), where=place), "")


def _root(package_dir: ast.expr | None, base: str) -> str:
    if isinstance(package_dir, ast.Dict):
        for key, item in zip(package_dir.keys, package_dir.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "" and isinstance(item, ast.Constant):
                return posixpath.normpath(path_under(base, str(item.value)))
    return base


def _data(path: str, text: str, root: str, node: ast.expr | None, verdict: str) -> Iterator[Entry]:
    if not isinstance(node, ast.Dict):
        return
    for key, item in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value:
            place = path_under(root, key.value.replace(".", "/"))
            for one in strings_of(item):
                word = str(one.value)

                def hint(moved: Place, word: str = word) -> str:
                    return f"list {word} under the package that holds {moved[1]} now"

                yield Entry(path, word, spot_of(text, one), Glob(word, place, True), verdict, hint=hint)
