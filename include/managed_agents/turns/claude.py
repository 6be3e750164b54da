"""Claude as the model of a session, through the Messages API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.managed_agents.claude import (
    CACHED,
    MAX_TOKENS,
    ClaudeAccess,
    MessagesError,
    ask,
    kept_blocks,
    marked,
    usage_of,
)
from include.managed_agents.session_log.log import text_block, texts_of
from include.managed_agents.turns.model import ModelFailed, Turn
from include.managed_agents.turns.replay import LEFT_OUT, REFUSED, messages_of, shortened

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import Message

__all__ = ["ClaudeModel"]

MAX_ROUNDS = 50
MAX_CUT_OFF = 3  # in a turn
#: Statuses of the Messages API that what was said may be the cause of, such as a picture that it can't read.
THE_REQUESTS_FAULT = frozenset({400, 413})

GO_ON = "Go on where you stopped."
CUT_OFF = (
    "(Your answer was cut off at its maximum length, and no tool call in it was carried out. Write less.)"
)
SAY_SOMETHING = "(Your answer was empty. Please answer the user.)"


class ClaudeModel:
    """Implements `SessionModel`. Each turn has a client of its own: turns run in event loops of their own."""

    def __init__(self, access: ClaudeAccess) -> None:
        self._access = access

    async def take_turn(self, turn: Turn) -> None:
        async with self._access.client() as client:
            await Answering(client, turn).run()


class Answering:
    """One turn: asks the model until it has nothing more to do."""

    def __init__(self, client: AsyncAnthropic, turn: Turn) -> None:
        self._client = client
        self._turn = turn
        self._messages = messages_of(turn.history)
        self._has_spoken = False
        self._cut_off = 0
        self._was_empty = False

    async def run(self) -> None:
        for _ in range(MAX_ROUNDS):
            answer = await self._ask()
            is_whole = answer.stop_reason not in {"refusal", "max_tokens", "model_context_window_exceeded"}
            content = kept_blocks(answer)
            uses = [block for block in answer.content if block.type == "tool_use"]
            if answer.stop_reason != "refusal" and (is_whole or not uses):
                await self._say(texts_of(content))
            await self._turn.count(usage_of(answer.usage))
            if answer.stop_reason == "refusal":
                await self._say(REFUSED)
                return
            if not is_whole:
                if not await self._go_on_after_cut(answer, content):
                    return
            elif uses:
                # Used one after the other, before anything else may be said: results come first, and all at once.
                results = [await self._use(use) for use in uses]
                self._messages += [
                    {"role": "assistant", "content": content},
                    {"role": "user", "content": results},
                ]
            elif answer.stop_reason == "pause_turn" and content:
                self._append(content, GO_ON)
            elif self._has_spoken or self._was_empty:
                break
            else:
                self._was_empty = True
                self._note(SAY_SOMETHING)
        else:
            await self._say(f"I stopped after {MAX_ROUNDS} rounds of tool calls without an answer.")
        if not self._has_spoken:
            await self._say("I have no answer to that.")

    async def _ask(self) -> Message:
        """Ask with as much of the session as the model can read. :raises ModelFailed: if there is no answer."""
        while True:
            try:
                return await ask(
                    self._client,
                    model=self._turn.model,
                    max_tokens=MAX_TOKENS,
                    messages=marked(self._messages),
                    tools=list(self._turn.tool_definitions),
                    **system_of(self._turn),
                )
            except MessagesError as error:
                shorter = shortened(self._messages) if error.is_too_long else None
                if shorter is None:
                    left_out = LEFT_OUT if error.status in THE_REQUESTS_FAULT else ""
                    raise ModelFailed(f"{error}{left_out}") from error
                self._messages = shorter

    async def _go_on_after_cut(self, answer: Message, content: list[dict[str, Any]]) -> bool:
        """
        Let the model go on after an answer that was cut off; a tool call in it is as if it had never been made.

        Returns False where it has been cut off too often.
        """
        self._cut_off += 1
        if self._cut_off > MAX_CUT_OFF:
            await self._say("I stopped: my answers were cut off at their maximum length again and again.")
            return False
        if answer.stop_reason == "model_context_window_exceeded":
            self._messages = shortened(self._messages) or self._messages
        if all(block["type"] != "tool_use" for block in content) and texts_of(content):
            self._append(content, GO_ON)
        else:
            self._note(CUT_OFF)
        return True

    async def _say(self, text: str) -> None:
        if text.strip():
            await self._turn.say(text)
            self._has_spoken = True

    async def _use(self, use: Any) -> dict[str, Any]:
        outcome = await self._turn.use_tool(use.name, dict(use.input))
        return {
            "type": "tool_result",
            "tool_use_id": use.id,
            "content": [text_block(outcome.text if outcome.text.strip() else "(nothing)")],
            "is_error": outcome.is_error,
        }

    def _append(self, content: list[dict[str, Any]], reply: str) -> None:
        self._messages += [
            {"role": "assistant", "content": content},
            {"role": "user", "content": [text_block(reply)]},
        ]

    def _note(self, text: str) -> None:
        """Add to what was asked last, so that no answer stands between that wasn't one."""
        last = self._messages[-1]
        self._messages[-1] = {**last, "content": [*last["content"], text_block(text)]}


def system_of(turn: Turn) -> dict[str, Any]:
    """Return the system prompt, if there is any, with what the caller added in the course of the session."""
    added = [texts_of(event.fields["content"]) for event in turn.history if event.type == "system.message"]
    blocks: list[dict[str, Any]] = [text_block(text) for text in (turn.system, *added) if text.strip()]
    return {"system": [*blocks[:-1], {**blocks[-1], **CACHED}]} if blocks else {}
