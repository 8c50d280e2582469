"""What a move may change and must not miss, told by search and replace and by Python alone.

The tool's own idea of a reference has no say here. A changed place is right if replacing the old name by
the new one, as words, makes the new lines of the old ones; or if both are import statements that bind the
same names to the same things. What replacing the old name would still change afterwards was left.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.real.codebases import git

_FILE = re.compile(r"^diff --git .*\n", re.MULTILINE)
_NAMES = re.compile(r"^--- a/(.*)\n\+\+\+ b/(.*)\n", re.MULTILINE)
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass(frozen=True)
class Words:
    """The old name and the new one, dotted, and the directory they are imported from (``src/`` or nothing)."""

    old: str
    new: str
    root: str = ""

    def followed(self, text: str) -> str:
        """A text with the old name replaced where it is a word of its own, dotted or as a path."""
        for by in "./":
            old, new = self.old.replace(".", by), self.new.replace(".", by)
            text = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, text)
        return text

    def named(self, line: str, paths: frozenset[str]) -> bool:
        """Whether a line holds the old name, or a path to what was there (``paths`` before the move)."""
        if re.search(rf"(?<![\w.]){re.escape(self.old)}(?!\w)", line):
            return True
        directory = re.escape(self.old.replace(".", "/"))
        found = re.findall(rf"(?<![\w./]){directory}(?:/[\w.\-/]*\w)?(?!\w)", line)
        return any(path in paths or self.root + path in paths for path in found)


def unexplained(repo: Path, words: Words) -> Iterator[str]:
    """The changed places of tracked files that hold no reference, as ``file: old -> new``."""
    diff = git(repo, "diff", "--find-renames=30%", "--unified=0", "--diff-filter=MR", "HEAD")
    for part in _FILE.split(diff)[1:]:
        match = _NAMES.search(part)
        if match is None:
            continue
        path, new_path = match[1], match[2]
        before, after = git(repo, "show", f"HEAD:{path}"), (repo / new_path).read_bytes().decode(errors="replace")
        for hunk in _HUNK.finditer(part):
            first, count, new_first, new_count = (int(number or 1) for number in hunk.groups())
            old, new = _lines(before, first, count), _lines(after, new_first, new_count)
            if words.followed(old) == new:
                continue
            if path.endswith(".py"):
                binds = _imports(before, range(first, first + count), path, words)
                now = _imports(after, range(new_first, new_first + new_count), new_path, words)
                if binds is not None and now is not None and {words.followed(name) for name in binds} == now:
                    continue
            yield f"{new_path}: {old!r} -> {new!r}"


def left(repo: Path, words: Words) -> Iterator[tuple[str, int]]:
    """File and line of everything in text files that still names the old place."""
    paths = set(git(repo, "ls-tree", "-r", "--name-only", "HEAD").splitlines())
    above = {path[:at] for path in paths for at, char in enumerate(path) if char == "/"}
    there = frozenset(paths | above)
    listed = git(repo, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for path in sorted({*listed}):
        raw = (repo / path).read_bytes() if (repo / path).is_file() else b""
        if b"\0" not in raw and any(words.old.replace(".", by).encode() in raw for by in "./"):
            for number, line in enumerate(raw.decode(errors="replace").split("\n"), 1):
                if words.named(line, there):
                    yield path, number


def _lines(text: str, first: int, count: int) -> str:
    return "\n".join(text.split("\n")[first - 1 : first - 1 + count])


def _imports(text: str, lines: range, path: str, words: Words) -> set[str] | None:
    """What import statements on these lines bind, ``name = dotted.name``; None if there is something else."""
    package = path.removeprefix(words.root).split("/")[:-1]
    found: set[str] = set()
    covered: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.Import, ast.ImportFrom)) or node.end_lineno is None:
            continue
        if node.lineno >= lines.stop or node.end_lineno < lines.start:
            continue
        covered |= set(range(node.lineno, node.end_lineno + 1))
        base = ""
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])]) + "."
        found |= {f"{alias.asname or alias.name} = {base}{alias.name}" for alias in node.names}
    return found if covered >= set(lines) else None
