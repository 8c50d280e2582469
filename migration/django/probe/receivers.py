"""The part of the probe that says which signals the repo's own receivers listen to, once everything is loaded.

A receiver is connected when its module is imported. Where nothing imports it any more, nothing fails: it
is just not called.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any, Callable, Dict, Iterator, Set, Tuple  # noqa: UP035  Python 3.8


def connected(in_repo: Callable[[Any], str], contents: Callable[[Any], Dict[str, Any]]) -> list[str]:  # noqa: UP006
    """``signal: receiver`` for each that is connected, both as dotted names; sorted.

    :param in_repo: the path of a file in the repo, empty for one elsewhere.
    :param contents: the names of a module, without loading one that is lazy.
    """
    found = []
    for name, signal in signals(contents):
        for receiver in filter(None, map(target, signal.receivers)):
            module = sys.modules.get(getattr(receiver, "__module__", None) or "")
            if in_repo(contents(module).get("__file__")):
                what = getattr(receiver, "__qualname__", type(receiver).__qualname__)
                found.append(f"{name}: {receiver.__module__}.{what}")
    return sorted(found)


def signals(contents: Callable[[Any], Dict[str, Any]]) -> Iterator[tuple[str, Any]]:  # noqa: UP006
    """Every signal that a loaded module holds, by the name that is most likely its own.

    A signal does not know its name, and each module that imports it has one for it.
    """
    from django.dispatch import Signal

    found: Dict[int, Tuple[Any, Set[str]]] = {}  # noqa: UP006
    for path, module in list(sys.modules.items()):
        for name, value in list(contents(module).items()):
            if issubclass(type(value), Signal):  # isinstance would ask a lazy object for its class, and so run it
                found.setdefault(id(value), (value, set()))[1].add(f"{path}.{name}")
    for value, names in found.values():
        yield min(names, key=lambda name: (".signals." not in name, name.count("."), name)), value


def target(entry: Any) -> Any:
    """The receiver of an entry of ``Signal.receivers``; None where it is gone."""
    receiver = entry[1]
    return receiver() if isinstance(receiver, weakref.ReferenceType) else receiver
