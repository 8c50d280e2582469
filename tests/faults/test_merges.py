"""Master moves on: the end is that of one run on its last commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.core.phase import ORDER
from tests.faults.merges import WAYS, simulate
from tests.phases.test_scan_moves import session_for
from tests.test_dodo import SITE
from tests.tools import Content, commit, contents, git, make_repo, put, texts


def test_a_day_of_merges(tmp_path: Path) -> None:
    figures = simulate(tmp_path, 1, "merge", commits=12, every=4)
    assert figures.merges == 3 and figures.differing == ()


def test_a_day_with_models(tmp_path: Path) -> None:
    """Each merge brings models to the old place, and migrations that ours have to come behind."""
    figures = simulate(tmp_path, 1, "merge", commits=6, every=3, models=True)
    assert figures.merges == 2 and figures.differing == ()
    names = [path.name for path in (tmp_path / "clone/shop/migrations").glob("0*.py")]
    assert len(names) > 4 and "move_models_to_stock" in max(names)


BOX = "\n\nclass Box(models.Model):\n    item = models.ForeignKey(Item, models.CASCADE)\n"
MIGRATION = """\
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.CreateModel("Box", [
            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("item", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="core.item")),
        ]),
    ]
"""


def run(repo: Path) -> None:
    for phase in ORDER:
        run_phase.execute(session_for(repo, "core.stock"), phase)


@pytest.mark.parametrize("edited", [False, True])
def test_new_models_and_migrations_of_master(tmp_path: Path, edited: bool) -> None:
    """Our own migrations get the numbers behind master's, with what people changed in them."""
    repo = make_repo(tmp_path / "repo", dict[str, Content](SITE))
    git(repo, "checkout", "-q", "-b", "move")
    run(repo)
    ours = "core/migrations/0002_move_models_to_stock.py"
    if edited:
        put(repo, {ours: "# mine\n" + texts(repo)[ours]})
        plan = session_for(repo).plan_path
        plan.write_text("# mine\n" + plan.read_text())
    commit(repo)
    git(repo, "checkout", "-q", "main")
    later = {
        "core/stock/models.py": SITE["core/stock/models.py"] + BOX,
        "core/migrations/0002_box.py": MIGRATION,
        "site_/settings.py": SITE["site_/settings.py"].replace('"core"', '"core", "django.contrib.auth"'),
    }
    put(repo, later)
    commit(repo)
    git(repo, "checkout", "-q", "move")
    git(repo, "merge", "-q", "--no-edit", "-X", "ours", "main")
    run(repo)
    fresh = make_repo(tmp_path / "fresh/repo", {**SITE, **later})
    run(fresh)
    expected = contents(fresh)
    if edited:
        ours = "core/migrations/0003_move_models_to_stock.py"
        expected[ours] = b"# mine\n" + expected[ours]
    assert contents(repo) == expected


@pytest.mark.faults
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_two_days_of_merges(tmp_path: Path, seed: int, way: str) -> None:
    figures = simulate(tmp_path, seed, way)
    assert figures.commits == 50 and figures.merges == 10 and figures.differing == ()
    assert figures.conflicts or way == "reset"


@pytest.mark.faults
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [2, 3])
def test_two_days_with_models(tmp_path: Path, seed: int, way: str) -> None:
    figures = simulate(tmp_path, seed, way, models=True)
    assert figures.commits == 50 and figures.merges == 10 and figures.differing == ()
