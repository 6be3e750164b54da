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
from collections.abc import Mapping
from datetime import timedelta

from include.managed_agents.access import Actor
from include.managed_agents.clock import rfc3339
from include.managed_agents.database import Unit
from include.managed_agents.dreams.cloning import create_copy, fill_copy, take_back
from include.managed_agents.dreams.engine import Brief, DreamEngine, EngineFailure, Findings, Transcript
from include.managed_agents.dreams.files import DreamFiles, log_tool
from include.managed_agents.dreams.findings import StoredFindings
from include.managed_agents.dreams.hold import DreamFailed, Hold
from include.managed_agents.dreams.models import DreamFindingsRow, DreamRow
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.dreams.staff import open_session
from include.managed_agents.dreams.transcripts import transcript_of
from include.managed_agents.memory_stores.repository import MemoryStoreRepository
from include.managed_agents.session_log.log import EventLog, text_block
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.usage import usage_of

__all__ = ["DreamWork"]

CHECK_SECONDS = 0.1


class DreamWork:
    """
    The work of one dream.

    :param pace_seconds: the dream lasts at least this long.
    :param transcripts_at_a_time: how many sub-agents read at most at once.
    """

    def __init__(
        self, hold: Hold, engine: DreamEngine, *, pace_seconds: float, transcripts_at_a_time: int
    ) -> None:
        self._hold = hold
        self._engine = engine
        self._pace = timedelta(seconds=pace_seconds)
        self._places = asyncio.Semaphore(min(transcripts_at_a_time, engine.readers))

    async def run(self) -> None:
        self.claim()
        self.clone()
        brief = self._brief()
        findings = await self.read_transcripts(brief)
        await self.wait_for_pace()
        await self.consolidate(findings, brief)
        self._hold.write(complete)

    def _brief(self) -> Brief:
        with self._hold.reading() as (_, dream):
            return Brief(
                dream.model["id"],
                dream.instructions,
                dream.created_at,
                self._files(dream, ""),
                unread=lambda: (self._load(session_id) for session_id in self._unread()),
                tokens_spent=usage_of(dream).total,
                count=self._hold.count,
                count_once=self._hold.count_once,
                check=self._hold.check,
            )

    def _unread(self) -> list[str]:
        """Return the sessions that no findings are stored of, in order."""
        with self._hold.reading() as (unit, dream):
            found = DreamRepository(unit.session).set_aside(dream.id)
            return [session_id for session_id in dream.session_ids if session_id not in found]

    def _files(self, dream: DreamRow, mount_path: str) -> DreamFiles:
        assert dream.output_store_id is not None
        assert dream.session_id is not None
        return DreamFiles(self._hold, dream.output_store_id, dream.session_id, mount_path)

    def claim(self) -> None:
        self._hold.persist(lambda unit: Dreams(unit).start(self._hold.dream_id))

    def clone(self) -> None:
        """Make the output store and the dream's session, or take back what an interrupted try wrote."""
        dream = self._hold.write(open_output)
        assert dream.output_store_id is not None
        assert dream.session_id is not None
        author = Actor.of_session(dream.session_id)
        if dream.cloned_at is None:
            assert dream.cloned_as_of is not None
            if dream.output_store_id != dream.input_store_id:
                fill_copy(self._hold, dream.input_store_id, dream.output_store_id, dream.cloned_as_of, author)
            self._hold.write(end_cloning)
        elif dream.is_consolidating:
            if dream.output_store_id == dream.input_store_id:
                raise DreamFailed(
                    "internal_error",
                    "the server stopped while the dream was writing into its input store; review that store",
                )
            take_back(self._hold, dream.output_store_id, dream.cloned_at, author)
            self._hold.write(end_taking_back)

    async def read_transcripts(self, brief: Brief) -> StoredFindings:
        """
        Read what has not been read yet, a few at once, and return the findings of all sessions in order.

        :raises EngineFailure: if not a single session could be read.
        """
        async with asyncio.TaskGroup() as sub_agents:
            for session_id in self._unread():
                sub_agents.create_task(self._read_one(session_id, brief))
        with self._hold.reading() as (unit, dream):
            aside = DreamRepository(unit.session).set_aside(dream.id)
        read = tuple(session_id for session_id in dream.session_ids if not aside[session_id])
        if not read:
            first = dream.session_ids[0]
            raise EngineFailure(f"no session could be read; {first}: {aside[first]}")
        return StoredFindings(self._hold.database, dream.id, read)

    async def _read_one(self, session_id: str, brief: Brief) -> None:
        async with self._places:
            transcript = await asyncio.to_thread(self._load, session_id)
            findings = await self._engine.read_session(transcript, brief)
            await asyncio.to_thread(self._store, transcript, findings)

    def _load(self, session_id: str) -> Transcript:
        with self._hold.reading() as (unit, _):
            session = SessionRepository(unit.session).get(session_id)
            assert session is not None, "the hold has seen it"
            return transcript_of(session, SessionEventRepository(unit.session).all_of(session_id))

    def _store(self, transcript: Transcript, findings: Findings) -> None:
        read = f"{len(transcript.messages)} messages since {rfc3339(transcript.started_at)}"
        self._hold.write(lambda unit, dream: store_findings(unit, dream, findings, read))

    async def wait_for_pace(self) -> None:
        """Wait until the dream has lasted long enough, and end at once if it is canceled meanwhile."""
        while True:
            with self._hold.reading() as (unit, dream):
                assert dream.started_at is not None
                left = dream.started_at + self._pace - unit.clock.now()
            if left <= timedelta(0):
                return
            await asyncio.sleep(min(CHECK_SECONDS, left.total_seconds()))

    async def consolidate(self, findings: StoredFindings, brief: Brief) -> None:
        files = self._hold.write(lambda unit, dream: self._files(dream, begin_consolidating(unit, dream)))
        await self._engine.consolidate(files, findings, brief)
        files.close()


