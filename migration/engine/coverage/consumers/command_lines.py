"""Command lines of scripts, Makefiles, workflows and task files: directories and packages that a tool is given.

Known are tools that take a whole tree: checkers, formatters, test runners, what copies or packs. A directory is meant
from where the command runs: the repo, or the directory that ``cd`` or ``working-directory`` names.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from migration.core.names import is_python
from migration.engine.coverage.keys import path_or_package
from migration.engine.coverage.patterns import Directory, Modules, Pattern
from migration.engine.coverage.python_spots import spot_of
from migration.engine.coverage.spots import File, Spot, Style, TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_PYTHON = ("mypy|dmypy|ruff|black|isort|flake8|pylint|pyright|basedpyright|bandit|vulture|interrogate|pydocstyle"
           "|pyupgrade|autoflake|autopep8|yapf|docformatter|radon|pytype|pyre|ty|refurb|sphinx-apidoc|pdoc|compileall|coverage"
           "|nuitka|mutmut")  # fmt: skip
_TESTS = r"pytest|py\.test|nose2|unittest|manage\.py[\s\"',]+test|django-admin[\s\"',]+test"
_TREES = ("codespell|djlint|semgrep|rsync|cp|zip|tar|grep|rg|find|watchmedo|watchfiles|uvicorn|gunicorn|chown|chmod"
          "|prettier|eslint")  # fmt: skip
_CALL = re.compile(
    rf"(?<![\w./=-])(?:(?:\S*/)?(?P<python>{_PYTHON})|(?P<tests>{_TESTS})|(?P<trees>{_TREES}))(?![\w./=:-])"
    r"(?P<words>(?:\\\r?\n|[^\r\n;|&#`)\\])*)"
)
_WORD = re.compile(r"(?<![^\s\"',\[])[^\s\"',\[\]]+(?:,[^\s\"',\[\]]+)*")
_CD = re.compile(r"(?:^|[\s;&|(])(?:cd|pushd|-C|--directory)[ \t=]+[\"']?(?P<path>[\w./-]+)")
_WORKING = re.compile(r"working[-_]directory:[ \t]*[\"']?(?P<path>[\w./-]+)")
_OUT = re.compile(r"ignore|exclude|omit|skip|deselect")
_PACKAGES = re.compile(r"--?(?:p|package|packages|source|source-pkgs|cov|pkg|module)")
_VALUES = frozenset({
    "-k", "-m", "-n", "-o", "-c", "-W", "-e", "-l", "-r", "-j", "--settings", "--rootdir", "--config-file", "--config",
    "--line-length", "--select", "--target-version", "--profile", "--cache-dir", "--durations", "--maxfail",
})  # fmt: skip
_FLAGS = frozenset({
    "--strict", "-q", "-v", "-vv", "-x", "-s", "--fix", "--check", "--diff", "-r", "-rn", "-a", "-av", "-R",
})  # fmt: skip
_TEST_FILE = re.compile(r"(?:.*/)?(?:test.*|.*_tests?)\.py")


@dataclass(frozen=True)
class _Given:
    """A word that a tool is given: an option's value, or (``option`` empty) a word of its own."""

    option: str
    text: str
    spot: Spot
    lead: str = ""


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The directories and packages on the command lines of one file, tool by tool.

    :raises SyntaxError: if it is Python and can't be parsed.
    """
    found: dict[str, list[Entry]] = {}
    calls = _of_python(text) if path.endswith(".py") else _of_text(path, text)
    for tool, base, given in calls:
        pattern = _pattern(tool, given, base, context)
        if pattern is not None:
            out = _OUT.search(given.option) is not None
            topic = given.option if out or given.option not in ("", "--cov", "--source") else "given"
            verdict = "left out" if out else "given"
            write = given.lead.__add__ if given.lead else None
            name = f"{tool} {given.option}" if given.option in ("--cov", "--source") else tool
            entry = Entry(path, given.lead + given.text, _spot(tool, given), pattern, verdict, topic, write=write)
            found.setdefault(name, []).append(entry)
    return [Group(f"command: {name}", tuple(entries), concerns=_concerns(name)) for name, entries in found.items()]


def _spot(tool: str, given: _Given) -> Spot:
    """The place of a word; where a tool takes just one (or puts all into one place), only the line."""
    return File(given.spot.line) if tool in ("cp", "rsync", "unittest") else given.spot


def _concerns(tool: str) -> Callable[[str], bool] | None:
    if re.fullmatch(_PYTHON, tool) or " --" in tool:
        return is_python
    return (lambda old: _TEST_FILE.fullmatch(old) is not None) if re.fullmatch(_TESTS, tool) else None


def _of_text(path: str, text: str) -> Iterator[tuple[str, str, _Given]]:
    shell = path.endswith((".sh", ".bash", ".zsh")) or text.startswith("#!")
    for call in _CALL.finditer(text):
        tool = " ".join(re.findall(r"[^\s\"',]+", call["python"] or call["tests"] or call["trees"]))
        start = text.rfind("\n", 0, call.start()) + 1
        if text[start : call.start()].lstrip().startswith("#"):
            continue
        base = _directory(text, start, call.start(), shell)
        if base is None:
            continue
        words = [(word[0], call.start("words") + word.start()) for word in _WORD.finditer(call["words"])]
        given = list(_given(text, words))
        yield from ((tool, base, one) for one in given)
        if base != "." and re.fullmatch(f"{_TESTS}|ruff|isort", tool) and not any(not one.option for one in given):
            yield tool, base, _Given("", ".", File(text.count("\n", 0, call.start()) + 1))


def _directory(text: str, line: int, at: int, shell: bool) -> str | None:
    """Where a command runs, as far as the text says; None where that can't be told."""
    moves = [match["path"] for match in _CD.finditer(text, 0 if shell else line, at)]
    if "$" in text[line:at].rpartition("cd ")[2].split("&&")[0] and "cd " in text[line:at]:
        return None
    if not moves and (step := _step(text, line, at)):
        moves = [step]
    here = "."
    for path in moves:
        here = posixpath.normpath(posixpath.join(here, path))
    unknown = shell and re.search(r"(?:^|[\s;&|(])(?:cd|pushd)[ \t]+[\"']?[$`~\"-]", text[:at]) is not None
    return None if unknown or here.startswith(("..", "/")) else here


