"""Settling what earlier runs left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.launching import Intent, dreams_of
from dreamflow.core.lineage import Lineage, read_lineage
from dreamflow.core.objects import IN_FLIGHT
from dreamflow.core.swap import Agreed, Interrupted, TargetState, judge_targets
from dreamflow.errors import NotFound, NotYet, StateError
from dreamflow.run_files import open_runs, report_location
from dreamflow.tasks import PipelineOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.objects import Dream, MemoryStore
    from dreamflow.run_files import RunFiles

__all__ = ["SettleEarlierRuns"]


class SettleEarlierRuns(PipelineOperator):
    """
    Repair what earlier runs of the pipeline left, from what is there now.

    An interrupted swap is finished where the first target was already swapped, and taken back where it was not. A
    superseded store whose sessions have gone is retired. A store that no run will use is archived. Runs of one
    pipeline never overlap, so whatever is still open belongs to a run that has ended.

    :raises TargetsDisagree: the targets name different stores, and lineage does not prove an interrupted swap.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        did: list[str] = []
        live = self._settle_targets(did)
        location = report_location(self.pipeline.reports.location)
        for run_id in open_runs(location, self.pipeline.name):
            if run_id != context["run_id"]:
                self._settle_run(run_id, live, did)
        for line in did or ["nothing was left to settle"]:
            self.log.info("%s", line)
        return {"live_store_id": live.id, "did": did}

    def _settle_targets(self, did: list[str]) -> MemoryStore:
        from dreamflow.targets import repoint

        for target in self.targets:
            target.check()
        states = [TargetState(target.name, target.read()) for target in self.targets]
        verdict = judge_targets(states, self._lineage_of)
        match verdict:
            case Agreed(store_id):
                return self._live_store(store_id)
            case Interrupted(live=live, stray=stray, forward=forward, behind=behind):
                store = self._live_store(live)
                for position in behind:
                    repoint(self.targets[position], stray, live)
                    done = "finished" if forward else "took back"
                    did.append(
                        f"{done} the interrupted swap: {states[position].name} named {stray}, now {live}"
                    )
                return store

    def _live_store(self, store_id: str) -> MemoryStore:
        store = self.hook.retrieve_store(store_id)
        if store.archived_at is not None:
            raise StateError(
                f"{self.targets[0].name} names memory store {store_id}, which is archived. "
                "Point the targets at a store that is not."
            )
        return store

    def _lineage_of(self, store_id: str) -> Lineage | None:
        try:
            return read_lineage(self.hook.retrieve_store(store_id))
        except NotFound:
            return None

    def _settle_run(self, run_id: str, live: MemoryStore, did: list[str]) -> None:
        from dreamflow.core.ancestry import was_adopted

        files = self.files_of(run_id)
        try:
            facts = files.read_marker()
        except StateError as e:
            did.append(str(e))
            return
        output_id = facts.get("output_store_id")
        dream = None if output_id else self._dream_of(facts)
        if dream is not None and dream.status in IN_FLIGHT:
            did.append(f"run {run_id}: its dream {dream.id} is still {dream.status}; it is left alone")
            return
        output_id = output_id or (dream.output_store_id if dream else None)
        if output_id is None:
            files.mark_settled()
        elif was_adopted(self.hook.find_store, output_id, live.id):
            self._retire_input_of(run_id, files, output_id, live, did)
        else:
            self._archive_leftover(run_id, files, output_id, did)

    def _dream_of(self, facts: dict[str, Any]) -> Dream | None:
        """Return the dream that the run started, also where it died before it noted the dream's id."""
        if dream_id := facts.get("dream_id"):
            try:
                return self.hook.retrieve_dream(dream_id)
            except NotFound:
                return None
        if intent := facts.get("intent"):
            return next(dreams_of(Intent.from_json(intent), self.hook.list_dreams()), None)
        return None

    def _retire_input_of(
        self, run_id: str, files: RunFiles, output_id: str, live: MemoryStore, did: list[str]
    ) -> None:
        from dreamflow.retirement import retire

        lineage = self._lineage_of(output_id)
        if lineage is None:
            did.append(
                f"memory store {output_id} of run {run_id} was adopted by hand, or its lineage is gone: what the run "
                f"left is for a person. Compare the store that it replaced ({files.folder}/base.json names it) with "
                f"the live one and archive it by hand, then delete {files.marker}: until then, this is said each night"
            )
            return
        try:
            self.hook.retrieve_store(lineage.parent)
        except NotFound:
            files.mark_settled()
            did.append(f"memory store {lineage.parent} of run {run_id} is gone: somebody deleted it")
            return
        try:
            retired = retire(
                self.hook, files, lineage.parent, live.id, idle_for=self.pipeline.retire.idle_for
            )
        except (StateError, NotFound, NotYet) as e:
            self.log.warning("memory store %s of run %s was not retired: %s", lineage.parent, run_id, e)
            did.append(f"memory store {lineage.parent} of run {run_id} was not retired: {e}")
            return
        if retired.archived_at is None:
            did.append(
                f"memory store {lineage.parent} is still mounted by {len(retired.still_mounted)} sessions; it is left"
            )
        else:
            did.append(
                f"retired memory store {lineage.parent}; {len(retired.applied)} late writes were carried"
            )

    def _archive_leftover(self, run_id: str, files: RunFiles, output_id: str, did: list[str]) -> None:
        """Archive a store that was never adopted, unless it holds writes that only it has."""
        from dreamflow.carry import check_unwritten
        from dreamflow.retirement import writers_of

        try:
            store = self.hook.retrieve_store(output_id)
        except NotFound:
            files.mark_settled()
            return
        if store.archived_at is None:
            try:
                check_unwritten(self.hook, files, store)
            except StateError as e:
                did.append(str(e))
                return
            if writers := writers_of(self.hook, output_id, self.pipeline.retire.idle_for):
                did.append(
                    f"memory store {output_id} of run {run_id} is mounted by {len(writers)} sessions; it is left"
                )
                return
            self.hook.archive_store(output_id)
            did.append(f"archived memory store {output_id} of run {run_id}: no run will use it")
        files.mark_settled()
