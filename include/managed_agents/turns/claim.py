"""Tell one turn of a session from those before and after it, so that one that is over writes nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from include.managed_agents.database import Database, Unit
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.turns.model import TurnOver

__all__ = ["Claim"]


@dataclass(frozen=True)
class Claim:
    """
    A turn of a session.

    :param since: when the session began to run. An interrupt followed by a message starts another turn.
    """

    database: Database
    session_id: str
    since: datetime | None

    @classmethod
    def of(cls, database: Database, session_id: str) -> Self:
        """Return the turn that a session is in. :raises TurnOver: if it is in none."""
        with database.read() as unit:
            session = SessionRepository(unit.session).get(session_id)
            if session is None or not session.is_in_turn:
                raise TurnOver
            return cls(database, session_id, session.running_since)

    @contextmanager
    def writing(self) -> Iterator[tuple[Unit, SessionRow]]:
        """Give a unit of work that holds only while this turn goes on. :raises TurnOver: once it doesn't."""
        with self.database.write() as unit:
            session = SessionRepository(unit.session).get(self.session_id)
            if session is None or not session.is_in_turn or session.running_since != self.since:
                raise TurnOver
            yield unit, session
