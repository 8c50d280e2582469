"""No secret of a real project reaches the tracker, the report, the terminal or whatever else is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration.cli.known_secrets import known_secrets
from migration.report.content import FileChange
from migration.report.diff import Pair
from tests.phases.test_scan_moves import session_for
from tests.test_dodo import SITE, Home
from tests.tools import Content, commit, make_repo, put

SECRETS = ("top-secret-key-1234567890", "hunter2hunter2", "brokerpw", "envpassword9")
SETTINGS = SITE["site_/settings.py"].replace(
    'INSTALLED_APPS = ["django.contrib.contenttypes", "core"]\n',
    f'DATABASES["default"]["PASSWORD"] = "{SECRETS[1]}"\nBROKER_URL = "amqp://guest:{SECRETS[2]}@rabbit//"\n'
    f'SECRET_KEY = "{SECRETS[0]}"\nINSTALLED_APPS = ["django.contrib.contenttypes", "core"]\n',
)
CALL = ("product=stock", "source=core.stock")
ENVIRONMENT = {"DB_PASSWORD": SECRETS[3]}


def site(tmp_path: Path, **more: Content) -> Path:
    return make_repo(tmp_path / "site", {**SITE, "site_/settings.py": SETTINGS, **more})


def told(home: Home, *printed: str) -> str:
    """All that was printed and written beside the plan, doit's own state included."""
    state = home.path / "moves/stock"
    written = [path.read_bytes().decode("utf-8", "replace") for path in sorted(state.rglob("*")) if path.is_file()]
    return "\n".join([*printed, *written])


