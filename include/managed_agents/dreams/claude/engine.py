"""The dream engine that uses Claude: a sub-agent for each transcript, and one that files what they found."""

from __future__ import annotations

from collections.abc import Collection

from include.managed_agents.claude import ClaudeAccess
from include.managed_agents.dreams.claude.checks import Sources
from include.managed_agents.dreams.claude.conversation import Conversation, Meter
from include.managed_agents.dreams.claude.desk import Desk
from include.managed_agents.dreams.claude.prompts import (
    PASSES,
    TASK_OF_ORCHESTRATOR,
    as_line,
    shared_prompt,
    transcript_text,
)
from include.managed_agents.dreams.claude.report import Report
from include.managed_agents.dreams.engine import Brief, EngineFailure, Findings, StoreFiles, Transcript

__all__ = ["ClaudeEngine"]

MAX_ROUNDS = 300  # of the orchestrator: a file each, with room for corrections
MAX_OPENING_BYTES = 1_600_000  # about 400,000 tokens


class ClaudeEngine:
    """
    Implements `DreamEngine`. One instance serves one dream.

    :param token_ceiling: tokens of all kinds that one dream may use.
    """

    name = "claude"
    readers = 8

    def __init__(self, access: ClaudeAccess, token_ceiling: int) -> None:
        self._access = access
        self._ceiling = token_ceiling
        self._meter: Meter | None = None

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        """Let a sub-agent go over a transcript in passes, and keep what is grounded of its report."""
        opening = transcript_text(transcript)
        if len(opening.encode()) > MAX_OPENING_BYTES:
            raise EngineFailure(f"session {transcript.session_id} is too long to be read in one piece")
        async with self._access.client() as client:
            talk = Conversation(
                client, brief.model, shared_prompt(brief), opening, self._metered(brief), brief.count
            )
            report = Report()
            for task in PASSES:
                call = await talk.ask(task)
                talk.answer(call, report.take(call), is_error=call.name != "report")
        return Findings(transcript.session_id, report.grounded(transcript, brief))

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        """Let the orchestrator write, one file a round, until all is filed and the checks are content."""
        reports = "\n".join(as_line({"session": found.session_id, **found.data}) for found in findings)
        if len(reports.encode()) > MAX_OPENING_BYTES:
            raise EngineFailure(
                "the reports are too long to be consolidated in one piece; dream over fewer sessions"
            )
        opening = f"{TASK_OF_ORCHESTRATOR}\n{reports}"
        async with self._access.client() as client:
            talk = Conversation(
                client, brief.model, shared_prompt(brief), opening, self._metered(brief), brief.count
            )
            statements = [one["statement"] for found in findings for one in found.data["statements"]]
            contents = dict(files.read_all())
            desk = Desk(files, contents, Sources([*statements, *contents.values()]))
            task = "Begin."
            for _ in range(MAX_ROUNDS):
                call = await talk.ask(task)
                told, is_error = desk.do(call)
                if desk.is_done:
                    return
                talk.answer(call, told, is_error=is_error)
                task = desk.next_review or "Go on."
        raise EngineFailure(f"the orchestrator did not finish in {MAX_ROUNDS} steps")

    def _metered(self, brief: Brief) -> Meter:
        if self._meter is None:
            self._meter = Meter(self._ceiling, brief.tokens_spent)
        return self._meter
