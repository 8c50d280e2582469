"""What people are told to do next, as commands that can be copied."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from migration.cli.options import Options


def next_steps(content: Mapping[str, Any], repo: str, options: Options) -> list[str]:
    """What a person does after a run that completed every phase.

    :param content: what the tracker holds.
    :param repo: the monolith as a person would name it.
    """
    git = f"git -C {shlex.quote(repo)}"
    left = sum(len(entry.get("findings", [])) for entry in content["phases"])
    notes = "note" if left == 1 else "notes"
    places = f"look at the {left} {notes} in the tracker and at `{said(options)} residue`, then " if left else ""
    if options.commit != "no":
        return [
            f"the commits: {git} log --stat -M",
            f"next: {places}have the commits reviewed, and merge master when you like: the same command goes on",
        ]
    return [
        f"the moves: {git} diff --cached -M --stat    the rewrites: {git} diff",
        f"next: {places}read the diff, commit, and merge master when you like: the same command goes on from there",
    ]


def said(options: Options) -> str:
    """The call of doit that stands for these options, as far as it must be said again."""
    words = ["doit", f"product={options.product}"]
    if options.repo is not None:
        words.append(f"repo={options.repo}")
    if options.python != sys.executable:
        words.append(f"python={options.python}")
    if options.settings:
        words.append(f"settings={options.settings}")
    return shlex.join(words)


def kept_edits(repo: str, ref: str, paths: Sequence[str]) -> str:
    """What a forced reset has taken away, where it is kept, and how to get it back."""
    git, first = f"git -C {shlex.quote(repo)}", shlex.quote(paths[0])
    return "".join([
        f"edits by hand in {len(paths)} file(s) are kept in {ref}\n",
        *(f"  {path}\n" for path in paths),
        f"  all of them: {git} restore --overlay --source={ref} -- .\n",
        f"  to look at one: {git} show {ref}:./{first}\n",
        f"  when you need them no more: {git} update-ref -d {ref}\n",
    ])
