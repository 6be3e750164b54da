"""Reach the Messages API with the user's own key. Nothing is sent there unless the server was told to."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from include.managed_agents.decoding import mended
from include.managed_agents.usage import Usage

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import Message

__all__ = [
    "CACHED",
    "MAX_TOKENS",
    "ClaudeAccess",
    "Limits",
    "MessagesError",
    "MissingKey",
    "ask",
    "count_tokens",
    "kept_blocks",
    "limits_of",
    "marked",
    "usage_of",
]

#: Said in full: ANTHROPIC_BASE_URL may well point to this very server.
MESSAGES_URL = "https://api.anthropic.com"
TIMEOUT_SECONDS = 600.0
#: Of what is busy, broken or slow (429, 529, other 5xx, timeouts), for most of a minute: a dream should outlast that.
MAX_RETRIES = 8
CACHED = {"cache_control": {"type": "ephemeral"}}
#: Of an answer, at most: more takes a stream.
MAX_TOKENS = 16_384
#: For a model of which the API tells nothing: what the smallest of today's read and write.
UNKNOWN_CONTEXT, UNKNOWN_OUTPUT = 200_000, 16_384

#: What the API says where the prompt, or with older models the prompt and the longest answer, don't fit: it has no
#: error code for that.
TOO_LONG = ("prompt is too long", "exceed context limit")

HINTS = {
    "authentication_error": "check ANTHROPIC_API_KEY",
    "permission_error": "the key may not use this model or feature",
    "billing_error": "check the credit of the key's organization",
    "not_found_error": "check the name of the model",
    "rate_limit_error": "try again later, or with fewer sessions",
    "overloaded_error": "try again later",
}

T = TypeVar("T")


class MissingKey(Exception):
    """There is no key for the Messages API."""


class MessagesError(Exception):
    """
    The Messages API did not answer, after all retries. The message may be shown: it quotes nothing of the request.

    :param error_type: the API's, or ``timeout``, or ``api_error`` where there was no answer at all.
    :param is_too_long: the request is over what the model reads or the API takes.
    """

    def __init__(
        self, message: str, error_type: str, status: int | None = None, *, is_too_long: bool = False
    ) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.status = status
        self.is_too_long = is_too_long


@dataclass(frozen=True)
class ClaudeAccess:
    """Where the Messages API is, and the user's key for it."""

    api_key: str = field(repr=False)
    base_url: str = MESSAGES_URL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ClaudeAccess:
        """Read key and URL from environment variables. :raises MissingKey: if ANTHROPIC_API_KEY is not set."""
        api_key = environment.get("ANTHROPIC_API_KEY")
        if not api_key:
            raise MissingKey("--model claude needs your Anthropic API key in ANTHROPIC_API_KEY")
        return cls(api_key, environment.get("MESSAGES_API_URL", MESSAGES_URL))

    def client(self) -> AsyncAnthropic:
        """Return a client for the event loop that runs now. Close it with ``async with``."""
        from anthropic import AsyncAnthropic  # noqa: PLC0415 - takes a second: not when the server starts

        return AsyncAnthropic(
            api_key=self.api_key, base_url=self.base_url, timeout=TIMEOUT_SECONDS, max_retries=MAX_RETRIES
        )


@dataclass(frozen=True)
class Limits:
    """Tokens that a model reads at most, and that an answer has at most."""

    context: int = UNKNOWN_CONTEXT
    output: int = UNKNOWN_OUTPUT


async def ask(client: AsyncAnthropic, **request: Any) -> Message:
    """
    Send one request. What a model spells that is no text, such as half a surrogate pair, is mended: it could be
    neither kept nor sent back. :raises MessagesError: if there is no answer.
    """
    answer: Message = await told_plainly(client.messages.create(**request))
    return answer.construct(None, **mended(answer.to_dict()))


async def limits_of(client: AsyncAnthropic, model: str) -> Limits:
    """Return what the API says of a model, or cautious limits where it doesn't offer that, as a gateway may not."""
    try:
        known = await told_plainly(client.models.retrieve(model))
    except MessagesError as error:
        raise_unless_missing(error)
        return Limits()
    return Limits(known.max_input_tokens or UNKNOWN_CONTEXT, known.max_tokens or UNKNOWN_OUTPUT)


async def count_tokens(client: AsyncAnthropic, model: str, text: str) -> int | None:
    """Return the tokens of a text, counted for free; None where the API doesn't offer that."""
    messages: Any = [{"role": "user", "content": text}]
    try:
        return (await told_plainly(client.messages.count_tokens(model=model, messages=messages))).input_tokens
    except MessagesError as error:
        raise_unless_missing(error)
        return None


def raise_unless_missing(error: MessagesError) -> None:
    """Let a key that doesn't hold, or an API that can't be reached, end things before anything is spent."""
    if error.status is None or error.status in {401, 402, 403}:
        raise error


async def told_plainly(answer: Awaitable[T]) -> T:
    from anthropic import APIConnectionError, APIError, APIStatusError, APITimeoutError  # noqa: PLC0415 - as above

    try:
        return await answer
    except APIStatusError as error:
        kind = error.type or "api_error"
        hint = f": {HINTS[kind]}" if kind in HINTS else ""
        request = f" (request {error.request_id})" if error.request_id else ""
        raise MessagesError(
            f"the Messages API answered {error.status_code} {kind}{hint}{request}",
            kind,
            error.status_code,
            is_too_long=error.status_code == 413
            or any(says in (error.api_message or "") for says in TOO_LONG),
        ) from error
    except APITimeoutError as error:
        message = f"the Messages API did not answer within {TIMEOUT_SECONDS:g} s"
        raise MessagesError(message, "timeout") from error
    except APIConnectionError as error:
        raise MessagesError("the Messages API can't be reached", "api_error") from error
    except APIError as error:
        raise MessagesError("the Messages API's answer can't be read", "api_error") from error


def kept_blocks(answer: Message) -> list[dict[str, Any]]:
    """
    Return an answer's blocks as they are sent back: thinking unchanged, blank texts left out, which the API refuses.
    """
    return [block.to_dict() for block in answer.content if block.type != "text" or block.text.strip()]


def marked(messages: Sequence[dict[str, Any]], *more: tuple[int, int]) -> list[dict[str, Any]]:
    """
    Mark where cache entries end: at the end of this question, and of the one before.

    The API looks for an entry within the 20 blocks before a mark, and an answer may have more.

    :param more: further blocks to mark, each by its message and its place. With that of the system prompt there may be
        four in a request.
    """
    asked = [place for place, message in enumerate(messages) if message["role"] == "user"]
    ends = {(place, len(messages[place]["content"]) - 1) for place in asked[-2:]} | set(more)
    return [
        {
            **message,
            "content": [
                {**block, **CACHED} if (place, number) in ends else block
                for number, block in enumerate(message["content"])
            ],
        }
        for place, message in enumerate(messages)
    ]


def usage_of(usage: object) -> Usage:
    """Return what one answer of the Messages API cost, in its own counts."""

    def count(name: str) -> int:
        return int(getattr(usage, name, None) or 0)

    return Usage(
        input_tokens=count("input_tokens"),
        output_tokens=count("output_tokens"),
        cache_read_input_tokens=count("cache_read_input_tokens"),
        cache_creation_input_tokens=count("cache_creation_input_tokens"),
    )
