"""Templates that Django finds by the label and the name of a model, and nothing in the code names.

``admin/shop/item/change_form.html`` overrides a page of the admin for one model, ``shop/item_list.html``
is what a generic view takes by default. When models get a new label, a template that keeps its name is not
found any more, and Django says nothing: it takes the general one. Those that an extraction moves get the
new name; all others are listed.
https://docs.djangoproject.com/en/stable/ref/contrib/admin/#overriding-admin-templates
https://docs.djangoproject.com/en/stable/ref/class-based-views/mixins-simple/#templateresponsemixin
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from migration.core.changes import Finding
from migration.plan.plan import App, Plan

_DIRECTORY = re.compile(r"(?P<above>(?:.*/)?(?:templates|jinja2)/)(?P<name>.+)")
# What generic views add to the name of a model, the views of dates included.
_SUFFIXES = r"_(?:list|detail|form|confirm_delete|archive(?:_(?:day|week|month|year|today))?)\.\w+"


def relabelled(path: str, app: App) -> str:
    """The path with the new label in it, where Django looks for the template by a model that gets one.

    :param path: a file, relative to the repo, wherever it lies.
    :returns: the same path where that is not so.
    """
    match = _DIRECTORY.fullmatch(path)
    if not app.relabels or match is None:
        return path
    models = "|".join(re.escape(model.name.lower()) for model in app.models) or "(?!)"
    found = re.fullmatch(rf"(admin/)?{re.escape(app.old_label)}/((?:{models})(?(1)/.+|{_SUFFIXES}))", match["name"])
    return f"{match['above']}{found[1] or ''}{app.label}/{found[2]}" if found else path


def unfound(plan: Plan, tree: Iterable[str]) -> list[Finding]:
    """The templates that keep their names, and that the models which get a new label are not shown with any more.

    :param tree: the tracked files before the move.
    """
    app, found = plan.app, []
    for old in tree if app.relabels else ():
        if plan.excludes(old):
            continue
        path = plan.new_path(old)
        new = relabelled(path, app)
        if new != path:
            advice = f"git mv it to {new}, or write that into file_moves in moves.yml"
            reason = f"Django finds it by the label {app.old_label}, which a model leaves"
            found.append(Finding(path, 0, reason, advice))
        elif re.fullmatch(rf"(?:.*/)?(?:templates|jinja2)/admin/{re.escape(app.old_label)}/[^/]+", path):
            reason = f"a page of the admin for all models of {app.old_label}, which those that move leave"
            advice = f"copy it to admin/{app.label}/ if they still need it"
            found.append(Finding(path, 0, reason, advice))
        elif (new := _by_habit(path, app)) != path:
            reason = f"a template below the label {app.old_label} and named after a model that leaves it"
            advice = f"see whether something looks for it by the model; then git mv it to {new}"
            found.append(Finding(path, 0, reason, advice))
    return found


def _by_habit(path: str, app: App) -> str:
    """The path with the new label, where views with an ending of their own, search indexes or comments look for it.

    ``shop/item_update_form.html`` (``template_name_suffix``), ``search/indexes/shop/item_text.txt``,
    ``comments/shop/item/form.html``: the label and the model stand one behind the other, at any depth.
    """
    match = _DIRECTORY.fullmatch(path)
    models = "|".join(re.escape(model.name.lower()) for model in app.models) or "(?!)"
    form = rf"((?:.+/)?){re.escape(app.old_label)}(/(?:{models})(?:_\w+\.\w+|/.+))"
    found = re.fullmatch(form, match["name"]) if match else None
    return f"{match['above']}{found[1]}{app.label}{found[2]}" if match and found else path
