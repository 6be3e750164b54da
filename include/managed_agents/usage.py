"""Count the tokens of dreams and sessions."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Protocol

__all__ = ["Usage", "add_usage", "usage_of"]


@dataclass(frozen=True)
class Usage:
    """Tokens, counted as the Messages API counts them. ``+`` adds two usages."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_input_tokens + other.cache_read_input_tokens,
            self.cache_creation_input_tokens + other.cache_creation_input_tokens,
        )

    @property
    def total(self) -> int:
        """All tokens, cache reads included."""
        return sum(astuple(self))


class Counted(Protocol):
    """A row that keeps tokens."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int
    cache_creation_input_tokens: int


def add_usage(row: Counted, usage: Usage) -> None:
    """Add tokens to those that a row has counted already."""
    row.input_tokens += usage.input_tokens
    row.output_tokens += usage.output_tokens
    row.cache_read_input_tokens += usage.cache_read_input_tokens
    row.cache_creation_input_tokens += usage.cache_creation_input_tokens


def usage_of(row: Counted) -> Usage:
    """Return the tokens that a row has counted."""
    return Usage(
        row.input_tokens, row.output_tokens, row.cache_read_input_tokens, row.cache_creation_input_tokens
    )
