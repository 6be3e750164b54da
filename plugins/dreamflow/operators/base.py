"""What the operators and sensors of a pipeline share: they talk to Airflow, and steps do the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.log import mask_secret

from dreamflow import storage
from dreamflow.core.fleets import has_ended
from dreamflow.core.handoffs import Decided, HandOff, Swap
from dreamflow.core.nights import NightPart
from dreamflow.errors import SkipRun, StateError
from dreamflow.links import airflow_url
from dreamflow.params import RunSettings, pipeline_chosen, run_settings
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import RESTORE_KEY
from dreamflow.records.rosters import read_roster
from dreamflow.steps.fleet import Round, Worked
from dreamflow.steps.fleet_course import LAST_TASKS
from dreamflow.steps.fleet_ledger import FleetLedger, night_share
from dreamflow.steps.fleet_rows import list_anew
from dreamflow.steps.launch import has_usable_dream
from dreamflow.steps.world import World
from dreamflow.targets import hidden_words, open_target, telling

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.core.fleets import Member, Roster
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = [
    "PipelineOperator",
    "clear_number",
    "is_last_try",
    "live_store_asset",
    "shard_of_task",
    "tell_adoption",
]

H = TypeVar("H", bound=HandOff)


def is_last_try(context: Context) -> bool:
    """Tell whether Airflow will not try the task again."""
    return int(context["ti"].try_number) > clear_number(context)


def shard_of_task(context: Context) -> int:
    """Return which of the fleet's shards the task is of: the chain is mapped where there are several."""
    return max(int(context["ti"].map_index or 0), 0)


def live_store_asset(pipeline: Pipeline) -> Asset:
    """Return the asset that stands for the pipeline's live memory store; an event says that it was swapped."""
    return Asset(name=f"memory_store__{pipeline.name}", uri=f"x-dreamflow://memory_store/{pipeline.name}")


def tell_adoption(
    context: Context, outlet: Asset | AssetAlias, pipeline: Pipeline, adoption: dict[str, Any]
) -> None:
    """
    Emit the event of the pipeline's asset, by itself or through the alias that the task has for an outlet.

    Of a fleet's member none is emitted: its task tells of all in one.
    """
    if pipeline.member is not None:
        return
    events = context["outlet_events"][outlet]
    if isinstance(outlet, AssetAlias):
        events.add(live_store_asset(pipeline), extra=adoption)
    else:
        events.extra = adoption


def clear_number(context: Context) -> int:
    """
    Return a number that stays the same through a task's retries and changes when a person clears it.

    Airflow raises ``max_tries`` on a clear, and leaves it alone on a retry.
    """
    return int(context["ti"].max_tries)


#: How much longer than for one memory a task may take for a fleet of them.
_FLEET_TIMES = 12


