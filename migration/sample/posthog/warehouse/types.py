from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posthog.models import Team

    from .models import DataWarehouseTable
    from posthog.warehouse.models.external_data_schema import ExternalDataSchema as Schema


@dataclass(frozen=True)
class SyncResult:
    table: DataWarehouseTable
    schema: Schema | None = None
    rows: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors


@dataclass(frozen=True)
class SourceInput:
    """What the user types in when connecting a source."""

    team: Team
    source_type: str
    prefix: str = ""
    job_inputs: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_payload(cls, team: Team, payload: dict[str, Any]) -> SourceInput:
        return cls(
            team=team,
            source_type=payload["source_type"],
            prefix=payload.get("prefix", ""),
            job_inputs=payload.get("job_inputs", {}),
        )


def column(name: str, type: str, nullable: bool = True) -> dict[str, Any]:
    return {"name": name, "type": type, "nullable": nullable}
