"""Make sessions of recorded transcripts, and put sessions into any status."""

from __future__ import annotations

from datetime import datetime

from include.managed_agents.agents.schemas import AgentCreate
from include.managed_agents.agents.service import Agents
from include.managed_agents.control.models import ImportedTranscriptRow
from include.managed_agents.control.repository import ImportedTranscriptRepository
from include.managed_agents.control.schemas import ImportRequest
from include.managed_agents.control.transcripts import Transcript, events_of, times_of
from include.managed_agents.database import Unit
from include.managed_agents.environments.schemas import EnvironmentCreate
from include.managed_agents.environments.service import Environments
from include.managed_agents.facts import fact
from include.managed_agents.session_log.log import EventLog
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.schemas import SessionCreate
from include.managed_agents.sessions.service import Sessions

__all__ = ["Imported", "import_transcripts", "set_status"]

#: Transcript id, session id, and whether the session is new.
Imported = tuple[str, str, bool]


def import_transcripts(unit: Unit, request: ImportRequest) -> list[Imported]:
    """
    Make one session of each transcript, with its own times.

    A transcript that this agent has already is not imported again: its session is returned. All are
    imported, or none.
    """
    agent_id = request.agent_id or default_agent(unit)
    environment_id = request.environment_id or default_environment(unit)
    resources = (
        [{"type": "memory_store", "memory_store_id": request.memory_store_id}]
        if request.memory_store_id
        else []
    )
    template = SessionCreate.model_validate(
        {"agent": agent_id, "environment_id": environment_id, "resources": resources}
    )
    return [import_one(unit, template, agent_id, transcript) for transcript in request.transcripts]


def import_one(unit: Unit, template: SessionCreate, agent_id: str, transcript: Transcript) -> Imported:
    rows = ImportedTranscriptRepository(unit.session)
    known = rows.get(agent_id, transcript.id)
    if known is not None:
        return transcript.id, known.session_id, False
    times = times_of(transcript, unit.clock.now())
    started = min(transcript.created_at or times[0], times[0])
    session = make_session(unit, template, transcript, started)
    EventLog(unit, session.id).extend(events_of(transcript, times))
    session.updated_at = max(times)
    rows.add(ImportedTranscriptRow(agent_id=agent_id, transcript_id=transcript.id, session_id=session.id))
    return transcript.id, session.id, True


def make_session(
    unit: Unit, template: SessionCreate, transcript: Transcript, started: datetime
) -> SessionRow:
    request = template.model_copy(update={"title": transcript.title or transcript.id})
    session, _ = Sessions(unit).create(request, created_at=started)
    return session


def default_agent(unit: Unit) -> str:
    request = AgentCreate(name="Imported sessions", model="claude-opus-4-8")
    return fact(unit.session, "import_agent_id", lambda: Agents(unit).create(request)[0].id)


def default_environment(unit: Unit) -> str:
    request = EnvironmentCreate(name="Imported sessions")
    return fact(unit.session, "import_environment_id", lambda: Environments(unit).create(request).id)


def set_status(unit: Unit, session_id: str, status: str) -> None:
    """Put a session into a status, with the event that goes with it."""
    sessions = Sessions(unit)
    session, _ = sessions.retrieve(session_id)
    sessions.refuse_ended(session)
    if status == session.status:
        return
    if status == "running":
        sessions.start_running(session)
    elif status == "idle":
        sessions.stop_running(session)
    else:
        if session.status == "running":
            sessions.stop_running(session)
        session.status = status
        session.updated_at = unit.clock.now()
        kind = {"rescheduling": "session.status_rescheduled", "terminated": "session.status_terminated"}[
            status
        ]
        EventLog(unit, session_id).append(kind, at=session.updated_at)