def _step(text: str, line: int, at: int) -> str:
    """The working directory of the step of a workflow that holds a line."""
    if not re.search(r"working[-_]directory:", text):
        return ""
    first = max((match.start() for match in re.finditer(r"^[ \t]*- ", text[:at], re.M)), default=line)
    following = re.compile(r"^[ \t]*- ", re.M).search(text, at)
    match = _WORKING.search(text, first, following.start() if following else len(text))
    return match["path"] if match else ""


def _given(text: str, words: Sequence[tuple[str, int]]) -> Iterator[_Given]:
    option = ""
    for word, at in words:
        if word.startswith("-"):
            name, _, rest = word.partition("=")
            option = "" if rest else name
            if rest:
                start = at + len(name) + 1
                for part in re.finditer(r"[^,:]+", rest):
                    spot = TextSpot(text, start + part.start(), start + part.end(), "words", comma=True)
                    several = name == "--cov" or (_OUT.search(name) is not None and "," not in rest)
                    whole = TextSpot(text, at, at + len(word), "words")
                    yield _Given(name, part[0], whole if several else spot, name + "=" if several else "")
        else:
            is_value = option.startswith("-") and option not in _FLAGS
            spot = TextSpot(text, at, at + len(word), "only" if is_value else _style(text, at, at + len(word)))
            if option not in _VALUES:
                yield _Given(option if is_value else "", word, spot)
            option = ""


def _style(text: str, start: int, end: int) -> Style:
    """Whether a word is an item of a list (``["mypy", "shop"]``), or one of the words of a command."""
    before, after = text[start - 1 : start], text[end : end + 1]
    quoted = before in "\"'" and before == after
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return "item" if quoted and re.search(r"[\[,(]\s*[\"']$", line) else "words"


def _pattern(tool: str, given: _Given, base: str, context: Context) -> Pattern | None:
    """What a word means, if it is a directory of the tree or a package of it."""
    text = given.text.removesuffix("/...")
    if not re.fullmatch(r"\.?/?[\w-][\w./-]*|\./?", text):
        return None
    at = Directory(text, base)
    if _PACKAGES.fullmatch(given.option) and not given.text.endswith("/"):
        found = path_or_package(text, base, context)
        known = at.target in context.directories or isinstance(found, Modules)
        return found if known and _is_there(found, context) else None
    if (tool.endswith(" test") or tool == "unittest") and re.fullmatch(r"\w+(?:\.\w+)+", text):
        module = Modules(text, context.roots)
        return module if _is_there(module, context) else None
    return at if at.target in context.directories and at.target != "." else None


def _is_there(pattern: Pattern, context: Context) -> bool:
    if isinstance(pattern, Modules):
        inner = pattern.text.replace(".", "/")
        return any(posixpath.normpath(posixpath.join(root, inner)) in context.directories for root in pattern.roots)
    return True


def _of_python(text: str) -> Iterator[tuple[str, str, _Given]]:
    """Calls that are given a command in words: ``session.run("mypy", "shop")``."""
    for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
        words = [one for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        names = [str(one.value) for one in words]
        tool = next((name for name in names[:3] if re.fullmatch(f"{_PYTHON}|{_TESTS}|{_TREES}", name)), "")
        for one in words if tool else ():
            word = str(one.value)
            option, _, rest = word.partition("=")
            if word != tool:
                lead = f"{option}=" if rest else ""
                yield tool, ".", _Given(option if rest else "", rest or word, spot_of(text, one), lead)
