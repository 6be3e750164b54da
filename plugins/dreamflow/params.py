"""The values that one run may need otherwise than its pipeline file says: the Trigger form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_args

from airflow.sdk import Param

from dreamflow import storage
from dreamflow.config import (
    INSTRUCTIONS_LIMIT,
    SESSIONS_LIMIT,
    ApprovalMode,
    load_named,
)
from dreamflow.core.fleets import name_for_people
from dreamflow.core.handoffs import LateWrites
from dreamflow.errors import ConfigError, StateError
from dreamflow.records.files import Records
from dreamflow.records.rosters import find_noted_member, note_restored_member, restored_member

if TYPE_CHECKING:
    from dreamflow.config import Pipeline

__all__ = [
    "RunSettings",
    "pipeline_chosen",
    "pipeline_named",
    "restore_params",
    "run_params",
    "run_settings",
    "wish_of",
]

#: The Params of a restore that name its pipeline, and the member of its fleet.
_PIPELINE, _MEMBER = "pipeline", "member"
#: The one choice where no pipeline's file is right: the DAG stays, and its runs go on.
_NO_CHOICE = "(no pipeline file is right: see the DAGs that are tagged broken)"


@dataclass(frozen=True)
class RunSettings:
    """
    What holds for one run: what its Params say, else its pipeline file.

    :ivar members: ids or names of the fleet's members that it is for; empty: for all.
    """

    limit: int
    model: str
    instructions: str | None
    approval_mode: ApprovalMode
    dry_run: bool
    new_dream: bool
    members: tuple[str, ...] = ()


def run_settings(pipeline: Pipeline, params: Mapping[str, Any]) -> RunSettings:
    """
    Return the run's settings.

    A Param that is empty is as the pipeline file says, where the file takes the value from a variable: the form can't
    show it. Elsewhere the form shows it, and instructions that were emptied are none.

    :param params: ``context["params"]``.
    """

    def of(name: str, key: str) -> Any:
        written = attrgetter(key)(pipeline)
        value = params.get(name, written)
        return written if value in (None, "") and pipeline.came_from_variable(key) else value

    return RunSettings(
        limit=int(of("limit", "sessions.limit")),
        model=str(of("model", "dream.model")),
        instructions=of("instructions", "dream.instructions") or None,
        approval_mode=of("approval_mode", "approval.mode"),
        dry_run=bool(params.get("dry_run")),
        new_dream=bool(params.get("new_dream")),
        members=_texts(params.get("members")) if pipeline.fleet else (),
    )


def run_params(pipeline: Pipeline) -> dict[str, Param]:
    """
    Return the Params of the pipeline's DAG. Each defaults to what the pipeline file says.

    Defaults stand in Airflow's database: where the file takes the value from a variable, the Param is empty.
    """

    def of(key: str, kind: str, title: str, description: str, **schema: Any) -> Param:
        value = attrgetter(key)(pipeline)
        if hidden := pipeline.came_from_variable(key):
            value, title = None, f"{title} (empty: as the pipeline file says)"
        types = [kind, "null"] if hidden or key == "dream.instructions" else kind
        if hidden and "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        return Param(value, type=types, title=title, description=description, **schema)

    def switch(title: str, description: str) -> Param:
        return Param(False, type="boolean", title=title, description=description)

    rest = "The rest waits for the next run, oldest first."
    models = "A model that the Dreams guide lists. The service refuses others."
    wish = "What the dream should do with the memory. None: the service's own way."
    asked = "Ask a person always, only where a check found something, or never."
    anew = "Clearing launch_dream creates a new dream instead of taking over the run's own."
    params = {
        "limit": of("sessions.limit", "integer", "Sessions at most", rest, minimum=1, maximum=SESSIONS_LIMIT),
        "model": of("dream.model", "string", "Model", models, minLength=1, maxLength=256),
        "instructions": of(
            "dream.instructions", "string", "Instructions", wish, maxLength=INSTRUCTIONS_LIMIT
        ),
        "approval_mode": of("approval.mode", "string", "Approval", asked, enum=[*get_args(ApprovalMode)]),
        "dry_run": switch("Dry run", "Collect and estimate, then stop before anything is spent."),
        "new_dream": switch("New dream when cleared", anew),
    }
    if pipeline.fleet is not None:
        params["members"] = Param(
            [],
            type=["array", "null"],
            items={"type": "string"},
            title="Only these members",
            description="Ids or names of deployments, one a line. Empty: all of the fleet's.",
        )
    return params


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(text for value in values or () if (text := str(value).strip()))


def pipeline_named(params: Mapping[str, Any]) -> Pipeline:
    """
    Return the pipeline that the run's Param names, as its file says now.

    :raises ConfigError: there is none of that name, or its file is wrong.
    """
    return load_named(str(params.get(_PIPELINE) or ""))


def pipeline_chosen(params: Mapping[str, Any], run_id: str) -> Pipeline:
    """
    Return the pipeline that a restore's Params name; of a fleet, as it is for the member that they name too.

    Which member that is, the restore's first task notes: names may change hands before the last one.

    :raises ConfigError: there is none of that name, its file is wrong, or it has no such member.
    :raises StorageUnavailable: who the members are could not be read.
    """
    pipeline = pipeline_named(params)
    called = str(params.get(_MEMBER) or "").strip()
    if pipeline.fleet is None:
        if called:
            raise ConfigError(f"pipeline {pipeline.name} has no fleet: leave the Param {_MEMBER} empty")
        return pipeline
    if not called:
        raise ConfigError(
            f"pipeline {pipeline.name} is a fleet: name the member whose memory goes back in the Param {_MEMBER}, by "
            "its deployment's id or name"
        )
    records = Records(storage, storage.report_location(pipeline.reports.location), pipeline.name)
    member = restored_member(records, run_id)
    if member is None:
        try:
            member = find_noted_member(records, name_for_people(called, pipeline.shown))
        except StateError as e:
            raise ConfigError(f"the Param {_MEMBER}: {e}") from e
        if member is None:
            raise ConfigError(
                f"the Param {_MEMBER}: fleet {pipeline.name} has had no member {called[:80]}: give the id of a "
                "deployment that was one in a run before, or its name"
            )
        note_restored_member(records, run_id, member)
    return pipeline.of_member(member)


def wish_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a restore's Params ask for: the store's id, patterns of paths, and what becomes of late writes."""
    return {
        "ancestor_id": str(params.get("memory_store_id") or "").strip(),
        "paths": tuple(str(path) for path in params.get("paths") or () if str(path).strip()),
        "late_writes": params.get("late_writes") or "carry",
    }


