"""HTTP: /v1/sessions/{id}/events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.session_events.service import SessionEvents
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.session_log.schemas import EventList, EventSend, EventStream, render_event
from include.managed_agents.sessions.sending import send_events
from include.managed_agents.state import Db, Turns
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/sessions/{session_id}/events", dependencies=[Depends(managed_agents_beta)])


async def streams(request: Request) -> Streams:
    found: Streams = request.app.state.streams
    return found


LiveStreams = Annotated[Streams, Depends(streams)]


@router.get("")
def list_events(
    session_id: str, query: Annotated[EventList, Depends(query_of(EventList))], database: Db
) -> Reply:
    with database.read() as unit:
        return Reply(SessionEvents(unit).page(session_id, query).render(render_event))


@router.post("")
def post_events(
    session_id: str,
    request: Annotated[EventSend, Depends(body_of(EventSend, large=True))],
    database: Db,
    turns: Turns,
) -> Reply:
    with database.write() as unit:
        rows = send_events(unit, turns, session_id, request.events)
        return Reply({"data": [render_event(row) for row in rows]})


@router.get("/stream")
async def stream_events(
    session_id: str,
    query: Annotated[EventStream, Depends(query_of(EventStream))],
    database: Db,
    streams: LiveStreams,
) -> StreamingResponse:
    def last_seq() -> int:
        with database.read() as unit:
            return SessionEvents(unit).last_seq(session_id)

    after = await run_in_threadpool(last_seq)
    events = streams.follow(session_id, after, frozenset(query.event_deltas or ()))
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
