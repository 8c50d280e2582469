"""Permissions that models define themselves, and names put together from parts."""

from __future__ import annotations

import pytest

from tests.model_labels import WHOLE, check, check_text


@pytest.mark.parametrize(
    "text",
    [
        'user.has_perm("core.pay")',
        'user.has_perm("core.shared")',  # two models have one of this name
        'user.has_perm("ee.query_table")',
        'user.has_perm(f"core.{action}_team")',
        'log(f"core.{x}_table")',
        'log("core.%s" % x)',
        '"""core.query_table"""',
        'user.has_perm("core.view_table_x")',
        'x = "core.query_tables"',
    ],
)
def test_untouched(text: str) -> None:
    check(f"{text}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('user.has_perm("core.query_table")', 'user.has_perm("data_warehouse.query_table")'),
        ("user.has_perms(['core.query_table', 'core.pay'])", "user.has_perms(['data_warehouse.query_table', 'core.pay'])"),
        ('@permission_required(("core.hide_table",))\ndef f(): ...', '@permission_required(("data_warehouse.hide_table",))\ndef f(): ...'),
        ('permission_required = "core.query_table"', 'permission_required = "data_warehouse.query_table"'),
        ('View.as_view(perms=["core.query_table"])', 'View.as_view(perms=["data_warehouse.query_table"])'),
        ('user_passes_test(lambda u: u.has_perm("core.query_table"))', 'user_passes_test(lambda u: u.has_perm("data_warehouse.query_table"))'),
        ('user.has_perm(f"core.{action}_table")', 'user.has_perm(f"data_warehouse.{action}_table")'),
        ('user.has_perm("core.%s_table" % action)', 'user.has_perm("data_warehouse.%s_table" % action)'),
        ('user.has_perm("core.{}_tag".format(action))', 'user.has_perm("data_warehouse.{}_tag".format(action))'),
    ],
)
def test_followed(text: str, expected: str) -> None:
    check(f"{text}\n", f"{expected}\n")
    check(f"{text}\n", f"{expected}\n".replace("data_warehouse.", "depot.").replace("core.pay", "core.pay" if "core.pay" not in text else "depot.pay"), plan=WHOLE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('user.has_perm(f"core.{action}_{model}")', "put together from parts: where it means a model that moves"),
        ('user.has_perm("core.%s" % name)', "its label is data_warehouse now"),
        ('user.has_perm(f"core.{action}_gone")', "put together"),
        ('apps.get_model(f"core.{name}")', "put together"),
        ('reverse("admin:core_%s_change" % name)', "put together"),
        ('emit("core.query_table")', "nothing says whether this is one"),
    ],
)
def test_listed(text: str, reason: str) -> None:
    check(f"{text}\n", left=[reason])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('user.has_perm(f"core.{a}_{b}")', 'user.has_perm(f"depot.{a}_{b}")'),
        ('apps.get_model(f"core.{name}")', 'apps.get_model(f"depot.{name}")'),
        ('reverse("admin:core_%s_change" % name)', 'reverse("admin:depot_%s_change" % name)'),
    ],
)
def test_parts_where_the_label_is_gone(text: str, expected: str) -> None:
    check(f"{text}\n", f"{expected}\n", plan=WHOLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% if perms.core.query_table %}", "{% if perms.data_warehouse.query_table %}"),
        ("{{ perms.core.query_table }}", "{{ perms.data_warehouse.query_table }}"),
        ("{% if 'core.query_table' in perms %}", "{% if 'data_warehouse.query_table' in perms %}"),
        ("{% if perms.core.pay or perms.core.query_table_x %}", "{% if perms.core.pay or perms.core.query_table_x %}"),
        ("perms.core.query_table", "perms.core.query_table"),
    ],
)
def test_templates(text: str, expected: str) -> None:
    check_text("templates/x.html", text, expected)


def test_all_permissions_of_an_app() -> None:
    check_text("x.html", "{% if perms.core %}", left=["1: core: put together"])
    check_text("x.html", "{% if perms.core %}", "{% if perms.depot %}", plan=WHOLE)
