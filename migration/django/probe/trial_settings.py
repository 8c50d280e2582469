"""The part of the probe that makes the trial's own DATABASES out of the project's.

Each is built anew from a list of what is needed to reach the server; whatever else it says is left out,
since any of it may name a database: Django lets OPTIONS win over NAME
(https://docs.djangoproject.com/en/stable/ref/databases/), and files and variables of the drivers' join in.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import configparser
import os
import re
from typing import Any, Dict  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006

_ALWAYS = ("ENGINE", "ATOMIC_REQUESTS", "AUTOCOMMIT", "TIME_ZONE", "DISABLE_SERVER_SIDE_CURSORS")
_PLACE = ("USER", "PASSWORD", "HOST", "PORT")
# Django gives each of these to every database, or they are of no matter to a trial.
_SILENT = ("NAME", "OPTIONS", "TEST", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS", *_ALWAYS, *_PLACE)
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS, without dbname, service, options
_POSTGRESQL = frozenset(re.findall(r"\w+",
    "host hostaddr port user password passfile require_auth channel_binding connect_timeout client_encoding "
    "application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count "
    "tcp_user_timeout gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey sslkeylogfile "
    "sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version "
    "ssl_max_protocol_version krbsrvname gsslib gssdelegation target_session_attrs load_balance_hosts "
    "prepare_threshold context isolation_level assume_role server_side_binding"
))  # fmt: skip
# https://mysqlclient.readthedocs.io/user_guide.html, https://pymysql.readthedocs.io/en/latest/modules/connections.html
_MYSQL = frozenset(re.findall(r"\w+",
    "host user passwd password port unix_socket connect_timeout read_timeout write_timeout compress charset collation "
    "use_unicode sql_mode ssl ssl_mode ssl_ca ssl_cert ssl_key ssl_capath ssl_cipher ssl_disabled ssl_verify_cert "
    "ssl_verify_identity ssl_key_password isolation_level max_allowed_packet auth_plugin server_public_key "
    "bind_address use_pure"
))  # fmt: skip
_SQLITE = frozenset(("timeout", "transaction_mode"))
_KEPT = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "sqlite": _SQLITE}
_VARIABLES = (
    "PGDATABASE", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGOPTIONS", "MYSQL_HOME", "MYSQL_GROUP_SUFFIX",
    "MYSQL_TEST_LOGIN_FILE",
)  # fmt: skip
_URL = re.compile(r"(postg|psql|pgsql|mysql|mariadb|sqlite|spatialite|timescale|cockroach)[\w+.]*:/", re.IGNORECASE)
# What a person may say of a session without naming anything: https://docs.djangoproject.com/en/stable/ref/databases/
_SESSION = re.compile(
    r"\s*SET\s+(?!GLOBAL|PERSIST|PASSWORD|ROLE|DEFAULT|@@global|@@persist)[\w@.\s=,'\"\-]+;?\s*", re.IGNORECASE
)


class Unsafe(Exception):
    """It can't be told where a setting leads; the message names alias and setting."""


class Rebuilt:
    """What was made of one database's settings.

    :param conf: the trial's; NAME is not set.
    :param names: of databases that the project's settings name, in small letters (SQLite: paths).
    :param left_out: keys that were left out and that people may miss.
    :param reach: what two aliases have in common that share a database; None where no two can.
    """

    def __init__(self, conf: Plain, names: set[str], left_out: list[str], reach: Any) -> None:
        self.conf, self.names, self.left_out, self.reach = conf, names, left_out, reach


def rebuild(alias: str, vendor: str, conf: Plain) -> Rebuilt:
    """The settings of one database for the trial.

    :raises Unsafe: if a file that they stand on can't be read, or the engine is none of those that are known.
    """
    if vendor not in _KEPT:
        raise Unsafe(
            f"the trial knows SQLite, PostgreSQL, MySQL and MariaDB, and `{alias}` is on {conf['ENGINE']} ({vendor}): "
            "no database of that engine can be told from the real one"
        )
    options = dict(conf.get("OPTIONS") or {})
    test = dict(conf.get("TEST") or {})
    given: Plain = {}
    if vendor == "postgresql":
        given = of_service(alias, options)
    elif vendor == "mysql":
        given = of_option_file(alias, options)
    from_file = {key: value for key, value in given.items() if not conf.get(key.upper())}
    kept = {key: value for key, value in {**from_file, **options}.items() if key in _KEPT[vendor]}
    if vendor == "mysql" and _SESSION.fullmatch(str(options.get("init_command") or "")):
        kept["init_command"] = options["init_command"]
    named = names(vendor, conf, options, given, test)
    left_out = [f"OPTIONS {key}" for key in sorted(map(str, options)) if key not in kept]
    left_out += sorted(str(key) for key in conf if key not in _SILENT)
    own = {key: conf[key] for key in _ALWAYS if key in conf}
    own.update({key: conf.get(key, "") if vendor != "sqlite" else "" for key in _PLACE})
    own.update(NAME="", OPTIONS=kept, CONN_MAX_AGE=0, CONN_HEALTH_CHECKS=False)
    own["TEST"] = {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None}
    own["TEST"].update({key: test[key] for key in ("CHARSET", "COLLATION") if test.get(key)})
    if vendor == "postgresql" and test.get("TEMPLATE"):
        own["TEST"]["TEMPLATE"] = str(test["TEMPLATE"])  # what it is, its server is asked
    return Rebuilt(own, named, left_out, reach(vendor, conf, options, given))


