"""A seeded stream of commits on master: what a team does to a code base while a part of it moves.

Every commit leaves a code base whose imports resolve: files are written from a model of modules and
of what they import from each other, in every form of import.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.models import Models
from tests.tools import git, make_repo

SOURCE = "shop.stock"
_HOMES = ("shop.stock", "shop.stock.sub", "shop.stock.sub.deep", "shop", "shop.web", "jobs")
_FORMS = ("from", "import", "relative", "package", "string", "lazy")


@dataclass
class Module:
    """A Python module: its functions with the number that each returns, and what it uses of others."""

    name: str
    functions: dict[str, int] = field(default_factory=dict)
    uses: list[tuple[str, str, str]] = field(default_factory=list)  # (key of a module, function, form)
    notes: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.name.replace(".", "/") + ".py"


class Master:
    """The repo of the monolith, on its branch ``main``.

    :param models: whether it is a Django project, which gets new models and migrations.
    """

    def __init__(self, repo: Path, seed: int, *, models: bool = False) -> None:
        self.repo = repo
        self.random = random.Random(seed)
        self.models = Models(self.random) if models else None
        self.count = 0
        self.modules: dict[str, Module] = {}
        self.texts: dict[str, list[str]] = {}
        self.data: dict[str, int] = {}
        for home in _HOMES:
            for _ in range(3 if home.startswith(SOURCE) else 2):
                self._new_module(home)
        for key in list(self.modules):
            for _ in range(2):
                self._use(key)
        self.texts = {"CODEOWNERS": ["* @all"], "docs/stock.md": ["# Stock", ""], "ci.yml": ["paths:"]}
        for _ in range(6):
            self._mention()
        self.data = {"shop/stock/prices.csv": 1, "shop/stock/sub/rates.json": 2}
        make_repo(repo, {})
        self._write("the start")

    def commit(self) -> None:
        """One more commit, of one to three changes."""
        for _ in range(self.random.choice((1, 1, 2, 3))):
            self._change()
        self._write(f"change {self.count}")

    # ---- what people do

    def _change(self) -> None:
        actions: tuple[tuple[int, Callable[[], None]], ...] = (
            (6, self._edit), (3, self._add_function), (5, self._use_somewhere), (2, self._drop_use), (3, self._note),
            (3, self._add_module), (1, self._delete_module), (2, self._rename_module), (2, self._mention),
            (1, self._change_data), (1, self._unmention),
        )
        if self.models:
            actions += ((4, self.models.add), (3, self.models.add_field))
        weights, calls = zip(*actions, strict=True)
        self.random.choices(calls, weights)[0]()

    def _pick(self) -> Module:
        return self.modules[self.random.choice(sorted(self.modules))]

    def _edit(self) -> None:
        module = self._pick()
        module.functions[self.random.choice(list(module.functions))] = self._number()

    def _add_function(self) -> None:
        self._pick().functions[f"f{self._number()}"] = self._number()

    def _note(self) -> None:
        module, other = self._pick(), self._pick()
        module.notes.insert(self.random.randint(0, len(module.notes)), f"{self._number()}: see {other.name}, {other.path}.")

    def _use_somewhere(self) -> None:
        self._use(self.random.choice(sorted(self.modules)))

    def _use(self, key: str) -> None:
        other = self.random.choice(sorted(self.modules.keys() - {key}))
        used = self.random.choice(list(self.modules[other].functions))
        self.modules[key].uses.insert(
            self.random.randint(0, len(self.modules[key].uses)), (other, used, self.random.choice(_FORMS))
        )

    def _drop_use(self) -> None:
        module = self._pick()
        if module.uses:
            module.uses.pop(self.random.randrange(len(module.uses)))

    def _add_module(self) -> None:
        key = self._new_module(self.random.choice(_HOMES))
        self._use(key)
        self._use(key)

    def _delete_module(self) -> None:
        if len(self.modules) > 8:
            key = self._pick_key()
            del self.modules[key]
            for module in self.modules.values():
                module.uses = [use for use in module.uses if use[0] != key]

    def _rename_module(self) -> None:
        module = self._pick()
        home = module.name.rpartition(".")[0] if self.random.random() < 0.7 else self.random.choice(_HOMES)
        module.name = f"{home}.r{self._number()}"

    def _mention(self) -> None:
        lines = self.texts[self.random.choice(sorted(self.texts))]
        module = self._pick()
        lines.insert(self.random.randint(1, len(lines)), f"- {module.path} {module.name} # {self._number()}")

    def _unmention(self) -> None:
        lines = self.texts[self.random.choice(sorted(self.texts))]
        if len(lines) > 2:
            lines.pop()

    def _change_data(self) -> None:
        if self.random.random() < 0.5:
            self.data[self.random.choice(sorted(self.data))] = self._number()
        else:
            self.data[f"shop/stock/{self.random.choice(('', 'sub/', 'new/'))}d{self._number()}.csv"] = self._number()

    def _pick_key(self) -> str:
        return self.random.choice(sorted(self.modules))

    def _new_module(self, home: str) -> str:
        key = f"m{self._number()}"
        functions = {f"f{self._number()}": self._number() for _ in range(3)}
        self.modules[key] = Module(f"{home}.{key}", functions)
        return key

    def _number(self) -> int:
        self.count += 1
        return self.count

    # ---- the files

    def files(self) -> dict[str, str]:
        """Every file of the tree as it stands."""
        found = {module.path: self._python(module) for module in self.modules.values()}
        found |= {f"{home.replace('.', '/')}/__init__.py": "" for home in _HOMES}
        found |= {path: "\n".join(lines) + "\n" for path, lines in self.texts.items()}
        found |= self.models.files() if self.models else {}
        found |= {path: "".join(f"{row},{seed * row}\n" for row in range(20)) for path, seed in self.data.items()}
        return found

    def _python(self, module: Module) -> str:
        imports, calls = [], []
        for number, (key, function, form) in enumerate(module.uses):
            line, call = self._import(module, self.modules[key].name, function, form, number)
            imports.append(line)
            calls.append(f"def use_{key}_{function}_{number}():\n    {call}\n")
        notes = "".join(f"# {note}\n" for note in module.notes)
        body = [f"def {name}():\n    # {module.name.rpartition('.')[2]}\n    return {value}\n" for name, value in module.functions.items()]
        return "\n\n".join(["".join(line + "\n" for line in imports if line) + notes, *body, *calls]).lstrip("\n")

    def _import(self, module: Module, name: str, function: str, form: str, number: int) -> tuple[str, str]:
        package, _, last = name.rpartition(".")
        here = module.name.rpartition(".")[0]
        if form == "relative" and here.split(".")[0] == name.split(".")[0] and "." in name:
            mine, theirs = here.split("."), package.split(".")
            common = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), min(len(mine), len(theirs)))
            dots = "." * (len(mine) - common + 1)
            return f"from {dots}{'.'.join(theirs[common:])} import {last} as x{number}", f"return x{number}.{function}()"
        if form == "package":
            return f"from {package} import {last} as y{number}", f"return y{number}.{function}()"
        if form == "import":
            return f"import {name}", f"return {name}.{function}()"
        if form == "string":
            return "", f'return patch("{name}.{function}")'
        if form == "lazy":
            return "", f"from {name} import {function}\n\n    return {function}()"
        return f"from {name} import {function} as z{number}  # used below", f"return z{number}()"

    def _write(self, message: str) -> None:
        git(self.repo, "checkout", "-q", "main")
        wanted = self.files()
        for path in git(self.repo, "ls-files").splitlines():
            if path not in wanted:
                (self.repo / path).unlink()
        for path, text in wanted.items():
            full = self.repo / path
            full.parent.mkdir(parents=True, exist_ok=True)
            if not full.exists() or full.read_text() != text:
                full.write_text(text)
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-q", "--allow-empty", "-m", message)
