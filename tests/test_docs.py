"""What the README and the pages under ``migration/docs`` show is what happens.

Every block of code is run, compared or read by a test here, or says in a comment before it why not:
``<!-- not run by the tests: … -->``. In an output, a line ``…`` stands for lines that are left out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from migration import rewriters
from migration.cli.options import KNOWN
from migration.cli.sample_repo import make_sample
from migration.core.phase import ORDER
from migration.engine import guard_rules, residue
from migration.plan import reading
from migration.repo import review_commits
from tests.pictures import PICTURES, text_of
from tests.test_dodo import Home, git, make_repo, tree

CHECKOUT = Path(__file__).parent.parent
DOCS = CHECKOUT / "migration/docs"
README = CHECKOUT / "README.md"
PAGES = sorted(DOCS.glob("*.md"))
SESSION = ("command-line.md", "review.md")  # pages with a session on the sample, in this order
PYTHON = "python-api.md"
NOT_RUN = {"README.md": 1, "command-line.md": 2, "models.md": 1, "real-code.md": 2, "reliability.md": 2, "review.md": 1, "speed.md": 1}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text without the indent of the fence, and why it isn't run, if it isn't."""

    language: str
    text: str
    reason: str | None


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, in order."""
    found = re.finditer(
        r"(?:^<!-- not run by the tests: (?P<why>[^\n]*?) -->\n)?^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
        page.read_text(encoding="utf-8"), re.M | re.S,
    )
    return [
        Block(one["language"], re.sub(rf"^{one['indent']}", "", one["text"], flags=re.M), one["why"]) for one in found
    ]


# ---- nothing is skipped in silence


def test_every_block_is_of_a_kind_that_a_test_looks_at() -> None:
    kinds = {
        "README.md": {"sh"}, PYTHON: {"python", "text"}, "plan.md": {"yaml"}, "command-line.md": {"toml", "console", "sh"},
        "review.md": {"console"}, "models.md": {"yaml"}, "architecture.md": {"text", "python"},
    }
    for page in (README, *PAGES):
        fences = re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.M)
        assert len(fences) == 2 * len(blocks(page)), page.name
        looked_at = {block.language for block in blocks(page) if block.reason is None}
        assert looked_at <= kinds.get(page.name, set()), page.name


def test_what_is_not_run_says_why() -> None:
    found = {page.name: [block.reason for block in blocks(page) if block.reason is not None] for page in (README, *PAGES)}
    assert {name: len(reasons) for name, reasons in found.items() if reasons} == NOT_RUN
    assert all(len(reason) > 20 for reasons in found.values() for reason in reasons)


def test_commands_in_the_text_exist(tmp_path: Path) -> None:
    """``doit …`` in a table or a sentence names a task of ours or a command of doit's, and known values."""
    home = Home(tmp_path / "home")
    tasks = {line.split()[0] for line in home.doit("list")[0].splitlines()}
    assert set(ORDER) < tasks
    own = {"list", "forget", "info", "clean", "tabcompletion", "help"}
    checked = 0
    for page in (README, *PAGES):
        for command in re.findall(r"`(?:\.venv/bin/)?doit ([^`\[]+)`", page.read_text(encoding="utf-8")):
            for word in command.split():
                name, equals, _ = word.partition("=")
                if equals:
                    assert name in KNOWN, command
                elif not word.startswith("-") and word not in ("2", "bash"):
                    assert word in tasks | own, command
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)", text):
        place = page.parent / target if target else page
        assert place.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_named_in_the_readme(page: Path) -> None:
    assert f"migration/docs/{page.name}" in README.read_text(encoding="utf-8")


def test_pictures_say_in_words_what_they_show() -> None:
    shown = set()
    for page in (README, *PAGES):
        for words, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert len(words) > 60
            shown.add((page.parent / target).resolve())
    assert shown == {path.resolve() for path in PICTURES.iterdir()}


