"""Which files an entry takes in, in the ways that tools have of saying so, and how it is said of another place (pure).

Each kind of pattern knows three things: whether it takes in a path (relative to the repo), what has to be written
for the same at another place, and which files that aren't there yet it is meant for.
"""

from __future__ import annotations

import fnmatch
import functools
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from migration.core.names import is_under, is_within, module_of, path_under, root_of

if TYPE_CHECKING:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

Place = tuple[str, str]  # a directory (or file) that moves, and where it is afterwards
_WILD = re.compile(r"[*?\[{]")


class Pattern(Protocol):
    """What an entry takes in."""

    def matches(self, path: str) -> bool:
        """Whether it takes in a file."""

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        """What would take in the new place as this takes in the old one: ways to say so, the best first.

        Each is a list of entries to be added; where :attr:`whole`, one entry that stands for this one.
        """

    def probes(self, place: Place) -> Sequence[str]:
        """Files below the old place that it is meant for, though they may not be there."""

    @property
    def exact(self) -> bool:
        """Whether it names one place, so that :meth:`probes` counts wherever it stands."""

    def may_touch(self, place: str) -> bool:
        """Whether it can take in anything at or below a place; cheap, and never wrong about a "no"."""

    @property
    def whole(self) -> bool:
        """Whether what :meth:`renewed` gives replaces the entry: it is no item of a list."""


@dataclass(frozen=True)
class _Plain:
    """What most kinds have in common."""

    @property
    def whole(self) -> bool:
        return False

    @property
    def exact(self) -> bool:
        return False

    def probes(self, place: Place) -> Sequence[str]:
        return ()

    @property
    def head(self) -> str:
        """The directory that holds all that it can take in."""
        return "."

    def may_touch(self, place: str) -> bool:
        return is_under(place, self.head) or is_under(self.head, place)


@dataclass(frozen=True)
class Everything(_Plain):
    """Takes in all that lies below a directory.

    :param directory: relative to the repo.
    """

    directory: str = "."

    @property
    def head(self) -> str:
        return self.directory

    def matches(self, path: str) -> bool:
        return is_under(path, self.directory)

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        return ()


@dataclass(frozen=True)
class Directory(_Plain):
    """A path from a directory: takes in the file, or all below the directory.

    :param text: as it is written; a leading ``./`` and a slash at the end are kept in what is written beside it.
    :param base: the directory that it starts from, relative to the repo.
    :param top: whether a tool takes only whole trees, so that the topmost directory of the new place is named.
    """

    text: str
    base: str = "."
    top: bool = False

    @functools.cached_property
    def target(self) -> str:
        """The path relative to the repo."""
        return posixpath.normpath(path_under(self.base, self.text.rstrip("/") or "."))

    @property
    def head(self) -> str:
        return self.target

    @property
    def exact(self) -> bool:
        return True

    def probes(self, place: Place) -> Sequence[str]:
        return _inside(self.target) if is_under(self.target, place[0]) else ()

    def matches(self, path: str) -> bool:
        return is_under(path, self.target)

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        new = place[1] + self.target[len(place[0]) :] if is_under(self.target, place[0]) else place[1]
        relative = below(new, self.base)
        if relative is None:
            return ()
        if self.top:
            above = posixpath.dirname(self.text.strip("/").removeprefix("./"))
            if not is_under(relative, above or "."):
                return ()
            rest = relative[len(above) + 1 :] if above else relative
            relative = posixpath.join(above, rest.split("/")[0])
        lead = "./" if self.text.startswith("./") else ""
        slash = "/" if self.text.rstrip("/") != self.text and not is_file(relative) else ""
        return [[f"{lead}{relative}{slash}"]]


