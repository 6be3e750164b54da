"""Carrying late writes: nothing that reached the input is lost, and a second try knows its own writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.changes import digest
from dreamflow.core.late_writes import MEMORIES_LIMIT, Carried, Carry, plan_carry, rebased, without_carried
from dreamflow.core.objects import Listing, MemoryEntry
from tests.unit.support import CONTENTS, PATHS, STORES, listing_of

Contents = dict[str, str]


def applied(output: Listing, writes: Iterable[Carry]) -> dict[str, MemoryEntry]:
    """Return the output with the writes done, each of which must find what it expects."""
    held = dict(output)
    for write in writes:
        found = held[write.path].sha256 if write.path in held else None
        assert found == write.expected_sha256
        if write.source is None:
            del held[write.path]
        else:
            held[write.path] = write.source
    return held


def shas(listing: Listing) -> dict[str, str]:
    return {path: entry.sha256 for path, entry in listing.items()}


class TestPlanCarry:
    @given(STORES, STORES, STORES)
    def test_every_late_write_is_in_the_output_or_in_a_conflict(
        self, base: Contents, current: Contents, output: Contents
    ) -> None:
        plan = plan_carry(listing_of(base), listing_of(current), listing_of(output))
        result = shas(applied(listing_of(output), plan.writes))
        wanted = shas(listing_of(current))
        for path in base.keys() | current.keys():
            if base.get(path) != current.get(path):
                assert path in plan.conflicts or result.get(path) == wanted.get(path)

    @given(STORES, STORES, STORES)
    def test_what_the_input_did_not_change_stays_as_it_was_reviewed(
        self, base: Contents, current: Contents, output: Contents
    ) -> None:
        plan = plan_carry(listing_of(base), listing_of(current), listing_of(output))
        late = {path for path in base.keys() | current.keys() if base.get(path) != current.get(path)}
        assert {write.path for write in plan.writes} | set(plan.conflicts) <= late

    @given(STORES, STORES, STORES)
    def test_it_is_a_conflict_exactly_where_both_sides_changed_a_memory_differently(
        self, base: Contents, current: Contents, output: Contents
    ) -> None:
        plan = plan_carry(listing_of(base), listing_of(current), listing_of(output))
        assert set(plan.conflicts) == {
            path
            for path in base.keys() | current.keys() | output.keys()
            if len({base.get(path), current.get(path), output.get(path)}) == 3
            or (base.get(path) != current.get(path) == base.get(path) != output.get(path))
        }
        assert not set(plan.conflicts) & {write.path for write in plan.writes}

    @given(STORES, STORES)
    def test_an_input_that_nobody_wrote_to_brings_nothing(self, base: Contents, output: Contents) -> None:
        plan = plan_carry(listing_of(base), listing_of(base), listing_of(output))
        assert (plan.writes, plan.conflicts) == ((), ())

    @given(STORES, STORES, STORES)
    def test_planning_again_after_all_was_written_brings_nothing(
        self, base: Contents, current: Contents, output: Contents
    ) -> None:
        first = plan_carry(listing_of(base), listing_of(current), listing_of(output))
        done = applied(listing_of(output), first.writes)
        again = plan_carry(listing_of(base), listing_of(current), done)
        assert (again.writes, again.conflicts) == ((), first.conflicts)

    def test_each_write_says_what_it_does(self) -> None:
        plan = plan_carry(
            listing_of({"/changed": "1", "/gone": "1"}),
            listing_of({"/changed": "2", "/new": "1"}),
            listing_of({"/changed": "1", "/gone": "1"}),
        )
        assert [(write.path, write.kind) for write in plan.writes] == [
            ("/gone", "delete"),
            ("/changed", "update"),
            ("/new", "create"),
        ]


class TestOverflow:
    @pytest.mark.parametrize(("new", "over"), [(0, 0), (5, 0), (6, 1), (8, 3)])
    def test_it_tells_by_how_many_memories_a_store_would_be_too_full(self, new: int, over: int) -> None:
        output = listing_of({f"/{i}": "x" for i in range(MEMORIES_LIMIT - 4)})
        base = {"/0": "x"}
        current = {f"/new{i}": "x" for i in range(new)}
        plan = plan_carry(listing_of(base), listing_of(current), output)
        assert plan.overflow(output) == over

    def test_a_full_store_is_never_written_over_its_limit_on_the_way(self) -> None:
        output = listing_of({f"/{i}": "x" for i in range(MEMORIES_LIMIT)})
        plan = plan_carry(listing_of({"/9": "x"}), listing_of({"/0new": "x"}), output)
        assert plan.overflow(output) == 0
        held = len(output)
        for write in plan.writes:
            held += {"create": 1, "delete": -1}.get(write.kind, 0)
            assert held <= MEMORIES_LIMIT


@dataclass
class Attempts:
    """The stores and notes of one run whose carry is tried again and again, as a reader of DESIGN expects them."""

    base: Mapping[str, MemoryEntry]
    output: Mapping[str, MemoryEntry]
    notes: list[Carried] = field(default_factory=list)

    def attempt(self, current: Listing, *, survives: int) -> tuple[str, ...] | None:
        """Try to carry; die after ``survives`` writes. Return the conflicts, or None where it died."""
        base = rebased(self.base, self.notes, self.output)
        plan = plan_carry(base, current, self.output)
        if plan.conflicts:
            return plan.conflicts
        self.notes += [write.carried() for write in plan.writes]
        self.output = applied(self.output, plan.writes[:survives])
        if survives < len(plan.writes):
            return None
        self.base = current
        return ()


LATE_WRITES = st.lists(
    st.tuples(st.dictionaries(PATHS, st.none() | CONTENTS, max_size=3), st.integers(0, 4)), max_size=6
)


class TestTryingAgain:
    @given(STORES, STORES, LATE_WRITES)
    def test_a_run_that_died_at_any_write_recognises_what_was_reviewed_and_never_meets_its_own_writes(
        self, base: Contents, reviewed: Contents, tries: list[tuple[dict[str, str | None], int]]
    ) -> None:
        run = Attempts(listing_of(base), listing_of(reviewed))
        dreamed = {path for path in base.keys() | reviewed.keys() if base.get(path) != reviewed.get(path)}
        current: Contents = dict(base)
        for changes, survives in tries:
            current = {
                path: content for path, content in {**current, **changes}.items() if content is not None
            }
            conflicts = run.attempt(listing_of(current), survives=survives)
            assert digest(without_carried(run.output, run.notes)) == digest(listing_of(reviewed))
            assert set(conflicts or ()) <= dreamed
        conflicts = run.attempt(listing_of(current), survives=99)
        assert conflicts is not None
        assert digest(without_carried(run.output, run.notes)) == digest(listing_of(reviewed))
        if not conflicts:
            held, wanted = shas(run.output), shas(listing_of(current))
            undreamed = (held.keys() | wanted.keys()) - dreamed
            assert {path: held.get(path) for path in undreamed} == {
                path: wanted.get(path) for path in undreamed
            }

    @given(STORES, st.lists(STORES, min_size=1, max_size=4), st.data())
    def test_a_dream_that_changed_nothing_takes_every_late_write_however_often_the_carry_dies(
        self, base: Contents, inputs: list[Contents], data: st.DataObject
    ) -> None:
        run = Attempts(listing_of(base), listing_of(base))
        for current in inputs:
            run.attempt(listing_of(current), survives=data.draw(st.integers(0, 5)))
        assert run.attempt(listing_of(inputs[-1]), survives=99) == ()
        assert shas(run.output) == shas(listing_of(inputs[-1]))

    @given(STORES, STORES, STORES)
    def test_writes_that_were_noted_but_never_done_change_nothing(
        self, base: Contents, current: Contents, output: Contents
    ) -> None:
        plan = plan_carry(listing_of(base), listing_of(current), listing_of(output))
        notes = [write.carried() for write in plan.writes]
        assert shas(without_carried(listing_of(output), notes)) == shas(listing_of(output))
        assert shas(rebased(listing_of(base), notes, listing_of(output))) == shas(listing_of(base))

    @given(st.builds(Carried, st.text(), st.none() | st.text(), st.none() | st.text()))
    def test_a_noted_write_comes_back_from_the_plan_as_it_was(self, write: Carried) -> None:
        assert Carried(**write.to_json()) == write
