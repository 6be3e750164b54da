"""Run the turns of sessions: one that got a message is run until it is idle."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from include.managed_agents.database import Database
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.session_log.log import EventLog
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.settings import Settings
from include.managed_agents.turns.claim import Claim
from include.managed_agents.turns.model import BudgetReached, ModelFailed, SessionModel, TurnOver
from include.managed_agents.workers import Workers, first_of, place_of

__all__ = ["TurnRunner"]

logger = logging.getLogger(__name__)

STOP_SECONDS = 2.0
SETTLE_AGAIN_SECONDS = 0.5


class TurnRunner:
    """
    Runs the turns of sessions, several at a time, one at a time for each session.

    :param make_model: what sessions think with.
    """

    def __init__(
        self, database: Database, streams: Streams, settings: Settings, make_model: Callable[[], SessionModel]
    ) -> None:
        self._database = database
        self._streams = streams
        self._settings = settings
        self._make_model = make_model
        self._workers = Workers(self._turn, settings.turns_at_a_time)

    def submit(self, session_id: str) -> None:
        self._workers.submit(session_id)

    def interrupt(self, session_id: str) -> None:
        self._workers.interrupt(session_id)

    def resume(self) -> None:
        """Take up the turns that an earlier process left unfinished: whoever said something is answered."""
        with self._database.read() as unit:
            left = [row.id for row in SessionRepository(unit.session).in_a_turn()]
        for session_id in left:
            self.submit(session_id)

    def stop(self) -> None:
        self._workers.stop(STOP_SECONDS)

    async def _turn(self, session_id: str) -> None:
        try:
            claim = Claim.of(self._database, session_id)
            try:
                await self._answer(claim)
            except BudgetReached:
                self._end(claim, {"type": "budget_reached"})
            except TurnOver:
                raise
            except Exception as error:
                await self._fail(claim, first_of(error))
        except TurnOver:
            return
        except asyncio.CancelledError:
            # An interrupt may meet the turn after the one that it was for: look whether anything waits for an answer.
            self.submit(session_id)
            raise

    async def _answer(self, claim: Claim) -> None:
        from include.managed_agents.turns.work import TurnWork  # noqa: PLC0415 - the SDK's tools take a second

        with tempfile.TemporaryDirectory(prefix="managed-agents-") as folder:
            work = TurnWork(claim, self._streams, self._settings.price, Path(folder))
            model = self._make_model()
            ended = False
            while not ended:
                await work.run(model)
                ended = self._end(claim, {"type": "end_turn"})

    async def _fail(self, claim: Claim, cause: BaseException) -> None:
        """End a turn with what it failed for. Where that can't be written, as on a full disk, try until it can."""
        logger.error("%s: turn failed: %s at %s", claim.session_id, type(cause).__name__, place_of(cause))
        error = {
            "type": "model_request_failed_error",
            "message": str(cause)
            if isinstance(cause, ModelFailed)
            else f"the model failed with {type(cause).__name__}",
            "retry_status": {"type": "exhausted"},
        }
        while True:
            try:
                self._end(claim, {"type": "retries_exhausted"}, error)
                return
            except SQLAlchemyError as failure:
                logger.error("%s: can't be settled yet: %s", claim.session_id, type(failure).__name__)
            await asyncio.sleep(SETTLE_AGAIN_SECONDS)

    def _end(self, claim: Claim, stop_reason: dict[str, Any], error: dict[str, Any] | None = None) -> bool:
        """Let a session go idle. Returns False where a message came meanwhile, that is to be answered first."""
        with claim.writing() as (unit, session):
            waits = SessionEventRepository(unit.session).waiting(session.id)
            if waits and stop_reason["type"] == "end_turn":
                return False
            if error is not None:
                EventLog(unit, session.id).append("session.error", error=error)
            Sessions(unit).stop_running(session, stop_reason)
            return True
