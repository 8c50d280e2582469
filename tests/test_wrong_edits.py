"""A tool that is wrong about an edit writes nothing, whoever made the edit: the proof stands where edits are made."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.faults.monolith import FILES, PRODUCT, SOURCE
from tests.test_dodo import Home
from tests.tools import Content, make_repo, snapshot

APP: dict[str, Content] = {
    **FILES,
    "billing/apps.py": dedent("""\
        from django.apps import AppConfig


        class BillingConfig(AppConfig):
            name = "billing"
            verbose_name = "Invoices"
        """),
}
STOCK = {"product": PRODUCT, "source": SOURCE}
BILLING = {"product": "billing", "source": "billing"}

# Each loses something that stands beside the right place; what it leaves parses, and names nothing old.
WRONG = {
    "a rewriter of models": (STOCK, "prepare_models", "core/stock/models.py:5", "rewriters/tables.py", """

_find = find


def find(source, models):
    for one in _find(source, models):
        yield replace(one, start=source.data.rfind(b"\\n", 0, one.start))  # and the field in front of it
"""),
    "a rewriter of labels": (STOCK, "prepare_models", "billing/models.py:5", "rewriters/relations.py", """

_find = find


def find(source, models):
    from dataclasses import replace

    return [replace(one, end=source.data.index(b")", one.end)) for one in _find(source, models)]  # and on_delete
"""),
    "the editor of settings": (STOCK, "prepare_structure", "site_/settings.py:6", "django/settings/list_display.py", """

_insert = insert


def insert(source, node, index, text, before=False):
    for edit in _insert(source, node, index, text, before):
        at = source.data.rfind(b"\\n", 0, edit.start)  # and the entry in front of it
        yield Edit(at, edit.end, edit.new)
"""),
    "the writer of the AppConfig": (BILLING, "prepare_models", "billing/apps.py:", "django/app_config.py", """

_pin = pin


def pin(source, *more):
    from dataclasses import replace

    found = _pin(source, *more)
    behind = source.data.index(b"Invoices") + 9
    return [replace(one, end=behind) if one.adds else one for one in found]
"""),
}


@pytest.mark.parametrize("who", WRONG)
def test_a_wrong_edit_is_refused_and_nothing_is_written(tmp_path: Path, who: str) -> None:
    move, phase, place, module, fault = WRONG[who]
    home, repo = Home(tmp_path / "home"), make_repo(tmp_path / "mono", APP if move is BILLING else FILES)
    words = [*(f"{name}={value}" for name, value in move.items()), f"repo={repo}", f"python={sys.executable}"]
    before = {"prepare_structure": "scan_moves", "prepare_models": "update_imports"}[phase]
    home.doit(*words, before)
    as_it_was = snapshot(repo)
    code = home.path / "migration" / module
    right = code.read_text()
    code.write_text(right + fault)
    _, err = home.doit(*words, phase, code=1)
    assert place in err and "the file was not written" in err and "report this line" in err
    assert snapshot(repo) == as_it_was
    code.write_text(right)
    home.doit(*words, phase)
    assert snapshot(repo) != as_it_was
