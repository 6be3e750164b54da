"""Links from a task to its dream and the session that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink, conf

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context
    from airflow.sdk.types import TaskInstanceKey

    from dreamflow.core.objects import Dream
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["DreamLink", "DreamSessionLink", "EstimateLink", "airflow_url", "push_estimate", "push_links"]


def airflow_url() -> str:
    """Return where Airflow is served, without a slash at its end; empty where ``[api] base_url`` does not say."""
    return conf.get("api", "base_url", fallback="").rstrip("/")


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


class EstimateLink(BaseOperatorLink):
    """A button on the task, after a dry run, that leads to what the dream would read and might cost."""

    name = "Estimate"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        return ""


def push_estimate(context: Context, estimate: dict[str, Any]) -> None:
    """Leave the estimate, and the link to it: the task's own XCom page."""
    ti = context["ti"]
    ti.xcom_push(key="estimate", value=estimate)
    # Without a base_url the link is Airflow's own, wherever it is served: ti.log_url would lead to localhost.
    airflow = airflow_url()
    task = f"dags/{ti.dag_id}/runs/{quote(ti.run_id)}/tasks/{ti.task_id}"
    ti.xcom_push(key=EstimateLink().xcom_key, value=f"{airflow}/{task}/xcom")


def push_links(context: Context, hook: ManagedAgentsHook, dream: Dream) -> None:
    """Leave the links where Airflow's pages look for them."""
    base = hook.console_url
    context["ti"].xcom_push(key=DreamLink().xcom_key, value=f"{base}/dreams/{dream.id}")
    if dream.session_id:
        context["ti"].xcom_push(key=DreamSessionLink().xcom_key, value=f"{base}/sessions/{dream.session_id}")
