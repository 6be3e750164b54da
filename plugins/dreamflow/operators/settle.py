"""Settling what earlier runs left."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from airflow.sdk import AssetAlias

from dreamflow.config import load_others
from dreamflow.core.fleets import Member
from dreamflow.core.nights import members_asked
from dreamflow.errors import StateError
from dreamflow.operators.base import PipelineOperator, clear_number, shard_of_task, tell_adoption
from dreamflow.steps.holding import hold
from dreamflow.steps.roster import left_alone, left_open, make_roster, open_members
from dreamflow.steps.settle import prune, settle

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.core.fleets import Roster

__all__ = ["SettleEarlierRuns"]

#: Runs, or members, that a message names.
_NAMED = 5


class SettleEarlierRuns(PipelineOperator):
    """Repair what earlier runs of the pipeline left. A dry run only says what it would do."""

    def __init__(self, *, pipeline: Pipeline | None = None, **kwargs: Any) -> None:
        # An alias emits only what is added to it: most nights no swap is left to finish.
        self.settled = AssetAlias(
            f"memory_store__{pipeline.name}__settled" if pipeline else "restore__settled"
        )
        #: Why members of a fleet can't be worked on, by id.
        self.refused: dict[str, str] = {}
        super().__init__(pipeline=pipeline, outlets=[self.settled], **kwargs)

    def work_through(self, context: Context) -> Any:
        fleet = self.pipeline.fleet
        assert fleet is not None
        if earlier := sorted(self.records.open_runs()):
            raise StateError(
                f"runs of {self.pipeline.name} are open from when it was no fleet: {', '.join(earlier[:_NAMED])}. What "
                "they left would be settled by nobody. Put the file of then back for a night, or give the fleet's file "
                "another name. Nothing was done."
            )
        named, asked = self.settings(context).members, members_asked(context["dag_run"].conf)
        roster = make_roster(
            self.hook,
            self.records,
            self.pipeline,
            load_others(self.pipeline.name),
            run_id=str(context["run_id"]),
            shard=shard_of_task(context),
            shards=fleet.shards,
            named=named,
            asked=asked,
            cleared=clear_number(context),
        )
        if roster.new:
            self.log.info("%d members are new: %s", len(roster.new), ", ".join(roster.new[:20]))
        for member in roster.gone:
            self.log.warning(
                "%s is no member any more. Its files: %s",
                member.called,
                self.records.member(member.id).folder,
            )
        self.refused = roster.refused
        if not self.settings(context).dry_run:
            self._look_after_files(
                roster, shard_of_task(context), fleet.shards, is_part=bool(named) or asked is not None
            )
        return super().work_through(context)

    def _look_after_files(self, roster: Roster, shard: int, shards: int, *, is_part: bool) -> None:
        """
        Say what those left open who are no members any more, and delete the old files of the fleet and of such.

        :param is_part: the run is for some of the members: whose files are old, the next whole night looks.
        """

        def is_under_way(run_id: str) -> bool:
            return self._is_under_way(self.pipeline.dag_id, run_id)

        for id_, runs in left_open(self.records, roster, shard, shards).items():
            if ended := [run_id for run_id in runs if not is_under_way(run_id)]:
                self.log.warning(
                    "%s is no member any more, and nobody settles what its runs left: %s. What they were about to do "
                    "is in %s: look after their stores by hand, then delete that folder.",
                    id_,
                    ", ".join(ended[:_NAMED]),
                    self.records.member(id_).folder,
                )
        before = self.world.now() - self.pipeline.reports.keep
        if shard == 0 and (said := prune(self.records, before, is_under_way)):
            self.log.info("%s", said)
        if is_part:
            return
        # Those of the others are deleted where they are worked on.
        for id_ in left_alone(self.records, roster, shard, shards):
            if said := prune(self.records.member(id_), before, is_under_way):
                self.log.info("%s: %s", Member(id=id_).called, said)

    def check_members(self) -> None:
        """
        Refuse where members have open runs of when the pipeline was a fleet: their stores are this one's by now.

        :raises StateError: some have.
        """
        if self.pipeline.member or not (left := dict(islice(open_members(self.records), _NAMED))):
            return
        told = "; ".join(f"{id_}: {', '.join(runs[:_NAMED])}" for id_, runs in left.items())
        raise StateError(
            f"runs of {self.pipeline.name} are open from when it was a fleet, by member: {told}. What they left would "
            "be settled by nobody. Put the file of then back for a night, or give this file another name; or look "
            "after their stores by hand, then delete those members' folders in "
            f"{self.pipeline.shown(self.records.folder)}/members. Nothing was done."
        )

    def work(self, context: Context) -> dict[str, Any]:
        self.check_members()
        if self.pipeline.member and (why := self.refused.get(self.pipeline.member.id)):
            raise StateError(why)
        only_say = self.settings(context).dry_run
        # A restore's tasks are not mapped, and are another DAG's.
        shard = None if self.is_restore else shard_of_task(context)
        if self.pipeline.member:
            hold(self.world, self.run_of(context), shard, only_say=only_say)
        settled, adoptions = settle(self.world, self.run_of(context).run_id, only_say=only_say, shard=shard)
        for adoption in adoptions:
            tell_adoption(context, self.settled, self.pipeline, adoption)
        return settled.to_json()
