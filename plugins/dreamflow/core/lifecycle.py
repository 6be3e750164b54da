"""Verdicts on what is running: a dream, a launch that may have happened, a session that could still write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dreamflow.core.values import IN_FLIGHT, Dream, Session
from dreamflow.errors import DreamflowError, ServiceUnavailable

__all__ = [
    "ADVICE",
    "WRITER_STATUSES",
    "Budget",
    "Completed",
    "CostReading",
    "DreamRequest",
    "Intent",
    "OverBudget",
    "TimedOut",
    "Unsuccessful",
    "Verdict",
    "Wait",
    "could_still_write",
    "dreams_of",
    "find_own_dream",
    "foreign_dreams",
    "judge_dream",
    "may_still_be_tried",
    "should_read_cost",
]

#: Error types that the Dreams guide names: what they mean, what to do, and whether trying again may help.
ADVICE: dict[str, tuple[str, bool]] = {
    "timeout": (
        "The dream ran out of the service's own time. Dream fewer sessions: lower sessions.limit.",
        True,
    ),
    "internal_error": (
        "The service failed. Try again; if it stays, report the dream's id to the service.",
        True,
    ),
    "memory_store_org_limit_exceeded": (
        "The organization has no room for another memory store. Delete or archive stores that nobody uses.",
        False,
    ),
    "input_memory_store_too_large": (
        "The input store is too large to dream over. Delete memories from it, or split it.",
        False,
    ),
    "input_memory_store_unavailable": (
        "The input store was archived or deleted while the dream ran. Point the targets at a store that is there.",
        False,
    ),
    "input_session_unavailable": (
        "A session was deleted while the dream ran. Run again: the session is no longer listed.",
        True,
    ),
}


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


@dataclass(frozen=True)
class Budget:
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True)
class CostReading:
    """
    A dream's list cost, read from its session.

    :ivar usd: US dollars; None where the service does not tell.
    :ivar priced: what the dream had used when it was read, as ``TokenUsage.priced``.
    """

    usd: float | None
    priced: float


#: From this share of a USD budget on, the cost is read at every poll: it is overrun by at most one poll.
_NEAR = 0.9
#: How many times dearer than so far the next tokens may be, beyond what the price list says: prices differ by context
#: length and cache duration.
_DEARER = 2.0


def should_read_cost(budget_usd: float | None, last: CostReading | None, priced: float) -> bool:
    """
    Tell whether the list cost has to be read at this poll, which shows the dream's tokens for free.

    It is read once at the start, then whenever the tokens since the last reading could have brought it to nine tenths
    of the budget at twice the price so far, and at every poll from nine tenths on.
    """
    if budget_usd is None or priced <= 0:
        return False
    if last is None:
        return True
    if last.usd is None or last.usd <= 0 or last.priced <= 0:
        return priced >= 2 * last.priced
    dearest = last.usd / last.priced * _DEARER
    return last.usd + (priced - last.priced) * dearest >= _NEAR * budget_usd


#: Failed polls in a row after which a wait gives up, as the Anthropic provider's triggers do.
_FAILURES_LIMIT = 5


def may_still_be_tried(error: DreamflowError, failures: int) -> bool:
    """Tell whether a poll that failed this many times in a row should be tried again."""
    return isinstance(error, ServiceUnavailable) and failures < _FAILURES_LIMIT


@dataclass(frozen=True)
class Wait:
    """Nothing to do yet."""


@dataclass(frozen=True)
class Completed:
    output_store_id: str


@dataclass(frozen=True)
class Unsuccessful:
    """The dream failed or was canceled."""

    reason: str
    error_type: str
    passing: bool


@dataclass(frozen=True)
class OverBudget:
    reason: str


@dataclass(frozen=True)
class TimedOut:
    reason: str


Verdict = Wait | Completed | Unsuccessful | OverBudget | TimedOut


def judge_dream(
    dream: Dream, *, budget: Budget, deadline: datetime, now: datetime, list_cost_usd: float | None = None
) -> Verdict:
    """
    Say what the dream's state means for the run that waits for it.

    A dream that has ended is judged by how it ended, even past its deadline or budget: what is paid is used.
    """
    if dream.status == "completed":
        if dream.output_store_id is None:
            return Unsuccessful(
                f"dream {dream.id} completed without an output store. Look at it in the Console; run again.",
                "no_output",
                passing=False,
            )
        return Completed(dream.output_store_id)
    if dream.status == "failed":
        error_type = dream.error_type or "unknown"
        advice, passing = ADVICE.get(
            error_type, ("The service names a cause that Dreamflow does not know.", False)
        )
        said = f" ({dream.error_message})" if dream.error_message else ""
        return Unsuccessful(f"dream {dream.id} failed: {error_type}{said}. {advice}", error_type, passing)
    if dream.status == "canceled":
        return Unsuccessful(
            f"dream {dream.id} was canceled. Clear launch_dream with the Param new_dream set, or trigger a new run.",
            "canceled",
            passing=False,
        )
    if budget.tokens is not None and dream.usage.total > budget.tokens:
        return OverBudget(
            f"dream {dream.id} used {dream.usage.total:,} tokens, over dream.budget.tokens: {budget.tokens:,}"
        )
    if budget.usd is not None and list_cost_usd is not None and list_cost_usd > budget.usd:
        return OverBudget(
            f"dream {dream.id} cost USD {list_cost_usd:.2f} at list price, over dream.budget.usd: {budget.usd:.2f}"
        )
    if now >= deadline:
        return TimedOut(f"dream {dream.id} did not end by {deadline:%Y-%m-%d %H:%M} UTC (dream.timeout)")
    return Wait()


#: Statuses of sessions that may write, now or once resumed.
WRITER_STATUSES = ("running", "rescheduling", "idle")


def could_still_write(session: Session, store_id: str, *, idle_for: timedelta, now: datetime) -> bool:
    """
    Tell whether the session may still write to the store.

    Running and rescheduling sessions may; an idle one may be resumed, and counts while it was active within
    ``idle_for``. Archived and terminated sessions, and those that mount the store read-only, can't.
    """
    if session.archived_at is not None:
        return False
    if not any(m.memory_store_id == store_id and m.access == "read_write" for m in session.stores):
        return False
    if session.status in ("running", "rescheduling"):
        return True
    return session.status == "idle" and session.updated_at > now - idle_for
