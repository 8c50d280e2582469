"""The part of the probe that keeps secrets out of what is told: errors, findings, names of databases.

A secret is what Django's own error pages hide
(https://docs.djangoproject.com/en/stable/ref/settings/#debug), a little narrower, since here it is looked for
in running text: the value of a setting, of an entry in one or of an environment variable whose name says so,
and the password of a URL. A word that the settings use in public as well (a user's name that is the
password, too) tells nothing and stays.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Iterable, Iterator  # noqa: UP035  Python 3.8
from urllib.parse import unquote

HIDDEN = "********"
SHORTEST = 5  # a shorter one is a word like others: hiding it would tear texts apart
LONG = 12  # from here on it is no part of a word by chance
NAMES = re.compile(
    r"SECRET|PRIVATE_KEY|(?:PASSWORD|PASSWD|PASSPHRASE|(?:^|_)(?:PASS|PWD|DSN)|TOKEN|CREDENTIAL|SIGNATURE)S?$"
    r"|(?:_|API|ACCESS|AUTH|ACCOUNT)KEYS?$",
    re.IGNORECASE,
)
URL = re.compile(r"(?<=://)[^\s/@'\"]*:(?P<password>[^\s/@'\"]*)(?=@)")
WORDS = re.compile(r"(?i)\b(password|passwd|pwd|secret|token|api_?key)=(?:'[^']*'|\"[^\"]*\"|[^\s&;,'\")]+)")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def hidden(text: str, values: Iterable[str] = ()) -> str:
    """A text without the passwords of its URLs and connection strings, and without these values."""
    text = URL.sub(lambda found: found[0][: found.start("password") - found.start()] + HIDDEN, text)
    text = WORDS.sub(lambda found: f"{found[1]}={HIDDEN}", text)
    for value in sorted(values, key=len, reverse=True):
        if value in text and len(value) >= LONG:
            text = text.replace(value, HIDDEN)
        elif value in text:
            text = re.sub(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", HIDDEN, text)
    return text


def all_hidden(content: Any, values: Iterable[str]) -> Any:
    """The same for every text in plain JSON values."""
    if isinstance(content, str):
        return hidden(content, values)
    if isinstance(content, dict):
        return {key: all_hidden(item, values) for key, item in content.items()}
    return [all_hidden(item, values) for item in content] if isinstance(content, (list, tuple)) else content


def of_project(error: BaseException | None = None) -> frozenset[str]:
    """The secrets of the settings, as far as they were loaded, and of the environment.

    :param error: where the settings themselves failed: what they had set by then.
    """
    found = set(secrets_in(dict(os.environ)))
    public: set[str] = set()
    trace = error.__traceback__ if error else None
    while trace is not None:
        names = {name: value for name, value in trace.tb_frame.f_globals.items() if name.isupper()}
        if "SECRET_KEY" in names or "DATABASES" in names or "INSTALLED_APPS" in names:
            found |= set(secrets_in(names))
            public |= public_in(names)
        trace = trace.tb_next
    names = of_settings()
    found |= set(secrets_in(names))
    public |= public_in(names)
    return frozenset(value for value in found - public if len(value) >= SHORTEST)


def of_settings() -> dict[str, Any]:
    """The settings, as far as they are there: Django itself may be missing."""
    try:
        from django.conf import settings
    except ImportError:
        return {}
    if not settings.configured:
        return {}
    return {name: getattr(settings, name, None) for name in dir(settings._wrapped) if name.isupper()}


def secrets_in(content: Any, name: str = "", depth: int = 0) -> Iterator[str]:
    """The secrets among the values of settings, of entries in them, and in URLs."""
    if isinstance(content, (str, bytes)):
        text = content.decode(errors="replace") if isinstance(content, bytes) else content
        if NAMES.search(name) and not is_path(text):
            yield text.strip()
            yield from (line.strip() for line in text.splitlines() if len(line.strip()) > 30)  # of a key in PEM
        for match in URL.finditer(text):
            yield from (match["password"], unquote(match["password"]))
    elif depth < 8 and isinstance(content, dict):
        for key, item in content.items():
            yield from secrets_in(item, str(key), depth + 1)
    elif depth < 8 and isinstance(content, (list, tuple, set, frozenset)):
        for item in content:
            yield from secrets_in(item, name, depth + 1)


def is_path(text: str) -> bool:
    """Whether a setting names a module, a class or a model: ``TOKEN_MODEL = "authtoken.Token"``."""
    return bool(DOTTED.fullmatch(text)) and (text.partition(".")[0] in sys.modules or text.count(".") == 1)


def public_in(names: dict[str, Any]) -> set[str]:
    """Words that settings use in public: apps, and what names a database."""
    found: set[str] = set()
    apps = names.get("INSTALLED_APPS")
    for entry in apps if isinstance(apps, (list, tuple)) else ():
        found.update((str(entry), *str(entry).split(".")))
    databases = names.get("DATABASES")
    for alias, conf in databases.items() if isinstance(databases, dict) else ():
        found.add(str(alias))
        if isinstance(conf, dict):
            found.update(str(conf.get(key, "")) for key in ("ENGINE", "NAME", "USER", "HOST"))
    return found
