"""What dreams may use, and what they used: one ledger for a run, and one for its night."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dreamflow.core.verdicts import Budget, Spent, unheld_budget
from dreamflow.errors import BudgetExceeded, ServiceError, StateError

if TYPE_CHECKING:
    from dreamflow.config import Pipeline
    from dreamflow.core.objects import Dream
    from dreamflow.records.files import Records, RunRecords
    from dreamflow.steps.world import World

__all__ = [
    "check_budget",
    "enter_in_night",
    "list_cost",
    "note_usage",
    "remaining_budget",
    "why_night_is_over",
]

log = logging.getLogger(__name__)


def remaining_budget(world: World, run: RunRecords) -> Budget:
    """Return what the run's newest dream may use: what dreams before it left of the run's budget, and the night's."""
    note = run.journal().dream
    return _left(world, run, but=note.dream_id if note else None)


def check_budget(world: World, run: RunRecords) -> None:
    """
    Refuse another dream beyond what the run and its night may have: new dreams, catch-ups, dreams again are counted.

    :raises BudgetExceeded: nothing was spent.
    """
    why = why_night_is_over(world.pipeline, world.records, run.journal().night)
    if why is None and _left(world, run).is_used_up:
        spent = run.journal().spent()
        why = f"this run's dreams have used {spent.tokens:,} tokens and USD {spent.usd:.2f}: dream.budget is used up"
    if why:
        raise BudgetExceeded(
            f"{why}. Nothing more is spent; what is left comes next night. Raise it in the pipeline's file and clear "
            "this task to go on tonight."
        )


def why_night_is_over(pipeline: Pipeline, records: Records, night: str) -> str | None:
    """Return why a night can have no further dream; None where it can."""
    settings, spent = pipeline.night, records.spent_in(night)
    if spent.dreams >= settings.dreams:
        return f"this night has had {spent.dreams} dreams, as many as night.dreams allows"
    if Budget(settings.budget.tokens, settings.budget.usd).less(spent).is_used_up:
        return f"this night's dreams have used {spent.tokens:,} tokens and USD {spent.usd:.2f}: night.budget is used up"
    return None


def _left(world: World, run: RunRecords, but: str | None = None) -> Budget:
    journal, dream, night = run.journal(), world.pipeline.dream.budget, world.pipeline.night.budget
    try:
        tonight = world.records.spent_in(journal.night, but=but)
    except StateError as e:
        log.error(
            "what this night's other dreams used is not known, and not held against night.budget: %s", e
        )
        tonight = Spent()
    own = Budget(dream.tokens, dream.usd).less(journal.spent(but=but))
    return own.within(Budget(night.tokens, night.usd).less(tonight))


def note_usage(world: World, run: RunRecords, dream: Dream, cost: float | None) -> None:
    """
    Enter what a dream used: into the run's ledger, where the run knows the dream, and into the night's.

    :param cost: its list cost; where that is not known now, what was known before stays.
    """
    known = {} if cost is None else {"usd": cost}
    journal = run.note_dream(dream.id, tokens=dream.usage.total, **known)
    enter_in_night(world, journal.night, dream.id, dream.usage.total, cost)


def enter_in_night(
    world: World, night: str, dream_id: str, tokens: int | None = None, usd: float | None = None
) -> None:
    """Enter a dream into its night. A ledger that can't be read costs no dream that is paid for: it is said."""
    try:
        world.records.note_in_night(night, dream_id, tokens, usd)
    except StateError as e:
        log.error("dream %s is not entered into its night: %s", dream_id, e)


def list_cost(world: World, dream: Dream, budget_usd: float | None = None) -> float | None:
    """
    Return what the dream cost at list price, in US dollars; None where that is not known.

    :param budget_usd: what it may cost. That the service does not tell is said loudly then.
    """
    if dream.session_id is None:
        return None
    try:
        cost = world.hook.retrieve_list_cost(dream.session_id)
    except ServiceError as e:
        log.warning("the list cost of dream %s is not known: %s", dream.id, e)
        return None
    if unheld := unheld_budget(budget_usd, cost, dream):
        log.error("%s", unheld)
    return cost
