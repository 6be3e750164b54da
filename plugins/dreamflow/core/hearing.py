"""Hearing a session: which keys its events say, where, and in which words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from dreamflow.core.grounding import WORD_KEY, days_beside, needs_words, said_keys
from dreamflow.core.quoting import Source
from dreamflow.core.relative_dates import relative_dates
from dreamflow.core.score import Sample
from dreamflow.core.secrets.masking import SECRET_WORDS
from dreamflow.core.skimming import Skimmed, finder_of_runs, runs_at
from dreamflow.core.specifics import Kind, plain, specifics_of
from dreamflow.core.strings import Finder

__all__ = ["KEYS_LIMIT", "Event", "Hearing", "SessionSaid", "Wanted", "dated", "words_in"]

#: Keys that are held: of one session, and of all of them.
KEYS_LIMIT = 200_000
#: Places of a wanted key that one session keeps.
_PLACES_EACH = 2
_SPELLED = {
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100, "thousand": 1000,
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
#: Characters that are read in the time that it takes to make ready to find one word.
_READ_PER_WORD = 100
#: How many times more keys must be done with for it to be told anew which are left.
_MORE = 1.2
_APART = {code: " " for code in range(128) if not chr(code).isalnum()}


class Event(NamedTuple):
    session: int
    id: str
    role: str
    at: str | None


class Spot(NamedTuple):
    """A place of a wanted key: the event by its number in the session, and where in its text."""

    event: int
    source: Source
    start: int
    end: int


class SessionSaid:
    """
    What one session says.

    :ivar events: those that are named below, by their place here. :ivar first: by key, the first that says it.
    :ivar places: by wanted key, a few. :ivar days: on which days somebody spoke.
    :ivar words: the keys of wanted words that it uses. :ivar is_whole: whether ``first`` has all keys.
    :ivar sample: what the score asks for of what users and agents state.
    """

    def __init__(self, session_id: str, sample: Sample | None = None) -> None:
        self.id = session_id
        self.events: list[Event] = []
        self.first: dict[str, int] = {}
        self.places: defaultdict[str, list[Spot]] = defaultdict(list)
        self.days: dict[date, int] = {}
        self.words: set[str] = set()
        self.sample = Sample(within=sample)
        self.is_whole = True


class Wanted:
    """Keys that are asked of; among them words, which stand in no list of specifics."""

    def __init__(self, keys: Collection[str]) -> None:
        self.keys = frozenset(keys)
        self._by_word: defaultdict[str, list[str]] = defaultdict(list)
        self.words = frozenset(key.removeprefix(WORD_KEY) for key in keys if key.startswith(WORD_KEY))
        for key in keys:
            if needs_words(key):
                self._by_word[(_WORD.findall(key) or [key])[0]].append(key)
        for word, number in _SPELLED.items():
            if str(number) in self.keys:
                self._by_word[word].append(str(number))

    def open_words(self, done: AbstractSet[str]) -> set[str]:
        """Return a word of each quotation, name and number that is not done with."""
        return {first for first, keys in self._by_word.items() if not done >= {*keys}}

    def first_words(self, still_open: Sequence[AbstractSet[str]]) -> list[str]:
        """Return a word of each quotation, name and number that is still asked of in any of the sets."""
        return [
            first
            for first, keys in self._by_word.items()
            if any(key in one for key in keys for one in still_open)
        ]

    def phrases_in(
        self,
        text: str,
        lowered: str,
        words: set[str],
        still_open: Sequence[AbstractSet[str]] = (),
        done: AbstractSet[str] = frozenset(),
    ) -> Iterator[tuple[str, int, int]]:
        """
        Yield the wanted quotations, names and spelled numbers that a text says, and about where.

        :param still_open: keys that are still asked of, in any of the sets; where there is none, all are.
        :param done: keys that are not asked of any more.
        """
        line = ""
        for first in self._by_word.keys() & words:
            for key in self._by_word[first]:
                if key in done or (still_open and not any(key in keys for keys in still_open)):
                    continue
                if key[0] == "&":
                    is_said = words.issuperset(key[1:].split(" "))
                elif key.isdigit() or " " not in key or _stands_alone(key, lowered):
                    is_said = True
                else:
                    line = line or f" {plain(text)} "
                    is_said = f" {key} " in line
                if is_said:
                    at = lowered.find(key)
                    at, end = (at, at + len(key)) if at >= 0 else (lowered.find(first), 0)
                    yield key, max(at, 0), end or max(at, 0) + len(first)


def _stands_alone(key: str, lowered: str) -> bool:
    """Tell whether words stand in a text as they are in their key, with blanks around: ``plain`` has them then."""
    return f" {key} " in lowered


def words_in(lowered: str) -> set[str]:
    """Return the words of a text in lower case."""
    return set(lowered.translate(_APART).split() if lowered.isascii() else _WORD.findall(lowered))


class Hearing:
    """
    Hears one session's events, one after the other.

    :param told: wanted keys of which no more places are kept, as enough sessions before this one have some.
    """

    def __init__(
        self,
        session_id: str,
        wanted: Wanted,
        sample: Sample | None = None,
        told: AbstractSet[str] = frozenset(),
    ) -> None:
        self.said = SessionSaid(session_id, sample)
        self._wanted, self._told = wanted, told
        self._done: set[str] = set()  # keys of which nothing more is kept
        # What was said last of a key of which nothing more is kept; by whether a tool said it.
        self._settled: dict[bool, dict[str, Kind]] = {True: {}, False: {}}
        self._unused = set(wanted.words)  # those that the session has not used so far
        self._finder: Finder | None = None
        self._heard = 0  # characters since it was made
        self._known_done, self._known_open = 0, set[str]()

    def add_event(
        self, event_id: str, role: str, at: datetime | None, text: str, *, is_sampled: bool = True
    ) -> None:
        """Hear what an event says. :param is_sampled: whether the sample is drawn from it, if no tool says it."""
        said, moment, skimmed = self.said, at.astimezone(UTC) if at else None, Skimmed(text)
        event = Event(0, event_id, role, moment.isoformat() if moment else None)
        if moment and moment.date() not in said.days:
            said.days[moment.date()] = len(said.events)
            said.events.append(event)
        source = Source(text, lambda: skimmed.runs_with(SECRET_WORDS))
        self._note([said.id.casefold()], source, 0, 0, event)
        specifics = specifics_of(text)
        if is_sampled and role != "tool":
            said.sample.add(text, specifics, source)
        settled, done = self._settled[role == "tool"], self._done
        for specific in (*specifics, *days_beside(specifics, text)):
            kind, key, start, end = specific
            if settled.get(key) is not kind:
                keys = said_keys(specific, role)
                self._note(keys, source, start, end, event)
                if done.issuperset(keys):
                    settled[key] = kind
        lowered = text.lower()
        if words := self._words_in(skimmed, lowered):
            for key, start, end in self._wanted.phrases_in(text, lowered, words, done=done):
                self._note([key], source, start, end, event)
        if moment:
            for days, start, end in relative_dates(lowered, moment.date()):
                self._note(dated(days), source, start, end, event)

    def _words_in(self, text: Skimmed, lowered: str) -> set[str]:
        """
        Note which wanted words a text uses.

        Return all its words, if there is one among them that a phrase may have which is still asked for.
        """
        if text.text.isascii() and (finder := self._finder_of_words(len(lowered))):
            found = {run.decode() for run in runs_at(finder, text.padded_words)}
        else:
            found = words_in(lowered)
        used = self._unused & found
        self._unused -= used
        self.said.words.update(WORD_KEY + word for word in used)
        return set() if self._open_words.isdisjoint(found) else words_in(lowered)

    @property
    def _open_words(self) -> set[str]:
        """A word of each phrase that is still looked for, and of some that were done with since it was last told."""
        if len(self._done) > self._known_done * _MORE or not self._known_done:
            self._known_done, self._known_open = len(self._done), self._wanted.open_words(self._done)
        return self._known_open

    def _finder_of_words(self, length: int) -> Finder | None:
        """Return what finds the words that are still looked for; to make it takes as long as to read some text."""
        self._heard += length
        looked_for = self._unused | self._open_words
        if self._heard > _READ_PER_WORD * len(looked_for) and (
            self._finder is None or len(self._finder.sought) > len(looked_for)
        ):
            self._finder, self._heard = (
                finder_of_runs(word.encode() for word in looked_for if word.isascii()),
                0,
            )
        return self._finder

    def _note(self, keys: Collection[str], source: Source, start: int, end: int, event: Event) -> None:
        said, done = self.said, self._done
        for key in keys:
            if key in done:
                continue
            is_wanted = key in self._wanted.keys
            if not is_wanted and len(said.first) >= KEYS_LIMIT and key not in said.first:
                said.is_whole = False
                continue
            if not said.events or said.events[-1] is not event:
                said.events.append(event)
            said.first.setdefault(key, len(said.events) - 1)
            if not is_wanted or key in self._told or self._add_place(key, source, start, end, event.role):
                done.add(key)

    def _add_place(self, key: str, source: Source, start: int, end: int, role: str) -> bool:
        """
        Keep a place of a wanted key: the first two, but a person's words before others'.

        Return whether it has all places that it can have.
        """
        number, places = len(self.said.events) - 1, self.said.places[key]
        if not places or places[-1].event != number:
            if len(places) >= _PLACES_EACH:
                if role != "user":
                    return False
                places.pop()
            places.append(Spot(number, source, start, end))
        return len(places) >= _PLACES_EACH and any(
            self.said.events[place.event].role == "user" for place in places
        )


@lru_cache(maxsize=1 << 14)
def dated(days: frozenset[str]) -> frozenset[str]:
    """Return the keys that days answer to: themselves, without their year, their months and years."""
    return frozenset(
        key for day in days for key in (day, f"-{day[4:]}" if len(day) == 10 else day, day[:7], day[:4])
    )
