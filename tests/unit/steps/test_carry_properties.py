"""
Whatever agents and a dream do, and wherever the process dies: no line is lost, and a second try ends the same.

Every line of these stores is written once, so that each can be followed. The stores are models; the steps are real.
"""

from __future__ import annotations

import re
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.core.changes import digest
from dreamflow.core.late_writes import without_carried
from dreamflow.errors import NotYet
from dreamflow.records.files import Records, RunRecords
from dreamflow.steps import sides
from dreamflow.steps.carry import CarryResult, carry_since
from tests.unit.model_store import ModelFiles, ModelService, ModelStore
from tests.unit.service import Killed

PATHS = [f"/{name}.md" for name in "abcd"]
BASE = {path: "".join(f"{path} says {n} of the old\n" for n in range(3)) for path in PATHS[:3]} | {
    "/index.md": "# Index\n"
}

#: One deed: what, where, and a number that chooses among what there is.
DEED = st.tuples(
    st.sampled_from(["append", "prepend", "edit", "cut", "create", "rename", "delete", "swap"]),
    st.integers(0, 3),
    st.integers(0, 3),
)
DEEDS = st.lists(DEED, max_size=6)
PIPELINE = SimpleNamespace(checks=SimpleNamespace(protect=()))


@dataclass
class Writer:
    """Does deeds to a store, each line that it writes being one that nobody else writes."""

    name: str
    written: int = 0

    def line(self) -> str:
        self.written += 1
        return f"{self.name} wrote {self.written} {'xyz'[self.written % 3] * 4}\n"

    def do(self, store: ModelStore, deeds: list[tuple[str, int, int]]) -> None:
        for what, where, which in deeds:
            path, other = PATHS[where], PATHS[which]
            if what == "create" or path not in store.held:
                if path not in store.held:
                    store.put(path, self.line())
                continue
            lines = store.contents[path].splitlines(keepends=True)
            match what:
                case "append":
                    store.put(path, "".join([*lines, self.line()]))
                case "prepend":
                    store.put(path, "".join([self.line(), *lines]))
                case "edit" if lines:
                    lines[which % len(lines)] = self.line()
                    store.put(path, "".join(lines))
                case "cut" if lines:
                    del lines[which % len(lines)]
                    store.put(path, "".join(lines))
                case "rename" if other not in store.held:
                    store.rename(path, other)
                case "swap" if other in store.held and other != path:
                    store.rename(path, "/temporary.md")
                    store.rename(other, path)
                    store.rename("/temporary.md", other)
                case "delete":
                    store.remove(path)


class Night:
    """An input, its copy that a dream has worked on, and a run that carries from one to the other."""

    def __init__(self, dreamed: list[tuple[str, int, int]]) -> None:
        self.service = ModelService()
        self.input, self.agent, self.dream = self.service.store(BASE), Writer("agent"), Writer("dream")
        self.run = RunRecords(Records(ModelFiles(self.service), "file:///reports", "support"), "manual__1")
        self.run.write_listing("base", self.input.id, self.service.list_memories(self.input.id))
        self.output = self.service.store(BASE)
        self.dream.do(self.output, dreamed)
        self.reviewed = digest(self.service.list_memories(self.output.id))

    def carry(self, dies_after: int | None = None) -> CarryResult | None:
        """Carry; None where the process was killed."""
        world: Any = SimpleNamespace(hook=self.service, pipeline=PIPELINE)
        store: Any = SimpleNamespace(id=self.input.id, archived_at=None)

        def check(output: Any, earlier: Any) -> None:
            assert digest(without_carried(output, earlier)) == self.reviewed

        self.service.deeds = dies_after
        try:
            return carry_since(world, self.run, store, self.output.id, "plan", check)
        except Killed:
            return None
        finally:
            self.service.deeds = None


def lines_of(store: ModelStore) -> list[str]:
    """Return the lines of a store that somebody wrote, in all its memories."""
    text = "\n".join(store.contents.values())
    return re.findall(r"^(?:\w+ wrote|/\w\.md says).*$", text, re.MULTILINE)


@given(DEEDS, DEEDS)
def test_no_line_that_stands_on_one_side_is_lost_and_none_is_doubled(
    dreamed: list[tuple[str, int, int]], late: list[tuple[str, int, int]]
) -> None:
    night = Night(dreamed)
    night.agent.do(night.input, late)
    stood = lines_of(night.output)
    night.carry()
    held = lines_of(night.output)
    new = {line for line in lines_of(night.input) if line.startswith("agent")}
    own = {line for line in stood if line.startswith("dream")}
    both = set(stood) & set(lines_of(night.input))
    assert new | own | both <= set(held)
    assert len(held) == len(set(held))


@given(DEEDS)
def test_what_only_the_input_did_is_done_to_the_output(late: list[tuple[str, int, int]]) -> None:
    night = Night([])
    night.agent.do(night.input, late)
    night.carry()
    assert night.output.contents == night.input.contents


@given(DEEDS, DEEDS)
def test_what_was_carried_is_taken_for_carried(
    dreamed: list[tuple[str, int, int]], late: list[tuple[str, int, int]]
) -> None:
    night = Night(dreamed)
    night.agent.do(night.input, late)
    first = night.carry()
    was, clock = night.output.contents, night.service.clock
    again = night.carry()
    assert (night.output.contents, night.service.clock) == (was, clock)
    assert first is not None and again is not None
    assert (again.carried, again.notes) == (first.carried, first.notes)
    assert digest(again.expected) == digest(night.service.list_memories(night.output.id))


