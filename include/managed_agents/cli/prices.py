"""Read ``--price``: what a million tokens costs, of all models or of one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from include.managed_agents.settings import Price

__all__ = ["add_price", "price_of"]

Priced = tuple[str | None, Price]


def add_price(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--price",
        action="append",
        default=[],
        type=priced,
        metavar="[MODEL=]IN,OUT[,CACHE_READ,CACHE_WRITE]",
        help="USD per million tokens, for list costs; of one model, or of all that have no price of their own; may "
        "be repeated. Without the last two, a token read from the cache costs 0.1 of one of input, and one written "
        "to it 1.25 (default: 0,0)",
    )


def price_of(given: Sequence[Priced]) -> Price:
    """Return the price list that several ``--price`` make; the last word on a model holds."""
    models = {model: price for model, price in given if model is not None}
    rest = [price for model, price in given if model is None] or [Price()]
    last = rest[-1]
    return Price(last.input_usd, last.output_usd, last.cache_read_usd, last.cache_write_usd, models)


def priced(text: str) -> Priced:
    model, equals, numbers = text.rpartition("=")
    usd = [amount(part) for part in numbers.split(",")]
    if (equals and not model.strip()) or len(usd) not in {2, 4} or None in usd:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no price; expected USD per million, such as 5,25 or claude-opus-5=5,25,0.5,6.25"
        )
    return (model.strip() or None), Price(*usd)  # type: ignore[arg-type]


def amount(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