# ---- what is read


def test_the_architecture_is_that_of_the_code() -> None:
    """The rooms are those of the contract, from top to bottom, and the example is a phase's own lines."""
    rooms, phase = blocks(DOCS / "architecture.md")
    layers = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]["layers"]
    named = [line.split()[0] for line in rooms.text.splitlines() if not line.startswith(" ")]
    assert [name.rstrip("/").removesuffix(".py") for name in named] == [room for line in layers for room in line.split(" | ")]
    known: dict[str, object] = {}
    exec("from migration.phases.context import *\nfrom migration.core.phase import *\n" + phase.text, known)
    module = importlib.import_module("migration.phases.generate_migrations")
    assert (known["NEEDS"], known["does_not_apply"]) == (module.NEEDS, module.does_not_apply)
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    commands = next(line for line in rooms.text.splitlines() if line.startswith("  commands/")).partition(": ")[2]
    tasks = {path.stem for path in (CHECKOUT / "migration/cli/commands").glob("*.py")} - {"__init__", "output"}
    assert set(commands.split()) == tasks
    paths = [path for path in re.findall(r"`([\w/.]+\.(?:py|toml))`", text) if "/" in path]
    assert len(paths) > 20
    for path in paths:
        assert any((place / path).is_file() for place in (CHECKOUT, CHECKOUT / "migration")), path


def test_the_settings_of_a_repo_are_toml() -> None:
    (text,) = [block.text for block in blocks(DOCS / "command-line.md") if block.language == "toml"]
    assert tomllib.loads(text)["tool"]["phased-migration"]["products"]["data_warehouse"] == {"source": "posthog.warehouse"}


def test_the_plan_is_yaml_and_a_plan() -> None:
    text, inside = [block.text for block in blocks(DOCS / "plan.md") if block.language == "yaml"]
    assert reading.loads(inside).new_path("shop/plan_file.py") == "shop/plan/reading.py"
    assert yaml.safe_load(text)["source"] == reading.loads(text).source == "posthog.warehouse"
    (trial,) = [block.text for block in blocks(DOCS / "models.md") if block.language == "yaml"]
    allowed = reading.loads(text.replace("trial:\n  allow: []\n  programs: []\n", trial)).trial
    assert allowed.allow == ("api.example.com:443", "/run/internal.sock") and allowed.programs == ("git",)


def test_every_kind_of_reference_has_its_row() -> None:
    kinds = {
        value
        for module in pkgutil.iter_modules(rewriters.__path__)
        for name, value in vars(importlib.import_module(f"migration.rewriters.{module.name}")).items()
        if name in ("KIND", "PROSE")
    }
    rows = re.findall(r"^\| `([^`]+)` \|", (DOCS / "references.md").read_text(encoding="utf-8"), re.M)
    assert len(kinds) > 10 and sorted(rows) == sorted(kinds)


def test_the_python_page_runs(tmp_path: Path) -> None:
    make_sample(tmp_path / "sample")
    names: dict[str, object] = {"REPO": tmp_path / "sample"}
    said = ""
    checked = 0
    for block in blocks(DOCS / PYTHON):
        if block.language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block.text, PYTHON, "exec"), names)
            said = out.getvalue()
        else:
            assert said == block.text
            checked += 1
    assert checked >= 4


# ---- what is typed


def steady(text: str) -> str:
    """A text without what differs from run to run: times, ids of commits, how far a slow phase was."""
    text = re.sub(r"^  \w+: .* after \d+ s\n", "", text, flags=re.M)
    text = re.sub(r"\(\d+\.\d+ s\)", "(… s)", text)
    text = re.sub(r"\d+\.\d+ s of work", "… s of work", text)
    text = re.sub(r"tests in \d+\.\d+s", "tests in …s", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "…", text)
    return re.sub(r"(?<=committed )[0-9a-f]{10}", "…", text)


