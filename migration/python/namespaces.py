"""The namespaces of a tree of modules, put together from what each module says (pure).

Re-exports are followed through imports, aliases, ``import *`` (with ``__all__``, or without: the
public names) and ``__getattr__``, from module to module, until the definition or the edge of the
tree. Nothing is imported, and only modules that are asked for are read. A module that may bind more
than can be read off is *open*. Rules of
https://docs.python.org/3/reference/simple_stmts.html#the-import-statement.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TypeAlias

from migration.core.changes import Finding
from migration.core.names import last_part, parent
from migration.python.dunder_all import AllRef
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile, UnreadableSource
from migration.python.top_level_names import Binding, Star, Surface, surface

# Gives the source of a module of the tree; None where it has none (outside, or a namespace package).
Read: TypeAlias = Callable[[str], SourceFile | None]
Place: TypeAlias = tuple[str, str]  # module, name in it; the module itself where the name is ""

# Every module has these: https://docs.python.org/3/reference/datamodel.html#module-objects
_EVERY = frozenset(
    [*dir(ModuleType("")), "__file__", "__path__", "__dict__", "__builtins__", "__cached__", "__class__"]
)
# A module without any of these has no __path__ of its own making.
_MAY_BIND_PATH = re.compile(rb"__path__|import(?:\s|\\)*\*")
_BY_HAND = "add re-exports that others import from there to symbol_remap by hand"


@dataclass(frozen=True, slots=True)
class Export:
    """A name that a module binds, and where it comes from.

    :param package: the module that binds it.
    :param name: the name there.
    :param module: the module that defines it, or the module that it is.
    :param symbol: its name there; empty where it is a module.
    :param line: the line that binds it.
    :param via: ``definition``, ``import``, ``star``, ``alias`` or ``lazy``.
    :param in_tree: whether ``module`` belongs to the tree.
    :param typing: whether only type checkers see it (``if TYPE_CHECKING``).
    :param chain: each (module, name) on the way, from the module itself to the definition.
    """

    package: str
    name: str
    module: str
    symbol: str
    line: int
    via: str
    in_tree: bool
    typing: bool = False
    chain: tuple[Place, ...] = ()

    @property
    def is_module(self) -> bool:
        """Whether the name stands for a module."""
        return not self.symbol

    @property
    def is_submodule(self) -> bool:
        """Whether the name stands for the submodule of this name."""
        return self.is_module and self.module == f"{self.package}.{self.name}"


@dataclass(slots=True)
class _Names:
    """What a module binds, stars included; ``open`` where a star may bring more."""

    bound: dict[str, Binding] = field(default_factory=dict)
    open: bool = False

    def bind(self, name: str, binding: Binding) -> None:
        """The last one counts; what was bound for everyone before isn't only for type checkers."""
        if binding.typing and name in self.bound:
            binding = replace(binding, typing=self.bound[name].typing)
        self.bound[name] = binding


