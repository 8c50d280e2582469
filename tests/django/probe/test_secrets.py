from __future__ import annotations

import pytest

from migration.django.probe.secrets import all_hidden, hidden, public_in, secrets_in
from tests.outside import act


@pytest.mark.parametrize("text", ["shop.Item", "https://user@example.com/", "no password given", "a=b"])
def test_what_stays(text: str) -> None:
    assert hidden(text, ["other"]) == text


@pytest.mark.parametrize(("text", "shown"), [
    ("postgresql://u:hunter2@db/mono", "postgresql://u:********@db/mono"), ("password=hunter2 host=x", "password=******** host=x"),
    ("key is top-secret!", "key is ********!"), ("top-secretary", "top-secretary"),
])
def test_what_is_hidden(text: str, shown: str) -> None:
    assert hidden(text, ["top-secret"]) == shown
    assert all_hidden({"a": [text, 1, None]}, ["top-secret"]) == {"a": [shown, 1, None]}


def test_what_is_a_secret() -> None:
    settings = {
        "SECRET_KEY": "k1", "DATABASES": {"default": {"NAME": "n", "USER": "u", "PASSWORD": "k2", "OPTIONS": {"passfile": "/x"}}},
        "CACHES": {"default": {"LOCATION": "redis://:k3@h/0", "KEY_PREFIX": "p"}}, "TOKEN_MODEL": "authtoken.Token",
        "AUTH_USER_MODEL": "auth.User", "SECRET_KEY_FALLBACKS": ("k4",), "API_TOKENS": ["k5"], "PASSWORD_RESET_PATH": "kept", "SIGNING_KEY": b"k6", "DEBUG": True,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
    }  # fmt: skip
    assert {value for value in secrets_in(settings) if value.startswith("k")} == {"k1", "k2", "k3", "k4", "k5", "k6"}
    assert "p" not in set(secrets_in(settings)) and "authtoken.Token" not in set(secrets_in(settings))
    assert public_in({**settings, "INSTALLED_APPS": ["shop.stock"]}) >= {"n", "u", "default", "shop", "stock", "shop.stock"}


def test_what_a_trial_writes_down(tmp_path) -> None:  # type: ignore[no-untyped-def]
    outcome = act(tmp_path, """
        import socket

        value = []
        for host in ("top-secret-word.example.com", "plain.example.com"):
            try:
                socket.getaddrinfo(host, 443)
            except OSError as error:
                value.append(str(error))
    """, "SECRET_KEY = 'top-secret-word'\n")
    assert [one.what for one in outcome.refused] == ["a look-up of ********.example.com:443", "a look-up of plain.example.com:443"]
