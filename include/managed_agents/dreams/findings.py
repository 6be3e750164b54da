"""What the sub-agents of a dream found, as the engine is given it: streamed from the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from include.managed_agents.database import Database
from include.managed_agents.dreams.engine import Findings
from include.managed_agents.dreams.repository import DreamRepository

__all__ = ["StoredFindings"]


@dataclass(frozen=True)
class StoredFindings(Collection[Findings]):
    """The findings of the sessions that could be read, in order of the dream's sessions, one at a time in memory."""

    database: Database
    dream_id: str
    session_ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.session_ids)

    def __contains__(self, found: object) -> bool:
        return any(found == other for other in self)

    def __iter__(self) -> Iterator[Findings]:
        for session_id in self.session_ids:
            with self.database.read() as unit:
                row = DreamRepository(unit.session).findings(self.dream_id, session_id)
            assert row is not None, "findings are stored before they are handed on, and never deleted"
            yield Findings(row.session_id, row.data)
