"""Adds or replaces an entry of INSTALLED_APPS in the source of the settings (pure).

A new entry goes, in this order of preference, into the list that holds the nearest siblings of the
new app (those that share most of its dotted name, beyond what it shares with its surroundings), into
a list named after its top-level package (``PRODUCTS_APPS``), right after the surrounding app's entry,
into a list of the project's own apps by its name (``LOCAL_APPS``), or at the end of the last list.
A list that only counts under a condition, or that Django did not report, is never chosen, and a
computed value is not guessed at: then the result says which line a person has to add.
See https://docs.djangoproject.com/en/stable/ref/applications/#configuring-applications.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from migration.core.changes import Edit, Finding
from migration.core.references import Reference
from migration.django.settings.find_installed_apps import SETTING, AppList, Lists, SettingsReader
from migration.django.settings.list_display import insert, sorted_run
from migration.python.quotes import beside
from migration.python.source_file import SourceFile

KIND = "setting"

_OWN = re.compile(r"(LOCAL|PROJECT|OWN|OUR|MY|CUSTOM|FIRST_?PARTY|INTERNAL|SITE|CORE)_?APPS$", re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n|\n|\r|\Z")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the monolith as they are.

    :param module: dotted name of the settings module (``DJANGO_SETTINGS_MODULE``).
    :param files: the settings files that may be edited, by dotted name: at least every file of the
        repo that Django loaded for its settings.
    :param installed: INSTALLED_APPS as the monolith's Django reports it.
    """

    module: str
    files: Mapping[str, SourceFile]
    installed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SettingsEdit:
    """What has to change in the settings files.

    :param edits: per file, the entries that are added or replaced; empty if nothing is to do.
    :param place: where the entry is, or will be: ``PRODUCTS_APPS in posthog/settings/web.py:6``.
    :param by_hand: where no place was found: what a person has to do, with the exact line as remedy.
    """

    edits: tuple[tuple[SourceFile, tuple[Reference, ...]], ...] = ()
    place: str = ""
    by_hand: Finding | None = None


def add_app(settings: Settings, entry: str, beside: Sequence[str] = ()) -> SettingsEdit:
    """Add ``entry`` to INSTALLED_APPS.

    :param entry: dotted path of an AppConfig class, or of a package.
    :param beside: entries next to which it belongs where it has no siblings: the app that holds the
        code now, as Django reports it.
    :returns: no edits where the entry (or the same app in its other form) is there already.
    """
    lists = SettingsReader(settings.files).installed(settings.module, settings.installed)
    for place in lists:
        if place.kind != "mention" and any(same_app(text, entry) for text, _ in place.entries):
            return SettingsEdit(place=str(place))
    if any(same_app(text, entry) for text in settings.installed):
        return SettingsEdit(place=SETTING)
    usable = [place for place in lists if _usable(place, settings.installed)]
    chosen = _choose(usable, entry, beside)
    if chosen is None:
        return SettingsEdit(by_hand=_by_hand(settings, lists, entry))
    place, index = chosen
    edits = sorted(_insert(place, index, entry))
    added = (Reference(KIND, edit.start, edit.end, entry, entry, edit.new.decode(), adds=True) for edit in edits)
    return SettingsEdit(((place.source, tuple(added)),), str(place))


def replace_app(settings: Settings, old: str, new: str) -> SettingsEdit:
    """Put ``new`` where ``old`` stands, in every list of every given file that feeds INSTALLED_APPS.

    Lists under a condition, in settings that are overridden, and the arguments of
    ``INSTALLED_APPS.remove(...)`` and the like follow too; quotes are kept.

    :param old: the entry as Django reports it; the same app in its other form (package or AppConfig) too.
    :returns: no edits where only ``new`` is there already.
    """
    reader = SettingsReader(settings.files)
    edits: dict[str, tuple[SourceFile, dict[int, Reference]]] = {}
    places: list[str] = []
    present = ""
    for place in (*reader.every(), *reader.installed(settings.module, settings.installed)):
        for text, node in place.entries:
            if same_app(text, new):
                present = present or str(place)
            elif same_app(text, old):
                start, end = place.source.span(node)
                entry = _in_form_of(text, old, new)
                literal = beside(place.source.data[start:end], entry)
                reference = Reference(KIND, start, end, text, entry, literal)
                edits.setdefault(place.source.path, (place.source, {}))[1][start] = reference
                places.append(str(place))
    if edits:
        return SettingsEdit(
            tuple((source, tuple(found[start] for start in sorted(found))) for source, found in edits.values()),
            ", ".join(dict.fromkeys(places)),
        )
    if present or new in settings.installed:
        return SettingsEdit(place=present or SETTING)
    lists = reader.installed(settings.module, settings.installed)
    return SettingsEdit(by_hand=_by_hand(settings, lists, new, old))


