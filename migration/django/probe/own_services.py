"""The part of the probe that gives a trial of the migrations services of its own.

As in Django's own tests: mail goes to memory
(https://docs.djangoproject.com/en/stable/topics/testing/tools/#email-services), a cache is local memory,
files go to a directory that is thrown away, and tasks are done at once instead of being sent. It holds for
every alias and every backend, also for those that code names by itself; what can't be given is refused by
name.

Settings name these classes by the name under which this module is known, :data:`NAME`. Kept to the syntax
of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import importlib
import os
import shutil
from typing import Any, Callable, Dict, Iterator, List, Tuple  # noqa: UP035  Python 3.8

from asgiref.local import Local
from django.core.cache.backends.locmem import LocMemCache
from django.core.files.storage import FileSystemStorage

NAME = __name__  # under which ``helper`` has put it into ``sys.modules``
MEMORY = "django.core.mail.backends.locmem.EmailBackend"
MANY = 1_000_000  # entries, after which local memory forgets some
QUIET_CACHES = ("django.core.cache.backends.dummy.DummyCache",)
Plain = Dict[str, Any]  # noqa: UP006

world: Any = None  # of the trial, see ``outside_world``


def install(its_world: Any, directory: str) -> None:
    """Put them in place of the project's; the settings are loaded, the apps are not.

    :param directory: for files; it may not be there yet.
    """
    global world
    world = its_world
    mail()
    caches()
    files(directory)
    tasks()
    for name, deed in (("celery.app.base", celery_app), ("celery.app.task", celery_task), ("kombu.connection", kombu)):
        world.after_import(name, deed)


# ---- mail


def mail() -> None:
    """Keep every mail in memory, whatever backend is asked for."""
    from django.conf import settings
    from django.core import mail
    from django.core.mail.backends import base, console, filebased, locmem, smtp

    mail.outbox = []
    mail.utils.DNS_NAME._fqdn = "localhost"  # a mail is given an id with this name: nobody need be asked for it
    if hasattr(settings, "MAILERS"):  # Django 6.1
        settings.MAILERS = {alias: {"BACKEND": MEMORY} for alias in settings.MAILERS}
    else:
        settings.EMAIL_BACKEND = MEMORY
    mail.get_connection = lambda *_, **__: locmem.EmailBackend()
    for module in (smtp, console, filebased):  # where code makes one by itself
        module.EmailBackend.send_messages = locmem.EmailBackend.send_messages
    filebased.EmailBackend.__init__ = lambda self, *_, alias=None, **__: base.BaseEmailBackend.__init__(
        self, **({} if alias is None else {"alias": alias})
    )


# ---- caches


class Cache(LocMemCache):  # type: ignore[misc]
    """A cache in this process's memory, for each alias its own."""

    def __init__(self, name: str, params: Plain) -> None:
        self._alias, self._stands_for = name, params["STANDS_FOR"]
        super().__init__(name, params)

    def __getattr__(self, name: str) -> Any:
        """What the project's cache has beyond Django's own."""
        if name.startswith("_") or not hasattr(loaded(self._stands_for), name):
            raise AttributeError(f"a cache has no {name}")
        if name in PATTERNS:
            return functools.partial(PATTERNS[name], self)
        return world.refuse(f"{name} of the cache {self._alias}, which local memory does not have")


def keys(cache: Any, pattern: str = "*", version: Any = None, **_: Any) -> List[str]:  # noqa: UP006
    """The keys that fit a pattern, as django-redis gives them."""
    start, full = (cache.make_key(part, version=version) for part in ("", pattern))
    return [key[len(start) :] for key in list(cache._cache) if fnmatch.fnmatchcase(key, full)]


def delete_pattern(cache: Any, pattern: str, version: Any = None, **_: Any) -> int:
    """Delete the keys that fit a pattern, as django-redis does."""
    return sum(cache.delete(key, version=version) for key in keys(cache, pattern, version))


def iter_keys(cache: Any, pattern: str = "*", version: Any = None, **_: Any) -> Iterator[str]:
    return iter(keys(cache, pattern, version))


PATTERNS: Dict[str, Callable[..., Any]] = {  # noqa: UP006
    "keys": keys, "iter_keys": iter_keys, "delete_pattern": delete_pattern,
}  # fmt: skip


def caches() -> None:
    """Local memory for each alias, with the keys and lifetimes of the project's."""
    from django.conf import settings
    from django.core.cache import caches

    kept = ("TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION")
    settings.CACHES = {
        alias: conf if conf.get("BACKEND") in QUIET_CACHES else {
            **{key: conf[key] for key in kept if key in conf},
            "BACKEND": f"{NAME}.Cache", "LOCATION": alias, "OPTIONS": {"MAX_ENTRIES": MANY},
            "STANDS_FOR": conf.get("BACKEND", ""),
        }
        for alias, conf in settings.CACHES.items()
    }  # fmt: skip
    begin_anew(caches)