def fits(written: str, said: str) -> bool:
    """Whether an output is what is written, where a line ``…`` stands for any lines."""
    pieces = [re.escape(piece) for piece in re.split(r"^…\n", steady(written), flags=re.M)]
    return re.fullmatch(r"(?:.*\n)*".join(pieces), steady(said)) is not None


def test_an_output_that_differs_does_not_fit() -> None:
    assert fits("a (1.20 s)\n…\nb\n", "a (3.45 s)\nx\ny\nb\n")
    assert not fits("a\nb\n", "a\nb\nc\n")
    assert not fits("a\n…\nb\n", "a\nb c\n")
    assert not fits("1 file (1.20 s)\n", "2 files (1.20 s)\n")


class Typist(Home):
    """A checkout with the environment that the first command of the README makes, so that commands can be typed as they are."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        (path / "build").mkdir()
        # What pip writes, with this checkout in front; doit calls itself by the name of the script.
        start = f"import sys\nsys.path[0] = {str(path)!r}\nfrom doit.__main__ import main\nmain()\n"
        self.script(path / ".venv/bin/doit", f"#!{sys.executable}\n{start}")

    def script(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def type(self, command: str, code: int | None = 0) -> str:
        """What a command prints, on both streams in their order."""
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MIGRATION_REPO")}
        names = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, text=True, timeout=1200,
            env={**environment, **names, "PYTHONDONTWRITEBYTECODE": "1", "GIT_PAGER": "cat"},
        )
        assert code is None or done.returncode == code, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    def document(self, task: str, *values: str) -> dict[str, Any]:
        """What a command says with ``format=json``."""
        found = json.loads(self.doit(*(values or ["product=data_warehouse"]), "format=json", task)[0])
        assert isinstance(found, dict)
        return found


def sessions(page: Path) -> Iterator[tuple[str, str]]:
    """(command, output) of the console blocks of a page."""
    for block in blocks(page):
        if block.language == "console" and block.reason is None:
            yield from re.findall(r"^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block.text, re.M)


def documented_keys(name: str) -> list[str]:
    """The keys of a JSON document, as its row of the table lists them."""
    text = (DOCS / "command-line.md").read_text(encoding="utf-8").partition("## As JSON")[2]
    found = re.search(rf"^\| {re.escape(name)} \| (.*) \|$", text, re.M)
    assert found, name
    return re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", found[1]))


def test_what_is_typed_prints_what_is_written(tmp_path: Path) -> None:
    """The sample is moved once, as people do it, and looked at in every way that the pages show."""
    home = Typist(tmp_path / "home")
    (look,) = [block.text for block in blocks(README) if "build/sample" in block.text]
    typed, documents = 0, {}
    for page in SESSION:
        for command, output in sessions(DOCS / page):
            said = home.type(command, None)
            assert fits(output, said), f"{page}: {command}\n{said}"
            typed += 1
            if command.endswith(" commit"):
                assert home.type(look).count("Move posthog.warehouse to products.data_warehouse.backend: ") == 5
        if not documents:
            documents = {task: home.document(task) for task in ("residue", "page", "preview", "status")}
    assert typed >= 10
    documents["guard"] = home.document("guard")
    documents["reset"] = home.document("reset", "product=data_warehouse", "force=1")  # what guard wrote is an edit
    for task, found in documents.items():
        own = 1 if task == "guard" else None  # the other names in its row are those of the items
        assert list(found) == documented_keys(f"`{task}`")[:own], task
    nested = {key for entry in documents["status"]["phases"] for key in entry}
    assert nested | {"error"} == set(documented_keys("… each of `phases`"))


def test_the_picture_of_the_terminal_shows_what_is_printed() -> None:
    """That the page tells the truth is shown above."""
    svg = (PICTURES / "terminal.svg").read_text(encoding="utf-8")
    command, output = next(sessions(DOCS / SESSION[0]))
    assert steady(" ".join(text_of(svg).replace("✓", " ").split())) == steady(" ".join(f"$ {command} {output}".split()))


def test_the_items_of_the_documents() -> None:
    def fields(kind: type[Any]) -> list[str]:
        return [field.name for field in dataclasses.fields(kind)]

    assert documented_keys("… each of `places`") == fields(residue.Residue)
    assert documented_keys("`guard`") == ["rules", *(name for name in fields(guard_rules.Rule) if name != "raw")]
    assert documented_keys("`commit`") == ["branch", "commits", *fields(review_commits.Commit)]


BASH_COMPLETION = """
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]}; prev=${COMP_WORDS[COMP_CWORD-1]}; words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
__ltrim_colon_completions() { :; }
"""  # the two functions of the package bash-completion that doit's script asks for


def test_a_shell_completes(tmp_path: Path) -> None:
    home = Typist(tmp_path / "home")
    (command,) = [block.text for block in blocks(DOCS / "command-line.md") if block.language == "sh"]
    typed = "set +eu; PATH=$PWD/.venv/bin:$PATH; COMP_WORDS=(doit pre); COMP_CWORD=1; COMP_LINE='doit pre'; COMP_POINT=8"
    said = home.type(f"{BASH_COMPLETION}\n{command}\n{typed}\n_doit; echo ${{COMPREPLY[@]}}")
    assert said.split() == ["prepare_structure", "prepare_models", "preview"]
    assert home.type(".venv/bin/doit tabcompletion --shell zsh").startswith("#compdef doit")


SHOP = {
    "manage.py": "import os, sys\nfrom django.core.management import execute_from_command_line\n"
                 "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mono.settings')\nexecute_from_command_line(sys.argv)\n",
    "mono/__init__.py": "",
    "mono/settings.py": "SECRET_KEY = 'x'\nDEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
                        "INSTALLED_APPS = [\n    'django.contrib.auth',\n    'django.contrib.contenttypes',\n    'mono.billing',\n]\n"
                        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}\n",
    "mono/billing/__init__.py": "",
    "mono/billing/models.py": "from django.db import models\n\n\nclass Invoice(models.Model):\n    number = models.IntegerField()\n",
    "mono/billing/migrations/__init__.py": "",
    "mono/billing/migrations/0001_initial.py":
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    initial = True\n    operations = [\n"
        "        migrations.CreateModel('Invoice', [('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')), ('number', models.IntegerField())]),\n    ]\n",
    "mono/shop.py": "from mono.billing.models import Invoice  # what is owed\n\nNUMBER = Invoice.number\n",
    ".gitignore": ".venv\n",
}


def test_a_move_of_one_s_own_as_the_readme_tells_it(tmp_path: Path) -> None:
    home = Typist(tmp_path / "tool")
    mono = make_repo(tmp_path / "mono", SHOP)
    home.script(mono / ".venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    steps = [block.text for block in blocks(README) if block.language == "sh" and "../mono" in block.text]
    assert len(steps) == 4
    preview, scan, run, commit = steps

    before = tree(mono)
    said = home.type(preview)
    assert "mono.billing -> products.billing.backend (app); nothing is changed" in said and tree(mono) == before
    home.type(scan)
    assert reading.load(home.path / "moves/billing/moves.yml").source == "mono.billing" and tree(mono) == before
    said = home.type(run)
    assert "billing: 9 of 9 phases completed" in said
    assert re.search(r"\{mono => products\}|mono/billing/models.py => products/billing/backend/models.py|=> products/billing/backend", said)
    assert "+from products.billing.backend.models import Invoice  # what is owed" in said
    said = home.type(commit)
    assert "pure renames" in said and git(mono, "branch", "--show-current").strip() == "move/billing"
    assert git(mono, "status", "--porcelain") == ""
    found = home.document("commit", *run.splitlines()[0].split()[1:])
    assert list(found) == documented_keys("`commit`")[:2] and found["commits"] == []
