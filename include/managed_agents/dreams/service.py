"""What can be done with dreams. The dreaming itself is in `runner`."""

from __future__ import annotations

from include.managed_agents.database import Unit
from include.managed_agents.dreams.engine import DreamOver
from include.managed_agents.dreams.models import DreamRow
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.dreams.schemas import ENDED, DreamCreate, DreamList
from include.managed_agents.errors import Conflict, InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.paging import Page
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.sessions.service import Sessions

__all__ = ["Dreams"]


class Dreams:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = DreamRepository(unit.session)

    def create(self, request: DreamCreate) -> DreamRow:
        """
        Put a dream into the queue.

        :raises InvalidRequest: if the store is archived.
        :raises Conflict: if another dream is writing into the same store.
        """
        MemoryStores(self._unit).require_writable(request.memory_store_id)
        self._require_sessions(request.session_ids)
        if request.output_behavior.type == "update_existing":
            self._require_sole_writer(request.memory_store_id)
        row = DreamRow(
            id=new_id("drm"),
            status="pending",
            input_store_id=request.memory_store_id,
            session_ids=request.session_ids,
            model=request.model_config_shown,
            instructions=request.instructions,
            output_behavior=request.output_behavior.model_dump(),
            created_at=self._unit.clock.now(),
            input_tokens=0,
            output_tokens=0,
            cache_read_input_tokens=0,
            cache_creation_input_tokens=0,
        )
        self._rows.add(row)
        return row

    def retrieve(self, dream_id: str) -> DreamRow:
        row = self._rows.get(dream_id)
        if row is None:
            raise NotFound.of("dream", dream_id)
        return row

    def page(self, query: DreamList) -> Page[DreamRow]:
        return self._rows.page(query)

    def start(self, dream_id: str) -> None:
        """Let a pending dream run. :raises DreamOver: if it has ended."""
        row = self.retrieve(dream_id)
        if row.status == "pending":
            row.status = "running"
            row.started_at = self._unit.clock.now()
        elif row.status != "running":
            raise DreamOver

    def cancel(self, dream_id: str) -> DreamRow:
        """Stop a dream at once. Canceling a canceled one changes nothing."""
        row = self.retrieve(dream_id)
        if row.status in {"completed", "failed"}:
            raise InvalidRequest(f"dream {dream_id!r} has {row.status} and can't be canceled")
        if row.status != "canceled":
            self.end(row, "canceled")
        return row

    def archive(self, dream_id: str) -> DreamRow:
        """Hide an ended dream from lists. It touches no store."""
        row = self.retrieve(dream_id)
        if row.status not in ENDED:
            raise InvalidRequest(f"dream {dream_id!r} is {row.status}; cancel it before you archive it")
        if row.archived_at is None:
            row.archived_at = self._unit.clock.now()
        return row

    def end(self, row: DreamRow, status: str, error: dict[str, str] | None = None) -> None:
        """Give a dream its final status, and archive the session that ran it."""
        row.status = status
        row.error = error
        row.ended_at = self._unit.clock.now()
        session = SessionRepository(self._unit.session).get(row.session_id) if row.session_id else None
        if session is not None and session.archived_at is None:
            Sessions(self._unit).end(session)

    def _require_sessions(self, session_ids: list[str]) -> None:
        found = {row.id for row in SessionRepository(self._unit.session).get_many(session_ids)}
        missing = [session_id for session_id in session_ids if session_id not in found]
        if missing:
            raise NotFound(f"inputs: session {missing[0]!r} not found ({len(missing)} missing in all)")

    def _require_sole_writer(self, memory_store_id: str) -> None:
        for other in self._rows.unfinished():
            if other.output_behavior["type"] == "update_existing" and other.input_store_id == memory_store_id:
                raise Conflict(
                    f"dream {other.id!r} is still writing into memory store {memory_store_id!r}; wait for it"
                )
