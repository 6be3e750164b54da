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
    from dreamflow.records.journal import Journal
    from dreamflow.steps.fleet_ledger import FleetLedger
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
    journal, night = run.journal(), world.pipeline.night.budget
    dream_id = journal.dream.dream_id if journal.dream else None
    own = _left(world, journal, but=dream_id)
    if world.ledger is not None:
        return own.within(world.ledger.kept_for(world.records.pipeline, dream_id))
    try:
        tonight = world.records.spent_in(journal.night, but=dream_id)
    except StateError as e:
        log.error(
            "what this night's other dreams used is not known, and not held against night.budget: %s", e
        )
        tonight = Spent()
    return own.within(Budget(night.tokens, night.usd).less(tonight))


def check_budget(world: World, run: RunRecords) -> None:
    """
    Refuse another dream beyond what the run and its night may have: new dreams, catch-ups, dreams again are counted.

    :raises BudgetExceeded: nothing was spent.
    """
    journal = run.journal()
    left, spent = _left(world, journal), journal.spent()
    why = why_night_is_over(world.pipeline, world.records, journal.night)
    if why is None and left.is_used_up:
        why = f"this run's dreams have used {spent.tokens:,} tokens and USD {spent.usd:.2f}: dream.budget is used up"
    if why is None and world.ledger is not None:
        why = world.ledger.reserve(world.records.pipeline, left)
    if why:
        raise BudgetExceeded(
            f"{why}. Nothing more is spent; what is left comes next night. Raise it in the pipeline's file and clear "
            "this task to go on tonight."
        )


def why_night_is_over(
    pipeline: Pipeline, records: Records, night: str, ledger: FleetLedger | None = None
) -> str | None:
    """Return why a night can have no further dream of the pipeline, or of the fleet's member; None where it can."""
    budget, spent = pipeline.night.budget, records.spent_in(night)
    if spent.dreams >= pipeline.dreams_a_night:
        limit = "a member may have" if pipeline.fleet else "night.dreams allows"
        return f"this night has had {spent.dreams} dreams, as many as {limit}"
    if ledger is not None:
        return ledger.why_over()
    if Budget(budget.tokens, budget.usd).less(spent).is_used_up:
        return f"this night's dreams have used {spent.tokens:,} tokens and USD {spent.usd:.2f}: night.budget is used up"
    return None


def _left(world: World, journal: Journal, but: str | None = None) -> Budget:
    """Return what the run's dreams, one of them left out, left of the run's budget."""
    dream = world.pipeline.dream.budget
    return Budget(dream.tokens, dream.usd).less(journal.spent(but=but))


def note_usage(world: World, run: RunRecords, dream: Dream, cost: float | None) -> None:
    """
    Enter what a dream used: into the run's ledger, where the run knows the dream, and into the night's.

    :param cost: its list cost; where that is not known now, what was known before stays.
    """
    known = {} if cost is None else {"usd": cost}
    journal = run.note_dream(dream.id, tokens=dream.usage.total, **known)
    enter_in_night(world, journal, dream.id, dream.usage.total, cost)


def enter_in_night(
    world: World, journal: Journal, dream_id: str, tokens: int | None = None, usd: float | None = None
) -> None:
    """
    Enter a dream of the run into its night: of a fleet's member, with what it may use until what it used is known.

    A ledger that can't be read costs no dream that is paid for: it is said.
    """
    kept = _left(world, journal, but=dream_id) if world.pipeline.fleet else None
    try:
        row = world.records.note_in_night(journal.night, dream_id, tokens, usd, kept=kept)
    except StateError as e:
        log.error("dream %s is not entered into its night: %s", dream_id, e)
        return
    if world.ledger is not None:
        world.ledger.entered(world.records.pipeline, dream_id, row, is_new=tokens is None)


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
