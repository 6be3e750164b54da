"""HTTP: /v1/sessions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.agents.models import AgentVersionRow
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.schemas import SessionCreate, SessionList, SessionUpdate, render_session
from include.managed_agents.sessions.sending import send_events
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.state import Db, Prices, Turns
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/sessions", dependencies=[Depends(managed_agents_beta)])


@router.post("")
def create_session(
    request: Annotated[SessionCreate, Depends(body_of(SessionCreate, large=True))],
    database: Db,
    price: Prices,
    turns: Turns,
) -> Reply:
    with database.write() as unit:
        row, version = Sessions(unit).create(request)
        if request.initial_events:
            send_events(unit, turns, row.id, request.initial_events)
        return Reply(render_session(row, version, unit.clock.now(), price))


@router.get("")
def list_sessions(
    query: Annotated[SessionList, Depends(query_of(SessionList))], database: Db, price: Prices
) -> Reply:
    with database.read() as unit:
        now = unit.clock.now()

        def render(shown: tuple[SessionRow, AgentVersionRow]) -> dict[str, Any]:
            return render_session(*shown, now, price)

        return Reply(Sessions(unit).page(query).render_both_ways(render))


@router.get("/{session_id}")
def retrieve_session(session_id: str, database: Db, price: Prices) -> Reply:
    with database.read() as unit:
        return Reply(render_session(*Sessions(unit).retrieve(session_id), unit.clock.now(), price))


@router.post("/{session_id}")
def update_session(
    session_id: str,
    request: Annotated[SessionUpdate, Depends(body_of(SessionUpdate))],
    database: Db,
    price: Prices,
) -> Reply:
    with database.write() as unit:
        row, version = Sessions(unit).update(session_id, request, price)
        return Reply(render_session(row, version, unit.clock.now(), price))


@router.post("/{session_id}/archive")
def archive_session(session_id: str, database: Db, price: Prices) -> Reply:
    with database.write() as unit:
        return Reply(render_session(*Sessions(unit).archive(session_id), unit.clock.now(), price))


@router.delete("/{session_id}")
def delete_session(session_id: str, database: Db) -> Reply:
    with database.write() as unit:
        Sessions(unit).delete(session_id)
        return Reply({"id": session_id, "type": "session_deleted"})
