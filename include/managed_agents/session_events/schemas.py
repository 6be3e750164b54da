"""What may be sent to a session, and how events are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from include.managed_agents.clock import rfc3339
from include.managed_agents.paging import TimeRange
from include.managed_agents.session_events.models import SessionEventRow
from include.managed_agents.wire import QueryModel, RequestModel, Timestamp

__all__ = ["EventList", "EventSend", "EventStream", "InitialEvent", "SentEvent", "render_event"]

Text = Annotated[str, StringConstraints(max_length=1_000_000)]


class TextBlock(RequestModel):
    type: Literal["text"]
    text: Text


class Base64Source(RequestModel):
    type: Literal["base64"]
    media_type: str
    data: str


class UrlSource(RequestModel):
    type: Literal["url"]
    url: str


class FileSource(RequestModel):
    type: Literal["file"]
    file_id: str


class PlainTextSource(RequestModel):
    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class ImageBlock(RequestModel):
    type: Literal["image"]
    source: Annotated[Base64Source | UrlSource | FileSource, Field(discriminator="type")]


class DocumentBlock(RequestModel):
    type: Literal["document"]
    source: Annotated[Base64Source | PlainTextSource | UrlSource | FileSource, Field(discriminator="type")]
    context: str | None = None
    title: str | None = None


class RedactedBlock(RequestModel):
    type: Literal["redacted"]


UserBlock = Annotated[TextBlock | ImageBlock | DocumentBlock | RedactedBlock, Field(discriminator="type")]
ResultBlock = Annotated[TextBlock | ImageBlock | DocumentBlock, Field(discriminator="type")]


class UserMessage(RequestModel):
    type: Literal["user.message"]
    content: Annotated[list[UserBlock], Field(min_length=1)]


class UserInterrupt(RequestModel):
    type: Literal["user.interrupt"]
    session_thread_id: str | None = None


class ToolConfirmation(RequestModel):
    type: Literal["user.tool_confirmation"]
    tool_use_id: str
    result: Literal["allow", "deny"]
    deny_message: str | None = None

    @model_validator(mode="after")
    def only_a_denial_has_a_message(self) -> ToolConfirmation:
        if self.result == "allow" and self.deny_message is not None:
            raise ValueError("deny_message is only allowed when result is 'deny'")
        return self


class CustomToolResult(RequestModel):
    type: Literal["user.custom_tool_result"]
    custom_tool_use_id: str
    content: list[ResultBlock] | None = None
    is_error: bool | None = None


class ToolResult(RequestModel):
    type: Literal["user.tool_result"]
    tool_use_id: str
    content: list[ResultBlock] | None = None
    is_error: bool | None = None


class TextRubric(RequestModel):
    type: Literal["text"]
    content: Annotated[str, StringConstraints(max_length=262_144)]


class DefineOutcome(RequestModel):
    type: Literal["user.define_outcome"]
    description: str
    rubric: TextRubric
    max_iterations: Annotated[int, Field(ge=1, le=20)] | None = None


class SystemMessage(RequestModel):
    type: Literal["system.message"]
    content: Annotated[list[TextBlock], Field(min_length=1)]


InitialEvent = Annotated[UserMessage | DefineOutcome | SystemMessage, Field(discriminator="type")]
SentEvent = Annotated[
    UserMessage
    | UserInterrupt
    | ToolConfirmation
    | CustomToolResult
    | ToolResult
    | DefineOutcome
    | SystemMessage,
    Field(discriminator="type"),
]


class EventSend(RequestModel):
    events: Annotated[list[SentEvent], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def a_system_message_comes_last_and_accompanies(self) -> EventSend:
        places = [place for place, event in enumerate(self.events) if event.type == "system.message"]
        if not places:
            return self
        companions = {"user.message", "user.tool_result", "user.custom_tool_result"}
        last = len(self.events) - 1
        if places != [last] or last == 0 or self.events[last - 1].type not in companions:
            raise ValueError(
                "events: at most one system.message, as the last event, right after the user.message, "
                "user.tool_result or user.custom_tool_result that it accompanies"
            )
        return self


class EventList(QueryModel):
    created_at_gt: Timestamp | None = Field(None, alias="created_at[gt]")
    created_at_gte: Timestamp | None = Field(None, alias="created_at[gte]")
    created_at_lt: Timestamp | None = Field(None, alias="created_at[lt]")
    created_at_lte: Timestamp | None = Field(None, alias="created_at[lte]")
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    order: Literal["asc", "desc"] = "asc"
    page: str | None = None
    types: list[str] | None = None

    @property
    def created_at(self) -> TimeRange:
        return TimeRange(self.created_at_gt, self.created_at_gte, self.created_at_lt, self.created_at_lte)


class EventStream(QueryModel):
    event_deltas: list[Literal["agent.message", "agent.thinking"]] | None = None


def render_event(row: SessionEventRow) -> dict[str, Any]:
    return {"id": row.id, "type": row.type, "processed_at": rfc3339(row.processed_at), **row.fields}
