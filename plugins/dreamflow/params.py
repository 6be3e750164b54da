"""The values that one run may need otherwise than its pipeline file says: the Trigger form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Param

from dreamflow.config import INSTRUCTIONS_LIMIT, SESSIONS_LIMIT

if TYPE_CHECKING:
    from dreamflow.config import Pipeline

__all__ = ["run_params"]


def run_params(pipeline: Pipeline) -> dict[str, Param]:
    """Return the Params of the pipeline's DAG. Each defaults to what the pipeline file says."""
    return {
        "limit": Param(
            pipeline.sessions.limit,
            type="integer",
            minimum=1,
            maximum=SESSIONS_LIMIT,
            title="Sessions at most",
            description="The rest waits for the next run, oldest first.",
        ),
        "model": Param(
            pipeline.dream.model,
            type="string",
            minLength=1,
            maxLength=256,
            title="Model",
            description="A model that the Dreams guide lists. The service refuses others.",
        ),
        "instructions": Param(
            pipeline.dream.instructions,
            type=["string", "null"],
            maxLength=INSTRUCTIONS_LIMIT,
            title="Instructions",
            description="What the dream should do with the memory. Empty: the service's own way.",
        ),
        "approval_mode": Param(
            pipeline.approval.mode,
            type="string",
            enum=["required", "when_flagged", "never"],
            title="Approval",
            description="Ask a person always, only where a check found something, or never.",
        ),
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
