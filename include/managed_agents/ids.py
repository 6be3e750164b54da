"""Object ids in the API's form: a prefix, ``01``, and 22 characters that grow with time."""

from __future__ import annotations

import secrets
import time

__all__ = ["new_id"]

# Base 58: no 0, O, I and l, which are mistaken for each other. In ASCII order, so that text order is number order.
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTH = 22
_RANDOM_BITS = 80


def new_id(prefix: str) -> str:
    """Return an id such as ``drm_01…``: milliseconds in the high bits keep an index's inserts together."""
    number = (int(time.time() * 1000) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_01{''.join(reversed(digits))}"
