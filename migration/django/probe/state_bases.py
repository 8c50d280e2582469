"""The operation of a generated migration that gives a model other bases; its class is copied into it.

A proxy that stays while its model moves, and a child with a table of its own whose parent moves (or the other way
round: there nothing is needed), inherit from a model that gets another label. Django has no operation for that. Taking
the model out of the state and putting it in again would leave what refers to it with a class that is gone, for the rest
of a run of ``migrate``; here the model is loaded again, with all that is related to it.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class ChangeBases(Operation):  # type: ignore[misc]
    """Give a model other bases in the state, with the fields that link it to them; the database stays as it is."""

    reduces_to_sql = False
    reversible = True

    def __init__(self, name: Any, bases: Any, fields: Any = ()) -> None:
        self.name = name
        self.bases = bases
        self.fields = fields

    def state_forwards(self, app_label: Any, state: Any) -> None:
        model = state.models[app_label, self.name]
        model.bases = tuple(self.bases)
        model.fields.update(self.fields)
        state.reload_model(app_label, self.name)

    def database_forwards(self, app_label: Any, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass

    def database_backwards(self, app_label: Any, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass

    def describe(self) -> Any:
        return f"Change the bases of {self.name}"
