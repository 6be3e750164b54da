"""
What of a review takes long and asks no service: hearing the sessions, and measuring both stores.

It goes through texts one after the other, and holds none; so it can be done in a process apart (``steps/apart.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from dreamflow.core.evidence import Said, SaidBuilder
from dreamflow.core.review import Score
from dreamflow.core.sampling import sampled_events
from dreamflow.core.score import Measures, Probe, Sample
from dreamflow.core.secrets.masking import mask
from dreamflow.core.skimming import Skimmed

__all__ = ["Reckoned", "Reckoning", "Scoring", "Spoken"]

#: Characters of a large store by which it is reckoned which words stand everywhere.
_FIRST_CHARACTERS = 2_000_000


class Spoken(NamedTuple):
    """What one event of a session says, as ``Hearing`` takes it."""

    event_id: str
    role: str
    at: datetime | None
    text: str


class Reckoned(NamedTuple):
    """:ivar probes: what the score asks for, of what the sessions state; without secrets."""

    said: Said
    probes: tuple[Probe, ...]
    score: Score


class Scoring:
    """
    The measures of two stores: give it the memories that the input's sample is drawn from, then those of both stores.

    :param said: the sample of what the sessions state. :param size: bytes of the input.
    """

    def __init__(self, said: Sequence[Probe], size: int) -> None:
        self._said, self._size = said, size
        self._held, self._first, self._left = Sample(), list[str](), _FIRST_CHARACTERS

    def draw(self, text: str) -> None:
        """Draw the sample of the input from a memory, too."""
        self._held.add(text)
        if self._left > 0:
            self._first.append(text)
            self._left -= len(text)

    def add(self, text: str | Skimmed, *, before: bool, after: bool) -> None:
        """Measure a memory's text, the same in the stores that hold it."""
        self._measures.add(text, before=before, after=after)

    def score(self) -> Score:
        return self._measures.score()

    @cached_property
    def _measures(self) -> Measures:
        measures = Measures(self._said, self._held.probes(), self._size)
        measures.foresee(self._first)
        self._first.clear()
        return measures


class Reckoning:
    """
    Hears sessions, one after the other, and then measures two stores.

    :param wanted: the keys that the changed text asks of. :param size: bytes of the input.
    :param sessions: how many there are.
    """

    def __init__(self, wanted: Collection[str], size: int = 0, sessions: int = 1) -> None:
        self._builder, self._sample, self._size = SaidBuilder(wanted), Sample(), size
        self._sessions = sessions

    def hear(self, session_id: str, events: Sequence[Spoken]) -> None:
        """Hear all that is said in a session."""
        hearing = self._builder.hearing(session_id, self._sample)
        sizes = {event.event_id: len(event.text) for event in events if event.role != "tool"}
        sampled = sampled_events(sizes, self._sessions)
        for event in events:
            hearing.add_event(*event, is_sampled=event.event_id in sampled)
        self._builder.add_session(hearing.said)
        self._sample.take(hearing.said.sample.probes())

    def said(self) -> Said:
        return self._builder.said()

    def probes(self) -> tuple[Probe, ...]:
        """Return the probes in which no secret stands: they are kept as they are."""
        told = ((probe, " ".join((*probe.words, probe.key))) for probe in self._sample.probes())
        return tuple(probe for probe, text in told if mask(text) == text)

    @cached_property
    def scoring(self) -> Scoring:
        """What measures the stores, once all sessions were heard."""
        return Scoring(self.probes(), self._size)

    def reckoned(self) -> Reckoned:
        return Reckoned(self.said(), self.probes(), self.scoring.score())
