"""Whose dream it is: what one is asked to do, what a try noted before it asked, and which dreams answer that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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

    def without(self, session_ids: Iterable[str]) -> DreamRequest:
        """Return the request without the sessions."""
        gone = set(session_ids)
        return replace(self, session_ids=tuple(s for s in self.session_ids if s not in gone))


@dataclass(frozen=True)
class Intent:
    """
    What a try noted before it created a dream: the request, and the newest dreams that were there.

    :ivar asked: a checksum of model and instructions. Their text may hold what a variable brought.
    :ivar seen: ids, newest first: what is listed before any of them was created later, whatever a clock says.
    """

    input_store_id: str
    session_ids: tuple[str, ...]
    asked: str
    seen: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: DreamRequest, seen: Iterable[str] = ()) -> Intent:
        asked = _checksum(request.model, request.instructions)
        return cls(request.input_store_id, request.session_ids, asked, tuple(seen))

    @classmethod
    def from_marker(cls, data: dict[str, Any]) -> Intent:
        """Read the intent of a run that began before there was a journal."""
        request = DreamRequest(
            data["input_store_id"], tuple(data["session_ids"]), data["model"], data.get("instructions")
        )
        return cls.of(request, data["seen"])

    def matches(self, dream: Dream) -> bool:
        """Tell whether the dream was created by this intent's request. The service sorts the session ids."""
        return (
            dream.input_store_id == self.input_store_id
            and sorted(dream.session_ids) == sorted(self.session_ids)
            and _checksum(dream.model, dream.instructions) == self.asked
        )


def _checksum(model: str, instructions: str | None) -> str:
    return hashlib.sha256(json.dumps([model, instructions or None]).encode()).hexdigest()


def dreams_of(intent: Intent, newest_first: Iterable[Dream]) -> Iterator[Dream]:
    """
    Yield the dreams that may have been created by the try that noted the intent, however they ended.

    :param newest_first: dreams as the service lists them, archived ones included. Reading stops at the first
        dream that the intent has seen.
    """
    for dream in newest_first:
        if dream.id in intent.seen:
            return
        if intent.matches(dream):
            yield dream


def find_own_dream(intent: Intent, newest_first: Iterable[Dream]) -> Dream | None:
    """Return the dream that an earlier try of this run may have started and that did not end badly."""
    alive = (dream for dream in dreams_of(intent, newest_first) if dream.status in (*IN_FLIGHT, "completed"))
    return next(alive, None)


def foreign_dreams(input_store_id: str, in_flight: Iterable[Dream]) -> list[Dream]:
    """Return the dreams in flight on the input store."""
    return [dream for dream in in_flight if dream.input_store_id == input_store_id]
