"""Links from a task to its dream and the session that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context
    from airflow.sdk.types import TaskInstanceKey

    from dreamflow.core.objects import Dream
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["DreamLink", "DreamSessionLink", "push_links"]


class DreamLink(BaseOperatorLink):
    """A button on the task that leads to its dream."""

    name = "Dream"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return ""


class DreamSessionLink(BaseOperatorLink):
    """A button on the task that leads to the session that runs its dream: what it reads and writes."""

    name = "Dream session"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return ""


def push_links(context: Context, hook: ManagedAgentsHook, dream: Dream) -> None:
    """Leave the links where Airflow's pages look for them."""
    base = hook.console_url
    context["ti"].xcom_push(key=DreamLink().xcom_key, value=f"{base}/dreams/{dream.id}")
    if dream.session_id:
        context["ti"].xcom_push(key=DreamSessionLink().xcom_key, value=f"{base}/sessions/{dream.session_id}")
