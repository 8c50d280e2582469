from __future__ import annotations

from pathlib import Path

from migration.django.left_databases import Trial, noted


def test_what_is_forgotten_is_no_trial_s_any_more(tmp_path: Path) -> None:
    trial = Trial("python3", "/repo", "site.settings", (".",))
    trial.forget(tmp_path)  # nothing was kept yet
    trial.write(tmp_path)
    assert noted(tmp_path) == trial
    trial.forget(tmp_path)
    assert noted(tmp_path) is None
