"""What a server is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.managed_agents.claude import ClaudeAccess
from include.managed_agents.wire import MAX_BODY_BYTES

__all__ = ["Price", "Settings"]


@dataclass(frozen=True)
class Price:
    """USD per million tokens. Cache reads count 0.1 and cache writes 1.25 of the input price (public price list)."""

    input_usd: float = 0.0
    output_usd: float = 0.0


@dataclass(frozen=True)
class Settings:
    """Everything that ``serve`` can set. Paths and times are checked where they are used."""

    database: str
    api_key: str
    #: A dream lasts at least this long, so that people and tests can watch one.
    pace_seconds: float = 0.0
    #: How many dreams run at a time; more stay pending.
    dreams_at_a_time: int = 4
    #: How Claude is reached, where it thinks for sessions and dreams; None leaves that to the offline ones.
    claude: ClaudeAccess | None = None
    #: A dream that has used more tokens than this, cache reads included, is stopped.
    dream_token_ceiling: int = 50_000_000
    #: How many sessions run a turn at a time; others wait, shown as running.
    turns_at_a_time: int = 16
    #: How many transcripts one dream reads at a time.
    transcripts_at_a_time: int = 8
    price: Price = field(default_factory=Price)
    max_body_bytes: int = MAX_BODY_BYTES
    #: How long a body may take to arrive.
    body_seconds: float = 60.0