@dataclass(frozen=True)
class Glob(_Plain):
    """A pattern as ``.gitignore`` has them, and most tools after it.

    :param text: the pattern without a leading ``!``.
    :param base: the directory of its file, relative to the repo.
    :param anchored: whether it starts at the base although it holds no slash (``.dockerignore``, CI filters).
    """

    text: str
    base: str = "."
    anchored: bool = False

    @functools.cached_property
    def head(self) -> str:
        text = self.text.removeprefix("./")
        return path_under(self.base, _literal(text)) if self.anchored or "/" in text.rstrip("/") else self.base

    @functools.cached_property
    def _compiled(self) -> GitIgnoreSpecPattern:
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # few moves need it, and it takes a while

        text = self.text.removeprefix("./")
        if self.anchored:  # where ``**.py`` means any depth, too
            text = re.sub(r"\*\*(?=[^/*])", "**/*", text)
        lead = "/" if self.anchored and not text.startswith("/") else "\\" if text[:1] in ("!", "#") else ""
        try:
            return GitIgnoreSpecPattern(lead + text)
        except ValueError:
            return GitIgnoreSpecPattern("")

    def matches(self, path: str) -> bool:
        relative = below(path, self.base)
        if relative is None or self._compiled.include is None:
            return False
        return self._compiled.match_file(relative) is not None

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        old, new = below(place[0], self.base), below(place[1], self.base)
        if old is None or new is None:
            return ()
        return [[one] for one in retargeted(self.text, old, new)]

    def probes(self, place: Place) -> Sequence[str]:
        old = below(place[0], self.base)
        if old is None:
            return ()
        sample = _sample(self.text.strip("/"))
        samples = [f"{old}/{sample}"]
        if self.anchored or "/" in self.text.rstrip("/"):
            samples = [sample, *(_sample(one.strip("/")) for one in retargeted(self.text, old, old)[:1])]
        found = [one for sample in samples for one in (sample, f"{sample}/x")]
        paths = [path_under(self.base, posixpath.normpath(one)) for one in found]
        return [path for path in paths if is_under(path, place[0]) and path != place[0] and self.matches(path)]


@dataclass(frozen=True)
class Wild(_Plain):
    """A shell pattern whose star crosses slashes, as coverage, flake8 and ruff's per-file-ignores have them.

    :param base: the directory that it starts from.
    :param anywhere: whether a pattern without a slash is held against the name of the file alone, too.
    """

    text: str
    base: str = "."
    anywhere: bool = True

    @functools.cached_property
    def head(self) -> str:
        inner = _literal(self.text.removeprefix("./")) if "/" in self.text.strip("/") else ""
        return path_under(self.base, inner)

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        text = self.text.removeprefix("./").rstrip("/").replace("**/", "*/")
        body = fnmatch.translate(text)
        inside = "" if text.endswith("*") else "|" + fnmatch.translate(text + "/*")
        starred = "|" + fnmatch.translate(text[2:]) if text.startswith("*/") else ""
        return re.compile(body + inside + starred)

    def matches(self, path: str) -> bool:
        relative = below(path, self.base)
        if relative is None:
            return False
        if self._compiled.match(relative):
            return True
        if not self.anywhere or "/" in self.text.strip("/"):
            return False
        return any(self._compiled.match(part) for part in relative.split("/"))

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        old, new = below(place[0], self.base), below(place[1], self.base)
        if old is None or new is None:
            return ()
        return [[one] for one in retargeted(self.text, old, new)]


