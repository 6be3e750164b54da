"""What can be done with environments."""

from __future__ import annotations

from include.managed_agents.database import Unit
from include.managed_agents.environments.models import EnvironmentRow
from include.managed_agents.environments.repository import EnvironmentRepository
from include.managed_agents.environments.schemas import (
    EnvironmentCreate,
    EnvironmentList,
    EnvironmentUpdate,
    resolve_config,
)
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.paging import Page
from include.managed_agents.updating import archive_once, merge_metadata, note_update

__all__ = ["Environments"]


class Environments:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = EnvironmentRepository(unit.session)

    def create(self, request: EnvironmentCreate, *, is_internal: bool = False) -> EnvironmentRow:
        now = self._unit.clock.now()
        row = EnvironmentRow(
            id=new_id("env"),
            name=request.name,
            description=request.description,
            config=resolve_config(request.config),
            metadata_=request.metadata,
            scope="organization",
            created_at=now,
            updated_at=now,
            is_internal=is_internal,
        )
        self._rows.add(row)
        return row

    def retrieve(self, environment_id: str) -> EnvironmentRow:
        row = self._rows.get(environment_id)
        if row is None:
            raise NotFound(
                f"environment {environment_id!r} not found", details={"error_code": "environment_not_found"}
            )
        return row

    def require_usable(self, environment_id: str) -> EnvironmentRow:
        """Return an environment for a new session or deployment. :raises InvalidRequest: if it is archived."""
        row = self.retrieve(environment_id)
        self._refuse_archived(row)
        return row

    def page(self, query: EnvironmentList) -> Page[EnvironmentRow]:
        return self._rows.page(query.include_archived, query.limit, query.page)

    def update(self, environment_id: str, request: EnvironmentUpdate) -> EnvironmentRow:
        row = self.retrieve(environment_id)
        self._refuse_archived(row)
        given = request.model_fields_set
        if request.name is not None:
            row.name = request.name
        if request.config is not None:
            if request.config.type != row.config["type"]:
                raise InvalidRequest(
                    f"config: the type can't change from {row.config['type']} to {request.config.type}; "
                    "make a new environment",
                    details={"error_code": "invalid_config_type_change"},
                )
            row.config = resolve_config(request.config, row.config)
        if "description" in given:
            row.description = request.description
        if request.metadata is not None:
            # Here, unlike elsewhere, an empty string deletes as well.
            patch = {key: value or None for key, value in request.metadata.items()}
            row.metadata_ = merge_metadata(row.metadata_, patch, details={"error_code": "invalid_metadata"})
        note_update(self._unit, row)
        return row

    def archive(self, environment_id: str) -> EnvironmentRow:
        row = self.retrieve(environment_id)
        archive_once(self._unit, row)
        return row

    def delete(self, environment_id: str) -> None:
        row = self.retrieve(environment_id)
        if row.is_internal:
            raise InvalidRequest(f"environment {environment_id!r} is the server's own and can't be deleted")
        self._rows.delete(row)

    @staticmethod
    def _refuse_archived(row: EnvironmentRow) -> None:
        if row.archived_at is not None:
            raise InvalidRequest(
                f"environment {row.id!r} is archived; use another environment",
                details={"error_code": "environment_archived"},
            )
