"""Copies of one line in several memories, of which dream and writers may take out one each, until none is left."""

from __future__ import annotations

from collections.abc import Iterable

from dreamflow.core.changes import lines_of
from dreamflow.core.text_hunks import hunks_of
from dreamflow.core.text_lines import compared, tells

__all__ = ["only_said_before", "taken_out"]


def taken_out(before: str, after: str, held: str) -> set[str]:
    """
    Return the lines that a writer took out of a text, as they are compared, and put nothing in their place.

    :param held: what the output has of the text: what it has no more is not taken out of it.
    """
    hunks = (
        hunk for hunk in hunks_of(before, after) if not any(tells(compared(line)) for line in hunk.added)
    )
    gone = {compared(line) for hunk in hunks for line in hunk.removed}
    return {form for form in (gone - _forms(after)) & _forms(held) if tells(form)}


def only_said_before(
    lines: set[str], before: Iterable[tuple[str, str]], after: Iterable[str]
) -> dict[str, str]:
    """
    Return those of some lines that are to be found in texts of before only, each with the path of one.

    :param before: paths with their texts. They are looked at first, and what comes after only where it may matter.
    """
    said = {form: path for path, text in before for form in lines & _forms(text)}
    for text in after if said else ():
        for form in said.keys() & _forms(text):
            del said[form]
    return said


def _forms(text: str) -> set[str]:
    return set(map(compared, lines_of(text)))
