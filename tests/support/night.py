"""One run of the loop as Airflow drives it: try, defer, resume, and try again as the retry policy decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowSkipException, TaskDeferred
from airflow.triggers.base import BaseTrigger

from dreamflow.config import Pipeline
from dreamflow.core.changes import digest
from dreamflow.core.handoffs import ADOPT, Reviewed
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.memory_store import CarryLateWrites, RetireInput
from dreamflow.operators.session import CollectSessions
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.records.files import RunRecords
from dreamflow.retry import RetryByCause
from dreamflow.sensors.dream import DreamSensor
from dreamflow.sensors.session import DrainSensor
from dreamflow.steps.decide import decide
from dreamflow.tasks import (
    APPROVE,
    CARRY_LATE_WRITES,
    COLLECT_SESSIONS,
    DRAIN_SESSIONS,
    LAUNCH_DREAM,
    REPOINT,
    RETIRE_INPUT,
    SETTLE_EARLIER_RUNS,
    VERIFY_TARGETS,
    WAIT_FOR_DREAM,
)
from tests.support.run_record import RunRecord

__all__ = ["NIGHT", "Night", "first_event", "pipeline_of", "revive"]

NIGHT = (COLLECT_SESSIONS, LAUNCH_DREAM, WAIT_FOR_DREAM)
_OPERATORS: dict[str, type[PipelineOperator]] = {
    SETTLE_EARLIER_RUNS: SettleEarlierRuns,
    COLLECT_SESSIONS: CollectSessions,
    LAUNCH_DREAM: LaunchDream,
    WAIT_FOR_DREAM: DreamSensor,
    CARRY_LATE_WRITES: CarryLateWrites,
    REPOINT: Repoint,
    VERIFY_TARGETS: VerifyTargets,
    DRAIN_SESSIONS: DrainSensor,
    RETIRE_INPUT: RetireInput,
}
#: Whose hand-off each task takes, as the DAG file has it.
_BEFORE = {
    COLLECT_SESSIONS: SETTLE_EARLIER_RUNS,
    LAUNCH_DREAM: COLLECT_SESSIONS,
    WAIT_FOR_DREAM: LAUNCH_DREAM,
    CARRY_LATE_WRITES: APPROVE,
    REPOINT: CARRY_LATE_WRITES,
    VERIFY_TARGETS: REPOINT,
    DRAIN_SESSIONS: VERIFY_TARGETS,
    RETIRE_INPUT: DRAIN_SESSIONS,
}
#: As the Trigger form has them when nobody changes them.
_PARAMS = {
    "limit": 50,
    "model": "claude-opus-4-8",
    "instructions": None,
    "approval_mode": "required",
    "dry_run": False,
    "new_dream": False,
}
#: Far below what a pipeline file may say, so that tests do not wait.
POLL_INTERVAL = timedelta(milliseconds=20)


def pipeline_of(data: dict[str, Any]) -> Pipeline:
    """Return the pipeline that the file's data say, except that it polls without a pause worth the name."""
    pipeline = Pipeline.model_validate(data)
    hasty = pipeline.dream.model_copy(update={"poll_interval": POLL_INTERVAL})
    return pipeline.model_copy(update={"dream": hasty})


def revive(classpath: str, kwargs: dict[str, Any]) -> BaseTrigger:
    """Make a trigger of what another process has serialized."""
    module, _, name = classpath.rpartition(".")
    trigger: BaseTrigger = getattr(import_module(module), name)(**kwargs)
    return trigger


async def first_event(trigger: BaseTrigger) -> Any:
    """Run the trigger as a triggerer does, to its only event."""
    async with aclosing(trigger.run()) as events:  # type: ignore[type-var]
        async for event in events:
            return event.payload
    return None


