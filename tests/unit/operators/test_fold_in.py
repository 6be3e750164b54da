"""Late writes below /late/: the next dream is asked to fold them in, and a request that is repeated stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.beside import FOLD_IN
from dreamflow.core.objects import Dream
from dreamflow.errors import DreamFailed
from tests.unit.operators.test_handing_on import Ground, Run
from tests.unit.service import Service

STANDING = "Keep one file for each town."


@pytest.fixture
def ground(service: Service, tmp_path: Path) -> Ground:
    return Ground(service, f"file://{tmp_path}/reports")


@pytest.fixture
def late(ground: Ground) -> Ground:
    """A live store with late writes that could not be merged."""
    ground.service.create(ground.store_id, "/late/a.md", "We are in Leeds.")
    ground.service.create(ground.store_id, "/late/towns/b.md", "Hull is far.")
    return ground


def asked(ground: Ground, dream_id: str) -> str | None:
    return ground.service.client.beta.dreams.retrieve(dream_id).instructions


def launched(run: Run) -> str:
    """Launch, as a first try or another, and return the dream's id."""
    run.record.begin_try("launch_dream")
    return str(run.execute("launch_dream")["dream_id"])


def dreams_over(ground: Ground) -> list[Dream]:
    listed = ground.run().operator("launch_dream").hook.list_dreams()
    return [dream for dream in listed if dream.input_store_id == ground.store_id]


@pytest.mark.parametrize("standing", [None, STANDING])
def test_a_store_without_late_writes_is_dreamed_as_people_say(ground: Ground, standing: str | None) -> None:
    ground.service.create(ground.store_id, "/latest/a.md", "no late write")
    run = ground.run(instructions=standing)
    assert run.through("collect_sessions")["late"] == 0
    assert asked(ground, launched(run)) == standing


@pytest.mark.parametrize(("standing", "told"), [(None, FOLD_IN), (STANDING, f"{STANDING}\n\n{FOLD_IN}")])
def test_late_writes_are_folded_in_beside_what_people_say_and_the_review_shows_it(
    late: Ground, standing: str | None, told: str
) -> None:
    run = late.run(instructions=standing)
    assert run.through("collect_sessions")["late"] == 2
    assert asked(late, launched(run)) == told
    run.through("review_changes")
    kept = run.operator("review_changes").run_of(run.record.context("review_changes", {})).read_review()
    assert FOLD_IN in kept.dream.instructions


def test_a_request_that_is_repeated_stays_the_same_whatever_came_in_or_went_since(late: Ground) -> None:
    run = late.run()
    run.through("collect_sessions")
    first = launched(run)
    for path in ("/late/a.md", "/late/towns/b.md"):
        late.service.remove(late.store_id, path)
    assert launched(run) == first
    run.record.clear("collect_sessions", "launch_dream")
    assert run.execute("collect_sessions")["late"] == 0
    assert launched(run) == first
    assert len(dreams_over(late)) == 1


def test_late_writes_that_come_after_the_launch_make_no_other_request_of_it(ground: Ground) -> None:
    run = ground.run()
    run.through("collect_sessions")
    first = launched(run)
    ground.service.create(ground.store_id, "/late/a.md", "We are in Leeds.")
    run.record.clear("collect_sessions", "launch_dream")
    assert run.execute("collect_sessions")["late"] == 1
    assert launched(run) == first
    assert len(dreams_over(ground)) == 1


def test_a_dream_in_place_of_one_that_failed_is_asked_the_same(late: Ground) -> None:
    failure = {"type": "internal_error", "message": "try again"}
    late.service.client.post("/_control/dreams/fail_next", cast_to=object, body=failure)
    run = late.run(instructions=STANDING)
    run.through("launch_dream")
    run.record.begin_try("wait_for_dream")
    with pytest.raises(DreamFailed):
        run.execute("wait_for_dream")
    late.service.remove(late.store_id, "/late/a.md")
    run.record.begin_try("wait_for_dream")
    run.execute("wait_for_dream")
    assert [dream.instructions for dream in dreams_over(late)] == [f"{STANDING}\n\n{FOLD_IN}"] * 2


@pytest.mark.parametrize(("over", "is_told"), [(0, True), (1, False)])
def test_what_a_dream_takes_is_never_exceeded_people_first(
    late: Ground, capsys: pytest.CaptureFixture[str], over: int, is_told: bool
) -> None:
    standing = "x" * (INSTRUCTIONS_LIMIT - len(f"\n\n{FOLD_IN}") + over)
    run = late.run(instructions=standing)
    run.through("collect_sessions")
    told = asked(late, launched(run)) or ""
    assert len(told) == (INSTRUCTIONS_LIMIT if is_told else len(standing))
    assert told.endswith(FOLD_IN) is is_told
    assert ("Shorten dream.instructions by 1 characters" in capsys.readouterr().out) is not is_told
