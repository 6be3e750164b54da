"""What may be sent to a session, and how events are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from include.managed_agents.clock import rfc3339
from include.managed_agents.listing import CreatedWithin
from include.managed_agents.session_log.models import SessionEventRow
from include.managed_agents.wire import QueryModel, RequestModel

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


#: No source is a file: there is no Files API here.
class PlainTextSource(RequestModel):
    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class ImageBlock(RequestModel):
    type: Literal["image"]
    source: Annotated[Base64Source | UrlSource, Field(discriminator="type")]


class DocumentBlock(RequestModel):
    type: Literal["document"]
    source: Annotated[Base64Source | PlainTextSource | UrlSource, Field(discriminator="type")]
    context: str | None = None
    title: str | None = None


class RedactedBlock(RequestModel):
    type: Literal["redacted"]


UserBlock = Annotated[TextBlock | ImageBlock | DocumentBlock | RedactedBlock, Field(discriminator="type")]


class UserMessage(RequestModel):
    type: Literal["user.message"]
    content: Annotated[list[UserBlock], Field(min_length=1)]


class UserInterrupt(RequestModel):
    type: Literal["user.interrupt"]
    session_thread_id: str | None = None


class SystemMessage(RequestModel):
    type: Literal["system.message"]
    content: Annotated[list[TextBlock], Field(min_length=1)]


#: Nothing here grades outcomes, runs a client's tools or asks for permission: their events have no place.
InitialEvent = Annotated[UserMessage | SystemMessage, Field(discriminator="type")]
SentEvent = Annotated[UserMessage | UserInterrupt | SystemMessage, Field(discriminator="type")]


class EventSend(RequestModel):
    events: Annotated[list[SentEvent], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def a_system_message_comes_last_and_accompanies(self) -> EventSend:
        places = [place for place, event in enumerate(self.events) if event.type == "system.message"]
        if not places:
            return self
        last = len(self.events) - 1
        if places != [last] or last == 0 or self.events[last - 1].type != "user.message":
            raise ValueError(
                "events: at most one system.message, as the last event, right after the user.message it accompanies"
            )
        return self


class EventList(CreatedWithin):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    order: Literal["asc", "desc"] = "asc"
    page: str | None = None
    types: list[str] | None = None


class EventStream(QueryModel):
    event_deltas: list[Literal["agent.message", "agent.thinking"]] | None = None


def render_event(row: SessionEventRow) -> dict[str, Any]:
    return {"id": row.id, "type": row.type, "processed_at": rfc3339(row.processed_at), **row.fields}
