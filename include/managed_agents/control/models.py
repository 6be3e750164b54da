"""The table of imported transcripts, by which none is imported twice."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["ImportedTranscriptRow"]


class ImportedTranscriptRow(Base):
    """Which session a transcript became. It goes with the session, so a deleted one can be imported again."""

    __tablename__ = "imported_transcripts"

    agent_id: Mapped[str] = mapped_column(primary_key=True)
    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
