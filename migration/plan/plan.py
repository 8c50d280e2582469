"""The plan: what ``moves.yml`` says, as values."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migration.core.names import is_package_file, is_within, module_of, parent, swap_prefix

Cover = Literal["add", "leave", "ask"]
Kind = Literal["extraction", "app", "package"]


@dataclass(frozen=True, slots=True)
class Model:
    """A concrete model that moves: class name, the module that defines it, its real table."""

    name: str
    module: str
    table: str


@dataclass(frozen=True, slots=True)
class App:
    """What the move means to Django (the plan's key ``app``).

    :param kind: ``extraction`` (models get a new label), ``app`` (an installed app moves, with its
        migrations) or ``package`` (no models, no app).
    :param old_label: the label of the app that owns the source before the move.
    :param label: the label that owns it afterwards (in an app move the same, unless a person writes
        another one into the plan).
    :param config: dotted path of the AppConfig class after the move; empty for a package.
    :param entry: the entry of INSTALLED_APPS that stands for the source before the move (app move).
    :param default_auto_field: dotted path of the field class, as the surrounding app has it.
    :param models: the concrete models under the source; modules are named as before the move.
    """

    kind: Kind
    old_label: str = ""
    label: str = ""
    config: str = ""
    entry: str = ""
    default_auto_field: str = ""
    models: tuple[Model, ...] = ()

    @property
    def relabels(self) -> bool:
        """Whether models get another label: in every extraction, in an app move if the plan says so."""
        return self.kind != "package" and self.label != self.old_label

    @property
    def rewrites_history(self) -> bool:
        """Whether the migrations are rewritten as if the label had always been the new one: an app gets another."""
        return self.kind == "app" and self.relabels

    @property
    def moved_labels(self) -> dict[str, str]:
        """Labels of the models that move (in lower case, before the move) -> their labels afterwards.

        Empty where labels stay: an app that moves keeps its label unless the plan gives it another one.
        """
        if not self.relabels:
            return {}
        return {f"{self.old_label}.{model.name}".lower(): f"{self.label}.{model.name}" for model in self.models}


@dataclass(frozen=True, slots=True)
class Trial:
    """What the trial of the migrations may reach beside its databases (the plan's key ``trial``).

    :param allow: addresses, each ``host:port`` or the absolute path of a socket.
    :param programs: names or paths of programs that may be started.
    """

    allow: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """``moves.yml``. Paths are relative to the repo; modules are dotted names before the move."""

    product: str
    source: str
    target: str
    file_moves: Mapping[str, str]
    module_moves: Mapping[str, str]
    symbol_remap: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roots: tuple[str, ...] = (".",)
    django: bool = True
    app: App = App("package")
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    prose: bool = True
    tasks: Literal["keep", "rename"] = "keep"
    format: Literal["keep", "repo"] = "keep"
    imports: Literal["package", "concrete"] = "package"
    deploy: Literal["single", "rolling"] = "single"
    cover: Mapping[str, Cover | Mapping[str, Cover]] = field(default_factory=dict)
    trial: Trial = Trial()

    def excludes(self, path: str) -> bool:
        """Whether a file is never to be touched (``exclude``; ``*`` matches slashes too)."""
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.exclude)

    def includes(self, path: str) -> bool:
        """Whether a file is to be looked into although it is one that is left by default (``include``)."""
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.include)

    def covers(self, path: str, entry: str) -> Cover:
        """What is to become of an entry of a configuration file that no longer takes in what moved (``cover``).

        What is said of the entry counts before what is said of the file, a file's name before a pattern.
        """
        named = [key for key in self.cover if key == path]
        fitting = [key for key in self.cover if key != path and fnmatch.fnmatchcase(path, key)]
        for key in (*named, *sorted(fitting, key=len, reverse=True)):
            said = self.cover[key]
            if isinstance(said, str):
                return said
            if entry in said:
                return said[entry]
        return "ask"

    def new_path(self, path: str) -> str:
        """Where a file of the tree before the move is afterwards (its own path if it stays)."""
        return self.file_moves.get(path, path)

    @property
    def back(self) -> dict[str, str]:
        """The path after the move of each file that moves -> the one before."""
        return {new: old for old, new in self.file_moves.items()}

    def new_name(self, name: str) -> str:
        """A dotted name of the tree before the move as it is afterwards: the longest prefix that moves decides."""
        longest = max((old for old in self.module_moves if is_within(name, old)), key=len, default=None)
        return name if longest is None else swap_prefix(name, longest, self.module_moves[longest])

    @property
    def title(self) -> str:
        """What the move is, for the first line of a commit."""
        if self.source == self.target:
            return f"Move files inside {self.source}"
        return f"Move {self.source} to {self.target}"

    @property
    def package(self) -> str:
        """The dotted name of the package that the product is: the target, or the one around it if that is a module."""
        single = any(
            module_of(new, self.roots) == self.target and not is_package_file(new) for new in self.file_moves.values()
        )
        return parent(self.target) if single else self.target
