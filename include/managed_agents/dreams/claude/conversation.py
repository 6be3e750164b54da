"""Conversations with the Messages API: cached as far as they go, every answer counted, every way to stop handled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.managed_agents.claude import (
    CACHED,
    MAX_TOKENS,
    Limits,
    MessagesError,
    ask,
    kept_blocks,
    marked,
    usage_of,
)
from include.managed_agents.dreams.claude.tools import TOOL_CHOICE, TOOLS
from include.managed_agents.dreams.engine import Brief, DreamOver, EngineFailure
from include.managed_agents.session_log.log import text_block

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import Message

__all__ = ["Conversation", "Full", "Meter", "Model", "Refused", "ToolCall", "Unanswered"]

ATTEMPTS = 3  # to get a tool call out of the model
LAST_SECONDS = 60.0  # that a dream that has failed waits for what it has asked already

AGAIN = "Answer with one call of a tool of yours, not with text."
CUT_OFF = (
    "Your answer was cut off at its maximum length, and nothing of it was taken. Answer in smaller pieces: a report of "
    "at most {statements} statements, or a file of at most {bytes:,} bytes. You are asked for the rest afterwards."
)
PIECES = (2, 10)  # times smaller than an answer may be
TOKENS_PER_STATEMENT, BYTES_PER_TOKEN = 80, 3


class Refused(Exception):
    """The model refuses to go on. Whatever is said next, it will refuse again."""


class Full(Exception):
    """The conversation is longer than what the model can read."""


class Unanswered(Exception):
    """The model was asked several times, and made no whole tool call."""


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

    def has_left(self, tokens: int) -> bool:
        return self.spent + tokens <= self.ceiling

    def check(self) -> None:
        if not self.has_left(1):
            raise EngineFailure(f"the dream has used {self.spent:,} tokens, its ceiling of {self.ceiling:,}")


class Model:
    """
    The model as all conversations of a dream reach it.

    :param system: the shared prompt, the same for all to the byte.
    """

    def __init__(
        self, client: AsyncAnthropic, brief: Brief, limits: Limits, system: list[str], meter: Meter
    ) -> None:
        self._client = client
        self._brief = brief
        *shared, last = [{"type": "text", "text": text} for text in system]
        self._system = [*shared, {**last, **CACHED}]
        self._meter = meter
        self._context = limits.context
        #: Room for many answers in one conversation, where a model reads little.
        self.max_tokens = min(MAX_TOKENS, limits.output, max(256, limits.context // 8))

    def has_room_after(self, tokens: int) -> bool:
        """Tell whether a conversation of ``tokens`` can take another question and its answer."""
        return tokens + 2 * self.max_tokens <= self._context

    def words_for_a_piece(self, smaller: int) -> str:
        """Return how to ask for what was cut off."""
        tokens = self.max_tokens // smaller
        return CUT_OFF.format(statements=tokens // TOKENS_PER_STATEMENT or 1, bytes=tokens * BYTES_PER_TOKEN)

    async def answer(self, messages: list[dict[str, Any]]) -> Message:
        """
        Send a conversation, and count what the answer cost before anything else is made of it.

        :raises Full: if the model can't read that much.
        :raises EngineFailure: if there is no answer, with the API's error type.
        """
        if self._meter.is_warm():
            return await self._send(messages)
        async with self._meter.warming:
            if not self._meter.is_warm():
                answer = await self._send(messages)
                self._meter.warmed = True
                return answer
        return await self._send(messages)

    async def _send(self, messages: list[dict[str, Any]]) -> Message:
        self._brief.check()
        self._meter.check()
        request = ask(
            self._client,
            model=self._brief.model,
            max_tokens=self.max_tokens,
            system=self._system,
            messages=marked(messages, (0, 0)),
            tools=TOOLS,
            tool_choice=TOOL_CHOICE,
        )
        sent = asyncio.ensure_future(request)
        try:
            answer = await asyncio.shield(sent)
        except asyncio.CancelledError:
            await self._count_still(sent)
            raise
        except MessagesError as error:
            if error.is_too_long:
                raise Full from error
            spent = f"; the dream has used {self._meter.spent:,} tokens" if self._meter.spent else ""
            raise EngineFailure(f"{error}{spent}", error.error_type) from error
        self._count(answer)
        return answer

    def _count(self, answer: Message) -> None:
        usage = usage_of(answer.usage)
        self._meter.spent += usage.total
        self._brief.count(usage)

    async def _count_still(self, sent: asyncio.Future[Message]) -> None:
        """
        Wait a while for a request that the failure of another sub-agent cut off: it costs what it costs. A dream that
        was canceled waits for nothing.
        """
        with suppress(DreamOver, MessagesError, TimeoutError):
            try:
                self._brief.check()
                self._count(await asyncio.wait_for(sent, LAST_SECONDS))
            finally:
                sent.cancel()


class Conversation:
    """
    One exchange of messages with the model, in which each answer is a tool call.

    :param opening: what this conversation is about; cached too, for its later rounds.
    """

    def __init__(self, model: Model, opening: str) -> None:
        self._model = model
        self._messages: list[dict[str, Any]] = []
        self._pending: list[dict[str, Any]] = [text_block(opening)]
        self._tokens = 0
        #: Whether the last answer came in a smaller piece, after one that was too long.
        self.is_in_pieces = False

    @property
    def has_room(self) -> bool:
        return self._model.has_room_after(self._tokens)

    async def ask(self, task: str | None = None) -> list[ToolCall]:
        """
        Set the next task, and return the tool calls that answer it, at least one.

        :param task: None, where the results of the last calls say all.
        :raises Refused: if the model refuses.
        :raises Full: if the conversation is too long.
        :raises Unanswered: if no whole tool call comes, however it is asked.
        """
        self._add_task(task)
        self.is_in_pieces = False
        pieces = iter(PIECES)  # each asked for once
        for _ in range(ATTEMPTS):
            answer = await self._model.answer(self._messages)
            usage = usage_of(answer.usage)
            self._tokens = usage.total
            if answer.stop_reason == "refusal":
                raise Refused(reason_of(answer))
            if answer.stop_reason == "model_context_window_exceeded":
                raise Full
            if answer.stop_reason == "max_tokens":
                # A tool call that was cut off may look whole. None of it is kept, nor shown to the model again.
                self.is_in_pieces = True
                self._add_to_question(self._model.words_for_a_piece(next(pieces, PIECES[-1])))
                continue
            calls = [block for block in answer.content if block.type == "tool_use"]
            content = kept_blocks(answer)
            if calls:
                self._messages.append({"role": "assistant", "content": content})
                return [ToolCall(block.id, block.name, dict(block.input)) for block in calls]
            if any(block["type"] == "text" for block in content):
                self._messages.append({"role": "assistant", "content": content})
                self._messages.append({"role": "user", "content": [text_block(AGAIN)]})
            else:
                self._add_to_question(AGAIN)
        raise Unanswered

    def answer(self, call: ToolCall, text: str, *, is_error: bool = False) -> None:
        """Give a tool call its result, to be sent with the next task."""
        result = {"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": is_error}
        self._pending.append(result)

    def _add_task(self, task: str | None) -> None:
        """Put the task into the last result: text beside results teaches models to wait for it, and say nothing."""
        content, self._pending = self._pending, []
        if task is not None and content and content[-1]["type"] == "tool_result":
            content[-1] = {**content[-1], "content": f"{content[-1]['content']}\n\n{task}"}
        elif task is not None:
            content.append(text_block(task))
        self._messages.append({"role": "user", "content": content})

    def _add_to_question(self, text: str) -> None:
        last = self._messages[-1]
        self._messages[-1] = {**last, "content": [*last["content"], text_block(text)]}


def reason_of(answer: Message) -> str:
    """Return why the model refused, in words that quote nothing: the API's own category."""
    category = answer.stop_details.category if answer.stop_details else None
    return f"the model refused ({category})" if category else "the model refused"
