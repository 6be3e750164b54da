"""A person's decision, bound to what that person saw; an answer to anything else leaves the question standing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped, TaskAwaitingInput

from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Decided, Swap
from dreamflow.core.late_notes import LateChoice
from dreamflow.core.review import Finding, Review, verdict_of
from dreamflow.errors import ServiceUnavailable, StateError
from dreamflow.operators.approval import ADOPT, AGAIN, REJECT, ApproveDream
from dreamflow.steps.review import review
from tests.support.run_record import RunRecord
from tests.unit.running import Night, night_of
from tests.unit.service import Service
from tests.unit.support import NOON

BRANCHES = {ADOPT: "carry_late_writes", REJECT: "discard_output", AGAIN: "dream_again"}
FLAG = Finding(
    id="flag1", check="protected", severity="flag", path="/policies/a.md", message="It is protected."
)
BLOCK = Finding(id="block1", check="secret", severity="block", path="/a.md", message="A key stands in it.")
NOTE = Finding(id="note1", check="index", severity="note", path="/index.md", message="It leads nowhere.")


class Desk:
    """
    An approval in a DAG with its three branches, and a reviewed output that waits for it.

    :ivar asked: what Airflow was given to show, each time that the question was asked.
    """

    def __init__(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        self.night, self.run = night, night.run
        with DAG("dream__support", schedule=None):
            self.approve = ApproveDream(task_id="approve", pipeline=night.pipeline)
            self.approve >> [EmptyOperator(task_id=task_id) for task_id in BRANCHES.values()]
        self.run.note(decision=None, swap=None)
        self.review()
        self.record = RunRecord("manual__1")
        self.record.begin_try("approve")
        self.context = self.record.context("approve", {"approval_mode": night.pipeline.approval.mode})
        self.context["ti"].task = self.approve
        self.asked: list[dict[str, Any]] = []
        self.told: list[str] = []
        monkeypatch.setattr(
            "airflow.providers.standard.operators.hitl.upsert_hitl_detail",
            lambda **more: self.asked.append(more),
        )
        monkeypatch.setattr(
            "dreamflow.notify.send", lambda receivers, title, body: self.told.append(f"{title}\n{body}")
        )

    def review(self, *findings: Finding) -> None:
        """Review the output as it is, and hand that on; findings stand for what checks found."""
        night = self.night
        reviewed = review(night.world, self.run, night.dreamed())
        found = self.kept.model_copy(update={"findings": findings, "verdict": verdict_of(findings)})
        self.run.write_review(found)
        self.approve.given = reviewed.model_copy(update={"verdict": found.verdict}).to_json()

    @property
    def kept(self) -> Review:
        kept = self.run.read_review()
        assert kept is not None
        return kept

    @property
    def digest(self) -> str:
        return digest(self.night.hook.list_memories(self.night.output_id))

    def edit(self, text: str) -> None:
        """Edit the output, as in the Console."""
        self.night.service.put(self.night.output_id, "/a.md", text)

    def ask(self) -> dict[str, Any]:
        """Ask a person; return what the page is given to show."""
        with pytest.raises(TaskAwaitingInput) as parked:
            self.approve.execute(self.context)
        assert parked.value.method_name == "execute_complete"
        return self.asked[-1]

    def complete(self, *chosen: str, comment: str | None = "", by: Any = None, **form: Any) -> Any:
        """Answer: the form comes back as it was asked, where nothing else is said."""
        shown = {name: param["value"] for name, param in self.asked[0]["params"].items()}
        event = {
            "chosen_options": list(chosen),
            "params_input": {**shown, "comment": comment, **form},
            "responded_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
            "responded_by_user": by or {"id": "7", "name": "Ada"},
        }
        return self.approve.execute_complete(self.context, event)

    def answer(self, *chosen: str, **more: Any) -> set[str]:
        """Answer; return the branches that are taken."""
        return self.taken(lambda: self.complete(*chosen, **more))

    def refused(self, *chosen: str, **more: Any) -> str:
        """Answer, and see the question stand; return why."""
        times = len(self.asked)
        with pytest.raises(TaskAwaitingInput) as parked:
            self.complete(*chosen, **more)
        assert parked.value.method_name == "execute_complete"
        assert len(self.asked) == times + 1
        assert self.left is None
        journal = self.run.journal()
        assert journal.decision is None
        return journal.refused[-1].why

    def taken(self, act: Any) -> set[str]:
        with pytest.raises(DownstreamTasksSkipped) as raised:
            act()
        skipped = {task if isinstance(task, str) else task[0] for task in raised.value.tasks}
        return set(BRANCHES.values()) - skipped

    @property
    def left(self) -> Any:
        return self.record.left("approve")


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    return night_of(service, f"file://{tmp_path}/reports", {"/a.md": "one\n"}, {"/a.md": "two\n"})


@pytest.fixture
def unasked(night: Night, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(night, monkeypatch)


@pytest.fixture
def desk(unasked: Desk) -> Desk:
    unasked.ask()
    return unasked


@pytest.mark.parametrize("option", BRANCHES)
def test_each_answer_takes_its_branch_and_is_left_with_who_when_and_what(desk: Desk, option: str) -> None:
    assert desk.answer(option, comment=" Fold the invoices. ") == {BRANCHES[option]}
    promised = {
        "decision": option,
        "by": "Ada",
        "at": "2026-11-21T08:00:00+00:00",
        "comment": "Fold the invoices.",
        "digest": desk.digest,
    }
    assert {key: desk.left[key] for key in promised} == promised
    decided = Decided.of(desk.left, "approve")
    assert decided.output_store_id == desk.night.output_id
    journal = desk.run.journal()
    note = journal.dream_named("drm_1")
    assert note is not None
    swap = Swap(
        before=desk.night.input_id,
        after=desk.night.output_id,
        reviewed=desk.digest,
        by="Ada",
        at=decided.at,
        dream_id="drm_1",
        through=note.through,
        scope_mark=note.scope_mark,
        counts=desk.kept.counts,
    )
    assert decided.swap == (swap if option == ADOPT else None)
    assert journal.swap == decided.swap
    assert journal.decision is not None
    assert journal.decision.decision == option
    kept = desk.kept.decision
    assert kept is not None
    assert (kept.decision, kept.by, kept.comment, kept.looked) == (option, "Ada", "Fold the invoices.", True)


class TestWhatWasSeen:
    """Adopt is taken only for what the output holds now, with every flag looked at."""

    def test_an_answer_from_a_page_of_before_a_choice_for_a_late_write(self, desk: Desk) -> None:
        """The page names in the form's digest which choices it showed; a form without them says nothing of them."""
        shown = desk.run.marks().choices
        for choice in ("dream", "beside"):
            desk.run.note_choice(LateChoice(path="/a.md", sha256=None, choice=choice, by="Ben", at=NOON))
            why = desk.refused(ADOPT, digest=f"{desk.digest}+{shown}")
            assert "a late write was chosen since the answer's page was shown" in why
            shown = desk.run.marks().choices
        assert desk.answer(ADOPT, digest=f"{desk.digest}+{shown}") == {BRANCHES[ADOPT]}
        assert desk.left["digest"] == desk.digest

    def test_an_answer_to_another_digest_adopts_nothing_and_the_question_stands(self, desk: Desk) -> None:
        assert "it was edited since it was shown" in desk.refused(ADOPT, digest="e" * 64)
        assert desk.answer(ADOPT) == {"carry_late_writes"}

    def test_an_edit_after_the_question_makes_the_old_form_adopt_nothing(self, desk: Desk) -> None:
        before = desk.digest
        desk.edit("edited\n")
        for form in ({}, {"digest": None}, {"digest": before}):
            assert "it was edited since it was shown" in desk.refused(ADOPT, **form)
        assert desk.kept.digest == desk.digest != before
        assert desk.answer(ADOPT, digest=desk.digest) == {"carry_late_writes"}
        swap = desk.run.journal().swap
        assert swap is not None
        assert swap.reviewed == desk.digest

    def test_an_older_answer_may_still_reject(self, desk: Desk) -> None:
        desk.edit("edited\n")
        assert desk.answer(REJECT) == {"discard_output"}

    def test_a_form_that_came_back_empty_counts_for_what_was_shown(self, desk: Desk) -> None:
        assert desk.answer(ADOPT, digest=None, comment=None, looked_at=None) == {"carry_late_writes"}
        assert desk.left["digest"] == desk.digest

    def test_an_emoji_that_a_form_cut_in_half_fails_nothing(self, desk: Desk) -> None:
        half = "\ud83d"
        assert "edited since" in desk.refused(ADOPT, comment=half, digest=half, looked_at=[half])
        assert desk.answer(REJECT, comment=f"No {half}", by={"id": "9", "name": half}) == {"discard_output"}
        assert desk.left["comment"] == "No ?"

    def test_a_secret_in_a_path_is_not_shown_in_the_form(self, unasked: Desk) -> None:
        key = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
        unasked.review(FLAG.model_copy(update={"path": f"/keys/{key}.md"}))
        assert key not in str(unasked.ask()["params"])

    def test_every_flag_is_ticked_or_nothing_is_adopted(self, unasked: Desk) -> None:
        unasked.review(FLAG, NOTE)
        shown = unasked.ask()["params"]["looked_at"]
        assert shown["value"] == []
        assert shown["schema"]["examples"] == ["flag1"]
        assert shown["schema"]["values_display"] == {"flag1": "protected /policies/a.md"}
        for ticked in (None, [], ["note1"], "flag1", {"flag1": True}):
            assert "not looked at: protected (1)" in unasked.refused(ADOPT, looked_at=ticked)
        assert unasked.answer(ADOPT, looked_at=["flag1"]) == {"carry_late_writes"}
        assert unasked.left["ticked"] == ["flag1"]
        kept = unasked.kept.decision
        assert kept is not None
        assert kept.ticked == ("flag1",)

    def test_what_is_blocked_is_not_adopted_whatever_is_ticked(self, unasked: Desk) -> None:
        unasked.review(BLOCK)
        unasked.ask()
        why = unasked.refused(ADOPT, looked_at=["block1"])
        assert why.startswith("secret (1) can't be adopted as it is")
        assert unasked.answer(REJECT) == {"discard_output"}