@given(DEEDS, DEEDS, st.integers(0, 12), st.sampled_from([200, 24_000_000]))
def test_a_plan_that_was_applied_in_part_ends_the_same(
    dreamed: list[tuple[str, int, int]], late: list[tuple[str, int, int]], dies_after: int, chunk: int
) -> None:
    night = Night(dreamed)
    night.agent.do(night.input, late)
    undisturbed = deepcopy(night)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sides, "CHUNK_BYTES", chunk)
        expected = undisturbed.carry()
        night.carry(dies_after)
        result = night.carry()
    assert night.output.contents == undisturbed.output.contents
    assert result is not None and expected is not None
    assert sorted(result.carried, key=str) == sorted(expected.carried, key=str)
    assert result.notes == expected.notes == night.run.journal().late


@given(DEEDS, DEEDS, st.lists(st.tuples(DEEDS, st.integers(0, 12)), max_size=3))
def test_late_writes_between_tries_are_in_the_output_too(
    dreamed: list[tuple[str, int, int]], late: list[tuple[str, int, int]], tries: list[tuple[Any, int]]
) -> None:
    night = Night(dreamed)
    night.agent.do(night.input, late)
    own = {line for line in lines_of(night.output) if line.startswith("dream")}
    for more, dies_after in tries:
        night.carry(dies_after)
        night.agent.do(night.input, more)
    night.carry()
    held = lines_of(night.output)
    assert own | {line for line in lines_of(night.input) if line.startswith("agent")} <= set(held)
    assert len(held) == len(set(held))


@example([("append", 0, 0)], [([("delete", 0, 0)], [], 2), ([], [("append", 0, 0)], None)])
@example([], [([("swap", 0, 1)], [], 2), ([], [("append", 0, 0)], None)])
@given(DEEDS, st.lists(st.tuples(DEEDS, DEEDS, st.none() | st.integers(0, 8)), min_size=1, max_size=4))
def test_while_agents_write_to_both_stores_no_line_of_either_is_lost_or_doubled(
    dreamed: list[tuple[str, int, int]], rounds: list[tuple[Any, Any, int | None]]
) -> None:
    """As from the swap until the old store is archived; some of the carries die."""
    night, new = Night(dreamed), Writer("new")
    night.carry()
    own = {line for line in lines_of(night.output) if line.startswith("dream")}
    taken: set[str] = set()
    for late, theirs, dies_after in [*rounds, ([], [], None)]:
        night.agent.do(night.input, late)
        before = set(lines_of(night.output))
        new.do(night.output, theirs)
        after = set(lines_of(night.output))
        # What the new agents take away is gone, whoever wrote it.
        taken |= before - after
        own = (own | {line for line in after if line.startswith("new")}) - taken
        carry_again(night, dies_after)
        if dies_after is None:
            held = lines_of(night.output)
            agents = {line for line in lines_of(night.input) if line.startswith("agent")}
            assert own | (agents - taken) <= set(held)
            assert len(held) == len(set(held))


@given(DEEDS, st.lists(st.tuples(DEEDS, DEEDS, st.integers(0, 8)), min_size=1, max_size=4))
def test_while_agents_write_in_the_midst_of_carries_no_line_is_lost_doubled_or_written_again(
    dreamed: list[tuple[str, int, int]], rounds: list[tuple[Any, Any, int]]
) -> None:
    """They write to memories, pages below /late/ and the index of the live store; some tries meet a conflict."""
    night, new, taken = Night(dreamed), Writer("new"), set[str]()
    own = {line for line in lines_of(night.output) if line.startswith("dream")}

    def write(deeds: list[tuple[str, int, int]]) -> None:
        before = set(lines_of(night.output))
        for what, where, which in deeds:
            path = f"/late{PATHS[where]}" if which % 2 else "/index.md"
            if what in ("append", "create"):
                night.output.put(path, night.output.contents.get(path, "") + new.line())
            else:
                new.do(night.output, [(what, where, which)])
        after = set(lines_of(night.output))
        taken.update(before - after)
        own.update(line for line in after if line.startswith("new"))

    for late, theirs, meets_at in rounds:
        night.agent.do(night.input, late)
        night.service.meets = partial(write, theirs)
        carry_again(night, meets_at)
    night.service.meets = None
    carry_again(night)
    held = lines_of(night.output)
    own |= {line for line in lines_of(night.input) if line.startswith("agent")}
    assert own - taken <= set(held)
    assert len(held) == len(set(held))
    memories = (text for path, text in night.output.contents.items() if not path.startswith("/late/"))
    assert taken.isdisjoint(line for text in memories for line in text.splitlines())
    assert night.run.read_plan("plan").units == ()


@given(DEEDS, DEEDS, st.integers(0, 12))
def test_what_an_agent_undid_on_the_live_store_is_not_done_again(
    dreamed: list[tuple[str, int, int]], late: list[tuple[str, int, int]], dies_after: int
) -> None:
    night = Night(dreamed)
    night.agent.do(night.input, late)
    before = night.output.contents
    if night.carry(dies_after) is not None:
        return
    undone = {path for path, content in night.output.contents.items() if before.get(path) != content}
    for path in undone:
        if path in before:
            night.output.put(path, before[path], "session sesn_2")
    night.reviewed = ""
    was = {path: night.output.contents[path] for path in undone if path in before}
    carry_again(night)
    held = night.output.contents
    assert {path: held.get(path) for path in was} == was


def carry_again(night: Night, dies_after: int | None = None) -> None:
    """Carry into a store that agents write to: nothing is compared with a review."""
    world: Any = SimpleNamespace(hook=night.service, pipeline=PIPELINE)
    store: Any = SimpleNamespace(id=night.input.id, archived_at=None)
    night.service.deeds = dies_after
    with suppress(Killed, NotYet):
        carry_since(world, night.run, store, night.output.id, "plan")
    night.service.deeds = None