def begin_anew(handler: Any, configured: Any = None) -> None:
    """Let one of Django's handlers of aliases read its settings again."""
    handler.__dict__.pop("settings", None)
    handler._settings = configured
    handler._connections = Local(handler.thread_critical)


# ---- files


class Storage(FileSystemStorage):  # type: ignore[misc]
    """Files in the directory of the trial."""

    def __init__(self, location: Any = None, base_url: Any = None, stands_for: str = "", alias: str = "") -> None:
        self._stands_for, self._alias = stands_for, alias
        super().__init__(location, base_url)

    def __getattr__(self, name: str) -> Any:
        """What the project's storage has beyond Django's own."""
        if name.startswith("_") or not hasattr(loaded(self._stands_for), name):
            raise AttributeError(f"a storage of files has no {name}")
        return world.refuse(f"{name} of the storage {self._alias}, which a directory does not have")


class StaticStorage(Storage):
    """The same with the URL of static files."""

    def __init__(self, **options: Any) -> None:
        from django.conf import settings

        super().__init__(**{"base_url": settings.STATIC_URL, **options})


def files(directory: str) -> None:
    """Send what is written to any storage, to MEDIA_ROOT and to the files of sessions to a directory."""
    from django.conf import settings
    from django.core.files.storage import default_storage, storages
    from django.utils.functional import empty

    settings.MEDIA_ROOT = os.path.join(directory, "media")
    settings.SESSION_FILE_PATH = os.path.join(directory, "sessions")
    for path in (settings.MEDIA_ROOT, settings.SESSION_FILE_PATH):
        os.makedirs(path, exist_ok=True)
    configured = dict(settings.STORAGES)
    # up to Django 5.0
    for alias, name in (("default", "DEFAULT_FILE_STORAGE"), ("staticfiles", "STATICFILES_STORAGE")):
        if hasattr(settings, name) and settings.is_overridden(name):
            configured[alias] = {"BACKEND": getattr(settings, name)}
            setattr(settings, name, f"{NAME}.{cls_of(alias)}")
    settings.STORAGES = {alias: storage(alias, conf, directory) for alias, conf in configured.items()}
    storages.__dict__.pop("backends", None)
    storages._backends, storages._storages = dict(settings.STORAGES), {}
    default_storage._wrapped = empty
    lay_over(directory)


def storage(alias: str, conf: Plain, directory: str) -> Plain:
    """The setting of one storage."""
    options = {"stands_for": conf.get("BACKEND", ""), "alias": alias}
    if alias != "default":  # which is where MEDIA_ROOT is
        options["location"] = os.path.join(directory, "storages", alias)
    return {"BACKEND": f"{NAME}.{cls_of(alias)}", "OPTIONS": options}


def cls_of(alias: str) -> str:
    """The name of the class that a storage has here."""
    return "StaticStorage" if alias == "staticfiles" else "Storage"


def lay_over(directory: str) -> None:
    """Let a storage that code makes for a directory of its own read there, and write to ours.

    A file is copied when it is first asked for, so that it is changed and deleted here alone.
    """
    from django.utils.functional import cached_property

    real = FileSystemStorage.__dict__["base_location"].func
    path_of, list_of = FileSystemStorage.path, FileSystemStorage.listdir
    seen: set[str] = set()

    def base_location(self: Any) -> str:
        place = os.path.abspath(real(self))
        inside = place == directory or place.startswith(directory + os.sep)
        return place if inside else os.path.join(directory, "elsewhere", place.lstrip(os.sep))

    def original(self: Any, full: str) -> str:
        return os.path.normpath(os.path.join(os.path.abspath(real(self)), os.path.relpath(full, self.location)))

    def path(self: Any, name: str) -> str:
        full: str = path_of(self, name)
        there = original(self, full)
        if full not in seen and there != full:
            seen.add(full)
            if os.path.isdir(there):
                os.makedirs(full, exist_ok=True)
            elif os.path.isfile(there):
                os.makedirs(os.path.dirname(full), exist_ok=True)
                shutil.copy2(there, full)
        return full

    def listdir(self: Any, name: str) -> Tuple[List[str], List[str]]:  # noqa: UP006
        full = path(self, name)
        there = original(self, full)
        if there != full and os.path.isdir(there):
            for entry in os.listdir(there):
                path(self, os.path.join(name, entry))
        return list_of(self, name)  # type: ignore[no-any-return]

    prop = cached_property(base_location)
    prop.__set_name__(FileSystemStorage, "base_location")
    FileSystemStorage.base_location = prop
    FileSystemStorage.path, FileSystemStorage.listdir = path, listdir


