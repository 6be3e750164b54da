"""Launching a dream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.estimate import describe_estimate, estimate_tokens
from dreamflow.core.handoffs import Collected, Launched
from dreamflow.core.launching import DreamRequest
from dreamflow.errors import SkipRun
from dreamflow.links import EstimateLink, push_estimate
from dreamflow.operators.base import PipelineOperator, clear_number, night_part
from dreamflow.steps.launch import abandon, launch, note_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.steps.world import World

__all__ = ["LaunchDream", "request_of"]


def request_of(
    operator: PipelineOperator, context: Context, input_store_id: str, session_ids: tuple[str, ...]
) -> DreamRequest:
    """Return what the run asks of a dream over the store and the sessions."""
    settings = operator.settings(context)
    instructions = night_part(context).instructions(settings.instructions)
    return DreamRequest(input_store_id, session_ids, settings.model, instructions)


class LaunchDream(PipelineOperator):
    """
    Create the run's dream, or take over the one that an earlier try of the run created.

    Clearing the task takes over as well, unless the run's Param ``new_dream`` asks for a new one. With the Param
    ``dry_run``, what the dream would read is estimated, and nothing is spent.
    """

    operator_extra_links = (EstimateLink(),)

    def work(self, context: Context) -> dict[str, Any]:
        collected = self.handed(Collected)
        request = request_of(self, context, collected.input_store_id, collected.session_ids)
        if self.settings(context).dry_run:
            estimate = _estimate(self.world, request)
            push_estimate(context, estimate)
            raise SkipRun(f"dry run, nothing was spent. {describe_estimate(estimate)}")
        world, run, cleared = self.world, self.run_of(context), clear_number(context)
        if self.settings(context).new_dream and run.journal().launch_cleared not in (None, cleared):
            abandon(world, run)
        run.note(launch_cleared=cleared, night=night_part(context).night)
        dream = launch(world, run, request, note_of(collected, self.pipeline.sessions.scope_mark))
        self.log.info("dream %s is %s, over %d sessions", dream.id, dream.status, len(dream.session_ids))
        return Launched(dream_id=dream.id).to_json()


def _estimate(world: World, request: DreamRequest) -> dict[str, Any]:
    """Return what the dream would read, and might cost."""
    sessions = {session_id: world.hook.transcript_bytes(session_id) for session_id in request.session_ids}
    listing = world.hook.list_memories(request.input_store_id)
    return estimate_tokens(
        sessions, sum(entry.size for entry in listing.values()), world.records.past_costs()
    )