@dataclass
class Night:
    """
    One run of a pipeline.

    :param enter: told of each phase before it begins: a task's id, with ``.trigger`` or ``.resume`` behind it.
    :param pause: waits before a retry, instead of the time that the policy asks for.
    :ivar errors: what the tries raised, in order.
    :ivar skip_reason: why the run was skipped; empty where it was not.
    :ivar waits: what the retry policy asked to wait, in seconds.
    """

    pipeline: Pipeline
    record: RunRecord
    params: dict[str, Any] = field(default_factory=dict)
    enter: Callable[[str], None] = lambda phase: None
    pause: Callable[[float], None] = lambda seconds: None
    errors: list[Exception] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    skip_reason: str = ""

    @property
    def run_records(self) -> RunRecords:
        return self.operator(COLLECT_SESSIONS).world.records.run(self.record.run_id)

    @property
    def left(self) -> Callable[..., Any]:
        return self.record.left

    @property
    def message(self) -> str:
        """Return what the last error says."""
        return str(self.errors[-1])

    def run(self, tasks: Sequence[str] = NIGHT) -> str:
        """Run the tasks one after the other, and return the state of the last that ran."""
        state = "none"
        for task_id in tasks:
            state = self.record.ended(task_id) or self.run_task(task_id)
            if state != "success":
                break
        return state

    def run_task(self, task_id: str) -> str:
        """Run one task with its retries to its end: ``success``, ``skipped`` or ``failed``."""
        while True:
            state = self._step(task_id)
            if state is not None:
                self.record.end(task_id, state)
                return state

    def operator(self, task_id: str) -> PipelineOperator:
        before = _BEFORE.get(task_id)
        given = self.left(before) if before else None
        if before == SETTLE_EARLIER_RUNS and given is None:
            given = {"live_store_id": "not settled here", "did": []}
        return _OPERATORS[task_id](task_id=task_id, pipeline=self.pipeline, given=given)

    def _step(self, task_id: str) -> str | None:
        """Do what Airflow would do next with the task, and return its state where that ends it."""
        context = self.record.context(task_id, {**_PARAMS, **self.params})
        try:
            if (deferred := self.record.deferred(task_id)) is not None:
                event = self._follow(task_id, deferred)
                self.record.resume(task_id)
                self.enter(f"{task_id}.resume")
                result = getattr(self.operator(task_id), deferred["method"])(context, event=event)
            else:
                self.record.begin_try(task_id)
                self.enter(task_id)
                result = self.operator(task_id).execute(context)
        except TaskDeferred as deferral:
            classpath, kwargs = deferral.trigger.serialize()
            self.record.defer(
                task_id, {"classpath": classpath, "kwargs": kwargs, "method": deferral.method_name}
            )
            return None
        except AirflowSkipException as skip:
            self.skip_reason = str(skip)
            return "skipped"
        except Exception as error:
            return self._after(task_id, error)
        if result is not None:
            self.record.leave(task_id, "return_value", result)
        return "success"

    def _follow(self, task_id: str, deferred: dict[str, Any]) -> Any:
        self.enter(f"{task_id}.trigger")
        return asyncio.run(first_event(revive(deferred["classpath"], deferred["kwargs"])))

    def _after(self, task_id: str, error: Exception) -> str | None:
        self.errors.append(error)
        number, most = self.record.try_number(task_id), self.record.max_tries(task_id)
        decision = RetryByCause().evaluate(error, number, most)
        if decision.action is RetryAction.FAIL or number > most:
            return "failed"
        delay = decision.retry_delay.total_seconds() if decision.retry_delay else 0.0
        self.waits.append(delay)
        self.pause(delay)
        return None

    def decide(self, by: str = "Ada") -> None:
        """Let a person adopt the output as it is."""
        world, dreamed = self.operator(WAIT_FOR_DREAM).world, self.left(WAIT_FOR_DREAM)
        reviewed = Reviewed(
            report_uri="",
            digest=digest(world.hook.list_memories(dreamed["output_store_id"])),
            dream_id=dreamed["dream_id"],
            input_store_id=dreamed["input_store_id"],
            output_store_id=dreamed["output_store_id"],
        )
        decided = decide(self.run_records, reviewed, ADOPT, by, datetime.now(UTC), "")
        self.record.leave(APPROVE, "return_value", decided.to_json())

    def adopt(self, by: str = "Ada") -> None:
        """Adopt the output as it is: an answer, late writes, and the swap of every target."""
        self.decide(by)
        assert self.run((CARRY_LATE_WRITES, REPOINT, VERIFY_TARGETS)) == "success", self.errors

    def settle(self, run_id: str = "the_next_run") -> list[str]:
        """Let a later run settle what this one left, and return what it did."""
        operator = SettleEarlierRuns(task_id=SETTLE_EARLIER_RUNS, pipeline=self.pipeline)
        done: list[str] = operator.execute(RunRecord(run_id).context(SETTLE_EARLIER_RUNS, _PARAMS))["did"]
        return done
