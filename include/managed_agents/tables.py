"""Every table, imported so that ``Base`` knows them all."""

from include.managed_agents.agents.models import AgentRow, AgentVersionRow
from include.managed_agents.control.models import ImportedTranscriptRow
from include.managed_agents.deployments.models import DeploymentRow, DeploymentRunRow
from include.managed_agents.dreams.models import DreamFindingsRow, DreamRow
from include.managed_agents.environments.models import EnvironmentRow
from include.managed_agents.facts import FactRow
from include.managed_agents.memories.models import MemoryRow
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.memory_versions.models import MemoryVersionRow
from include.managed_agents.session_events.models import SessionEventRow
from include.managed_agents.sessions.models import SessionRow, SessionStoreRow

__all__ = [
    "AgentRow",
    "AgentVersionRow",
    "DeploymentRow",
    "DeploymentRunRow",
    "DreamFindingsRow",
    "DreamRow",
    "EnvironmentRow",
    "FactRow",
    "ImportedTranscriptRow",
    "MemoryRow",
    "MemoryStoreRow",
    "MemoryVersionRow",
    "SessionEventRow",
    "SessionRow",
    "SessionStoreRow",
]
