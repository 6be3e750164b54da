"""What requests about a session's threads may say, and how its one thread is shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from include.managed_agents.wire import QueryModel

__all__ = ["ThreadEventList", "ThreadList", "render_thread", "thread_id_of"]


class ThreadList(QueryModel):
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    page: str | None = None
    statuses: list[Literal["running", "idle", "rescheduling", "terminated"]] | None = None


class ThreadEventList(QueryModel):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    page: str | None = None


def thread_id_of(session_id: str) -> str:
    return "sthr_" + session_id.removeprefix("sesn_")


def render_thread(session: dict[str, Any]) -> dict[str, Any]:
    """Show a session, in the form in which it is answered, as its primary thread."""
    agent = {key: value for key, value in session["agent"].items() if key != "multiagent"}
    shared = ("status", "usage", "created_at", "updated_at", "archived_at")
    return {
        "id": thread_id_of(session["id"]),
        "type": "session_thread",
        "session_id": session["id"],
        "agent": agent,
        "parent_thread_id": None,
        "workflow_run_id": None,
        "stats": {**session["stats"], "startup_seconds": 0.0},
        **{field: session[field] for field in shared},
    }
