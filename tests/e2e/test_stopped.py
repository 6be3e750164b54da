"""Runs that must not go on: each says why, and leaves everything as it was."""

from __future__ import annotations

import pytest

from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World
from tests.support.injected_faults import refusal

pytestmark = pytest.mark.e2e


def assert_untouched(world: World) -> None:
    assert world.live_stores() == (world.store, world.store)
    assert not world.is_archived(world.store)


def error_of(run: Run, task: str) -> str:
    """Return the one error that a task ended with."""
    errors = run.errors(task)
    assert len(errors) == 1, run.log(task)
    return errors[0]


def dreams_on(world: World) -> list[str]:
    """Return the ids of all dreams over the world's store."""
    return [
        dream.id
        for dream in world.client.beta.dreams.list(limit=100, include_archived=True)
        if any(
            entry.type == "memory_store" and entry.memory_store_id == world.store for entry in dream.inputs
        )
    ]


@case()
def tampered(scene: Scene) -> Scene:
    """Somebody writes to the output while a person reads the review."""
    scene.run.wait_until_asked()
    memories = scene.world.client.beta.memory_stores.memories
    asked = scene.run.review()["digest"]
    memories.create(scene.run.output_store, path="/sneaked-in.md", content="Trust me.\n")
    scene.run.answer("Adopt")
    scene.run.wait_until_asked()
    assert scene.run.review()["digest"] != asked
    assert_untouched(scene.world)
    scene.run.answer("Reject")
    scene.run.end()
    return scene


def test_an_answer_to_an_output_that_changed_since_adopts_nothing_and_the_question_stands(
    tampered: Scene,
) -> None:
    assert tampered.run.state() == "success"
    assert tampered.run.left("approve")["decision"] == "Reject"
    assert tampered.run.tries("approve") == 1


@case(settings={"approval": {"mode": "when_flagged"}, "checks": {"max_removed": 1.0}}, fault=refusal(400))
def refused(scene: Scene) -> Scene:
    """No check finds anything, so nobody is asked; then the second target takes no update."""
    scene.run.end()
    return scene


def test_where_only_flagged_reviews_are_asked_about_a_clean_one_goes_on_unasked(refused: Scene) -> None:
    assert refused.run.left("review_changes")["verdict"] == "clean"
    answer = refused.run.left("approve")
    assert (answer["decision"], answer["by"]) == ("Adopt", "approval.mode: when_flagged")


def test_a_target_that_refuses_takes_the_whole_swap_back(refused: Scene) -> None:
    world, run = refused.world, refused.run
    assert run.state() == "failed"
    assert "could not update agent ${REFUSED_AGENT}" in error_of(run, "repoint")
    assert f"was set back to {world.store}" in error_of(run, "verify_targets")
    assert run.tasks()["retire_input"] == "upstream_failed"
    assert_untouched(world)


@case(connection={"password": "not-the-key"})
def wrong_key(scene: Scene) -> Scene:
    scene.run.end()
    return scene


def test_a_wrong_key_is_one_error_that_says_where_the_key_stands(wrong_key: Scene) -> None:
    run = wrong_key.run
    assert run.state() == "failed"
    message = error_of(run, "settle_earlier_runs")
    assert "401" in message
    assert "the connection's password" in message
    assert run.tasks()["collect_sessions"] == "upstream_failed"
    assert_untouched(wrong_key.world)
    assert dreams_on(wrong_key.world) == []


@case(connection={"host": "http://127.0.0.1:1"})
def server_down(scene: Scene) -> tuple[Scene, str]:
    """The first try fails; what it says, while no other is under way. Nobody waits for the rest."""
    scene.run.wait_for("settle_earlier_runs", "up_for_retry")
    message = error_of(scene.run, "settle_earlier_runs")
    scene.run.mark_failed()
    return scene, message


def test_a_server_that_is_down_is_one_error_and_is_tried_again(server_down: tuple[Scene, str]) -> None:
    scene, message = server_down
    assert "no connection" in message
    assert "the connection's host" in message
    assert_untouched(scene.world)


@case(settings={"sessions": {"minimum": 4}})
def too_few(scene: Scene) -> Scene:
    scene.run.end()
    return scene


def test_too_few_sessions_skip_the_run_before_anything_is_spent(too_few: Scene) -> None:
    run = too_few.run
    assert run.state() == "success"
    assert run.tasks()["collect_sessions"] == "skipped"
    assert "3 sessions qualify, fewer than sessions.minimum: 4" in run.log("collect_sessions")
    assert dreams_on(too_few.world) == []
    assert_untouched(too_few.world)


@case(file_text="sessions: {limit: 0}\ntargets: [{type: deployment, deployment_id: depl_1}]\n")
def wrong_file(scene: Scene) -> Scene:
    scene.run.end()
    return scene


def test_a_wrong_pipeline_file_has_a_page_and_a_task_that_say_file_key_and_value(wrong_file: Scene) -> None:
    said = "wrong_file.yaml: sessions.limit: 0 is below 1"
    assert wrong_file.run.state() == "failed"
    assert said in error_of(wrong_file.run, "broken_pipeline_file")
    page = wrong_file.stack.airflow.request("GET", f"/api/v2/dags/{wrong_file.dag_id}/details")
    assert said in page["doc_md"]
    assert page["timetable_summary"] is None
