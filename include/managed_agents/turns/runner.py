"""Run the turns of sessions: one that got a message is run until it is idle."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.managed_agents.database import Database
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.session_log.log import EventLog
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.settings import Settings
from include.managed_agents.turns.model import BudgetReached, ModelFailed, SessionModel, TurnOver
from include.managed_agents.workers import Workers, first_of, place_of

__all__ = ["TurnRunner"]

logger = logging.getLogger(__name__)

STOP_SECONDS = 2.0


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

    def settle_interrupted(self) -> None:
        """End the turns that an earlier process left unfinished: the user may say it again."""
        with self._database.read() as unit:
            left = [row.id for row in SessionRepository(unit.session).in_a_turn()]
        for session_id in left:
            self._end(
                session_id,
                {"type": "retries_exhausted"},
                "unknown_error",
                "the server stopped during the turn",
            )

    def stop(self) -> None:
        self._workers.stop(STOP_SECONDS)

    async def _turn(self, session_id: str) -> None:
        from include.managed_agents.turns.work import TurnWork  # noqa: PLC0415 - the SDK's tools take a second

        with tempfile.TemporaryDirectory(prefix="managed-agents-") as folder:
            root = Path(folder)
            try:
                work = TurnWork(self._database, self._streams, self._settings.price, session_id, root)
                model = self._make_model()
                while True:
                    await work.run(model)
                    if self._end(session_id, {"type": "end_turn"}):
                        return
            except Exception as error:
                self._settle(session_id, first_of(error))

    def _settle(self, session_id: str, cause: BaseException) -> None:
        if isinstance(cause, TurnOver):
            return
        if isinstance(cause, BudgetReached):
            self._end(session_id, {"type": "budget_reached"})
            return
        logger.error("%s: turn failed: %s at %s", session_id, type(cause).__name__, place_of(cause))
        message = (
            str(cause) if isinstance(cause, ModelFailed) else f"the model failed with {type(cause).__name__}"
        )
        self._end(session_id, {"type": "retries_exhausted"}, "model_request_failed_error", message)

    def _end(
        self, session_id: str, stop_reason: dict[str, Any], error: str | None = None, message: str = ""
    ) -> bool:
        """Let a session go idle. Returns False where a message came meanwhile, that is to be answered first."""
        with self._database.write() as unit:
            session = SessionRepository(unit.session).get(session_id)
            if session is None or session.status != "running":
                return True
            waits = SessionEventRepository(unit.session).waiting(session_id)
            if waits and stop_reason["type"] == "end_turn":
                return False
            if error is not None:
                told = {"type": error, "message": message, "retry_status": {"type": "exhausted"}}
                EventLog(unit, session_id).append("session.error", error=told)
            Sessions(unit).stop_running(session, stop_reason)
            return True
