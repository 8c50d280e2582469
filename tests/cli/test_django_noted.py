from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from migration.cli import dry_run, run_phase
from migration.cli.django_noted import Noted
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.django_used import Used
from migration.core.errors import DjangoError
from migration.engine.monolith import Monolith
from tests.phases.test_scan_moves import session_for
from tests.test_dodo import SITE, Home
from tests.tools import Content, commit, make_repo

CI = SITE["site_/settings.py"] + "\nDATABASES['default'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}\n"
TABLE = '[tool.phased-migration]\nsettings = "site_.table"\n'


def site(tmp_path: Path, **more: Content) -> Path:
    """The site with settings for CI and further ones, all of which write down that they were loaded."""
    files: dict[str, Content] = {**SITE, "site_/ci.py": CI, "site_/other.py": CI, "site_/table.py": CI, **more}
    for path in ("site_/settings.py", "site_/ci.py", "site_/other.py", "site_/table.py"):
        files[path] = f"{files[path]}\nopen({str(tmp_path / 'loaded')!r}, 'a').write(__name__ + '\\n')\n"
    return make_repo(tmp_path / "site", files)


def monolith(session: Session) -> Monolith:
    return Monolith(session.project("prepare_structure"), session.options, session.workspace)


def loaded(tmp_path: Path) -> set[str]:
    return set((tmp_path / "loaded").read_text().split())


# ---- which settings


@pytest.mark.parametrize(("command_line", "environment", "table", "settings", "named_by"), [
    ("", "", "", "site_.settings", "manage.py"),
    ("", "", TABLE, "site_.table", "pyproject.toml"),
    ("", "site_.ci", "", "site_.ci", "DJANGO_SETTINGS_MODULE"),
    ("", "site_.ci", TABLE, "site_.ci", "DJANGO_SETTINGS_MODULE"),
    ("site_.other", "site_.ci", TABLE, "site_.other", "settings="),
    ("site_.other", "", "", "site_.other", "settings="),
])
def test_who_names_them(tmp_path: Path, command_line: str, environment: str, table: str, settings: str, named_by: str) -> None:
    repo = site(tmp_path, **({"pyproject.toml": table} if table else {}))
    session = session_for(repo, settings=command_line, inherited_settings=environment)
    assert monolith(session).used == Used(settings, named_by, sys.executable)


def test_nothing_names_them(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "plain", {"a.py": ""}))
    assert monolith(session).used.settings == monolith(session).settings_name == ""


def test_where_the_environment_s_is_read() -> None:
    options = Options.read({}, {"DJANGO_SETTINGS_MODULE": "site_.ci"})
    assert (options.settings, options.inherited_settings) == ("", "site_.ci")


def test_every_phase_has_those_of_the_environment(tmp_path: Path) -> None:
    """Nothing else is loaded, in no phase, and the tracker says so; with other ones the phases are due again."""
    repo = site(tmp_path)
    home = Home(tmp_path / "tool")
    call = ("product=stock", f"repo={repo}", "source=core.stock")
    home.doit(*call, env={"DJANGO_SETTINGS_MODULE": "site_.ci"})
    assert loaded(tmp_path) == {"site_.ci"}
    tracked = yaml.safe_load((home.path / "moves/stock/phase_tracker.yml").read_text())
    expected = {
        "settings": "site_.ci", "named_by": "DJANGO_SETTINGS_MODULE", "python": sys.executable,
        "databases": ["default: sqlite3, :memory:"],
    }  # fmt: skip
    assert {entry["id"]: entry["django"] for entry in tracked["phases"] if "django" in entry} == dict.fromkeys(
        ("scan_moves", "validate_django", "generate_migrations", "verify_migrations"), expected
    )
    out, _ = home.doit("list", "--status", *call, env={"DJANGO_SETTINGS_MODULE": "site_.ci"})
    assert "U scan_moves" in out
    out, _ = home.doit("list", "--status", *call, env={"DJANGO_SETTINGS_MODULE": "site_.other"})
    assert "R scan_moves" in out


# ---- before anything is asked


def test_the_tracker_says_it_before_django_is_asked(tmp_path: Path) -> None:
    """The settings look at the tracker while they are loaded."""
    repo = site(tmp_path)
    tracker = tmp_path / "tool/moves/stock/phase_tracker.yml"
    with (repo / "site_/ci.py").open("a") as stream:
        stream.write(f"open({str(tmp_path / 'seen')!r}, 'a').write(open({str(tracker)!r}).read() + '\\n---\\n')\n")
    commit(repo)
    home = Home(tmp_path / "tool")
    home.doit("product=stock", f"repo={repo}", "source=core.stock", "settings=site_.ci", "verify=no")
    seen = list(yaml.safe_load_all((tmp_path / "seen").read_text()))[:-1]
    at_work = [next(entry for entry in content["phases"] if entry["status"] == "in_progress") for content in seen]
    used = {"settings": "site_.ci", "named_by": "settings=", "python": sys.executable}
    assert [(entry["id"], entry["django"]) for entry in at_work] == [
        ("scan_moves", used),
        ("validate_django", {**used, "databases": ["default: sqlite3, :memory:"]}),
        ("generate_migrations", {**used, "databases": ["default: sqlite3, :memory:"]}),
    ]


