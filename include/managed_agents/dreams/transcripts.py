"""Turn a session's events into the transcript that an engine reads."""

from __future__ import annotations

from collections.abc import Sequence

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.session_log.kinds import RESULT_OF, TOOL_USES
from include.managed_agents.session_log.log import texts_of
from include.managed_agents.session_log.models import SessionEventRow
from include.managed_agents.sessions.models import SessionRow

__all__ = ["transcript_of"]


def transcript_of(session: SessionRow, events: Sequence[SessionEventRow]) -> Transcript:
    """Return what was said and done, in order. Status changes and other signals are left out."""
    names = {event.id: event.fields.get("name") for event in events if event.type in TOOL_USES}
    messages = [message for event in events if (message := message_of(event, names)) is not None]
    return Transcript(session.id, session.title, session.created_at, tuple(messages))


def message_of(event: SessionEventRow, tool_names: dict[str, str | None]) -> Message | None:
    at, fields = event.ordered_at, event.fields
    if event.type == "user.message":
        return Message("user", texts_of(fields.get("content")), at)
    if event.type == "agent.message":
        return Message("assistant", texts_of(fields.get("content")), at)
    if event.type in TOOL_USES:
        return Message("assistant", "", at, tool_calls=({"name": fields["name"], "input": fields["input"]},))
    if event.type in RESULT_OF:
        name = tool_names.get(fields[RESULT_OF[event.type]])
        return Message("tool", texts_of(fields.get("content")), at, tool_name=name)
    return None
