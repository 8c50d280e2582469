"""Which directories are on ``sys.path`` when a project runs, as its own files say (pure).

What ``pyproject.toml`` names for setuptools, pytest and mypy, the same in ``setup.cfg``, ``tox.ini`` and
``pytest.ini``, and the directory of a ``manage.py``: Python puts the place of the script that it runs first
(https://docs.python.org/3/library/sys.html#sys.path).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from migration.repo.tree.config_files import ini, toml_of
from migration.repo.tree.tool_settings import settings_of
from migration.repo.tree.tree import Tree

INI_FILES = ("setup.cfg", "tox.ini", "pytest.ini", "mypy.ini")
_SETTINGS = re.compile(rb"DJANGO_SETTINGS_MODULE[\"'],\s*[\"']([\w.]+)[\"']")
_DEEPEST = 3  # directories above a manage.py; what lies deeper is a template or a test's


def of_pyproject(config: dict[str, Any]) -> list[str]:
    """What ``pyproject.toml`` names, own settings first."""
    tool = config.get("tool", {})
    stated: list[object] = []
    setuptools = tool.get("setuptools", {}) if isinstance(tool, dict) else {}
    with_lists = (
        (tool, ("phased-migration", "roots")),
        (setuptools, ("packages", "find", "where")),
        (setuptools, ("package-dir", "")),
        (tool, ("pytest", "ini_options", "pythonpath")),
        (tool, ("mypy", "mypy_path")),
    )
    for table, keys in with_lists:
        value: object = table
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        stated += value if isinstance(value, list) else [value]
    return [*_inside(path for path in stated if isinstance(path, str))]


def of_ini(text: str) -> list[str]:
    """What ``setup.cfg`` and the like name; nothing where the text is no such file."""
    config = ini(text)
    stated = [config.get("options.packages.find", "where", fallback="")]
    for line in config.get("options", "package_dir", fallback="").splitlines():
        package, _, directory = line.partition("=")
        stated += [directory] if not package.strip() else []
    for section in ("pytest", "tool:pytest"):
        stated += re.split(r"\s+", config.get(section, "pythonpath", fallback=""))
    stated += re.split(r"[\s,:]+", config.get("mypy", "mypy_path", fallback=""))
    return [*_inside(path.strip() for path in stated if path.strip())]


def of_manage(paths: Collection[str], read: Callable[[str], bytes]) -> Iterator[str]:
    """The directories of scripts that find the settings they name beside them, sorted.

    One within a package is left out: what it holds is imported by the package's name.
    """
    for path in sorted(path for path in paths if path.endswith("/manage.py") and path.count("/") <= _DEEPEST):
        directory = above = posixpath.dirname(path)
        while above and f"{above}/__init__.py" not in paths:
            above = posixpath.dirname(above)
        named = None if above else _SETTINGS.search(read(path))
        if named:
            settings = posixpath.join(directory, named[1].decode().replace(".", "/"))
            if f"{settings}.py" in paths or f"{settings}/__init__.py" in paths:
                yield directory


def _inside(stated: Iterator[str]) -> Iterator[str]:
    """Those that lie in the repo, as git writes paths."""
    plain = (posixpath.normpath(path) for path in stated)
    return (path for path in plain if not path.startswith(("/", "..", "$", "%")))


# Directories below the repo that are on sys.path by convention, where they are no packages themselves.
_USUAL_ROOTS = ("src", "lib", "python")


def find_roots(tree: Tree) -> tuple[str, ...]:
    """The directories that are on ``sys.path`` when the project runs, as its files say.

    The repo itself; ``src`` and the like where they hold packages and are none themselves; what the settings of
    tools name, and where a ``manage.py`` lies (:mod:`migration.repo.tree.source_roots`). What the repo names for us
    (``[tool.phased-migration] roots``) may be a package itself, if its modules are imported without its name.
    """
    found = ["."]
    own = settings_of(tree).get("roots", [])
    stated = of_pyproject(toml_of(tree, "pyproject.toml"))
    for path in INI_FILES:
        stated += of_ini(tree.read(path).decode("utf-8", "replace")) if path in tree else []
    for directory in (*stated, *_USUAL_ROOTS, *of_manage(tree.modes.keys(), tree.read)):
        is_package = f"{directory}/__init__.py" in tree and not (isinstance(own, list) and directory in own)
        if directory in tree.directories and directory not in found and not is_package:
            found.append(directory)
    return tuple(found)
