"""Keep a sub-agent's report: a numbered list of statements that each pass adds to and corrects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.managed_agents.dreams.claude.checks import Sources
from include.managed_agents.dreams.claude.conversation import ToolCall
from include.managed_agents.dreams.claude.prompts import as_line
from include.managed_agents.dreams.engine import Brief, Transcript

__all__ = ["Report", "grounded"]


@dataclass
class Report:
    """:param limit: how many statements it may hold."""

    limit: int
    _statements: list[dict[str, Any] | None] = field(default_factory=list)
    _conflicts: list[dict[str, Any]] = field(default_factory=list)

    def take(self, call: ToolCall) -> str:
        """Apply one pass, and return what to tell the sub-agent."""
        dropped = call.input.get("drop")
        for number in dropped if isinstance(dropped, list) else ():
            if isinstance(number, int) and 0 < number <= len(self._statements):
                self._statements[number - 1] = None
        for statement in objects(call.input.get("statements")):
            self._put(statement)
        self._conflicts += objects(call.input.get("conflicts"))
        full = ", as many as there may be: drop some before you add more" if self.is_full else ""
        return f"There are {len(self.statements)} statements{full}."

    def _put(self, statement: dict[str, Any]) -> None:
        if not isinstance(statement.get("statement"), str):
            return
        kept = {"subject": str(statement.get("subject", "")), "statement": statement["statement"]}
        number = statement.get("number")
        if isinstance(number, int) and 0 < number <= len(self._statements):
            self._statements[number - 1] = kept
        elif not self.is_full:
            self._statements.append(kept)

    @property
    def is_full(self) -> bool:
        return len(self.statements) >= self.limit

    @property
    def statements(self) -> list[dict[str, Any]]:
        return [one for one in self._statements if one is not None]

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        return self._conflicts

    def as_text(self) -> str:
        """Return the statements under their numbers, for a conversation that takes up where another was too long."""
        return "\n".join(
            f"{number}. {as_line(one)}" for number, one in enumerate(self._statements, 1) if one is not None
        )


def grounded(reports: Sequence[Report], transcript: Transcript, brief: Brief) -> dict[str, Any]:
    """Return the statements whose specifics stand in the session or the notes, and how many do not."""
    sources = Sources(texts_of(transcript), brief.store, brief.check)
    statements = [one for report in reports for one in report.statements]
    made_up = sources.ungrounded(one["statement"] for one in statements)
    kept = [one for one in statements if not any(specific in one["statement"] for specific in made_up)]
    conflicts = [conflict for report in reports for conflict in report.conflicts]
    return {"statements": kept, "conflicts": conflicts, "dropped": len(statements) - len(kept)}


def texts_of(transcript: Transcript) -> Iterator[str]:
    yield f"{transcript.session_id} {transcript.title or ''} {transcript.started_at.isoformat()}"
    for message in transcript.messages:
        yield message.text
        for call in message.tool_calls:
            yield json.dumps(call["input"], ensure_ascii=False)


def objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
