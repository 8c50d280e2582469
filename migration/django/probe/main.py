"""Asked in the monolith's interpreter: boots its Django once and answers all questions in a file.

Run as ``python main.py REQUEST.json ANSWER.json`` with the repo as working directory, its
roots on PYTHONPATH and DJANGO_SETTINGS_MODULE set. It imports nothing of ours and needs only
Django (4.2 or newer) and the standard library; its own directory is taken off ``sys.path`` so that
none of our modules can stand in for one of the monolith's. The answer goes to a file because the
monolith may print whatever it likes. Kept to the syntax of Python 3.8.

A failure is an answer too: type, message and the innermost frame that lies in the monolith.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import re
import signal
import sys
import traceback
from typing import Any, Callable, Dict, Iterator  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.realpath(os.getcwd())


def in_repo(path: str | None) -> str:
    """The path relative to the repo; empty where it lies outside or among installed packages."""
    real = os.path.realpath(path) if path and not path.startswith("<") else ""  # "<frozen os>"
    if not real.startswith(REPO + os.sep):
        return ""
    relative = os.path.relpath(real, REPO).replace(os.sep, "/")
    return "" if re.search(r"(^|/)(site|dist)-packages/", relative) else relative


def class_path(cls: type) -> str:
    """``module.QualName`` of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def label_of(model: Any) -> str:
    """The label of a model; a relation that did not resolve keeps the string it was written as."""
    return model if isinstance(model, str) else model._meta.label


def boot(absent: str, prepare: Callable[[], None] = lambda: None) -> list[Plain]:
    """Load the settings and the apps; returns the repo's modules that the settings loaded.

    Entries of INSTALLED_APPS within the package ``absent`` (dotted) are left out: a person may have
    listed the app before the move has brought it.

    :param prepare: called in between.
    """
    import django
    from django.conf import settings

    before = set(sys.modules)
    entries = settings.INSTALLED_APPS  # the settings load on first use
    if absent:
        settings.INSTALLED_APPS = [entry for entry in entries if not (str(entry) + ".").startswith(absent + ".")]
    loaded = [
        {"name": name, "path": path}
        for name, module in list(sys.modules.items())
        if name not in before and (path := in_repo(contents(module).get("__file__")))
    ]
    prepare()
    django.setup()
    return loaded


def load_urls() -> None:
    """Load the URLconf, as every command does by its checks: some models are imported by nothing else."""
    from django.core import checks

    checks.run_checks(tags=[checks.Tags.urls])


def contents(module: Any) -> Plain:
    """The names of a module without asking it for one: a lazy module would load, a lazy object be evaluated."""
    try:
        found = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def describe_field(model: Any, field: Any, names: Any) -> Plain:
    """A field as ``migration.django.registry.FieldInfo`` has it.

    :param names: the module ``label_names``.
    """
    remote: Any = getattr(field, "remote_field", None)
    target = getattr(remote, "model", None)
    through = getattr(remote, "through", None)
    table = getattr(field, "m2m_db_table", None) if through is not None else None
    resolved = remote is not None and target is not None and not isinstance(target, str)
    declared_in = declaring_class(model, field)
    pin, imports = names.field_pin(model, field)
    accessor = (remote.get_accessor_name() or "") if resolved else ""
    queried = (field.related_query_name() or "") if resolved and hasattr(field, "related_query_name") else ""
    return {
        "name": field.name,
        "column": getattr(field, "column", None) or "",
        "cls": class_path(type(field)),
        "target": label_of(target) if target is not None else "",
        "through": label_of(through) if through is not None else "",
        "through_auto": bool(getattr(getattr(through, "_meta", None), "auto_created", False)),
        "table": table() if table else "",
        "accessor": "" if accessor.endswith("+") else accessor,
        "query_name": "" if queried.endswith("+") else queried,
        "declared_in": class_path(declared_in),
        "declared_file": file_of(declared_in),
        "pin": pin,
        "pin_imports": imports,
    }