@dataclass(frozen=True)
class Regex(_Plain):
    """A regular expression that is looked for in the path, as black, mypy's ``exclude`` and pre-commit have them.

    :param start: whether it has to match from the start (``re.match``).
    :param flags: flags of :mod:`re`.
    :param lead: what stands before the path when it is matched (``/`` with black).
    :param items: whether it is an item of a list, so that another can stand beside it.
    """

    text: str
    base: str = "."
    start: bool = False
    flags: int = 0
    lead: str = ""
    items: bool = False

    @property
    def head(self) -> str:
        return self.base

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        try:
            return re.compile(self.text, self.flags)
        except (re.error, RecursionError, OverflowError):
            return re.compile("(?!)")

    @property
    def whole(self) -> bool:
        return not self.items

    def matches(self, path: str) -> bool:
        relative = below(path, self.base)
        if relative is None:
            return False
        find = self._compiled.match if self.start else self._compiled.search
        return find(self.lead + relative) is not None

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        old, new = below(place[0], self.base), below(place[1], self.base)
        if old is None or new is None:
            return ()
        written = re.escape(new).replace("/", r"\/") if r"\/" in self.text else re.escape(new).replace(r"\-", "-")
        found: list[str] = []
        for above in _above(old):
            for form in sorted({above, above.replace("/", r"\/"), above.replace("/", "[/]"), re.escape(above)}):
                name = rf"(?:(?<![\w./\\-])|(?<=[\^(|]/)){re.escape(form)}(?![\w-])"
                other = re.sub(name, lambda _: written, self.text)
                if other == self.text:
                    continue
                if self.items:
                    found.append(other)
                    continue
                found += [*self._beside(name, written), f"{self.text}|{other}"]
        if found and not self.items:
            found.append(f"{self.text}|^{self.lead}{written}{'$' if is_file(new) else '/'}")
        return [[one] for one in found]


    def _beside(self, name: str, written: str) -> Iterator[str]:
        """Where the name is in one of several alternatives of a group: the same with another beside it.

        :param name: what it looks like, as a regular expression; :param written: the other name.
        """
        match = re.search(rf"(?<=[(|])[^()|]*{name}[^()|]*(?=[)|])", self.text)
        if match:
            other = re.sub(name, lambda _: written, match[0])
            yield f"{self.text[: match.end()]}|{other}{self.text[match.end() :]}"


@dataclass(frozen=True)
class Modules(_Plain):
    """A dotted name: takes in the module, and all below a package.

    :param roots: the directories on ``sys.path``.
    :param inner: whether what lies below a package counts.
    :param but: names below that don't count.
    :param top: whether only the first part of a name is written (isort's ``known_first_party``).
    """

    text: str
    roots: tuple[str, ...] = (".",)
    inner: bool = True
    but: tuple[str, ...] = ()
    top: bool = False

    def may_touch(self, place: str) -> bool:
        name = dotted(place, self.roots)
        return name is None or is_within(name, self.text) or is_within(self.text, name)

    @property
    def exact(self) -> bool:
        return self.inner

    def probes(self, place: Place) -> Sequence[str]:
        old = dotted(place[0], self.roots)
        if old is None or not is_within(self.text, old):
            return ()
        return _inside(place[0] + self.text[len(old) :].replace(".", "/"))

    def matches(self, path: str) -> bool:
        name = dotted(path, self.roots)
        if name is None or any(is_within(name, other) for other in self.but):
            return False
        return is_within(name, self.text) if self.inner else name == self.text

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        new = dotted(place[1], self.roots)
        if not new:
            return ()
        return [[new.partition(".")[0]]] if self.top else [[new]]


@dataclass(frozen=True)
class ModuleGlob(_Plain):
    """A pattern of dotted names.

    :param style: ``packages`` as setuptools matches the names of packages (a file goes with its directory's);
        ``mypy``: ``a.*`` is ``a`` and all below it.
    :param where: the directory that holds the packages (``packages``), relative to the repo.
    """

    text: str
    roots: tuple[str, ...] = (".",)
    style: str = "packages"
    where: str = "."

    def may_touch(self, place: str) -> bool:
        literal = re.split(r"[*?\[]", self.text)[0]
        head = literal.rpartition(".")[0] if literal != self.text else literal
        name = self._name(place + "/x" if self.style == "packages" else place)
        return not head or name is None or is_within(name, head) or is_within(head, name)

    def _name(self, path: str) -> str | None:
        if self.style != "packages":
            return dotted(path, self.roots)
        relative = below(path, self.where)
        directory = posixpath.dirname(relative) if relative else ""
        return directory.replace("/", ".") if directory else None

    def matches(self, path: str) -> bool:
        name = self._name(path)
        if name is None:
            return False
        if self.style != "packages" and self.text.endswith(".*") and fnmatch.fnmatchcase(name, self.text[:-2]):
            return True
        return fnmatch.fnmatchcase(name, self.text)

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        new = self._name(place[1] + ("" if is_file(place[1]) else "/x") if self.style == "packages" else place[1])
        if not new:
            return ()
        if self.text.endswith(".*") and self.style == "packages":
            return [[new], [f"{new}.*"], [new, f"{new}.*"]]
        if self.text.endswith(".*"):
            return [[f"{new}.*"], [new]]
        return [[f"{new}*"]] if self.text.endswith("*") else [[new]]


