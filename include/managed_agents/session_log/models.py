"""The table of session events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["SessionEventRow"]


class SessionEventRow(Base):
    __tablename__ = "session_events"
    __table_args__ = (
        Index("session_events_by_time", "session_id", "ordered_at", "seq"),
        Index("session_events_by_seq", "session_id", "seq"),
        {"sqlite_autoincrement": True},
    )

    #: Grows with every event of the server; a stream goes on from the last one it sent. An event that waited gets a
    #: new one when it is taken up, so that a stream shows it twice, as the API does: received, and processed.
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    type: Mapped[str]
    #: None while a user's event waits for the agent.
    processed_at: Mapped[datetime | None]
    #: ``processed_at``, or the time of receipt while that is None.
    ordered_at: Mapped[datetime]
    #: The fields that only this type of event has.
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
