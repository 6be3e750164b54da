"""Swapping the live store in the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from dreamflow.core.changes import digest
from dreamflow.errors import NotYet, StalePlan, StateError, SwapNotBegun
from dreamflow.tasks import (
    APPROVE,
    CARRY_LATE_WRITES,
    COLLECT_SESSIONS,
    WAIT_FOR_DREAM,
    PipelineOperator,
    pull,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline

__all__ = ["Repoint", "VerifyTargets", "live_store_asset"]


def live_store_asset(pipeline: Pipeline) -> Asset:
    """Return the asset that stands for the pipeline's live memory store; an event says that it was swapped."""
    return Asset(name=f"memory_store__{pipeline.name}", uri=f"x-dreamflow://memory_store/{pipeline.name}")


class Repoint(PipelineOperator):
    """
    Write the output store into one target, if and only if the target still names the input store, and the output is
    what was reviewed and carried.

    :param position: the target's place in the pipeline file, from 0. The first is the truth about what is live,
        and is swapped first.
    """

    def __init__(self, *, position: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.position = position

    def execute(self, context: Context) -> dict[str, Any]:
        from dreamflow.targets import repoint

        pull(context, CARRY_LATE_WRITES)
        before = str(pull(context, COLLECT_SESSIONS)["input_store_id"])
        after = str(pull(context, WAIT_FOR_DREAM)["output_store_id"])
        self._wait_for_earlier(after)
        target = self.targets[self.position]
        if target.read() != after:
            self._check_output(context)
        repoint(target, before, after)
        self.log.info("%s: %s → %s", target.name, before, after)
        return {"target": target.name, "before": before, "after": after}

    def _check_output(self, context: Context) -> None:
        """Refuse an output that is archived, or that somebody wrote to. Once one target names it, agents do write."""
        output_id = self.output_of(context)
        adopted = pull(context, CARRY_LATE_WRITES)["digest"]
        if self.position == 0 and digest(self.hook.list_memories(output_id)) != adopted:
            raise StalePlan(
                f"memory store {output_id} holds something else than what was reviewed and carried: it was written to "
                "since. No target was changed. Trigger a new run; a person has to look at this one's output."
            )

    def _wait_for_earlier(self, after: str) -> None:
        """Stop where an earlier target is not swapped: the first is to be first, also where its task is tried again."""
        for earlier in self.targets[: self.position]:
            named = earlier.read()
            if named != after:
                raise NotYet(
                    f"{earlier.name} comes first, and still names {named}. This target was left as it is."
                )


class VerifyTargets(PipelineOperator):
    """
    Read every target back. A swap that is only half done is taken back, and the run fails.

    Runs after a failed ``repoint`` too. On success it emits the event of the pipeline's asset, with the lineage.
    """

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
        super().__init__(pipeline=pipeline, outlets=[live_store_asset(pipeline)], **kwargs)

    def execute(self, context: Context) -> dict[str, Any]:
        if not context["ti"].xcom_pull(task_ids=CARRY_LATE_WRITES):
            raise SwapNotBegun("the swap never began: an earlier task failed. Every target is as it was.")
        before = str(pull(context, COLLECT_SESSIONS)["input_store_id"])
        after = str(pull(context, WAIT_FOR_DREAM)["output_store_id"])
        named = {target.name: target.read() for target in self.targets}
        if set(named.values()) != {after}:
            raise StateError(self._take_back(named, before, after))
        answer = pull(context, APPROVE)
        lineage = {
            "memory_store_id": after,
            "parent": before,
            "dream_id": pull(context, WAIT_FOR_DREAM)["dream_id"],
            "adopted_by": answer["by"],
            "digest": pull(context, CARRY_LATE_WRITES)["digest"],
            "targets": list(named),
        }
        context["outlet_events"][live_store_asset(self.pipeline)].extra = lineage
        return lineage

    def _take_back(self, named: dict[str, str], before: str, after: str) -> str:
        from dreamflow.targets import repoint

        if self.hook.retrieve_store(before).archived_at is not None:
            raise StateError(
                f"not every target names {after}, and {before}, which they named before, is archived: nothing was "
                f"taken back. Now {', '.join(f'{name} names {store_id}' for name, store_id in named.items())}. Point "
                "all of them at the store that you trust; then trigger a run."
            )
        taken_back = []
        for target in self.targets:
            if named[target.name] == after:
                repoint(target, after, before)
                taken_back.append(target.name)
        odd = [
            f"{name} names {store_id}" for name, store_id in named.items() if store_id not in (before, after)
        ]
        return (
            f"not every target could be repointed to {after}: "
            + (f"{', '.join(taken_back)} was set back to {before}" if taken_back else "none was")
            + (f"; {'; '.join(odd)}, and was left alone" if odd else "")
            + ". See the log of the failed repoint; then trigger a run."
        )
