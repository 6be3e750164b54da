"""The orchestrator: files what the sub-agents reported, so many reports at a time, until the checks are content."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from include.managed_agents.dreams.claude.checks import Sources
from include.managed_agents.dreams.claude.conversation import (
    Conversation,
    Full,
    Meter,
    Model,
    Refused,
    Unanswered,
)
from include.managed_agents.dreams.claude.desk import MAX_FILES_INDEXED_BY_HAND, Desk
from include.managed_agents.dreams.claude.plan import Plan, parts_of
from include.managed_agents.dreams.claude.prompts import REVIEWS, TASK_OF_ORCHESTRATOR, as_line
from include.managed_agents.dreams.engine import Brief, EngineFailure, Findings, StoreFiles
from include.managed_agents.memories.service import MAX_MEMORIES

__all__ = ["Orchestrator"]

STATEMENTS_PER_LINE = 50
MAX_ROUNDS = 300  # for one part of the reports: a file each, with room for corrections
ROOM = 50  # files fewer than there may be: few enough to say so
MAX_CONVERSATIONS = 30  # for one part, where what was read and written fills them


class Orchestrator:
    def __init__(self, model: Model, plan: Plan, brief: Brief, meter: Meter) -> None:
        self._model = model
        self._plan = plan
        self._brief = brief
        self._meter = meter

    async def file(self, files: StoreFiles, findings: Collection[Findings]) -> None:
        """
        Write what was found into the store.

        :raises EngineFailure: if the model refuses, or doesn't come to an end. It says what was spent.
        """
        statements = (one["statement"] for found in findings for one in found.data["statements"])
        desk = Desk(files, Sources(statements, self._brief.store, self._brief.check), self._brief.check)
        parts = parts_of("\n".join(report_lines(findings)), self._plan.reports_bytes)
        for number, part in enumerate(parts, 1):
            is_last = number == len(parts)
            desk.begin(list(REVIEWS if is_last else REVIEWS[:1]))
            try:
                await self._file_part(desk, opening(part, number, len(parts), len(files.sizes())))
            except Refused as refusal:
                raise self._failure(f"{refusal} to file what the sub-agents reported") from refusal
            except Unanswered as error:
                raise self._failure(
                    "the orchestrator answered without a whole tool call, however asked"
                ) from error
        if desk.lacked_room and not desk.written:
            raise EngineFailure(
                f"nothing could be filed: the store holds {len(files.sizes()):,} of at most {MAX_MEMORIES:,} memories,"
                f" and the model made no room; merge or delete some; the dream has used {self._meter.spent:,} tokens",
                "input_memory_store_too_large",
            )

    async def _file_part(self, desk: Desk, opening: str) -> None:
        talk, conversations = Conversation(self._model, opening), 1
        task: str | None = "Begin."
        for _ in range(MAX_ROUNDS):
            try:
                calls = await talk.ask(task)
            except Full:
                calls = []
            for call in calls:
                told, is_error = await desk.do(call)
                talk.answer(call, told, is_error=is_error)
            if desk.is_done:
                return
            task = None
            if not calls or not talk.has_room:
                conversations += 1
                if conversations > MAX_CONVERSATIONS:
                    break
                talk, task = Conversation(self._model, f"{opening}\n{progress(desk)}"), "Go on."
        raise self._failure("the orchestrator did not finish")

    def _failure(self, what: str) -> EngineFailure:
        return EngineFailure(f"{what}; the dream has used {self._meter.spent:,} tokens")


def report_lines(findings: Collection[Findings]) -> Iterator[str]:
    """Yield a report a line; a long one is spread over lines, so that each can be read alone."""
    for found in findings:
        statements = found.data["statements"]
        for start in range(0, max(1, len(statements)), STATEMENTS_PER_LINE):
            some = statements[start : start + STATEMENTS_PER_LINE]
            conflicts = found.data["conflicts"] if start == 0 else []
            yield as_line({"session": found.session_id, "statements": some, "conflicts": conflicts})


def opening(part: str, number: int, parts: int, files: int) -> str:
    lines = [TASK_OF_ORCHESTRATOR]
    if parts > 1:
        lines.append(f"These are reports of part {number} of {parts}; the others are filed apart.")
    if files > MAX_FILES_INDEXED_BY_HAND:
        lines.append("There are many files, so /index.md is kept for you: leave it out.")
    if files > MAX_MEMORIES - ROOM:
        lines.append(
            f"There are {files:,} files, and {MAX_MEMORIES:,} at most: merge or delete some before you add any."
        )
    return "\n".join([*lines, part])


def progress(desk: Desk) -> str:
    written = ", ".join(desk.written) or "none"
    return (
        f"You have begun already. Written so far, in this order: {written}. Go on with what is not filed yet."
    )
