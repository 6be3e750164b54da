"""Import every table, so that ``Base`` knows them all, and create them in a file."""

from __future__ import annotations

import hashlib

from sqlalchemy import inspect

from include.managed_agents.agents.models import AgentRow, AgentVersionRow
from include.managed_agents.control.models import ImportedTranscriptRow
from include.managed_agents.database import Base, Database, DatabaseError
from include.managed_agents.deployments.models import DeploymentRow, DeploymentRunRow
from include.managed_agents.dreams.models import DreamFindingsRow, DreamRow
from include.managed_agents.environments.models import EnvironmentRow
from include.managed_agents.facts import FactRow, fact
from include.managed_agents.memories.models import MemoryRow, MemoryVersionRow
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.session_log.models import SessionEventRow
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
    "create_tables",
]


def create_tables(database: Database) -> None:
    """Create the tables. :raises DatabaseError: if the file was made by another version of this server."""
    is_new = not inspect(database.engine).has_table(FactRow.__tablename__)
    Base.metadata.create_all(database.engine)
    wanted = schema_digest()
    with database.write() as unit:
        found = fact(unit.session, "schema", lambda: wanted if is_new else "unknown")
    if found != wanted:
        raise DatabaseError("the file was made by another version of this server; pass another file")


def schema_digest() -> str:
    """Return a digest of all tables and columns, to tell a file of another version."""
    columns = sorted(
        f"{column.table.name}.{column.name} {column.type!r}"
        for table in Base.metadata.tables.values()
        for column in table.columns
    )
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()
