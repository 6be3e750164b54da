"""Buttons on a task lead where its page can be."""

from __future__ import annotations

import pytest
from airflow.serialization.serialized_objects import OperatorSerialization

from dreamflow.links import push_estimate
from dreamflow.operators.dream import LaunchDream
from tests.support.run_record import RunRecord
from tests.unit.running import pipeline_of


@pytest.mark.parametrize("base_url", ["https://airflow.example.com/team/", None])
def test_the_estimates_link_leads_to_the_tasks_xcom_page(
    monkeypatch: pytest.MonkeyPatch, base_url: str | None
) -> None:
    """The page of a task instance, as Airflow's own links have it, and its tab XCom."""
    if base_url:
        monkeypatch.setenv("AIRFLOW__API__BASE_URL", base_url)
    record = RunRecord("scheduled__2026-11-21T02:30:00+00:00")
    push_estimate(record.context("launch_dream", {}), {"sessions": 3})
    launch = LaunchDream(
        task_id="launch_dream", pipeline=pipeline_of("file:///r", {"type": "agent", "agent_id": "a"})
    )
    links = OperatorSerialization.serialize_operator(launch)["_operator_extra_links"]
    assert list(links) == ["Estimate"]
    page = "dags/dream__support/runs/scheduled__2026-11-21T02%3A30%3A00%2B00%3A00/tasks/launch_dream"
    assert record.left("launch_dream", links["Estimate"]) == f"{base_url or '/'}{page}/xcom"
    assert record.left("launch_dream", "estimate") == {"sessions": 3}
