"""The monolith's Django, asked in its own interpreter (a subprocess that runs ``probe/main.py``).

Booting a monolith takes seconds, so one call answers all questions of a phase. Whatever goes wrong
there comes back as a :class:`~migration.core.errors.DjangoError` in the monolith's own words, with the
file and line in the monolith, the likely cause and what to do about it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from migration.core import progress
from migration.core.errors import DjangoError, MigrationError, RefusedError
from migration.core.names import is_within, swap_prefix
from migration.django.app_config import class_name
from migration.django.registry import Checks, ModelInfo, Registry, load
from migration.plan.plan import App, Model

PROBE = Path(__file__).parent / "probe" / "main.py"
REFUSED = "refused.jsonl"  # written there by probe/outside_world
Question = Literal["registry", "check", "migrations", "verify"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that code of the monolith did not get to do in a trial of the migrations.

    :param how: ``refused``, or ``failed`` (what was done at once, where it usually is done later).
    :param what: what it was, as it follows that word.
    :param allow: the entry of the plan's ``trial.allow`` that lets it through; empty where none does.
    :param program: the same of ``trial.programs``.
    :param path: the source file that asked for it, relative to the repo (or of an installed package), with its line.
    """

    how: str
    what: str
    allow: str
    program: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.how} in the trial: {self.what}"

    @property
    def remedy(self) -> str:
        """What a person can do about it, or ``""``."""
        key, value = ("programs", self.program) if self.program else ("allow", self.allow)
        return f"if the trial may do it, say so in moves.yml: trial: {{{key}: [{json.dumps(value)}]}}" if value else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one boot answered.

    :param raw: the answer by question, as plain JSON values.
    :param seconds: how long the subprocess took.
    """

    raw: Mapping[str, Any]
    seconds: float

    @property
    def registry(self) -> Registry:
        """The registry, with the checks where they were asked for too.

        :raises DjangoError: if the answer doesn't have the expected shape.
        """
        try:
            registry = load(Registry, self.raw["registry"])
            checks = load(Checks, self.raw["check"]) if "check" in self.raw else None
            return replace(registry, checks=checks)
        except (KeyError, ValueError) as error:
            raise _unreadable(str(error)) from error


@dataclass(frozen=True)
class Django:
    """How to reach the monolith's Django.

    :param python: its interpreter.
    :param repo: the checkout, absolute.
    :param settings: dotted name of the settings module.
    :param roots: directories for ``sys.path``, relative to the repo.
    :param env: further environment variables.
    :param timeout: seconds that one boot with its answers may take.
    :param ours: where migrations of the move have ever been, relative to the repo: what stands on those that
        are taken back just now is left out with them.
    :param label: of the new app.
    """

    python: str
    repo: Path
    settings: str
    roots: tuple[str, ...] = (".",)
    env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 600
    ours: tuple[str, ...] = ()
    label: str = ""

    def ask(
        self,
        *questions: Question,
        migrations: Mapping[str, object] | None = None,
        verify: Mapping[str, object] | None = None,
        absent: str = "",
    ) -> Answer:
        """Boot once and answer the questions.

        :param absent: dotted name of a package that is not there yet: its entries in INSTALLED_APPS
            are left out.
        :param migrations: what the question ``migrations`` is about (see ``generate_migrations``).
        :param verify: what the question ``verify`` is about (see ``verify_migrations``).
        :raises DjangoError: if the interpreter can't be run, or the monolith fails or stays silent.
        """
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
            request, answer = Path(directory, "request.json"), Path(directory, "answer.json")
            asked = {
                "questions": questions, "migrations": migrations, "verify": verify, "absent": absent,
                "ours": self.ours, "label": self.label,
            }  # fmt: skip
            request.write_text(json.dumps(asked), encoding="utf-8")
            output = self._run(request, answer)
            refused = refusals(Path(str(verify["directory"]))) if verify else ()
            if not answer.exists():
                raise _with_refused(_silent(output), refused)
            try:
                raw = json.loads(answer.read_bytes())
            except ValueError as error:
                raise _unreadable(str(error)) from error
        if not isinstance(raw, dict):
            raise _unreadable(type(raw).__name__)
        if "error" in raw:
            raise _with_refused(boot_error(raw["error"], self.settings), refused)
        return Answer(raw, time.perf_counter() - start)

    def _run(self, request: Path, answer: Path) -> subprocess.CompletedProcess[str]:
        try:
            return progress.run(
                [self.python, str(PROBE), str(request), str(answer)],
                cwd=self.repo,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=self.timeout,
            )
        except OSError as error:
            raise DjangoError(
                f"the interpreter {self.python} can't be run: {error.strerror}",
                "give the Python that runs the monolith: doit python=/path/to/venv/bin/python …",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise DjangoError(
                f"the monolith's Django did not answer within {self.timeout:g} seconds",
                f"run `{self.python} -m django check` with DJANGO_SETTINGS_MODULE={self.settings} and see "
                "what it waits for (often a database or a network service)",
            ) from error

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, **self.env}
        roots = [str(self.repo if root == "." else self.repo / root) for root in self.roots]
        inherited = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
        environment["PYTHONPATH"] = os.pathsep.join(roots + inherited)
        environment["DJANGO_SETTINGS_MODULE"] = self.settings
        environment["PYTHONDONTWRITEBYTECODE"] = "1"  # no traces in the user's tree
        return environment


def refusals(directory: Path) -> tuple[Refusal, ...]:
    """What a trial that works in ``directory`` has refused so far, also one that died; each once."""
    log = directory / REFUSED
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return tuple(dict.fromkeys(Refusal(**json.loads(line)) for line in lines if line.endswith("}")))


def _with_refused(error: DjangoError, refused: tuple[Refusal, ...]) -> DjangoError:
    """The same error, which says what was refused before it: that may be its cause."""
    if not refused:
        return error
    details = [*error.details, *map(str, refused)]
    cause = next((one for one in refused if one.what in error.message), None)
    if cause is None:
        return DjangoError(error.message, error.remedy, details)
    remedies = [cause.remedy, "see to it that the code does without, as where the network is down"]
    return RefusedError(error.message, "; or ".join(filter(None, remedies)), details)


def _silent(output: subprocess.CompletedProcess[str]) -> DjangoError:
    code = output.returncode
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return DjangoError(
        f"the monolith's Python {how} before Django could answer",
        "read what it printed above; a killed process often means too little memory",
        (output.stderr or output.stdout).strip().splitlines()[-5:],
    )


def _unreadable(problem: str) -> DjangoError:
    return DjangoError(
        f"the answer of the monolith's Django can't be read: {problem}",
        "check that nothing in the monolith replaces the `json` module or ends the process early",
    )


# The cause that a message points to, and what to do about it; the first that fits.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"partially initialized module|circular import",
        "circular import",
        "break the cycle: import inside the function that needs it, or name the model as a string",
    ),
    (
        r"^SyntaxError|^IndentationError|^TabError",
        "syntax error",
        "correct the line; Python can't read the file",
    ),
    (
        r"No module named 'django'",
        "Django is not installed in this interpreter",
        "give the Python that runs the monolith: doit python=/path/to/venv/bin/python …",
    ),
    (
        r"doesn't declare an explicit app_label and isn't in an application in INSTALLED_APPS",
        "app not installed",
        "add the app that holds the model to INSTALLED_APPS",
    ),
    (
        r"Cannot import '.*'\. Check that '.*\.name' is correct",
        "an AppConfig whose `name` is no importable package",
        "make `name` in the AppConfig the full dotted name of its package",
    ),
    (
        r"Application labels aren't unique|application labels aren't unique",
        "two apps with one label",
        "give one of them another `label` in its AppConfig",
    ),
    (
        r"lazy reference|InvalidBasesError|Related model .* cannot be resolved",
        "unresolved relation",
        "name the model by the label of the app that owns it, and see that this app is installed",
    ),
    (
        r"^AppRegistryNotReady|Models aren't loaded yet|Apps aren't loaded yet",
        "models are used while the apps are still loading (often a circular import)",
        "move the import into the function or into the AppConfig's ready()",
    ),
    (
        r"^Conflicting|Conflicting '.*' models in application",
        "one model file is imported under two names",
        "import it under one name everywhere",
    ),
    (
        r"^NodeNotFoundError|^CircularDependencyError|^BadMigrationError|^InconsistentMigrationHistory",
        "the migration graph is broken",
        "make `manage.py showmigrations` work first",
    ),
    (
        r"^OperationalError|^InterfaceError|^ProgrammingError|^DatabaseError|Error loading .* module",
        "the database",
        "the code asks the database while it loads: start it, or set the variables that the settings read",
    ),
    (
        r"^ModuleNotFoundError|No module named",
        "missing module",
        "install what the monolith needs into its interpreter, or correct the name",
    ),
    (
        r"^ImportError|cannot import name",
        "a name that its module doesn't have (or not yet: a circular import)",
        "import it from the module that defines it",
    ),
    (
        r"^ImproperlyConfigured|^KeyError|^SystemExit",
        "the settings",
        "set the environment variables that the settings read, then run the same command again",
    ),
)


def boot_error(failure: Mapping[str, Any], settings: str) -> DjangoError:
    """The probe's structured failure as an error: the monolith's words, place, cause, remedy."""
    said = f"{failure['type']}: {failure['message']}".strip()
    place = f"{failure['file']}:{failure['line']}: " if failure["file"] else ""
    missing = str(failure["module"])
    if missing and failure["type"] == "ModuleNotFoundError" and is_within(settings, missing):
        cause, remedy = "no such settings module", "give the right one: doit settings=a.b.settings …"
    else:
        cause, remedy = next(
            ((cause, remedy) for pattern, cause, remedy in _CAUSES if re.search(pattern, said)),
            ("an error in the monolith's own code", "make `manage.py check` work first"),
        )
    details = [f"likely cause: {cause}"]
    if failure["cause"]:
        details.append(f"raised from {failure['cause']}")
    return DjangoError(f"the monolith's Django does not start: {place}{said}", remedy, details)


def find_settings(repo: Path, files: Iterable[str]) -> str | None:
    """The settings module that the monolith's ``manage.py`` names, or None.

    :param files: tracked files, relative to the repo; the ``manage.py`` nearest to the top counts.
    """
    scripts = [path for path in files if path == "manage.py" or path.endswith("/manage.py")]
    for script in sorted(scripts, key=lambda path: (path.count("/"), path)):
        try:
            tree = ast.parse(Path(repo, script).read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue
        found = sorted(_settings_named(tree))
        if found:
            return found[0][1]
    return None


def _settings_named(tree: ast.AST) -> Iterable[tuple[int, str]]:
    """Values given to DJANGO_SETTINGS_MODULE, the ``setdefault`` (which people may override) first."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        value: ast.expr | None = None
        rank = 1
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
            if node.func.attr == "setdefault":
                (key, value), rank = node.args, 0
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            key, value = node.targets[0].slice, node.value
        if not isinstance(key, ast.Constant) or key.value != "DJANGO_SETTINGS_MODULE":
            continue
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield rank, value.value


