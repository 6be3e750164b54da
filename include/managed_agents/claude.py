"""Reach the Messages API with the user's own key. Nothing is sent there unless the server was told to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.managed_agents.usage import Usage

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = ["ClaudeAccess", "MissingKey", "usage_of"]

#: Said in full: ANTHROPIC_BASE_URL may well point to this very server.
MESSAGES_URL = "https://api.anthropic.com"
TIMEOUT_SECONDS = 600.0
MAX_RETRIES = 4


class MissingKey(Exception):
    """There is no key for the Messages API."""


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
