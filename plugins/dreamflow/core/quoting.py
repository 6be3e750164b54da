"""The words around a specific, as a review shows them: short, on one line, without secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Mask", "Window", "quote", "window"]

Mask = Callable[[str], str]

#: Characters of a quote, and those on each side that are looked at: what makes a secret one stands near it.
_QUOTE, _AROUND = 240, 200


class Window(NamedTuple):
    """The text around a specific, where it starts in it, and how it is written. It may hold secrets."""

    text: str
    start: int
    written: str


def window(text: str, start: int, end: int) -> Window:
    """Cut the text around a specific, at blanks."""
    begin = max(0, start - _AROUND)
    begin = text.find(" ", begin, start) + 1 or begin if begin else 0
    stop = min(len(text), end + _AROUND)
    if stop < len(text) and (blank := text.rfind(" ", end, stop)) > 0:
        stop = blank
    return Window(text[begin:stop], start - begin, text[start:end][:_QUOTE])


def quote(around: Window, mask: Mask) -> str:
    """Return the words around a specific; masked before they are cut, so that no half secret is left."""
    text = mask(around.text)
    at = text.find(around.written, max(0, around.start - _AROUND // 2))
    at = max(at if at >= 0 else text.find(around.written), 0)
    begin = max(0, at - (_QUOTE - len(around.written)) // 2)
    begin = text.find(" ", begin, at) + 1 or begin if begin else 0
    return " ".join(text[begin : begin + _QUOTE].split())
