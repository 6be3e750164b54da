"""Going back: what agents wrote since comes once, however many stores and carries it went through."""

from __future__ import annotations

import httpx2
import pytest

from dreamflow.errors import StateError
from tests.unit.going_back import Restore, going_back
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service

OLD = {"/p.md": "Acme pays net 30 days\n", "/q.md": "Globex pays net 60 days\n"}
DREAMED = {"/p.md": "Acme Corp. settles within 30 days of invoice\n", "/q.md": OLD["/q.md"]}
LATE = "Acme pays net 45 days since May\n"


@pytest.fixture
def night(service: Service, location: str) -> Night:
    """A night that was adopted, and whose old store is still written to."""
    night = night_of(service, location, OLD, DREAMED)
    night.adopt()
    return night


def back_in(night: Night, **wish: str) -> dict[str, str]:
    """Return what is live once somebody has gone back."""
    return night.service.contents(going_back(night, **wish).adopt().clone_id)


class TestWhatTheRetirementHadCarried:
    """It was written to the store that is gone back to, which has it itself."""

    def test_a_line_that_was_kept_beside_is_in_its_own_memory_and_nowhere_else(self, night: Night) -> None:
        write_late(night, {"/p.md": LATE})
        night.retire()
        assert "/late/p.md" in night.service.contents(night.output_id)
        assert back_in(night) == {**OLD, "/p.md": LATE}

    def test_a_line_that_followed_its_neighbours_elsewhere_is_not_in_both_places(
        self, service: Service, location: str
    ) -> None:
        before = {"/p.md": "- Acme pays net 30\n", "/q.md": "- Globex pays net 60\n"}
        merged = {"/q.md": "- Globex pays net 60\n- Acme pays net 30\n"}
        night = night_of(service, location, before, merged)
        night.adopt()
        late = "- Acme pays net 30\n- Acme wants invoices by mail\n"
        write_late(night, {"/p.md": late})
        night.retire()
        assert "by mail" in service.contents(night.output_id)["/q.md"]
        assert back_in(night) == {**before, "/p.md": late}

    def test_a_rename_and_a_delete_come_once(self, service: Service, night: Night) -> None:
        service.rename(night.input_id, "/q.md", "/globex.md")
        write_late(night, {"/p.md": None})
        night.retire()
        assert "/globex.md" in service.contents(night.output_id)
        assert back_in(night) == {"/globex.md": OLD["/q.md"]}

    def test_what_agents_made_of_it_in_the_live_store_is_carried(self, night: Night) -> None:
        write_late(night, {"/q.md": "Globex pays net 60 days\nGlobex moved to Leeds\n"})
        night.retire()
        theirs = "Globex pays net 60 days\nGlobex moved to Leeds\nGlobex was sold\n"
        write_late(night, {"/q.md": theirs, "/new.md": "new\n"}, night.output_id)
        assert back_in(night) == {**OLD, "/q.md": theirs, "/new.md": "new\n"}

    def test_what_agents_undid_of_it_is_undone(self, night: Night) -> None:
        write_late(night, {"/q.md": "Globex pays net 60 days\nGlobex moved to Leeds\n"})
        night.retire()
        write_late(night, {"/q.md": OLD["/q.md"]}, night.output_id)
        assert back_in(night) == OLD

    def test_what_agents_had_written_before_it_in_the_same_memory_is_not_lost(self, night: Night) -> None:
        write_late(night, {"/q.md": "A live word on Globex\nGlobex pays net 60 days\n"}, night.output_id)
        write_late(night, {"/q.md": "Globex pays net 60 days\nGlobex moved to Leeds\n"})
        night.retire()
        assert back_in(night)["/q.md"] == (
            "A live word on Globex\nGlobex pays net 60 days\nGlobex moved to Leeds\n"
        )

    def test_it_is_not_listed_either(self, night: Night) -> None:
        write_late(night, {"/p.md": LATE})
        night.retire()
        back = going_back(night, late_writes="list").ask()
        assert back.made is not None
        assert back.made.since == {"carried": 0, "beside": 0, "left": 0}

    def test_from_a_store_in_between_it_comes_out_of_that_one_alone(self, night: Night) -> None:
        night.retire()
        second = night.next_night({**DREAMED, "/p.md": "Acme Corp. is a customer\n"})
        second.adopt()
        write_late(second, {"/p.md": "Acme Corp. is broke as of May\n"})
        second.retire()
        assert "/late/p.md" in night.service.contents(second.output_id)
        held = "".join(back_in(second, ancestor_id=night.input_id).values())
        assert held.count("broke as of May") == 1

    def test_where_nothing_tells_of_the_store_in_between_it_comes_out_of_the_next(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        night.retire()
        second = night.next_night(DREAMED)
        second.adopt()
        write_late(second, {"/new.md": "to the store in between\n"})
        second.retire()
        night.files.delete(f"{night.run.folder}/adopted.json")
        monkeypatch.setattr("dreamflow.steps.since.listing_at", lambda versions, moment, current: None)
        assert back_in(second, ancestor_id=night.input_id)["/new.md"] == "to the store in between\n"


def written_while_cloned(night: Night, back: Restore, late: dict[str, str | None]) -> None:
    """Make the clone; let an agent write to the live store once that was listed."""

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and request.url.path.endswith("/memories"):
            night.wire.before = lambda number, request: None
            write_late(night, late, night.output_id)

    night.wire.before = interfere
    back.ask()


class TestWhileTheCloneIsMade:
    OUTLINE = "# A\n# B\nthe cat sat on the mat\n# B\n## C\n# B\n"
    LIVE = "# A\n- a note on detail\n## C\nthe cat sat on the mat\n# B\n# B\n"
    LATE = (
        "# A\n- a note on detail\nthe cat sat on the mat\n# B\nan agent's new line\nan order ships by post\n"
    )

    def test_a_write_to_the_live_store_comes_once(self, service: Service, location: str) -> None:
        night = night_of(service, location, {"/p.md": self.OUTLINE}, {"/p.md": self.LIVE})
        night.adopt()
        night.retire()
        back = going_back(night)
        written_while_cloned(night, back, {"/p.md": self.LATE})
        assert "an agent's new line" in service.contents(back.clone_id)["/p.md"]
        was = service.contents(back.clone_id)
        back.adopt()
        assert service.contents(back.clone_id) == was

    def test_what_follows_on_it_is_carried_by_the_adoption(self, service: Service, night: Night) -> None:
        night.retire()
        back = going_back(night)
        written_while_cloned(night, back, {"/new.md": "one\n"})
        write_late(night, {"/new.md": "one\ntwo\n"}, night.output_id)
        back.adopt()
        assert service.contents(back.clone_id) == {**OLD, "/new.md": "one\ntwo\n"}

    def test_of_one_memory_the_rest_of_the_live_store_is_as_it_was_written_meanwhile(
        self, service: Service, night: Night
    ) -> None:
        night.retire()
        back = going_back(night, paths=("/p.md",))
        written_while_cloned(night, back, {"/q.md": "Globex was sold\n", "/new.md": "new\n"})
        back.adopt()
        assert service.contents(back.clone_id) == {
            "/p.md": OLD["/p.md"],
            "/q.md": "Globex was sold\n",
            "/new.md": "new\n",
        }


def test_a_copy_without_room_for_what_was_written_since_names_the_way_on(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.retire()
    write_late(night, {"/new.md": "new\n"}, night.output_id)
    monkeypatch.setattr("dreamflow.steps.carry.MEMORIES_LIMIT", len(OLD))
    with pytest.raises(StateError, match=r"would hold 1 memories more.*whose Param late_writes is list\.$"):
        going_back(night).ask()


def test_what_agents_wrote_to_a_copy_that_was_live_for_a_while_is_not_given_up_with_it(
    service: Service, night: Night
) -> None:
    night.retire()
    back = going_back(night).ask()
    back.decide()
    back.carry()
    first = back.clone_id
    swap = back.run.journal().swap
    assert swap is not None
    back.run.note(swap=swap.model_copy(update={"begun_at": back.world.now()}))
    night.point_deployment_at(first)
    write_late(night, {"/only-here.md": "precious\n"}, first)
    with pytest.raises(StateError, match="was set back"):
        back.verify()
    second = night.next_night(DREAMED)
    second.adopt()
    back.begin()
    back.clone()
    assert back.clone_id != first
    assert service.is_archived(first)
    assert service.contents(second.output_id)["/only-here.md"] == "precious\n"
