"""
Where specifics were said: in the sessions that a dream read, and in the memories on both sides.

What a session says is kept as an index at the report location, so that it answers for years without the transcripts:
for the keys that a review asks of, the words around them; for all others, up to a bound, the first event. Keys stand
there as checksums and quotes are masked: a transcript's passwords are not copied.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, overload

from dreamflow.core.grounding import needs_words, said_keys, together
from dreamflow.core.hearing import KEYS_LIMIT, Event, Hearing, SessionSaid, Wanted, dated, words_in
from dreamflow.core.quoting import Source, Window, quote
from dreamflow.core.review import Evidence, Side
from dreamflow.core.score import Sample
from dreamflow.core.secrets.masking import SECRET_WORDS
from dreamflow.core.skimming import Skimmed
from dreamflow.core.traces import Traces

__all__ = ["Said", "SaidBuilder"]

#: Places, with the words around them, that the index holds in all.
_PLACES_LIMIT = 10_000
#: Places of one key: sessions, memories of a side.
_SESSIONS_EACH, _MEMORIES_EACH = 4, 4
#: Words that are looked for one by one in a memory.
_FEW_WORDS = 100


class _Place(NamedTuple):
    event: int
    quote: str


class _Held(NamedTuple):
    """A place in a memory."""

    path: str
    line: int
    window: Window


class _Quoted(Sequence[Evidence]):
    """Places in memories, each quoted when it is asked for: mostly it matters only whether there are any."""

    def __init__(self, side: Side, held: Sequence[_Held]) -> None:
        self._side, self._places = side, held

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Evidence: ...
    @overload
    def __getitem__(self, at: slice) -> list[Evidence]: ...
    def __getitem__(self, at: int | slice) -> Evidence | list[Evidence]:
        found = self._places[at]
        return self._quoted(found) if isinstance(found, _Held) else list(map(self._quoted, found))

    def _quoted(self, held: _Held) -> Evidence:
        text = quote(held.window)
        return Evidence(side=self._side, path=held.path, line=held.line, quote=text)


def _code(key: str) -> int:
    """Return the checksum that a key stands under."""
    return int.from_bytes(hashlib.blake2b(key.encode(errors="replace"), digest_size=7).digest())


class Said:
    """
    A ``LookUp``: where the sessions, the input's and the output's memories say a specific.

    It grows: by sessions as they are read, by memories as they are.
    """

    def __init__(self) -> None:
        self.sessions_read: list[str] = []
        self._events: list[Event] = []
        self._first: dict[int, int] = {}
        self._spread: dict[int, int] = {}
        self._days: dict[int, int] = {}
        self._places: dict[int, list[_Place]] = {}
        self._places_left = _PLACES_LIMIT
        self._memories: dict[Side, dict[str, list[_Held]]] = {"before": {}, "after": {}}
        self._asked: set[int] = set()
        self.is_whole = True

    def ask(self, wanted: Iterable[str]) -> None:
        """Note that these keys are looked for in what is read from now on."""
        self._asked.update(map(_code, wanted))

    def answers(self, wanted: Collection[str]) -> bool:
        """Tell whether what the sessions say of these keys is known, without reading them again."""
        known = {key for key in wanted if _code(key) in self._first}
        told = known | {together(key) for key in known}
        rest = (key for key in wanted if key not in told and _code(key) not in self._asked)
        return all(self.is_whole and not needs_words(key) for key in rest)

    def sessions(self, key: str) -> Sequence[Evidence]:
        """Return where the sessions say it, a few places of each, oldest first; else who spoke on a day."""
        code = _code(key)
        places = (
            self._places.get(code)
            or [_Place(kept[code], "") for kept in (self._first, self._days) if code in kept][:1]
        )
        return sorted((self._evidence(place) for place in places), key=_when)

    def memories(self, key: str) -> Sequence[Evidence]:
        return self._held("before", key)

    def stands(self, key: str) -> Sequence[Evidence]:
        return self._held("after", key)

    @property
    def session_count(self) -> int:
        return len(self.sessions_read)

    def spread(self, key: str) -> int:
        """Return which sessions say a key, or a word that was asked for (``grounding.words_of``): one bit each."""
        return self._spread.get(_code(key), 0)

    def _held(self, side: Side, key: str) -> Sequence[Evidence]:
        return _Quoted(side, self._memories[side].get(key, ()))

    def each_old_place(self) -> Iterator[tuple[str, str, int]]:
        """Yield the keys that the input's memories say, each with the path and the line of one that does."""
        return ((key, held[0].path, held[0].line) for key, held in self._memories["before"].items())

    def add_memory(self, side: Side, found: Mapping[str, _Held]) -> Iterator[str]:
        """Add where one memory says wanted keys; yield those of which no more memories are kept."""
        for key, held in found.items():
            kept = self._memories[side].setdefault(key, [])
            if len(kept) < _MEMORIES_EACH:
                kept.append(held)
            if len(kept) >= _MEMORIES_EACH:
                yield key

    def with_memories(self, of: Said) -> Said:
        """Return this with the memories that another knows."""
        self._memories = of._memories
        return self

    def add_session(self, session: SessionSaid) -> None:
        """Add what one session says."""
        number = len(self.sessions_read)
        self.sessions_read.append(session.id)
        numbers: dict[int, int] = {}

        def place_of(event: int) -> int:
            if event not in numbers:
                numbers[event] = len(self._events)
                self._events.append(session.events[event]._replace(session=number))
            return numbers[event]

        bit = 1 << number
        for word in session.words:
            code = _code(word)
            self._spread[code] = self._spread.get(code, 0) | bit
        for key, event in session.first.items():
            code = _code(key)
            places = session.places.get(key)
            if places and (kept := self._room_for(code)) is not None:
                kept += [
                    _Place(place_of(spot.event), quote(spot.source.window(spot.start, spot.end)))
                    for spot in places
                ]
                self._places_left -= len(places)
            if code not in self._first:
                if len(self._first) < KEYS_LIMIT or places:
                    self._first[code] = place_of(event)
                else:
                    self.is_whole = False
                    continue
            self._spread[code] = self._spread.get(code, 0) | bit
        for day, event in session.days.items():
            for key in _day_keys(day):
                code = _code(key)
                self._days.setdefault(code, place_of(event))
                self._spread[code] = self._spread.get(code, 0) | bit
        self.is_whole = self.is_whole and session.is_whole

    def _room_for(self, code: int) -> list[_Place] | None:
        """Return the list that another session's places go into; None where there are enough."""
        if self._places_left <= 0:
            return None
        kept = self._places.setdefault(code, [])
        return kept if len({self._events[place.event].session for place in kept}) < _SESSIONS_EACH else None

    def _evidence(self, place: _Place) -> Evidence:
        event = self._events[place.event]
        at = datetime.fromisoformat(event.at) if event.at else None
        return Evidence(
            quote=place.quote,
            session_id=self.sessions_read[event.session],
            event_id=event.id,
            role=event.role,
            at=at,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what the sessions say as plain JSON. Memories are not kept: an edit changes them."""
        return {
            "sessions": self.sessions_read,
            "events": [list(event) for event in self._events],
            "places": {f"{code:x}": [list(place) for place in self._places[code]] for code in self._places},
            "days": {f"{code:x}": event for code, event in self._days.items()},
            "first": {f"{code:x}": event for code, event in self._first.items()},
            "spread": {f"{code:x}": f"{bits:x}" for code, bits in self._spread.items()},
            "asked": [f"{code:x}" for code in self._asked],
            "is_whole": self.is_whole,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Said:
        """
        Read what ``to_json`` wrote.

        :raises ValueError, KeyError, TypeError: it is not that.
        """
        said = cls()
        said.sessions_read = [str(session) for session in data["sessions"]]
        said._events = [Event(*row) for row in data["events"]]
        said._places = {
            int(code, 16): [_Place(*row) for row in rows] for code, rows in data["places"].items()
        }
        said._days = {int(code, 16): event for code, event in data["days"].items()}
        said._first = {int(code, 16): event for code, event in data["first"].items()}
        said._spread = {int(code, 16): int(bits, 16) for code, bits in data["spread"].items()}
        said._asked = {int(code, 16) for code in data["asked"]}
        said.is_whole = bool(data["is_whole"])
        return said


class SaidBuilder:
    """
    Reads sessions and memories for what they say.

    :param wanted: the keys that are asked of, of which the words around them are kept (``grounding.wanted_in``).
    :param said: what an earlier reading kept of the sessions.
    """

    def __init__(self, wanted: Collection[str] = (), said: Said | None = None) -> None:
        self._wanted = Wanted(wanted)
        self._said = said or Said()
        self._open: dict[Side, set[str]] = {side: set(self._wanted.keys) for side in ("before", "after")}
        self._traces = Traces(self._wanted.keys)
        self._left = -1
        self._first_words: list[str] = []
        self._has_asked = False
        self._hearing: Hearing | None = None
        self._sessions_of = Counter[str]()
        self._told: set[str] = set()  # wanted keys that enough sessions have places of

    def said(self) -> Said:
        """Return where everything was said that was added so far."""
        if self._hearing is not None:
            self._take(self._hearing.said)
            self._hearing = None
        return self._said

    def hearing(self, session_id: str, sample: Sample | None = None) -> Hearing:
        """
        Return what hears one session, in any thread; what it has ``said`` in the end is added here.

        :param sample: what takes the session's sample in the end.
        """
        if not self._has_asked:
            self._said.ask(self._wanted.keys)
            self._has_asked = True
        return Hearing(session_id, self._wanted, sample, self._told)

    def add_session(self, session: SessionSaid) -> None:
        self.said()
        self._take(session)

    def _take(self, session: SessionSaid) -> None:
        self._said.add_session(session)
        for key in session.places:
            self._sessions_of[key] += 1
            if self._sessions_of[key] == _SESSIONS_EACH:
                self._told.add(key)

    def add_event(self, session_id: str, event_id: str, role: str, at: datetime | None, text: str) -> None:
        """Add what one event says; a session's events come one after the other."""
        if self._hearing is None or self._hearing.said.id != session_id:
            self.said()
            self._hearing = self.hearing(session_id)
        self._hearing.add_event(event_id, role, at, text)

    def add_memory(self, side: Side, path: str, text: str | Skimmed) -> None:
        """Add what a memory says of the wanted keys."""
        self._add({side: path}, text)

    def add_unchanged(self, old_path: str, path: str, text: str | Skimmed) -> None:
        """Add what a memory says that both sides hold."""
        self._add({"before": old_path, "after": path}, text)

    def _add(self, paths: Mapping[Side, str], memory: str | Skimmed) -> None:
        skimmed = Skimmed(memory) if isinstance(memory, str) else memory
        found, text = dict[str, tuple[int, Window]](), skimmed.text
        source = Source(text, lambda: skimmed.runs_with(SECRET_WORDS))
        still_open = [self._open[side] for side in paths]

        def note(keys: Iterable[str], line: int, start: int, end: int) -> None:
            for key in keys:
                if key not in found and any(key in keys_open for keys_open in still_open):
                    found[key] = line + 1, source.window(start, end)

        for line, specifics in skimmed.read(self._traces.lines(skimmed)):
            at = skimmed.starts[line]
            for specific in specifics:
                keys = said_keys(specific, "tool")
                if not all(keys_open.isdisjoint(keys) for keys_open in still_open):
                    note(keys, line, at + specific.start, at + specific.end)
        lowered = text.lower()
        if self._may_say_phrases(lowered):
            for key, start, end in self._wanted.phrases_in(text, lowered, words_in(lowered), still_open):
                note([key], text.count("\n", 0, start), start, end)
        closed = set[str]()
        for side, path in paths.items():
            held = {key: _Held(path, *place) for key, place in found.items()}
            full = {*self._said.add_memory(side, held)}
            self._open[side] -= full
            closed |= full
        self._traces.drop(key for key in closed if not any(key in keys for keys in self._open.values()))

    def _may_say_phrases(self, lowered: str) -> bool:
        """Tell whether a text may hold a quotation or name that is still asked of: to list its words takes long."""
        left = sum(map(len, self._open.values()))
        if left != self._left:
            self._left, self._first_words = left, self._wanted.first_words([*self._open.values()])
        return len(self._first_words) > _FEW_WORDS or any(word in lowered for word in self._first_words)


def _day_keys(day: date) -> frozenset[str]:
    """Return what a day on which somebody spoke grounds: itself and the days next to it, in any time zone."""
    near = (day + timedelta(days=n) for n in (-1, 0, 1) if date.min < day < date.max)
    return dated(frozenset(each.isoformat() for each in near))


def _when(evidence: Evidence) -> tuple[bool, datetime]:
    return evidence.at is None, evidence.at or datetime.min.replace(tzinfo=UTC)
