"""
A memory's text in a box to be edited, and back.

Secrets, and characters that nobody sees, stand in it as ``⟦secret 1⟧`` and ``⟦U+202E⟧``. What is saved has them again:
a browser makes one kind of line end of all, and shows nothing of the others.
"""

from __future__ import annotations

import re

from dreamflow.core.masking import masked_for_edit, unmasked
from dreamflow.core.visible import unseen_characters

__all__ = ["boxed", "unboxed"]

_BARE = re.compile(r"(?<!\r)\n")


def boxed(text: str) -> str:
    """Return the text as it is edited."""
    shown, word = masked_for_edit(text), _word(text)
    if _is_windows(text):
        shown = shown.replace("\r\n", "\n")
    return unseen_characters().sub(lambda match: f"⟦{word}{ord(match[0]):04X}⟧", shown)


def unboxed(edited: str, original: str) -> str:
    """
    Return what an edited text stands for.

    :param original: the text that the box was filled with, before it was ``boxed``.
    """
    text = edited.replace("\r\n", "\n")
    if _is_windows(original):
        text = text.replace("\n", "\r\n")
    text = re.sub(rf"⟦{re.escape(_word(original))}([0-9A-F]{{4,6}})⟧", _character, text)
    return unmasked(text, original)


def _word(text: str) -> str:
    """Return how a placeholder for a character begins: as nothing in the text does."""
    word = "U+"
    while f"⟦{word}" in text:
        word = f"character {word}"
    return word


def _is_windows(text: str) -> bool:
    """Tell whether every line ends as Windows ends them."""
    return "\r\n" in text and not _BARE.search(text)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]