class Namespaces:
    """The namespaces of one tree; each module is read once, and only if it is asked for.

    :param read: gives the source of a module of the tree.
    :param modules: the modules of the tree, where they are known; without them a module is known if
        it can be read.
    """

    def __init__(self, read: Read, modules: Collection[str] = ()) -> None:
        self._read = functools.cache(read)
        self._modules = modules
        self._surfaces: dict[str, Surface | UnreadableSource | None] = {}
        self._names: dict[str, _Names] = {}
        self._lazies: dict[str, dict[str, Binding]] = {}

    def known(self, module: str) -> bool:
        """Whether the module (or package) is part of the tree."""
        if self._modules:
            return module in self._modules
        return self._surface(module) is not None or self.error(module) is not None

    def error(self, module: str) -> UnreadableSource | None:
        """Why a module of the tree can't be parsed; None if it can, or is not there."""
        self._surface(module)
        found = self._surfaces[module]
        return found if isinstance(found, UnreadableSource) else None

    def export(self, module: str, name: str) -> Export | None:
        """Where a name of a module comes from; None where the module doesn't bind it."""
        binding = self._binding(module, name)
        if binding is None:
            return None
        chain = tuple(self._follow(module, name, ()))
        end, symbol = chain[-1]
        via = "star" if binding.star else {"module": "import"}.get(binding.kind, binding.kind)
        return Export(module, name, end, symbol, binding.line, via, self.known(end), binding.typing, chain)

    def has(self, module: str, name: str) -> bool:
        """Whether ``from module import name`` finds something, or might: what can't be known is there."""
        if name in _EVERY or self.is_open(module) or self.known(f"{module}.{name}"):
            return True
        if self._binding(module, name) is not None:
            return True
        found = self._surface(module)
        if found is None:
            return False
        forwards = [other for other in found.lazy.forwards if other != module]
        return self._star_submodule(module, name, set()) or any(
            not self.known(other) or self.has(other, name) for other in forwards
        )

    def _star_submodule(self, module: str, name: str, seen: set[str]) -> bool:
        """Whether a star may bring a submodule, which is there once anyone has imported it."""
        found = self._surface(module)
        if found is None or module in seen:
            return False
        seen.add(module)
        stars = [event.module for event in found.events if isinstance(event, Star)]
        return any(self.known(f"{star}.{name}") or self._star_submodule(star, name, seen) for star in stars)

    def names(self, module: str) -> frozenset[str]:
        """Every name that the module is known to bind."""
        found = self._surface(module)
        return frozenset({*self._names_of(module).bound, *self._lazy(found)}) if found else frozenset()

    def is_open(self, module: str) -> bool:
        """Whether the module may bind names that can't be read off."""
        found = self._surface(module)
        if found is None:  # a namespace package binds nothing
            return self.error(module) is not None or not self.known(module)
        return bool(found.dynamic) or self._names_of(module).open

    def has_own_path(self, module: str) -> bool:
        """Whether a package sets ``__path__``, so that its submodules can lie anywhere."""
        if (source := self._read(module)) is None or not _MAY_BIND_PATH.search(source.raw):
            return False
        found = self._surface(module)
        return found is not None and "__path__" in self._names_of(module).bound

    def is_namespace(self, module: str) -> bool:
        """Whether a module of the tree is a package without an ``__init__``."""
        return self._read(module) is None and self.known(module)

    def star_names(self, module: str) -> tuple[tuple[str, ...], bool]:
        """What ``from module import *`` brings, in order, and whether it may bring more."""
        brought, more = self._star_names(module, self._names_of(module))
        return tuple(name for name, typing in brought.items() if not typing), more

    def _star_names(self, module: str, names: _Names) -> tuple[dict[str, bool], bool]:
        """The same, and of each name whether only type checkers see it."""
        found = self._surface(module)
        if found is None:
            return {}, self.error(module) is not None or not self.known(module)
        if found.all_steps:
            listed = self._all(module, ())
            if listed is not None:
                return dict.fromkeys(listed, False), False
        public = {name: binding.typing for name, binding in names.bound.items() if name[:1] != "_"}
        for name in sorted(found.submodules):
            if name[:1] != "_":
                public.setdefault(name, False)
        return public, names.open or bool(found.all_steps or found.dynamic)

    def _surface(self, module: str) -> Surface | None:
        if module not in self._surfaces:
            self._surfaces[module] = None
            source = self._read(module)
            if source is not None:
                try:
                    self._surfaces[module] = surface(source)
                except UnreadableSource as error:
                    self._surfaces[module] = error
        found = self._surfaces[module]
        return found if isinstance(found, Surface) else None

    def _names_of(self, module: str) -> _Names:
        """The names of a module; of all modules that its stars lead to at once, as they can be circular."""
        if module in self._names:
            return self._names[module]
        pending, reached = [module], {}
        while pending:
            current = pending.pop()
            found = self._surface(current)
            if current in reached or current in self._names or found is None:
                continue
            reached[current] = found
            pending += [event.module for event in found.events if isinstance(event, Star)]
        self._names.update({name: _Names() for name in (module, *reached)})
        changed = True
        while changed:
            changed = False
            for name, found in reversed(reached.items()):
                now = self._bound(found)
                if now != self._names[name]:
                    self._names[name], changed = now, True
        return self._names[module]

    def _bound(self, found: Surface) -> _Names:
        """The names of one module, with what is known so far of those that its stars read from."""
        names = _Names()
        for event in found.events:
            if isinstance(event, Star):
                brought, more = self._star_names(event.module, self._names.get(event.module) or _Names())
                names.open |= more
                for name, typing in brought.items():
                    seen_by = typing or event.typing
                    binding = Binding(event.line, "import", event.module, name, star=True, typing=seen_by)
                    names.bind(name, binding)
                continue
            name, own = event
            if own is None:
                names.bound.pop(name, None)
            else:
                names.bind(name, own)
        return names

    def _all(self, module: str, seen: tuple[str, ...]) -> list[str] | None:
        """``__all__`` of a module; None where it has none or it is computed."""
        found = self._surface(module)
        if found is None or not found.all_steps or module in seen:
            return None
        listed: list[str] = []
        for step in found.all_steps:
            if step.parts is None:
                return None
            names: list[str] = []
            for part in step.parts:
                more = self._all_of_ref(found, part, (*seen, module)) if isinstance(part, AllRef) else [part]
                if more is None:
                    return None
                names += more
            if step.how == "remove":
                listed = [name for name in listed if name not in names]
            elif step.how == "add":
                listed += names
            else:
                listed = names
        return listed

    def _all_of_ref(self, found: Surface, ref: AllRef, seen: tuple[str, ...]) -> list[str] | None:
        """``__all__`` of the module that an expression (or an imported ``__all__``) means."""
        head, *rest = ref.expression.split(".")
        for event in reversed(found.events):
            if isinstance(event, Star) or event[0] != head or event[1] is None:
                continue
            binding = event[1]
            if binding.kind == "import" and binding.name == "__all__" and not rest:
                return self._all(binding.module, seen)
            if binding.kind in ("import", "module"):
                base = [binding.module, binding.name] if binding.kind == "import" else [binding.module]
                return self._all(".".join([*base, *rest]), seen)
            return None
        if head in found.submodules:  # bound because something was imported from it
            return self._all(".".join([found.package, head, *rest]), seen)
        return None

    def _lazy(self, found: Surface) -> dict[str, Binding]:
        """What ``__getattr__`` gives."""
        if found.path not in self._lazies:
            self._lazies[found.path] = self._lazy_of(found)
        return self._lazies[found.path]

    def _lazy_of(self, found: Surface) -> dict[str, Binding]:
        """The names of ``__getattr__``, the rows of its tables put into words."""
        names = {
            name: Binding(line, "lazy" if module else "definition", module, attribute)
            for name, (module, attribute, line) in found.lazy.names.items()
        }
        for key, value, line in found.lazy.rows:
            if isinstance(value, str):
                place = self._place(found.package, value, key)
                names.setdefault(key, Binding(line, "lazy", *place))
                continue
            module = self._module(found.package, key)
            if module is not None:
                for name in value:
                    names.setdefault(name, Binding(line, "lazy", module, name))
            elif len(value) == 2:
                module = self._module(found.package, value[0]) or value[0].lstrip(".")
                names.setdefault(key, Binding(line, "lazy", module, value[1]))
            else:
                names.setdefault(key, Binding(line, "definition"))
        return names

    def _place(self, package: str, text: str, key: str) -> Place:
        """What a table means by a string: a module, ``module:attribute`` or ``module.attribute``."""
        head, colon, attribute = text.partition(":")
        if colon:
            return self._module(package, head) or head.lstrip("."), attribute
        module = self._module(package, text)
        if module is not None:
            return module, "" if last_part(module) == key and not self._binding_here(module, key) else key
        module = self._module(package, parent(text)) if parent(text) else None
        return (module, last_part(text)) if module is not None else (text.lstrip("."), key)

    def _binding_here(self, module: str, name: str) -> bool:
        found = self._surface(module)
        return found is not None and name in self._names_of(module).bound

    def _module(self, package: str, text: str) -> str | None:
        """The module of the tree that a table calls ``text``: relative by its dots, absolute, or inside."""
        bare = text.lstrip(".")
        level = len(text) - len(bare)
        candidates = [resolve_relative(package, level, bare or None)] if level else [text, f"{package}.{text}"]
        return next((name for name in candidates if name and self.known(name)), None)

    def _binding(self, module: str, name: str) -> Binding | None:
        found = self._surface(module)
        if found is None:
            return None
        return self._names_of(module).bound.get(name) or self._lazy(found).get(name)

    def _follow(self, module: str, name: str, seen: tuple[Place, ...]) -> Iterator[Place]:
        """The places on the way from ``name`` of ``module`` to its definition."""
        if (module, name) in seen:  # from . import x, in the package itself
            if self.known(f"{module}.{name}"):
                yield f"{module}.{name}", ""
            return
        seen = (*seen, (module, name))
        binding = self._binding(module, name)
        if binding is None and self.known(f"{module}.{name}"):
            yield f"{module}.{name}", ""
            return
        yield module, name
        if binding is None:
            return
        if binding.kind == "module":
            yield binding.module, ""
        elif binding.kind in ("import", "lazy"):
            if binding.name:
                yield from self._follow(binding.module, binding.name, seen)
            else:
                yield binding.module, ""
        elif binding.kind == "alias":
            yield from self._follow_alias(module, binding.name, seen)

    def _follow_alias(self, module: str, expression: str, seen: tuple[Place, ...]) -> Iterator[Place]:
        """``Foo = table.Foo``: on to ``table``'s module where ``table`` is one, else it is made here."""
        head, *rest = expression.split(".")
        places = list(self._follow(module, head, seen))
        if self._binding(module, head) is None and not (places and not places[-1][1]):
            return  # a builtin, or a name that can't be known
        for attribute in rest:
            if not places or places[-1][1]:
                return  # an attribute of a class or an object
            places = list(self._follow(places[-1][0], attribute, seen))
        yield from places

    def findings(self, module: str, seen: set[str] | None = None) -> Iterator[Finding]:
        """What can't be resolved in a module, and in those that its stars read from."""
        seen = set() if seen is None else seen
        if module in seen:
            return
        seen.add(module)
        found = self._surface(module)
        if found is None:
            error = self._surfaces.get(module)
            source = self._read(module)
            if isinstance(error, UnreadableSource) and source is not None:
                yield Finding(
                    source.path, error.line, f"can't be parsed: {error.message}", "correct the file"
                )
            return
        for line, what in found.dynamic:
            yield Finding(found.path, line, f"the names of {module} can't all be read off: {what}", _BY_HAND)
        if found.all_steps and self._all(module, ()) is None:
            yield Finding(found.path, found.all_steps[-1].line, f"__all__ of {module} is computed", _BY_HAND)
        for event in found.events:
            if isinstance(event, Star):
                if not self.known(event.module):
                    what = f"what import * brings from {event.module} can't be known: it is outside the tree"
                    yield Finding(found.path, event.line, what, _BY_HAND)
                yield from self.findings(event.module, seen)
