"""Make the agent and the environment that dreams run with, and the session of a dream."""

from __future__ import annotations

from include.managed_agents.agents.schemas import AgentCreate
from include.managed_agents.agents.service import Agents
from include.managed_agents.database import Unit
from include.managed_agents.dreams.models import DreamRow
from include.managed_agents.environments.schemas import EnvironmentCreate
from include.managed_agents.environments.service import Environments
from include.managed_agents.facts import fact
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.schemas import SessionCreate
from include.managed_agents.sessions.service import Sessions

__all__ = ["open_session"]


def open_session(unit: Unit, dream: DreamRow, store: MemoryStoreRow) -> SessionRow:
    """Start the session that runs a dream, with the output store mounted."""
    request = SessionCreate.model_validate(
        {
            "agent": {"type": "agent_with_overrides", "id": agent_id(unit), "model": dream.model["id"]},
            "environment_id": environment_id(unit),
            "title": f"Dream {dream.id}",
            "resources": [{"type": "memory_store", "memory_store_id": store.id}],
        }
    )
    sessions = Sessions(unit)
    session, _ = sessions.create(request)
    sessions.start_running(session)
    return session


def agent_id(unit: Unit) -> str:
    request = AgentCreate(
        name="Dreamer",
        model="claude-opus-4-8",
        description="Reorganizes memory stores. Made by this server for its dreams.",
    )
    return fact(unit.session, "dream_agent_id", lambda: Agents(unit).create(request, is_internal=True)[0].id)


def environment_id(unit: Unit) -> str:
    request = EnvironmentCreate(name="Dreams")
    return fact(
        unit.session, "dream_environment_id", lambda: Environments(unit).create(request, is_internal=True).id
    )
