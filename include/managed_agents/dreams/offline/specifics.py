"""Specifics, for both engines: what must be kept exactly and may never be made up. Hostile text takes linear time."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

__all__ = ["Kind", "Specific", "find_specifics", "specifics_of"]


class Kind(StrEnum):
    """The kinds of specific, in the order in which they claim text that starts at one place."""

    LINK = "link"
    EMAIL = "email"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    PHONE = "phone"
    IDENTIFIER = "identifier"
    NUMBER = "number"


class Specific(NamedTuple):
    """A specific as it stands in the text."""

    kind: Kind
    text: str

    @property
    def key(self) -> str:
        """What two mentions of the same specific have in common: "May 5th," and "may 5" are one date."""
        key = self.text.lower()
        return _ORDINAL.sub(r"\1", key).replace(",", "") if self.kind is Kind.DATE else key


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_PATTERNS = {
    Kind.LINK: r"\b(?i:[a-z][a-z0-9+]{1,9}://[^\s<>\"'()\[\]{}|\\^`]{1,400})",
    Kind.EMAIL: r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}",
    Kind.DATE: rf"(?i:\b{_YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?\b(?!-)"
    rf"|\b{_MONTH}\.?\s+{_DAY}(?:\s*,?\s+{_YEAR})?\b(?!:)"
    rf"|\b{_DAY}\s+(?:of\s+)?{_MONTH}\b(?:\.?,?\s+{_YEAR}\b)?"
    rf"|\b{_MONTH}\.?\s+{_YEAR}\b"
    rf"|\b\d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d\d)\b)",
    Kind.TIME: r"(?i:\b(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?\b(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b)",
    Kind.AMOUNT: r"(?i:[$€£¥₹]\s?\d+(?:[.,]\d+)*(?:\s?(?:k|m|bn|million|billion)\b)?"
    r"|\b\d+(?:[.,]\d+)*\s?(?:%|(?:percent|dollars?|euros?|pounds?|cents?|usd|eur|gbp|chf)\b|[$€£](?!\d)))",
    Kind.PHONE: r"(?<![\w.])\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}\b",
    # Booking codes are often six capitals without a digit. Words that people shout are not codes.
    Kind.IDENTIFIER: r"(?<![\w@/.-])(?:@[A-Za-z][\w-]{1,38}|#\d{1,10}\b"
    r"|(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z_])[A-Za-z0-9](?:[\w]|[-/.](?=\w)){2,63}"
    r"|[A-Za-z]+(?:_[A-Za-z0-9]+)+"
    r"|[a-z][a-z0-9]{2,}(?:\.[a-z][a-z0-9]{2,})+"
    r"|(?:/[\w.-]+){2,}"
    r"|\d{5,20}"
    r"|(?!(?:SYSTEM|NOTICE|ALWAYS|PLEASE|SAFETY|URGENT|CANNOT|SHOULD|REFUND|CANCEL|THANKS|REALLY|ANSWER|RETURN|CHANGE"
    r"|DELETE|IGNORE|BEFORE|REPORT|ORDERS|POLICY|SUNDAY|MONDAY|FRIDAY)\b)[A-Z]{6}(?!-))(?!\w)",
    Kind.NUMBER: r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])",
}
_SPECIFIC = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()))
#: What each of them has: most sentences have none, and the pattern is slow.
_TELLING = re.compile(r"[\d@_/#]|\w\.[a-z]|[A-Z]{6}")
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)\b")
_TRAILING = ".,;:!?…'\"’”*_~"  # noqa: RUF001
_ORDINARY = re.compile(r"\d+(?:st|nd|rd|th|s|x|kg|g|[kcm]?m|h|hrs?|mins?|ms|[gmkt]b|k|d|am|pm)", re.I)


def find_specifics(text: str) -> list[Specific]:
    """Return the specifics of ``text`` in order, none overlapping."""
    matches = _SPECIFIC.finditer(text) if _TELLING.search(text) else ()
    found = (Specific(Kind(str(match.lastgroup)), match[0].rstrip(_TRAILING)) for match in matches)
    return [s for s in found if s.kind is not Kind.IDENTIFIER or not _ORDINARY.fullmatch(s.text)]


def specifics_of(text: str) -> set[str]:
    """Return the keys of the specifics that a memory must not lose: all but plain numbers of one or two digits."""
    return {s.key for s in find_specifics(text) if s.kind is not Kind.NUMBER or len(s.text) > 2}
