"""
Which sessions are dreamed: never a gap, at worst a repeat.

The properties run the selection over random histories against a small service of their own: sessions that are used
and rest, nights that end well or not, and people who go back to an earlier store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dreamflow.core.objects import Session
from dreamflow.core.selection import (
    Selection,
    select_sessions,
)
from tests.unit.support import at, session


@dataclass
class Talk:
    """A session of the service: how much was said in it, and when last."""

    turns: int
    updated: int
    status: str = "idle"


@dataclass(frozen=True)
class Store:
    """A store that was live once: what it knows of each session, and its lineage."""

    knows: dict[str, int]
    through: datetime | None = None
    dream: tuple[datetime, frozenset[str]] | None = None
    parent: Store | None = None
    content: Store | None = None


@dataclass
class Service:
    clock: int = 0
    talks: dict[str, Talk] = field(default_factory=dict)
    live: Store = field(default_factory=lambda: Store({}))

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def speak(self, name: str, status: str) -> None:
        talk = self.talks.setdefault(name, Talk(0, 0))
        talk.turns += 1
        talk.updated = self.tick()
        talk.status = status

    def listed(self, meanwhile: list[tuple[str, str]]) -> list[Session]:
        """List the sessions one by one; ``meanwhile`` happens between them."""
        sessions = []
        for name in list(self.talks):
            talk = self.talks[name]
            sessions.append(session(name, status=talk.status, updated=talk.updated))
            if meanwhile:
                self.speak(*meanwhile.pop())
        return sessions

    def covered(self) -> dict[str, datetime]:
        """Return when the newest dream in the live content's history that read a session was created."""
        found: dict[str, datetime] = {}
        store: Store | None = self.live
        while store is not None:
            for name in store.dream[1] if store.dream else ():
                assert store.dream is not None
                found.setdefault(name, store.dream[0])
            store = store.content or store.parent
        return found

    def select(
        self,
        limit: int,
        *,
        knows_dreams: bool = True,
        meanwhile: list[tuple[str, str]] | None = None,
        aside: frozenset[str] = frozenset(),
        back: int | None = None,
    ) -> Selection:
        """Select as a night does; ``back`` ticks ago was the newest of what a catch-up is for."""
        listed_from = at(self.tick())
        return select_sessions(
            self.listed(list(meanwhile or [])),
            since=self.live.through,
            covered=self.covered() if knows_dreams else {},
            limit=limit,
            listed_from=listed_from,
            set_aside=aside,
            until=None if back is None else at(self.clock - back),
        )

    def dream(self, chosen: Selection, meanwhile: list[tuple[str, str]]) -> Store:
        """Dream over the selection. ``meanwhile`` happens half before the dream is created, half before it reads."""
        half = len(meanwhile) // 2
        for name, status in meanwhile[:half]:
            self.speak(name, status)
        created = at(self.tick())
        for name, status in meanwhile[half:]:
            self.speak(name, status)
        read = {name: self.talks[name].turns for name in chosen.session_ids}
        return Store(
            {**self.live.knows, **read},
            chosen.through,
            (created, frozenset(chosen.session_ids)),
            parent=self.live,
        )

    def restore(self, steps: int) -> None:
        ancestor = self.live
        for _ in range(steps):
            ancestor = ancestor.parent or ancestor
        self.live = Store(ancestor.knows, ancestor.through, parent=self.live, content=ancestor)

    def unknown(self) -> list[str]:
        return [name for name, talk in self.talks.items() if self.live.knows.get(name, 0) < talk.turns]

    def assert_since_is_true(self) -> None:
        """Everything last changed up to the live store's ``through`` is in it: what a later night relies on."""
        for name in self.unknown():
            assert self.live.through is None or at(self.talks[name].updated) > self.live.through


NAMES = st.sampled_from(["sesn_a", "sesn_b", "sesn_c", "sesn_d", "sesn_e"])
STATUSES = st.sampled_from(["idle", "idle", "running", "rescheduling", "terminated"])
TALKS = st.lists(st.tuples(NAMES, STATUSES), max_size=4)
NIGHTS = st.tuples(
    st.just("night"),
    st.integers(1, 3),
    TALKS,
    TALKS,
    st.sampled_from(["adopted", "adopted", "rejected", "failed", "unanswered"]),
    st.booleans(),
    st.frozensets(NAMES, max_size=2),
    st.none() | st.integers(0, 6),
)
STEPS = st.one_of(st.tuples(st.just("talk"), TALKS), NIGHTS, st.tuples(st.just("restore"), st.integers(0, 3)))


def live_through(steps: list[tuple[object, ...]]) -> Service:
    service = Service()
    for step in steps:
        match step:
            case ("talk", talks):
                for name, status in talks:  # type: ignore[attr-defined]
                    service.speak(name, status)
            case ("night", limit, listing, meanwhile, outcome, knows_dreams, aside, back):
                chosen = service.select(
                    limit,  # type: ignore[arg-type]
                    knows_dreams=knows_dreams,  # type: ignore[arg-type]
                    meanwhile=listing,  # type: ignore[arg-type]
                    aside=aside,  # type: ignore[arg-type]
                    back=back,  # type: ignore[arg-type]
                )
                if chosen.session_ids:
                    output = service.dream(chosen, meanwhile)  # type: ignore[arg-type]
                    service.live = output if outcome == "adopted" else service.live
            case ("restore", back):
                service.restore(back)  # type: ignore[arg-type]
        service.assert_since_is_true()
    return service


class TestNeverAGap:
    @settings(max_examples=200)
    @given(st.lists(STEPS, max_size=14), st.integers(1, 3), st.booleans())
    def test_whatever_happened_quiet_nights_bring_every_word_into_the_live_store_and_then_rest(
        self, steps: list[tuple[object, ...]], limit: int, knows_dreams: bool
    ) -> None:
        service = live_through(steps)
        for name, talk in service.talks.items():
            if talk.status in ("running", "rescheduling"):
                service.speak(name, "idle")
        nights = 0
        while (chosen := service.select(limit, knows_dreams=knows_dreams)).session_ids:
            service.live = service.dream(chosen, [])
            service.assert_since_is_true()
            nights += 1
            assert nights <= len(service.talks), "the same sessions are dreamed over and over"
        assert service.unknown() == []

    @given(st.lists(STEPS, max_size=14))
    def test_what_was_dreamed_and_did_not_change_does_not_come_again(
        self, steps: list[tuple[object, ...]]
    ) -> None:
        service = live_through(steps)
        chosen = service.select(100)
        if chosen.session_ids:
            service.live = service.dream(chosen, [])
        assert service.select(100).session_ids == ()

    @given(st.lists(STEPS, max_size=14), st.integers(1, 3))
    def test_the_moment_of_coverage_never_goes_back_by_a_dream(
        self, steps: list[tuple[object, ...]], limit: int
    ) -> None:
        service = live_through(steps)
        chosen = service.select(limit)
        if service.live.through is not None:
            assert chosen.through is not None
            assert chosen.through >= service.live.through
