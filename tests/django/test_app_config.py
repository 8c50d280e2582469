"""The apps.py of a product: written anew, or made to keep its label."""

from __future__ import annotations

import ast

import pytest

from migration.django.app_config import class_name, pin, render
from migration.engine.edited import edited
from migration.python.source_file import SourceFile

OLD, NEW, LABEL = "old.redirects", "new.redirects", "redir"
CONFIG = "old.redirects.apps.RConfig"


def pinned(text: str, config: str = CONFIG, label: str = LABEL) -> str:
    """The text afterwards; checks that it parses and that a second run changes nothing."""
    source = SourceFile("apps.py", text.encode(), f"{OLD}.apps")
    result = edited(source, pin(source, config, OLD, NEW, label)) or source.raw
    ast.parse(result)
    for again in (config, f"{NEW}.apps.{config.rpartition('.')[2]}" if config else ""):
        assert pin(SourceFile("apps.py", result, f"{NEW}.apps"), again, OLD, NEW, label) == []
    return result.decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        'name = "old.redirects"\n',
        'class RConfig(AppConfig):\n    name = "new.redirects"\n    label = "own"\n',
        'class RConfig(AppConfig):\n    label: str = "own"\n    verbose_name = "x"\n',
        "class RConfig(AppConfig):\n    name, label = NAMES\n",
        'class RConfig(AppConfig):\n    @property\n    def label(self):\n        return "own"\n',
        'class OtherConfig(AppConfig):\n    name = "old.redirects.sub"\n',
        'class OtherConfig(AppConfig):\n    name = "old.redirects_x"\n',
        'class Thing:\n    name = "old.redirects"\n',
        'class Thing(Base):\n    name = "old.redirects"\n',
    ],
)
def test_nothing_changes(text: str) -> None:
    assert pinned(text) == text


PINNED = {
    "name and label": (
        'class RConfig(AppConfig):\n    name = "old.redirects"\n    verbose_name = "R"\n',
        'class RConfig(AppConfig):\n    name = "new.redirects"\n'
        '    label = "redir"\n    verbose_name = "R"\n',
    ),
    "the label is there": (
        "class RConfig(AppConfig):\n    label = 'own'\n    name = 'old.redirects'  # n\n",
        "class RConfig(AppConfig):\n    label = 'own'\n    name = 'new.redirects'  # n\n",
    ),
    "the name was rewritten already": (
        'class RConfig(AppConfig):\n    name = "new.redirects"\n',
        'class RConfig(AppConfig):\n    name = "new.redirects"\n    label = "redir"\n',
    ),
    "quotes, comment, tabs, line ends of Windows": (
        "class RConfig(AppConfig):\r\n\tname = 'old.redirects'  # the name\r\n\r\n\tx = 1\r\n",
        "class RConfig(AppConfig):\r\n\tname = 'new.redirects'  # the name\r\n"
        "\tlabel = 'redir'\r\n\r\n\tx = 1\r\n",
    ),
    "no line end at the end": (
        'class RConfig(AppConfig):\n    name = "old.redirects"',
        'class RConfig(AppConfig):\n    name = "new.redirects"\n    label = "redir"',
    ),
    "over several lines, annotated": (
        'class RConfig(AppConfig):\n    name: str = (\n        "old"  # x\n        ".redirects"\n    )\n',
        'class RConfig(AppConfig):\n    name: str = (\n        "new.redirects"\n    )\n    label = "redir"\n',
    ),
    "one line": (
        'class RConfig(AppConfig): name = "old.redirects"\n',
        'class RConfig(AppConfig): name = "new.redirects"; label = "redir"\n',
    ),
    "several statements in a line": (
        'class RConfig(AppConfig):\n    a = 1; name = "old.redirects"; b = 2\n',
        'class RConfig(AppConfig):\n    a = 1; name = "new.redirects"; label = "redir"; b = 2\n',
    ),
    "name that is computed or inherited": (
        'class RConfig(AppConfig):\n    """Redirects."""\n\n    verbose_name = "R"\n',
        'class RConfig(AppConfig):\n    """Redirects."""\n    label = "redir"\n\n    verbose_name = "R"\n',
    ),
    "no docstring, a decorator": (
        "class RConfig(AppConfig):\n    @property\n    def path(self):\n        return 1\n",
        'class RConfig(AppConfig):\n    label = "redir"\n    @property\n    def path(self):\n        return 1\n',
    ),
    "no docstring, one line": (
        "class RConfig(AppConfig): pass\n",
        'class RConfig(AppConfig): label = "redir"; pass\n',
    ),
    "an f-string keeps its place": (
        'class RConfig(AppConfig):\n    name = f"{ROOT}.redirects"\n',
        'class RConfig(AppConfig):\n    name = f"{ROOT}.redirects"\n    label = "redir"\n',
    ),
    "another class of the same package": (
        'class RConfig(AppConfig):\n    name = "old.redirects"\n    label = "r"\n\n\n'
        'class TestConfig(apps.AppConfig):\n    name = "old.redirects"\n',
        'class RConfig(AppConfig):\n    name = "new.redirects"\n    label = "r"\n\n\n'
        'class TestConfig(apps.AppConfig):\n    name = "new.redirects"\n    label = "redir"\n',
    ),
    "text that is not ASCII": (
        'X = "Ü"\n\n\nclass RConfig(AppConfig):\n    y = "Ü"; name = "old.redirects"\n',
        'X = "Ü"\n\n\nclass RConfig(AppConfig):\n    y = "Ü"; name = "new.redirects"; label = "redir"\n',
    ),
}


