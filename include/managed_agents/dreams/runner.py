"""Run dreams as they are submitted, a few at a time, and end with the reason those that fail."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from itertools import count

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from include.managed_agents.database import Database
from include.managed_agents.dreams.engine import DreamEngine, DreamOver, EngineFailure
from include.managed_agents.dreams.hold import DreamFailed, Hold
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.dreams.schemas import ENDED
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.dreams.work import DreamWork
from include.managed_agents.settings import Settings
from include.managed_agents.workers import Workers, first_of, place_of

__all__ = ["DreamRunner"]

logger = logging.getLogger(__name__)

STOP_SECONDS = 2.0
SETTLE_AGAIN_SECONDS = 0.5
#: Findings deleted in one unit of work, of some megabytes each.
CLEARED_AT_ONCE = 5


class DreamRunner:
    """A few dreams run at a time; more stay pending."""

    def __init__(
        self, database: Database, settings: Settings, make_engine: Callable[[], DreamEngine]
    ) -> None:
        self._database = database
        self._settings = settings
        self._make_engine = make_engine
        self._workers = Workers(self._dream, settings.dreams_at_a_time)
        self._ordered_failures: deque[DreamFailed] = deque()

    def resume(self) -> None:
        """Take up what an earlier process left: pending dreams, and running ones where they stood."""
        with self._database.read() as unit:
            unfinished = [row.id for row in DreamRepository(unit.session).unfinished()]
        for dream_id in unfinished:
            self.submit(dream_id)

    def submit(self, dream_id: str) -> None:
        self._workers.submit(dream_id)

    def interrupt(self, dream_id: str) -> None:
        """Wake a dream that was canceled, so that it notices at once."""
        self._workers.interrupt(dream_id)

    def fail_next(self, error_type: str, message: str) -> None:
        """Let the next dream that starts fail once it has cloned its input (a test's order)."""
        self._ordered_failures.append(DreamFailed(error_type, message))

    def stop(self) -> None:
        """Interrupt all dreams and leave them as they stand, for the next start to take up."""
        self._workers.stop(STOP_SECONDS)

    async def _dream(self, dream_id: str) -> None:
        ordered = self._ordered_failures.popleft() if self._ordered_failures else None
        hold = Hold(self._database, dream_id, lambda: self._workers.is_interrupted(dream_id))
        try:
            work = DreamWork(
                hold,
                self._make_engine(),
                pace_seconds=self._settings.pace_seconds,
                transcripts_at_a_time=self._settings.transcripts_at_a_time,
            )
            if ordered is not None:
                work.claim()
                work.clone()
                raise ordered
            await work.run()
        except Exception as error:
            await settle(hold, first_of(error))
        finally:
            hold.let_go()
            clear_away(hold)


async def settle(hold: Hold, cause: BaseException) -> None:
    """End a dream with the reason it failed for. Where that can't be written, as on a full disk, try until it can."""
    if isinstance(cause, DreamOver):
        return
    failure = failure_of(hold.dream_id, cause)
    for attempt in count():
        try:
            with hold.unit() as unit:
                dreams = Dreams(unit)
                dream = dreams.retrieve(hold.dream_id)
                if dream.status in {"pending", "running"}:
                    dreams.end(dream, "failed", {"type": failure.type, "message": failure.message})
                return
        except SQLAlchemyError as error:
            if attempt == 0:
                logger.error("%s: can't be settled yet: %s", hold.dream_id, type(error).__name__)
        await asyncio.sleep(SETTLE_AGAIN_SECONDS)


def clear_away(hold: Hold) -> None:
    """Delete what was found once the dream has ended: nobody reads it again, and it may be hundreds of megabytes."""
    with hold.database.read() as unit:
        if Dreams(unit).retrieve(hold.dream_id).status not in ENDED:
            return
        found = list(DreamRepository(unit.session).set_aside(hold.dream_id))
    try:
        for start in range(0, len(found), CLEARED_AT_ONCE):
            with hold.unit() as unit:
                some = found[start : start + CLEARED_AT_ONCE]
                DreamRepository(unit.session).delete_findings(hold.dream_id, some)
    except SQLAlchemyError as error:
        logger.warning("%s: findings stay in the database: %s", hold.dream_id, type(error).__name__)


def failure_of(dream_id: str, cause: BaseException) -> DreamFailed:
    """Return what to tell of a failure: nothing that could quote a memory or a transcript."""
    if isinstance(cause, DreamFailed):
        return cause
    if isinstance(cause, EngineFailure):
        return DreamFailed(cause.error_type, str(cause))
    logger.error("%s: failed: %s at %s", dream_id, type(cause).__name__, place_of(cause))
    if isinstance(cause, OperationalError):
        return DreamFailed("internal_error", f"the server's database can't be used: {cause.orig}")
    return DreamFailed("internal_error", f"the dream engine failed with {type(cause).__name__}")
