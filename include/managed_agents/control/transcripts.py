"""
Recorded transcripts: their format, and the session events they become.

One transcript is ``{"id", "title"?, "created_at"?, "messages": [{"role", "content", "created_at"?,
"tool_calls"?, "tool_call_id"?, "name"?}]}``; further keys are allowed and ignored. A time without a zone is UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from include.managed_agents.decoding import NotJson, decode
from include.managed_agents.ids import new_id
from include.managed_agents.session_log.log import text_block
from include.managed_agents.wire import PlainText, RecordedTime

__all__ = ["EXPECTED", "Transcript", "events_of", "times_of"]

EXPECTED = '{"id", "title"?, "created_at"?, "messages": [{"role", "content", ...}]}'
#: How far apart messages are put whose time is not recorded.
GAP = timedelta(seconds=5)

Event = tuple[str, datetime | None, dict[str, Any]]


class Recorded(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


def object_in(arguments: str | dict[str, Any]) -> dict[str, Any]:
    """
    Return a call's arguments as an object; text that is no JSON object is kept under ``arguments``.

    :raises NotKeepable: if the text is JSON that can't be kept.
    """
    if isinstance(arguments, dict):
        return arguments
    try:
        parsed = decode(arguments.encode(errors="surrogatepass"))
    except NotJson:
        parsed = None
    return parsed if isinstance(parsed, dict) else {"arguments": arguments}


def check_arguments(arguments: str | dict[str, Any]) -> str | dict[str, Any]:
    object_in(arguments)
    return arguments


Arguments = Annotated[str | dict[str, Any], AfterValidator(check_arguments)]
ToolName = Annotated[PlainText, StringConstraints(min_length=1)]


class Function(Recorded):
    name: ToolName
    arguments: Arguments = "{}"


class ToolCall(Recorded):
    """A call as ``{"id", "name", "arguments"}``, or with name and arguments under ``function``."""

    id: str | None = None
    name: ToolName | None = None
    arguments: Arguments | None = None
    function: Function | None = None

    @model_validator(mode="after")
    def names_a_tool(self) -> ToolCall:
        if self.name is None and self.function is None:
            raise ValueError("must name its tool")
        return self

    @property
    def tool(self) -> str:
        name = self.name or (self.function.name if self.function else None)
        assert name is not None, "names_a_tool has seen to it"
        return name

    @property
    def input(self) -> dict[str, Any]:
        given = (
            self.arguments if self.arguments is not None or self.function is None else self.function.arguments
        )
        return object_in({} if given is None else given)


class Message(Recorded):
    role: Literal["user", "assistant", "tool"]
    content: str | None = None
    created_at: RecordedTime | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    name: str | None = None


class Transcript(Recorded):
    id: Annotated[PlainText, StringConstraints(min_length=1, max_length=512)]
    title: Annotated[PlainText, StringConstraints(max_length=1000)] | None = None
    created_at: RecordedTime | None = None
    messages: Annotated[list[Message], Field(min_length=1)]


def times_of(transcript: Transcript, imported_at: datetime) -> list[datetime]:
    """
    Return when each message was said.

    A time that is not recorded is put a few seconds after the message before, from the session's own time
    on; where that is missing too, so that the session ends as it is imported. Nothing is put in the future.
    """
    missing_lead = GAP * (len(transcript.messages) - 1)
    first = next((message.created_at for message in transcript.messages if message.created_at), None)
    previous = (transcript.created_at or first or imported_at - missing_lead) - GAP
    times = []
    for message in transcript.messages:
        previous = message.created_at or min(previous + GAP, max(previous, imported_at))
        times.append(previous)
    return times


def events_of(transcript: Transcript, times: Sequence[datetime]) -> list[Event]:
    """Return the transcript as session events. Its tools are custom tools: the recording's client ran them."""
    calls = OpenCalls()
    events: list[Event] = []
    for message, at in zip(transcript.messages, times, strict=True):
        match message.role:
            case "user":
                events.append(("user.message", at, {"content": [text_block(message.content or "")]}))
            case "assistant":
                if message.content:
                    events.append(("agent.message", at, {"content": [text_block(message.content)]}))
                for call in message.tool_calls or ():
                    use = {"id": calls.open(call), "name": call.tool, "input": call.input}
                    events.append(("agent.custom_tool_use", at, use))
            case "tool":
                answered = {"custom_tool_use_id": calls.close(message.tool_call_id)}
                content = [text_block(message.content or "")]
                events.append(
                    ("user.custom_tool_result", at, {**answered, "content": content, "is_error": False})
                )
    events.append(("session.status_idle", times[-1], {"stop_reason": {"type": "end_turn"}}))
    return events


class OpenCalls:
    """Which event each unanswered tool call became."""

    def __init__(self) -> None:
        self._events: dict[str, str] = {}

    def open(self, call: ToolCall) -> str:
        event_id = new_id("sevt")
        self._events[call.id or event_id] = event_id
        return event_id

    def close(self, call_id: str | None) -> str:
        """Return the event that a result answers: by id, else the oldest that is open, else the id as given."""
        key = (
            call_id
            if call_id in self._events
            else next(iter(self._events), None)
            if call_id is None
            else None
        )
        return self._events.pop(key) if key is not None else call_id or "unknown"
