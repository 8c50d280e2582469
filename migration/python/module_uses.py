"""Names that mean modules: what ``import a.b.c`` binds, which uses go through it, what must change.

``import posthog.warehouse.x`` binds ``posthog``. When the module moves, the statement changes, every
``posthog.warehouse.x.…`` that means this binding changes with it, and ``posthog`` must stay bound where
something else needs it. The decision for a whole scope is made here, once, for the rewriter of
statements and the rewriter of uses alike.
https://docs.python.org/3/reference/simple_stmts.html#the-import-statement
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.names import is_within, prefixes, swap_prefix
from migration.python.mentions import import_statements, is_home, mentions
from migration.python.reachable_modules import Need, Provided
from migration.python.relative_imports import absolute_base
from migration.python.scopes import Binding, Scope, Scopes, Use, scopes_of
from migration.python.source_file import SourceFile

Import = ast.Import | ast.ImportFrom
UNDECIDABLE = "{name} is bound by an import and by something else in the same scope"
UNPLACED = "in an f-string whose expressions can't be located"


@dataclass(frozen=True, slots=True)
class UseChange:
    """A chain of attributes that names a module that moves (or a longer name in it).

    :param node: the part of the chain that names the module.
    :param text: what to write instead; None where it is left, for the ``reason``.
    """

    node: ast.expr
    old: str
    new: str
    text: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImportChange:
    """One ``import a.b.c`` without ``as``.

    :param binds: the name that it must bind by ``as``; empty where the new top name does.
    :param before: imports to put before it, so that what else was bound stays bound.
    :param reason: why the statement is left as it is; empty where it changes.
    """

    alias: ast.alias
    new: str
    binds: str = ""
    before: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Names:
    """What changes in a file; ``after`` holds imports to add behind a statement."""

    uses: list[UseChange] = field(default_factory=list)
    imports: list[ImportChange] = field(default_factory=list)
    after: list[tuple[ast.stmt, tuple[str, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reach:
    """A use that goes through a binding to a module, before and after the move."""

    use: Use
    node: ast.expr | None
    old: str
    new: str


@once
def names_of(source: SourceFile, moves: Moves) -> Names:
    """What must change for the names that are bound to modules by imports.

    :raises UnreadableSource: if the file can't be parsed.
    """
    imports = [*import_statements(source, mentions(source, ["import"]))]
    unloaded = _unloaded(source, moves, imports)
    interest = _interest(source, moves, imports, bool(unloaded))
    if not interest:
        return Names()
    tops = {new.partition(".")[0] for new in (*moves.packages.values(), *moves.moved.values())}
    return _Decision(source, moves, scopes_of(source, interest | tops), unloaded).decide(interest)


def reach_further(source: SourceFile, moves: Moves, imports: Sequence[Import]) -> bool:
    """Whether names that these imports bind may lead to something that moves."""
    return bool(_unloaded(source, moves, imports) or _interest(source, moves, imports, everything=True))


def module_meant(source: SourceFile, moves: Moves, statement: ast.AST, alias: ast.alias) -> str | None:
    """The module that an imported name is bound to, at the old place; None if it is no module of the tree.

    For ``import a.b`` without ``as`` that is ``a``.
    """
    if isinstance(statement, ast.Import):
        if not alias.asname:
            return alias.name.partition(".")[0]
        return alias.name if alias.name in moves.modules or alias.name in moves.packages else None
    if not isinstance(statement, ast.ImportFrom):
        return None
    base = absolute_base(source, statement)
    name = f"{base}.{alias.name}"
    known = base and (name in moves.modules or name in moves.packages)
    return name if known and alias.name not in moves.bindings.get(base or "", ()) else None


def walk(moves: Moves, module: str, parts: Iterable[str]) -> tuple[str, int]:
    """How far attribute names lead from a module to submodules: the last one, and how many were used."""
    count = 0
    for part in parts:
        name = f"{module}.{part}"
        hidden = part in moves.bindings.get(module, ())
        if hidden or (name not in moves.modules and name not in moves.packages):
            break
        module, count = name, count + 1
    return module, count


def _unloaded(source: SourceFile, moves: Moves, imports: Sequence[Import]) -> frozenset[str]:
    """Packages that stay, and that the file no longer loads by the way.

    An import of ``a.b.c`` loads ``a.b``, and a file below ``a.b`` is only run when that is loaded.
    Once ``a.b.c`` or the file has moved out of ``a.b``, its uses need an import of their own.
    """
    before: set[str] = {source.module} if source.module else set()
    for statement in imports:
        for alias in statement.names:
            if isinstance(statement, ast.Import):
                before.add(alias.name)
            else:
                base = absolute_base(source, statement)
                before.add(module_meant(source, moves, statement, alias) or base or "")
    gone: set[str] = set()
    loaded: set[str] = set()
    for module in before:
        new = moves.new_module(module)
        loaded.update(prefixes(new))
        if new != module:
            gone.update(name for name in prefixes(module) if "." in name and moves.new_module(name) == name)
    return frozenset(gone - loaded)


def _interest(source: SourceFile, moves: Moves, imports: Sequence[Import], everything: bool) -> set[str]:
    """The names through which the file may reach something that moves apart from its import."""
    found: set[str] = set()
    loose: set[str] = set()
    spans: list[tuple[int, int]] = []
    for statement in imports:
        spans.append(source.span(statement))
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            meant = module_meant(source, moves, statement, alias)
            whole = isinstance(statement, ast.Import) and not alias.asname
            if whole and moves.new_module(alias.name) != alias.name:
                found.add(name)
            elif meant in moves.strays:
                (loose if meant and moves.new_module(meant) == meant else found).add(name)
    if loose and (everything or is_home(source, moves) or _outside(source, moves, spans)):
        found |= loose
    return found


def _outside(source: SourceFile, moves: Moves, spans: list[tuple[int, int]]) -> bool:
    """Whether something that moves is mentioned outside the import statements."""
    pattern = re.compile(b"|".join(map(re.escape, moves.needles)))
    places = (match.start() for match in pattern.finditer(source.data))
    return any(not any(start <= place < end for start, end in spans) for place in places)


class _Decision:
    def __init__(self, source: SourceFile, moves: Moves, scopes: Scopes, unloaded: frozenset[str]) -> None:
        self.source, self.moves, self.scopes, self.unloaded = source, moves, scopes, unloaded
        self.names = Names()
        self.aliases: dict[str, str] = {}
        self.words: set[str] = set()

    def decide(self, interest: set[str]) -> Names:
        for name, node in self.scopes.unplaced:
            if name in interest:
                self.names.uses.append(UseChange(node, name, name, None, UNPLACED))
        for scope in self.scopes.all:
            for name in sorted(interest & scope.bindings.keys()):
                self._group(scope, name)
        return self.names

    def _group(self, scope: Scope, name: str) -> None:
        """Decide for one name in one scope."""
        bindings = scope.bindings[name]
        imports = [binding for binding in bindings if binding.how == "import"]
        roots = {self._root(binding) for binding in imports}
        if not imports or roots == {None}:
            return
        uses = [use for use in self.scopes.uses if use.name == name and _meant(use) is scope]
        mixed = len(roots) > 1 or len({_is_plain(binding) for binding in imports}) > 1
        if mixed or any(b.how == "other" or b.redirected for b in bindings):
            self._undecidable(name, imports, uses)
            return
        root = next(iter(roots)) or ""
        reached = [self._reach(root, use) for use in uses]
        whole = {binding.alias.name for binding in imports if binding.alias} == {root}
        if not _is_plain(imports[0]) or (whole and self.moves.new_module(root) != root):
            self._bound(scope, name, root, imports, reached)
        else:
            kept = self.scopes.dynamic or any(b.how != "import" for b in bindings)
            self._plain(scope, name, imports, reached, kept)

    def _root(self, binding: Binding) -> str | None:
        assert binding.alias is not None
        return module_meant(self.source, self.moves, binding.statement, binding.alias)

    def _reach(self, root: str, use: Use) -> _Reach:
        module, count = walk(self.moves, root, use.parts)
        node = use.chain[count - 1] if count and use.node else use.node
        return _Reach(use, node, module, self.moves.new_module(module))

    def _undecidable(self, name: str, imports: list[Binding], uses: list[Use]) -> None:
        """Leave everything as it is, and say so where something of it would have to change."""
        reason = UNDECIDABLE.format(name=name)
        for binding in imports:
            alias = binding.alias
            if alias and _is_plain(binding) and (new := self.moves.new_module(alias.name)) != alias.name:
                self.names.imports.append(ImportChange(alias, new, reason=reason))
        roots = {root for binding in imports if (root := self._root(binding))}
        for use in uses:
            for reach in (self._reach(root, use) for root in sorted(roots)):
                if reach.node is not None and reach.new != reach.old and reach.old not in roots:
                    self.names.uses.append(UseChange(reach.node, reach.old, reach.new, None, reason))
                    break

    def _bound(
        self, scope: Scope, name: str, root: str, imports: list[Binding], reached: list[_Reach]
    ) -> None:
        """A name that goes on meaning its module: only what does not follow the module changes."""
        new_root = self.moves.new_module(root)
        if _is_plain(imports[0]) and new_root != root:
            self.names.imports += [ImportChange(b.alias, new_root, binds=root) for b in imports if b.alias]
        strays = [
            reach
            for reach in reached
            if reach.node and reach.old != root
            and (reach.new != swap_prefix(reach.old, root, new_root) or reach.old in self.unloaded)
        ]
        if not strays:
            return
        tops = {reach.new.partition(".")[0] for reach in strays}
        aliased = self._colliding(scope, "", strays, []) | (tops & {name})
        provided = self._provided(scope, name, tops - aliased, aliased)
        self._change_uses(strays, aliased)
        for binding in imports:
            needs = [self._need(reach.new, aliased) for reach in strays]
            self._add_after(binding, provided.missing(binding.place, needs))

    def _plain(
        self, scope: Scope, name: str, imports: list[Binding], reached: list[_Reach], kept: bool
    ) -> None:
        """``import a.b.c``: the statement and the uses change, and ``a`` stays bound where it is needed."""
        moved = [reach for reach in reached if reach.node and reach.new != reach.old]
        news = {b.alias.name: self.moves.new_module(b.alias.name) for b in imports if b.alias}
        changing = {old for old, new in news.items() if old != new}
        behind = {reach.old for reach in reached if reach.node and reach.old in self.unloaded}
        if not moved and not changing and not behind:
            return
        aliased = self._colliding(scope, name, moved, [news[old] for old in changing])
        tops = {reach.new.partition(".")[0] for reach in moved} | {new.partition(".")[0] for new in news.values()}
        provided = self._provided(scope, name, (tops | {name}) - aliased, aliased)
        self._change_uses(moved, aliased)
        stays = {reach.old for reach in reached if reach.node and reach.new == reach.old}
        kept = kept or any(reach.node is None and (reach.old in (name, reach.new)) for reach in reached)
        for binding in imports:
            alias, place = binding.alias, binding.place
            assert alias is not None
            staying = {module if is_within(alias.name, module) else name for module in stays} | behind
            before = provided.missing(place, map(self._keep, staying | ({name} if kept else set())))
            moving = [(reach.old, self._need(reach.new, aliased)) for reach in moved]
            after = provided.missing(
                place,
                [
                    need
                    for old, need in moving
                    if need.binds or is_within(alias.name, old) or not provided.leads_to(place, need.module)
                ],
            )
            if alias.name in changing:
                need = self._need(news[alias.name], aliased)
                self.names.imports.append(ImportChange(alias, need.module, need.binds, tuple(map(str, before))))
                before = []
            self._add_after(binding, [*before, *after])

    def _keep(self, module: str) -> Need:
        """What keeps ``module`` reachable by its old name."""
        new = self.moves.new_module(module)
        return Need(new, "" if new == module else module)

    def _need(self, module: str, aliased: set[str]) -> Need:
        """What makes a module reachable by its new name, or by a name of its own."""
        return Need(module, self._alias(module) if module.partition(".")[0] in aliased else "")

    def _change_uses(self, reached: list[_Reach], aliased: set[str]) -> None:
        for reach in reached:
            assert reach.node is not None
            need = self._need(reach.new, aliased)
            self.names.uses.append(UseChange(reach.node, reach.old, reach.new, need.binds or need.module))

    def _add_after(self, binding: Binding, needs: list[Need]) -> None:
        if needs:
            self.names.after.append((binding.statement, tuple(map(str, needs))))

    def _provided(self, scope: Scope, name: str, tops: set[str], aliased: set[str]) -> Provided:
        """What the plain imports of a scope make reachable after the move, and where."""
        others = (b.how for top in {name, *tops} for b in scope.bindings.get(top, ()))
        provided = Provided(self.scopes.blocks, lasting=all(how == "import" for how in others))
        renamed = [change.alias for change in self.names.imports if change.binds]
        for bound, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.how == "import" and _is_plain(binding) and binding.alias not in renamed and binding.alias:
                    need = self._need(self.moves.new_module(binding.alias.name), aliased)
                    if need.binds or bound in tops or need.module.partition(".")[0] in tops:
                        provided.add(binding.place, need, new=need.module != binding.alias.name)
        return provided

    def _colliding(self, scope: Scope, name: str, moved: list[_Reach], more: list[str]) -> set[str]:
        """The top names that can't be bound in the scope without getting in the way of another meaning."""
        tops = {reach.new.partition(".")[0] for reach in moved} | {new.partition(".")[0] for new in more}
        return {
            top
            for top in tops
            if top != name
            and self._collides(scope, top, [r.use.scope for r in moved if r.new.partition(".")[0] == top])
        }

    def _collides(self, scope: Scope, top: str, users: list[Scope]) -> bool:
        bindings = scope.bindings.get(top, [])
        if top in scope.declared or any(b.how != "import" or b.redirected or not _is_plain(b) for b in bindings):
            return True
        if any(user.resolve(top, also=scope) is not scope for user in users):
            return True
        captured = (use.scope for use in self.scopes.uses if use.name == top)
        return any(user.resolve(top, also=scope) is scope is not user.resolve(top) for user in captured)

    def _alias(self, module: str) -> str:
        """A name for a module that nothing else in the file has: the last parts of its old name."""
        if module not in self.aliases:
            known = next((old for old, new in self.moves.moved.items() if new == module), module)
            self.words = self.words or set(re.findall(r"\w+", self.source.data.decode()))
            self.aliases[module] = next(name for name in _candidates(known) if name not in self.words)
            self.words.add(self.aliases[module])
        return self.aliases[module]


def _meant(use: Use) -> Scope | None:
    """The scope whose binding a use means; in a class body, before the body binds the name, the module's."""
    scope = use.scope.resolve(use.name)
    if scope is None or scope is not use.scope or scope.kind != "class" or use.node is None:
        return scope
    statements = [binding.statement for binding in scope.bindings[use.name]]
    if (use.node.lineno, use.node.col_offset) > min((s.lineno, s.col_offset) for s in statements):
        return scope
    *_, module = scope.outwards()
    return module if use.name in module.bindings else None


def _is_plain(binding: Binding) -> bool:
    """Whether it is an ``import a.b.c`` that binds ``a``."""
    return isinstance(binding.statement, ast.Import) and binding.alias is not None and not binding.alias.asname


def _candidates(module: str) -> Iterator[str]:
    """``warehouse_x``, ``posthog_warehouse_x``, …, then numbered."""
    parts = module.split(".")
    for count in range(min(2, len(parts)), len(parts) + 1):
        yield "_".join(parts[-count:])
    yield from (f"{'_'.join(parts)}_{number}" for number in itertools.count(2))
