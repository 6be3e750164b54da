"""One conversation with the Messages API, cached as far as it goes, and counted to the token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.managed_agents.claude import usage_of
from include.managed_agents.dreams.claude.tools import TOOL_CHOICE, TOOLS
from include.managed_agents.dreams.engine import EngineFailure
from include.managed_agents.usage import Usage

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = ["Conversation", "Meter", "ToolCall"]

MAX_TOKENS = 16_384
CACHED = {"cache_control": {"type": "ephemeral"}}


@dataclass(frozen=True)
class ToolCall:
    id: str
    name: str
    input: dict[str, Any]


@dataclass
class Meter:
    """
    What a dream has used, held against its ceiling; and whether its shared prompt is in the cache yet.

    :param spent: what it had used before this process.
    """

    ceiling: int
    spent: int = 0
    warmed: bool = False
    #: The first request goes alone: a cache entry can be read only once the request that writes it is answered.
    warming: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_warm(self) -> bool:
        return self.warmed

    def check(self) -> None:
        if self.spent >= self.ceiling:
            raise EngineFailure(f"the dream has used {self.spent:,} tokens, its ceiling of {self.ceiling:,}")

    def count(self, usage: Usage) -> None:
        self.spent += usage.total


class Conversation:
    """
    One exchange of messages with the model, in which each answer is a tool call.

    :param system: the shared prompt: the same for every conversation of a dream.
    :param opening: what this conversation is about; cached too, for its later rounds.
    :param count: told what every answer cost.
    """

    def __init__(
        self,
        client: AsyncAnthropic,
        model: str,
        system: list[str],
        opening: str,
        meter: Meter,
        count: Callable[[Usage], None],
    ) -> None:
        self._client = client
        self._model = model
        *shared, last = [{"type": "text", "text": text} for text in system]
        self._system: Any = [*shared, {**last, **CACHED}]
        self._messages: list[dict[str, Any]] = []
        self._pending: list[dict[str, Any]] = [{"type": "text", "text": opening, **CACHED}]
        self._meter = meter
        self._count = count

    async def ask(self, text: str) -> ToolCall:
        """Say something, and return the one tool call that answers it."""
        self._pending.append({"type": "text", "text": text})
        self._messages.append({"role": "user", "content": self._pending})
        answer = await self._send_warmed()
        usage = usage_of(answer.usage)
        self._meter.count(usage)
        self._count(usage)
        call = next((block for block in answer.content if block.type == "tool_use"), None)
        if call is None or answer.stop_reason == "max_tokens":
            raise EngineFailure(
                f"the model answered without a whole tool call (it stopped for {answer.stop_reason})"
            )
        self._messages.append({"role": "assistant", "content": [block.to_dict() for block in answer.content]})
        return ToolCall(call.id, call.name, dict(call.input))

    def answer(self, call: ToolCall, text: str, *, is_error: bool = False) -> None:
        """Give a tool call its result, to be sent with the next question."""
        result = {"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": is_error}
        self._pending = [result]

    async def _send_warmed(self) -> Any:
        self._meter.check()
        if self._meter.is_warm():
            return await self._send()
        async with self._meter.warming:
            if not self._meter.is_warm():
                answer = await self._send()
                self._meter.warmed = True
                return answer
        return await self._send()

    async def _send(self) -> Any:
        """Send it all, with the last block as the end of what is cached: the next round reads up to there."""
        *before, last = self._messages
        *blocks, final = last["content"]
        messages: Any = [*before, {**last, "content": [*blocks, {**final, **CACHED}]}]
        tools: Any = TOOLS
        choice: Any = TOOL_CHOICE
        return await self._client.messages.create(
            model=self._model,
            max_tokens=MAX_TOKENS,
            system=self._system,
            messages=messages,
            tools=tools,
            tool_choice=choice,
        )