def test_a_failed_phase_keeps_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "tool")
    _, err = home.doit("product=stock", f"repo={site(tmp_path)}", "source=core.stock", code=1, env={"DJANGO_SETTINGS_MODULE": "no.such"})
    assert "likely cause: no such settings module" in err and "or see to DJANGO_SETTINGS_MODULE in the environment" in err
    tracked = yaml.safe_load((home.path / "moves/stock/phase_tracker.yml").read_text())
    assert tracked["phases"][0]["status"] == "failed"
    assert tracked["phases"][0]["django"] == {"settings": "no.such", "named_by": "DJANGO_SETTINGS_MODULE", "python": sys.executable}


def test_the_preview_shows_it(tmp_path: Path) -> None:
    repo = site(tmp_path)
    home = Home(tmp_path / "tool")
    call = ("product=stock", f"repo={repo}", "source=core.stock", "preview")
    out, _ = home.doit(*call, env={"DJANGO_SETTINGS_MODULE": "site_.ci"})
    lines = ["settings site_.ci (named by DJANGO_SETTINGS_MODULE)", f"python {sys.executable}", "database default: sqlite3, :memory:"]
    assert "\nDjango\n" + "".join(f"  {line}\n" for line in lines) in out
    page = (home.path / "moves/stock/report.html").read_text()
    assert all(f"<li><code>{line}</code></li>" in page for line in lines)
    assert not (home.path / "moves/stock/phase_tracker.yml").exists()
    found = json.loads(home.doit(*call, "format=json", env={"DJANGO_SETTINGS_MODULE": "site_.ci"})[0])
    assert found["django"]["settings"] == "site_.ci"


def test_the_preview_of_a_plain_package(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "plain", {"shop/__init__.py": "", "shop/stock/__init__.py": ""}), "shop.stock")
    assert dry_run.preview(session).django == {}


# ---- the databases


def test_other_settings_have_other_databases(tmp_path: Path) -> None:
    """What a scan has kept of one settings module says nothing about another one."""
    session = session_for(site(tmp_path), "core.stock", inherited_settings="site_.ci")
    run_phase.execute(session, "scan_moves")

    def noted(session: Session) -> dict[str, object]:
        one = Noted(session, "validate_django")
        assert one.document() == {}
        one.hear(monolith(session).used)
        return one.document()

    assert noted(session)["databases"] == ["default: sqlite3, :memory:"]
    other = Session(Options(product="stock", repo=session.repo, settings="site_.other"), session.home)
    assert "databases" not in noted(other)
    session.registry_path.write_text('{"databases": [1], "settings": "site_.ci"}')
    assert "databases" not in noted(session)


@pytest.mark.parametrize(("conf", "line"), [
    ("{'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE / 'db.sqlite3'}", "default: sqlite3, db.sqlite3"),
    ("{'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/srv/x.sqlite3', 'OPTIONS': {'database': '/srv/real.sqlite3'}}", "default: sqlite3, /srv/real.sqlite3"),
    ("{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'mono', 'USER': 'u', 'PASSWORD': 'hunter22', 'HOST': 'db.internal', 'PORT': 5433}",
     "default: postgresql, mono at db.internal:5433"),
    ("{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'mono', 'OPTIONS': {'dbname': 'other', 'service': 'live', 'host': '/run/pg'}}",
     "default: postgresql, other, service live at /run/pg"),
    ("{'ENGINE': 'django.db.backends.postgresql', 'OPTIONS': {'service': 'live'}}", "default: postgresql, service live"),
    ("{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'postgresql://u:hunter22@db/mono'}", "default: postgresql, postgresql://u:********@db/mono"),
    ("{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'dbname=mono password=hunter22'}", "default: postgresql, dbname=mono password=********"),
])
def test_by_what_a_database_is_known(tmp_path: Path, conf: str, line: str) -> None:
    """Only SQLite is asked here: the settings are loaded, nobody connects."""
    code = f"from pathlib import Path\n\nBASE = Path(__file__).parent.parent\nDATABASES = {{'default': {conf}}}\n"
    repo = make_repo(tmp_path / "site", {**SITE, "site_/db.py": SITE["site_/settings.py"] + code})
    session = session_for(repo, "core.stock", settings="site_.db")
    try:
        registry = monolith(session).django().ask("registry").registry
    except DjangoError as error:
        pytest.fail(str(error))
    assert [str(one) for one in registry.databases] == [line]
