"""
Make texts safe to print.

What agents and users wrote is hostile: control, escape and invisible characters are written out, never sent to a
terminal.
"""

from __future__ import annotations

import unicodedata

__all__ = ["one_line", "shown"]

#: Unicode categories of what a terminal would obey or hide: controls, formats, surrogates, unassigned, breaks.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str) -> str:
    """Return a text whose only control characters are line breaks and tabs."""
    return text if text.isprintable() else "".join(visible(character) for character in text)


def one_line(text: str) -> str:
    return shown(text.replace("\n", " ").replace("\t", " "))


def visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in UNSEEN:
        return character
    return character.encode("unicode_escape").decode()