def assert_hidden(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


# ---- what is shown of the tree


def test_a_move_whose_settings_change(tmp_path: Path) -> None:
    """The line above INSTALLED_APPS stands in every diff of the file."""
    home, repo = Home(tmp_path / "tool"), site(tmp_path)
    preview = home.doit(*CALL, f"repo={repo}", "preview")
    as_json = home.doit(*CALL, f"repo={repo}", "preview", "format=json")
    assert_hidden(told(home, *preview, *as_json))
    assert ' SECRET_KEY = "********"\n-INSTALLED_APPS' in preview[0] and "******** rabbit" not in preview[0]
    assert ' BROKER_URL = "amqp://guest:********@rabbit//"\n' in preview[0]
    run = home.doit(*CALL, f"repo={repo}")
    again = home.doit(*CALL, f"repo={repo}", "page", "residue", "status")
    assert_hidden(told(home, *run, *again))
    page = (home.path / "moves/stock/report.html").read_text()
    assert "********" in page and "SECRET_KEY" in page
    assert all(secret in (repo / "site_/settings.py").read_text() for secret in SECRETS[:3])


def test_a_file_of_the_report(tmp_path: Path) -> None:
    """In settings by position, elsewhere by value; bytes that are no text stay."""
    session = session_for(site(tmp_path), "core.stock", settings="site_.settings")
    known = known_secrets(session)
    assert known.modules >= {"site_/settings.py"}
    raw = f'a = "{SECRETS[0]}"  # \xff\n'.encode("latin-1")
    files = (
        FileChange(Pair("site_/settings.py", "site_/settings.py", b'SECRET_KEY = "x"\n', None), ("edit",), "", ()),
        FileChange(Pair("core/a.py", "products/a.py", raw, raw), ("edit",), "", ()),
        FileChange(Pair(None, "core/b.bin", None, b"\0" + SECRETS[0].encode()), ("edit",), "", ()),
    )
    shown = [(file.pair.was, file.pair.now) for file in known.files(files)]
    masked = b'a = "********"  # \xff\n'
    assert shown == [(b'SECRET_KEY = "********"\n', None), (masked, masked), (None, b"\0" + SECRETS[0].encode())]


# ---- what is said


FAILURES = {
    "settings that fail": {"site_/settings.py": SETTINGS + 'raise ValueError(f"can\'t use {SECRET_KEY} with {BROKER_URL} and {DATABASES}")\n'},
    "an error of an app": {"core/models.py": "from django.conf import settings\n\nraise ValueError(f'{settings.SECRET_KEY}')\n"},
    "a process that dies": {"core/models.py": "import os\nfrom django.conf import settings\n\nos.write(2, f'bye {settings.SECRET_KEY} {settings.BROKER_URL}'.encode())\nos._exit(3)\n"},
    "a variable of the environment": {"core/models.py": "import os\n\nraise ValueError(os.environ['DB_PASSWORD'])\n"},
    "the repo's tests": {"pyproject.toml": '[tool.phased-migration]\ntest = ["fails.py"]\n', "fails.py": "import site_.settings\n\nraise SystemExit(site_.settings.SECRET_KEY + site_.settings.BROKER_URL)\n"},
    "a migration": {"core/migrations/0001_initial.py": SITE["core/migrations/0001_initial.py"].replace(
        "class Migration", "from django.conf import settings\n\n\ndef forth(apps, editor):\n    raise ValueError(settings.SECRET_KEY)\n\n\nclass Migration"
    ).replace("operations = [", "operations = [migrations.RunPython(forth), ")},
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_fails(tmp_path: Path, case: str) -> None:
    home, repo = Home(tmp_path / "tool"), site(tmp_path, **FAILURES[case])
    out, err = home.doit(*CALL, f"repo={repo}", code=1, env=ENVIRONMENT)
    assert "********" in err
    assert_hidden(told(home, out, err))
    assert_hidden(told(home, *home.doit(*CALL, f"repo={repo}", "status", "format=json")))


def test_what_a_check_says(tmp_path: Path) -> None:
    checks = (
        "from django.conf import settings\nfrom django.core import checks\n\n\n@checks.register\ndef look(app_configs, **options):\n"
        "    return [checks.Warning(f'weak: {settings.SECRET_KEY}', hint=settings.BROKER_URL)]\n"
    )
    home, repo = Home(tmp_path / "tool"), site(tmp_path, **{"core/__init__.py": "", "core/models.py": SITE["core/models.py"] + checks})
    assert_hidden(told(home, *home.doit(*CALL, f"repo={repo}", "verify=no")))
    assert "********" in (home.path / "moves/stock/django.json").read_text()


def test_a_line_that_names_the_old_place(tmp_path: Path) -> None:
    note = f'NOTE = "core.stock.gone with {SECRETS[0]}"\n'
    home, repo = Home(tmp_path / "tool"), site(tmp_path, **{"core/notes.py": note})
    home.doit(*CALL, f"repo={repo}", "verify=no")
    process = home.start(*CALL, f"repo={repo}", "residue")
    out, err = process.communicate(timeout=300)
    assert "core/notes.py:1" in out and "********" in out
    assert_hidden(told(home, out, err))


# ---- what is known


def test_without_an_answer_of_django(tmp_path: Path) -> None:
    """Settings are found by their name, packages of them too; a ``.env`` and what the repo names count as well."""
    files: dict[str, Content] = {
        "conf/__init__.py": "", "conf/base.py": 'API_TOKEN = "token-of-base"\n', "conf/live.py": 'SECRET_KEY = "key-of-live"\n',
        ".env": "DB_PASSWORD=of-dotenv\n", "local.env": "OTHER_TOKEN='of-local'\n",
        "pyproject.toml": '[tool.phased-migration]\nlocal = ["local.env", "../x", 1]\n',
    }  # fmt: skip
    session = session_for(make_repo(tmp_path / "site", files), "conf.live", inherited_settings="conf.live")
    assert {"key-of-live", "of-dotenv", "of-local"} <= set(known_secrets(session).secrets.values)
    package = session_for(session.repo, "conf.live", settings="conf")
    assert {"key-of-live", "token-of-base"} <= set(known_secrets(package).secrets.values)


def test_where_nothing_can_be_read(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "site", {"a.py": ""}), "a")
    session.registry_path.write_text('{"settings_modules": 3, "apps": [1, {"label": "catalogue"}]}')
    put(session.repo, {"pyproject.toml": "[[[", ".env": b"\xff\xfe"})
    commit(session.repo)
    assert known_secrets(session).modules == frozenset()
    session.registry_path.write_text("[]")
    assert known_secrets(session).hide("a catalogue") == "a catalogue"


def test_a_name_is_no_secret(tmp_path: Path) -> None:
    session = session_for(site(tmp_path, **{".env": "A_TOKEN=stock\nB_TOKEN=catalogue\nC_TOKEN=reallysecret\n"}), "core.stock")
    session.registry_path.write_text(json.dumps({"apps": [{"label": "catalogue", "name": "shop.catalogue"}]}))
    assert known_secrets(session).hide("stock, catalogue, reallysecret") == "stock, catalogue, ********"
