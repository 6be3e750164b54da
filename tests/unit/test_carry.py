"""Planning a carry and writing it to the real service."""

from __future__ import annotations

import pytest
from dreamflow.carry import apply_writes, plan_or_stop

from dreamflow.core.late_writes import MEMORIES_LIMIT, plan_carry
from dreamflow.errors import LateWriteConflict, NotYet, StateError
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.unit.service import Service
from tests.unit.support import listing_of


def test_conflicts_are_named_and_many_of_them_counted() -> None:
    base = {f"/{i:02}.md": "base" for i in range(13)}
    with pytest.raises(LateWriteConflict) as raised:
        plan_or_stop(
            "memstore_in",
            "memstore_out",
            listing_of(base),
            listing_of(dict.fromkeys(base, "late")),
            listing_of(dict.fromkeys(base, "dreamed")),
        )
    for words in (
        "memstore_in",
        "13 memories",
        "memstore_out",
        "'/00.md'",
        "'/09.md' and 3 more",
        "Nothing was written",
    ):
        assert words in str(raised.value)


def test_an_output_without_room_is_refused_with_the_number() -> None:
    full = {f"/{i}": "x" for i in range(MEMORIES_LIMIT)}
    with pytest.raises(StateError, match=r"memstore_out would hold 2 memories more than the 2000"):
        plan_or_stop(
            "memstore_in", "memstore_out", {}, listing_of({"/new1": "x", "/new2": "x"}), listing_of(full)
        )


def test_writes_take_the_bytes_that_were_planned_even_where_the_input_goes_on(
    service: Service, hook: ManagedAgentsHook
) -> None:
    source, output = (
        service.store({"/a.md": "late", "/b.md": "late"}),
        service.store({"/a.md": "old", "/c.md": "old"}),
    )
    current, held = hook.list_memories(source), hook.list_memories(output)
    base = {"/a.md": held["/a.md"], "/c.md": held["/c.md"]}
    plan = plan_carry(base, current, held)
    service.put(source, "/a.md", "even later")
    service.remove(source, "/b.md")
    apply_writes(hook, source, output, held, plan.writes)
    assert service.contents(output) == {"/a.md": "late", "/b.md": "late"}
    apply_writes(hook, source, output, held, plan.writes)


def test_a_place_that_somebody_else_wrote_to_meanwhile_is_not_overwritten(
    service: Service, hook: ManagedAgentsHook
) -> None:
    source, output = service.store({"/a.md": "late"}), service.store({"/a.md": "old"})
    current, held = hook.list_memories(source), hook.list_memories(output)
    plan = plan_carry(held, current, held)
    service.put(output, "/a.md", "theirs")
    with pytest.raises(
        NotYet, match=rf"'/a\.md' in {output} was written to while .* of {source} were carried"
    ):
        apply_writes(hook, source, output, held, plan.writes)
    assert service.contents(output) == {"/a.md": "theirs"}