def loaded(dotted: str) -> Any:
    """The class that a setting names; an object without attributes where it can't be loaded."""
    from django.utils.module_loading import import_string

    try:
        return import_string(dotted)
    except ImportError:
        return object


# ---- tasks


@contextlib.contextmanager
def at_once(what: str) -> Iterator[Callable[[str], None]]:
    """What is done at once stands for what a worker does later: where it fails, nothing of it is left.

    The function given is called with why it failed.
    """
    from django.db import connections, transaction

    failed: list[str] = []
    with contextlib.ExitStack() as stack:
        opened = [connection for connection in connections.all(initialized_only=True) if connection.in_atomic_block]
        for connection in opened:
            stack.enter_context(transaction.atomic(using=connection.alias))
        yield failed.append
        for connection in opened if failed else ():
            transaction.set_rollback(True, using=connection.alias)
    if failed:
        world.note(f"the task {what}, done at once where a worker does it later: {failed[0]}", how="failed")


def tasks() -> None:
    """Django's own tasks (Django 6.0, or the package django-tasks before)."""
    from django.conf import settings

    if not getattr(settings, "TASKS", None):
        return
    settings.TASKS = {
        alias: {"BACKEND": f"{NAME}.Immediate", **{key: conf[key] for key in ("QUEUES", "OPTIONS") if key in conf}}
        for alias, conf in settings.TASKS.items()
    }
    for package in ("django.tasks", "django_tasks"):
        world.after_import(package, lambda module: begin_anew(module.task_backends))


def __getattr__(name: str) -> Any:
    if name != "Immediate":
        raise AttributeError(name)
    try:
        return immediate("django.tasks")
    except ImportError:
        return immediate("django_tasks")


@functools.lru_cache(maxsize=None)  # noqa: UP033  Python 3.8
def immediate(package: str) -> Any:
    """The backend that does a task where it is enqueued, whenever it was to be done."""
    base: Any = importlib.import_module(f"{package}.backends.immediate").ImmediateBackend

    class Immediate(base):  # type: ignore[misc]
        supports_defer = True

        def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
            with at_once(f"{task.func.__module__}.{task.func.__qualname__}") as failed:
                result = super().enqueue(task, args, kwargs)
                for error in result.errors:
                    failed(error.exception_class_path)
            return result

    return Immediate


def celery_task(module: Any) -> None:
    """``delay`` and ``apply_async`` do the task here and now."""
    apply_async = module.Task.apply_async

    def at_once_here(self: Any, *arguments: Any, **options: Any) -> Any:
        eager(self._get_app())
        with at_once(self.name) as failed:
            result = apply_async(self, *arguments, **options)
            if getattr(result, "state", "") == "FAILURE":
                failed(f"{type(result.result).__name__}: {result.result}")
        return result

    module.Task.apply_async = at_once_here


def celery_app(module: Any) -> None:
    """Groups, chains and chords go by the setting; a task that only has a name is done if the app knows it."""
    load = module.Celery._load_config

    def load_config(self: Any) -> Any:
        return eager(self, load(self))

    def send_task(self: Any, name: str, args: Any = None, kwargs: Any = None, task_id: Any = None, **_: Any) -> Any:
        if name in self.tasks:
            return self.tasks[name].apply_async(args, kwargs, task_id=task_id)
        world.note(f"sending the task {name}, which this app of Celery's does not know, so that it can't do it at once")
        return self.AsyncResult(task_id or "not-sent")

    module.Celery._load_config, module.Celery.send_task = load_config, send_task
    for app in list(importlib.import_module("celery._state")._apps):
        if app.configured:
            eager(app)


def eager(app: Any, conf: Any = None) -> Any:
    """Let an app do its tasks at once, also where its settings have a prefix."""
    conf = app.conf if conf is None else conf
    prefix = f"{app.namespace.rstrip('_')}_" if app.namespace else ""
    conf["task_always_eager"] = True
    conf[prefix + ("TASK_ALWAYS_EAGER" if prefix.isupper() else "task_always_eager")] = True
    return conf


def kombu(module: Any) -> None:
    """A broker is refused by its name, whatever its transport: some are directories, or connect in C."""
    establish = module.Connection._establish_connection

    def refuse(self: Any, *arguments: Any, **options: Any) -> Any:
        if self.transport_cls != "memory" and not world.allows(self.hostname or "", self.port or None):
            world.refuse(f"a connection to the broker {self.as_uri()}", world.joined(self.hostname, self.port))
        return establish(self, *arguments, **options)

    module.Connection._establish_connection = refuse
