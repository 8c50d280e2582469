"""Where dotted names and paths go: what every rewriter asks."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from migration.core.memo import WorkedOut
from migration.core.names import prefixes, swap_prefix

# Why a place is kept, where more than one rewriter can say so.
LISTED = "moves.yml lists it under keep"
TASK_STAYS = "the name of a Celery task, which stays"


@dataclass(frozen=True, slots=True)
class Words(Container[str]):
    """The words of an ASCII text, looked for only when somebody asks: hardly anybody does.

    :param text: the text.
    """

    text: bytes

    def __contains__(self, word: object) -> bool:
        raw = str(word).encode()
        return raw in self.text and re.search(rb"(?<!\w)%s(?!\w)" % re.escape(raw), self.text) is not None


@dataclass(frozen=True)
class Moves:
    """Where dotted names go. Everything is worked out from the tree as it was before the move.

    :param modules: every importable module and package of the tree before the move, and whether
        it is a package (namespace packages included).
    :param moved: modules and packages that move -> their name afterwards.
    :param packages: the plan's ``module_moves``: prefixes for names below them that are no known module.
    :param bindings: for packages whose own namespace matters (those that move, hold something that
        moves, or re-export): the names their ``__init__`` binds other than as submodules.
    :param remap: the plan's ``symbol_remap``: package -> symbol -> defining module, before the move.
    :param files: path before the move -> path afterwards, of every file that moves.
    :param directories: the same for directories that move as a whole.
    :param keep: strings that stay as they are, whatever they name (the plan's ``keep``).
    :param paths: every tracked file and every directory that holds one, before the move.
    :param tasks: the names under which modules that move register Celery tasks.
    :param rename_tasks: whether tasks take the name of their new module; else they keep the old one.
    :param labels: labels of models that move, in lower case -> their labels after the move, where they change.
    :param symbols: for modules that move and aren't packages: the names that they may bind; a module
        is left out where that can't be told.
    :param prose: whether comments, docstrings, messages and documents follow (the plan's ``prose``).
    :param line_length: in characters, what the repo allows for a line of Python; 0 where it says nothing.
    :param concrete: whether an import of a symbol that a package re-exports goes to the module that
        defines it; else it keeps going through the package.
    :param stars: packages that submodules leave -> those that ``from package import *`` may bring although
        the package does not import them.
    :param worked_out: what :func:`once` keeps of them.
    """

    modules: Mapping[str, bool]
    moved: Mapping[str, str]
    packages: Mapping[str, str]
    bindings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remap: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    directories: Mapping[str, str] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    rename_tasks: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, Container[str]] = field(default_factory=dict)
    prose: bool = True
    line_length: int = 0
    concrete: bool = False
    stars: Mapping[str, frozenset[str]] = field(default_factory=dict)
    worked_out: WorkedOut = field(default_factory=dict, init=False, repr=False, compare=False)

    def new_path(self, path: str) -> str:
        """Where a file or directory is after the move (its own path if it stays).

        A path that is not in the tree follows the nearest directory above it that moves as a whole.
        """
        if path in self.files:
            return self.files[path]
        above = path
        while above:
            if above in self.directories:
                return self.directories[above] + path[len(above) :]
            above = above.rpartition("/")[0]
        return path

    def new_module(self, module: str) -> str:
        """The name after the move of a module or package (its own name if it stays)."""
        if module in self.moved:
            return self.moved[module]
        if module in self.modules:
            return module
        for prefix in prefixes(module):
            if prefix in self.modules and prefix not in self.moved:
                return module
            if prefix in self.packages:
                return swap_prefix(module, prefix, self.packages[prefix])
        return module

    def split(self, name: str) -> tuple[str, str]:
        """The longest known module that ``name`` starts with, and the rest (``""`` if none).

        ``("", name)`` where not even the first part is a module of the tree.
        """
        for prefix in prefixes(name):
            if prefix in self.modules:
                return prefix, name[len(prefix) + 1 :]
        return "", name

    def new_name(self, name: str) -> str:
        """The dotted name of a module or of something in it, after the move."""
        module, rest = self.split(name)
        if not module:
            return self.new_module(name)
        new = self.new_module(module)
        return f"{new}.{rest}" if rest else new

    def moves(self, name: str) -> bool:
        """Whether the dotted name changes."""
        return self.new_name(name) != name

    def why_kept(self, *names: str) -> str:
        """Why a place that holds one of these forms of a name stays for good; ``""`` where nothing says so."""
        if any(name in self.keep for name in names):
            return LISTED
        return TASK_STAYS if not self.rename_tasks and any(name in self.tasks for name in names) else ""

    @cached_property
    def strays(self) -> frozenset[str]:
        """Packages below which something does not go where they go: it moves while they stay, say."""
        found: set[str] = set()
        for module in {*self.modules, *self.packages}:
            package, _, leaf = module.rpartition(".")
            if package and package not in found and self.new_module(module) != f"{self.new_module(package)}.{leaf}":
                found.update(prefixes(package))
        return frozenset(found)

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Byte strings of which a file outside the moved packages must hold one to refer to them.

        The last part of each prefix that moves on its own: a file without ``warehouse`` in it
        can't name ``posthog.warehouse``.
        """
        return tuple(sorted({name.rpartition(".")[2].encode() for name in self.packages}))

    def may_mention(self, path_module: str | None, raw: bytes) -> bool:
        """Whether a file can hold a reference: cheap, and never wrong about a "no"."""
        if path_module and any(name in self.packages for name in prefixes(path_module)):
            return True
        return any(needle in raw for needle in self.needles)
