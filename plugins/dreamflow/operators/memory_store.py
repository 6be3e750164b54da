"""What is done to the stores themselves: carry late writes, discard the output, retire the input."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dreamflow.carry import apply_writes, check_unwritten, list_input, plan_or_stop
from dreamflow.core.ancestry import was_adopted
from dreamflow.core.changes import digest
from dreamflow.core.late_writes import applied_to, rebased, without_carried
from dreamflow.core.lineage import Lineage, adopted_metadata, origin_of_heir
from dreamflow.core.selection import covered_through
from dreamflow.errors import StalePlan, StateError
from dreamflow.retirement import retire
from dreamflow.tasks import (
    APPROVE,
    COLLECT_SESSIONS,
    WAIT_FOR_DREAM,
    PipelineOperator,
    moment_of,
    pull,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.late_writes import Carried
    from dreamflow.core.objects import Listing
    from dreamflow.run_files import RunFiles

__all__ = ["CarryLateWrites", "DiscardOutput", "RetireInput"]


class CarryLateWrites(PipelineOperator):
    """
    Bring the output up to what the input received since the dream was launched, and make it the input's heir.

    The plan is written down before the first write, so that a second try knows which writes are its own. The
    input's name, description and metadata, and the lineage, are put on the output before any target names it.

    :raises StalePlan: the output is not what was reviewed.
    :raises LateWriteConflict: a session and the dream changed the same memory. Nothing was written.
    :raises NotYet: something wrote to the output just now, where a late write goes.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        answer = pull(context, APPROVE)
        input_id = pull(context, COLLECT_SESSIONS)["input_store_id"]
        output_id = self.output_of(context)
        files = self.files(context)
        earlier = files.read_plan("plan")
        output = self.hook.list_memories(output_id)
        self._check_reviewed(output_id, output, earlier, answer["digest"])
        base = rebased(files.carry_base(), earlier, output)
        current = list_input(self.hook, self.hook.retrieve_store(input_id))
        plan = plan_or_stop(input_id, output_id, base, current, output)
        writes = [*earlier, *(write.carried() for write in plan.writes)]
        self._note_plan(files, writes, answer["digest"], None)
        apply_writes(self.hook, input_id, output_id, output, plan.writes)
        files.write_listing("carried", input_id, current)
        self._make_heir(context, input_id, output_id, answer)
        adopted = digest(applied_to(output, plan.writes))
        if digest(self.hook.list_memories(output_id)) != adopted:
            raise StalePlan(
                f"memory store {output_id} holds more than what was reviewed and carried: something else wrote to it "
                "just now. No target was changed. Trigger a new run; it archives this one's output."
            )
        self._note_plan(files, writes, answer["digest"], adopted)
        self.log.info("%d late writes were carried from %s to %s", len(writes), input_id, output_id)
        return {"applied": [write.to_json() for write in writes], "conflicts": [], "digest": adopted}

    def _check_reviewed(self, output_id: str, output: Listing, earlier: list[Carried], reviewed: str) -> None:
        if digest(without_carried(output, earlier)) != reviewed:
            raise StalePlan(
                f"memory store {output_id} is no longer what was reviewed (digest {reviewed[:16]}): something wrote "
                "to it since. Nothing was changed. Trigger a new run; it archives this one's output."
            )

    def _note_plan(self, files: RunFiles, writes: list[Carried], reviewed: str, adopted: str | None) -> None:
        files.write_plan("plan", writes, digest_before=reviewed, digest_after=adopted)

    def _make_heir(self, context: Context, input_id: str, output_id: str, answer: dict[str, Any]) -> None:
        parent, output = self.hook.retrieve_store(input_id), self.hook.retrieve_store(output_id)
        collected, waited = pull(context, COLLECT_SESSIONS), pull(context, WAIT_FOR_DREAM)
        lineage = Lineage(
            pipeline=self.pipeline.name,
            parent=input_id,
            dream=str(waited["dream_id"]),
            run=str(context["run_id"]),
            through=covered_through(moment_of(collected, "through"), moment_of(waited, "created_at")),
            adopted_at=datetime.now(UTC),
            adopted_by=str(answer["by"]),
            scope=str(collected.get("scope", "")),
            origin=origin_of_heir(parent),
        )
        self.hook.update_store(
            output_id,
            name=parent.name,
            description=parent.description,
            metadata=adopted_metadata(parent, output.metadata, lineage),
        )


class DiscardOutput(PipelineOperator):
    """Archive the output of a dream that was not adopted. The targets and the input stay as they are."""

    def execute(self, context: Context) -> dict[str, Any]:
        output_id = discard_output(self, context)
        return {"archived_store_id": output_id}


def discard_output(operator: PipelineOperator, context: Context) -> str:
    """
    Archive the run's output, and account for it.

    :raises StateError: it is live, or was; or sessions wrote to it.
    """
    output_id = str(pull(context, WAIT_FOR_DREAM)["output_store_id"])
    files = operator.files(context)
    named = [target.read() for target in operator.targets]
    if output_id in named:
        raise StateError(f"memory store {output_id} is live: a target names it. It was not archived.")
    if was_adopted(operator.hook.find_store, output_id, named[0]):
        raise StateError(
            f"memory store {output_id} was adopted, and {named[0]} has replaced it since. Nothing was changed: what "
            "this run replaced is settle_earlier_runs' to retire. Mark this task successful."
        )
    check_unwritten(operator.hook, files, operator.hook.retrieve_store(output_id))
    operator.hook.archive_store(output_id)
    files.mark_settled()
    operator.log.info("archived memory store %s; the targets are as they were", output_id)
    return output_id


class RetireInput(PipelineOperator):
    """
    Archive the input once no session could still write to it; carry what came in until then.

    Where sessions still hold it, it is left to the next run's settle, and said so.

    :raises StateError: somebody has gone back to the input, or on to a store that did not come of this run's.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        input_id = str(pull(context, COLLECT_SESSIONS)["input_store_id"])
        live_id = self._live_store(input_id, str(pull(context, WAIT_FOR_DREAM)["output_store_id"]))
        retired = retire(
            self.hook, self.files(context), input_id, live_id, idle_for=self.pipeline.retire.idle_for
        )
        if retired.archived_at is None:
            self.log.warning(
                "memory store %s is still mounted by %d sessions that could write (%s): it is not archived. "
                "The next run's settle_earlier_runs retires it.",
                input_id,
                len(retired.still_mounted),
                ", ".join(retired.still_mounted[:5]),
            )
        return {
            "archived_at": retired.archived_at.isoformat() if retired.archived_at else None,
            "applied": retired.applied,
            "conflicts": [],
        }

    def _live_store(self, input_id: str, output_id: str) -> str:
        """Return the live store: the output, or what has replaced it since."""
        named = {target.name: target.read() for target in self.targets}
        live_id = named[self.targets[0].name]
        back = [name for name, store_id in named.items() if store_id == input_id]
        if back:
            raise StateError(
                f"{' and '.join(back)} names memory store {input_id} again: it is live, and was not archived. Where "
                f"that is what you want, archive {output_id} by hand once no session uses it."
            )
        if not was_adopted(self.hook.find_store, output_id, live_id):
            raise StateError(
                f"{self.targets[0].name} names memory store {live_id}, which did not come of {output_id}. "
                f"{input_id} was not archived. Trigger a run: it settles what can be told."
            )
        return live_id