def file_of(cls: type) -> str:
    """The repo's file in which a class stands; empty for one outside."""
    return in_repo(contents(sys.modules.get(cls.__module__)).get("__file__"))


def declaring_class(model: Any, field: Any) -> type:
    """The class in whose body a field stands: the farthest abstract base that has the same one.

    Fields are copied from abstract bases with their ``creation_counter``.
    """
    found: type = model
    for cls in model.__mro__[1:]:
        meta = getattr(cls, "_meta", None)
        if meta is None or not meta.abstract:
            continue
        own = meta.local_fields + meta.local_many_to_many + meta.private_fields
        if any(f.name == field.name and counter(f) == counter(field) for f in own):
            found = cls
    return found


def meta_base(model: type) -> int:
    """The direct base that brings the Meta of an abstract model (or mixin); -1 for none."""
    inherited = next((vars(cls)["Meta"] for cls in model.__mro__[1:] if "Meta" in vars(cls)), None)
    found = (i for i, base in enumerate(model.__bases__) if getattr(base, "Meta", None) is inherited)
    return -1 if inherited is None else next(found, -1)


def counter(field: Any) -> object:
    """What tells a copied field from one that was declared anew (GenericForeignKey has none)."""
    return getattr(field, "creation_counter", None)


def describe_model(model: Any, names: Any) -> Plain:
    """A model as ``migration.django.registry.ModelInfo`` has it.

    :param names: the module ``label_names``.
    """
    from django.db.migrations.state import ModelState

    meta = model._meta
    state = ModelState.from_model(model, exclude_rels=True)
    fields = meta.local_fields + meta.local_many_to_many + meta.private_fields
    proxied = meta.concrete_model if meta.proxy else None
    return {
        "label": meta.label,
        "module": model.__module__,
        "qualname": model.__qualname__,
        "table": meta.db_table,
        "managed": meta.managed,
        "proxy": meta.proxy,
        "proxy_for": proxied._meta.label if proxied else "",
        "swappable": meta.swappable or "",
        "swapped": meta.swapped or "",
        "explicit_table": "db_table" in meta.original_attrs,
        "meta_base": meta_base(model),
        "auto_created": bool(meta.auto_created),
        "mro": [class_path(cls) for cls in model.__mro__ if cls is not object],
        "abstract": [class_path(c) for c in model.__mro__ if getattr(getattr(c, "_meta", 0), "abstract", 0)],
        "parents": sorted(p._meta.label for p in meta.parents if not meta.proxy),
        "fields": sorted((describe_field(model, f, names) for f in set(fields)), key=lambda f: f["name"]),
        "constraints": names.named(model, state, "constraints", class_path, file_of),
        "indexes": names.named(model, state, "indexes", class_path, file_of),
        "default_related_name": names.related_name_of(model, class_path, file_of),
        "unique_together": sorted(",".join(names) for names in meta.unique_together),
        "permissions": sorted(codename for codename, _ in meta.permissions),
        "default_permissions": sorted(meta.default_permissions),
        "bases": [state_base(base) for base in state.bases],
        "made_for": made_for(model),
        "managers": sorted(f"{name}: {manager_path(manager)}" for name, manager in state.managers),
    }


def made_for(model: Any) -> str:
    """The label of the model beside which one of the repo's was made at run time; empty for a class statement."""
    path = contents(sys.modules.get(model.__module__)).get("__file__")
    if model._meta.auto_created or path is None or not in_repo(path):
        return ""
    with open(path, "rb") as stream:
        if re.search(rb"\bclass\s+%s\b" % model.__name__.encode(), stream.read()):
            return ""
    named = [value for value in vars(model).values() if issubclass(type(value), type)]
    ends = [field.remote_field.model for field in model._meta.local_fields if field.many_to_one or field.one_to_one]
    for cls in (*named, *(end for end in ends if not isinstance(end, str))):
        meta = getattr(cls, "_meta", None)
        if meta is not None and not meta.abstract and cls is not model:
            return str(meta.label)
    return ""