def open_output(unit: Unit, dream: DreamRow) -> DreamRow:
    """Make the output store, still empty, and the dream's session, where there are none yet."""
    if dream.output_store_id is None:
        source = MemoryStoreRepository(unit.session).get(dream.input_store_id)
        assert source is not None, "the hold has seen it"
        writes_elsewhere = dream.output_behavior["type"] == "create_new"
        target = create_copy(unit, source) if writes_elsewhere else source
        session = open_session(unit, dream, target)
        dream.output_store_id, dream.session_id = target.id, session.id
        dream.cloned_as_of = unit.clock.now()
    return dream


def end_cloning(unit: Unit, dream: DreamRow) -> None:
    dream.cloned_at = unit.clock.now()


def end_taking_back(_: Unit, dream: DreamRow) -> None:
    dream.is_consolidating = False


def store_findings(unit: Unit, dream: DreamRow, findings: Findings, read: str) -> None:
    """Keep what was found in a session, or why it was set aside, and show it in the dream's session."""
    assert dream.session_id is not None
    row = DreamFindingsRow(
        dream_id=dream.id,
        session_id=findings.session_id,
        data=findings.data,
        set_aside=findings.set_aside,
    )
    DreamRepository(unit.session).add(row)
    call = {"file_path": f"/mnt/transcripts/{findings.session_id}.jsonl"}
    log_tool(unit, dream.session_id, "read", call, read)
    if findings.set_aside:
        tell(unit, dream, f"Session {findings.session_id} was set aside: {findings.set_aside}")


def begin_consolidating(unit: Unit, dream: DreamRow) -> str:
    """Note that the store is written to from now on, and return where the dream's session mounts it."""
    dream.is_consolidating = True
    assert dream.session_id is not None
    session = SessionRepository(unit.session).get(dream.session_id)
    return session.resources[0]["mount_path"] if session else ""


def complete(unit: Unit, dream: DreamRow) -> None:
    reasons = DreamRepository(unit.session).set_aside(dream.id)
    tell(unit, dream, closing_words(dream, reasons))
    Dreams(unit).end(dream, "completed")


def tell(unit: Unit, dream: DreamRow, text: str) -> None:
    """Say something in the session that runs the dream."""
    assert dream.session_id is not None
    EventLog(unit, dream.session_id).append("agent.message", content=[text_block(text)])


def closing_words(dream: DreamRow, reasons: Mapping[str, str]) -> str:
    """Return the last message of a dream. ``reasons``: why a session was set aside, or "", by session."""
    aside = [f"{session_id} ({reason})" for session_id, reason in sorted(reasons.items()) if reason]
    read = len(reasons) - len(aside)
    told = f"Read {read} of {len(reasons)} sessions; the reorganized memory is in {dream.output_store_id}."
    return f"{told} Set aside, and not in it: {', '.join(aside)}." if aside else told
