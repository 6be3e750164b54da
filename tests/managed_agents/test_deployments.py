"""Deployments: what they keep, how they run, and when they pause."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from anthropic import Anthropic, BadRequestError, NotFoundError
from anthropic.types.beta import BetaManagedAgentsDeployment

from tests.managed_agents.support import MODEL, message, store_of

CRON: Any = {"type": "cron", "expression": "30 2 * * 1-5", "timezone": "Europe/London"}


def deployment_of(client: Anthropic, *stores: str, **more: Any) -> BetaManagedAgentsDeployment:
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    environment = client.beta.environments.create(name="Environment")
    resources: Any = [{"type": "memory_store", "memory_store_id": store_id} for store_id in stores]
    arguments: Any = {"resources": resources, "initial_events": [message("Good morning")], **more}
    return client.beta.deployments.create(
        agent=agent.id, environment_id=environment.id, name="Nightly", **arguments
    )


def test_a_new_deployment_is_active_and_pins_the_agents_version(client: Anthropic) -> None:
    deployment = deployment_of(client, metadata={"team": "desk"}, description="d")
    assert deployment.id.startswith("depl_")
    assert (deployment.status, deployment.paused_reason, deployment.agent.version) == ("active", None, 1)
    client.beta.agents.update(deployment.agent.id, name="Renamed")
    assert client.beta.deployments.retrieve(deployment.id) == deployment
    repinned = client.beta.deployments.update(deployment.id, agent=deployment.agent.id)
    assert repinned.agent.version == 2


def test_resources_are_replaced_as_a_whole_and_echoed_without_secrets(client: Anthropic) -> None:
    store, other = store_of(client), store_of(client)
    repository: Any = {
        "type": "github_repository",
        "url": "https://github.com/example/tools",
        "authorization_token": "ghp_secret",
    }
    mounted: Any = {
        "type": "memory_store",
        "memory_store_id": store.id,
        "access": "read_only",
        "instructions": "i",
    }
    deployment = deployment_of(client, resources=[repository, mounted])
    assert "ghp_secret" not in deployment.to_json()
    assert [resource.type for resource in deployment.resources] == ["github_repository", "memory_store"]
    swapped = client.beta.deployments.update(
        deployment.id, resources=[{"type": "memory_store", "memory_store_id": other.id}]
    )
    (resource,) = swapped.resources
    assert resource.type == "memory_store"
    assert (resource.memory_store_id, resource.access) == (other.id, "read_write")
    assert client.beta.deployments.update(deployment.id, resources=None).resources == []


def test_an_update_keeps_what_it_leaves_out(client: Anthropic) -> None:
    deployment = deployment_of(client, store_of(client).id, schedule=CRON, metadata={"a": "1", "b": "2"})
    updated = client.beta.deployments.update(deployment.id, metadata={"a": None}, description="new")
    assert (updated.metadata, updated.description) == ({"b": "2"}, "new")
    assert updated.resources == deployment.resources
    assert updated.initial_events == deployment.initial_events
    assert updated.schedule is not None
    assert client.beta.deployments.update(deployment.id, schedule=None).schedule is None
    with pytest.raises(BadRequestError, match="environment_id: can't be cleared"):
        client.beta.deployments.update(deployment.id, environment_id=None)  # type: ignore[arg-type]


def test_a_schedule_tells_its_next_five_times_on_the_clocks_of_its_zone(client: Anthropic) -> None:
    schedule = deployment_of(client, schedule=CRON).schedule
    assert schedule is not None
    assert schedule.last_run_at is None
    upcoming = schedule.upcoming_runs_at or []
    assert len(upcoming) == 5
    assert upcoming == sorted(upcoming)
    local = [moment.astimezone(ZoneInfo("Europe/London")) for moment in upcoming]
    assert all((moment.hour, moment.minute, moment.weekday() < 5) == (2, 30, True) for moment in local)


@pytest.mark.parametrize(
    "change",
    [
        {"expression": "@daily"},
        {"expression": "* * * * * *"},
        {"expression": "0 9 L * *"},
        {"expression": "0 9 ? * *"},
        {"expression": "0 9 * * 1#2"},
        {"expression": "61 * * * *"},
        {"expression": "0 0 31 2 *"},
        {"expression": ""},
        {"expression": ",".join(["1"] * 500) + " * * * *"},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
    ],
)
def test_a_schedule_that_means_nothing_is_refused(client: Anthropic, change: dict[str, str]) -> None:
    with pytest.raises(BadRequestError, match="schedule"):
        deployment_of(client, schedule={**CRON, **change})


def test_a_manual_run_makes_a_session_as_the_deployment_says(client: Anthropic) -> None:
    store = store_of(client)
    deployment = deployment_of(client, store.id, metadata={"team": "desk"})
    run = client.beta.deployments.run(deployment.id)
    assert run.id.startswith("drun_")
    assert (run.trigger_context.type, run.error) == ("manual", None)
    assert run.session_id is not None
    session = client.beta.sessions.retrieve(run.session_id)
    assert (session.deployment_id, session.agent.version) == (deployment.id, 1)
    assert [resource.type for resource in session.resources] == ["memory_store"]
    assert [s.id for s in client.beta.sessions.list(deployment_id=deployment.id)] == [session.id]
    first = client.beta.sessions.events.list(session.id).data[0]
    assert first.type == "user.message"
    assert client.beta.deployment_runs.retrieve(run.id) == run
    assert client.beta.deployments.retrieve(deployment.id).status == "active"


def test_firing_on_an_archived_store_records_a_failed_run_and_pauses(client: Anthropic) -> None:
    store = store_of(client)
    deployment = deployment_of(client, store.id, schedule=CRON)
    client.beta.memory_stores.archive(store.id)
    moment = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    run: Any = client.post(
        f"/_control/deployments/{deployment.id}/fire",
        cast_to=object,
        body={"scheduled_at": moment.isoformat()},
    )
    assert run["session_id"] is None
    assert run["error"]["type"] == "memory_store_archived_error"
    paused = client.beta.deployments.retrieve(deployment.id)
    assert paused.status == "paused"
    assert paused.paused_reason is not None
    assert paused.paused_reason.type == "error"
    assert paused.paused_reason.error.type == "memory_store_archived_error"
    (listed,) = client.beta.deployment_runs.list(has_error=True, trigger_type="schedule")
    assert listed.trigger_context.type == "schedule"
    assert listed.trigger_context.scheduled_at == moment
    assert paused.schedule is not None
    assert paused.schedule.last_run_at == listed.created_at


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ("agent archived", "agent_archived_error"),
        ("environment archived", "environment_archived_error"),
        ("environment deleted", "environment_not_found_error"),
        ("store deleted", "session_resource_not_found_error"),
    ],
)
def test_a_run_names_what_is_missing(client: Anthropic, harm: str, error: str) -> None:
    store = store_of(client)
    deployment = deployment_of(client, store.id)
    match harm:
        case "agent archived":
            client.beta.agents.archive(deployment.agent.id)
        case "environment archived":
            client.beta.environments.archive(deployment.environment_id)
        case "environment deleted":
            client.beta.environments.delete(deployment.environment_id)
        case "store deleted":
            client.beta.memory_stores.delete(store.id)
    run = client.beta.deployments.run(deployment.id)
    assert run.session_id is None
    assert run.error is not None
    assert run.error.type == error
    assert client.beta.deployments.retrieve(deployment.id).status == "paused"


def test_pausing_and_unpausing(client: Anthropic) -> None:
    deployment = deployment_of(client)
    paused = client.beta.deployments.pause(deployment.id)
    assert paused.status == "paused"
    assert paused.paused_reason is not None
    assert paused.paused_reason.type == "manual"
    assert [d.id for d in client.beta.deployments.list(status="paused")] == [deployment.id]
    assert list(client.beta.deployments.list(status="active")) == []
    assert client.beta.deployments.unpause(deployment.id).status == "active"


def test_an_archived_deployment_is_left_out_of_lists_and_runs_no_more(client: Anthropic) -> None:
    deployment = deployment_of(client, schedule=CRON)
    client.beta.deployments.pause(deployment.id)
    archived = client.beta.deployments.archive(deployment.id)
    assert (archived.status, archived.archived_at is not None) == ("active", True)
    assert archived.schedule is not None
    assert archived.schedule.upcoming_runs_at == []
    assert list(client.beta.deployments.list(agent_id=deployment.agent.id)) == []
    assert len(list(client.beta.deployments.list(include_archived=True))) == 1
    for refused in (
        client.beta.deployments.run,
        client.beta.deployments.pause,
        client.beta.deployments.unpause,
        client.beta.deployments.update,
    ):
        with pytest.raises(BadRequestError, match="archived"):
            refused(deployment.id)
    with pytest.raises(BadRequestError, match="status"):
        client.beta.deployments.list(status="active", include_archived=True)


def test_runs_are_listed_newest_first_and_filtered(client: Anthropic) -> None:
    one, other = deployment_of(client), deployment_of(client)
    first, second = client.beta.deployments.run(one.id), client.beta.deployments.run(one.id)
    third = client.beta.deployments.run(other.id)

    def listed(**query: Any) -> list[str]:
        return [run.id for run in client.beta.deployment_runs.list(limit=1, **query)]

    assert listed() == [third.id, second.id, first.id]
    assert listed(deployment_id=one.id) == [second.id, first.id]
    assert listed(deployment_id="depl_unknown") == []
    assert listed(has_error=False, created_at_gt=first.created_at, created_at_lt=third.created_at) == [
        second.id
    ]
    assert listed(has_error=True) == []
    assert listed(trigger_type="schedule") == []


def test_a_deployment_must_name_what_exists(client: Anthropic) -> None:
    store = store_of(client)
    client.beta.memory_stores.archive(store.id)
    with pytest.raises(BadRequestError, match="archived"):
        deployment_of(client, store.id)
    with pytest.raises(NotFoundError):
        deployment_of(client, "memstore_unknown")
    with pytest.raises(BadRequestError, match="initial_events"):
        deployment_of(client, initial_events=[])
    with pytest.raises(NotFoundError):
        client.beta.deployments.retrieve("depl_unknown")
    with pytest.raises(NotFoundError):
        client.beta.deployment_runs.retrieve("drun_unknown")
