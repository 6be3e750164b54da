"""An agent's metadata as a target, with the agent's version as the fence."""

from __future__ import annotations

import httpx2
import pytest

from dreamflow.config import AgentTarget
from dreamflow.errors import Conflict, NotFound, StateError
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.targets import LiveTarget, open_target, repoint
from tests.unit.service import Service, Wire, lose_one_reply, wired


def target_of(agent_id: str, hook: ManagedAgentsHook) -> LiveTarget:
    return open_target(AgentTarget(type="agent", agent_id=agent_id), hook)


def test_it_names_what_the_metadata_says_and_writes_that_key_alone(
    service: Service, hook: ManagedAgentsHook
) -> None:
    agent_id = service.agent(memory_store_id="memstore_1", team="support")
    target = target_of(agent_id, hook)
    target.check()
    assert target.read() == "memstore_1"
    repoint(target, "memstore_1", "memstore_2")
    assert service.agent_metadata(agent_id) == {"memory_store_id": "memstore_2", "team": "support"}


def test_the_latest_version_is_what_counts(service: Service, hook: ManagedAgentsHook) -> None:
    agent_id = service.agent(memory_store_id="memstore_1")
    agent = service.client.beta.agents.update(agent_id, version=1, system="Be kind")
    repoint(target_of(agent_id, hook), "memstore_1", "memstore_2")
    assert service.client.beta.agents.retrieve(agent_id).system == agent.system == "Be kind"


def test_an_agent_that_somebody_changes_at_the_same_time_is_left_as_it_is(service: Service) -> None:
    agent_id = service.agent(memory_store_id="memstore_1")

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and "system" not in service.agent_metadata(agent_id):
            version = service.client.beta.agents.retrieve(agent_id).version
            service.client.beta.agents.update(agent_id, version=version, metadata={"system": "busy"})

    with pytest.raises(StateError, match=rf"agent {agent_id}.*changed while it was being repointed"):
        repoint(target_of(agent_id, wired(Wire(before=interfere))), "memstore_1", "memstore_2")
    assert service.agent_metadata(agent_id)["memory_store_id"] == "memstore_1"


def test_a_write_that_expects_another_store_is_refused(service: Service, hook: ManagedAgentsHook) -> None:
    agent_id = service.agent(memory_store_id="memstore_1")
    with pytest.raises(Conflict):
        target_of(agent_id, hook).write("memstore_0", "memstore_2")


def test_an_update_whose_reply_was_lost_stands(service: Service) -> None:
    agent_id = service.agent(memory_store_id="memstore_1")
    repoint(target_of(agent_id, wired(Wire(after=lose_one_reply("POST")))), "memstore_1", "memstore_2")
    assert service.agent_metadata(agent_id)["memory_store_id"] == "memstore_2"


@pytest.mark.parametrize("metadata", [{}, {"other": "x"}])
def test_an_agent_without_the_key_is_named_with_what_to_do(
    service: Service, hook: ManagedAgentsHook, metadata: dict[str, str]
) -> None:
    agent_id = service.agent(**metadata)
    with pytest.raises(StateError, match=rf"agent {agent_id} \(metadata memory_store_id\).*Set it to the id"):
        target_of(agent_id, hook).read()


def test_an_archived_agent_is_refused_before_anything_is_spent(
    service: Service, hook: ManagedAgentsHook
) -> None:
    agent_id = service.agent(memory_store_id="memstore_1")
    service.client.beta.agents.archive(agent_id)
    with pytest.raises(StateError, match="is archived"):
        target_of(agent_id, hook).check()


def test_an_agent_that_is_not_there_is_named(hook: ManagedAgentsHook) -> None:
    with pytest.raises(NotFound, match="agent_gone"):
        target_of("agent_gone", hook).check()
