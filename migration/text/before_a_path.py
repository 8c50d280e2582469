"""What stands in front of a path in a text, and what that makes of the path (pure)."""

from __future__ import annotations

import re

from migration.text.dotted_names import after_escape, char_before, in_url, is_word

_LEAD = re.compile(rb"[\w.\-+~@%*/\\\x80-\xff]*\Z")
_VARIABLE = re.compile(
    rb"(?:\$\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\$\([^()\n]*\)|\$\w+\$?"
    rb"|\{\{[^{}\n]*\}\}|\{[^{}\n]*\}|<\w+>|%\(\w+\)s|%s)[\"']?\Z"
)
_ROOTS = re.compile(
    r"(?:\w+\.)*(?i:(?:git|repo|repository|project|base|app)?_?root(?:_?dir|_path)?|repo(?:_?dir|_?path)?"
    r"|(?:base|project)_?dir|github_workspace|workspace(?:_?folder|_?root)?|(?:o?ld)?pwd|cwd|ci_project_dir"
    r"|toxinidir|here|topdir|curdir|git rev-parse --show-toplevel)|github\.workspace"
)
_WORKDIRS = re.compile(rb"\bWORKDIR[ \t]+(/[\w./-]*)|(?:^|[\s\"'])\.{1,2}/?:(/[\w./-]+)")
_FORGE = re.compile(
    rb"/(?:blob|tree|raw|edit|blame|src|commits?)/(?:branch/)?([^/\s]+)/\Z"
    rb"|raw\.\S+?/\S+?/\S+?/([^/]+)/\Z"
)
_COMMIT = re.compile(rb"[0-9a-f]{7,40}")


def plain(written: bytes) -> str:
    """A path without the backslashes of a regular expression or a JSON string."""
    return re.sub(rb"\\+([./])", rb"\1", written).decode(errors="replace")


def like(written: bytes, path: str) -> str:
    """``path`` with the backslashes that the author wrote."""
    slash, dot = re.search(rb"\\+(?=/)", written), re.search(rb"\\+(?=\.)", written)
    path = path.replace(".", dot[0].decode() + ".") if dot else path
    return path.replace("/", slash[0].decode() + "/") if slash else path


def is_root(name: str) -> bool:
    """Whether a variable, or an expression that ends in one, stands for the repo by its name."""
    return _ROOTS.fullmatch(name) is not None


def workdirs(raw: bytes) -> frozenset[str]:
    """The absolute directories that stand for the repo, as a Dockerfile or a compose file says."""
    found = (match[1] or match[2] for match in _WORKDIRS.finditer(raw))
    return frozenset(path.decode(errors="replace").rstrip("/") for path in found)


def link_reason(text: str) -> str | None:
    """Why a link to a file on the web is worth a look; None where it names a commit, or is no such link."""
    match = _FORGE.search(text.encode())
    if match is None or _COMMIT.fullmatch(match[1] or match[2]):
        return None
    return "a link to the file in a repository on the web"


def lead_of(data: bytes, at: int, start: int) -> tuple[str, str] | None:
    """What stands in front of a path: its kind and its text; None where the path is a part of a word."""
    char = char_before(data, at, start)
    if char != "/":
        if is_word(char):
            return ("plain", "") if after_escape(data, at, start) else None
        if char in (".", "@", "~", "$", "%", "\\") or (char == "-" and is_word(char_before(data, at - 1, start))):
            return None
        token = data[max(start, at - 400) : at]
        return ("url", _last(token)) if in_url(data, at, start) else ("plain", "")
    slash = at - 2 if data[at - 2 : at - 1] == b"\\" and at - 2 >= start else at - 1
    variable = _VARIABLE.search(data, max(start, slash - 120), slash)
    if variable and slash > start:
        name = re.search(rb"[A-Za-z_](?:[\w.\- ]*\w)?", variable[0])
        return "variable", name[0].decode() if name else ""
    match = _LEAD.search(data, max(start, at - 300), at)
    text = plain(match[0]) if match else "/"
    if in_url(data, at, start):
        return "url", _last(data[max(start, at - 400) : at])
    first = match.start() if match else at
    if char_before(data, first, start) in ("}", "$"):
        return "behind", text
    if text == "/":
        return "root", text
    if re.fullmatch(r"(?:\.\.?/)+", text):
        return "relative", text
    if re.fullmatch(r"/?(?:\*\*/)+", text):
        return "plain", text
    if re.fullmatch(r"/?\.?\*/", text):
        return "any", text
    return ("absolute" if text.startswith(("/", "~/")) else "behind"), text


def _last(text: bytes) -> str:
    return re.split(rb"[\s\"'`<>()\[\]{}|,;]", text)[-1].decode(errors="replace")
