"""A fleet's night: one budget over all members, held exactly, whatever dies on the way and however many ask at once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.core.fleets import Member, Roster
from dreamflow.core.objects import TokenUsage
from dreamflow.core.turns import LEFT_OUT
from dreamflow.errors import BudgetExceeded, StateError
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import DreamNote
from dreamflow.records.rosters import note_roster
from dreamflow.steps.fleet_ledger import FleetLedger, night_share
from dreamflow.steps.ledger import (
    check_budget,
    enter_in_night,
    note_usage,
    remaining_budget,
    why_night_is_over,
)
from dreamflow.steps.roster import shard_of
from dreamflow.steps.world import World
from tests.unit.support import at, dream

MOST = 100
NIGHT = "scheduled__1"


class Files(dict[str, str]):
    """A storage in memory."""

    def read_text(self, uri: str, /) -> str:
        if uri not in self:
            raise FileNotFoundError(uri)
        return self[uri]

    def write_text(self, uri: str, text: str, /) -> None:
        self[uri] = text

    def create_text(self, uri: str, text: str, /) -> None:
        if uri in self:
            raise FileExistsError(uri)
        self[uri] = text

    def delete(self, uri: str, /) -> None:
        self.pop(uri, None)

    def delete_folder(self, uri: str, /) -> None: ...

    def list_names(self, uri: str, /) -> list[str]:
        return sorted(
            {name.removeprefix(f"{uri}/").split("/")[0] for name in list(self) if name.startswith(f"{uri}/")}
        )

    def modified_at(self, uri: str, /) -> datetime | None:
        return None

    def version_of(self, uri: str, /) -> None: ...


def pipeline_of(
    tokens: int | None = None, dreams: int | None = None, shards: int = 1, most: int = MOST
) -> Pipeline:
    return Pipeline.model_validate(
        {
            "name": "customers",
            "fleet": {"deployments": {"name": "customer-*"}, "shards": shards},
            "dream": {"budget": {"tokens": most}},
            "night": {"budget": {"tokens": tokens}, "dreams": dreams},
        }
    )


class Shard:
    """One shard of a fleet's run, at work on its members."""

    def __init__(
        self,
        pipeline: Pipeline,
        members: Iterable[str],
        files: Any = None,
        run_id: str = NIGHT,
        shard: int = 0,
    ) -> None:
        self.pipeline, self.members, self.run_id = pipeline, list(members), run_id
        self.fleet = Records(Files() if files is None else files, "mem:/", "customers")
        self.shard = shard
        self.open()

    def open(self) -> None:
        """As each task does, and each try of it."""
        share = night_share(self.pipeline, self.fleet, NIGHT, self.shard)
        self.ledger = FleetLedger.open(self.pipeline, self.fleet, self.members, NIGHT, share)

    def run_of(self, member_id: str) -> RunRecords:
        return self.fleet.member(member_id).run(self.run_id)

    def world(self, member_id: str) -> World:
        """Return a member's world, in which nothing asks the service."""
        own = self.pipeline.of_member(Member(id=member_id))
        return World(own, cast("Any", None), (), self.fleet.member(member_id), ledger=self.ledger)

    def admit(self, candidates: Iterable[str]) -> dict[str, str]:
        return self.ledger.admit({one: self.run_of(one).journal() for one in candidates})

    def ask(self, member_id: str) -> None:
        """Ask whether a dream may be created, and note that it is about to be."""
        run = self.run_of(member_id)
        run.note(night=NIGHT)
        check_budget(self.world(member_id), run)
        run.open(DreamNote(input_store_id="memstore_1", asked="x"))

    def create(self, member_id: str) -> str:
        """Have the reply to a create."""
        run, dream_id = self.run_of(member_id), f"drm_{len(self.fleet.storage.list_names('drm'))}"
        self.fleet.storage.write_text(f"drm/{dream_id}", "")
        *before, note = run.journal().dreams
        run.note(dreams=(*before, note.model_copy(update={"dream_id": dream_id})))
        enter_in_night(self.world(member_id), run.journal(), dream_id)
        return dream_id

    def end(self, member_id: str, dream_id: str, tokens: int) -> None:
        ended = dream(dream_id, "failed", usage=TokenUsage(input_tokens=tokens))
        note_usage(self.world(member_id), self.run_of(member_id), ended, None)

    def left(self, member_id: str) -> int:
        left = remaining_budget(self.world(member_id), self.run_of(member_id)).tokens
        assert left is not None
        return left


