"""An app that moves and gets another label: what its databases say before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_cases import PEOPLE, USERPROFILE, USERS, Case, Moved, check, move

LABELS = "SELECT app_label, model FROM django_content_type WHERE app_label IN ('userprofile', 'account') ORDER BY 2"
MODELS = ["alias", "profile", "special", "tag", "view"]


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    return move(USERPROFILE, tmp_path_factory.mktemp("label"))


def test_no_database_notices(the: Moved, tmp_path: Path) -> None:
    check(the, tmp_path)


@pytest.mark.parametrize("case", [PEOPLE, USERS], ids=["a long history", "the user model"])
def test_other_apps(case: Case, tmp_path: Path) -> None:
    check(move(case, tmp_path / "move"), tmp_path)
