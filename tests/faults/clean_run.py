"""A run that nothing disturbs: which calls it makes, and what it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dreamflow.errors import DreamflowError
from tests.faults.stage import Stage
from tests.support.faulty_proxy import Call
from tests.support.night import NIGHT, Night
from tests.support.run_record import RunRecord

__all__ = ["EVERY_CALL", "CleanRun", "assert_one_dream", "says_what_to_do"]

#: Keys of the pipeline's file with which a run makes every call that collect, launch and wait can make.
EVERY_CALL: dict[str, Any] = {
    "sessions": {"mounted": True},
    "dream": {"budget": {"tokens": 10**9, "usd": 1000}},
}
_TRIGGER = "wait_for_dream.trigger"
#: What a person is told to do begins with one of these.
_ADVICE = (
    "try again",
    "Check",
    "check that",
    "Clear",
    "clear",
    "asks to wait",
    "correct it",
    "Trigger",
    "Set ",
)


@dataclass(frozen=True)
class CleanRun:
    """
    :ivar calls: in order, of each kind the first two: a walk back through history asks the same at each step. How
        often a trigger polls depends on the moment: of each kind of its calls, the first.
    :ivar collected: what collect_sessions left.
    """

    calls: tuple[Call, ...]
    collected: dict[str, Any]

    @classmethod
    def on(cls, stage: Stage) -> CleanRun:
        night = stage.night()
        assert night.run() == "success", night.errors
        assert_one_dream(stage, night)
        calls = [call for call in stage.proxy.calls if call.nth <= (1 if call.phase == _TRIGGER else 2)]
        return cls(tuple(calls), night.left("collect_sessions"))

    def calls_of(self, *tasks: str) -> Iterator[Call]:
        return (call for call in self.calls if call.phase.split(".")[0] in tasks)

    def collects_the_same(self, night: Night) -> bool:
        """Tell whether the night collected what this run did; only the moment of listing may differ."""
        left = night.left(NIGHT[0])
        moves_on = left["since"] is None or left["through"] > left["since"]
        return moves_on and {**left, "through": None} == {**self.collected, "through": None}

    def record(self) -> RunRecord:
        """Return the record of a run that has collected."""
        record = RunRecord("tonight")
        record.leave(NIGHT[0], "return_value", self.collected)
        record.end(NIGHT[0], "success")
        return record


def assert_one_dream(stage: Stage, night: Night) -> None:
    """The run has one dream, both tasks name it, and the run's journal leads to its output."""
    (dream,) = stage.dreams()
    left = night.left("wait_for_dream")
    assert night.left("launch_dream") == {"dream_id": dream.id}
    assert left["dream_id"] == dream.id
    assert left["output_store_id"] == dream.outputs[0].memory_store_id
    note = night.run_records.journal().dream
    assert note is not None
    assert (note.dream_id, note.output_store_id) == (dream.id, left["output_store_id"])
    assert night.record.run_id in night.run_records.records.open_runs()


def says_what_to_do(error: Exception) -> bool:
    """Tell whether the error is one of ours, and says more than what went wrong."""
    return isinstance(error, DreamflowError) and any(advice in str(error) for advice in _ADVICE)
