from __future__ import annotations

import pytest

from migration.core.secrets import Secrets, in_settings, masked, masked_diff, named_secrets, variables

# ---- what stays


@pytest.mark.parametrize("text", [
    "shop.Item has no field", "http://example.com/a:b@c", "https://user@example.com/", "a = b == c", "mailto:x@example.com",
    "password: enter it", "git@github.com:a/b.git", "postgresql://db/mono", "pass=1",
])
def test_a_text_without_a_secret(text: str) -> None:
    assert Secrets().hide(text) == text


def test_words_that_tell_nothing() -> None:
    """Short ones, those of every project, and those that stand everywhere."""
    secrets = Secrets.of(["x", "abcd", "postgres", "password", "billing", "hunter2"], public=["billing"])
    assert secrets.values == ("hunter2",)
    assert secrets.hide("hunter22, my_hunter2x, hunter2's") == "hunter22, my_hunter2x, ********'s"


@pytest.mark.parametrize("source", [
    "", "DEBUG = True\n", "AUTH_USER_MODEL = 'accounts.User'\n", "KEY_PREFIX = 'shop'\n", "TOKEN_MODEL = 'authtoken.Token'\n",
    "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']\n", "SECRET_KEY = os.environ['SECRET_KEY']\n",
    "CACHES = {'default': {'KEY_PREFIX': 'x', 'LOCATION': 'redis://localhost:6379/1'}}\n", "PASSWORD = None\nTOKEN = ''\n", "TOKENIZER = 'words'\n", "PASSWORD_RESET_URL = '/reset/'\n", "BYPASS = 'never'\n",
])
def test_settings_without_one(source: str) -> None:
    assert in_settings(source)[0] == set() and masked(source) == source


# ---- what is hidden


@pytest.mark.parametrize(("text", "shown"), [
    ("postgresql://u:hunter2@db:5432/mono fails", "postgresql://u:********@db:5432/mono fails"),
    ("redis://:pw@cache/0", "redis://:********@cache/0"),
    ("amqp://u:p%40ss@h//", "amqp://u:********@h//"),
    ("host=db password=hunter2 user=u", "host=db password=******** user=u"),
    ("https://x/?api_key=abc&b=1", "https://x/?api_key=********&b=1"),
    ("PWD='a b' rest", "PWD=******** rest"),
])
def test_passwords_of_urls_and_connection_strings(text: str, shown: str) -> None:
    assert Secrets().hide(text) == shown


def test_values_wherever_they_stand() -> None:
    secrets = Secrets.of(["top-secret-key-1", "top-secret-key-1-longer", "$(weird)*"])
    assert secrets.hide("a top-secret-key-1-longer b 'top-secret-key-1' $(weird)*") == "a ******** b '********' ********"
    told = {"findings": ["it is $(weird)*", 1], "table": [{"a": "top-secret-key-1"}], "$(weird)*": None}
    assert secrets.hide_all(told) == {"findings": ["it is ********", 1], "table": [{"a": "********"}], "$(weird)*": None}


def test_the_lines_of_a_key() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nshort\n-----END PRIVATE KEY-----"
    assert Secrets.of([key]).hide("it says MIIEvQIBADANBgkqhkiG9w0BAQEF there, short") == "it says ******** there, short"


SETTINGS = '''\
import os

SECRET_KEY = "top-secret"
SECRET_KEY_FALLBACKS: list[str] = ["old-one", "older-one"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "mono", "USER": "alice", "PASSWORD": 'pw', "HOST": "db"},
    "other": dict(PASSWORD="second"),
}
DATABASES["default"]["PASSWORD"] = os.environ.get("DB_PASSWORD", "fallback")
API_KEY = env("API_KEY", default=f"key-{1}-x")
BROKER_URL = "amqp://guest:broker@rabbit//"
PRIVATE_KEY = """first
second line
"""
INSTALLED_APPS = ["ü", "shop"]; AWS_SECRET_ACCESS_KEY = "after-ü"
'''
MASKED = '''\
import os

SECRET_KEY = "********"
SECRET_KEY_FALLBACKS: list[str] = ["********", "********"]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "mono", "USER": "alice", "PASSWORD": '********', "HOST": "db"},
    "other": dict(PASSWORD="********"),
}
DATABASES["default"]["PASSWORD"] = os.environ.get("DB_PASSWORD", "********")
'''


def test_in_settings() -> None:
    secret, public = in_settings(SETTINGS)
    assert {"top-secret", "old-one", "older-one", "pw", "second", "fallback", "broker", "first\nsecond line\n", "after-ü"} <= secret
    assert secret <= {"top-secret", "old-one", "older-one", "pw", "second", "fallback", "broker", "first\nsecond line\n", "after-ü", "key-", "-x"}
    assert public == {"django.db.backends.postgresql", "mono", "alice", "db"}


def test_masked_settings() -> None:
    """Each literal is hidden where it stands, however short; no line goes."""
    shown = masked(SETTINGS)
    assert shown.startswith(MASKED) and shown.count("\n") == SETTINGS.count("\n")
    for secret in ("top-secret", "old-one", "'pw'", "second", "fallback", "broker@", "first", "after-ü"):
        assert secret not in shown
    assert 'API_KEY = env("API_KEY", default=f"********")' in shown
    assert 'BROKER_URL = "amqp://guest:********@rabbit//"' in shown and '"ü", "shop"]; AWS_SECRET_ACCESS_KEY = "********"' in shown
    assert masked(shown) == shown


def test_what_can_not_be_parsed_is_read_by_line() -> None:
    source = "SECRET_KEY = 'top-secret'  # (\nif x\n'PASSWORD': \"pw\",\nNAME = 'shop'\n"
    assert in_settings(source)[0] == {"top-secret", "pw"}
    assert masked(source) == "SECRET_KEY = '********'  # (\nif x\n'PASSWORD': \"********\",\nNAME = 'shop'\n"


def test_a_diff() -> None:
    """In settings modules by what stands before it, elsewhere only what is known."""
    diff = (
        "diff --git a/mono/settings.py b/mono/settings.py\n@@ -1,2 +1,2 @@\n SECRET_KEY = 'pw'\n-INSTALLED_APPS = ['a']\n+INSTALLED_APPS = ['b']\n"
        "diff --git a/mono/forms.py b/mono/forms.py\n@@ -1 +1 @@\n-password = 'Password'\n+password = 'Password!'\n"
    )
    assert masked_diff(diff, {"mono/settings.py"}) == diff.replace("'pw'", "'********'")
    assert masked_diff(diff, set()) == diff


def test_in_the_environment() -> None:
    environment = {"HOME": "/root", "DB_PASSWORD": "hunter2", "DATABASE_URL": "postgresql://u:urlpw@h/db", "TOKEN_CLASS": "a.b.C", "SECRET_KEY": "k"}
    assert set(named_secrets(environment)) == {"hunter2", "urlpw", "k"}
    assert variables("# x\nexport DB_PASSWORD='hunter2'\nEMPTY=\nno line\n A = b \n") == {"DB_PASSWORD": "hunter2", "EMPTY": "", "A": "b"}
