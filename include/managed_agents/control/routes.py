"""HTTP: /_control/. The same key as the API; no beta header."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.control.schemas import DreamFailure, FireRequest, ImportRequest, StatusRequest
from include.managed_agents.control.service import import_transcripts, set_status
from include.managed_agents.deployments.firing import fire
from include.managed_agents.deployments.schemas import render_run
from include.managed_agents.dreams.routes import Dreaming
from include.managed_agents.reading import body_of
from include.managed_agents.sessions.schemas import render_session
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.state import Db, Prices, Turns
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/_control")


@router.post("/sessions/import")
def import_sessions(
    request: Annotated[ImportRequest, Depends(body_of(ImportRequest, large=True))], database: Db
) -> Reply:
    with database.write() as unit:
        imported = import_transcripts(unit, request)
        data = [
            {"transcript_id": transcript_id, "session_id": session_id, "created": created}
            for transcript_id, session_id, created in imported
        ]
        return Reply({"data": data})


@router.post("/sessions/{session_id}/status")
def set_session_status(
    session_id: str,
    request: Annotated[StatusRequest, Depends(body_of(StatusRequest))],
    database: Db,
    price: Prices,
) -> Reply:
    with database.write() as unit:
        set_status(unit, session_id, request.status)
        return Reply(render_session(*Sessions(unit).retrieve(session_id), unit.clock.now(), price))


@router.post("/dreams/fail_next")
def fail_next_dream(
    request: Annotated[DreamFailure, Depends(body_of(DreamFailure))], dreams: Dreaming
) -> Reply:
    dreams.fail_next(request.type, request.message)
    return Reply({"ordered": request.type})


@router.post("/deployments/{deployment_id}/fire")
def fire_deployment(
    deployment_id: str,
    request: Annotated[FireRequest, Depends(body_of(FireRequest))],
    database: Db,
    turns: Turns,
) -> Reply:
    with database.write() as unit:
        return Reply(render_run(fire(unit, turns, deployment_id, request.scheduled_at)))