@pytest.mark.parametrize("name", PINNED)
def test_label_is_pinned(name: str) -> None:
    before, expected = PINNED[name]
    assert pinned(before) == expected


def test_an_app_without_a_class_of_its_own_has_none_to_use() -> None:
    text = 'class RConfig(AppConfig):\n    verbose_name = "R"\n'
    assert pinned(text, config="") == text


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ("error_tracking", "ErrorTrackingConfig"),
        ("data_warehouse", "DataWarehouseConfig"),
        ("links", "LinksConfig"),
        ("s3_sources_v2", "S3SourcesV2Config"),
        ("LLM_analytics", "LLMAnalyticsConfig"),
        ("web__analytics_", "WebAnalyticsConfig"),
        ("error-tracking", "ErrorTrackingConfig"),
        ("iOS", "IOSConfig"),
    ],
)
def test_class_name(product: str, expected: str) -> None:
    assert class_name(product) == expected


def test_render_is_what_startapp_writes_with_a_label() -> None:
    assert render("products.a.backend", "a", "AConfig", "django.db.models.AutoField") == (
        "from django.apps import AppConfig\n\n\nclass AConfig(AppConfig):\n"
        '    default_auto_field = "django.db.models.AutoField"\n'
        '    name = "products.a.backend"\n    label = "a"\n'
    )
    assert "default_auto_field" not in render("products.a.backend", "a", "AConfig")


def test_a_rendered_file_needs_no_pinning() -> None:
    assert pinned(render(NEW, LABEL, "RConfig")) == render(NEW, LABEL, "RConfig")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("    label = 'redir'  # n\n", "    label = 'other'  # n\n"),
        ('    label: str = "redir"\n', '    label: str = "other"\n'),
        ('    label = "third"\n', '    label = "third"\n'),
        ("    label = LABEL\n", "    label = LABEL\n"),
    ],
)
def test_a_label_that_changes(text: str, expected: str) -> None:
    head = 'class RConfig(AppConfig):\n    name = "new.redirects"\n'
    source = SourceFile("apps.py", (head + text).encode(), f"{NEW}.apps")
    after = edited(source, pin(source, CONFIG, OLD, NEW, "other", LABEL)) or source.raw
    assert after.decode() == head + expected
    assert pin(SourceFile("apps.py", after, f"{NEW}.apps"), CONFIG, OLD, NEW, "other", LABEL) == []