def which_case(registry: Registry, product: str, source: str, package: str) -> App:
    """What the move means to Django: the plan's ``app``.

    :param product: the product's name, which becomes the label in an extraction.
    :param source: dotted name of the package or module that moves.
    :param package: dotted name of the package that holds its models afterwards: the target, or the one around it
        where that is a module; empty where a module has none.
    :raises MigrationError: if apps lie below the source, its models belong to several apps, the product's
        name is the label of another app, or there is no package for an app.
    """
    nested = [app for app in registry.apps if app.name.startswith(source + ".")]
    if nested:
        raise MigrationError(
            f"{source} holds installed apps of its own",
            "move each of them as a product of its own first (each keeps its label), then this one",
            [f"{app.name} (label {app.label})" for app in nested],
        )
    under = [model for model in registry.models if is_within(model.module, source) and not model.auto_created]
    models = tuple(Model(model.name, model.module, model.table) for model in under)
    own = next((app for app in registry.apps if app.name == source), None)
    if own is not None:
        config = own.config
        if not is_within(config, source):  # the default AppConfig, or one that stays where it is
            stays = config != "django.apps.config.AppConfig"
            config = config if stays else f"{package}.apps.{class_name(product)}"
        else:
            config = swap_prefix(config, source, package)
        return App("app", own.label, own.label, config, own.entry, own.default_auto_field, models)
    if not models:
        return App("package")
    return _extraction(registry, product, package, under, models)


def _extraction(
    registry: Registry, product: str, package: str, under: list[ModelInfo], models: tuple[Model, ...]
) -> App:
    labels = sorted({model.app_label for model in under})
    if len(labels) > 1:
        raise MigrationError(
            "the models under the source belong to several apps: " + ", ".join(labels),
            "move one app's models at a time",
            [f"{model.label} in {model.module}" for model in under],
        )
    taken = registry.app(product)
    if taken is not None:
        raise MigrationError(
            f"the label {product} is taken by the installed app {taken.name}",
            "choose another product name",
        )
    if not package:
        raise MigrationError(
            f"{under[0].module} holds models, and its new place is a module of no package: Django needs one for an app",
            f"give a target in a package: target={product}.models",
        )
    surrounding = registry.app(labels[0])
    field_class = surrounding.default_auto_field if surrounding else ""
    config = f"{package}.apps.{class_name(product)}"
    return App("extraction", labels[0], product, config, "", field_class, models)
