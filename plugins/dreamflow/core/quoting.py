"""The words around a specific, as a review shows them: short, on one line, without secrets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from dreamflow.core.masking import Span, spans_of, tells_of_lines, without

__all__ = ["Mask", "Source", "Window", "quote"]

Mask = Callable[[str], str]

#: Characters of a quote, those on each side that are looked at, and how far beyond the quote what makes a secret one
#: stands.
_QUOTE, _AROUND, _MARGIN = 240, 200, 80
#: Characters of a word that a cut goes around: half a key looks like none.
_WORD = 1_000


class Window(NamedTuple):
    """The text around a specific, where it starts in it, and how it is written. It may hold secrets, or is masked."""

    text: str
    start: int
    written: str
    is_masked: bool = False


class Source:
    """
    A text that is quoted from.

    Where a heading or a table's head may tell that lines far below it are secret, the secrets of the whole text are
    looked for, once it is quoted from. The others show beside what is quoted.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _secrets(self) -> list[Span]:
        return list(spans_of(self.text)) if tells_of_lines(self.text) else []

    def _told_afar(self, begin: int, stop: int) -> Sequence[Span]:
        """Return those secrets of which a part stands between the two places, if lines before them may tell of any."""
        if not begin:
            return ()
        first = bisect_right(self._secrets, begin, key=lambda span: span.end)
        return self._secrets[first : bisect_left(self._secrets, stop, first, key=lambda span: span.start)]

    def has_secret(self, start: int, end: int) -> bool:
        """Tell whether a part of the text holds a secret, or a part of one."""
        begin = max(0, start - _MARGIN)
        near = spans_of(self.text[begin : end + _MARGIN])
        return any(begin + span.start < end and start < begin + span.end for span in near) or any(
            span.start < end and start < span.end for span in self._told_afar(begin, end)
        )

    def window(self, start: int, end: int) -> Window:
        """Cut the text around a specific, at blanks."""
        text = self.text
        begin, stop = max(0, start - _AROUND), end + _AROUND
        if begin:
            first = max(0, begin - _WORD)
            begin = text.rfind(" ", first, begin + 1) + 1 or first
        stop = max(stop, begin + _QUOTE + _MARGIN)
        if stop < len(text):
            stop = blank if (blank := text.find(" ", stop, stop + _WORD)) >= 0 else stop + _WORD
        spans = self._told_afar(begin, stop)
        for span in spans:  # none is cut: half of it would show
            begin, stop = min(begin, span.start), max(stop, span.end)
            if span.start < end and start < span.end:
                start, end = min(start, span.start), max(end, span.end)
        cuts = ((begin, start), (start, end), (end, stop))
        before, written, after = (_without(text, spans, *cut) for cut in cuts)
        return Window(f"{before}{written}{after}", len(before), written[:_QUOTE], is_masked=bool(spans))


def _without(text: str, spans: Sequence[Span], begin: int, stop: int) -> str:
    """Return a part of a text that cuts no secret, without those in it."""
    inside = (span for span in spans if begin <= span.start and span.end <= stop)
    return without(text[begin:stop], (Span(start - begin, end - begin, kind) for start, end, kind in inside))


def quote(around: Window, mask: Mask) -> str:
    """Return the words around a specific; masked before they are cut, so that no half secret is left."""
    text, written = around.text if around.is_masked else mask(around.text), around.written
    at = text.find(written, max(0, around.start - _AROUND // 2))
    at = max(at if at >= 0 else text.find(written), 0)
    begin = max(0, at - (_QUOTE - len(written)) // 2)
    begin = text.find(" ", begin, at) + 1 or begin if begin else 0
    return " ".join(text[begin : _stop(text, begin, at + len(written))].split())


def _stop(text: str, begin: int, end: int) -> int:
    """Return where a quote ends: at a blank, where it would reach further than is looked at."""
    stop, reach = begin + _QUOTE, end + _AROUND
    if stop <= reach or len(text) <= reach:
        return stop
    return blank if (blank := text.rfind(" ", end, reach)) > 0 else reach
