"""Showing what text hides: characters that no font shows, that reorder others, or that pass for a line's end."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

__all__ = ["code_point", "in_a_line", "is_unseen", "unseen_characters", "visible"]

#: Letters, marks and symbols that no font shows: Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt)
#: beyond the categories C and Z, and the empty Braille pattern.
_UNSEEN = (
    ("\u034f", "\u034f"),
    ("\u115f", "\u1160"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\u2800", "\u2800"),
    ("\u3164", "\u3164"),
    ("\ufe00", "\ufe0f"),
    ("\uffa0", "\uffa0"),
    ("\U000e0000", "\U000e0fff"),
)


def is_unseen(char: str) -> bool:
    """Tell whether a character is a control, format or separator character, or no font shows it; a space is not."""
    if char == " ":
        return False
    return unicodedata.category(char)[0] in "CZ" or any(first <= char <= last for first, last in _UNSEEN)


def code_point(char: str) -> str:
    """Return how a character is shown that can't be seen."""
    return f"<U+{ord(char):04X}>"


@cache
def unseen_characters() -> re.Pattern[str]:
    """Return a pattern of one unseen character, but for line ends and tabs, which a page lays out."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if char in "\n\t" or not is_unseen(char):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return re.compile("[" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges) + "]")


def visible(text: str) -> str:
    """Return the text with every unseen character as its code point; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text  # most texts are: a page prints tens of thousands
    return unseen_characters().sub(lambda match: code_point(match[0]), text)


def in_a_line(text: str) -> str:
    """Return the text as a line of a log has it, which it can't end: line ends and tabs are code points too."""
    return visible(text).replace("\n", code_point("\n")).replace("\t", code_point("\t"))
