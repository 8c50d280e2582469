"""Our result of a move against what people made of it by hand, import by import and string by string (pure).

Three states of each file are laid side by side: before the move, after ours, and in the release that
came of the work of people. Only what refers to what moved is judged; people changed more than that.
The judge resolves names on its own, with none of the tool's code, so that both can't err alike.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["agree", "form", "way", "kept", "theirs", "listed", "missed", "wrong"]
VERDICTS: dict[Verdict, str] = {
    "agree": "the same",
    "form": "the same target, relative in one and absolute in the other",
    "way": "the same definition, reached through another module",
    "kept": "people left the old name, which still works in their release",
    "theirs": "people changed something else there too; ours resolves",
    "listed": "people followed the move here; we left it and listed it with a reason",
    "missed": "people followed the move here, we did not",
    "wrong": "ours finds nothing",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    :param key: what pairs it with the same import in another state of the file: the name it binds.
    :param module: the module it is taken from, absolute; empty where a relative import leads nowhere.
    :param name: the name in it; empty for ``import module``.
    :param level: its dots as written.
    """

    key: str
    module: str
    name: str
    level: int
    line: int

    @property
    def target(self) -> str:
        """What is imported, dotted."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True, slots=True)
class Judged:
    """One place that was compared."""

    kind: str
    verdict: Verdict
    path: str
    line: int
    before: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.verdict:7} {self.kind:7} {self.path}:{self.line}: {self.before} -> {self.ours} | {self.theirs}"


@dataclass
class State:
    """A tree of Python files in one state.

    :param files: path -> bytes.
    :param roots: the directories that are on ``sys.path``, the longest first.
    """

    files: Mapping[str, bytes]
    roots: tuple[str, ...] = ("",)
    modules: dict[str, str] = field(init=False)
    packages: set[str] = field(init=False)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _last: tuple[str, ast.Module | None] = ("", None)
    _definitions: dict[str, str] = field(default_factory=dict)
    _found: dict[tuple[str, str], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.modules = {}
        self.packages = set()
        for path in sorted(self.files, key=lambda path: not path.endswith("/__init__.py")):
            if path.endswith(".py") and (module := self.module_of(path)):
                self.modules.setdefault(module, path)
                parts = module.split(".")
                self.packages.update(".".join(parts[:end]) for end in range(1, len(parts)))

    def module_of(self, path: str) -> str:
        """The dotted name of a file; empty where it has none."""
        root = next((root for root in self.roots if not root or path.startswith(root + "/")), None)
        if root is None:
            return ""
        parts = path[len(root) :].strip("/").removesuffix(".py").split("/")
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        return ".".join(parts) if all(part.isidentifier() for part in parts) else ""

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of a file, or None where it can't be parsed."""
        if self._last[0] != path:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._last = path, ast.parse(self.files[path])
            except (SyntaxError, ValueError):
                self._last = path, None
        return self._last[1]

    def imports(self, path: str) -> list[Import]:
        """The imports of a file, in the order of its lines."""
        tree = self.tree(path)
        module = self.module_of(path)
        package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
        found = [item for node in ast.walk(tree or ast.Module([], [])) for item in _imported(node, package)]
        return sorted(found, key=lambda item: item.line)

    def definition(self, module: str, name: str) -> str:
        """Where an imported name is really defined, as far as that can be followed inside the tree."""
        full = f"{module}.{name}" if name else module
        if full not in self._definitions:
            self._definitions[full] = full  # for imports in a circle
            self._definitions[full] = self._defined(module, name, full)
        return self._definitions[full]

    def resolves(self, module: str, name: str) -> bool:
        """Whether an import finds something; names outside the tree count as found."""
        if (module, name) not in self._found:
            self._found[module, name] = False  # for stars in a circle
            self._found[module, name] = self._finds(module, name)
        return self._found[module, name]

    def _defined(self, module: str, name: str, full: str) -> str:
        if not name or module not in self.modules:
            return full
        bound = self._bound(module)
        if name in bound:
            return full if bound[name] == full else self.definition(*_parted(bound[name]))
        stars = () if full in self.modules or full in self.packages else bound.get("*", "").split()
        return next((self.definition(star, name) for star in stars if self.resolves(star, name)), full)

    def _finds(self, module: str, name: str) -> bool:
        full = f"{module}.{name}" if name else module
        top = module.partition(".")[0]
        if module and top not in self.modules and top not in self.packages:
            return True
        if full in self.modules or full in self.packages:
            return bool(module)
        if module not in self.modules or not name:
            return False
        bound = self._bound(module)
        if name in bound or name == "*" or "__getattr__" in bound or "?" in bound:
            return True
        return any(self.resolves(star, name) for star in bound.get("*", "").split())

    def _bound(self, module: str) -> dict[str, str]:
        """The names at the top of a module -> where they come from; ``*`` -> the modules of its stars."""
        if module not in self._names:
            path = self.modules[module]
            found: dict[str, str] = {}
            for item in self.imports(path):
                if item.name == "*":
                    found["*"] = f"{found.get('*', '')} {item.module}".strip()
                elif not item.key.startswith("import "):
                    found[item.key] = item.target
            tree = self.tree(path)
            if tree is None:
                found["?"] = ""
            for node in ast.walk(tree or ast.Module([], [])):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    found.setdefault(node.name, f"{module}.{node.name}")
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.setdefault(node.id, f"{module}.{node.id}")
            if any(word in self.files[path] for word in (b"globals()", b"sys.modules", b"vars()")):
                found["?"] = ""
            self._names[module] = found
        return self._names[module]


