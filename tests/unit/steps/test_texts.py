"""The texts of a store's memories, from the real store."""

from __future__ import annotations

import pytest

from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.steps.texts import Texts
from tests.unit.service import Service

CONTENTS = {f"/{n:02}.md": f"memory {n}\r\n" for n in range(45)}


def test_texts_come_in_the_order_asked_for_as_they_were_listed(
    service: Service, hook: ManagedAgentsHook
) -> None:
    store_id = service.store(CONTENTS)
    texts = Texts(hook, store_id, hook.list_memories(store_id))
    service.put(store_id, "/07.md", "written since")
    service.remove(store_id, "/08.md")
    wanted = sorted(CONTENTS, reverse=True)
    assert list(texts.each(wanted)) == [(path, CONTENTS[path]) for path in wanted]
    assert dict(texts.any_order(wanted)) == CONTENTS
    assert texts.get("/07.md") == CONTENTS["/07.md"]


def test_what_was_fetched_is_kept_while_there_is_room(service: Service, hook: ManagedAgentsHook) -> None:
    store_id = service.store(CONTENTS)
    listing = hook.list_memories(store_id)
    roomy, small = (Texts(hook, store_id, listing, room=room) for room in (10_000, 40))
    for texts in (roomy, small):
        for _ in range(3):
            assert dict(texts.each(sorted(CONTENTS))) == CONTENTS
    assert roomy.fetched == 45
    assert 90 < small.fetched <= 135


def test_texts_fetched_from_two_stores_in_turn_stand_side_by_side(
    service: Service, hook: ManagedAgentsHook
) -> None:
    stores = [service.store(CONTENTS), service.store(dict.fromkeys(CONTENTS, "x"))]
    before, after = (Texts(hook, store_id, hook.list_memories(store_id)) for store_id in stores)
    for (path, old), (other, new) in zip(before.each([*CONTENTS]), after.each([*CONTENTS]), strict=True):
        assert (path, old, new) == (other, CONTENTS[path], "x")


def test_a_path_that_the_store_does_not_have_is_an_error(service: Service, hook: ManagedAgentsHook) -> None:
    store_id = service.store({"/a.md": "x"})
    with pytest.raises(KeyError):
        Texts(hook, store_id, hook.list_memories(store_id)).get("/b.md")
