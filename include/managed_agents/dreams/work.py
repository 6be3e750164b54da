"""
One dream from start to end, in steps that each survive a crash.

```
pending ── claim ──▶ running ── clone ──▶ read each transcript ──▶ consolidate ──▶ completed
```
Each step looks at what is stored and does only what is missing. Before anything is written, the dream is
checked to be running still and its inputs to be there still, in the same transaction.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from include.managed_agents.access import Actor
from include.managed_agents.clock import rfc3339
from include.managed_agents.database import Database, Unit
from include.managed_agents.dreams.cloning import create_copy, fill_copy, take_back
from include.managed_agents.dreams.engine import Brief, DreamEngine, DreamOver, Findings, Transcript
from include.managed_agents.dreams.files import DreamFiles, log_tool
from include.managed_agents.dreams.findings import StoredFindings
from include.managed_agents.dreams.models import DreamFindingsRow, DreamRow
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.dreams.staff import open_session
from include.managed_agents.dreams.transcripts import transcript_of
from include.managed_agents.memories.repository import MemoryRepository
from include.managed_agents.memory_stores.repository import MemoryStoreRepository
from include.managed_agents.session_log.log import EventLog, text_block
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.usage import Usage, add_usage, usage_of

__all__ = ["DreamFailed", "DreamWork"]

CHECK_SECONDS = 0.1


class DreamFailed(Exception):
    """The dream can't go on. ``type`` is one of the API's dream errors."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.type = error_type
        self.message = message


class DreamWork:
    """
    The work of one dream.

    :param pace_seconds: the dream lasts at least this long.
    :param transcripts_at_a_time: how many sub-agents read at most at once.
    :param is_interrupted: whether the dream was canceled, or the server stops.
    """

    def __init__(
        self,
        database: Database,
        engine: DreamEngine,
        dream_id: str,
        *,
        pace_seconds: float,
        transcripts_at_a_time: int,
        is_interrupted: Callable[[], bool],
    ) -> None:
        self._database = database
        self._engine = engine
        self._dream_id = dream_id
        self._pace = timedelta(seconds=pace_seconds)
        self._places = asyncio.Semaphore(min(transcripts_at_a_time, engine.readers))
        self._is_interrupted = is_interrupted
        #: Set when the work ends in any way: threads of the engine that still run learn it from `check`.
        self._over = threading.Event()
        self._memories: Mapping[str, str] | None = None

    async def run(self) -> None:
        try:
            self.claim()
            self.clone()
            brief = self._brief()
            findings = await self.read_transcripts(brief)
            await self.wait_for_pace()
            await self.consolidate(findings, brief)
            self.complete()
        finally:
            self._over.set()

    def check(self) -> None:
        """:raises DreamOver: once the dream was canceled, or the server stops."""
        if self._over.is_set() or self._is_interrupted():
            raise DreamOver

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """Give a unit of work that holds only while the dream runs and its inputs are there."""
        with self._database.write() as unit:
            self._require_going(unit)
            yield unit

    def _require_going(self, unit: Unit) -> DreamRow:
        dream = Dreams(unit).retrieve(self._dream_id)
        if dream.status != "running":
            raise DreamOver
        require_inputs(unit, dream)
        return dream

    def _brief(self) -> Brief:
        with self._database.read() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
        return Brief(
            dream.model["id"],
            dream.instructions,
            dream.created_at,
            memories=self._cloned_memories,
            tokens_spent=usage_of(dream).total,
            count=self.count,
            check=self.check,
        )

    def count(self, usage: Usage) -> None:
        """Add tokens to the dream and to the session that runs it, whatever has become of the dream meanwhile."""
        with self._database.write() as unit:
            count_usage(unit, Dreams(unit).retrieve(self._dream_id), usage)

    def _cloned_memories(self) -> Mapping[str, str]:
        """Return the store as it was cloned. Nothing is written to it before the engine consolidates."""
        if self._memories is None:
            with self._database.read() as unit:
                dream = Dreams(unit).retrieve(self._dream_id)
                assert dream.output_store_id is not None
                rows = MemoryRepository(unit.session).all_with_content(dream.output_store_id)
            self._memories = {memory.path: content for memory, content in rows}
        return self._memories

    def claim(self) -> None:
        with self._database.write() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
            if dream.status == "pending":
                dream.status = "running"
                dream.started_at = unit.clock.now()
            elif dream.status != "running":
                raise DreamOver

    def clone(self) -> None:
        """Make the output store and the dream's session, or take back what an interrupted try wrote."""
        with self.writing() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
            if dream.cloned_at is None:
                self._clone(unit, dream)
            elif dream.is_consolidating:
                self._take_back(unit, dream)

    def _clone(self, unit: Unit, dream: DreamRow) -> None:
        source = MemoryStoreRepository(unit.session).get(dream.input_store_id)
        assert source is not None, "require_inputs has seen it"
        writes_elsewhere = dream.output_behavior["type"] == "create_new"
        target = create_copy(unit, source) if writes_elsewhere else source
        session = open_session(unit, dream, target)
        if writes_elsewhere:
            fill_copy(unit, source.id, target.id, Actor.of_session(session.id))
        dream.output_store_id, dream.session_id = target.id, session.id
        dream.cloned_at = unit.clock.now()

    def _take_back(self, unit: Unit, dream: DreamRow) -> None:
        if dream.output_behavior["type"] == "update_existing":
            raise DreamFailed(
                "internal_error",
                "the server stopped while the dream was writing into its input store; review that store",
            )
        assert dream.output_store_id is not None
        assert dream.session_id is not None
        assert dream.cloned_at is not None
        take_back(unit, dream.output_store_id, dream.cloned_at, Actor.of_session(dream.session_id))
        dream.is_consolidating = False

    async def read_transcripts(self, brief: Brief) -> StoredFindings:
        """Read what has not been read yet, a few at once, and return the findings of all sessions in order."""
        with self._database.read() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
            found = DreamRepository(unit.session).set_aside(self._dream_id)
        async with asyncio.TaskGroup() as sub_agents:
            for session_id in dream.session_ids:
                if session_id not in found:
                    sub_agents.create_task(self._read_one(session_id, brief))
        return StoredFindings.of(self._database, dream)

    async def _read_one(self, session_id: str, brief: Brief) -> None:
        async with self._places:
            transcript = await asyncio.to_thread(self._load, session_id)
            findings = await self._engine.read_session(transcript, brief)
            await asyncio.to_thread(self._store, transcript, findings)

    def _load(self, session_id: str) -> Transcript:
        with self._database.read() as unit:
            self._require_going(unit)
            session = SessionRepository(unit.session).get(session_id)
            assert session is not None, "require_inputs has seen it"
            return transcript_of(session, SessionEventRepository(unit.session).all_of(session_id))

    def _store(self, transcript: Transcript, findings: Findings) -> None:
        with self.writing() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
            assert dream.session_id is not None
            row = DreamFindingsRow(
                dream_id=dream.id,
                session_id=findings.session_id,
                data=findings.data,
                set_aside=findings.set_aside,
            )
            DreamRepository(unit.session).add(row)
            call = {"file_path": f"/mnt/transcripts/{transcript.session_id}.jsonl"}
            told = f"{len(transcript.messages)} messages since {rfc3339(transcript.started_at)}"
            log_tool(unit, dream.session_id, "read", call, told)
            if findings.set_aside:
                tell(unit, dream, f"Session {findings.session_id} was set aside: {findings.set_aside}")

    async def wait_for_pace(self) -> None:
        """Wait until the dream has lasted long enough, and end at once if it is canceled meanwhile."""
        while True:
            with self._database.read() as unit:
                dream = self._require_going(unit)
                assert dream.started_at is not None
                left = dream.started_at + self._pace - unit.clock.now()
            if left <= timedelta(0):
                return
            await asyncio.sleep(min(CHECK_SECONDS, left.total_seconds()))

    async def consolidate(self, findings: Collection[Findings], brief: Brief) -> None:
        with self.writing() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
            dream.is_consolidating = True
            assert dream.output_store_id is not None
            assert dream.session_id is not None
            session = SessionRepository(unit.session).get(dream.session_id)
            mount_path = session.resources[0]["mount_path"] if session else ""
        files = DreamFiles(self._database, self.writing, dream.output_store_id, dream.session_id, mount_path)
        await self._engine.consolidate(files, findings, brief)

    def complete(self) -> None:
        with self.writing() as unit:
            dream = Dreams(unit).retrieve(self._dream_id)
            tell(unit, dream, closing_words(dream, DreamRepository(unit.session).set_aside(dream.id)))
            Dreams(unit).end(dream, "completed")


