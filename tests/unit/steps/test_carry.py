"""Writing late writes to the real service, whatever others write at the same moment."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import pytest

from dreamflow.core.draft import MEMORIES_LIMIT
from dreamflow.errors import StateError
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service, writes
from tests.unit.support import listing_of


def test_an_output_without_room_is_refused_with_the_number(
    service: Service, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = night_of(service, location, {}, {}, late={"/new1": "x", "/new2": "x"})
    full = listing_of({f"/{i}": "x" for i in range(MEMORIES_LIMIT)})
    asked = ManagedAgentsHook.list_memories

    def listed(hook: ManagedAgentsHook, store_id: str) -> Mapping[str, object]:
        return full if store_id == night.output_id else asked(hook, store_id)

    monkeypatch.setattr(ManagedAgentsHook, "list_memories", listed)
    night.decide()
    with pytest.raises(
        StateError, match=rf"{night.output_id} would hold 2 memories more than the 2000.*Delete"
    ):
        night.carry()
    assert writes(night.wire.requests) == []
    assert night.named() == ["input", "input"]


def before_it_is_read(night: Night, late: Mapping[str, str | None]) -> None:
    """Let sessions go on writing to the input once it was listed, and before any memory of it is read."""

    def interfere(number: int, request: httpx2.Request) -> None:
        if f"/{night.input_id}/memories/" in request.url.path:
            night.wire.before = lambda number, request: None
            write_late(night, late)

    night.wire.before = interfere


def test_writes_take_the_bytes_that_were_planned_even_where_the_input_goes_on(
    service: Service, location: str
) -> None:
    late: dict[str, str | None] = {"/a.md": "late", "/b.md": "late", "/c.md": None}
    night = night_of(
        service, location, {"/a.md": "old", "/c.md": "old"}, {"/a.md": "old", "/c.md": "old"}, late=late
    )
    before_it_is_read(night, {"/a.md": "even later", "/b.md": None})
    night.carry()
    assert service.contents(night.output_id) == {"/a.md": "late", "/b.md": "late"}
    night.carry()
    assert service.contents(night.output_id) == {"/a.md": "even later"}
