"""What kind of text a file is, by its name, and which files are left as they are (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container

from migration.text.passage import Style

LARGEST = 1024 * 1024
TOO_LARGE = "larger than 1 MiB"

_PROSE = (".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc", ".org")
_NOT_PROSE = re.compile(
    r"requirements|constraints|mypy|baseline|quarantine|ignore|manifest|cmakelists|codeowners|list", re.I
)
_BROWSER = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".vue", ".svelte", ".css", ".scss", ".less")
_WEB = (*_BROWSER, ".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml")
_LANGUAGES = (
    *(*_BROWSER, ".sql", ".go", ".rs", ".java", ".kt", ".rb", ".php", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs"),
    *(".swift", ".proto", ".graphql", ".lua"),
)
_PATTERN_FILES = re.compile(r"CODEOWNERS|\.gitattributes|\.\w*ignore|\.\w+ignore\.\w+|MANIFEST\.in|exclude")
_LOCKS = frozenset(
    ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "pnpm-lock.yml", "conda-lock.yml", "go.sum"]
)
_NEWS = re.compile(r"(?:CHANGE-?_?LOG|CHANGES|HISTORY|NEWS|RELEASES|RELEASE[-_]?NOTES)(?:\.\w+)?")
_NEWS_ANYWHERE = re.compile(r"change-?_?log(?:\.\w+)?", re.I)
_NEWS_DIRECTORIES = frozenset(
    ["changelog", "changelogs", "changelog.d", "newsfragments", ".changeset", "release_notes", "release-notes"]
)
_SNAPSHOTS = re.compile(r"\.(?:snap|ambr|storyshot)\Z|(?:^|/)__snapshots__/")
# A marker as tools write it: it opens the comment, or is the one word that is made for it.
_MADE = re.compile(
    rb"@generated\b|\A[\s#/*;%!.<\-{\"':\w]{0,20}?(?<!\w)"
    rb"(?:this (?:file|code|module|document) (?:is|was|has been) |code |file )?"
    rb"(?:auto-?|automatically[ -])?generated\b(?! (?:data|files|reports?|by hand)\b)",
    re.I,
)
_COMMENT_LINE = re.compile(rb"\s*(?:#|//|/?\*|--|<!--|;|%|\{#|\"(?://|_?comment|\$?comment)\")")


def style_of(path: str) -> Style:
    """How paths in a text file are to be read."""
    if _PATTERN_FILES.fullmatch(posixpath.basename(path)):
        return "patterns"
    if path.endswith(_WEB):
        return "web"
    return "prose" if is_prose(path) else "text"


def is_prose(path: str) -> bool:
    """Whether a file is written for people: Markdown, reStructuredText, a README; not ``requirements.txt``."""
    name = posixpath.basename(path)
    if name.endswith(".txt"):
        return _NOT_PROSE.search(name) is None
    return name.endswith(_PROSE) or name in ("README", "CONTRIBUTING", "AUTHORS", "NOTES")


def is_other_language(path: str) -> bool:
    """Whether a file is the source of another language, where ``a.b`` is code."""
    return path.endswith(_LANGUAGES)


def left_out(path: str, raw: bytes, tree: Container[str] = frozenset()) -> str | None:
    """Why a text file is left as it is unless the plan includes it; None if it is not.

    :param path: its path before the move, relative to the repo.
    :param raw: its bytes.
    :param tree: the paths of the tree: what lies in a package is no part of a changelog, whatever it is called.
    """
    name = posixpath.basename(path)
    if b"\0" in raw:
        return "binary"
    if len(raw) > LARGEST and not path.endswith(".ipynb"):  # which pictures make large
        return TOO_LARGE
    if name in _LOCKS or name.endswith(".lock"):
        return "a lock file"
    at_top = "/" not in path
    if _NEWS.fullmatch(name.upper() if at_top else name) or _NEWS_ANYWHERE.fullmatch(name):
        return "a changelog"
    parts = path.split("/")[:-1]
    if any(part in _NEWS_DIRECTORIES and not _is_package(parts[: at + 1], tree) for at, part in enumerate(parts)):
        return "a changelog"
    if _SNAPSHOTS.search(path):
        return "a snapshot"
    if name == ".git-blame-ignore-revs":
        return "a list of commits of the past"
    if name.endswith((".patch", ".diff")):
        return "a patch, which names files as they were"
    if re.search(r"\.min\.(?:js|css)\Z|\.map\Z", name):
        return "generated"
    if name.endswith((".po", ".pot")):
        return None  # msginit writes "Automatically generated" into what people then translate
    is_document = is_prose(path)
    for line in raw[:2048].splitlines()[:10]:
        comment = line.lstrip().startswith((b"<!--", b"..")) if is_document else _COMMENT_LINE.match(line)
        if comment and _MADE.search(line):
            return "generated, as its head says"
    return None


def _is_package(parts: list[str], tree: Container[str]) -> bool:
    return "/".join([*parts, "__init__.py"]) in tree
