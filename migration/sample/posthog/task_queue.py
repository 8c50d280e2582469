"""
A very small task queue: tasks are functions with a name, found by that name and run at once.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


class TaskNotRegistered(LookupError):
    pass


class Task:
    def __init__(self, func: Callable[..., Any], name: str) -> None:
        self.func = func
        self.name = name
        self.__doc__ = func.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.func(*args, **kwargs)

    def delay(self, *args: Any, **kwargs: Any) -> Any:
        return send_task(self.name, args, kwargs)

    def __repr__(self) -> str:
        return f"<Task {self.name}>"


_tasks: dict[str, Task] = {}


def shared_task(func: Callable[..., Any] | None = None, *, name: str | None = None) -> Any:
    """Makes a task of a function. Its name is the function's dotted path unless one is given."""

    def decorate(func: Callable[..., Any]) -> Task:
        task = Task(func, name or f"{func.__module__}.{func.__name__}")
        _tasks[task.name] = task
        return task

    return decorate if func is None else decorate(func)


def autodiscover() -> None:
    for module in settings.TASK_MODULES:
        import_module(module)


def registered_tasks() -> dict[str, Task]:
    autodiscover()
    return dict(_tasks)


def get_task(name: str) -> Task:
    """Finds a task by its name, or else by the path it is imported from."""
    tasks = registered_tasks()
    if name in tasks:
        return tasks[name]
    try:
        task = import_string(name)
    except ImportError:
        task = None
    if not isinstance(task, Task):
        raise TaskNotRegistered(name)
    return task


def send_task(name: str, args: tuple = (), kwargs: dict | None = None) -> Any:
    return get_task(name)(*args, **(kwargs or {}))