MEMBERS = [f"depl_{number}" for number in range(12)]


@settings(max_examples=60)
@given(st.data())
def test_a_nights_budget_holds_over_all_members_runs_and_deaths(data: st.DataObject) -> None:
    """What was used, with what the dreams in flight may use, is never above it."""
    shards = data.draw(st.integers(1, 3))
    tokens = data.draw(st.integers(MOST * shards, 900))
    dreams = data.draw(st.none() | st.integers(shards, 9))
    pipeline, files = pipeline_of(tokens, dreams, shards), Files()
    used, created = 0, 0
    in_flight: dict[str, tuple[Shard, str]] = {}

    def check() -> None:
        may_use = sum(shard.left(member_id) for shard, member_id in in_flight.values())
        assert used + may_use <= tokens
        assert dreams is None or created <= dreams

    for run_id in (NIGHT, "catch_up_1__x"):
        asked = data.draw(st.lists(st.sampled_from(MEMBERS), unique=True))
        sizes = tuple(sum(shard_of(m, shards) == shard for m in asked) for shard in range(shards))
        every = [
            Shard(pipeline, (m for m in asked if shard_of(m, shards) == shard), files, run_id, shard)
            for shard in range(shards)
        ]
        for shard in every:
            note_roster(shard.fleet, run_id, shard.shard, Roster(sizes=sizes))
            shard.open()
            left_out = shard.admit(shard.members)
            admitted = [m for m in shard.members if m not in left_out]
            for member_id in data.draw(st.permutations(admitted)):
                shard.ask(member_id)  # who was admitted is never refused
                if data.draw(st.integers(0, 3)) == 0:
                    # The task dies before the reply is noted, and another try goes on: with the same members.
                    shard.open()
                    assert shard.admit(shard.members) == left_out
                dream_id = shard.create(member_id)
                created += 1
                in_flight[dream_id] = (shard, member_id)
                check()
        for dream_id in data.draw(st.permutations(list(in_flight))):
            shard, member_id = in_flight[dream_id]
            shard.open()
            spent = data.draw(st.integers(0, shard.left(member_id)))
            shard.end(member_id, dream_id, spent)
            used += spent
            del in_flight[dream_id]
            check()
            if data.draw(st.booleans()):
                try:
                    shard.ask(member_id)
                except BudgetExceeded:
                    continue
                again = shard.create(member_id)
                created += 1
                spent = data.draw(st.integers(0, shard.left(member_id)))
                shard.end(member_id, again, spent)
                used += spent
                check()


def test_those_who_ask_at_once_get_what_there_is_and_no_more() -> None:
    many = [f"depl_{number}" for number in range(200)]
    shard = Shard(pipeline_of(tokens=MOST * 37 + MOST - 1), many)

    def ask(member_id: str) -> bool:
        try:
            shard.ask(member_id)
        except BudgetExceeded as e:
            assert "night.budget has no room for another" in str(e)
            return False
        shard.create(member_id)
        return True

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(ask, many)) == 37
    shard.open()
    assert shard.ledger.spent().tokens == MOST * 37


def test_who_was_left_out_comes_first_the_next_night() -> None:
    shard = Shard(pipeline_of(tokens=MOST * 5), MEMBERS)
    ready, idle = MEMBERS[:8], MEMBERS[8:]
    assert shard.admit(ready) == {"depl_5": LEFT_OUT, "depl_6": LEFT_OUT, "depl_7": LEFT_OUT}
    shard.ledger.admit({one: shard.run_of(one).journal() for one in ready}, idle)
    shard.ledger.note_turns(at(0))
    shard.open()
    assert list(shard.admit(MEMBERS)) == sorted(
        {*MEMBERS} - {"depl_5", "depl_6", "depl_7", "depl_0", "depl_1"}
    )


def test_who_was_new_and_left_out_waits_from_that_night_though_the_launch_took_two_tries() -> None:
    shard = Shard(pipeline_of(MOST * 5), MEMBERS)
    left_out = shard.admit(MEMBERS)
    assert len(left_out) == 7
    shard.ledger.note_turns(at(0))
    shard.open()
    shard.admit(["depl_0"])  # all others are finished
    shard.ledger.note_turns(at(1))
    shard.open()
    assert not shard.admit(MEMBERS).keys() & set(sorted(left_out)[:5])


