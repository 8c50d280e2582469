"""CI: the paths for whose changes something is run, or to which a label, a reviewer or a job belongs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore,
https://docs.gitlab.com/ci/yaml/#ruleschanges, https://learn.microsoft.com/en-us/azure/devops/pipelines/yaml-schema/trigger,
https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Condition,
https://github.com/dorny/paths-filter, https://github.com/actions/labeler
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

import yaml

from migration.engine.coverage.documents import composed
from migration.engine.coverage.patterns import Glob, Regex
from migration.engine.coverage.spots import Spot, Style, TextSpot
from migration.engine.coverage.values import Context, Entry, Group

# Under which keys paths stand, and whether these run something or keep it from running.
_KEYS = {
    "paths": "runs", "paths-ignore": "does not run", "changes": "runs", "includePaths": "runs", "changesets": "runs",
    "filters": "runs", "changed-files": "runs", "any-glob-to-any-file": "runs", "all-globs-to-any-file": "runs",
    "any-glob-to-all-files": "runs", "files": "runs", "files_ignore": "does not run", "ignorePaths": "does not run",
    "mapping": "runs", "if_changed": "runs", "includedFiles": "runs", "ignoredFiles": "does not run",
}  # fmt: skip
_PART = re.compile(rf"\b(?:{'|'.join(_KEYS)})\b")
_LABELERS = re.compile(r"(?:.*/)?(?:labeler|filters|path-filters|paths-filter|changed-files\w*|file-filters)\.ya?ml")
_NESTED = re.compile(
    r"^[ \t]*(?P<dash>-[ \t]+)?"
    r"(?:(?P<head>[\w-]+):[ \t]*(?P<more>.*)|(?P<quote>['\"]?)(?P<path>[^\s'\"#]+)(?P=quote))[ \t]*\r?$", re.M
)  # fmt: skip
_PATH = re.compile(r"[\w.@+\-*?\[\]{}/!^$\\()|]+")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The filters of one file, each key for itself.

    :raises ValueError: if it is no YAML.
    """
    if not path.endswith((".yml", ".yaml", ".json")):
        return []
    whole = _LABELERS.fullmatch(path) is not None
    if (not whole and not _PART.search(text)) or not context.may_tell_apart(text):
        return []
    found: dict[str, list[Entry]] = {}
    for name, key, word, spot in _paths(text, composed(text), (), "filters" if whole else ""):
        entry = _entry(path, word, spot, _KEYS.get(key, "runs"), regex=key == "mapping")
        found.setdefault(name, []).append(entry)
    kind = _kind(path)
    return [Group(f"{kind}: {name}", tuple(entries)) for name, entries in found.items()]


def _kind(path: str) -> str:
    return posixpath.basename(path) if "/" not in path else path.split("/")[0].lstrip(".")


def _entry(path: str, word: str, spot: Spot, verdict: str, *, regex: bool) -> Entry:
    if regex:
        return Entry(path, word, spot, Regex(word, start=True, items=True), verdict)
    sign = "!" if word.startswith("!") else ""
    text = word.removeprefix("!")
    glob = Glob(text.removeprefix("/"), ".", True)
    return Entry(path, word, spot, glob, "" if sign else verdict, write=lambda new: sign + new)


def _paths(
    text: str, node: yaml.Node | None, above: tuple[str, ...], key: str
) -> Iterator[tuple[str, str, str, Spot]]:
    """The filters below a node: a name for people, the key, the path, its place."""
    name = ".".join(above)
    if isinstance(node, yaml.MappingNode):
        uses = next((str(item.value) for head, item in node.value if head.value == "uses"), "")
        for head, item in node.value:
            word = str(head.value)
            deeper = word if word in _KEYS and (word != "files" or key) else key
            if word in ("with", "jobs", "on", "steps", "run", "env") and word not in _KEYS:
                deeper = "uses" if word == "with" and "changed-files" in uses else ""
            yield from _paths(text, item, (*above, word), deeper)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            inner = above if isinstance(item, yaml.ScalarNode) else (*above, str(number + 1))
            yield from _paths(text, item, inner, key)
    elif isinstance(node, yaml.ScalarNode) and key in _KEYS and node.tag.endswith(":str"):
        start, end = node.start_mark.index, node.end_mark.index
        if node.style in ("|", ">"):
            yield from _nested(text, start, end, name, key)
        elif _PATH.fullmatch(str(node.value)):
            quoted = text[start : start + 1] in ("'", '"')
            first, last = start + quoted, start + len(text[start:end].rstrip()) - quoted
            yield name, key, str(node.value), TextSpot(text, first, last, _style(text, start))


def _style(text: str, start: int) -> Style:
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if re.fullmatch(r"\s*(?:- +)+", line):
        return "block"
    return "item" if re.search(r"[\[,]\s*$", line) or not line.strip() else "only"


def _nested(text: str, start: int, end: int, name: str, key: str) -> Iterator[tuple[str, str, str, Spot]]:
    """A block of text that holds filters itself: YAML (``filters: |``), or a path in each line."""
    if key == "mapping":  # a regular expression, a parameter, its value
        for rule in re.finditer(r"^[ \t]+(?P<path>\S+)[ \t]+\S+[ \t]+\S+", text[start:end], re.M):
            first = start + rule.start("path")
            yield name, key, rule["path"], TextSpot(text, first, first + len(rule["path"]), "line")
        return
    filter_name = ""
    for line in _NESTED.finditer(text[start:end]):
        if line["head"] and not line["dash"]:
            filter_name = line["head"]
        if line["path"] and _PATH.fullmatch(line["path"]) and line.start() > 0:
            first = start + line.start("path")
            style: Style = "block" if line["dash"] else "line"
            spot = TextSpot(text, first, first + len(line["path"]), style)
            yield f"{name}.{filter_name}" if filter_name else name, key, line["path"], spot
