"""HTTP: /v1/dreams."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from include.managed_agents.access import dreaming_beta
from include.managed_agents.dreams.runner import DreamRunner
from include.managed_agents.dreams.schemas import DreamCreate, DreamList, render_dream
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/dreams", dependencies=[Depends(dreaming_beta)])


async def dreaming(request: Request) -> DreamRunner:
    found: DreamRunner = request.app.state.dreams
    return found


Dreaming = Annotated[DreamRunner, Depends(dreaming)]


@router.post("")
def create_dream(
    request: Annotated[DreamCreate, Depends(body_of(DreamCreate))], database: Db, dreams: Dreaming
) -> Reply:
    with database.write() as unit:
        row = Dreams(unit).create(request)
        unit.after_commit(lambda: dreams.submit(row.id))
        return Reply(render_dream(row))


@router.get("")
def list_dreams(query: Annotated[DreamList, Depends(query_of(DreamList))], database: Db) -> Reply:
    with database.read() as unit:
        return Reply(Dreams(unit).page(query).render(render_dream))


@router.get("/{dream_id}")
def retrieve_dream(dream_id: str, database: Db) -> Reply:
    with database.read() as unit:
        return Reply(render_dream(Dreams(unit).retrieve(dream_id)))


@router.post("/{dream_id}/cancel")
def cancel_dream(dream_id: str, database: Db, dreams: Dreaming) -> Reply:
    with database.write() as unit:
        row = Dreams(unit).cancel(dream_id)
        unit.after_commit(lambda: dreams.interrupt(dream_id))
        return Reply(render_dream(row))


@router.post("/{dream_id}/archive")
def archive_dream(dream_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_dream(Dreams(unit).archive(dream_id)))
