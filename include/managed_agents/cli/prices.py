"""Read ``--price``: what a million tokens costs, of all models or of one."""

from __future__ import annotations

import argparse

__all__ = ["add_price"]

Priced = tuple[str | None, tuple[float, ...]]


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


def priced(text: str) -> Priced:
    model, equals, numbers = text.rpartition("=")
    usd = [amount(part) for part in numbers.split(",")]
    if (equals and not model.strip()) or len(usd) not in {2, 4} or None in usd:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no price; expected USD per million, such as 5,25 or claude-opus-5=5,25,0.5,6.25"
        )
    return (model.strip() or None), tuple(each for each in usd if each is not None)


def amount(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
