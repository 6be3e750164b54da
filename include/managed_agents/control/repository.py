"""Every query about imported transcripts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from include.managed_agents.control.models import ImportedTranscriptRow

__all__ = ["ImportedTranscriptRepository"]


class ImportedTranscriptRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, agent_id: str, transcript_id: str) -> ImportedTranscriptRow | None:
        return self._session.get(ImportedTranscriptRow, (agent_id, transcript_id))

    def add(self, row: ImportedTranscriptRow) -> None:
        self._session.add(row)
        self._session.flush()