@dataclass
class Comparison:
    """The comparison of two results of one move.

    :param moved: modules and packages that moved, dotted -> where they are in our result.
    """

    before: State
    ours: State
    theirs: State
    moved: Mapping[str, str]

    def __post_init__(self) -> None:
        names = sorted(self.moved, key=len, reverse=True)
        paths = {name.replace(".", "/"): self.moved[name].replace(".", "/") for name in names if "." in name}
        self._new = {**{name: self.moved[name] for name in names}, **paths}
        words = "|".join(re.escape(word) for word in sorted(self._new, key=len, reverse=True))
        self._heads = {re.match(r"\w+[./]?", word)[0] for word in self._new}  # type: ignore[index]
        self._old = re.compile(rf"(?<![\w.])(?:{words})(?!\w)") if words else re.compile("(?!)")

    def file(self, old: str, new: str, later: str) -> Iterator[Judged]:
        """What is to be said of one file: its paths before the move, in our result and in theirs."""
        if self.before.files[old] == self.ours.files[new] == self.theirs.files[later]:
            return
        if not new.endswith(".py"):
            yield from self._texts("text", new, _lines(self.before.files[old]), _lines(self.ours.files[new]),
                                   _lines(self.theirs.files[later]))
            return
        if self.before.tree(old) is None or self.ours.tree(new) is None or self.theirs.tree(later) is None:
            return
        yield from self._imports(old, new, later)
        for kind, texts in (("string", _strings), ("use", _chains), ("prose", _prose)):
            states = ((self.before, old), (self.ours, new), (self.theirs, later))
            before, ours, theirs = (texts(state.tree(path), state.files[path]) for state, path in states)
            yield from self._texts(kind, new, before, ours, theirs)

    def moves(self, dotted: str) -> bool:
        """Whether a dotted name before the move is, or lies in, something that moved."""
        return _longest(dotted, self.moved) is not None and self.renamed(dotted) != dotted

    def renamed(self, dotted: str) -> str:
        """What the move makes of a dotted name."""
        prefix = _longest(dotted, {**self.moved, **{name: name for name in self.before.modules}})
        return self.moved[prefix] + dotted[len(prefix) :] if prefix in self.moved else dotted

    def _imports(self, old: str, new: str, later: str) -> Iterator[Judged]:
        mine: dict[str, list[Import]] = {}
        for item in self.ours.imports(new):
            mine.setdefault(item.key, []).append(item)
        people: dict[str, list[Import]] = {}
        for item in self.theirs.imports(later):
            people.setdefault(item.key, []).append(item)
        for item in self.before.imports(old):
            key = item.key if item.key in mine else _new_key(item, self.renamed(item.target))
            own = mine[key].pop(0) if mine.get(key) else None
            found = people.get(key) or people.get(item.key) or []
            judged = self._import(item, own, found)
            if judged:
                shown = " or ".join(sorted({other.target for other in found}))
                yield Judged("import", judged, new, own.line if own else item.line, item.target,
                             own.target if own else "nothing", shown)

    def _import(self, item: Import, own: Import | None, found: list[Import]) -> Verdict | None:
        """The verdict on one import; None where it has nothing to do with the move."""
        if own is None:
            return "wrong"
        resolved = self.before.resolves(item.module, item.name)
        if resolved and not self.ours.resolves(own.module, own.name):
            return "wrong"
        changed = own.target != item.target
        same = [other for other in found if other.target == own.target]
        if same:
            if not changed and own.level == item.level:
                return None
            return "agree" if any(bool(other.level) == bool(own.level) for other in same) else "form"
        if not found:
            return None
        definition = self.ours.definition(own.module, own.name)
        if any(self.theirs.definition(other.module, other.name) == definition for other in found):
            return "way" if changed or self.moves(item.target) else None
        if any(self._same_file(definition, self.theirs.definition(other.module, other.name)) for other in found):
            return "wrong"
        if not changed:
            if self.moves(item.target) and resolved:
                return "missed"
            return "missed" if any(other.target == self.renamed(item.target) for other in found) else None
        return "kept" if any(other.target == item.target for other in found) else "theirs"

    def _same_file(self, own: str, other: str) -> bool:
        """Whether two definitions lie in the same place of the same file, which has two names then."""
        (module, name), (theirs, their_name) = (
            next(((module, dotted[len(module) :]) for module in _prefixes(dotted) if module in state.modules), ("", ""))
            for state, dotted in ((self.ours, own), (self.theirs, other))
        )
        return bool(module) and name == their_name and self.ours.modules[module] == self.theirs.modules.get(theirs)

    def _texts(self, kind: str, path: str, before: list[str], ours: list[str], theirs: list[str]) -> Iterator[Judged]:
        """Compare texts that follow each other in the same order before and after our move."""
        people = Counter(theirs)
        fresh = set(theirs) - set(before)
        if len(before) != len(ours):  # something was added: pair what differs, in order
            gone, come = list((Counter(before) - Counter(ours)).elements()), list((Counter(ours) - Counter(before)).elements())
            pairs = [*zip(gone, come, strict=False), *((text, text) for text in (Counter(before) & Counter(ours)).elements())]
        else:
            pairs = list(zip(before, ours, strict=True))
        for number, (text, own) in enumerate(pairs, 1):
            if text != own:
                if people[own]:
                    verdict: Verdict | None = "agree"
                elif people[text]:
                    verdict = "kept"
                else:
                    verdict = "theirs" if any(self._old.search(text) and _near(own, other) for other in fresh) else None
                other = next((other for other in fresh if _near(own, other)), "")
                if verdict:
                    yield Judged(kind, verdict, path, number, text, own, other)
            elif fresh and not people[text] and any(head in text for head in self._heads) and self._old.search(text):
                wanted = self._old.sub(lambda match: self._new[match[0]], text)
                if wanted != text and wanted in fresh:
                    yield Judged(kind, "missed", path, number, text, own, wanted)


