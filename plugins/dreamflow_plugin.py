"""
Registers the review tab: a page of a dream's run, and of the task that asks a person.

Every component of Airflow loads this file. So it imports nothing of the page: the web server, which asks for
``fastapi_apps``, gets it then.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

#: Where the page is mounted. Relative, as Airflow's own page resolves it: Airflow may be served below a path.
_PREFIX = "dreamflow"


def _view(destination: str, url_route: str) -> dict[str, Any]:
    """Return the tab of one kind of page. Airflow fills its address in, and encodes what it fills in."""
    return {
        "name": "Review",
        "href": f"{_PREFIX}/review/{{DAG_ID}}/{{RUN_ID}}",
        "destination": destination,
        "url_route": url_route,
        "icon": f"{_PREFIX}/static/icon.svg",
        "icon_dark_mode": f"{_PREFIX}/static/icon-dark.svg",
    }


class DreamflowPlugin(AirflowPlugin):
    """The review of a memory change, beside the run that made it."""

    name = "dreamflow"
    # Two routes: of two views with the same one, Airflow drops the second. The first is ``core.report.REVIEW_ROUTE``.
    external_views = [  # noqa: RUF012 - as the base class has it
        _view("dag_run", "dreamflow-review"),
        _view("task_instance", "dreamflow-review-task"),
    ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        from dreamflow.review.app import create_app  # noqa: PLC0415 - the web server alone wants it

        return [{"app": create_app(), "url_prefix": f"/{_PREFIX}", "name": "Dreamflow"}]
