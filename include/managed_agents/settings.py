"""What a server is told when it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from include.managed_agents.claude import ClaudeAccess
from include.managed_agents.rates import Rates
from include.managed_agents.usage import Usage
from include.managed_agents.wire import MAX_BODY_BYTES

__all__ = ["Price", "Settings"]


#: A dated id is a version of the model that it names: claude-haiku-4-5-20251001 of claude-haiku-4-5.
DATE_OF_A_MODEL = re.compile(r"-\d{8}$")


@dataclass(frozen=True)
class Price:
    """
    USD per million tokens, of all models or of one.

    :param cache_read_usd: None is 0.1 of the input price, as with most models on the public price list.
    :param cache_write_usd: None is 1.25 of the input price, likewise.
    :param models: prices of models that have their own, by id.
    """

    input_usd: float = 0.0
    output_usd: float = 0.0
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None
    models: Mapping[str, Price] = field(default_factory=dict)

    @classmethod
    def from_list(cls, given: Sequence[tuple[str | None, tuple[float, ...]]]) -> Price:
        """Return the price list that pairs of model (None: all others) and USD make; the last word on a model holds."""
        prices: dict[str | None, Price] = {}
        for model, (input_usd, output_usd, *cache) in given:
            read, write = cache or (None, None)
            prices[model] = cls(input_usd, output_usd, read, write)
        rest = prices.pop(None, cls())
        return replace(rest, models={model: price for model, price in prices.items() if model is not None})

    def of(self, model: str) -> Price:
        """Return the price of a model: its own, that of the model that it is a dated version of, or this one."""
        return self.models.get(model) or self.models.get(DATE_OF_A_MODEL.sub("", model)) or self

    def usd(self, usage: Usage) -> float:
        """Return what tokens cost at this price."""
        read = 0.1 * self.input_usd if self.cache_read_usd is None else self.cache_read_usd
        write = 1.25 * self.input_usd if self.cache_write_usd is None else self.cache_write_usd
        return (
            usage.input_tokens * self.input_usd
            + usage.output_tokens * self.output_usd
            + usage.cache_read_input_tokens * read
            + usage.cache_creation_input_tokens * write
        ) / 1_000_000


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
    #: How many requests a minute are taken; None takes any number.
    rates: Rates | None = None
    max_body_bytes: int = MAX_BODY_BYTES
    #: How long a body may take to arrive.
    body_seconds: float = 60.0
