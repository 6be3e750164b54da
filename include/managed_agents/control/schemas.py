"""What requests to ``/_control/`` may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from include.managed_agents.control.transcripts import Transcript
from include.managed_agents.wire import RecordedTime, RequestModel

__all__ = ["DreamFailure", "FireRequest", "ImportRequest", "StatusRequest"]


class ImportRequest(RequestModel):
    transcripts: Annotated[list[Transcript], Field(max_length=1000)]
    agent_id: str | None = None
    environment_id: str | None = None
    memory_store_id: str | None = None


class DreamFailure(RequestModel):
    type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    message: str = "this failure was ordered through /_control/"


class StatusRequest(RequestModel):
    status: Literal["running", "rescheduling", "idle", "terminated"]


class FireRequest(RequestModel):
    scheduled_at: RecordedTime
