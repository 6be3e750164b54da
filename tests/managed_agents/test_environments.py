"""Environments: configuration, metadata, archiving, deleting."""

from __future__ import annotations

import pytest
from anthropic import Anthropic, BadRequestError, NotFoundError

from tests.managed_agents.support import MODEL


def test_a_new_environment_is_in_the_cloud_without_limits(client: Anthropic) -> None:
    environment = client.beta.environments.create(name="Work", description="d", metadata={"team": "desk"})
    assert environment.id.startswith("env_")
    assert environment.config.type == "cloud"
    assert environment.config.networking.type == "unrestricted"
    assert environment.config.packages.pip == []
    assert client.beta.environments.retrieve(environment.id) == environment


def test_an_update_keeps_what_it_leaves_out(client: Anthropic) -> None:
    environment = client.beta.environments.create(
        name="Work",
        config={
            "type": "cloud",
            "networking": {
                "type": "limited",
                "allowed_hosts": ["example.com"],
                "allow_package_managers": True,
            },
            "packages": {"pip": ["rich"]},
        },
        metadata={"keep": "1", "drop": "2"},
    )
    updated = client.beta.environments.update(
        environment.id,
        name="Play",
        config={"type": "cloud", "networking": {"type": "limited", "allow_mcp_servers": True}},
        metadata={"drop": ""},
        description=None,
    )
    assert updated.name == "Play"
    assert updated.metadata == {"keep": "1"}
    assert updated.config.type == "cloud"
    assert updated.config.networking.type == "limited"
    assert updated.config.networking.allowed_hosts == ["example.com"]
    assert updated.config.networking.allow_mcp_servers is True
    assert updated.config.packages.pip == ["rich"]


def test_the_kind_of_an_environment_never_changes(client: Anthropic) -> None:
    environment = client.beta.environments.create(name="Work", config={"type": "self_hosted"})
    with pytest.raises(BadRequestError, match="can't change from self_hosted to cloud"):
        client.beta.environments.update(environment.id, config={"type": "cloud"})


def test_an_archived_environment_starts_no_sessions(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    environment = client.beta.environments.create(name="Work")
    archived = client.beta.environments.archive(environment.id)
    assert archived.archived_at is not None
    assert list(client.beta.environments.list()) == []
    assert [other.id for other in client.beta.environments.list(include_archived=True)] == [environment.id]
    for refused in (
        lambda: client.beta.sessions.create(agent=agent.id, environment_id=environment.id),
        lambda: client.beta.environments.update(environment.id, name="Play"),
    ):
        with pytest.raises(BadRequestError) as caught:
            refused()
        assert caught.value.error_code == "environment_archived"


def test_a_deleted_environment_is_gone(client: Anthropic) -> None:
    environment = client.beta.environments.create(name="Work")
    assert client.beta.environments.delete(environment.id).type == "environment_deleted"
    with pytest.raises(NotFoundError):
        client.beta.environments.retrieve(environment.id)


def test_environments_are_paged(client: Anthropic) -> None:
    for name in "abc":
        client.beta.environments.create(name=name)
    assert [environment.name for environment in client.beta.environments.list(limit=2)] == ["c", "b", "a"]