class TestAskingAgain:
    def test_it_has_the_time_that_the_question_had_left_and_tells_nobody_again(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waits = desk.run.journal().waits
        earlier = waits["approve"].model_copy(
            update={"began_at": waits["approve"].began_at - timedelta(days=6)}
        )
        desk.run.note(waits={"approve": earlier})
        with pytest.raises(TaskAwaitingInput) as parked:
            desk.complete(AGAIN)
        assert timedelta(hours=23) < parked.value.timeout <= timedelta(days=1)
        assert desk.told == []

    def test_a_question_whose_time_is_over_leaves_an_hour_to_answer_anew(self, desk: Desk) -> None:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        waits = desk.run.journal().waits
        desk.run.note(waits={"approve": waits["approve"].model_copy(update={"began_at": long_ago})})
        with pytest.raises(TaskAwaitingInput) as parked:
            desk.complete(AGAIN)
        assert parked.value.timeout == timedelta(hours=1)

    def test_who_was_refused_what_and_why_is_in_the_journal(self, desk: Desk) -> None:
        desk.refused(AGAIN)
        desk.refused(ADOPT, digest="e" * 64, by={"id": "9", "name": None})
        first, second = desk.run.journal().refused
        assert (first.decision, first.by) == (AGAIN, "Ada")
        assert (second.decision, second.by, second.digest) == (ADOPT, "9", "e" * 64)

    def test_an_answer_outlives_the_try_that_it_was_given_to(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The service is away when the answer comes: the retry takes it, and nobody has to answer again."""

        def away(*_: object) -> Any:
            raise ServiceUnavailable("no answer")

        with monkeypatch.context() as outage:
            outage.setattr("dreamflow.steps.answering.current", away)
            with pytest.raises(ServiceUnavailable):
                desk.complete(ADOPT)
        assert desk.taken(lambda: desk.approve.execute(desk.context)) == {"carry_late_writes"}
        assert desk.left["by"] == "Ada"
        assert len(desk.asked) == 1

    def test_a_clear_asks_anew_whatever_was_answered_before(self, desk: Desk) -> None:
        desk.answer(ADOPT)
        desk.record.clear("approve")
        desk.record.begin_try("approve")
        desk.edit("edited\n")
        desk.ask()
        assert desk.run.journal().decision is None
        assert desk.kept.decision is None
        # Airflow goes on showing what it first asked: an answer from there is for the old digest.
        assert "it was edited since" in desk.refused(ADOPT)
        assert desk.answer(ADOPT, digest=desk.digest) == {"carry_late_writes"}


def test_dreaming_again_without_saying_how_is_asked_again(desk: Desk) -> None:
    for comment in (None, "", "   \n"):
        assert "needs a comment" in desk.refused(AGAIN, comment=comment)


def test_a_dream_that_could_not_be_is_not_given_a_paid_output_for(desk: Desk) -> None:
    for number in range(4):
        desk.run.records.note_in_night("manual__1", f"drm_{number}")
    why = desk.refused(AGAIN, comment="Sort.")
    assert "has had 4 dreams" in why
    assert why.endswith("nothing can be dreamed again tonight")


def test_words_that_no_dream_would_take_beside_the_standing_ones_are_refused_while_they_can_be_mended(
    desk: Desk,
) -> None:
    desk.context["params"]["instructions"] = "x" * 4000
    assert "the comment is 6 characters too long" in desk.refused(AGAIN, comment="y" * 100)
    assert desk.answer(AGAIN, comment="y" * 94) == {"dream_again"}


@pytest.mark.parametrize("chosen", [[], [ADOPT, REJECT], ["Maybe"]])
def test_anything_but_one_of_the_three_is_asked_again(desk: Desk, chosen: list[str]) -> None:
    assert "one of the answers" in desk.refused(*chosen)


def test_silence_is_a_reject_by_nobody(desk: Desk) -> None:
    assert desk.answer(REJECT, by={"id": None, "name": None}) == {"discard_output"}
    assert (desk.left["by"], desk.left["looked"]) == ("nobody (no answer in time)", False)


def test_a_review_that_is_gone_is_not_decided_on(unasked: Desk, tmp_path: Path) -> None:
    (tmp_path / "reports" / "support" / "manual__1" / "report.md").unlink()
    with pytest.raises(StateError, match=r"report\.md is not there.*Clear review_changes"):
        unasked.approve.execute(unasked.context)


def test_the_question_is_never_a_template(unasked: Desk) -> None:
    unasked.run.write_question("` {{ conn.anthropic_default.password }} `\n")
    assert "{{ conn.anthropic_default.password }}" in unasked.ask()["body"]
    assert "body" not in unasked.approve.template_fields


@pytest.mark.parametrize(
    ("mode", "findings", "asks"),
    [("required", [], True), ("required", [FLAG], True), ("when_flagged", [], False), ("when_flagged", [NOTE], False),
     ("when_flagged", [FLAG], True), ("never", [FLAG], False), ("never", [], False), ("never", [BLOCK], True)],
)  # fmt: skip
def test_a_person_is_asked_where_the_pipeline_wants_one_and_where_nothing_else_may_adopt(
    unasked: Desk, mode: str, findings: list[Finding], asks: bool
) -> None:
    unasked.review(*findings)
    unasked.context["params"]["approval_mode"] = mode
    if asks:
        assert unasked.ask()["body"] == unasked.run.read_question()
        assert unasked.left is None
    else:
        assert unasked.taken(lambda: unasked.approve.execute(unasked.context)) == {"carry_late_writes"}
        assert unasked.left["by"] == f"approval.mode: {mode}"
        assert unasked.left["digest"] == unasked.digest
        decision = unasked.run.journal().decision
        assert decision is not None
        assert (decision.looked, decision.ticked) == (False, ())


def test_what_was_edited_before_anybody_was_asked_is_what_is_asked_about(unasked: Desk) -> None:
    unasked.edit("edited\n")
    assert unasked.ask()["params"]["digest"]["value"] == unasked.digest
    assert unasked.answer(ADOPT) == {"carry_late_writes"}
