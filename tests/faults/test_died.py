"""A worker that dies before any write of a run's own, where a second dream comes into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dreamflow import storage
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.faults.test_taking_over import LAUNCH
from tests.faults.waiting import Died, fail_next
from tests.support.night import Night


class Fuse:
    """Counts the writes of a run from the end of its first dream on, and lets the worker die before one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int, stage: Stage) -> None:
        self.at, self._stage = at, stage
        self.writes = 0
        for name in ("write_text", "create_text", "delete"):
            patch.setattr(storage, name, self._dying(getattr(storage, name)))

    @property
    def is_blown(self) -> bool:
        return self.writes >= self.at

    def _dying(self, write: Callable[..., None]) -> Callable[..., None]:
        def wrapped(*args: str) -> None:
            ended = any(dream.status not in ("pending", "running") for dream in self._stage.dreams())
            if ended and not self.is_blown:
                self.writes += 1
                if self.is_blown:
                    raise Died
            write(*args)

        return wrapped


def dreams_anew(stage: Stage) -> Night:
    """Return a run whose dream fails for a cause that may pass."""
    fail_next(stage, "internal_error")
    return stage.night()


def leaves_one_out(stage: Stage) -> Night:
    """Return a run one of whose sessions is deleted while the dream runs."""
    night = stage.night()
    assert night.run(LAUNCH) == "success"
    stage.client.beta.sessions.delete(stage.past.to_dream[1])
    return night


def is_cleared_for_another(stage: Stage) -> Night:
    """Return a run that a person wants a new dream of."""
    night = stage.night(new_dream=True)
    assert night.run(LAUNCH) == "success"
    night.record.clear("launch_dream")
    return night


@pytest.mark.parametrize(
    ("prepared", "ended"),
    [(dreams_anew, "failed"), (leaves_one_out, "failed"), (is_cleared_for_another, "canceled")],
    ids=["failed", "session gone", "new_dream"],
)
def test_whenever_the_worker_dies_the_second_dream_is_the_last_and_the_runs_own(
    set_stage: SetStage,
    subtests: pytest.Subtests,
    prepared: Callable[[Stage], Night],
    ended: str,
) -> None:
    at, blown = 0, True
    while blown:
        at += 1
        with subtests.test(write=at), set_stage() as stage:
            night = prepared(stage)
            with pytest.MonkeyPatch.context() as patch:
                fuse = Fuse(patch, at, stage)
                try:
                    state = night.run()
                except Died:
                    state = night.run()
            blown = fuse.is_blown
            assert state == "success", night.errors
            second, first = stage.dreams()
            assert (first.status, second.status) == (ended, "completed")
            assert night.left("wait_for_dream")["dream_id"] == second.id
            assert night.left("launch_dream")["dream_id"] in (first.id, second.id)
            assert stage.unsettled_stores(night) == set()
    assert at > 5
