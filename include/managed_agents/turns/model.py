"""What a model of a session is: how a turn hands it the conversation, and what it may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from include.managed_agents.usage import Usage

__all__ = [
    "BudgetReached",
    "Event",
    "ModelFailed",
    "Outcome",
    "SessionModel",
    "Turn",
    "TurnOver",
    "unanswered",
]


class TurnOver(Exception):
    """The session isn't running any more: it was interrupted, or deleted."""


class BudgetReached(Exception):
    """The session has cost what it may cost."""


class ModelFailed(Exception):
    """The model gives no answer. The message is shown to the user."""


@dataclass(frozen=True)
class Outcome:
    """What a tool call came to."""

    text: str
    is_error: bool = False


@dataclass(frozen=True)
class Event:
    """One event of the session so far: type and fields, as the API shows them, and when it happened."""

    id: str
    type: str
    fields: dict[str, Any]
    at: datetime


class Turn(Protocol):
    """A turn as a model sees it. All that a model does is an event that streams."""

    system: str
    model: str
    #: What the session is called, and when it began.
    title: str | None
    started: datetime
    history: Sequence[Event]
    #: Where the stores are mounted, in order; writable ones come with True.
    mounts: Sequence[tuple[str, bool]]
    tool_definitions: Sequence[Any]

    async def use_tool(self, name: str, call: dict[str, Any]) -> Outcome:
        """Use a tool, and return what came of it."""
        ...

    async def say(self, text: str) -> None:
        """Answer the user."""
        ...

    async def count(self, usage: Usage) -> None:
        """
        Add tokens to the session.

        :raises BudgetReached: if the session has spent its budget.
        """
        ...


class SessionModel(Protocol):
    """Thinks for a session. Implementations hold no state between turns."""

    async def take_turn(self, turn: Turn) -> None:
        """Answer the latest messages of the user."""
        ...


def unanswered(history: Sequence[Event]) -> list[Event]:
    """
    Return the user's messages since the agent last answered.

    What it says before it uses a tool is no answer: a turn that was cut off there has yet to give one.
    """
    asked: list[Event] = []
    has_spoken = is_at_work = False
    for event in history:
        if event.type == "user.message":
            asked = [event] if has_spoken else [*asked, event]
            has_spoken = is_at_work = False
        elif event.type == "agent.message":
            has_spoken, is_at_work = True, False
        elif event.type == "agent.tool_use":
            is_at_work = True
    return [] if has_spoken and not is_at_work else asked
