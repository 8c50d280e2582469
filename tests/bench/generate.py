"""The monolith of the benchmark: generated, the same for a seed, with known figures.

``backoffice.warehouse`` moves to ``products.warehouse.backend``. How many files there are, how large,
how many hold the word ``warehouse`` and how many refer to the package is asked for; which files must
change is known, so that a result can be checked and not only timed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from tests.bench.source import NOUNS, VERBS, Author, Recipe, camel

PACKAGE = "backoffice"
WORD = "warehouse"
SOURCE = f"{PACKAGE}.{WORD}"
TARGET = f"products.{WORD}.backend"
_MEDIAN = 3600  # bytes in a module that is no __init__.py; small ones come out a little larger
_LARGEST = 250_000
_TOPS = (PACKAGE, "ee", "common", "products")
_INSIDE = ("models", "api", "jobs", "sources", "test", "queries", "admin")
_IDENTITY = {
    "GIT_AUTHOR_NAME": "B",
    "GIT_AUTHOR_EMAIL": "b@example.com",
    "GIT_COMMITTER_NAME": "B",
    "GIT_COMMITTER_EMAIL": "b@example.com",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Figures:
    """What the tree is to be like; Python files only.

    :param files: how many there are, and ``size`` how many bytes they have together.
    :param mentions: how many hold the last part of the package's name.
    :param changes: how many of these refer to the package, so that they must change.
    :param moved: how many lie in the package.
    """

    files: int
    size: int
    mentions: int
    changes: int
    moved: int


FULL = Figures(files=4300, size=28_000_000, mentions=400, changes=180, moved=60)
QUICK = Figures(files=430, size=2_800_000, mentions=40, changes=18, moved=12)
TINY = Figures(files=60, size=250_000, mentions=14, changes=9, moved=6)


@dataclass
class Module:
    """One Python file: its dotted name, what it defines for others, and its part in the move."""

    name: str
    is_package: bool = False
    size: int = 0
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    changes: bool = False
    mentions: bool = False

    @cached_property
    def path(self) -> str:
        """Where it is in the repo."""
        return self.name.replace(".", "/") + ("/__init__.py" if self.is_package else ".py")

    @property
    def is_moved(self) -> bool:
        """Whether it lies in the package that moves."""
        return self.name == SOURCE or self.name.startswith(SOURCE + ".")

    @property
    def symbols(self) -> tuple[str, ...]:
        """What others import from it."""
        return self.classes + self.functions


@dataclass
class References:
    """Statements and other text with which a module refers to the package that moves."""

    imports: list[str] = field(default_factory=list)
    local: list[str] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)


class Monolith:
    """A layout with these figures, and the text of every file in it.

    :param seed: the same one gives the same monolith.
    """

    def __init__(self, figures: Figures, seed: int = 0) -> None:
        self.figures = figures
        self.rng = random.Random(seed)
        self.author = Author(self.rng)
        self.modules = self._layout()
        self.moved = [module for module in self.modules if module.is_moved and module.symbols]
        self.others = [
            module
            for module in self.modules
            if module.symbols and not module.is_moved and not module.mentions
        ]

    def files(self) -> Iterable[tuple[str, str]]:
        """Every file of the tree: (path, text)."""
        over = 0
        for module in self.modules:
            text = self._text(module, over)
            over += len(text) - module.size
            yield module.path, text
        yield "README.md", f"# Back office\n\n`{SOURCE}` keeps the stock.\n"
        yield "pyproject.toml", f'[project]\nname = "{PACKAGE}"\nversion = "1"\n'
        yield ".github/CODEOWNERS", f"/{PACKAGE}/ @everyone\n/{SOURCE.replace('.', '/')}/ @stock\n"
        yield ".gitignore", "__pycache__/\n"

    @property
    def changing(self) -> list[str]:
        """The Python files that a move must change, before the move."""
        return sorted(module.path for module in self.modules if module.changes)

    # ---- which modules there are

    def _layout(self) -> list[Module]:
        packages = [Module(name, is_package=True) for name in _TOPS]
        while len(packages) < max(6, self.figures.files // 9):
            above = self.rng.choice(packages[:1] * len(packages) + packages[:-1] or packages).name
            name = self.rng.choice(("test", *NOUNS))
            if above.count(".") < 3 and all(module.name != f"{above}.{name}" for module in packages):
                packages.append(Module(f"{above}.{name}", is_package=True))
        moved = self._package()
        modules = [*packages, *moved, Module(f"{PACKAGE}.{WORD}_helpers", mentions=True)]
        taken = {module.name for module in modules}
        while len(modules) < self.figures.files:
            modules.append(self._module(self.rng.choice(packages).name, taken))
        self._sizes([module for module in modules if not module.is_package])
        for module in modules:
            if not module.is_package:
                self._symbols(module)
        self._roles(modules)
        return sorted(modules, key=lambda module: module.path)

    def _package(self) -> list[Module]:
        """The package that moves, with subpackages."""
        count = max(1, self.figures.moved // 9)
        packages = [SOURCE, *(f"{SOURCE}.{name}" for name in _INSIDE[:count])]
        modules = [Module(name, is_package=True) for name in packages]
        taken = set(packages)
        while len(modules) < self.figures.moved:
            modules.append(self._module(packages[len(modules) % len(packages)], taken))
        return modules

    def _module(self, package: str, taken: set[str]) -> Module:
        """A new module in a package; ``taken`` are the names that there are."""
        while True:
            name = self.rng.choice(NOUNS)
            if self.rng.random() < 0.6:
                name += "_" + self.rng.choice(NOUNS)
            name = f"{package}.test_{name}" if package.endswith(".test") else f"{package}.{name}"
            if name not in taken:
                taken.add(name)
                return Module(name)

    def _sizes(self, modules: list[Module]) -> None:
        """Log-normal, as the sizes of source files are."""
        mean = self.figures.size / len(modules)
        sigma = math.sqrt(2 * math.log(max(1.2, mean / _MEDIAN)))
        drawn = [min(_LARGEST, self.rng.lognormvariate(math.log(_MEDIAN), sigma)) for _ in modules]
        scale = self.figures.size / sum(drawn)
        for module, size in zip(modules, drawn, strict=True):
            module.size = max(200, round(size * scale))

    def _symbols(self, module: Module) -> None:
        leaf = module.name.rpartition(".")[2]
        count = max(1, min(5, module.size // 2500))
        classes = max(count // 2, int(self.rng.random() < 0.5))
        module.classes = tuple(camel(f"{leaf}_{noun}") for noun in self.rng.sample(NOUNS, classes))
        module.functions = tuple(f"{verb}_{leaf}" for verb in self.rng.sample(VERBS, count - classes))

    def _roles(self, modules: list[Module]) -> None:
        """Who changes, and who only uses the word."""
        plain = [module for module in modules if not module.is_package]
        moved = [module for module in plain if module.is_moved]
        outside = [module for module in plain if not module.is_moved and not module.mentions]
        inside = min(len(moved), self.figures.changes // 4)
        rest = self.figures.changes - inside
        chosen = self.rng.sample(outside, rest + self.figures.mentions - self.figures.changes - 1)
        for module in [*self.rng.sample(moved, inside), *chosen[:rest]]:
            module.changes = module.mentions = True
        for module in chosen[rest:]:
            module.mentions = True

    # ---- what is in them

    def _text(self, module: Module, over: int) -> str:
        """The text of a module; ``over`` bytes are to be made up for."""
        if module.is_package:
            return ""
        imports = dict.fromkeys(self._plain_import(module) for _ in range(min(6, module.size // 1500)))
        found = self._references(module) if module.changes else self._longer_words(module)
        size = module.size - max(-2000, min(over, module.size // 2))
        return self.author.module(
            Recipe(
                size,
                (*imports, *found.imports),
                tuple(found.local),
                tuple(found.uses),
                module.classes,
                module.functions or (("main",) if found.local else ()),
                tuple(found.asides),
            )
        )

    def _plain_import(self, module: Module) -> str:
        """An import of something that stays."""
        other = self.rng.choice(self.others)
        package, symbols = module.name.rpartition(".")[0], other.symbols
        if other.name.rpartition(".")[0] == package and not module.is_moved:
            return f"from .{other.name.rpartition('.')[2]} import {symbols[0]}\n"
        if len(symbols) > 3:
            return f"from {other.name} import (\n" + "".join(f"    {one},\n" for one in symbols) + ")\n"
        return f"from {other.name} import {', '.join(symbols[:2])}\n"

    def _longer_words(self, module: Module) -> References:
        """The word, but never the package."""
        if not module.mentions:
            return References()
        texts = (
            f"# The {WORD} is told about it at night.",
            f"data_{WORD}_id = self.{WORD}.name",
            f'kind = "{WORD}"',
            f"{WORD}_rows = [row.{WORD}_id for row in rows]",
            f'where = "the {WORD}s of {{}}".format(region)',
        )
        found = References(asides=self.rng.sample(texts, self.rng.randrange(1, 4)))
        if self.rng.random() < 0.1 and not module.name.endswith("_helpers"):
            found.imports.append(f"from {PACKAGE} import {WORD}_helpers\n")
        return found

    def _references(self, module: Module) -> References:
        found = References()
        wanted = self.rng.sample(self.moved, min(len(self.moved), self.rng.choice((1, 1, 2, 2, 3, 5))))
        for position, other in enumerate(one for one in wanted if one.name != module.name):
            # The first is one that any tool can follow: the others are of all forms.
            form = self.rng.random() if position else 0.0
            self._reference(found, module, other, form)
        if not found.imports:
            other = next(one for one in self.moved if one.name != module.name)
            self._reference(found, module, other, 0.0)
        if self.rng.random() < 0.2:
            found.asides.append(f"# See {wanted[0].name} for the rest.")
        return found

    def _reference(self, found: References, module: Module, other: Module, form: float) -> None:
        """One import of ``other`` with a use of it; ``form`` (0 to 1) says how it is written."""
        package, _, leaf = other.name.rpartition(".")
        name = other.symbols[0]
        below = PACKAGE + "." if not module.is_moved else SOURCE + "."
        if form < 0.4:
            found.imports.append(f"from {other.name} import {', '.join(other.symbols[:3])}\n")
        elif form < 0.52:
            rows = "".join(f"    {one},  # from the stock\n" for one in other.symbols)
            found.imports.append(f"from {other.name} import (\n{rows})\n")
        elif form < 0.6:
            found.imports.append(f"from {package} import {leaf} as {leaf}_module\n")
            name = f"{leaf}_module.{name}"
        elif form < 0.66:
            found.imports.append(f"import {other.name} as {leaf}_of_stock\n")
            name = f"{leaf}_of_stock.{name}"
        elif form < 0.72:
            found.imports.append(f"import {other.name}\n")
            name = f"{other.name}.{name}"
        elif form < 0.82 and not found.local:
            found.local.append(f"from {other.name} import {name}")
            found.local.append(f"{name}()")
            return
        elif form < 0.88:
            found.imports.append(f"if TYPE_CHECKING:\n    from {other.name} import {name}\n")
        elif form < 0.94 and module.name.startswith(below):
            dots = "." * (module.name.count(".") - below.count(".") + 1)
            rest = other.name.removeprefix(below)
            found.imports.append(f"from {dots}{rest} import {name}\n")
        else:
            found.imports.append(f"from {other.name} import {name} as Stock{camel(name)}\n")
            found.asides.append(f'patched = mock.patch("{other.name}.{name}")')
            name = f"Stock{camel(name)}"
        found.uses.append(name)


@dataclass(frozen=True)
class Generated:
    """A generated repository on disk.

    :param repo: the git checkout, with one commit.
    :param changing: the Python files that a move must change, before the move.
    """

    repo: Path
    figures: Figures
    changing: tuple[str, ...]


def write(monolith: Monolith, repo: Path) -> None:
    """Write every file and commit them all."""
    for path, text in monolith.files():
        full = repo / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8", newline="\n")
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-qm", "The monolith"],
        ["gc", "-q"],
    ):
        subprocess.run(["git", *command], cwd=repo, env={**os.environ, **_IDENTITY}, check=True)


def cached(figures: Figures, seed: int, cache: Path) -> Generated:
    """The repository for a seed: taken from the cache, or made and kept there."""
    version = hashlib.sha256()
    for name in ("generate.py", "source.py"):
        version.update(Path(__file__).with_name(name).read_bytes())
    place = cache / f"bench-{figures.files}-{seed}-{version.hexdigest()[:12]}"
    if not place.exists():
        cache.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix="bench-half-", dir=cache))
        try:
            monolith = Monolith(figures, seed)
            write(monolith, half / "repo")
            about = {"figures": asdict(figures), "changing": monolith.changing}
            (half / "about.json").write_text(json.dumps(about))
            half.rename(place)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    about = json.loads((place / "about.json").read_text())
    return Generated(place / "repo", Figures(**about["figures"]), tuple(about["changing"]))
