"""How far a store's history is followed: as far as it matters, however long it has grown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dreamflow.core.ancestry import descends_from, ids_since, walk_content, walk_parents, was_adopted
from dreamflow.core.lineage import Lineage
from dreamflow.core.objects import MemoryStore
from tests.unit.support import store

NIGHTS = 12
TODAY = datetime(2026, 11, 21, 8, tzinfo=UTC)


class Line:
    """A store for each of many nights, each adopted a day after the one before it."""

    def __init__(self, *, knows_origin: bool = True) -> None:
        self.held: dict[str, MemoryStore] = {}
        self.reads: list[str] = []
        self.stores = [self.put(store("memstore_00"))]
        for night in range(1, NIGHTS):
            origin = self.stores[0] if knows_origin else ""
            self.stores.append(self.heir(self.stores[-1], days_ago=NIGHTS - night, origin=origin))

    def put(self, made: MemoryStore) -> str:
        self.held[made.id] = made
        return made.id

    def heir(self, parent: str, *, days_ago: int, origin: str = "", content: str | None = None) -> str:
        adopted_at = TODAY - timedelta(days=days_ago)
        lineage = Lineage(
            pipeline="support",
            parent=parent,
            dream="drm_1",
            run="manual__1",
            through=None,
            adopted_at=adopted_at,
            adopted_by="Ada",
            content=content,
            origin=origin,
        )
        made = store(f"memstore_{len(self.held):02}", **lineage.pairs())
        return self.put(replace(made, created_at=adopted_at - timedelta(hours=6)))

    @property
    def live(self) -> str:
        return self.stores[-1]

    def read(self, store_id: str) -> MemoryStore | None:
        self.reads.append(store_id)
        return self.held.get(store_id)


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_first_store_is_known_without_a_walk(line: Line) -> None:
    assert descends_from(line.read, line.live, line.stores[0])
    assert line.reads == [line.live]


@pytest.mark.parametrize("knows_origin", [True, False])
def test_every_store_of_the_line_is_found_and_no_other(knows_origin: bool) -> None:
    line = Line(knows_origin=knows_origin)
    assert all(descends_from(line.read, line.live, store_id) for store_id in line.stores)
    assert not descends_from(line.read, line.live, line.put(store("memstore_other")))
    assert not descends_from(line.read, line.stores[3], line.live)


def test_what_can_not_be_further_back_is_not_looked_for_there(line: Line) -> None:
    since = TODAY - timedelta(days=2.5)
    assert not descends_from(line.read, line.live, "memstore_other", since=since)
    assert len(line.reads) == 3
    assert descends_from(line.read, line.live, line.stores[-3], since=since)


def test_an_output_was_adopted_where_the_live_store_is_it_or_came_of_it(line: Line) -> None:
    assert was_adopted(line.read, line.live, line.live)
    assert was_adopted(line.read, line.stores[-3], line.live)
    rejected = line.heir(line.stores[-2], days_ago=1)
    line.reads.clear()
    assert not was_adopted(line.read, rejected, line.live)
    assert len(line.reads) < 5


def test_only_the_stores_that_were_live_since_a_moment_are_read(line: Line) -> None:
    assert ids_since(line.read, line.live, TODAY - timedelta(days=3.5)) == set(line.stores[-5:])
    assert len(line.reads) == 4


def test_after_a_restore_both_lines_are_followed_and_each_store_is_read_once(line: Line) -> None:
    restored = line.heir(line.live, days_ago=0, content=line.stores[5])
    assert ids_since(line.read, restored, TODAY - timedelta(days=300)) == {restored, *line.stores}
    assert sorted(line.reads) == sorted([restored, *line.stores])
    assert [store.id for store in walk_parents(line.read, restored)] == [restored, *line.stores[::-1]]
    assert [store.id for store in walk_content(line.read, restored)] == [restored, *line.stores[5::-1]]


def test_a_walk_ends_where_a_store_is_gone_and_knows_its_name(line: Line) -> None:
    gone = line.stores[7]
    del line.held[gone]
    assert [store.id for store in walk_parents(line.read, line.live)] == line.stores[:7:-1]
    assert descends_from(line.read, line.live, gone)
    assert was_adopted(line.read, gone, line.live)
    assert ids_since(line.read, line.live, TODAY - timedelta(days=300)) == set(line.stores[7:])


def test_a_circle_that_somebody_made_by_hand_has_an_end(line: Line) -> None:
    line.put(
        store(line.stores[0], dreamflow_parent=line.live, dreamflow_adopted_at=TODAY.isoformat()),
    )
    assert ids_since(line.read, line.live, TODAY - timedelta(days=300)) == set(line.stores)
    assert not descends_from(line.read, line.live, "memstore_elsewhere")
