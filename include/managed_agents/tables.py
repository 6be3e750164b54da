"""Import every table, so that ``Base`` knows them all, and create them in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.schema import CreateColumn

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
    """
    Create the tables, or add to a file of an older version what this one has more.

    What is added is tables, indexes, and columns that an old row can do without: those that may be null, or
    whose default is a plain value.

    :raises DatabaseError: if the file differs in anything else.
    """
    with database.set_up() as unit:
        connection = unit.session.connection()
        for table in Base.metadata.sorted_tables:
            complete(connection, table, database.file)
        Base.metadata.create_all(connection)
        for table in Base.metadata.sorted_tables:
            for index in table.indexes:
                index.create(connection, checkfirst=True)
        fact(unit.session, "schema", lambda: "1")


def complete(connection: Connection, table: Table, file: Path) -> None:
    """Add the columns that a table lacks. A table that isn't there is left to be created as a whole."""
    rows = connection.exec_driver_sql(f"PRAGMA table_info({table.name})").all()
    found = {row.name: (row.type, bool(row.notnull)) for row in rows}
    if not found:
        return
    wanted = {column.name: column for column in table.columns}
    differing = found.keys() - wanted.keys()
    for name, column in wanted.items():
        shape = (column.type.compile(connection.dialect), not column.nullable)
        if name not in found and can_be_added(column):
            connection.exec_driver_sql(
                f"ALTER TABLE {table.name} ADD COLUMN {specification(column, connection)}"
            )
        elif found.get(name) != shape:
            differing.add(name)
    if differing:
        named = ", ".join(f"{table.name}.{name}" for name in sorted(differing))
        raise DatabaseError(
            f"{file}: was made by another version of this server, with other columns ({named}); `export` its stores "
            "and sessions with that version, and pass another file"
        )


def can_be_added(column: Column[Any]) -> bool:
    has_value = column.nullable or column.server_default is not None or plain_default(column) is not None
    return has_value and not (column.primary_key or column.foreign_keys or column.unique)


def plain_default(column: Column[Any]) -> str | None:
    """Return the default as SQL writes it, if it is a text, a number or a boolean."""
    value = getattr(column.default, "arg", None)
    return (
        str(int(value) if isinstance(value, bool) else value)
        if isinstance(value, str | int | float)
        else None
    )


def specification(column: Column[Any], connection: Connection) -> str:
    default = column.server_default or plain_default(column)
    bare = Column(column.name, column.type, nullable=column.nullable, server_default=default)
    return str(CreateColumn(bare).compile(dialect=connection.dialect))