def state_base(base: Any) -> str:
    """A base of a model's state: a label, or the path of a class that is no model."""
    return base if isinstance(base, str) else class_path(base)


def manager_path(manager: Any) -> str:
    """What a migration names for a manager: its class, or what that was made from, or of which queryset."""
    try:
        as_manager, manager_class, queryset_class, _, _ = manager.deconstruct()
    except ValueError:  # made in a function: no migration could name it either
        return class_path(type(manager))
    return f"{queryset_class}.as_manager" if as_manager else str(manager_class)


def describe_apps(loader: Any) -> Iterator[Plain]:
    """The installed apps as ``migration.django.registry.AppInfo`` has them, in order."""
    from django.apps import apps
    from django.conf import settings

    leaves: dict[str, list[str]] = {}
    for label, name in loader.graph.leaf_nodes():
        leaves.setdefault(label, []).append(name)
    for config, entry in zip(apps.get_app_configs(), settings.INSTALLED_APPS):  # noqa: B905  Python 3.8
        module = loader.migrations_module(config.label)[0] or ""
        migrated = config.label in loader.migrated_apps
        package = sys.modules.get(module) if migrated else None
        yield {
            "label": config.label,
            "name": config.name,
            "entry": entry if isinstance(entry, str) else class_path(type(config)),
            "config": class_path(type(config)),
            "path": in_repo(config.path),
            "verbose_name": str(config.verbose_name),
            "models_module": getattr(config.models_module, "__name__", ""),
            "default_auto_field": config.default_auto_field,
            "migrations_module": module,
            "migrations_path": in_repo(next(iter(package.__path__))) if package else "",
            "migrated": migrated,
            "leaves": sorted(leaves.get(config.label, [])),
        }


def pending(loader: Any) -> list[Plain]:
    """The operations that ``makemigrations`` would write, without asking anything."""
    found = helper("pending_migrations").pending(loader)
    return [
        {"app": label, "operation": operation.describe()} for label in sorted(found) for operation in found[label]
    ]


def describe_database(alias: str, conf: Plain, secrets: Any) -> Plain:
    """A database as ``migration.django.registry.Database`` has it: what OPTIONS name wins, as it does for drivers."""
    options = conf.get("OPTIONS") or {}
    name, host, port = (
        next((str(found) for found in (*map(options.get, keys), conf.get(setting)) if found), "")
        for keys, setting in (
            (("dbname", "database", "db"), "NAME"),
            (("unix_socket", "host", "hostaddr"), "HOST"),
            (("port",), "PORT"),
        )
    )
    named = [f"{key} {options[key]}" for key in ("service", "read_default_file") if options.get(key)]
    file = in_repo(name) if os.path.isabs(name) else ""
    name = ", ".join(filter(None, (file or name, *named)))
    return {
        "alias": alias,
        "engine": str(conf.get("ENGINE", "")).rpartition("django.db.backends.")[2],
        "name": secrets.hidden(name),
        "host": secrets.hidden(f"{host}:{port}" if host and port else host or (f"port {port}" if port else "")),
    }


def answer_registry(loaded: list[Plain], loader: Any) -> Plain:
    """The answer to ``registry``: ``migration.django.registry.Registry`` without the checks."""
    import django
    from django.apps import apps
    from django.conf import settings

    models, names = apps.get_models(include_swapped=True), helper("label_names")
    databases = sorted(settings.DATABASES.items())
    secrets = helper("secrets")
    return {
        "django": django.get_version(),
        "settings": os.environ["DJANGO_SETTINGS_MODULE"],
        "settings_modules": loaded,
        "installed_apps": [str(entry) for entry in settings.INSTALLED_APPS],
        "apps": list(describe_apps(loader)),
        "models": sorted((describe_model(model, names) for model in models), key=lambda model: model["label"]),
        "auth_user_model": settings.AUTH_USER_MODEL,
        "backends": [str(path) for path in settings.AUTHENTICATION_BACKENDS],
        "databases": [describe_database(alias, conf, secrets) for alias, conf in databases],
        "contenttypes": apps.is_installed("django.contrib.contenttypes"),
        "pending": pending(loader),
    }