def restore_params(pipelines: Sequence[str]) -> dict[str, Param]:
    """
    Return the Params of the DAG that restores a store.

    :param pipelines: the names to choose among. A single one is chosen already.
    """
    choices = list(pipelines) or [_NO_CHOICE]
    chosen: Any = {"default": choices[0]} if len(choices) == 1 else {}
    return {
        _PIPELINE: Param(
            **chosen,
            type="string",
            enum=choices,
            title="Pipeline",
            description="Whose memory goes back. A pipeline whose file is wrong is not among them.",
        ),
        _MEMBER: Param(
            "",
            type=["string", "null"],
            maxLength=256,
            title="Member of its fleet",
            description="Of a pipeline with a fleet: the deployment whose memory goes back, by its id or name. Else "
            "empty.",
        ),
        "memory_store_id": Param(
            "",
            type=["string", "null"],
            pattern="^[A-Za-z0-9_-]*$",
            maxLength=128,
            title="Memory store to go back to",
            description="An earlier store, archived or not: dreamflow_parent in a store's metadata names the one "
            "before it. Empty: the store that the live one replaced. It is copied, and stays as it is.",
        ),
        "late_writes": Param(
            "carry",
            type="string",
            enum=[*get_args(LateWrites)],
            title="What agents wrote since",
            description="carry: it is merged into what is brought back, and what can't be stands under /late/. "
            "list: the review names it, and it is left behind. What they write from the review on is always carried.",
        ),
        "paths": Param(
            [],
            type=["array", "null"],
            items={"type": "string"},
            title="Only these memories",
            description="Patterns as in a gitignore file, one a line, such as /customers/acme.md or *.csv. What "
            "matches is taken from that store; the rest stays as it is live. Empty: the whole store.",
        ),
    }
