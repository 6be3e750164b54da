"""HTTP: /v1/sessions/{id}/events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.session_events.schemas import EventList, EventSend, render_event
from include.managed_agents.session_events.service import SessionEvents
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/sessions/{session_id}/events", dependencies=[Depends(managed_agents_beta)])


@router.get("")
def list_events(
    session_id: str, query: Annotated[EventList, Depends(query_of(EventList))], database: Db
) -> Reply:
    with database.read() as unit:
        return Reply(SessionEvents(unit).page(session_id, query).render(render_event))


@router.post("")
def send_events(
    session_id: str, request: Annotated[EventSend, Depends(body_of(EventSend))], database: Db
) -> Reply:
    with database.write() as unit:
        rows = SessionEvents(unit).send(session_id, request.events)
        return Reply({"data": [render_event(row) for row in rows]})