def answer_check(loader: Any) -> Plain:
    """The answer to ``check``: ``migration.django.registry.Checks``."""
    from django.core import checks

    plan, problem = migrate_plan(loader)
    return {
        "messages": [
            {
                "level": level_name(message.level),
                "id": message.id or "",
                "text": str(message.msg),
                "hint": str(message.hint or ""),
                # addresses differ from run to run
                "obj": re.sub(r" at 0x[0-9a-fA-F]+", "", describe_object(message.obj)),
            }
            for message in checks.run_checks()
            if not message.is_silenced()
        ],
        "plan": plan,
        "database": problem,
    }


def level_name(level: int) -> str:
    """``ERROR`` for 40 and so on; the next lower name for a level of the project's own."""
    from django.core import checks

    names = ((n, getattr(checks, n)) for n in ("CRITICAL", "ERROR", "WARNING", "INFO"))
    return next((name for name, least in names if level >= least), "DEBUG")


def describe_object(obj: Any) -> str:
    """What a message is about, as ``manage.py check`` names it."""
    if obj is None:
        return ""
    return obj._meta.label if isinstance(obj, type) and hasattr(obj, "_meta") else str(obj)


def migrate_plan(loader: Any) -> tuple[list[str], str]:
    """What ``migrate --plan`` lists, and why it is the list for an empty database (or ``""``)."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    problem = unreachable(connection)
    if not problem:
        try:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            return [f"{migration.app_label}.{migration.name}" for migration, _ in plan], ""
        except DatabaseError as error:
            problem = str(error).strip().splitlines()[0]
        finally:
            connection.close()
    ordered: list[tuple[str, str]] = []
    for leaf in loader.graph.leaf_nodes():
        ordered += [node for node in loader.graph.forwards_plan(leaf) if node not in ordered]
    return [f"{label}.{name}" for label, name in ordered], problem


def unreachable(connection: Any) -> str:
    """Why the database is not asked: connecting to SQLite would create a file that isn't there."""
    conf = connection.settings_dict
    if connection.vendor == "sqlite":
        name = str(conf.get("OPTIONS", {}).get("database") or conf["NAME"])  # Django lets OPTIONS win
        if ":memory:" in name or "mode=memory" in name:
            return "the database lives in memory"
        path = re.sub(r"^file:|\?.*$", "", name)
        return "" if os.path.isfile(path) else f"the database file {in_repo(path) or path} does not exist"
    if connection.vendor in ("postgresql", "mysql"):
        conf["OPTIONS"].setdefault("connect_timeout", 5)
    elif connection.vendor == "unknown":
        return "no database is configured"
    return ""


def failure(error: BaseException) -> Plain:
    """A structured answer for an exception: where in the monolith it happened, and what it says."""
    place, cause = ("", 0), error.__cause__
    seen: BaseException | None = error
    while seen is not None and not place[0]:
        for frame in traceback.extract_tb(seen.__traceback__):
            ours = os.path.dirname(os.path.abspath(frame.filename)) == HERE
            if frame.lineno and in_repo(frame.filename) and not ours:
                place = (in_repo(frame.filename), frame.lineno)
        if isinstance(seen, SyntaxError) and in_repo(seen.filename):
            place = (in_repo(seen.filename), seen.lineno or 0)
        seen = seen.__cause__ or seen.__context__
    return {
        "type": type(error).__name__,
        "message": str(error),
        "cause": f"{type(cause).__name__}: {cause}" if cause else "",
        "module": getattr(error, "name", None) or "",
        "file": place[0],
        "line": place[1],
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }


