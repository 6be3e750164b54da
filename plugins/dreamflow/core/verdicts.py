"""Verdicts on a dream: wait, use it, stop it, or give it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from dreamflow.core.objects import Dream

__all__ = [
    "ADVICE",
    "PASSING",
    "Budget",
    "Completed",
    "CostReading",
    "OverBudget",
    "Spent",
    "TimedOut",
    "Unsuccessful",
    "Verdict",
    "Wait",
    "judge_dream",
    "should_read_cost",
    "timed_out",
    "unheld_budget",
]

T = TypeVar("T", int, float)

#: Error types that the Dreams guide names: what they mean, and what to do.
ADVICE = {
    "timeout": "The dream ran out of the service's own time. Dream fewer sessions: lower sessions.limit.",
    "internal_error": "The service failed. Try again; if it stays, report the dream's id to the service.",
    "memory_store_org_limit_exceeded": "The organization has no room for another memory store. Delete or archive "
    "stores that nobody uses.",
    "input_memory_store_too_large": "The input store is too large to dream over. Delete memories from it, or split it.",
    "input_memory_store_unavailable": "The input store was archived or deleted while the dream ran. Point the targets "
    "at a store that is there.",
    "input_session_unavailable": "A session was deleted while the dream ran. The next try leaves it out.",
}
#: Those where trying again may help.
PASSING = frozenset({"timeout", "internal_error", "input_session_unavailable"})


@dataclass(frozen=True)
class Spent:
    """What dreams used: how many they were, their tokens, and US dollars at list price as far as they are told."""

    dreams: int = 0
    tokens: int = 0
    usd: float = 0.0

    @classmethod
    def sum(cls, rows: Iterable[tuple[int, float | None]]) -> Spent:
        """Add dreams up, each its tokens and list cost."""
        every = list(rows)
        return cls(len(every), sum(tokens for tokens, _ in every), sum(usd or 0.0 for _, usd in every))


@dataclass(frozen=True)
class Budget:
    """What may be used; None: as much as it takes."""

    tokens: int | None = None
    usd: float | None = None

    def less(self, spent: Spent) -> Budget:
        """Return what is left of it."""
        return Budget(
            None if self.tokens is None else max(self.tokens - spent.tokens, 0),
            None if self.usd is None else max(self.usd - spent.usd, 0.0),
        )

    def within(self, other: Budget) -> Budget:
        """Return the budget that holds both."""
        return Budget(_least(self.tokens, other.tokens), _least(self.usd, other.usd))

    @property
    def is_used_up(self) -> bool:
        return self.tokens == 0 or self.usd == 0


def _least(a: T | None, b: T | None) -> T | None:
    known = [x for x in (a, b) if x is not None]
    return min(known) if known else None


@dataclass(frozen=True)
class CostReading:
    """
    A dream's list cost, read from its session.

    :ivar usd: US dollars; None where the service does not tell.
    :ivar priced: what the dream had used when it was read, as ``TokenUsage.priced``.
    """

    usd: float | None
    priced: float


def unheld_budget(budget_usd: float | None, list_cost_usd: float | None, dream: Dream) -> str | None:
    """Return what to say, loudly, where a budget in dollars is set and the service tells no list cost."""
    if budget_usd is None or list_cost_usd is not None or not dream.usage.total:
        return None
    return (
        f"a budget of USD {budget_usd:.2f} is set, and the service tells no list cost of dream {dream.id}: NOTHING "
        "HOLDS IT to that. Set dream.budget.tokens, or night.budget.tokens, too."
    )


#: From this share of a USD budget on, the cost is read at every poll: it is overrun by at most one poll.
_NEAR = 0.9
#: How many times dearer than so far the next tokens may be, beyond what the price list says: prices differ by context
#: length and cache duration.
_DEARER = 2.0


def should_read_cost(budget_usd: float | None, last: CostReading | None, priced: float) -> bool:
    """
    Tell whether the list cost has to be read at this poll, which shows the dream's tokens for free.

    It is, once at the start, then whenever the tokens since could have brought it near the budget.
    """
    if budget_usd is None or priced <= 0:
        return False
    if last is None:
        return True
    if last.usd is None or last.usd <= 0 or last.priced <= 0:
        return priced >= 2 * last.priced
    dearest = last.usd / last.priced * _DEARER
    return last.usd + (priced - last.priced) * dearest >= _NEAR * budget_usd


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
        advice = ADVICE.get(error_type, "The service names a cause that Dreamflow does not know.")
        said = f" ({dream.error_message})" if dream.error_message else ""
        reason = f"dream {dream.id} failed: {error_type}{said}. {advice}"
        return Unsuccessful(reason, error_type, error_type in PASSING)
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
        return timed_out(dream.id, deadline)
    return Wait()


def timed_out(dream_id: str, deadline: datetime) -> TimedOut:
    return TimedOut(f"dream {dream_id} did not end by {deadline:%Y-%m-%d %H:%M} UTC (dream.timeout)")
