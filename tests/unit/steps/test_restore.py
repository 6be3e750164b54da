"""Going back to an earlier store, and forth again."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from dreamflow.core.lineage import Lineage, read_lineage
from dreamflow.errors import StateError
from dreamflow.steps.restore import Wish
from tests.unit.going_back import BEFORE, REVIEWED, Restore, going_back, gone_forward, live_of
from tests.unit.running import Night, night_of, pipeline_of, world_of, write_late
from tests.unit.service import Service
from tests.unit.steps.collecting import Desk


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return gone_forward(service, location)


class TestBackAndForth:
    def test_the_store_that_the_dream_replaced_is_live_again_as_a_copy(
        self, service: Service, night: Night
    ) -> None:
        back = going_back(night).adopt()
        assert live_of(night) == back.clone_id
        assert back.clone_id not in (night.input_id, night.output_id)
        assert service.contents(back.clone_id) == BEFORE
        assert service.is_archived(night.output_id)
        assert service.contents(night.input_id) == BEFORE
        assert night.open_runs() == []

    def test_it_is_the_live_stores_heir_and_knows_whose_content_it_has(self, night: Night) -> None:
        back = going_back(night).adopt()
        store = night.hook.retrieve_store(back.clone_id)
        assert (store.name, store.description, store.metadata["team"]) == (
            "Support",
            "What we know",
            "support",
        )
        assert not [key for key in store.metadata if "clone" in key]
        assert (back.lineage.parent, back.lineage.content) == (night.output_id, night.input_id)
        assert (back.lineage.dream, back.lineage.adopted_by, back.lineage.through) == ("", "Ada", None)
        assert back.lineage.origin == night.input_id

    def test_the_dreams_store_comes_back_by_a_restore_of_the_restore(
        self, service: Service, night: Night
    ) -> None:
        first = going_back(night).adopt()
        second = going_back(night, "manual__10").adopt()
        assert second.made is not None
        assert second.made.ancestor_id == night.output_id
        assert service.contents(live_of(night)) == REVIEWED
        assert second.lineage.through is not None
        assert (second.lineage.parent, second.lineage.content) == (first.clone_id, night.output_id)
        assert service.is_archived(first.clone_id)

    def test_the_swap_is_told_with_parent_ancestor_and_who_decided(self, night: Night) -> None:
        told = going_back(night).adopt().told
        known = {key: told[key] for key in ("parent", "ancestor_id", "dream_id", "adopted_by")}
        assert known == {
            "parent": night.output_id,
            "ancestor_id": night.input_id,
            "dream_id": "",
            "adopted_by": "Ada",
        }

    def test_a_person_is_shown_what_would_change(self, night: Night) -> None:
        back = going_back(night).ask()
        reviewed = back.review()
        assert reviewed.counts.items() >= {"added": 1, "changed": 2, "removed": 1, "unchanged": 1}.items()
        assert f"Goes back to memory store `{night.input_id}`" in back.question
        assert "The whole of it comes back" in back.question
        assert {change.path: change.kind for change in back.kept.changes}["/edit.md"] == "edited"
        assert "Dream" not in back.question
        # What an earlier store says, no session has to have said; and what was learned since goes, as is meant.
        assert reviewed.verdict == "clean"
        assert live_of(night) == night.output_id

    def test_reject_archives_the_copy_and_changes_nothing_else(self, service: Service, night: Night) -> None:
        back = going_back(night).ask()
        back.decide("Reject")
        back.discard()
        assert service.is_archived(back.clone_id)
        assert live_of(night) == night.output_id
        assert not service.is_archived(night.output_id)
        assert night.open_runs() == []

    def test_an_edit_of_the_copy_before_the_answer_is_adopted(self, service: Service, night: Night) -> None:
        back = going_back(night).ask()
        service.put(back.clone_id, "/edit.md", "mended\n")
        back.clone()
        back.adopt()
        assert service.contents(live_of(night))["/edit.md"] == "mended\n"


class TestWhichStore:
    def test_a_store_further_back_by_its_id(self, service: Service, night: Night) -> None:
        second = night.next_night({"/all.md": "all\n"})
        second.adopt()
        second.retire()
        back = going_back(second, ancestor_id=night.input_id).adopt()
        assert service.contents(live_of(second)) == BEFORE
        assert back.made is not None
        assert back.made.warnings == ()

    def test_a_store_from_before_there_was_lineage_is_said_to_be_no_relation_loudly(
        self, service: Service, night: Night, caplog: pytest.LogCaptureFixture
    ) -> None:
        old = service.store({"/old.md": "from the spring\n"})
        night.hook.archive_store(old)
        back = going_back(night, ancestor_id=old).ask()
        back.review()
        said = f"NOTHING TELLS THAT THE LIVE STORE {night.output_id} CAME OF {old}"
        assert f"**{said}" in back.question
        assert said in caplog.text
        back.adopt()
        assert service.contents(live_of(night)) == {"/old.md": "from the spring\n"}
        assert (back.lineage.parent, back.lineage.content) == (night.output_id, old)

    def test_where_a_store_in_between_is_gone_that_is_said(self, service: Service, night: Night) -> None:
        second = night.next_night({"/all.md": "all\n"})
        second.adopt()
        second.retire()
        service.client.beta.memory_stores.delete(night.output_id)
        back = going_back(second, ancestor_id=night.input_id).adopt()
        assert back.made is not None
        (warning, *_) = back.made.warnings
        assert f"A store between {night.input_id} and the live store {second.output_id} is gone" in warning
        assert service.contents(live_of(second)) == BEFORE

    def test_no_ancestor_is_an_error_that_says_what_to_name(self, service: Service, location: str) -> None:
        night = night_of(service, location, BEFORE, REVIEWED)
        with pytest.raises(StateError, match=r"replaced no other.*memory_store_id names the store"):
            going_back(night).clone()
        assert night.world.named() == dict.fromkeys(night.world.named(), night.input_id)

    def test_an_ancestor_that_is_gone_is_named(self, service: Service, night: Night) -> None:
        service.client.beta.memory_stores.delete(night.input_id)
        with pytest.raises(StateError, match=f"there is no memory store {night.input_id} in this workspace"):
            going_back(night).clone()
        with pytest.raises(StateError, match="there is no memory store memstore_x in this workspace"):
            going_back(night, ancestor_id="memstore_x").clone()

    def test_the_live_store_is_nothing_to_go_back_to(self, night: Night) -> None:
        with pytest.raises(StateError, match="is live already"):
            going_back(night, ancestor_id=night.output_id).clone()

    def test_what_was_deleted_from_an_archived_store_comes_back(self, service: Service, night: Night) -> None:
        """A session whose writes fail since the archive can still delete."""
        service.remove(night.input_id, "/keep.md")
        going_back(night).adopt()
        assert service.contents(live_of(night)) == BEFORE


class TestPaths:
    def test_one_memory_comes_back_and_the_rest_stays_as_it_is_live(
        self, service: Service, night: Night
    ) -> None:
        back = going_back(night, paths=("/customers/acme.md",)).adopt()
        assert service.contents(live_of(night)) == {**REVIEWED, "/customers/acme.md": "ACME: net 30\n"}
        assert back.lineage.content is None
        assert back.lineage.through is not None

    def test_patterns_are_those_of_a_gitignore_file_and_nothing_is_deleted(
        self, service: Service, night: Night
    ) -> None:
        going_back(night, paths=("*.md", "!/edit.md")).adopt()
        assert service.contents(live_of(night)) == {**REVIEWED, **BEFORE, "/edit.md": "dreamed\n"}

    def test_the_review_shows_the_patterns_as_text(self, night: Night) -> None:
        back = going_back(night, paths=("*.md", "![x](http://evil/x.png)")).ask()
        back.review()
        assert "` ![x](http://evil/x.png) `" in back.question

    def test_where_nothing_matches_nothing_is_made(self, night: Night) -> None:
        was = {store.id for store in night.hook.list_stores()}
        back = going_back(night, paths=("/nowhere/**",))
        with pytest.raises(StateError, match="none of the 4 memories"):
            back.ask()
        assert {store.id for store in night.hook.list_stores()} == was

    def test_a_pattern_that_is_none_is_refused_before_anything_is_done(self, night: Night) -> None:
        with pytest.raises(StateError, match="no gitignore pattern"):
            going_back(night, paths=("!",)).begin()
        assert night.open_runs() == []

    def test_more_than_a_store_can_hold_is_refused(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("dreamflow.core.restoring.MEMORIES_LIMIT", 4)
        with pytest.raises(StateError, match="would hold 5, over the 4"):
            going_back(night, paths=("*",)).ask()


class TestWrittenMeanwhile:
    def test_what_comes_in_while_a_person_thinks_is_carried(self, service: Service, night: Night) -> None:
        back = going_back(night).ask()
        write_late(night, {"/late.md": "late\n"}, night.output_id)
        back.adopt()
        assert service.contents(live_of(night)) == {**BEFORE, "/late.md": "late\n"}

    def test_no_secret_in_the_path_of_what_is_left_behind_is_in_the_log(
        self, night: Night, caplog: pytest.LogCaptureFixture
    ) -> None:
        key = "sk_live_" + "51HxQk2eZvKYlo2C9aB3xY7z"
        write_late(night, {f"/{key}.md": "late\n"}, night.output_id)
        with caplog.at_level(logging.INFO):
            going_back(night, late_writes="list").ask()
        assert "left behind: '/sk_l…" in caplog.text
        assert key not in caplog.text

    def test_listed_it_is_in_the_review_and_left_behind(self, service: Service, night: Night) -> None:
        write_late(
            night, {"/late.md": "late\n", "/new.md": None, "/edit.md": "dreamed\nmore\n"}, night.output_id
        )
        back = going_back(night, late_writes="list").ask()
        assert back.made is not None
        assert back.made.since == {"carried": 0, "beside": 0, "left": 2}
        back.adopt()
        assert "0 carried, 2 left behind" in back.question
        assert back.kept.restore is not None
        assert back.kept.restore.left_behind == ("/edit.md", "/late.md")
        assert service.contents(live_of(night)) == BEFORE

    def test_over_two_steps_back_what_was_written_to_either_store_is_listed(
        self, service: Service, night: Night
    ) -> None:
        write_late(night, {"/first.md": "to the first dream's store\n"}, night.output_id)
        second = night.next_night({"/all.md": "all\n"})
        second.adopt()
        second.retire()
        write_late(second, {"/second.md": "to the second's\n"}, second.output_id)
        back = going_back(second, ancestor_id=night.input_id, late_writes="list").ask()
        listed = back.run.journal().restore
        assert listed is not None
        assert [row.path for row in listed.listed] == ["/first.md", "/second.md"]

    @pytest.mark.parametrize("ways", ["run files", "versions"])
    def test_carried_it_is_merged_into_what_comes_back(
        self, service: Service, night: Night, ways: str
    ) -> None:
        if ways == "versions":
            night.files.delete(f"{night.run.folder}/adopted.json")
        late = {
            "/since.md": "since\n",
            "/keep.md": "keep\nand more\n",
            "/new.md": None,
            "/edit.md": "dreamed\nmore\n",
            "/customers/acme.md": "ACME: net 90\n",
        }
        write_late(night, late, night.output_id)
        back = going_back(night).ask()
        assert back.made is not None
        assert back.made.since == {"carried": 5, "beside": 1, "left": 0}
        back.adopt()
        brought = service.contents(live_of(night))
        beside = brought.pop("/late/customers/acme.md")
        assert brought == {
            **BEFORE,
            "/since.md": "since\n",
            "/keep.md": "keep\nand more\n",
            "/edit.md": "old\nmore\n",
        }
        assert "ACME: net 90" in beside

    def test_over_two_steps_back_it_is_carried_from_both_stores(self, service: Service, night: Night) -> None:
        write_late(night, {"/first.md": "to the first dream's store\n"}, night.output_id)
        second = night.next_night({"/all.md": "all\n"})
        second.adopt()
        second.retire()
        write_late(second, {"/second.md": "to the second's\n"}, second.output_id)
        going_back(second, ancestor_id=night.input_id).adopt()
        assert service.contents(live_of(second)) == {
            **BEFORE,
            "/first.md": "to the first dream's store\n",
            "/second.md": "to the second's\n",
        }

    def test_of_one_memory_only_what_was_written_to_it_is_carried(
        self, service: Service, night: Night
    ) -> None:
        late = {
            "/customers/acme.md": "ACME: net 60\nACME moved to Leeds\n",
            "/edit.md": "mended\n",
            "/new.md": None,
        }
        write_late(night, late, night.output_id)
        going_back(night, paths=("/customers/",)).adopt()
        assert service.contents(live_of(night)) == {
            "/keep.md": "keep\n",
            "/edit.md": "mended\n",
            "/customers/acme.md": "ACME: net 30\nACME moved to Leeds\n",
        }

    def test_a_note_of_each_is_in_the_review(self, night: Night) -> None:
        write_late(night, {"/since.md": "since\n", "/customers/acme.md": "ACME: net 90\n"}, night.output_id)
        back = going_back(night).ask()
        back.review()
        assert back.kept.restore is not None
        assert "/since.md" in [note.path for note in back.kept.restore.carried]

    def test_where_nobody_knows_what_was_adopted_that_is_said(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The service keeps versions for 30 days."""
        night.files.delete(f"{night.run.folder}/adopted.json")
        write_late(night, {"/edit.md": "mended\n"}, night.output_id)
        adopted_at = read_lineage(night.hook.retrieve_store(night.output_id)).adopted_at  # type: ignore[union-attr]
        listed = night.hook.list_versions
        monkeypatch.setattr(
            night.hook, "list_versions", lambda *a, **k: (v for v in listed(*a, **k) if v.at > adopted_at)
        )
        back = going_back(night, late_writes="list").ask()
        assert back.made is not None
        (warning,) = back.made.warnings
        assert f"What agents wrote to {night.output_id} since it was adopted is not known" in warning
        back.review()
        assert f"**{warning}**" in back.question


