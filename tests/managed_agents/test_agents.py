"""Agents: versions, compare-and-swap, metadata, archiving."""

from __future__ import annotations

import pytest
from anthropic import Anthropic, BadRequestError, ConflictError, NotFoundError

from tests.managed_agents.support import MODEL


def test_a_new_agent_is_version_1_with_every_default_filled_in(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL)
    assert agent.id.startswith("agent_")
    assert agent.version == 1
    assert agent.model.id == MODEL
    assert agent.model.speed == "standard"
    assert agent.model.effort is not None
    assert agent.execution_identity.type == "service_account"
    assert not any([agent.tools, agent.skills, agent.mcp_servers])
    assert client.beta.agents.retrieve(agent.id) == agent


def test_an_update_makes_a_new_version_and_the_old_one_stays_readable(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL, system="Be kind.")
    updated = client.beta.agents.update(agent.id, version=1, system="Be brief.", description="Desk")
    assert (updated.version, updated.system, updated.description, updated.name) == (
        2,
        "Be brief.",
        "Desk",
        "Support",
    )
    assert client.beta.agents.retrieve(agent.id, version=1).system == "Be kind."
    assert [version.version for version in client.beta.agents.versions.list(agent.id)] == [2, 1]


def test_a_stale_version_is_refused_and_changes_nothing(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL)
    client.beta.agents.update(agent.id, version=1, metadata={"memory_store_id": "memstore_1"})
    with pytest.raises(ConflictError) as caught:
        client.beta.agents.update(agent.id, version=1, metadata={"memory_store_id": "memstore_2"})
    assert caught.value.type == "conflict_error"
    assert client.beta.agents.retrieve(agent.id).metadata == {"memory_store_id": "memstore_1"}


def test_an_update_without_a_version_is_unconditional(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL)
    client.beta.agents.update(agent.id, name="Desk")
    assert client.beta.agents.update(agent.id, name="Counter").version == 3


def test_an_update_that_changes_nothing_makes_no_version(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL, metadata={"a": "1"})
    same = client.beta.agents.update(agent.id, name="Support", model=MODEL, metadata={"a": "1"})
    assert same == agent


def test_metadata_merges_by_key_and_null_deletes(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL, metadata={"keep": "1", "drop": "2"})
    updated = client.beta.agents.update(agent.id, metadata={"drop": None, "add": "3"})
    assert updated.metadata == {"keep": "1", "add": "3"}
    assert updated.version == 2


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({f"k{number}": "v" for number in range(17)}, id="17 pairs"),
        pytest.param({"k" * 65: "v"}, id="a key of 65"),
        pytest.param({"k": "v" * 513}, id="a value of 513"),
        pytest.param({"": "v"}, id="an empty key"),
    ],
)
def test_metadata_over_its_limits_is_refused(client: Anthropic, metadata: dict[str, str]) -> None:
    with pytest.raises(BadRequestError):
        client.beta.agents.create(name="Support", model=MODEL, metadata=metadata)


def test_a_patch_that_would_leave_17_pairs_is_refused(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL, metadata={str(n): "v" for n in range(16)})
    with pytest.raises(BadRequestError, match="17 pairs"):
        client.beta.agents.update(agent.id, metadata={"one more": "v"})
    client.beta.agents.update(agent.id, metadata={"one more": "v", "0": None})


def test_tools_are_answered_in_their_full_form(client: Anthropic) -> None:
    agent = client.beta.agents.create(
        name="Support",
        model={"id": MODEL, "effort": "low"},
        tools=[
            {"type": "agent_toolset_20260401", "configs": [{"name": "bash", "enabled": False}]},
            {"type": "mcp_toolset", "mcp_server_name": "tickets"},
            {
                "type": "custom",
                "name": "lookup",
                "description": "Look an order up",
                "input_schema": {"type": "object", "properties": {"id": {"type": "string"}}},
            },
        ],
        mcp_servers=[{"type": "url", "name": "tickets", "url": "https://example.com/mcp"}],
        skills=[{"type": "anthropic", "skill_id": "xlsx"}],
    )
    toolset, mcp, custom = agent.tools
    assert toolset.type == "agent_toolset_20260401"
    assert toolset.default_config.permission_policy.type == "always_allow"
    assert [(config.name, config.enabled) for config in toolset.configs] == [("bash", False)]
    assert mcp.type == "mcp_toolset"
    assert mcp.default_config.permission_policy.type == "always_ask"
    assert custom.type == "custom"
    assert agent.model.effort is not None
    assert agent.model.effort.type == "low"
    assert agent.skills[0].version == "latest"


def test_a_server_that_no_toolset_names_is_refused(client: Anthropic) -> None:
    with pytest.raises(BadRequestError, match="referenced by no mcp_toolset"):
        client.beta.agents.create(
            name="Support",
            model=MODEL,
            mcp_servers=[{"type": "url", "name": "tickets", "url": "https://example.com/mcp"}],
        )


def test_fields_are_cleared_by_null_where_they_may_be(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL, system="Be kind.", description="Desk")
    cleared = client.beta.agents.update(agent.id, system=None, description="")
    assert (cleared.system, cleared.description) == (None, None)
    with pytest.raises(BadRequestError, match="name: can't be cleared"):
        client.beta.agents.update(agent.id, name=None)  # type: ignore[arg-type]


def test_an_archived_agent_is_readable_left_out_of_lists_and_takes_no_update(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL)
    archived = client.beta.agents.archive(agent.id)
    assert archived.archived_at is not None
    assert client.beta.agents.archive(agent.id) == archived
    assert client.beta.agents.retrieve(agent.id) == archived
    assert list(client.beta.agents.list()) == []
    assert [other.id for other in client.beta.agents.list(include_archived=True)] == [agent.id]
    with pytest.raises(BadRequestError, match="archived"):
        client.beta.agents.update(agent.id, name="Desk")


def test_agents_are_listed_newest_first_and_by_time(client: Anthropic) -> None:
    first, second, third = (client.beta.agents.create(name=name, model=MODEL) for name in "abc")
    assert [agent.name for agent in client.beta.agents.list(limit=1)] == ["c", "b", "a"]
    assert [a.name for a in client.beta.agents.list(created_at_gte=second.created_at)] == ["c", "b"]
    assert [a.name for a in client.beta.agents.list(created_at_lte=second.created_at)] == ["b", "a"]
    assert first.created_at < second.created_at < third.created_at


def test_an_unknown_agent_or_version_is_not_found(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Support", model=MODEL)
    with pytest.raises(NotFoundError):
        client.beta.agents.retrieve("agent_unknown")
    with pytest.raises(NotFoundError, match="no version 2"):
        client.beta.agents.retrieve(agent.id, version=2)


def test_what_this_server_does_not_have_is_refused_plainly(client: Anthropic) -> None:
    with pytest.raises(BadRequestError, match="multiagent"):
        client.beta.agents.create(
            name="Support", model=MODEL, multiagent={"type": "coordinator", "agents": [{"type": "self"}]}
        )
