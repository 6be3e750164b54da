"""The values that one run may need otherwise than its pipeline file says: the Trigger form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT, SESSIONS_LIMIT, ApprovalMode

if TYPE_CHECKING:
    from dreamflow.config import Pipeline

__all__ = ["RunSettings", "run_params", "run_settings"]

#: The Params that start from the pipeline file, and the key that each starts from.
_KEYS = {
    "limit": "sessions.limit",
    "model": "dream.model",
    "instructions": "dream.instructions",
    "approval_mode": "approval.mode",
}


@dataclass(frozen=True)
class RunSettings:
    """What holds for one run: what its Params say, or else its pipeline file."""

    limit: int
    model: str
    instructions: str | None
    approval_mode: ApprovalMode
    dry_run: bool
    new_dream: bool


def run_settings(pipeline: Pipeline, params: Mapping[str, Any]) -> RunSettings:
    """
    Return the run's settings.

    A Param that is empty means what the file says where the file takes it from a variable. Elsewhere the form shows
    what the file says, and empty instructions are none.

    :param params: the run's, ``context["params"]``. One that is not there is as the pipeline file says.
    """
    said = _written(pipeline)
    for name, key in _KEYS.items():
        value = params.get(name, said[name])
        if value not in (None, "") or not pipeline.came_from_variable(key):
            said[name] = value
    return RunSettings(
        limit=int(said["limit"]),
        model=str(said["model"]),
        instructions=str(said["instructions"]) if said["instructions"] else None,
        approval_mode=said["approval_mode"],
        dry_run=bool(params.get("dry_run")),
        new_dream=bool(params.get("new_dream")),
    )


def run_params(pipeline: Pipeline) -> dict[str, Param]:
    """
    Return the Params of the pipeline's DAG. Each defaults to what the pipeline file says.

    Defaults stand in Airflow's database: one that the file takes from a variable is empty instead.
    """
    schemas: dict[str, dict[str, Any]] = {
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": SESSIONS_LIMIT,
            "title": "Sessions at most",
            "description": "The rest waits for the next run, oldest first.",
        },
        "model": {
            "type": "string",
            "minLength": 1,
            "maxLength": 256,
            "title": "Model",
            "description": "A model that the Dreams guide lists. The service refuses others.",
        },
        "instructions": {
            "type": ["string", "null"],
            "maxLength": INSTRUCTIONS_LIMIT,
            "title": "Instructions",
            "description": "What the dream should do with the memory. Empty: the service's own way.",
        },
        "approval_mode": {
            "type": "string",
            "enum": ["required", "when_flagged", "never"],
            "title": "Approval",
            "description": "Ask a person always, only where a check found something, or never.",
        },
    }
    written = _written(pipeline)
    for name, schema in schemas.items():
        if pipeline.came_from_variable(_KEYS[name]):
            written[name] = None
            schema["type"] = [schema["type"], "null"] if isinstance(schema["type"], str) else schema["type"]
            schema["description"] = (
                f"{schema['description'].partition(' Empty:')[0]} Empty: as the pipeline file says."
            )
            if "enum" in schema:
                schema["enum"].append(None)
    return {name: Param(written[name], **schema) for name, schema in schemas.items()} | {
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Collect and estimate, then stop before anything is spent.",
        ),
        "new_dream": Param(
            False,
            type="boolean",
            title="New dream when cleared",
            description="Clearing launch_dream creates a new dream instead of taking over the run's own.",
        ),
    }


def _written(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "limit": pipeline.sessions.limit,
        "model": pipeline.dream.model,
        "instructions": pipeline.dream.instructions,
        "approval_mode": pipeline.approval.mode,
    }