class TestSessions:
    def test_what_only_the_abandoned_dream_has_read_comes_again_and_does_not_after_the_second_restore(
        self, service: Service, location: str
    ) -> None:
        desk = Desk(service, location)
        early = service.talk(desk.agent_id, said="We are in York.")
        desk.adopt(desk.collect())
        dreamed = desk.live
        late = service.talk(desk.agent_id, said="We moved to Leeds.")
        desk.adopt(desk.collect())
        desk.nothing_left()

        def restore(run_id: str, **wish: str) -> None:
            target = {"type": "agent", "agent_id": desk.agent_id}
            pipeline = pipeline_of(location, target, sessions={"agent_id": desk.agent_id})
            Restore(world_of(pipeline, desk.wire), Wish(**wish), run_id).adopt()  # type: ignore[arg-type]
            desk.live = service.agent_metadata(desk.agent_id)["memory_store_id"]

        abandoned = desk.live
        restore("manual__1")
        assert desk.live not in (abandoned, dreamed)
        assert desk.collect().session_ids == (late,)
        restore("manual__2", ancestor_id=abandoned)
        desk.nothing_left()
        restore("manual__3", ancestor_id=dreamed)
        assert desk.collect().session_ids == (late,)
        assert early != late


def test_a_lineage_under_another_scope_counts_as_not_read(service: Service, night: Night) -> None:
    old = service.store({"/old.md": "old\n"})
    lineage = Lineage(
        "support", "memstore_0", "", "manual__0", datetime.now(UTC), datetime.now(UTC) - timedelta(days=9), "Ada",
        scope="agent_of_then",
    )  # fmt: skip
    night.hook.update_store(old, name="Notes", description="", metadata=lineage.pairs())
    back = going_back(night, ancestor_id=old).adopt()
    assert back.lineage.through_in(night.pipeline.sessions.scope) is None