def tell(unit: Unit, dream: DreamRow, text: str) -> None:
    """Say something in the session that runs the dream."""
    assert dream.session_id is not None
    EventLog(unit, dream.session_id).append("agent.message", content=[text_block(text)])


def closing_words(dream: DreamRow, reasons: Mapping[str, str]) -> str:
    """Return the last message of a dream. ``reasons``: why a session was set aside, or "", by session."""
    aside = [f"{session_id} ({reason})" for session_id, reason in sorted(reasons.items()) if reason]
    told = f"Read {len(reasons) - len(aside)} sessions; the reorganized memory is in {dream.output_store_id}."
    return f"{told} Set aside, and not in it: {', '.join(aside)}." if aside else told


def require_inputs(unit: Unit, dream: DreamRow) -> None:
    """Check a dream's inputs. :raises DreamFailed: if one was archived or deleted since the dream was created."""
    store = MemoryStoreRepository(unit.session).get(dream.input_store_id)
    if store is None or store.archived_at is not None:
        state = "deleted" if store is None else "archived"
        raise DreamFailed(
            "input_memory_store_unavailable", f"memory store {dream.input_store_id!r} was {state}"
        )
    sessions = {row.id: row for row in SessionRepository(unit.session).get_many(dream.session_ids)}
    for session_id in dream.session_ids:
        session = sessions.get(session_id)
        if session is None:
            raise DreamFailed("input_session_unavailable", f"session {session_id!r} was deleted")
        # One that was archived before is as good an input as any: its events are all there.
        if session.archived_at is not None and session.archived_at > dream.created_at:
            raise DreamFailed("input_session_unavailable", f"session {session_id!r} was archived")


def count_usage(unit: Unit, dream: DreamRow, usage: Usage) -> None:
    """Add tokens to the dream and to the session that runs it, which is where the list cost is told."""
    session = SessionRepository(unit.session).get(dream.session_id) if dream.session_id else None
    for row in (dream, session):
        if row is not None:
            add_usage(row, usage)
