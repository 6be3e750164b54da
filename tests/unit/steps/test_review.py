"""The review of what a dream changed, from the real stores and sessions."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.config.variables import Variables
from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Dreamed, Reviewed
from dreamflow.core.review import Finding, Review
from dreamflow.errors import StateError
from dreamflow.steps import examining
from dreamflow.steps import review as reviewing
from dreamflow.steps.world import World
from tests.unit.running import Night, night_of, pipeline_of, world_of, write_late
from tests.unit.service import Service

BEFORE = {"/keep.md": "keep\n", "/edit.md": "one\ntwo\n", "/drop.md": "drop\n", "/policies/a.md": "rule\n"}
AFTER = {
    "/keep.md": "keep\n",
    "/edit.md": "one\nduo\n",
    "/new.md": "<img src=http://evil> [x](http://evil) news\n",
    "/policies/a.md": "rule\n",
}
COUNTS = {"added": 1, "changed": 1, "removed": 1, "unchanged": 2}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    return fresh(night_of(service, f"file://{tmp_path}/reports", BEFORE, AFTER))


def fresh(night: Night) -> Night:
    """Take the night back to before it was decided on."""
    night.run.note(decision=None, swap=None)
    return night


def world(night: Night, **checks: Any) -> World:
    pipeline = pipeline_of(
        night.location, {"type": "agent", "agent_id": night.agent_id}, checks={"max_removed": 0.5, **checks}
    )
    return world_of(pipeline, night.wire, night.files)


def review(night: Night, instructions: str | None = None, **checks: Any) -> Reviewed:
    dreamed = Dreamed(
        dream_id="drm_1",
        output_store_id=night.output_id,
        input_store_id=night.input_id,
        usage={"input_tokens": 10, "output_tokens": 5},
        seconds=5.0,
        session_id="sesn_dream",
    )
    return reviewing.review(world(night, **checks), night.run, dreamed, instructions)


def current(night: Night, **checks: Any) -> Review:
    return reviewing.current(world(night, **checks), night.run)


def kept(night: Night) -> Review:
    found = night.run.read_review()
    assert found is not None
    return found


def record(night: Night) -> str:
    return storage.read_text(night.run.report_uri)


def found(review: Review, check: str) -> list[Finding]:
    return [finding for finding in review.findings if finding.check == check]


def dreamed_over(night: Night, *said: str) -> list[str]:
    """Let the dream have read sessions in which users say this."""
    agent = night.service.agent()
    sessions = [night.service.talk(agent, night.input_id, said=text) for text in said]
    night.run.note_dream("drm_1", session_ids=tuple(sessions))
    return sessions


class TestWhatItSays:
    def test_it_counts_what_became_of_every_memory_and_binds_the_answer_to_the_output(
        self, night: Night
    ) -> None:
        reviewed = review(night)
        assert reviewed.counts.items() >= COUNTS.items()
        assert reviewed.digest == digest(night.hook.list_memories(night.output_id))
        assert reviewed.report_uri == night.run.report_uri
        assert reviewed.report_uri.endswith("/support/manual__1/review.html")
        assert kept(night).digest == reviewed.digest
        assert kept(night).verdict == reviewed.verdict

    def test_it_names_every_change_with_the_versions_that_were_compared(self, night: Night) -> None:
        review(night)
        changes = {change.path: change for change in kept(night).changes}
        assert {path: change.kind for path, change in changes.items()} == {
            "/drop.md": "removed",
            "/edit.md": "edited",
            "/new.md": "added",
        }
        held = night.hook.list_memories(night.output_id)["/edit.md"]
        after = changes["/edit.md"].after
        assert after is not None
        assert (after.version_id, after.sha256) == (held.version_id, held.sha256)

    def test_the_record_shows_the_lines_and_nothing_of_them_as_markup(self, night: Night) -> None:
        review(night)
        html = record(night)
        for word in ("duo", "two", "drop", "&lt;img src=http://evil&gt;"):
            assert word in html
        assert "<img src=http" not in html

    def test_it_compares_with_the_input_as_it_was_when_the_dream_began(self, night: Night) -> None:
        write_late(night, {"/edit.md": "late", "/late.md": "late", "/drop.md": None})
        assert review(night).counts.items() >= COUNTS.items()
        assert "two" in record(night)

    def test_the_dreams_own_figures_and_what_it_was_asked_are_in_it(self, night: Night) -> None:
        review(night, "Fold the invoices.")
        dream = kept(night).dream
        assert dream is not None
        assert (dream.id, dream.session_id, dream.seconds) == ("drm_1", "sesn_dream", 5.0)
        assert dream.instructions == "Fold the invoices."
        assert "Fold the invoices." in record(night)

    def test_a_check_that_finds_something_flags_the_review(self, night: Night) -> None:
        write_late(night, {"/policies/a.md": "changed\n"}, night.output_id)
        assert review(night, protect=["/policies/**"]).verdict == "flagged"
        assert [flag.path for flag in found(kept(night), "protected")] == ["/policies/a.md"]
        assert review(night, protect=["/policies/**"], protected="block").verdict == "blocked"
        review(night, protect=["/policies/**"], protected="off")
        assert found(kept(night), "protected") == []

    def test_a_figure_that_nobody_said_is_found_and_one_that_a_session_says_is_not(
        self, night: Night
    ) -> None:
        dreamed_over(night, "Flight HAT271 is the one that I booked.")
        write_late(night, {"/new.md": "They booked flight HAT271.\n"}, night.output_id)
        review(night)
        assert found(kept(night), "ungrounded") == []
        write_late(night, {"/new.md": "They booked flight HAT999.\n"}, night.output_id)
        (flag,) = found(current(night), "ungrounded")
        assert "HAT999" in flag.message
        assert kept(night).score.ungrounded == 1

    def test_an_old_password_that_only_moved_is_noted_and_blocks_nothing(
        self, service: Service, tmp_path: Path
    ) -> None:
        line = "- The password of the printer is " + "Sommer2024!\n"
        before = {
            "/a.md": f"- The office is in the old mill.\n{line}",
            "/b.md": "- The printer is on floor 3.\n",
        }
        after = {
            "/a.md": "- The office is in the old mill.\n",
            "/b.md": f"- The printer is on floor 3.\n{line}",
        }
        night = fresh(night_of(service, f"file://{tmp_path}/reports", before, after))
        review(night)
        (finding,) = found(kept(night), "secret")
        assert (finding.severity, finding.path, finding.line) == ("note", "/b.md", 2)
        assert "Sommer2024" not in kept(night).model_dump_json()

    def test_the_score_asks_for_what_sessions_and_input_say(self, service: Service, tmp_path: Path) -> None:
        texts = {"/a.md": "The invoice of Acme Paper is number INV-4711 of May.\n"}
        night = fresh(night_of(service, f"file://{tmp_path}/reports", texts, texts))
        dreamed_over(night, "My booking reference for the Leeds hotel is BK-20931.")
        review(night)
        score = kept(night).score
        assert (score.input_found, score.input_asked) == ((1.0, 1.0), 1)
        assert (score.sessions_found, score.sessions_asked) == ((0.0, 0.0), 1)
        assert night.run.journal().score == score

    def test_what_is_late_so_far_is_foretold(self, night: Night) -> None:
        write_late(night, {"/late.md": "late"})
        review(night)
        assert [(note.path, note.how) for note in kept(night).late] == [("/late.md", "created")]
        assert "Late writes: 1 so far" in (night.run.read_question() or "")


class TestNights:
    def night(self, night: Night, run_id: str, *, changed: bool) -> None:
        night.world.records.note_trend(run_id, "clean", {}, changed=changed)

    def test_three_nights_in_a_row_that_changed_nothing_are_told(
        self, service: Service, tmp_path: Path
    ) -> None:
        night = fresh(night_of(service, f"file://{tmp_path}/reports", BEFORE, BEFORE))
        for run_id, changed in (("n1", False), ("n2", True), ("n3", False)):
            self.night(night, run_id, changed=changed)
        assert review(night).unchanged_nights == 0
        assert found(kept(night), "unchanged") == []
        fourth = replace(night, run_id="manual__2")
        fourth.dreamed()
        assert review(fourth).unchanged_nights == 3
        (note,) = found(kept(fourth), "unchanged")
        assert note.message.startswith("For 3 nights in a row")

    def test_a_nights_catch_ups_and_dreams_again_are_the_same_night(
        self, service: Service, tmp_path: Path
    ) -> None:
        night = fresh(night_of(service, f"file://{tmp_path}/reports", BEFORE, BEFORE))
        for run_id, of in (("n1", "n1"), ("catch_up_1__n1", "n1"), ("catch_up_2__n1", "n1")):
            night.world.records.note_trend(run_id, "clean", {}, changed=False, night=of)
        assert review(night).unchanged_nights == 0
        assert found(kept(night), "unchanged") == []

    def test_the_trend_has_one_row_a_run_with_verdict_and_score(self, night: Night) -> None:
        for _ in range(2):
            review(night)
        (row,) = night.world.records.trend()
        assert (row["run"], row["verdict"], row["changed"]) == ("manual__1", kept(night).verdict, True)
        assert row["score"] == kept(night).score.model_dump(mode="json")


class TestWhatCannotBeRead:
    """A fault in one part fails no review: it is in it."""

    def test_a_session_that_is_gone(self, night: Night) -> None:
        night.run.note_dream("drm_1", session_ids=("sesn_gone",))
        assert review(night).verdict == "flagged"
        (flag,) = found(kept(night), "unseen")
        assert "1 of the sessions that the dream read are gone" in flag.message

    def test_a_version_that_was_redacted(self, night: Night) -> None:
        old = night.hook.list_memories(night.input_id)["/edit.md"]
        night.service.put(night.input_id, "/edit.md", "newer\n")
        night.service.client.beta.memory_stores.memory_versions.redact(
            old.version_id, memory_store_id=night.input_id
        )
        review(night)
        (flag,) = found(kept(night), "unseen")
        assert (flag.path, flag.severity) == ("/edit.md", "flag")
        assert "redacted" in flag.message

    def test_that_the_output_has_no_room_for_what_is_late_is_said_before_the_decision(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_late(night, {"/late.md": "late"})
        monkeypatch.setattr("dreamflow.steps.carry.MEMORIES_LIMIT", len(AFTER))
        review(night)
        said = (
            f"with them, {night.output_id} would hold 1 memories more than the {len(AFTER)} that a store can"
        )
        assert kept(night).late_warning.startswith(said)
        assert said in (night.run.read_question() or "")

    def test_where_it_cannot_be_told_what_is_late_the_review_says_so_and_why(self, night: Night) -> None:
        """The reader must not take it for nothing."""
        write_late(night, {"/late.md": "late"})
        night.files.write_text(f"{night.run.folder}/carried.json", "{")
        review(night)
        assert "since the dream was launched can't be told now" in kept(night).late_warning
        assert "carried.json can't be read" in kept(night).late_warning
        assert "Late writes: not known" in (night.run.read_question() or "")

    def test_why_it_cannot_be_told_holds_nothing_of_what_a_variable_brought_into_the_pipelines_file(
        self, night: Night
    ) -> None:
        targets = [{"type": "agent", "agent_id": night.agent_id}]
        data = {"name": "support", "targets": targets, "reports": {"location": night.location}}
        pipeline = Pipeline.model_validate(data, context=Variables({"REPORTS": night.location}))
        dreamed = night.dreamed()
        night.files.write_text(f"{night.run.folder}/carried.json", "{")
        reviewing.review(world_of(pipeline, night.wire, night.files), night.run, dreamed)
        assert "${REPORTS}/support" in kept(night).late_warning
        assert night.location not in kept(night).late_warning
        assert night.location not in (night.run.read_question() or "")

    def test_a_lost_base_listing_is_said_so(self, night: Night, tmp_path: Path) -> None:
        (tmp_path / "reports" / "support" / "manual__1" / "base.json").unlink()
        with pytest.raises(
            StateError, match=r"base\.json is not there.*every worker reaches reports\.location"
        ):
            review(night)

    def test_an_output_that_was_archived_meanwhile_is_not_put_before_a_person(self, night: Night) -> None:
        night.hook.archive_store(night.output_id)
        with pytest.raises(StateError, match=rf"{night.output_id}.*is archived.*Trigger a new run"):
            review(night)


class TestAsOfNow:
    """The review of now: kept where nothing changed, made anew where the output was edited."""

    def test_where_nothing_changed_it_is_the_one_that_is_kept_and_only_the_output_is_listed(
        self, night: Night
    ) -> None:
        review(night)
        before, first = kept(night), len(night.wire.requests)
        assert current(night) == before
        assert {request.rsplit("/", 1)[1] for request in night.wire.requests[first:]} == {"memories"}

    def test_an_edit_is_reviewed_without_reading_a_session_again(self, night: Night) -> None:
        dreamed_over(night, "Flight HAT271 is the one that I booked.")
        review(night)
        first = len(night.wire.requests)
        write_late(
            night, {"/new.md": "They booked flight HAT271.\n", "/edit.md": "one\ntwo\n"}, night.output_id
        )
        now = current(night)
        assert now.digest == digest(night.hook.list_memories(night.output_id))
        assert {change.path for change in now.changes} == {"/drop.md", "/new.md"}
        assert found(now, "ungrounded") == []
        assert not [request for request in night.wire.requests[first:] if "/sessions/" in request]
        assert kept(night) == now
        assert now.digest[:16] in (night.run.read_question() or "")
        assert now.dream == current(night).dream

    def test_after_an_edit_only_what_was_edited_is_fetched(self, night: Night) -> None:
        review(night)
        first = len(night.wire.requests)
        write_late(night, {"/new.md": "edited\n"}, night.output_id)
        current(night)
        fetched = [request for request in night.wire.requests[first:] if "/memories/" in request]
        assert len(fetched) == 1

    def test_reviewing_again_gives_the_same(self, night: Night) -> None:
        first = review(night)
        review_of_first = kept(night)
        assert review(night) == first
        assert kept(night).model_copy(update={"made_at": review_of_first.made_at}) == review_of_first

    def test_a_review_that_is_gone_or_of_before_the_upgrade_is_made_from_the_journal(
        self, night: Night, tmp_path: Path
    ) -> None:
        first = review(night)
        (tmp_path / "reports" / "support" / "manual__1" / "review.json").write_text("{")
        assert current(night).digest == first.digest
        assert kept(night).dream is not None

    def test_where_the_run_has_no_output_that_is_said(self, night: Night) -> None:
        night.run.note(dreams=())
        with pytest.raises(StateError, match="knows of no output that could be reviewed"):
            current(night)

    def test_once_it_is_decided_it_stays_as_it_was_decided_on(self, night: Night) -> None:
        review(night)
        decided = night.decide()
        reviewing.keep_decision(world(night), night.run, decided)
        write_late(night, {"/new.md": "written later\n"}, night.output_id)
        now = current(night)
        assert now.digest == decided.digest
        assert now.decision is not None
        assert (now.decision.by, now.decision.decision) == ("Ada", "Adopt")
        assert "Ada" in record(night)

    def test_a_review_that_the_tab_makes_while_it_is_decided_does_not_take_the_decisions_place(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reviewed = review(night)
        examine = examining.examine

        def slowly(*args: Any, **more: Any) -> Any:
            found = examine(*args, **more)
            decided = night.decide(reviewed=reviewed)
            reviewing.keep_decision(world(night), night.run, decided)
            return found

        monkeypatch.setattr(reviewing, "examine", slowly)
        write_late(night, {"/new.md": "written just now\n"}, night.output_id)
        now = current(night)
        assert now.decision is not None
        assert now.digest == kept(night).digest == reviewed.digest
        assert "Ada" in record(night)

    def test_a_decision_that_could_not_be_entered_is_in_the_record_once_its_late_writes_are(
        self, night: Night
    ) -> None:
        review(night)
        night.decide()
        assert kept(night).decision is None
        night.carry()
        decision = kept(night).decision
        assert decision is not None
        assert decision.by == "Ada"

    def test_a_decision_stands_though_the_review_cannot_be_written(
        self, night: Night, caplog: pytest.LogCaptureFixture, tmp_path: Path
    ) -> None:
        review(night)
        decided = night.decide()
        (tmp_path / "reports" / "support" / "manual__1" / "base.json").write_text("{")
        with caplog.at_level(logging.WARNING):
            reviewing.keep_decision(world(night), night.run, decided)
        assert "could not be entered into the review" in caplog.text

    def test_what_was_carried_takes_the_place_of_what_was_foretold(self, night: Night) -> None:
        write_late(night, {"/late.md": "late", "/gone.md": "late"})
        review(night)
        assert len(kept(night).late) == 2
        write_late(night, {"/gone.md": None})
        night.decide()
        night.carry()
        assert [note.path for note in kept(night).late] == ["/late.md"]
        assert kept(night).late_warning == ""
