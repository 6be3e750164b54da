"""
Specifics as most are written, told at one look: a day, a code, an amount, a number, a time of day.

A store and its sessions may name millions. What is known here is what it is whatever else the text says: nothing stands
beside it that could make another thing of it. All others are looked at closely (``specifics``), which says the same of
these, only ten times slower.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_letters

from dreamflow.core.quantities import plain_number, time_at

__all__ = ["TRIGGER", "amount_key", "clock_key", "word_start"]

_UNIT = (
    r"(?i:[km](?![^\W_])|bn?(?![^\W_])|thou|mill|bill|perc|doll|buck|euro|poun|cent|yen|rupe|usd|eur|gbp|chf|inr|jpy"
    r"|[%€£$])"
)
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
#: What parts it from the word before: blanks, or a sign that ends no other specific and leads to no link.
_LEFT = r"(?:(?<=[\s\"(\[{<>|*`=].)(?<!\]\(.)|(?<=\D[,;:].))"
_LEFT_SIGNS = frozenset(' \t\n"([{<>|*`=')
_LETTERS, _LETTERS_BEFORE = ascii_letters, 30
_NO_CURRENCY = r"(?<![$€£¥₹][ \t].)(?<!(?i:usd|eur|gbp|chf|inr|jpy)[ \t].)"
_NO_MONTH = (
    r"(?<!(?:ry|il|ne|ly|st|er|an|eb|pr|un|ul|ug|ep|pt|ct|ov|ec|ay|ch|ar|[a-z]\.)[ \t].)"  # how months end
)
#: A word ends here. Behind a number or time nothing stands that may belong to it, or make it an item of a list.
_RIGHT = r"(?=[.!?'’]{0,2}(?:[\s\"()\[\]{}<>|*`\\]|[,;:](?!\d)|\Z))"  # noqa: RUF001
_NUMBER_RIGHT = (
    rf"(?=[,;!?]?(?:[\s\"\]}}|]|\Z))(?![ \t\xa0]{{1,3}}(?:{_UNIT}|{_MONTH}|(?i:of|[ap]\.?m)|[(\d]))"
)
_CLOCK_RIGHT = r"(?=[.,;!?]?(?:[\s\")\]}]|\Z))"

_DAY = r"(?:(?<=2)0|(?<=1)9)(?P<day>[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))"
_CODE = r"(?<=[A-Z])(?P<code>(?=[A-Za-z0-9_-]{2})[A-Za-z_-]{0,40}+[0-9][A-Za-z0-9_-]{0,80}+)(?<![_-])"
#: Figures and a letter, as seats are written; letters that count something are left out.
_SEAT = r"(?P<seat>[0-9]{0,20}+(?:[A-Z]{1,20}+[0-9][A-Z0-9]{0,40}+|(?<=[0-9]{2})[ACEFIJLNOQRTUVWYZ]))"
_AMOUNT = rf"(?<=\$)(?P<amount>[0-9]{{1,20}}+(?:[.,][0-9]{{1,20}}+){{0,5}}+){_RIGHT}(?![ \t\xa0]{_UNIT})"
_NUMBER = r"(?:(?P<digits>[0-9]{4,20}+)|(?P<number>[0-9]{0,3}+|[0-9]{0,20}+[.,][0-9]{1,20}+))"
_CLOCK = (
    r"(?P<clock>(?:(?<=[01])[0-9]|(?<=2)[0-3])?+"
    r"(?:(?::[0-5][0-9])?+[ ]?[apAP][mM]|(?::[0-5][0-9]){1,2}+(?![ \t\xa0]?[apAP])))"
)
_FIGURES = (
    rf"(?<=[0-9]){_NO_CURRENCY}"
    rf"(?:{_SEAT}{_RIGHT}|{_NO_MONTH}(?:{_NUMBER}{_NUMBER_RIGHT}|{_CLOCK}{_CLOCK_RIGHT}))"
)
#: What goes on behind letters: a name with figures or an underscore, and an address.
_WORD = r"(?P<word>(?<!@)[A-Za-z0-9_-]{0,80}+)(?<![_-])"
_MAIL = r"(?P<mail>(?:(?<=@)|(?<!@)[A-Za-z0-9_.+-]{0,30}+@)[A-Za-z0-9-]{1,60}+(?:\.[A-Za-z0-9-]{1,60}+){1,6}+)(?<!-)"
_CODE_OR_MONTH = (
    r"(?<=[A-Z])(?<!\w.)(?:[A-Z]{5}(?![\w@/-])|(?:(?<=J)(?:[aA][nN]|[uU][lLnN])|(?<=F)[eE][bB]|(?<=M)[aA][rRyY]"
    r"|(?<=A)(?:[pP][rR]|[uU][gG])|(?<=S)[eE][pP]|(?<=O)[cC][tT]|(?<=N)[oO][vV]|(?<=D)[eE][cC])"
    r"\w{0,6}\.?[ \t\xa0]{1,3}[0-9])"
)
#: What a specific has: one of these signs, or a capital that begins a month or six capitals. It begins with a set of
#: characters, which a search skips to: most talk has none of them. The name of the group that matched last tells what
#: it is; where there is none, it must be looked at.
TRIGGER = re.compile(
    rf"[0-9@_/A-Z$](?:{_LEFT}(?:{_DAY}{_RIGHT}|{_CODE}{_RIGHT}|{_AMOUNT}|{_FIGURES})"
    rf"|(?<=[0-9@_])(?<=[A-Za-z].)(?:{_WORD}{_RIGHT}|{_MAIL}{_RIGHT})|(?<=[0-9@_/])|{_CODE_OR_MONTH})"
)


def word_start(text: str, here: int, floor: int) -> int:
    """Return where the letters before a place begin, if a word begins there; 0 where that takes a closer look."""
    before = text[max(floor, here - _LETTERS_BEFORE) : here]
    left = before.rstrip(_LETTERS)
    start = here - len(before) + len(left)
    return start if left and left[-1] in _LEFT_SIGNS and text[start - 2 : start] != "](" else 0


def amount_key(written: str) -> str:
    """Return the key of "$1,200.50"."""
    return f"${plain_number(written[1:])}"


@lru_cache(maxsize=1 << 11)
def clock_key(written: str) -> str:
    """Return the key of a time of day: there are few."""
    found = time_at(written, 0)
    assert found is not None, "the pattern of times is a part of that of quantities"
    return found.key
