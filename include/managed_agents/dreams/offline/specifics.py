"""
What counts as a specific: the parts of a statement that must be kept exactly and may never be made up.

Shared by the engine and by the benchmark that judges it. Each pattern runs in linear time: the text is hostile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Specific", "find_specifics"]


class Kind(StrEnum):
    """The kinds of specific, in the order in which they claim text."""

    LINK = "link"
    EMAIL = "email"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    PHONE = "phone"
    IDENTIFIER = "identifier"
    NUMBER = "number"

    @property
    def names_a_thing(self) -> bool:
        """Whether it tells which thing is meant, rather than a value of that thing."""
        return self in {Kind.EMAIL, Kind.IDENTIFIER}


@dataclass(frozen=True)
class Specific:
    """A specific as it stands in the text, and where."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """What two mentions of the same specific have in common: "May 5th," and "may 5" are one date."""
        key = self.text.lower()
        return _ORDINAL.sub(r"\1", key).replace(",", "") if self.kind is Kind.DATE else key


MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.LINK, re.compile(r"\b[a-z][a-z0-9+]{1,9}://[^\s<>\"'()\[\]{}|\\^`]{1,400}", re.I)),
    (Kind.EMAIL, re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")),
    (
        Kind.DATE,
        re.compile(
            rf"\b{_YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?\b(?!-)"
            rf"|\b{MONTH}\.?\s+{_DAY}(?:\s*,?\s+{_YEAR})?\b(?!:)"
            rf"|\b{_DAY}\s+(?:of\s+)?{MONTH}\b(?:\.?,?\s+{_YEAR}\b)?"
            rf"|\b{MONTH}\.?\s+{_YEAR}\b"
            rf"|\b\d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d\d)\b",
            re.I,
        ),
    ),
    (
        Kind.TIME,
        re.compile(
            r"\b(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?\b(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b", re.I
        ),
    ),
    (
        Kind.AMOUNT,
        re.compile(
            r"[$€£¥₹]\s?\d+(?:[.,]\d+)*(?:\s?(?:k|m|bn|million|billion)\b)?"
            r"|\b\d+(?:[.,]\d+)*\s?(?:%|(?:percent|dollars?|euros?|pounds?|cents?|usd|eur|gbp|chf)\b|[$€£](?!\d))",
            re.I,
        ),
    ),
    (Kind.PHONE, re.compile(r"(?<![\w.])\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}\b")),
    (
        Kind.IDENTIFIER,
        re.compile(
            r"(?<![\w@/.-])(?:"
            r"@[A-Za-z][\w-]{1,38}|#\d{1,10}\b"
            r"|(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z_])[A-Za-z0-9](?:[\w]|[-/.](?=\w)){2,63}"
            r"|[A-Za-z]+(?:_[A-Za-z0-9]+)+"
            r"|[a-z][a-z0-9]{2,}(?:\.[a-z][a-z0-9]{2,})+"
            r"|(?:/[\w.-]+){2,}"
            r"|\d{5,20}"
            r")(?!\w)"
        ),
    ),
    # Booking codes are often six capitals without a digit. Words that people shout are not codes.
    (
        Kind.IDENTIFIER,
        re.compile(
            r"(?<![\w-])(?!(?:SYSTEM|NOTICE|ALWAYS|PLEASE|SAFETY|URGENT|CANNOT|SHOULD|REFUND|CANCEL|THANKS|REALLY|ANSWER|"
            r"RETURN|CHANGE|DELETE|IGNORE|BEFORE|REPORT|ORDERS|POLICY|SUNDAY|MONDAY|FRIDAY)\b)[A-Z]{6}(?![\w-])"
        ),
    ),
    (Kind.NUMBER, re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")),
)
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)\b")
_TRAILING = ".,;:!?…'\"’”»*_~"  # noqa: RUF001
_ORDINARY = re.compile(
    r"\d+(?:st|nd|rd|th|s|x|kg|g|km|m|cm|mm|h|hrs?|min|mins?|ms|gb|mb|kb|tb|k|d|am|pm)", re.I
)


def find_specifics(text: str) -> list[Specific]:
    """Return the specifics of ``text`` in order, none overlapping: what one kind has claimed, a later kind can't."""
    taken = bytearray(len(text))
    found: list[Specific] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            end = start + len(match[0].rstrip(_TRAILING))
            if end <= start or any(taken[start:end]):
                continue
            if kind is Kind.IDENTIFIER and _ORDINARY.fullmatch(text[start:end]):
                continue
            taken[start:end] = b"\x01" * (end - start)
            found.append(Specific(kind, text[start:end], start, end))
    return sorted(found, key=lambda s: s.start)
