"""Dates, times, amounts and telephone numbers at a place of a text, and the one way that each is written as a key."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "MONTHS",
    "Found",
    "amount_at",
    "date_at",
    "lower_month_before",
    "month_at",
    "phone_at",
    "plain_number",
    "time_at",
]


class Found(NamedTuple):
    """``key`` is the same for every way to write it; it stands at ``text[start:end]``."""

    key: str
    start: int
    end: int


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![^\W_])"
)
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?P<th>st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\w])"
_B = r"[ \t\xa0]"
_ISO = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?(?![\d-])"
    r"|/(?P<month2>0[1-9]|1[0-2])/(?P<day2>0[1-9]|[12]\d|3[01])(?![\d/]))(?=[Tt]\d\d:|[^\w]|_|$)"
)
_SLASHED = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2((?:19|20)?\d\d)(?![\w]|[/.]\d)")
_DAY_FIRST = re.compile(
    rf"{_DAY}(?P<by>{_B}{{1,3}}(?:of{_B}{{1,3}})?|-)(?:{_MONTH})(?:(?:\.?,?{_B}{{1,3}}|-){_YEAR})?", re.I
)
_MONTH_FIRST = re.compile(
    rf"{_MONTH}\.?{_B}{{1,3}}(?:{_DAY}(?![\w:%]|[.,]\d)(?:,?{_B}{{1,3}}(?P<year>(?:19|20)\d\d)(?!\w))?"
    rf"|(?P<year2>(?:19|20)\d\d)(?!\w))",
    re.I,
)
#: A month in lower case before its day. "may" and "march" are verbs too, so something must lead up to them.
_LOWER_MONTH = re.compile(
    r"\b(?P<lead>(?:on|by|since|until|till|from|before|after|of|to|for|between|and|the|this|next|last)[ \t]"
    r"(?=may|mar))?(?P<month>(?(lead)(?:may|march|mar)|(?:january|february|april|june|july|august|september|october"
    r"|november|december|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)))\.?[ \t]\Z"
)
_CLOCK = re.compile(
    r"(\d{1,2})(?::([0-5]\d)(?::[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d)?)?)?"
    r"(?:[ \t\xa0]?([ap])(?:m|\.m\.?))?(?![\w:]|[.,]\d)",
    re.I,
)
_UNITS = {
    "%": "%", "percent": "%", "$": "$", "dollar": "$", "dollars": "$", "usd": "$", "bucks": "$", "€": "€",
    "euro": "€", "euros": "€", "eur": "€", "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "¥": "¥", "yen": "¥",
    "jpy": "¥", "₹": "₹", "inr": "₹", "rupees": "₹", "chf": "chf", "cent": "cents", "cents": "cents",
}  # fmt: skip
_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "b": 9, "billion": 9}
_SUM = re.compile(
    r"(?:(?:US|A|C|AU|CA|NZ|S)?(?P<sign>[$€£¥₹])[ \t]?)?(?P<sum>\d+(?:[.,]\d+)*)"
    r"(?:[ \t]?(?P<scale>k|m|bn|b|thousand|million|billion)(?![^\W_]))?"
    r"(?:[ \t\xa0-]?(?P<unit>[%€£]|\$(?!\d)|"
    r"(?:percent|dollars?|bucks|euros?|pounds?|cents?|yen|rupees|usd|eur|gbp|chf|inr|jpy)"
    r"(?![^\W_])))?",
    re.I,
)
_UNIT_BEFORE = re.compile(r"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|INR|JPY))[ \t]?\Z", re.I)
_PHONE = re.compile(
    r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}(?![\w])"
    r"|(?:1[ .-]\(?)?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])"
    r"|0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}(?![\w-])"
    r"|\d{3}-\d{4}(?![\w-])"
)
_NOT_DIGITS = re.compile(r"\D")


def date_at(text: str, at: int) -> Found | None:
    """
    Return the date that begins with digits here: "2023-05-08", "5/8/2023", "8 May 2023" or "8th of May".

    Where day and month of "5/8/2023" can't be told apart, the month comes first; between dots, the day does.
    """
    if found := _ISO.match(text, at):
        month, day = found["month"] or found["month2"], found["day"] or found["day2"]
        return Found("-".join(filter(None, (found["year"], month, day))), at, found.end())
    if found := _SLASHED.match(text, at):
        return _slashed(found)
    found = _DAY_FIRST.match(text, at)
    if found is None or (
        _is_verb(found["month"]) and not (found["th"] or found["year"] or "of" in found["by"])
    ):
        return None
    return Found(_date_key(found["year"], found["month"], found["day"]), at, found.end())


def month_at(text: str, at: int) -> Found | None:
    """Return the date that begins with a month here: "May 8th, 2023", "May 8" or "May 2023"."""
    found = _MONTH_FIRST.match(text, at)
    if found is None:
        return None
    return Found(_date_key(found["year"] or found["year2"], found["month"], found["day"]), at, found.end())


def lower_month_before(text: str, at: int) -> Found | None:
    """Return the date whose day begins here, behind a month in lower case: "june 5"."""
    found = _LOWER_MONTH.search(text, max(0, at - 24), at)
    return month_at(text, found.start("month")) if found else None


def time_at(text: str, at: int) -> Found | None:
    """Return the time of day that begins here: "18:00", "6 pm" or "6:00 p.m."."""
    found = _CLOCK.match(text, at)
    if found is None or not (found[2] or found[3]):
        return None
    hour = int(found[1])
    if found[3] and hour <= 12:
        hour = hour % 12 + 12 * (found[3] in "pP")
    return Found(f"{hour:02d}:{found[2] or '00'}", at, found.end()) if hour <= 24 else None


def amount_at(text: str, at: int, floor: int) -> Found | None:
    """Return the amount whose token begins here, with what stands before it, but not before ``floor``: "USD 1,200"."""
    found = _SUM.match(text, at)
    if found is None:
        return None
    start, unit = at, found["sign"] or found["unit"]
    if found["sign"] is None and (before := _UNIT_BEFORE.search(text, max(floor, at - 5), at)):
        start, unit = before.start(), before[0].strip()
    if unit is None:
        return None
    whole = _scaled(plain_number(found["sum"]), found["scale"])
    return Found(f"{_UNITS[unit.lower()]}{whole}", start, found.end())


def phone_at(text: str, at: int) -> Found | None:
    """Return the telephone number that begins here. Its key is its digits, without the 1 of North America."""
    found = _PHONE.match(text, at)
    digits = _NOT_DIGITS.sub("", found[0]) if found else ""
    if found is None or not 7 <= len(digits) <= 15:
        return None
    return Found(digits[1:] if len(digits) == 11 and digits[0] == "1" else digits, at, found.end())


def plain_number(text: str) -> str:
    """Return "1,200.50" and "1.200,50" as "1200.5", "12,5" as "12.5" and "1,200" as "1200"."""
    text = text.rstrip(".,")
    comma, dot = text.rfind(","), text.rfind(".")
    if comma > dot >= 0 or (dot < 0 and text.count(",") == 1 and len(text) - comma < 4):
        text = text.replace(".", "").replace(",", ".")
    whole, _, fraction = text.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _scaled(number: str, scale: str | None) -> str:
    if scale is None:
        return number
    places = _SCALES[scale.lower()]
    whole, _, fraction = number.partition(".")
    digits = whole + fraction.ljust(places, "0")[:places]
    return plain_number(f"{digits}.{fraction[places:]}")


def _slashed(found: re.Match[str]) -> Found | None:
    first, second, year = int(found[1]), int(found[3]), found[4]
    day, month = (first, second) if found[2] == "." or first > 12 else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return Found(
        f"{year if len(year) == 4 else f'20{year}'}-{month:02d}-{day:02d}", found.start(), found.end()
    )


def _is_verb(month: str) -> bool:
    return month in ("may", "march", "mar")


def _date_key(year: str | None, month: str, day: str | None) -> str:
    key = f"{MONTHS.index(month[:3].lower()) + 1:02d}" + (f"-{int(day):02d}" if day else "")
    return f"{year}-{key}" if year else f"--{key}"
