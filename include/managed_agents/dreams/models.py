"""The tables of dreams and of what their sub-agents found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["DreamFindingsRow", "DreamRow"]


class DreamRow(Base):
    __tablename__ = "dreams"
    __table_args__ = (Index("dreams_by_age", "created_at", "id"), Index("dreams_by_status", "status"))

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    #: No foreign keys: inputs and outputs may be deleted while the dream stays.
    input_store_id: Mapped[str]
    session_ids: Mapped[list[str]] = mapped_column(JSON)
    model: Mapped[dict[str, Any]] = mapped_column(JSON)
    instructions: Mapped[str | None]
    output_behavior: Mapped[dict[str, Any]] = mapped_column(JSON)
    output_store_id: Mapped[str | None]
    session_id: Mapped[str | None]
    error: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    #: When it left ``pending``; it lasts at least the server's pace from here.
    started_at: Mapped[datetime | None]
    #: The moment whose memories the output store is a copy of.
    cloned_as_of: Mapped[datetime | None]
    #: When the output store was a whole copy: where a dream that is taken up again starts to write.
    cloned_at: Mapped[datetime | None]
    is_consolidating: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cache_read_input_tokens: Mapped[int] = mapped_column(default=0)
    cache_creation_input_tokens: Mapped[int] = mapped_column(default=0)
    #: What of these was counted under a key, and is not to be counted again.
    counted: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class DreamFindingsRow(Base):
    """What one sub-agent brought home. Stored as it comes, so that no transcript is paid for twice."""

    __tablename__ = "dream_findings"

    dream_id: Mapped[str] = mapped_column(ForeignKey("dreams.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[Any] = mapped_column(JSON)
    #: Why the session could not be read; empty where it could.
    set_aside: Mapped[str] = mapped_column(default="")
