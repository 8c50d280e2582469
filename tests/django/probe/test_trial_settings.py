"""The trial's settings are built anew: what reaches the server stays, and nothing that may name a database does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from migration.django.probe.trial_settings import Unsafe, as_path, forget_variables, rebuild

ENGINES = {"sqlite": "sqlite3", "postgresql": "postgresql", "mysql": "mysql"}
TEST = {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None}


def rebuilt(vendor: str, **conf: Any) -> Any:
    return rebuild("default", vendor, {"ENGINE": f"django.db.backends.{ENGINES[vendor]}", **conf})


def test_what_reaches_the_server_stays() -> None:
    found = rebuilt(
        "postgresql", NAME="mono", USER="me", PASSWORD="secret", HOST="db", PORT=5433, ATOMIC_REQUESTS=True, CONN_MAX_AGE=60,
        OPTIONS={"sslmode": "require", "passfile": "x", "assume_role": "app", "connect_timeout": 9},
        TEST={"NAME": "mono_test", "CHARSET": "UTF8", "TEMPLATE": "template0"},
    )  # fmt: skip
    assert found.conf == {
        "ENGINE": "django.db.backends.postgresql", "NAME": "", "USER": "me", "PASSWORD": "secret", "HOST": "db", "PORT": 5433,
        "ATOMIC_REQUESTS": True, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {"sslmode": "require", "passfile": "x", "assume_role": "app", "connect_timeout": 9},
        "TEST": {**TEST, "CHARSET": "UTF8", "TEMPLATE": "template0"},
    }  # fmt: skip
    assert found.names == {"mono", "mono_test"} and found.left_out == []


@pytest.mark.parametrize(
    ("vendor", "options", "kept", "named"),
    [
        ("sqlite", {"database": "real", "uri": True, "factory": object, "timeout": 3}, {"timeout": 3}, "real"),
        ("sqlite", {"init_command": "ATTACH 'real' AS x"}, {}, ""),
        ("postgresql", {"dbname": "real", "options": "-c search_path=x", "pool": True}, {}, "real"),
        ("postgresql", {"conninfo": "dbname=real", "cursor_factory": object, "unheard_of": "real"}, {}, ""),
        ("mysql", {"db": "real", "charset": "utf8mb4"}, {"charset": "utf8mb4"}, "real"),
        ("mysql", {"database": "real", "named_pipe": True}, {}, "real"),
        ("mysql", {"init_command": "USE real"}, {}, "real"),
        ("mysql", {"init_command": "SET sql_mode='STRICT_ALL_TABLES'; USE real"}, {}, "real"),
        ("mysql", {"init_command": "SET GLOBAL sql_mode=''"}, {}, ""),
        ("mysql", {"init_command": "SET sql_mode=(SELECT 1)"}, {}, ""),
    ],
)
def test_what_may_name_a_database_is_left_out(vendor: str, options: dict[str, Any], kept: dict[str, Any], named: str) -> None:
    found = rebuilt(vendor, NAME="mono", OPTIONS=options)
    assert found.conf["OPTIONS"] == kept and found.conf["NAME"] == ""
    assert found.left_out == [f"OPTIONS {key}" for key in sorted(options) if key not in kept]
    names = {"mono"} | ({named} if named else set())
    assert found.names == ({os.path.realpath(name) for name in names} if vendor == "sqlite" else names)


def test_a_session_s_own_variables_may_be_set() -> None:
    command = "SET sql_mode='STRICT_TRANS_TABLES', innodb_strict_mode=1"
    assert rebuilt("mysql", NAME="mono", OPTIONS={"init_command": command}).conf["OPTIONS"] == {"init_command": command}


def test_unknown_keys_are_left_out_and_named() -> None:
    found = rebuilt("postgresql", NAME="mono", SCHEMAS=["a"])
    assert "SCHEMAS" not in found.conf and found.left_out == ["SCHEMAS"]


def test_an_engine_that_is_not_known_is_refused() -> None:
    with pytest.raises(Unsafe, match="`default` is on legacy_oracle .oracle."):
        rebuild("default", "oracle", {"ENGINE": "legacy_oracle", "NAME": "x"})


# ---- files


def test_a_service_is_read_without_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "services"
    path.write_text("# ours\n[mono]\nhost=db\nport=5433\nuser=me\ndbname=Real\noptions=-csearch_path=x\n")
    monkeypatch.setenv("PGSERVICEFILE", str(path))
    found = rebuilt("postgresql", USER="other", OPTIONS={"service": "mono"})
    assert found.conf["OPTIONS"] == {"host": "db", "port": "5433"} and found.names == {"real"}
    assert found.left_out == ["OPTIONS service"]
    monkeypatch.setenv("PGSERVICE", "mono")
    assert rebuilt("postgresql").conf["OPTIONS"] == {"host": "db", "port": "5433", "user": "me"}
    with pytest.raises(Unsafe, match="the service none of `default`"):
        rebuilt("postgresql", OPTIONS={"service": "none"})


def test_an_option_file_is_read_without_its_database(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text(
        "[client]\nhost = db\nport=3307\nuser='me'\npassword=\"secret\"\ndatabase = real\ninit-command = USE real\n"
        "ssl-ca = ca.pem\ndefault-character-set = utf8mb4\nskip-ssl\n[mysqld]\nuser=mysql\n"
    )
    found = rebuilt("mysql", HOST="other", OPTIONS={"read_default_file": str(path)})
    assert found.conf["OPTIONS"] == {
        "port": 3307, "user": "me", "password": "secret", "ssl": {"ca": "ca.pem"}, "charset": "utf8mb4",
    }  # fmt: skip
    assert found.names == {"real"} and found.left_out == ["OPTIONS read_default_file"]


@pytest.mark.parametrize(("text", "said"), [("!include /etc/my.cnf\n", "includes other files"), (None, "can't be read: .*my.cnf")])
def test_an_option_file_that_leads_elsewhere_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "my.cnf"
    if text is not None:
        path.write_text(text)
    with pytest.raises(Unsafe, match=f"OPTIONS read_default_file of `default` {said}"):
        rebuilt("mysql", OPTIONS={"read_default_file": str(path)})


# ---- the same database


def test_aliases_that_share_a_database(tmp_path: Path) -> None:
    real = str(tmp_path / "real")
    assert rebuilt("sqlite", NAME=real).reach == rebuilt("sqlite", NAME="x", OPTIONS={"database": f"file:{real}?mode=rw"}).reach
    assert rebuilt("sqlite", NAME=":memory:").reach is None
    one = rebuilt("postgresql", NAME="x", HOST="db").reach
    assert one == rebuilt("postgresql", NAME="y", HOST="db", OPTIONS={"dbname": "x"}, TEST={"NAME": "z"}).reach
    assert one != rebuilt("postgresql", NAME="x", HOST="other").reach


@pytest.mark.parametrize(
    ("name", "path"),
    [("a?b", "a?b"), ("file:a?mode=ro", "a"), ("file:///x/y%20z", "/x/y z"), ("file://localhost/x#y", "/x")],
)
def test_the_file_of_a_name(name: str, path: str) -> None:
    assert as_path(name) == path


def test_variables_that_name_a_database_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"PGHOST": "db", "PGPASSWORD": "x", "CACHE_URL": "redis://x", "HOME_PAGE": "https://mono"}
    gone = {"PGDATABASE": "x", "PGSERVICE": "x", "PGOPTIONS": "x", "DATABASE_URL": "postgres://x", "REPLICA": "mysql+pymysql://x"}
    for name, value in {**kept, **gone}.items():
        monkeypatch.setenv(name, value)
    forget_variables()
    assert {name: os.environ.get(name) for name in (*kept, *gone)} == {**kept, **dict.fromkeys(gone)}