class PipelineOperator(BaseOperator):
    """
    A task of one pipeline's DAG, or of the DAG that restores a store of any.

    What it does is ``work``. Where the pipeline has a fleet, a copy of the task works on each member, and what it would
    have taken and left is in the member's journal.

    :param pipeline: the pipeline, as its file says. None: the one that the run's Param ``pipeline`` names.
    :param given: what the task's predecessor leaves, as an ``XComArg``.
    """

    template_fields: Sequence[str] = ("given",)
    #: How long a task may take at most, however slowly the service answers. None for tasks that wait.
    step_timeout: ClassVar[timedelta | None] = timedelta(hours=1)
    #: Members that it works on at once, at most; None: as many as ``fleet.concurrency`` says.
    at_once: ClassVar[int | None] = None
    #: Whether it counts what the night may still use.
    counts: ClassVar[bool] = False
    #: Of members that were decided on, it works only on those with this decision.
    decision: ClassVar[str | None] = None

    def __init__(self, *, pipeline: Pipeline | None = None, given: Any = None, **kwargs: Any) -> None:
        times = _FLEET_TIMES if pipeline is not None and pipeline.fleet else 1
        kwargs.setdefault("execution_timeout", self.step_timeout and self.step_timeout * times)
        super().__init__(**kwargs)
        self.is_restore = pipeline is None
        self.given = given
        self._pipeline = pipeline
        self._count_runs: Callable[..., int] | None = None
        self._under_way: dict[tuple[str, str | None], bool] = {}
        self._ask_states: Callable[..., dict[str, dict[str, str | None]]] | None = None
        self._states: dict[str, dict[str, str | None]] = {}
        self._ledger: FleetLedger | None = None

    @property
    def pipeline(self) -> Pipeline:
        """Return the pipeline: in a restore, once the task has begun."""
        assert self._pipeline is not None, "begin() comes first"
        return self._pipeline

    def begin(self, context: Context) -> None:
        """Take from the context what was not known when the DAG was built: the first thing that a task does."""
        self._pipeline = self._pipeline or pipeline_chosen(context["params"], str(context["run_id"]))
        self._count_runs, self._under_way = getattr(context["ti"], "get_dr_count", None), {}
        self._ask_states, self._states = getattr(context["ti"], "get_task_states", None), {}

    @property
    def is_fleet(self) -> bool:
        """Tell whether the task is to work through members: not where it is one's already."""
        return self.pipeline.fleet is not None and self.pipeline.member is None

    @cached_property
    def hook(self) -> ManagedAgentsHook:
        """Return the hook."""
        if self.is_fleet:
            from dreamflow.hooks.shared import SharedHook  # noqa: PLC0415 - it imports anthropic

            return SharedHook(conn_id=self.pipeline.conn_id)
        from dreamflow.hooks.managed_agents import ManagedAgentsHook  # noqa: PLC0415 - it imports anthropic

        return ManagedAgentsHook(conn_id=self.pipeline.conn_id)

    @cached_property
    def records(self) -> Records:
        """Return the pipeline's records. What variables brought into its file is masked in the logs from now."""
        for secret in hidden_words(self.pipeline.secrets, self.pipeline.shown):
            mask_secret(secret)
        location = storage.report_location(self.pipeline.reports.location)
        records = Records(storage, location, self.pipeline.name)
        return records.member(self.pipeline.member.id) if self.pipeline.member else records

    @cached_property
    def world(self) -> World:
        targets = [open_target(target, self.hook, self.pipeline.shown) for target in self.pipeline.targets]
        return World(
            self.pipeline,
            self.hook,
            targets,
            self.records,
            is_under_way=self._is_under_way,
            has_shard_ended=self._has_shard_ended,
            airflow=airflow_url(),
            ledger=self._ledger,
        )

    def _is_under_way(self, dag_id: str, run_id: str | None) -> bool:
        """A run that waits to begin counts where it is asked for by its id: it was under way, and was cleared."""
        # All members of a fleet ask after the same few runs.
        if (dag_id, run_id) not in self._under_way:
            asked: dict[str, Any] = {"states": ["running"]}
            if run_id is not None:
                asked = {"run_ids": [run_id], "states": ["running", "queued"]}
            self._under_way[dag_id, run_id] = self._are_runs(dag_id, **asked)
        return self._under_way[dag_id, run_id]

    def _has_shard_ended(self, run_id: str, shard: int) -> bool:
        if self._ask_states is None:
            return False
        if run_id not in self._states:
            told = self._ask_states(dag_id=self.pipeline.dag_id, run_ids=[run_id])
            self._states[run_id] = told.get(run_id, {})
        return has_ended(self._states[run_id], shard)

    def _is_there(self, dag_id: str, run_id: str) -> bool:
        """Tell whether there is such a run, under way or ended."""
        return self._are_runs(dag_id, run_ids=[run_id])

    def _are_runs(self, dag_id: str, **asked: Any) -> bool:
        if self._count_runs is None:
            raise StateError(
                f"this Airflow does not tell a task whether a run of {dag_id} is under way: whether another run may "
                "swap the same memory is not known. Nothing was changed. Run the release of Airflow that "
                "constraints.txt names; then clear this task."
            )
        return self._count_runs(dag_id=dag_id, **asked) > 0

    def execute(self, context: Context) -> Any:
        self.begin(context)
        try:
            return self.work_through(context) if self.is_fleet else self.work(context)
        except SkipRun as e:
            self.log.info("%s", e)
            raise AirflowSkipException(str(e)) from e

    def work_through(self, context: Context) -> Any:
        """Work on every member of the fleet that is not finished, each by itself."""
        now = self.round(context)
        worked: Worked[Any] = now.work(
            lambda member, _, given: self.of_member(member, given).work(context), is_last=is_last_try(context)
        )
        return self.leave(context, now, worked)

    def leave(self, context: Context, now: Round, worked: Worked[Any]) -> Any:
        """Return what the task leaves of the members, where all of them are finished."""
        if worked.passing:
            raise now.unfinished(worked)
        if self.task_id in LAST_TASKS:
            list_anew(self.records, now.run_id, shard_of_task(context))
            if failed := now.failed(worked):
                raise failed
        return now.tally(worked).model_dump(mode="json")

    def round(self, context: Context) -> Round:
        """Return the task as it works through the members of its shard."""
        fleet = self.pipeline.fleet
        assert fleet is not None
        roster = self.roster(context)
        if self.counts:
            self._ledger = self.ledger(context)
        settings = self.settings(context)

        def has_dream(member: Member) -> bool:
            own = self.of_member(member, None)
            run = own.run_of(context)
            # One that another run has taken over goes on only where the settle takes it back.
            return run.records.holder() in ("", run.run_id) and has_usable_dream(own.world, run)

        return Round(
            self.records,
            str(context["run_id"]),
            self.task_id,
            roster.everyone,
            at_once=min(fleet.concurrency, self.at_once or fleet.concurrency),
            shard=shard_of_task(context),
            cleared=clear_number(context),
            decision=self.decision,
            new_dream=settings.new_dream,
            only_say=settings.dry_run,
            has_dream=has_dream,
            shown=telling(hidden_words(self.pipeline.secrets, self.pipeline.shown)),
        )

    def roster(self, context: Context) -> Roster:
        """Return who the members are tonight, as the run has noted it."""
        return read_roster(self.records, str(context["run_id"]), shard_of_task(context))

    def ledger(self, context: Context) -> FleetLedger:
        """Return what the night of the shard may still use."""
        ids, night = [member.id for member in self.roster(context).members], self.night_part(context).night
        share = night_share(self.pipeline, self.records, night, shard_of_task(context))
        return FleetLedger.open(self.pipeline, self.records, ids, night, share)

    def of_member(self, member: Member, given: Any) -> Self:
        """Return a copy of the task that is for one member, with what the task before left of it."""
        own = copy(self)
        for name in ("records", "world"):
            own.__dict__.pop(name, None)
        own.__dict__.update(_pipeline=self.pipeline.of_member(member), given=given, hook=self.hook)
        return own

    def work(self, context: Context) -> Any:
        """Do the task's step."""
        raise NotImplementedError

    def run_of(self, context: Context) -> RunRecords:
        """Return the records of the run that this task is of."""
        run = self.records.run(f"{RESTORE_KEY if self.is_restore else ''}{context['run_id']}")
        return run.of_shard(shard_of_task(context)) if self.is_fleet else run

    def night_part(self, context: Context) -> NightPart:
        """Return which night the run is part of."""
        member = self.pipeline.member
        return NightPart.of(str(context["run_id"]), context["dag_run"].conf, member.id if member else None)

    def settings(self, context: Context) -> RunSettings:
        return run_settings(self.pipeline, context["params"])

    def handed(self, kind: type[H]) -> H:
        """Return what the predecessor has left."""
        return kind.of(self.given, " or ".join(sorted(self.upstream_task_ids)) or "the task before")

    def decided(self, context: Context) -> Decided:
        """Return what was decided, as it was handed on. Where that is gone, the journal has it."""
        noted = self.run_of(context).journal().decision if self.given is None else None
        return noted or self.handed(Decided)

    def swap(self, context: Context) -> Swap:
        """
        Return the run's swap, as the predecessor handed it on. Where that is gone, the journal has it.

        :raises StateError: there is none, or the journal tells of another one.
        """
        noted = self.run_of(context).journal().swap_decided
        handed = self.given.get("swap") if isinstance(self.given, dict) else None
        if noted is None or (handed and (handed["before"], handed["after"]) != (noted.before, noted.after)):
            raise StateError(
                f"the journal of run {context['run_id']} tells of {'another' if noted else 'no'} swap that was decided "
                "on: there is nothing to go on. Clear approve and what follows, or trigger a new run."
            )
        return noted
