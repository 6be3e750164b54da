"""A person's decision, bound to what that person saw."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped

from dreamflow import storage
from dreamflow.core.handoffs import Decided, Reviewed, Swap
from dreamflow.errors import AnswerIncomplete, StateError
from dreamflow.operators.approval import ADOPT, AGAIN, REJECT, ApproveDream
from dreamflow.records.files import Records
from dreamflow.records.journal import DreamNote
from tests.support.run_record import RunRecord
from tests.unit.running import pipeline_of
from tests.unit.support import at

BRANCHES = {ADOPT: "carry_late_writes", REJECT: "discard_output", AGAIN: "dream_again"}
DIGEST = "d" * 64


class Desk:
    """An approval in a DAG with its three branches, and a review that waits for it."""

    def __init__(self, location: str, **approval: Any) -> None:
        pipeline = pipeline_of(location, {"type": "agent", "agent_id": "agent_1"}, approval=approval)
        with DAG("dream__support", schedule=None):
            self.approve = ApproveDream(task_id="approve", pipeline=pipeline)
            self.approve >> [EmptyOperator(task_id=task_id) for task_id in BRANCHES.values()]
        self.run = Records(storage, location, "support").run("manual__1")
        self.run.open(DreamNote(input_store_id="memstore_1", through=at(0), dream_id="drm_1"))
        self.write_report("### Added (1)\n")
        self.review()
        self.record = RunRecord("manual__1")
        self.context = self.record.context("approve", {"approval_mode": pipeline.approval.mode})
        self.context["ti"].task = self.approve

    def write_report(self, text: str) -> None:
        self.run.write_report(text, {})

    def review(self, digest: str = DIGEST, verdict: str = "clean") -> None:
        """Leave what the review hands on."""
        self.approve.given = Reviewed(
            report_uri=self.run.report_uri,
            digest=digest,
            verdict=verdict,
            dream_id="drm_1",
            input_store_id="memstore_1",
            output_store_id="memstore_2",
        ).to_json()

    def show(self) -> str:
        """Put the review before a person; return what the page shows."""
        self.approve._prepare_form(self.context, self.approve.handed(Reviewed))
        assert self.approve.body is not None
        return self.approve.body

    def answer(
        self, *chosen: str, digest: str | None = DIGEST, comment: str | None = "", by: Any = None
    ) -> set[str]:
        """Answer; return the branches that are taken."""
        event = {
            "chosen_options": list(chosen),
            "params_input": {"digest": digest, "comment": comment},
            "responded_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
            "responded_by_user": by or {"id": "7", "name": "Ada"},
        }
        return self.taken(lambda: self.approve.execute_complete(self.context, event))

    def taken(self, act: Any) -> set[str]:
        with pytest.raises(DownstreamTasksSkipped) as raised:
            act()
        skipped = {task if isinstance(task, str) else task[0] for task in raised.value.tasks}
        return set(BRANCHES.values()) - skipped

    @property
    def left(self) -> Any:
        return self.record.left("approve")


@pytest.fixture
def location(tmp_path: Path) -> str:
    return f"file://{tmp_path}/reports"


@pytest.fixture
def desk(location: str) -> Desk:
    desk = Desk(location)
    desk.show()
    return desk


@pytest.mark.parametrize("option", BRANCHES)
def test_each_answer_takes_its_branch_and_is_left_with_who_when_and_what(desk: Desk, option: str) -> None:
    assert desk.answer(option, comment=" Fold the invoices. ") == {BRANCHES[option]}
    promised = {
        "decision": option,
        "by": "Ada",
        "at": "2026-11-21T08:00:00+00:00",
        "comment": "Fold the invoices.",
        "digest": DIGEST,
    }
    assert {key: desk.left[key] for key in promised} == promised
    decided = Decided.of(desk.left, "approve")
    assert decided.output_store_id == "memstore_2"
    swap = Swap(
        before="memstore_1",
        after="memstore_2",
        reviewed=DIGEST,
        by="Ada",
        at=decided.at,
        dream_id="drm_1",
        through=at(0),
    )
    assert decided.swap == (swap if option == ADOPT else None)
    journal = desk.run.journal()
    assert journal.swap == decided.swap
    assert journal.decision is not None
    assert journal.decision.decision == option


def test_an_answer_counts_for_the_review_that_was_shown(desk: Desk) -> None:
    with pytest.raises(AnswerIncomplete, match="digest"):
        desk.answer(ADOPT, digest="e" * 64)
    assert desk.left is None
    assert desk.run.journal().decision is None


@pytest.mark.parametrize("digest", [DIGEST, None, "e" * 64])
def test_nothing_is_adopted_where_a_newer_review_came_that_nobody_has_seen(
    desk: Desk, digest: str | None
) -> None:
    """Somebody cleared review_changes alone, while the question stood, and the output had changed."""
    desk.review("e" * 64)
    with pytest.raises(AnswerIncomplete, match="the newest one 'eeee"):
        desk.answer(ADOPT, digest=digest)
    assert desk.run.journal().swap is None
    assert desk.answer(REJECT, digest=digest) == {"discard_output"}


def test_a_form_that_came_back_empty_counts_for_what_was_shown(desk: Desk) -> None:
    assert desk.answer(ADOPT, digest=None, comment=None) == {"carry_late_writes"}
    assert desk.left["digest"] == DIGEST


def test_nothing_is_adopted_that_was_never_shown(location: str) -> None:
    with pytest.raises(AnswerIncomplete):
        Desk(location).answer(ADOPT, digest=None)


def test_dreaming_again_without_saying_how_is_asked_again(desk: Desk) -> None:
    for comment in (None, "", "   \n"):
        with pytest.raises(AnswerIncomplete, match="needs a comment"):
            desk.answer(AGAIN, comment=comment)


def test_a_dream_that_could_not_be_is_not_given_a_paid_output_for(desk: Desk) -> None:
    for number in range(4):
        desk.run.records.note_in_night("manual__1", f"drm_{number}")
    with pytest.raises(AnswerIncomplete, match=r"has had 4 dreams.*nothing can be dreamed again tonight"):
        desk.answer(AGAIN, comment="Sort.")
    assert desk.run.journal().decision is None


def test_words_that_no_dream_would_take_beside_the_standing_ones_are_refused_while_they_can_be_mended(
    desk: Desk,
) -> None:
    desk.context["params"]["instructions"] = "x" * 4000
    with pytest.raises(AnswerIncomplete, match="the comment is 6 characters too long"):
        desk.answer(AGAIN, comment="y" * 100)
    assert desk.answer(AGAIN, comment="y" * 94) == {"dream_again"}


@pytest.mark.parametrize("chosen", [[], [ADOPT, REJECT], ["Maybe"]])
def test_anything_but_one_of_the_three_is_asked_again(desk: Desk, chosen: list[str]) -> None:
    with pytest.raises(AnswerIncomplete, match="one of the answers"):
        desk.answer(*chosen)


def test_silence_is_a_reject_by_nobody(desk: Desk) -> None:
    assert desk.answer(REJECT, by={"id": None, "name": None}) == {"discard_output"}
    assert desk.left["by"] == "nobody (no answer in time)"


def test_what_changed_after_it_was_shown_is_not_asked_about_under_the_old_text(desk: Desk) -> None:
    desk.review("e" * 64)
    with pytest.raises(
        StateError, match=r"changed since this run's review was first shown.*Nothing was adopted"
    ):
        desk.show()


def test_a_review_that_is_gone_is_not_decided_on(location: str, tmp_path: Path) -> None:
    desk = Desk(location)
    (tmp_path / "reports" / "support" / "manual__1" / "report.md").unlink()
    with pytest.raises(StateError, match=r"report\.md is not there.*Clear review_changes"):
        desk.show()


def test_a_long_report_is_cut_at_a_line_and_says_where_the_whole_is(location: str) -> None:
    desk = Desk(location)
    desk.write_report("` a line of the diff `\\\n" * 9000)
    shown = desk.show()
    assert len(shown) < 61_000
    assert shown.endswith(f"The whole report: `{desk.run.report_uri}`")


def test_the_report_is_never_a_template(location: str) -> None:
    desk = Desk(location)
    desk.write_report("` {{ conn.anthropic_default.password }} `\n")
    assert "{{ conn.anthropic_default.password }}" in desk.show()
    assert "body" not in desk.approve.template_fields


@pytest.mark.parametrize(
    ("mode", "verdict", "asks"),
    [("required", "clean", True), ("required", "flagged", True), ("when_flagged", "clean", False),
     ("when_flagged", "flagged", True), ("never", "flagged", False), ("never", "clean", False)],
)  # fmt: skip
def test_a_person_is_asked_where_the_pipeline_wants_one(
    location: str, monkeypatch: pytest.MonkeyPatch, mode: str, verdict: str, asks: bool
) -> None:
    desk = Desk(location, mode=mode)
    desk.review(verdict=verdict)
    asked: list[str] = []
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.HITLBranchOperator.execute",
        lambda self, context: asked.append(self.body),
    )
    if asks:
        desk.approve.execute(desk.context)
        assert asked == ["### Added (1)\n"]
        assert desk.left is None
    else:
        assert desk.taken(lambda: desk.approve.execute(desk.context)) == {"carry_late_writes"}
        assert desk.left["by"] == f"approval.mode: {mode}"
        assert desk.left["digest"] == DIGEST
