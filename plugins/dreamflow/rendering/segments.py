"""
A line of memory text as the page shows it: cut where its words change, where a specific stands, and where a secret is.

Secrets are found in the line as it is, not in its pieces: a word diff may cut one in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Generic, NamedTuple, Protocol, TypeVar

from dreamflow.core.diffs import Piece
from dreamflow.core.secrets.masking import mask, may_reach_lines, secret_spans, shortened, spans_in, without

__all__ = ["Mark", "MaskedLines", "Segment", "segments_of"]


class Mark(NamedTuple):
    """A specific of a line: ``line[start:end]``; ``state`` is ``said``, ``unsaid`` or ``doubtful``."""

    start: int
    end: int
    state: str


class Segment(NamedTuple):
    """
    A part of a line that looks the same from end to end.

    :ivar kind: ``same``, ``gone`` or ``new``. :ivar state: of a specific a ``Mark``'s; ``secret``; or empty.
    :ivar at: where the specific begins in its line; ``leads`` tells the first of its segments.
    """

    text: str
    kind: str
    state: str = ""
    at: int = 0
    leads: bool = True


class MaskedLines:
    """
    The lines of one side of a memory, with what of them is secret: a private key is, from its first line to its last.

    Only the lines that are asked for are searched, but where others may give a secret away: that takes all of them.

    :param numbers: those that are asked for, where it is known.
    """

    def __init__(self, text: str, numbers: Iterable[int] | None = None) -> None:
        self._spans = None
        if may_reach_lines(text):
            every = range(1, text.count("\n") + 2)
            self._spans = spans_in(text, tuple(every if numbers is None else numbers))

    def segments(
        self, number: int | None, pieces: Sequence[Piece], marks: Sequence[Mark] = ()
    ) -> list[Segment]:
        """Return the segments of the line of that number."""
        line = "".join(piece.text for piece in pieces)
        masked = mask(line) if self._spans is None or number is None else without(line, self._spans[number])
        return segments_of(pieces, marks, masked if masked != line else None)


def segments_of(
    pieces: Sequence[Piece], marks: Sequence[Mark] = (), masked: str | None = None
) -> list[Segment]:
    """
    Return the segments of a line.

    :param masked: the line as it is shown without its secrets, where it has any.
    """
    line = "".join(piece.text for piece in pieces)
    secrets = secret_spans(line) if masked is not None else []
    if masked is not None and masked != without(line, secrets):  # the lines around it give more away
        return [Segment(masked, pieces[0].kind if pieces else "same", "secret")]
    kinds, marked, hidden = _Along(_spans_of(pieces)), _Along(marks), _Along(secrets)
    edges = {0, len(line), *kinds.ends}
    for spans in (marks, secrets):
        edges.update(edge for span in spans for edge in (span.start, span.end))
    found: list[Segment] = []
    for start, end in pairwise(sorted(edges)):
        kind = kinds.at(start)
        assert kind is not None
        if secret := hidden.at(start):
            # Nothing is cut within a secret: it is shown once, where it begins.
            if secret.start == start:
                shown = shortened(line[secret.start : secret.end], secret.kind)
                found.append(Segment(shown, kind.kind, "secret"))
            continue
        mark = marked.at(start)
        state, at = (mark.state, mark.start) if mark else ("", 0)
        found.append(Segment(line[start:end], kind.kind, state, at, leads=at == start))
    return found


class _Kind(NamedTuple):
    start: int
    end: int
    kind: str


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=_Spanned)


class _Along(Generic[S]):
    """Spans from left to right, asked for from left to right."""

    def __init__(self, spans: Sequence[S]) -> None:
        self._spans, self._next = spans, 0
        self.ends = [span.end for span in spans]

    def at(self, place: int) -> S | None:
        """Return the span that covers the place, if one does."""
        while self._next < len(self._spans) and self._spans[self._next].end <= place:
            self._next += 1
        if self._next < len(self._spans) and self._spans[self._next].start <= place:
            return self._spans[self._next]
        return None


def _spans_of(pieces: Sequence[Piece]) -> list[_Kind]:
    spans, at = [], 0
    for piece in pieces:
        spans.append(_Kind(at, at + len(piece.text), piece.kind))
        at += len(piece.text)
    return spans
