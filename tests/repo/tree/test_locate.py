from __future__ import annotations

from pathlib import Path

import pytest

from migration.repo.tree.locate import roots_for
from migration.repo.tree.project import Project
from tests.tools import Content, make_repo, workspace


@pytest.mark.parametrize(("own", "roots"), [("", (".",)), ('[tool.phased-migration]\nroots = ["shop"]\n', (".", "shop"))])
def test_a_root_that_the_repo_names_stays_one_though_the_source_is_named_through_it(
    tmp_path: Path, own: str, roots: tuple[str, ...]
) -> None:
    files: dict[str, Content] = {"shop/__init__.py": "", "shop/stock/__init__.py": "", "pyproject.toml": own}
    tree = workspace(make_repo(tmp_path / "repo", files)).baseline()
    project = Project(tmp_path / "repo", (".", "shop"), tree, tree, lambda _: [])
    assert roots_for(project, "shop.stock") == roots
