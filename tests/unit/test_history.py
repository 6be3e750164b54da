"""How far a store's history is followed: as far as it matters, however long it has grown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dreamflow.core.lineage import Lineage
from dreamflow.history import descends_from, ids_since
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.unit.service import Service, Wire, wired

NIGHTS = 12
TODAY = datetime(2026, 11, 21, 8, tzinfo=UTC)


class Line:
    """A store for each of many nights, each adopted a day after the one before it."""

    def __init__(self, service: Service, *, knows_origin: bool = True) -> None:
        self.service = service
        self.stores = [service.store()]
        for night in range(1, NIGHTS):
            origin = self.stores[0] if knows_origin else ""
            self.stores.append(self.heir(self.stores[-1], days_ago=NIGHTS - night, origin=origin))

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
        return self.service.store(metadata=lineage.pairs())

    @property
    def live(self) -> str:
        return self.stores[-1]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def hook(wire: Wire) -> ManagedAgentsHook:
    return wired(wire)


def requests(wire: Wire) -> int:
    return len(wire.requests)


def test_the_first_store_is_known_without_a_walk(
    service: Service, hook: ManagedAgentsHook, wire: Wire
) -> None:
    line = Line(service)
    assert descends_from(hook, line.live, line.stores[0])
    assert requests(wire) == 1


@pytest.mark.parametrize("knows_origin", [True, False])
def test_every_store_of_the_line_is_found_and_no_other(
    service: Service, hook: ManagedAgentsHook, knows_origin: bool
) -> None:
    line = Line(service, knows_origin=knows_origin)
    assert all(descends_from(hook, line.live, store_id) for store_id in line.stores)
    assert not descends_from(hook, line.live, service.store())
    assert not descends_from(hook, line.stores[3], line.live)


def test_what_can_not_be_further_back_is_not_looked_for_there(
    service: Service, hook: ManagedAgentsHook, wire: Wire
) -> None:
    line = Line(service)
    other = service.store()
    assert not descends_from(hook, line.live, other, since=TODAY - timedelta(days=2.5))
    assert requests(wire) == 3
    assert descends_from(hook, line.live, line.stores[-3], since=TODAY - timedelta(days=2.5))


def test_only_the_stores_that_were_live_since_a_moment_are_read(
    service: Service, hook: ManagedAgentsHook, wire: Wire
) -> None:
    line = Line(service)
    assert ids_since(hook, line.live, TODAY - timedelta(days=3.5)) == set(line.stores[-5:])
    assert requests(wire) == 4


def test_after_a_restore_both_lines_are_followed_and_each_store_is_read_once(
    service: Service, hook: ManagedAgentsHook, wire: Wire
) -> None:
    line = Line(service)
    restored = line.heir(line.live, days_ago=0, content=line.stores[5])
    assert ids_since(hook, restored, TODAY - timedelta(days=300)) == {restored, *line.stores}
    assert requests(wire) == NIGHTS + 1


def test_a_circle_that_somebody_made_by_hand_has_an_end(service: Service, hook: ManagedAgentsHook) -> None:
    line = Line(service)
    service.client.beta.memory_stores.update(
        line.stores[0],
        metadata={"dreamflow_parent": line.live, "dreamflow_adopted_at": TODAY.isoformat()},
    )
    assert ids_since(hook, line.live, TODAY - timedelta(days=300)) == set(line.stores)
    assert not descends_from(hook, line.live, "memstore_elsewhere")