def test_turns_outlast_another_number_of_shards() -> None:
    files = Files()
    for number in range(2):
        own = [one for one in MEMBERS if shard_of(one, 2) == number]
        shard = Shard(pipeline_of(MOST * 12, shards=2), own, files, shard=number)
        shard.admit(own[1:])
        shard.ledger.note_turns(at(number))
    missed = [next(one for one in MEMBERS if shard_of(one, 2) == number) for number in range(2)]
    both = Shard(pipeline_of(MOST * 10), MEMBERS, files, "next")
    both.ledger.admit({}, missed)
    both.ledger.note_turns(at(2) + timedelta(hours=1))
    assert set(both.admit(MEMBERS)) == set(missed)


def test_turns_that_cannot_be_read_stop_nobody() -> None:
    files = Files({"mem://customers/turns/0.json": '{"depl_1": "2026-12-0'})
    shard = Shard(pipeline_of(), MEMBERS, files)
    assert shard.admit(MEMBERS) == {}
    shard.ledger.note_turns(at(0))
    shard.admit(MEMBERS)


def test_members_that_are_not_in_this_run_or_are_gone_count_in_its_night() -> None:
    files = Files()
    first = Shard(pipeline_of(MOST * 2), ["depl_gone"], files)
    first.admit(["depl_gone"])
    first.ask("depl_gone")
    first.end("depl_gone", first.create("depl_gone"), MOST)
    follow_up = Shard(pipeline_of(MOST * 2), ["depl_1", "depl_2"], files, "catch_up_1__x")
    assert follow_up.admit(["depl_1", "depl_2"]) == {"depl_2": LEFT_OUT}


def test_a_members_night_that_cannot_be_read_fails_it_alone_and_counts_as_the_most_it_may() -> None:
    files = Files({"mem://customers/members/depl_0/nights/scheduled__1.json": '{"drm_1": {"tok'})
    shard = Shard(pipeline_of(MOST * 6), MEMBERS, files)
    assert shard.ledger.spent().tokens == 4 * MOST
    assert len(shard.admit(["depl_1", "depl_2", "depl_3"])) == 1
    shard.ask("depl_1")
    with pytest.raises(StateError, match="depl_0"):
        shard.ask("depl_0")


def test_a_member_has_no_more_dreams_a_night_than_a_pipeline_by_itself() -> None:
    shard = Shard(pipeline_of(), ["depl_1"])
    for _ in range(4):
        shard.ask("depl_1")
        shard.end("depl_1", shard.create("depl_1"), 1)
    with pytest.raises(BudgetExceeded, match="4 dreams, as many as a member may have"):
        shard.ask("depl_1")


@pytest.mark.parametrize(
    ("settings_", "why"),
    [
        ({"tokens": MOST * 2}, "have used, or may yet use, 150 tokens"),
        ({"dreams": 2}, "2 dreams of all members"),
    ],
)
def test_a_night_without_room_for_another_dream_is_over(settings_: dict[str, int], why: str) -> None:
    shard = Shard(pipeline_of(**settings_), ["depl_1", "depl_2"])
    for one, tokens in (("depl_1", MOST), ("depl_2", 50)):
        assert why_night_is_over(shard.pipeline, shard.fleet.member(one), NIGHT, shard.ledger) is None
        shard.ask(one)
        shard.end(one, shard.create(one), tokens)
    said = why_night_is_over(shard.pipeline, shard.fleet.member("depl_1"), NIGHT, shard.ledger)
    assert said is not None
    assert why in said


def test_a_fleet_without_limits_reads_no_members_night(tmp_path: Path) -> None:
    fleet = Records(storage, f"file://{tmp_path}", "customers")
    fleet.member("depl_0").note_in_night(NIGHT, "drm_1", 5)
    ledger = FleetLedger.open(
        pipeline_of(), fleet, MEMBERS, NIGHT, night_share(pipeline_of(), fleet, NIGHT, 0)
    )
    assert ledger.spent().dreams == 0
    bounded = pipeline_of(tokens=MOST)
    ledger = FleetLedger.open(bounded, fleet, MEMBERS, NIGHT, night_share(bounded, fleet, NIGHT, 0))
    assert ledger.spent().tokens == 5


def test_a_budget_that_is_raised_gives_a_dream_in_flight_no_more_than_was_kept_for_it() -> None:
    shard = Shard(pipeline_of(MOST * 2), ["depl_1"])
    shard.ask("depl_1")
    shard.create("depl_1")
    shard.pipeline = pipeline_of(MOST * 2, most=MOST * 2)
    shard.open()
    assert shard.left("depl_1") == MOST
