"""A sub-agent: goes over one session in passes, and reports what is worth keeping."""

from __future__ import annotations

from include.managed_agents.dreams.claude.conversation import (
    Conversation,
    Full,
    Meter,
    Model,
    Refused,
    Unanswered,
)
from include.managed_agents.dreams.claude.library import Library
from include.managed_agents.dreams.claude.plan import Plan, grouped, parts_of
from include.managed_agents.dreams.claude.prompts import PASSES, opening_of_reader, transcript_text
from include.managed_agents.dreams.claude.report import Report, grounded
from include.managed_agents.dreams.claude.tools import LOOKUPS
from include.managed_agents.dreams.engine import Brief, Findings, Transcript
from include.managed_agents.dreams.thinking import think

__all__ = ["Reader"]

MAX_STEPS = 30  # of one pass: looking into notes, and reporting in pieces
SMALLEST_PART = 2_000
REST = "Report what this pass has left, in a piece as small; empty lists once there is nothing."
NO_ROOM = "There is no room left for this. Report what you have."


class Reader:
    """Reads one session of a dream."""

    def __init__(self, model: Model, plan: Plan, brief: Brief, meter: Meter) -> None:
        self._model = model
        self._meter = meter
        self._plan = plan
        self._brief = brief
        self._library = Library(brief.store, brief.check)

    async def read(self, transcript: Transcript) -> Findings:
        """
        Return what is grounded of the reports on all parts of a session. One that the model refuses, or makes nothing
        of, is set aside: the dream goes on without it.
        """
        parts = parts_of(transcript_text(transcript), self._plan.part_bytes)
        reports: list[Report] = []
        try:
            for number, part in enumerate(parts, 1):
                reports += await self._read_part(part, number, len(parts))
        except Refused as refusal:
            return Findings(transcript.session_id, None, set_aside=f"{refusal} to read it")
        except Full:
            return Findings(
                transcript.session_id, None, set_aside="the model can't read it, even in small parts"
            )
        except Unanswered:
            return Findings(transcript.session_id, None, set_aside="the model reported nothing, in no pass")
        data = await think(self._brief.check, grounded, reports, transcript, self._brief)
        return Findings(transcript.session_id, data)

    async def _read_part(self, part: str, number: int, parts: int) -> list[Report]:
        """Read a part, or its halves where it is too long for the model."""
        try:
            return [await self._pass_over(part, number, parts)]
        except Full:
            if len(part.encode()) < SMALLEST_PART:
                raise
            halves = parts_of(part, len(part.encode()) // 2 + 1)
            return [report for half in halves for report in await self._read_part(half, number, parts)]

    async def _pass_over(self, part: str, number: int, parts: int) -> Report:
        """
        Let a sub-agent make all passes. A conversation that has grown too long for another pass is begun anew, with
        what was reported so far. A pass that isn't answered is left out, and so are the last ones where what is left
        below the ceiling will be needed to file what was found.

        :raises Full: if not even the first pass fits.
        :raises Unanswered: if no pass was answered.
        """
        report, talk, answered = Report(self._plan.statements_on(part)), None, 0
        for task in grouped(PASSES, self._plan.passes):
            if answered and not self._meter.has_left(self._plan.filing):
                break
            if talk is None or not talk.has_room:
                talk = Conversation(
                    self._model, opening_of_reader(part, number, parts, report.limit, report.as_text())
                )
            try:
                await self._make_pass(talk, task, report)
                answered += 1
            except Unanswered:
                talk = None
            except Full:
                if not answered:
                    raise
                talk = None
        if not answered:
            raise Unanswered
        return report

    async def _make_pass(self, talk: Conversation, task: str | None, report: Report) -> None:
        """Ask for one report, and for the rest of it where it comes in pieces."""
        is_in_pieces = False
        for _ in range(MAX_STEPS):
            calls = await talk.ask(task)
            task, is_reported, added = None, False, False
            is_in_pieces = is_in_pieces or talk.is_in_pieces
            for call in calls:
                if call.name in LOOKUPS and talk.has_room:
                    told, is_error = await self._library.look_up(call)
                    talk.answer(call, told, is_error=is_error)
                elif call.name in LOOKUPS:
                    talk.answer(call, NO_ROOM, is_error=True)
                elif call.name == "report":
                    is_reported, added = True, added or (any(call.input.values()) and not report.is_full)
                    talk.answer(call, report.take(call))
                else:
                    talk.answer(call, "Sub-agents use `report`.", is_error=True)
            if is_reported and not (is_in_pieces and added):
                return
            task = REST if is_reported else None
