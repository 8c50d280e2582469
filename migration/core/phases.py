"""The phases and their order: the names of tasks, modules and README headings."""

from __future__ import annotations

PHASES: tuple[tuple[str, str], ...] = (
    ("scan_moves", "find what moves and write the plan, moves.yml"),
    ("prepare_structure", "create the target's packages, its AppConfig and its settings entry"),
    ("move_files", "move every file of the plan, as pure git renames"),
    ("update_imports", "rewrite every reference to what moved"),
    ("prepare_models", "pin tables and labels of the models that moved, and the relations to them"),
    ("validate_django", "check the moved code in the monolith's own Django"),
    ("generate_migrations", "write state-only migrations, so that no database changes"),
    ("verify_migrations", "try the migrations on throw-away databases, and compare what they hold"),
    ("run_tests", "run the repo's own tests, where its pyproject.toml names the command"),
)
ORDER = tuple(name for name, _ in PHASES)
