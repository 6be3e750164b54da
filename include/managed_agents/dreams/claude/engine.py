"""The harness: a sub-agent for each transcript, and the orchestrator that files what they bring."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from include.managed_agents.claude import ClaudeAccess
from include.managed_agents.dreams.claude.checks import (
    INDEX,
    Sources,
    fault_of_file,
    index_of,
    missing_from_index,
)
from include.managed_agents.dreams.claude.conversation import Conversation, Meter, ToolCall
from include.managed_agents.dreams.claude.prompts import (
    PASSES,
    TASK_OF_ORCHESTRATOR,
    as_line,
    shared_prompt,
    transcript_text,
)
from include.managed_agents.dreams.engine import (
    Brief,
    EngineFailure,
    Findings,
    StoreFiles,
    Transcript,
    Usage,
)

__all__ = ["ClaudeEngine"]

MAX_ROUNDS = 300  # of the orchestrator: a file each, with room for corrections
MAX_OPENING_BYTES = 1_600_000  # about 400,000 tokens
MAX_FINISHES = 3


class ClaudeEngine:
    """
    Implements `DreamEngine`. One instance serves one dream.

    :param token_ceiling: tokens of all kinds that one dream may use.
    """

    name = "claude"

    def __init__(self, access: ClaudeAccess, token_ceiling: int) -> None:
        self._access = access
        self._ceiling = token_ceiling
        self._meter: Meter | None = None

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        """Let a sub-agent go over a transcript in passes, and keep what is grounded of its last report."""
        opening = transcript_text(transcript)
        if len(opening.encode()) > MAX_OPENING_BYTES:
            raise EngineFailure(f"session {transcript.session_id} is too long to be read in one piece")
        async with self._access.client() as client:
            talk = Conversation(client, brief.model, shared_prompt(brief), opening, self._metered(brief))
            report: dict[str, Any] = {}
            for task in PASSES:
                call = await talk.ask(task)
                report = call.input if call.name == "report" else report
                talk.answer(call, "Reported." if call.name == "report" else "Use `report`.")
        return Findings(transcript.session_id, grounded(report, transcript, brief), talk.usage)

    async def consolidate(self, files: StoreFiles, findings: Sequence[Findings], brief: Brief) -> Usage:
        """Let the orchestrator write, one file a round, until all is filed and the checks are content."""
        reports = "\n".join(as_line({"session": found.session_id, **found.data}) for found in findings)
        if len(reports.encode()) > MAX_OPENING_BYTES:
            raise EngineFailure(
                "the reports are too long to be consolidated in one piece; dream over fewer sessions"
            )
        opening = f"{TASK_OF_ORCHESTRATOR}\n{reports}"
        async with self._access.client() as client:
            talk = Conversation(client, brief.model, shared_prompt(brief), opening, self._metered(brief))
            statements = [one["statement"] for found in findings for one in found.data["statements"]]
            contents = files.read_all()
            desk = Desk(files, contents, Sources([*statements, *contents.values()]))
            task = "Begin."
            for _ in range(MAX_ROUNDS):
                call = await talk.ask(task)
                told, is_error = desk.do(call)
                if desk.is_done:
                    return talk.usage
                talk.answer(call, told, is_error=is_error)
                task = "Go on."
        raise EngineFailure(f"the orchestrator did not finish in {MAX_ROUNDS} steps")

    def _metered(self, brief: Brief) -> Meter:
        if self._meter is None:
            self._meter = Meter(self._ceiling, brief.tokens_spent)
        return self._meter


class Desk:
    """The orchestrator's desk: its tool calls, carried out on the cloned store and on nothing else."""

    def __init__(self, files: StoreFiles, contents: Mapping[str, str], sources: Sources) -> None:
        self._files = files
        self._sources = sources
        self._contents = dict(contents)
        self._finishes = 0
        self.is_done = False

    def do(self, call: ToolCall) -> tuple[str, bool]:
        """Carry out one call, and return what to tell and whether it is an error."""
        path = call.input.get("path")
        match call.name:
            case "read_memory" if isinstance(path, str):
                return self._read(path)
            case "write_memory" if isinstance(path, str) and isinstance(call.input.get("content"), str):
                return self._write(path, call.input["content"])
            case "delete_memory" if isinstance(path, str):
                return self._delete(path)
            case "finish":
                return self._finish()
        return f"{call.name}: not a tool of the orchestrator, or its arguments are wrong", True

    def _read(self, path: str) -> tuple[str, bool]:
        content = self._contents.get(path)
        return ("no such file", True) if content is None else (content or "(empty)", False)

    def _write(self, path: str, content: str) -> tuple[str, bool]:
        fault = fault_of_file(path, content, self._sources)
        if fault is not None:
            return f"not written: {fault}", True
        try:
            self._files.write(path, content)
        except ValueError as error:
            return f"not written: {error}", True
        self._contents[path] = content
        return "written", False

    def _delete(self, path: str) -> tuple[str, bool]:
        if path not in self._contents:
            return "no such file", True
        self._files.delete(path)
        del self._contents[path]
        return "deleted", False

    def _finish(self) -> tuple[str, bool]:
        """Accept the work once the index is complete; complete it ourselves where the model can't."""
        missing = missing_from_index(self._contents)
        if INDEX not in self._contents or missing:
            self._finishes += 1
            if self._finishes < MAX_FINISHES:
                return (
                    f"{INDEX} must lead to every file; it lacks: {', '.join(missing[:50]) or 'itself'}",
                    True,
                )
            self._files.write(INDEX, index_of(self._contents))
        self.is_done = True
        return "done", False


def grounded(report: dict[str, Any], transcript: Transcript, brief: Brief) -> dict[str, Any]:
    """Keep the statements whose specifics stand in the session or in the notes, and count what was dropped."""
    sources = Sources([*texts_of(transcript), *brief.memories().values()])
    statements = [one for one in objects(report.get("statements")) if isinstance(one.get("statement"), str)]
    kept = [one for one in statements if not sources.ungrounded(one["statement"])]
    conflicts = objects(report.get("conflicts"))
    return {"statements": kept, "conflicts": conflicts, "dropped": len(statements) - len(kept)}


def texts_of(transcript: Transcript) -> Iterator[str]:
    yield f"{transcript.session_id} {transcript.title or ''} {transcript.started_at.isoformat()}"
    for message in transcript.messages:
        yield message.text
        for call in message.tool_calls:
            yield json.dumps(call["input"], ensure_ascii=False)


def objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
