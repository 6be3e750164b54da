"""The words around a specific, as a review shows them: short, on one line, without secrets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple

from dreamflow.core.secrets.masking import Span, spans_of, tells_of_lines, without

__all__ = ["Source", "Window", "quote"]

#: Characters of a quote, those on each side that are looked at, and how many of them are beyond the quote at least:
#: what makes a secret one stands near it.
_QUOTE, _AROUND, _MARGIN = 240, 200, 80
#: Characters of a word that a cut goes around: half a key looks like none.
_WORD = 1_000


class Window(NamedTuple):
    """
    The text around a specific, and where that stands in it. It may hold secrets.

    :ivar secrets: where they are; None: what is around tells.
    """

    text: str
    start: int
    end: int
    secrets: tuple[Span, ...] | None


class Source:
    """
    A text that is quoted from.

    Where a heading or a table's head may tell that lines far below it are secret, the secrets of the whole text are
    looked for, once it is quoted from. The others show beside what is quoted.

    :param runs: ``tells_of_lines`` says which.
    """

    def __init__(self, text: str, runs: Callable[[], AbstractSet[bytes]] | None = None) -> None:
        self.text, self._runs = text, runs

    @cached_property
    def _secrets(self) -> list[Span] | None:
        return list(spans_of(self.text)) if tells_of_lines(self.text, self._runs) else None

    def _told_afar(self, begin: int, stop: int) -> Sequence[Span] | None:
        """Return the secrets of which a part stands between two places; None where no line before tells of any."""
        if not begin or self._secrets is None:
            return None
        first = bisect_right(self._secrets, begin, key=lambda span: span.end)
        return self._secrets[first : bisect_left(self._secrets, stop, first, key=lambda span: span.start)]

    def has_secret(self, start: int, end: int) -> bool:
        """Tell whether a part of the text holds a secret, or a part of one."""
        begin, stop = max(0, start - _MARGIN), end + _MARGIN
        begin = self.text.rfind("\n", begin, start) + 1 or begin
        line_end = self.text.find("\n", end, stop)
        if any(span.start < end and start < span.end for span in self._told_afar(begin, end) or ()):
            return True
        near = spans_of(self.text[begin : stop if line_end < 0 else line_end])
        return any(begin + span.start < end and start < begin + span.end for span in near)

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
        secrets = self._told_afar(begin, stop)
        for span in secrets or ():
            begin, stop = min(begin, span.start), max(stop, span.end)
        moved = None if secrets is None else tuple(_moved(secrets, begin))
        return Window(text[begin:stop], start - begin, end - begin, moved)


def quote(around: Window) -> str:
    """Return the words around a specific. No secret is cut: half of one would show."""
    text, start, end, secrets = around
    if secrets is None:
        secrets = tuple(spans_of(text))
    end = min(end, start + _QUOTE)
    begin = max(0, start - (_QUOTE - (end - start)) // 2)
    begin = text.find(" ", begin, start) + 1 or begin if begin else 0
    stop = _stop(text, begin, end)
    shown = [span for span in secrets if span.start < stop and begin < span.end]
    if shown:
        begin, stop = min(begin, shown[0].start), max(stop, shown[-1].end)
    return " ".join(without(text[begin:stop], _moved(shown, begin)).split())


def _moved(spans: Sequence[Span], by: int) -> list[Span]:
    """Return where secrets are in a text that begins later."""
    return [Span(start - by, end - by, kind) for start, end, kind in spans]


def _stop(text: str, begin: int, end: int) -> int:
    """Return where a quote ends: at a blank, where it would reach further than is looked at."""
    stop, reach = begin + _QUOTE, end + _AROUND
    if stop <= reach or len(text) <= reach:
        return stop
    return blank if (blank := text.rfind(" ", end, reach)) > 0 else reach