def same_app(one: str, other: str) -> bool:
    """Whether two entries mean one app: equal, or a package and an AppConfig in its ``apps`` module."""
    short, long = sorted((one, other), key=len)
    if short == long:
        return True
    rest = long[len(short) + 1 :] if long.startswith(short + ".") else ""
    module, _, config = rest.rpartition(".")
    return bool(config) and config[0].isupper() and module in ("", "apps")


def _in_form_of(text: str, old: str, new: str) -> str:
    """``new`` for an entry ``text`` that names the app ``old``: an AppConfig stays an AppConfig."""
    names_config = text.startswith(old + ".") and not new.rpartition(".")[2][:1].isupper()
    return new + text[len(old) :] if names_config else new


def _usable(place: AppList, installed: Sequence[str]) -> bool:
    """Whether an entry that is put there will count."""
    if not place.sure or place.kind not in ("display", "append"):
        return False
    texts = [text for text, _ in place.entries]
    return not texts or not installed or any(same_app(text, app) for text in texts for app in installed)


def _choose(lists: Sequence[AppList], entry: str, beside: Iterable[str]) -> tuple[AppList, int] | None:
    """The place, and the index of the element after which the entry goes (-1: at the end)."""
    beside = tuple(beside)
    surroundings = max((_shared(entry, text) for text in beside), default=0)
    siblings = [
        (_shared(entry, text), number, place, index)
        for number, place in enumerate(lists)
        for index, text in _texts(place)
        if _shared(entry, text) > surroundings
    ]
    if siblings:
        nearest = max(shared for shared, *_ in siblings)
        near = [(number, place, index) for shared, number, place, index in siblings if shared == nearest]
        numbers = [number for number, *_ in near]
        most = max(numbers, key=numbers.count)
        return next((place, index) for number, place, index in reversed(near) if number == most)
    top = entry.partition(".")[0].upper()
    displays = [place for place in lists if place.kind == "display"]
    for place in displays:
        if place.name.upper() in (f"{top}_APPS", f"{top.removesuffix('S')}_APPS"):
            return place, -1
    for text in beside:
        for place in lists:
            for index, other in _texts(place):
                if same_app(other, text):
                    return place, index
    own = [place for place in displays if _OWN.search(place.name)]
    return ((own or displays)[-1], -1) if displays else None


def _shared(one: str, other: str) -> int:
    """How many leading parts two dotted names have in common."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _texts(place: AppList) -> list[tuple[int, str]]:
    texts = [(i, node.value) for i, node in enumerate(place.elements) if isinstance(node, ast.Constant)]
    return [(index, text) for index, text in texts if isinstance(text, str)]


def _insert(place: AppList, index: int, entry: str) -> list[Edit]:
    """The edits that put ``entry`` behind the element ``index``, or where its sorted neighbours want it."""
    source, node = place.source, place.node
    if isinstance(node, ast.Call):  # INSTALLED_APPS.append("…"): one more such statement
        start, end = source.span(node)
        text, [(_, argument)] = source.data, place.entries
        inner_start, inner_end = source.span(argument)
        quoted = beside(text[inner_start:inner_end], entry).encode()
        indent = text[source.line_starts[source.line_of(start) - 1] : start]
        again = text[start:inner_start] + quoted + text[inner_end:end]
        if indent.strip():  # not alone on its line
            return [Edit(end, end, b"; " + again)]
        line_end = _LINE_END.search(text, end)
        assert line_end is not None
        return [Edit(line_end.start(), line_end.start(), (line_end.group() or b"\n") + indent + again)]
    assert isinstance(node, (ast.List, ast.Tuple))
    texts = dict(_texts(place))
    index = len(node.elts) - 1 if index < 0 else index
    run = sorted_run(source, node, index, texts, entry) if index in texts else None
    if run is not None:
        after = [i for i in run if texts[i].casefold() < entry.casefold()]
        return insert(source, node, after[-1] if after else run[0], entry, before=not after)
    return insert(source, node, index, entry)


def _by_hand(settings: Settings, lists: Lists, entry: str, old: str = "") -> Finding:
    source = settings.files.get(settings.module)
    path = source.path if source is not None else settings.module
    computed = next((place for place in lists if place.kind == "computed"), None)
    why = f"{SETTING} is not built from lists that can be edited"
    if computed is not None:
        why = f"{SETTING} is computed ({computed.source.path}:{computed.node.lineno})"
    if old:
        message = f"{why}, or {old!r} is not written out there"
        return Finding(path, 0, message, f"replace {old!r} by {entry!r} where {SETTING} gets it")
    # right whether it is a list or a tuple
    line = f'{SETTING} = [*{SETTING}, "{entry}"]'
    return Finding(path, 0, why, f"add this line at the end of {path}: {line}")