@dataclass(frozen=True)
class Package(_Plain):
    """The name of a package as setuptools' ``packages`` has it: takes in the files of its directory alone."""

    text: str
    base: str = "."

    @property
    def head(self) -> str:
        return path_under(self.base, self.text.replace(".", "/"))

    @property
    def exact(self) -> bool:
        return True

    def probes(self, place: Place) -> Sequence[str]:
        return _inside(self.head) if is_under(self.head, place[0]) else ()

    def matches(self, path: str) -> bool:
        return posixpath.dirname(path) == self.head

    def renewed(self, place: Place) -> Sequence[Sequence[str]]:
        new = below(posixpath.dirname(place[1]) if is_file(place[1]) else place[1], self.base)
        return [[new.replace("/", ".")]] if new else ()


def is_file(path: str) -> bool:
    """Whether a path that moves is that of a file: it has a suffix."""
    return posixpath.splitext(path)[1] != ""


def _inside(directory: str) -> Sequence[str]:
    """Files that may come in a directory: of the kinds that tools ask for."""
    return [] if is_file(directory) else [f"{directory}/{name}" for name in ("x", "x.py", "test_x.py")]


def below(path: str, directory: str) -> str | None:
    """A path as seen from a directory that holds it; None if it doesn't."""
    if directory in (".", ""):
        return path
    return path[len(directory) + 1 :] if path.startswith(directory + "/") else None


def dotted(path: str, roots: tuple[str, ...]) -> str | None:
    """The dotted name of a module; of another file or a directory, that of the place where it lies."""
    if path.endswith((".py", ".pyi")):
        return module_of(path, roots)
    root = root_of(path, roots)
    if root is None:
        return None
    name = (path if root == "." else path[len(root) + 1 :]).replace("/", ".")
    return name or None


def retargeted(glob: str, old: str, new: str) -> list[str]:
    """A glob that takes in the old place, written for the new one: the best way first.

    :param old: the old place, and :param new: the new one, both from where the glob starts.
    """
    slash = "/" if glob.startswith("/") else "./" if glob.startswith("./") else ""
    parts = glob[len(slash) :].split("/")
    at = old.split("/")
    count = 0
    while count < min(len(parts), len(at)) and parts[count] == at[count]:
        count += 1
    rest, left = parts[count:], len(at) - count
    while left and rest and rest[0] != "**" and rest != ["*"] and fnmatch.fnmatchcase(at[len(at) - left], rest[0]):
        rest, left = rest[1:], left - 1
    found = []
    if count or len(rest) < len(parts):
        found.append(slash + "/".join([new, *rest]))
    found += [f"{slash}{new}/**", f"{slash}{new}/*", f"{slash}{new}"]
    return [one for one in dict.fromkeys(found) if one != glob]


def twin_of(glob: str, base: str, place: Place) -> str | None:
    """A glob of a file in ``base``, as a file of the new place says it of what lies below; None where it can't.

    :param place: a directory below ``base``, and where it is after the move.
    """
    old = below(place[0], base)
    if old is None:
        return None
    if "/" not in glob.rstrip("/"):
        return glob
    parts, at = glob.removeprefix("/").split("/"), old.split("/")
    while parts and at and fnmatch.fnmatchcase(at[0], parts[0]):
        if parts[0] == "**":
            return "/".join(parts)
        parts, at = parts[1:], at[1:]
    if at or not any(parts):
        return None if at else "*"
    return ("/" if parts[0] != "**" else "") + "/".join(parts)


def _above(path: str) -> Iterator[str]:
    """The path and the directories above it, the longest first."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _literal(glob: str) -> str:
    """The directories that stand in front of the first wildcard."""
    parts = glob.strip("/").split("/")
    count = 0
    while count < len(parts) and not re.search(r"[*?\[{\\]", parts[count]):
        count += 1
    return "/".join(parts[:count])


def _sample(glob: str) -> str:
    """A path that a glob may match."""
    text = glob.replace("**/", "").replace("/**", "/x")
    text = re.sub(r"\[!?(.)[^\]]*\]", r"\1", text)
    return re.sub(r"\*+", "x", text).replace("?", "x")