def helper(name: str) -> Any:
    """A second part of the probe, loaded from its file: our directory is not on ``sys.path``."""
    spec = importlib.util.spec_from_file_location(f"_phased_{name}", os.path.join(HERE, f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def boot_quietly(request: Plain) -> tuple[list[Plain], Any]:
    """:func:`boot` for a trial of the migrations: nothing but its databases is reached from now on.

    The guard that comes with it lets no connection through yet. Programs are the exception until Django has
    started: settings ask git for a version, GDAL looks for its library.
    """
    asked = request["verify"]
    outside = helper("outside_world")
    log = os.path.join(asked["directory"], "refused.jsonl")
    world = outside.World(asked["allow"], asked["programs"], log, in_repo)
    guard = helper("connection_guard").Guard(world.note)
    guard.install(world.after_import)

    def prepare() -> None:
        secrets = helper("secrets")
        world.hidden = functools.partial(secrets.hidden, values=secrets.of_project())
        world.let_databases_through()
        helper("own_services").install(world, os.path.join(asked["directory"], "files"))

    loaded = boot(request.get("absent", ""), prepare)
    try:
        load_urls()
    except Exception:
        if not guard.refused:
            raise  # else a module of the URLconf asks the project's database while it loads: no URLs then
    world.started = True
    return loaded, guard


def answer(request: Plain) -> Plain:
    """Boot once and answer every question of the request."""
    guard: Any = None
    if "verify" in request["questions"]:
        loaded, guard = boot_quietly(request)
    else:
        loaded = boot(request.get("absent", ""))
        load_urls()
    if request.get("ours"):
        helper("dependent_migrations").leave_out(request["ours"], request["label"], in_repo)
    from django.db.migrations.loader import MigrationLoader

    result: Plain = {}
    questions = request["questions"]
    if "registry" in questions or "check" in questions:
        loader = MigrationLoader(None, ignore_no_migrations=True)
        if "registry" in questions:
            result["registry"] = answer_registry(loaded, loader)
            result["registry"]["commands"] = helper("command_arguments").described()
            result["registry"]["receivers"] = helper("receivers").connected(in_repo, contents)
        if "check" in questions:
            result["check"] = answer_check(loader)
    if "migrations" in questions:
        parts = map(helper, ("label_states", "pending_migrations", "state_bases"))
        result["migrations"] = helper("write_migrations").answer(request["migrations"], in_repo, *parts)
    if "verify" in questions:
        result["verify"] = helper("trials").answer(request["verify"], helper, guard)
    return result


def end_with_parent() -> None:
    """Let the system end this process when the one that asks is killed (Linux): nobody reads the answer then.

    See https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html; elsewhere it ends by itself, later.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    except (ImportError, OSError, AttributeError):  # a Python without it
        return
    if os.getppid() != parent:  # it was killed just before
        os._exit(1)


def without_secrets(result: Plain, error: BaseException | None) -> Plain:
    """An answer whose texts for people hold no secret of the settings; what is compared stays as it is."""
    secrets = helper("secrets")
    values = secrets.of_project(error)
    for question in ("error", "check"):
        if question in result:
            result[question] = secrets.all_hidden(result[question], values)
    verify = result.get("verify", {})
    for key in ("refused", "notes"):
        if key in verify:
            verify[key] = secrets.all_hidden(verify[key], values)
    for one in verify.get("tries", ()):
        one["error"] = secrets.hidden(one["error"], values)
    return result


def main(request_path: str, answer_path: str) -> int:
    """Answer the request; 0, or 1 where the monolith could not answer."""
    end_with_parent()
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != HERE]
    with open(request_path, encoding="utf-8") as stream:
        request = json.load(stream)
    failed: BaseException | None = None
    try:
        result = answer(request)
    except (Exception, SystemExit) as error:  # whatever the monolith raises is the answer
        result = {"error": failure(error)}
        failed = error
    result = without_secrets(result, failed)
    with open(answer_path, "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
