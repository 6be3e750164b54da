"""What other decisions do, and what happens where nobody has to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest

from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def assert_discarded(world: World, run: Run) -> None:
    """Check that a dream left no trace but its archived output."""
    assert world.live_stores() == (world.store, world.store)
    assert not world.is_archived(world.store)
    assert world.is_archived(run.output_store)


@case(settings={"approval": {"timeout": "PT8S"}})
def unanswered(scene: Scene) -> Scene:
    scene.run.end()
    return scene


def test_no_answer_in_time_counts_as_reject(unanswered: Scene) -> None:
    assert unanswered.run.state() == "success"
    answer = unanswered.run.left("approve")
    assert (answer["decision"], answer["by"]) == ("Reject", "nobody (no answer in time)")
    assert_discarded(unanswered.world, unanswered.run)


@case()
def rejected(scene: Scene) -> Scene:
    scene.run.wait_until_asked()
    scene.run.answer("Reject", comment="too terse")
    scene.run.end()
    return scene


def test_a_rejected_dream_leaves_the_targets_as_they_were_and_its_output_archived(rejected: Scene) -> None:
    assert rejected.run.state() == "success"
    assert rejected.run.left("approve")["comment"] == "too terse"
    assert_discarded(rejected.world, rejected.run)
    assert rejected.run.tasks()["verify_targets"] == "skipped"


@dataclass(frozen=True)
class DreamedAgain:
    """
    :ivar review: what the second run's review holds.
    :ivar asked_twice: what the targets named when the first answer, without a comment, had been sent back.
    """

    world: World
    review: dict[str, Any]
    asked_twice: tuple[str, str]
    first: Run
    second: Run

    @property
    def runs(self) -> tuple[Run, Run]:
        return self.first, self.second


@case(settings={"dream": {"instructions": "Keep an index."}})
def again(scene: Scene) -> DreamedAgain:
    first = scene.run
    first.wait_until_asked()
    first.answer("Dream again")
    first.wait_until_asked()
    named = scene.world.live_stores()
    first.answer("Dream again", comment="One file per supplier.")
    first.end()
    second = scene.follow_up()
    second.wait_until_asked()
    review = second.review()
    second.answer("Reject")
    second.end()
    return DreamedAgain(scene.world, review, named, first, second)


def test_dream_again_without_a_comment_is_asked_again(again: DreamedAgain) -> None:
    assert again.asked_twice == (again.world.store, again.world.store)
    assert again.first.left("approve")["comment"] == "One file per supplier."


def test_dream_again_discards_the_output_and_dreams_with_the_words_beside_the_standing_instructions(
    again: DreamedAgain,
) -> None:
    assert (again.first.state(), again.second.state()) == ("success", "success")
    assert_discarded(again.world, again.first)
    dreams = [
        again.world.client.beta.dreams.retrieve(run.left("launch_dream")["dream_id"]) for run in again.runs
    ]
    words = "Keep an index.\n\nOne file per supplier."
    assert [dream.instructions for dream in dreams] == ["Keep an index.", words]
    assert dreams[0].inputs == dreams[1].inputs


def test_the_review_of_a_dream_that_was_asked_for_again_shows_what_it_was_asked(again: DreamedAgain) -> None:
    assert again.review["dream"]["instructions"] == "Keep an index.\n\nOne file per supplier."


def test_dream_again_leads_to_the_run_that_it_triggers(again: DreamedAgain) -> None:
    (link,) = again.first.links("dream_again").values()
    assert link
    assert again.second.run_id in unquote(link)


@case(settings={"approval": {"mode": "when_flagged"}, "checks": {"protect": ["/**"]}})
def flagged(scene: Scene) -> tuple[Scene, str]:
    """Return the scene, and the question's text."""
    question = scene.run.wait_until_asked()
    scene.run.answer("Reject")
    scene.run.end()
    return scene, question["body"]


def test_where_only_flagged_reviews_are_asked_about_the_question_says_what_was_flagged(
    flagged: tuple[Scene, str],
) -> None:
    scene, question = flagged
    assert scene.run.state() == "success"
    assert scene.run.left("review_changes")["verdict"] == "flagged"
    assert "**protected** (" in question
    assert_discarded(scene.world, scene.run)
