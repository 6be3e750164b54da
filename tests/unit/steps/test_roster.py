"""Who a fleet's members are tonight: who is one, who came and went, and who can't be worked on, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.core.fleets import Member, Roster
from dreamflow.errors import ServiceUnavailable, StateError, StorageUnavailable
from dreamflow.records.files import Records
from dreamflow.records.rosters import find_noted_member, noted_members, read_roster
from dreamflow.steps.roster import make_roster, shard_of
from tests.unit.service import Killed, Service, Wire, mounted, wired

ALL = {"deployments": {"name": "support-*"}}


@dataclass
class Fleet:
    """A fleet, night after night: each roster is of a run of its own, unless it is named."""

    service: Service
    location: str
    others: list[Pipeline] = field(default_factory=list)
    wire: Wire = field(default_factory=Wire)
    said: dict[str, Any] = field(default_factory=lambda: dict(ALL))
    nights: int = 0

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline.model_validate({"name": "fleet", "fleet": self.said})

    @property
    def records(self) -> Records:
        return Records(storage, self.location, "fleet")

    def member(self, name: str, *stores: str, **more: Any) -> str:
        """Make a deployment with a store of its own, or those."""
        resources = [mounted(store_id) for store_id in stores or (self.service.store(name=name),)]
        return self.service.deployment(*resources, name=name, **more)

    def roster(self, run_id: str | None = None, **more: Any) -> Roster:
        self.nights += run_id is None
        run_id = run_id or f"scheduled__{self.nights}"
        return make_roster(wired(self.wire), self.records, self.pipeline, self.others, run_id=run_id, **more)

    def names(self, **more: Any) -> list[str]:
        return sorted(member.name for member in self.roster(**more).members)


@pytest.fixture
def fleet(service: Service, location: str) -> Iterator[Fleet]:
    yield Fleet(service, location)
    # The service is that of all tests, and a pattern finds what another has left.
    deployments = service.client.beta.deployments
    for one in deployments.list():
        if one.name != "Nightly":
            deployments.archive(one.id)


def other(name: str, **more: Any) -> Pipeline:
    return Pipeline.model_validate({"name": name, **more})


class TestWhoIsAMember:
    def test_by_a_pattern_of_names(self, fleet: Fleet) -> None:
        for name in ("support-a", "support-b", "Support-c", "sales-a"):
            fleet.member(name)
        assert fleet.names() == ["support-a", "support-b"]

    def test_by_metadata_all_of_it(self, fleet: Fleet) -> None:
        fleet.member("support-a", metadata={"team": "care", "tier": "1"})
        fleet.member("support-b", metadata={"team": "care"})
        fleet.member("sales-a", metadata={"team": "care", "tier": "1", "x": "y"})
        fleet.said = {"deployments": {"metadata": {"team": "care", "tier": "1"}}}
        assert fleet.names() == ["sales-a", "support-a"]
        fleet.said = {"deployments": {"name": "support-*", "metadata": {"team": "care"}}}
        assert fleet.names() == ["support-a", "support-b"]

    def test_never_one_that_is_archived(self, fleet: Fleet) -> None:
        fleet.member("support-a")
        fleet.service.client.beta.deployments.archive(fleet.member("support-b"))
        assert fleet.names() == ["support-a"]

    def test_by_a_list_in_which_one_bad_line_is_refused_by_itself(self, fleet: Fleet, tmp_path: Path) -> None:
        one, two = fleet.member("any"), fleet.member("other")
        (tmp_path / "list.txt").write_text(
            f"# of the care team\n\n  {one}  # the first\r\n{two}\n{one}\ndepl_gone\n../{two}\n",
            encoding="utf-8",
        )
        fleet.said = {"members": f"file://{tmp_path}/list.txt"}
        roster = fleet.roster()
        assert {member.id for member in roster.members} == {one, two}
        assert roster.refused.keys() == {"depl_gone", f"../{two}"}
        assert "the workspace has no deployment depl_gone" in roster.refused["depl_gone"]
        assert "line 7" in roster.refused[f"../{two}"]

    @pytest.mark.parametrize(
        ("content", "said"),
        [(None, "is not there"), (b"\xff\xfe", "no text in UTF-8"), (b"# nobody\n", "no member")],
    )
    def test_a_list_that_can_not_be_taken_is_one_error(
        self, fleet: Fleet, tmp_path: Path, content: bytes | None, said: str
    ) -> None:
        if content is not None:
            (tmp_path / "list.txt").write_bytes(content)
        fleet.said = {"members": f"file://{tmp_path}/list.txt"}
        with pytest.raises(StateError, match=said):
            fleet.roster()

    def test_a_list_that_can_not_be_read_just_now_may_pass(self, fleet: Fleet, tmp_path: Path) -> None:
        fleet.said = {"members": f"file://{tmp_path}"}
        with pytest.raises(StorageUnavailable, match=r"fleet\.members of fleet"):
            fleet.roster()

    def test_a_fleet_of_nobody_is_an_error_not_a_quiet_night(self, fleet: Fleet) -> None:
        with pytest.raises(StateError, match=r"no deployment is what fleet\.deployments says"):
            fleet.roster()

    def test_deployments_are_listed_once(self, fleet: Fleet) -> None:
        fleet.member("support-a")
        fleet.others = [other("second", fleet={"deployments": {"name": "x"}})]
        fleet.roster()
        pages = -(-len(list(fleet.service.client.beta.deployments.list(limit=100))) // 100)
        assert fleet.wire.requests == ["GET /v1/deployments"] * pages


class TestComingAndGoing:
    def test_who_came_and_who_went_is_told_once(self, fleet: Fleet) -> None:
        one, two = fleet.member("support-a"), fleet.member("support-b")
        assert set(fleet.roster().new) == {one, two}
        fleet.service.client.beta.deployments.archive(two)
        three = fleet.member("support-c")
        roster = fleet.roster()
        assert roster.new == (three,)
        assert roster.gone == (Member(id=two, name="support-b"),)
        roster = fleet.roster()
        assert (roster.new, roster.gone) == ((), ())

    def test_a_retry_takes_what_was_noted(self, fleet: Fleet) -> None:
        fleet.member("support-a")
        first = fleet.roster("manual__1")
        fleet.member("support-b")
        assert fleet.roster("manual__1") == first == read_roster(fleet.records, "manual__1")
        with pytest.raises(StateError, match="Clear settle_earlier_runs"):
            read_roster(fleet.records, "manual__2")

    def test_a_run_for_named_members_works_on_those_and_tells_nothing_of_others(self, fleet: Fleet) -> None:
        one, two = fleet.member("support-a"), fleet.member("support-b")
        fleet.roster()
        three = fleet.member("support-c")
        roster = fleet.roster(named=["support-c", two])
        assert {member.id for member in roster.members} == {two, three}
        assert (roster.new, roster.gone) == ((), ())
        assert set(fleet.roster().new) == {three}
        assert one in noted_members(fleet.records).members

    def test_a_run_that_follows_up_takes_those_that_are_still_members(self, fleet: Fleet) -> None:
        one, two = fleet.member("support-a"), fleet.member("support-b")
        fleet.roster()
        fleet.service.client.beta.deployments.archive(two)
        roster = fleet.roster(asked=[one, two], named=["support-b"])
        assert roster.members == (Member(id=one, name="support-a"),)
        assert (roster.new, roster.gone) == ((), (Member(id=two, name="support-b"),))
        assert [member.id for member in fleet.roster().gone] == [two]

    def test_a_name_that_is_nobodys_or_that_of_several_stops_the_run(self, fleet: Fleet) -> None:
        ids = sorted([fleet.member("support-a"), fleet.member("support-a")])
        fleet.member("sales")
        with pytest.raises(StateError) as raised:
            fleet.roster(named=["support-a", "sales", ids[0]])
        for words in ("support-a is the name of 2 members", *ids, "sales is no member tonight"):
            assert words in str(raised.value)
        assert noted_members(fleet.records).members == {}

    def test_a_member_that_is_refused_is_not_gone_nor_new_when_it_is_mended(self, fleet: Fleet) -> None:
        one = fleet.member("support-a")
        fleet.roster()
        fleet.others = [other("plain", targets=[{"type": "deployment", "deployment_id": one}])]
        roster = fleet.roster()
        assert (roster.members, roster.gone, list(roster.refused)) == ((), (), [one])
        fleet.others = []
        assert fleet.roster().new == ()

    def test_a_note_that_is_cut_costs_the_news_and_no_night(self, fleet: Fleet) -> None:
        one = fleet.member("support-a")
        fleet.roster()
        storage.write_text(f"{fleet.records.folder}/members.json", '{"members": {"de')
        assert fleet.roster().new == (one,)


class TestShards:
    def test_each_member_is_in_one_shard_whichever_finds_first(self, fleet: Fleet) -> None:
        ids = {fleet.member(f"support-{number}") for number in range(12)}
        fleet.roster("manual__0")
        gone = sorted(ids)[:3]
        for id_ in gone:
            fleet.service.client.beta.deployments.archive(id_)
        ids |= (new := {fleet.member(f"support-{number}") for number in range(20, 23)})
        rosters = [fleet.roster("manual__1", shard=shard, shards=3) for shard in (0, 2, 1)]
        found = [member.id for roster in rosters for member in roster.members]
        assert sorted(found) == sorted(ids - set(gone))
        assert {id_ for roster in rosters for id_ in roster.new} == new
        assert sorted(member.id for roster in rosters for member in roster.gone) == gone
        assert {roster.sizes for roster in rosters} == {tuple(len(rosters[at].members) for at in (0, 2, 1))}
        for shard, roster in zip((0, 2, 1), rosters, strict=True):
            assert all(shard_of(member.id, 3) == shard for member in roster.members)

    @pytest.mark.parametrize("dies_at", [0, 1])
    def test_a_kill_between_any_two_writes_loses_no_news(self, fleet: Fleet, dies_at: int) -> None:
        one = fleet.member("support-a")
        records = Records(_Dying(dies_at), fleet.location, "fleet")
        with pytest.raises(Killed):
            make_roster(wired(fleet.wire), records, fleet.pipeline, [], run_id="manual__1")
        assert fleet.roster("manual__1").new == (one,)
        assert fleet.roster("manual__2").new == ()

    def test_what_was_noted_can_be_read_by_people(self, fleet: Fleet) -> None:
        one = fleet.member("support-a")
        fleet.roster("manual__1", shard=shard_of(one, 2), shards=2)
        file = f"{fleet.records.run('manual__1').folder}/roster-{shard_of(one, 2)}.json"
        assert json.loads(storage.read_text(file))["members"] == [{"id": one, "name": "support-a"}]


@dataclass
class _Dying:
    """The storage of a process that dies before a write."""

    dies_at: int
    written: int = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(storage, name)  # type: ignore[no-any-return]

    def write_text(self, uri: str, text: str) -> None:
        if self.written == self.dies_at:
            raise Killed
        self.written += 1
        storage.write_text(uri, text)


class TestRefused:
    def test_a_target_of_a_plain_pipeline(self, fleet: Fleet) -> None:
        one, two = fleet.member("support-a"), fleet.member("support-b")
        fleet.others = [other("plain", targets=[{"type": "deployment", "deployment_id": one}])]
        roster = fleet.roster()
        assert [member.id for member in roster.members] == [two]
        assert f"support-a ({one}) is also a target of pipeline plain" in roster.refused[one]

    def test_a_member_of_another_fleet(self, fleet: Fleet, tmp_path: Path) -> None:
        one, two, three = (fleet.member(f"support-{name}") for name in "abc")
        (tmp_path / "list.txt").write_text(two, encoding="utf-8")
        fleet.others = [
            other("fleet", fleet=ALL),
            other("first", fleet={"deployments": {"name": "*-a"}}),
            other("listed", conn_id="else", fleet={"members": f"file://{tmp_path}/list.txt"}),
            other("abroad", conn_id="else", fleet={"deployments": {"name": "*"}}),
            other("lost", fleet={"members": f"file://{tmp_path}/gone.txt"}),
        ]
        roster = fleet.roster()
        assert [member.id for member in roster.members] == [three]
        assert "is also a member of fleet first" in roster.refused[one]
        assert "is also a member of fleet listed" in roster.refused[two]

    def test_two_that_share_a_live_store(self, fleet: Fleet) -> None:
        shared, private = fleet.service.store(), fleet.service.store()
        one, two = fleet.member("support-a", shared), fleet.member("support-b", shared)
        three, outside = fleet.member("support-c", private), fleet.member("sales", private)
        fleet.member("support-d")
        fleet.others = [other("plain", targets=[{"type": "deployment", "deployment_id": outside}])]
        roster = fleet.roster()
        assert [member.name for member in roster.members] == ["support-d"]
        assert f"support-b ({two})" in roster.refused[one] and f"support-a ({one})" in roster.refused[two]
        assert f"sales ({outside}), a target of pipeline plain" in roster.refused[three]

    def test_one_whose_store_is_one_of_several_that_another_pipelines_target_writes(
        self, fleet: Fleet
    ) -> None:
        """Which of them the other dreams for, its file says: it may be this one."""
        shared, other_store = fleet.service.store(), fleet.service.store()
        one = fleet.member("support-a", shared)
        outside = fleet.member("sales", other_store, shared)
        target = {"type": "deployment", "deployment_id": outside, "replaces": shared}
        fleet.member("support-b")
        fleet.others = [other("plain", targets=[target])]
        roster = fleet.roster()
        assert [member.name for member in roster.members] == ["support-b"]
        assert f"sales ({outside}), a target of pipeline plain" in roster.refused[one]

    def test_one_with_several_writable_stores_or_none(self, fleet: Fleet) -> None:
        stores = fleet.service.store(), fleet.service.store()
        several = fleet.member("support-a", *stores)
        none = fleet.service.deployment(mounted(stores[0], access="read_only"), name="support-b")
        bare = fleet.service.deployment(name="support-c")
        beside = fleet.service.deployment(
            mounted(fleet.service.store()), mounted(stores[1], access="read_only"), name="support-d"
        )
        roster = fleet.roster()
        assert [member.id for member in roster.members] == [beside]
        assert roster.refused.keys() == {several, none, bare}
        assert all(id_ in roster.refused[several] for id_ in ("support-a", *stores))
        assert "mounts no memory store read_write" in roster.refused[none]

    def test_a_named_one_that_is_refused_says_why(self, fleet: Fleet) -> None:
        bare = fleet.service.deployment(name="support-c")
        fleet.member("support-a")
        roster = fleet.roster(named=["support-c"])
        assert (roster.members, list(roster.refused)) == ((), [bare])


class TestOneMember:
    def test_is_found_by_id_or_name_as_long_as_it_has_records(self, fleet: Fleet) -> None:
        one, two = fleet.member("support-a"), fleet.member("support-b")
        fleet.roster()
        for called in (one, "support-a"):
            assert find_noted_member(fleet.records, called) == Member(id=one, name="support-a")
        fleet.service.client.beta.deployments.archive(two)
        fleet.roster()
        assert find_noted_member(fleet.records, two) is None
        fleet.records.member(two).run("manual__1").note(closed="by the test")
        assert find_noted_member(fleet.records, two) == Member(id=two)
        assert find_noted_member(fleet.records, "") is None


def test_a_service_that_does_not_answer_notes_nothing(fleet: Fleet) -> None:
    fleet.member("support-a")

    def down(number: int, request: httpx2.Request) -> None:
        raise httpx2.ConnectError("down", request=request)

    hook = wired(Wire(before=down), max_retries=0)
    with pytest.raises(ServiceUnavailable):
        make_roster(hook, fleet.records, fleet.pipeline, [], run_id="manual__1")
    assert storage.list_names(fleet.records.folder) == []