def real(conf: Plain, options: Plain, given: Plain) -> set[str]:
    """The names that lead to the project's own database of an alias."""
    words = [conf.get("NAME"), *(place.get(key) for place in (options, given) for key in ("dbname", "database", "db"))]
    words.append(os.environ.get("PGDATABASE"))
    return {str(word).lower() for word in words if word}


def names(vendor: str, conf: Plain, options: Plain, given: Plain, test: Plain) -> set[str]:
    """Every database that the settings of an alias name, in whatever way."""
    if vendor == "sqlite":
        found = {str(word) for word in (conf.get("NAME"), options.get("database"), test.get("NAME")) if word}
        return {os.path.realpath(as_path(name)) for name in found if ":memory:" not in name}
    found = real(conf, options, given) | ({str(test["NAME"]).lower()} if test.get("NAME") else set())
    for word in re.findall(r"\bUSE\s+[`\"]?([^\s`\";]+)", str(options.get("init_command") or ""), re.IGNORECASE):
        found.add(word.lower())
    return found


def as_path(name: str) -> str:
    """The file that a name of SQLite's stands for: https://www.sqlite.org/uri.html"""
    if not name.startswith("file:"):
        return name
    from urllib.parse import unquote

    path = name[len("file:") :].partition("?")[0].partition("#")[0]
    return unquote(re.sub(r"^//[^/]*", "", path))


def reach(vendor: str, conf: Plain, options: Plain, given: Plain) -> Any:
    """Where a database is: the same for two aliases that share one."""
    if vendor == "sqlite":
        name = str(options.get("database") or conf.get("NAME") or "")
        if not name or ":memory:" in name or "mode=memory" in name:
            return None
        return (vendor, os.path.realpath(as_path(name)))
    places, keys = (options, {"db": conf.get("NAME")}, given), ("dbname", "database", "db")
    name = next((str(place[key]) for place in places for key in keys if place.get(key)), "")
    host, port = (conf.get(key.upper()) or options.get(key) or given.get(key) or "" for key in ("host", "port"))
    return (vendor, str(host), str(port), str(name))


def of_service(alias: str, options: Plain) -> Plain:
    """What a service of libpq's stands for: https://www.postgresql.org/docs/current/libpq-pgservice.html

    :raises Unsafe: if it is in no file that can be read.
    """
    service = str(options.get("service") or os.environ.get("PGSERVICE") or "")
    if not service:
        return {}
    places = [options.get("servicefile"), os.environ.get("PGSERVICEFILE"), os.path.expanduser("~/.pg_service.conf")]
    places += [os.path.join(os.environ.get("PGSYSCONFDIR") or "/etc/postgresql-common", "pg_service.conf")]
    for place in filter(None, places):
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",), interpolation=None)
        try:
            with open(place, encoding="utf-8", errors="replace") as stream:
                parser.read_file(stream)
        except (OSError, configparser.Error):
            continue
        if parser.has_section(service):
            return dict(parser.items(service))
    raise Unsafe(
        f"the service {service} of `{alias}` (OPTIONS service, PGSERVICE) is in no pg_service.conf that can be read"
    )


def of_option_file(alias: str, options: Plain) -> Plain:
    """What an option file of MySQL's says: https://dev.mysql.com/doc/refman/en/option-files.html

    :raises Unsafe: if it can't be read, or leads on to others.
    """
    path, group = options.get("read_default_file"), options.get("read_default_group")
    if not path and not group:
        return {}
    found: Plain = {}
    places = [path] if path else ["/etc/my.cnf", "/etc/mysql/my.cnf", "~/.my.cnf"]
    for place in map(os.path.expanduser, map(str, places)):
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True, interpolation=None, delimiters=("=",))
        try:
            with open(place, encoding="utf-8", errors="replace") as stream:
                lines = stream.read().splitlines()
        except OSError as error:
            if path:
                why = f"OPTIONS read_default_file of `{alias}` can't be read: {place}: {error.strerror}"
                raise Unsafe(why) from error
            continue
        if path and any(line.strip().startswith("!include") for line in lines):
            raise Unsafe(f"OPTIONS read_default_file of `{alias}` includes other files: {place}")
        try:
            parser.read_string("\n".join(line for line in lines if not line.strip().startswith("!")))
        except configparser.Error as error:
            raise Unsafe(f"OPTIONS read_default_file of `{alias}` can't be read: {place}: {error}") from error
        for section in ("client", str(group or "")):
            if section and parser.has_section(section):
                found.update(dict(parser.items(section)))
    return in_python(found)


def in_python(found: Plain) -> Plain:
    """The options of a file, named and typed as the drivers in Python take them."""
    result: Plain = {}
    ssl: Plain = {}
    for key, value in found.items():
        name, text = key.replace("-", "_"), str(value or "").strip().strip("'\"")
        if name == "port" and text.isdigit():
            result["port"] = int(text)
        elif name == "socket":
            result["unix_socket"] = text
        elif name == "default_character_set":
            result["charset"] = text
        elif name in ("ssl_ca", "ssl_cert", "ssl_key", "ssl_capath", "ssl_cipher"):
            ssl[name[len("ssl_") :]] = text
        elif name in ("host", "user", "password", "database"):
            result[name] = text
    if ssl:
        result["ssl"] = ssl
    return result


def forget_variables() -> None:
    """The settings are loaded: no variable may name a database to a driver, or to code that reads it later."""
    for name in list(os.environ):
        if name in _VARIABLES or _URL.match(os.environ[name]):
            del os.environ[name]
