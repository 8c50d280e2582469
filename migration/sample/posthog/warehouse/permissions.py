from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_permission_codename

if TYPE_CHECKING: from posthog.models.user import User  # noqa: E701


def permission_name(action: str, model) -> str:
    """The full name of a permission, as `has_perm` wants it."""
    return f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}"


def can_edit(user: User, model) -> bool:
    return user.has_perm(permission_name("change", model))


def can_create(user: User, model) -> bool:
    return user.has_perm(permission_name("add", model))
