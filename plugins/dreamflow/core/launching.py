"""Whose dream it is: what one is asked to do, what a try noted before it asked, and which dreams answer that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dreamflow.core.objects import IN_FLIGHT, Dream

__all__ = ["DreamRequest", "Intent", "dreams_of", "find_own_dream", "foreign_dreams"]


@dataclass(frozen=True)
class DreamRequest:
    """What a dream is asked to do; two requests that are equal would cost twice for the same thing."""

    input_store_id: str
    session_ids: tuple[str, ...]
    model: str
    instructions: str | None

    def matches(self, dream: Dream) -> bool:
        """Tell whether the dream was created by this request. The service sorts the session ids."""
        return (
            dream.input_store_id == self.input_store_id
            and sorted(dream.session_ids) == sorted(self.session_ids)
            and dream.model == self.model
            and (dream.instructions or None) == (self.instructions or None)
        )


@dataclass(frozen=True)
class Intent:
    """
    What a try noted before it created a dream: the request, and the newest dreams that were there.

    ``seen`` are ids, newest first: what is listed before any of them was created later, whatever a clock says.
    """

    request: DreamRequest
    seen: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "input_store_id": self.request.input_store_id,
            "session_ids": list(self.request.session_ids),
            "model": self.request.model,
            "instructions": self.request.instructions,
            "seen": list(self.seen),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Intent:
        return cls(
            DreamRequest(
                data["input_store_id"], tuple(data["session_ids"]), data["model"], data.get("instructions")
            ),
            tuple(data["seen"]),
        )


def dreams_of(intent: Intent, newest_first: Iterable[Dream]) -> Iterator[Dream]:
    """
    Yield the dreams that may have been created by the try that noted the intent, however they ended.

    :param newest_first: dreams as the service lists them, archived ones included. Reading stops at the first
        dream that the intent has seen.
    """
    for dream in newest_first:
        if dream.id in intent.seen:
            return
        if intent.request.matches(dream):
            yield dream


def find_own_dream(intent: Intent, newest_first: Iterable[Dream]) -> Dream | None:
    """Return the dream that an earlier try of this run may have started and that did not end badly."""
    alive = (dream for dream in dreams_of(intent, newest_first) if dream.status in (*IN_FLIGHT, "completed"))
    return next(alive, None)


def foreign_dreams(input_store_id: str, in_flight: Iterable[Dream], own: str | None) -> list[Dream]:
    """Return the dreams in flight on the input store that no try of this run started."""
    return [dream for dream in in_flight if dream.input_store_id == input_store_id and dream.id != own]
