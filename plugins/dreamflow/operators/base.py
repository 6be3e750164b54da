"""What the operators and sensors of a pipeline share: they talk to Airflow, and steps do the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.log import mask_secret

from dreamflow import storage
from dreamflow.core.handoffs import Decided, HandOff, Swap
from dreamflow.core.nights import NightPart
from dreamflow.errors import SkipRun, StateError
from dreamflow.links import airflow_url
from dreamflow.params import RunSettings, pipeline_chosen, run_settings
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import RESTORE_KEY
from dreamflow.steps.world import World
from dreamflow.targets import hidden_words, open_target

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["PipelineOperator", "clear_number", "live_store_asset", "night_part", "tell_adoption"]

H = TypeVar("H", bound=HandOff)


def live_store_asset(pipeline: Pipeline) -> Asset:
    """Return the asset that stands for the pipeline's live memory store; an event says that it was swapped."""
    return Asset(name=f"memory_store__{pipeline.name}", uri=f"x-dreamflow://memory_store/{pipeline.name}")


def tell_adoption(
    context: Context, outlet: Asset | AssetAlias, pipeline: Pipeline, adoption: dict[str, Any]
) -> None:
    """Emit the event of the pipeline's asset, by itself or through the alias that the task has for an outlet."""
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


def night_part(context: Context) -> NightPart:
    """Return which night the run is part of."""
    return NightPart.of(str(context["run_id"]), context["dag_run"].conf)


class PipelineOperator(BaseOperator):
    """
    A task of one pipeline's DAG, or of the DAG that restores a store of any.

    :param pipeline: the pipeline, as its file says. None: the one that the run's Param ``pipeline`` names.
    :param given: what the task's predecessor leaves, as an ``XComArg``.
    """

    template_fields: Sequence[str] = ("given",)
    #: How long a task may take at most, however slowly the service answers. None for tasks that wait.
    step_timeout: ClassVar[timedelta | None] = timedelta(hours=1)

    def __init__(self, *, pipeline: Pipeline | None = None, given: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("execution_timeout", self.step_timeout)
        super().__init__(**kwargs)
        self.is_restore = pipeline is None
        self.given = given
        self._pipeline = pipeline
        self._count_runs: Callable[..., int] | None = None

    @property
    def pipeline(self) -> Pipeline:
        """Return the pipeline: in a restore, once the task has begun."""
        assert self._pipeline is not None, "begin() comes first"
        return self._pipeline

    def begin(self, context: Context) -> None:
        """Take from the context what was not known when the DAG was built: the first thing that a task does."""
        self._pipeline = self._pipeline or pipeline_chosen(context["params"])
        self._count_runs = getattr(context["ti"], "get_dr_count", None)

    @cached_property
    def hook(self) -> ManagedAgentsHook:
        """Return the hook."""
        from dreamflow.hooks.managed_agents import ManagedAgentsHook  # noqa: PLC0415 - it imports anthropic

        return ManagedAgentsHook(conn_id=self.pipeline.conn_id)

    @cached_property
    def records(self) -> Records:
        """Return the pipeline's records. What variables brought into its file is masked in the logs from now."""
        for secret in hidden_words(self.pipeline.secrets, self.pipeline.shown):
            mask_secret(secret)
        return Records(storage, storage.report_location(self.pipeline.reports.location), self.pipeline.name)

    @cached_property
    def world(self) -> World:
        targets = [open_target(target, self.hook, self.pipeline.shown) for target in self.pipeline.targets]
        return World(
            self.pipeline,
            self.hook,
            targets,
            self.records,
            is_under_way=self._is_under_way,
            airflow=airflow_url(),
        )

    def _is_under_way(self, dag_id: str, run_id: str | None) -> bool:
        """A run that waits to begin counts where it is asked for by its id: it was under way, and was cleared."""
        count = self._count_runs
        if count is None:
            raise StateError(
                f"this Airflow does not tell a task whether a run of {dag_id} is under way: whether another run may "
                "swap the same memory is not known. Nothing was changed. Run the release of Airflow that "
                "constraints.txt names; then clear this task."
            )
        if run_id is None:
            return count(dag_id=dag_id, states=["running"]) > 0
        return count(dag_id=dag_id, run_ids=[run_id], states=["running", "queued"]) > 0

    def execute(self, context: Context) -> Any:
        self.begin(context)
        try:
            return self.work(context)
        except SkipRun as e:
            self.log.info("%s", e)
            raise AirflowSkipException(str(e)) from e

    def work(self, context: Context) -> Any:
        """Do the task's step."""
        raise NotImplementedError

    def run_of(self, context: Context) -> RunRecords:
        """Return the records of the run that this task is of."""
        return self.records.run(f"{RESTORE_KEY if self.is_restore else ''}{context['run_id']}")

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
