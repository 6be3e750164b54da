"""
What must be kept exactly, found by rules of the benchmarks' own, so that they can find the engine's gaps.

The engine searches patterns in the text. Here the text is cut into tokens, and each token is judged by the characters
that it is made of. What people write in several ways has one key: "May 20th" and "20 May" are ``--05-20``, "$1,200.00"
and "1200 dollars" are ``$1200``, "6 pm" and "18:00" are ``18:00``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

__all__ = ["NAMED", "Kind", "Specific", "keys_of", "specifics_of", "terms_of", "tokens_of"]


class Kind(StrEnum):
    """The kinds of specific, in the order of the tables."""

    IDENTIFIER = "identifier"
    DATE = "date"
    AMOUNT = "amount"
    EMAIL = "e-mail"
    LINK = "link"
    PHONE = "phone"
    TIME = "time"
    NUMBER = "number"


#: The kinds that the promises are about. Times and plain numbers are shown beside them.
NAMED = frozenset({Kind.IDENTIFIER, Kind.DATE, Kind.AMOUNT, Kind.EMAIL, Kind.LINK, Kind.PHONE})


class Specific(NamedTuple):
    """``key`` is the same for every way to write it; ``start`` and ``end`` count tokens, ``end`` not included."""

    kind: Kind
    key: str
    start: int
    end: int


_CUT = re.compile(r"(?:[\s()\[\]{}<>\"“”|*`…–—]|[,;](?!\d)|(?<!\d)[,;]|\\n)+")  # noqa: RUF001
_LIST_ITEM = re.compile(r"^\s*\d{1,2}[.)]\s", re.M)
_EDGES = ".:!?'’‘=~_/-"  # noqa: RUF001
_MAX_TOKEN = 400

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ISO = re.compile(r"((?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?:t\d\d:\d\d.*)?")
_SLASHED = re.compile(r"\d{1,2}[/.]\d{1,2}[/.](?:\d\d){1,2}")
_CLOCK = re.compile(r"(\d{1,2})(?::([0-5]\d))?(?::[0-5]\d)?(am|pm|a\.m|p\.m)?")
_MONEY = re.compile(r"(?P<before>[$€£¥₹])?(?P<sum>\d[\d.,]*)(?P<scale>k|m|bn)?(?P<behind>[%€£$])?")
_CURRENCIES = {
    "percent": "%", "dollar": "$", "dollars": "$", "usd": "$", "euro": "€", "euros": "€", "eur": "€",
    "gbp": "£", "pound": "pounds", "pounds": "pounds", "cents": "cents", "chf": "chf",
}  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
#: "20th", "15kg" and "24-hour" count or order something: they name nothing.
_COUNTED = re.compile(
    r"\d+(?:[.,]\d+)?(?:st|nd|rd|th|s|x|kg|g|km|m|cm|mm|h|hrs?|mins?|ms|[kmgt]b|k|d|p)|\d+-[a-z]+"
)


def specifics_of(text: str) -> list[Specific]:
    """Return the specifics of ``text`` in order, each token in one at most."""
    return specifics_among(tokens_of(text))


def specifics_among(tokens: list[str]) -> list[Specific]:
    """Return the specifics among tokens of a text, in order."""
    lowered = [token.lower() for token in tokens]
    found: list[Specific] = []
    at = 0
    while at < len(tokens):
        specific = _specific(tokens[at], lowered, at)
        if specific:
            found.append(specific)
        at = specific.end if specific else at + 1
    return found


def terms_of(text: str, *, finest: bool = False) -> list[str]:
    """
    Return the terms of ``text`` for a search: its tokens in lower case, and a date as the same terms however written.

    A date is its day, its day without the year, its month and its year; only the first of them where just the
    ``finest`` are asked for.
    """
    tokens = tokens_of(text)
    terms: list[str] = []
    at = 0
    for specific in specifics_among(tokens):
        if specific.kind is Kind.DATE:
            terms += [token.lower() for token in tokens[at : specific.start]]
            terms += _date_terms(specific.key)[: 1 if finest else None]
            at = specific.end
    return terms + [token.lower() for token in tokens[at:]]


def keys_of(text: str) -> set[str]:
    """Return the keys of all specifics of ``text``. A date with its year also says the day without, and the month."""
    keys = {specific.key for specific in specifics_of(text)}
    return keys | {part for key in keys if _ISO.fullmatch(key) for part in (f"-{key[4:]}", key[:7])}


def tokens_of(text: str) -> list[str]:
    """Return the tokens of ``text`` in order, without the punctuation around them and the numbers of list items."""
    tokens: list[str] = []
    for piece in _CUT.split(_LIST_ITEM.sub("", text)):
        token = piece.strip(_EDGES).removesuffix("'s").removesuffix("’s")  # noqa: RUF001
        if token and len(token) <= _MAX_TOKEN:
            tokens += token.split("-") if re.fullmatch(r"\d{1,2}-\d{1,2}", token) else [token]
    return tokens


def _specific(token: str, lowered: list[str], at: int) -> Specific | None:
    """Return the specific that begins at a token, if one does. Most tokens are words, so that is asked first."""
    low = lowered[at]
    if not any(c.isdigit() for c in low):
        return _date_by_month(token, lowered, at) or _without_digits(token, at)
    if "://" in low:
        return Specific(Kind.LINK, low, at, at + 1)
    if "@" in low[1:]:
        return Specific(Kind.EMAIL, low, at, at + 1)
    return (
        _date(lowered, at)
        or _amount(lowered, at)
        or _time(lowered, at)
        or _phone(lowered, at)
        or _identifier_or_number(low, at)
    )


def _without_digits(token: str, at: int) -> Specific | None:
    low = token.lower()
    if "://" in low:
        return Specific(Kind.LINK, low, at, at + 1)
    if "@" in low[1:] and "." in low:
        return Specific(Kind.EMAIL, low, at, at + 1)
    handle = low.startswith("@") and len(low) > 2
    booking_code = len(token) == 6 and token.isalpha() and token.isupper()
    if handle or booking_code or low.count("/") > 1 or "_" in low:
        return Specific(Kind.IDENTIFIER, low, at, at + 1)
    return None


def _date(lowered: list[str], at: int) -> Specific | None:
    """Find "2023-05-08", "8/5/2023", "8 May 2023" or "8th of May"; what begins with the month is found elsewhere."""
    iso = _ISO.fullmatch(lowered[at])
    if iso:
        return Specific(Kind.DATE, iso[1], at, at + 1)
    if _SLASHED.fullmatch(lowered[at]):
        return Specific(Kind.DATE, lowered[at], at, at + 1)
    day = _DAY.fullmatch(lowered[at])
    month = at + 2 if lowered[at + 1 : at + 2] == ["of"] else at + 1
    if day is None or month >= len(lowered) or not _MONTH.fullmatch(lowered[month]):
        return None
    return _dated(lowered, at, lowered[month], day[1], month + 1)


def _date_by_month(token: str, lowered: list[str], at: int) -> Specific | None:
    """Find "May 8th, 2023", "May 8" and "May 2023"; a month is written with a capital, or else "may" is a verb."""
    if not token[0].isupper() or not _MONTH.fullmatch(lowered[at]) or at + 1 >= len(lowered):
        return None
    if _YEAR.fullmatch(lowered[at + 1]):
        return _dated(lowered, at, lowered[at], "", at + 1)
    day = _DAY.fullmatch(lowered[at + 1])
    return _dated(lowered, at, lowered[at], day[1], at + 2) if day else None


def _dated(lowered: list[str], at: int, month: str, day: str, end: int) -> Specific:
    key = f"{_MONTHS.index(month[:3]) + 1:02d}" + (f"-{int(day):02d}" if day else "")
    if end < len(lowered) and _YEAR.fullmatch(lowered[end]):
        return Specific(Kind.DATE, f"{lowered[end]}-{key}", at, end + 1)
    return Specific(Kind.DATE, f"--{key}", at, end)


def _amount(lowered: list[str], at: int) -> Specific | None:
    money = _MONEY.fullmatch(lowered[at])
    if money is None:
        return None
    unit, end = money["before"] or money["behind"], at + 1
    if unit is None and end < len(lowered):
        unit, end = _CURRENCIES.get(lowered[end]), end + 1
    if unit is None:
        return None
    return Specific(Kind.AMOUNT, unit + _plain_number(money["sum"]) + (money["scale"] or ""), at, end)


def _time(lowered: list[str], at: int) -> Specific | None:
    clock = _CLOCK.fullmatch(lowered[at])
    if clock is None:
        return None
    half, end = clock[3], at + 1
    if half is None and lowered[end : end + 1] in (["am"], ["pm"], ["a.m"], ["p.m"]):
        half, end = lowered[end], end + 1
    if half is None and clock[2] is None:
        return None
    hour = int(clock[1]) % 12 + 12 * (half[0] == "p") if half else int(clock[1])
    return Specific(Kind.TIME, f"{hour:02d}:{clock[2] or '00'}", at, end)


def _phone(lowered: list[str], at: int) -> Specific | None:
    if not re.fullmatch(r"\+\d[\d-]*|\d{3}-\d{4}|\d{3}-\d{3}-\d{4}", lowered[at]):
        return None
    end = at + 1
    while end < len(lowered) and re.fullmatch(r"\d[\d-]*", lowered[end]) and end - at < 6:
        end += 1
    digits = re.sub(r"\D", "", "".join(lowered[at:end]))
    return Specific(Kind.PHONE, digits, at, end) if len(digits) > 6 else None


def _identifier_or_number(low: str, at: int) -> Specific | None:
    number = re.match(r"\d[\d.,]*", low)
    if number and (_NUMBER.fullmatch(low) or _COUNTED.fullmatch(low)):
        if low.isdigit() and len(low) > 4:
            return Specific(Kind.IDENTIFIER, low, at, at + 1)
        return Specific(Kind.NUMBER, _plain_number(number[0]), at, at + 1)
    return Specific(Kind.IDENTIFIER, low, at, at + 1) if len(low) > 2 or low.startswith("#") else None


def _date_terms(key: str) -> list[str]:
    if key.startswith("--"):
        return list(dict.fromkeys([key, key[:4]]))
    if not _ISO.fullmatch(key):
        return [key]
    return list(dict.fromkeys([key, f"-{key[4:]}", key[:7], f"-{key[4:7]}", key[:4]]))


def _plain_number(text: str) -> str:
    """Return "1,200.50" as "1200.5"."""
    whole, _, fraction = text.rstrip(".,").replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