def _imported(node: ast.AST, package: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            plain = not alias.asname and "." in alias.name
            key = "import " + alias.name.rpartition(".")[2] if plain else alias.asname or alias.name
            yield Import(key, alias.name, "", 0, node.lineno)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = package.split(".") if package else []
            above = parts[: len(parts) - node.level + 1] if node.level <= len(parts) else []
            base = ".".join([*above, *([node.module] if node.module else [])]) if above else ""
        for alias in node.names:
            key = f"* {base.rpartition('.')[2]}" if alias.name == "*" else alias.asname or alias.name
            yield Import(key, base, alias.name, node.level, node.lineno)


def _new_key(item: Import, target: str) -> str:
    """The key of an import whose own name changed with the move."""
    if item.key.startswith("import "):
        return "import " + target.rpartition(".")[2] if "." in target else target
    return f"* {target.split('.')[-2]}" if item.name == "*" else item.key


def _parted(dotted: str) -> tuple[str, str]:
    module, _, name = dotted.rpartition(".")
    return (module, name) if module else (name, "")


def _prefixes(dotted: str) -> Iterator[str]:
    while dotted:
        yield dotted
        dotted = dotted.rpartition(".")[0]


def _longest(dotted: str, names: Mapping[str, str]) -> str | None:
    return next((prefix for prefix in _prefixes(dotted) if prefix in names), None)


def _strings(tree: ast.Module | None, raw: bytes) -> list[str]:
    """The texts of one line each; those of several lines are prose."""
    found = [node for node in ast.walk(tree or ast.Module([], [])) if isinstance(node, ast.Constant)]
    return [node.value for node in found if isinstance(node.value, str) and "\n" not in node.value]


def _prose(tree: ast.Module | None, raw: bytes) -> list[str]:
    """Comments, and the lines of texts that have several."""
    found = []
    for token in tokenize.tokenize(io.BytesIO(raw).readline):
        if token.type == tokenize.COMMENT:
            found.append(token.string)
        elif token.type == tokenize.STRING and "\n" in token.string:
            found += [line.strip() for line in token.string.splitlines()]
    return found


def _chains(tree: ast.Module | None, raw: bytes) -> list[str]:
    """The attribute chains that start at a name, each once as a whole."""
    found, inner = [], set()
    for node in ast.walk(tree or ast.Module([], [])):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Attribute):
                inner.add(id(node.value))
            text = _dotted(node)
            if text and id(node) not in inner:
                found.append(text)
    return found


def _dotted(node: ast.expr) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _lines(raw: bytes) -> list[str]:
    # Behind a path in a message catalogue stands the number of its line, which changes with every edit.
    return [re.sub(r"(?<=\w):\d+\b", "", line.strip()) for line in raw.decode(errors="replace").splitlines()]


def _near(own: str, other: str) -> bool:
    """Whether a text of theirs stands for ours: the same last word of a dotted name or path."""
    return re.split(r"\W", own)[-1:] == re.split(r"\W", other)[-1:] and bool(re.split(r"\W", own)[-1])


def summary(judged: Iterable[Judged]) -> dict[Verdict, int]:
    """How many places there are of each verdict."""
    count = Counter(item.verdict for item in judged)
    return {verdict: count[verdict] for verdict in VERDICTS}
