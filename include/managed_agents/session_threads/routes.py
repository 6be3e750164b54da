"""HTTP: /v1/sessions/{id}/threads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.reading import query_of
from include.managed_agents.session_events.routes import LiveStreams, stream_events
from include.managed_agents.session_events.service import SessionEvents
from include.managed_agents.session_log.schemas import EventList, EventStream, render_event
from include.managed_agents.session_threads.schemas import (
    ThreadEventList,
    ThreadList,
    render_thread,
    thread_id_of,
)
from include.managed_agents.sessions.schemas import render_session
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.settings import Price
from include.managed_agents.state import Db, Prices
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/sessions/{session_id}/threads", dependencies=[Depends(managed_agents_beta)])


def primary_thread(unit: Unit, session_id: str, price: Price) -> dict[str, Any]:
    session, version = Sessions(unit).retrieve(session_id)
    return render_thread(render_session(session, version, unit.clock.now(), price))


def require_primary(session_id: str, thread_id: str) -> None:
    if thread_id != thread_id_of(session_id):
        raise NotFound(f"thread {thread_id!r} not found; session {session_id!r} has only its primary thread")


@router.get("")
def list_threads(
    session_id: str, query: Annotated[ThreadList, Depends(query_of(ThreadList))], database: Db, price: Prices
) -> Reply:
    if query.page is not None:
        raise InvalidRequest("page: a session here has one thread, and so one page")
    with database.read() as unit:
        thread = primary_thread(unit, session_id, price)
        wanted = query.statuses is None or thread["status"] in query.statuses
        return Reply({"data": [thread] if wanted else [], "next_page": None})


@router.get("/{thread_id}")
def retrieve_thread(session_id: str, thread_id: str, database: Db, price: Prices) -> Reply:
    require_primary(session_id, thread_id)
    with database.read() as unit:
        return Reply(primary_thread(unit, session_id, price))


@router.post("/{thread_id}/archive")
def archive_thread(session_id: str, thread_id: str, database: Db, price: Prices) -> Reply:
    require_primary(session_id, thread_id)
    with database.read() as unit:
        primary_thread(unit, session_id, price)
    raise InvalidRequest("the primary thread can't be archived; archive its session")


@router.get("/{thread_id}/events")
def list_thread_events(
    session_id: str,
    thread_id: str,
    query: Annotated[ThreadEventList, Depends(query_of(ThreadEventList))],
    database: Db,
) -> Reply:
    require_primary(session_id, thread_id)
    with database.read() as unit:
        page = SessionEvents(unit).page(session_id, EventList(limit=query.limit, page=query.page))
        return Reply(page.render(render_event))


@router.get("/{thread_id}/stream")
async def stream_thread_events(
    session_id: str,
    thread_id: str,
    query: Annotated[EventStream, Depends(query_of(EventStream))],
    database: Db,
    streams: LiveStreams,
) -> StreamingResponse:
    require_primary(session_id, thread_id)
    return await stream_events(session_id, query, database, streams)
