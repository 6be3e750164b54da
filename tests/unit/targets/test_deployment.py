"""A deployment's resources as a target: one entry changes, and everything else stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from dreamflow.config import DeploymentTarget
from dreamflow.core.lineage import Lineage
from dreamflow.errors import ConfigError, Conflict, StateError
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.targets import LiveTarget, open_target, repoint
from tests.unit.service import Service, Wire, mounted, wired

GITHUB: dict[str, Any] = {
    "type": "github_repository",
    "url": "https://github.com/acme/handbook",
    "checkout": {"type": "branch", "name": "main"},
    "mount_path": "/workspace/handbook",
}


def target_of(hook: ManagedAgentsHook, deployment_id: str, **more: str) -> LiveTarget:
    return open_target(DeploymentTarget(type="deployment", deployment_id=deployment_id, **more), hook)


def heir_of(service: Service, parent: str) -> str:
    """Make a store that replaced another one."""
    now = datetime.now(UTC)
    return service.store(metadata=Lineage("support", parent, "drm_1", "run", now, now, "Ada").pairs())


class TestSwap:
    def test_one_store_id_changes_and_everything_else_stays_in_its_order(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        before, after, rules = service.store(), service.store(), service.store()
        deployment_id = service.deployment(
            mounted(rules, access="read_only", instructions="The rules"),
            mounted(before, instructions="What you learned"),
            {"type": "file", "file_id": "file_1"},
        )
        target = target_of(hook, deployment_id)
        target.check()
        assert target.read() == before
        repoint(target, before, after)
        assert target.read() == after
        assert service.resources(deployment_id) == [
            mounted(rules, access="read_only", instructions="The rules"),
            mounted(after, instructions="What you learned"),
            {"type": "file", "file_id": "file_1"},
        ]

    def test_nothing_but_the_resources_is_written(self, service: Service, hook: ManagedAgentsHook) -> None:
        before, after = service.store(), service.store()
        deployment_id = service.deployment(mounted(before))
        was = service.client.beta.deployments.retrieve(deployment_id)
        repoint(target_of(hook, deployment_id), before, after)
        now = service.client.beta.deployments.retrieve(deployment_id)
        same = {"resources", "updated_at"}
        assert now.model_dump(exclude=same) == was.model_dump(exclude=same)

    def test_a_deployment_that_was_repointed_between_look_and_write_is_left_as_it_is(
        self, service: Service
    ) -> None:
        before, after, theirs = service.store(), service.store(), service.store()
        deployment_id = service.deployment(mounted(before))

        def interfere(number: int, request: httpx2.Request) -> None:
            if number == 1:
                service.client.beta.deployments.update(deployment_id, resources=[mounted(theirs)])  # type: ignore[list-item]

        with pytest.raises(StateError, match="changed while it was being repointed"):
            repoint(target_of(wired(Wire(before=interfere)), deployment_id), before, after)
        assert service.resources(deployment_id) == [mounted(theirs)]

    def test_a_write_that_expects_another_store_is_refused(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        deployment_id = service.deployment(mounted(service.store()))
        with pytest.raises(Conflict, match=f"deployment {deployment_id}"):
            target_of(hook, deployment_id).write("memstore_other", service.store())


class TestWhichStore:
    def test_none_at_all_is_an_error_that_says_so(self, service: Service, hook: ManagedAgentsHook) -> None:
        deployment_id = service.deployment()
        with pytest.raises(StateError, match=rf"deployment {deployment_id} holds no memory store\. Add one"):
            target_of(hook, deployment_id).read()

    def test_a_read_only_store_is_not_dreamed_unless_it_is_named(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store()
        deployment_id = service.deployment(mounted(store_id, access="read_only"))
        with pytest.raises(StateError, match="0 memory stores mounted read_write"):
            target_of(hook, deployment_id).read()
        assert target_of(hook, deployment_id, replaces=store_id).read() == store_id

    def test_two_writable_stores_need_replaces(self, service: Service, hook: ManagedAgentsHook) -> None:
        one, two = service.store(), service.store()
        deployment_id = service.deployment(mounted(one), mounted(two))
        with pytest.raises(StateError, match=r"holds 2 memory stores.*set replaces:") as raised:
            target_of(hook, deployment_id).read()
        assert one in str(raised.value)
        assert two in str(raised.value)
        assert target_of(hook, deployment_id, replaces=two).read() == two

    def test_replaces_goes_on_naming_the_store_through_its_heirs(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        origin, other = service.store(), service.store()
        child = heir_of(service, origin)
        grandchild = heir_of(service, child)
        for live in (origin, child, grandchild):
            deployment_id = service.deployment(mounted(other), mounted(live))
            assert target_of(hook, deployment_id, replaces=origin).read() == live

    @pytest.mark.parametrize("heirs", [0, 2])
    def test_replaces_that_leads_to_no_store_or_to_two_is_refused(
        self, service: Service, hook: ManagedAgentsHook, heirs: int
    ) -> None:
        origin = service.store()
        stores = [heir_of(service, origin) for _ in range(heirs)] or [service.store(), service.store()]
        deployment_id = service.deployment(*(mounted(store_id) for store_id in stores))
        with pytest.raises(StateError, match=rf"replaces: {origin}.*Correct replaces:"):
            target_of(hook, deployment_id, replaces=origin).read()

    def test_replaces_may_name_a_store_that_was_deleted_since(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        origin, other = service.store(), service.store()
        live = heir_of(service, origin)
        deployment_id = service.deployment(mounted(other), mounted(live))
        service.client.beta.memory_stores.delete(origin)
        assert target_of(hook, deployment_id, replaces=origin).read() == live

    def test_a_swap_by_replaces_leaves_the_other_stores(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        origin, other = service.store(), service.store()
        output = heir_of(service, origin)
        deployment_id = service.deployment(mounted(other), mounted(origin))
        repoint(target_of(hook, deployment_id, replaces=origin), origin, output)
        assert service.resources(deployment_id) == [mounted(other), mounted(output)]


class TestSecrets:
    """The service never tells a GitHub token; writing the resources back without it would drop it."""

    @pytest.fixture
    def deployment_id(self, service: Service) -> str:
        return service.deployment(mounted(service.store()), {**GITHUB, "authorization_token": "ghp_old"})

    def test_a_repository_without_its_token_is_refused_before_anything_is_spent(
        self, hook: ManagedAgentsHook, deployment_id: str
    ) -> None:
        with pytest.raises(StateError, match=r"https://github\.com/acme/handbook.*github_conn_id:"):
            target_of(hook, deployment_id).check()

    def test_a_swap_is_refused_too_and_changes_nothing(
        self, service: Service, hook: ManagedAgentsHook, deployment_id: str
    ) -> None:
        was = service.resources(deployment_id)
        with pytest.raises(StateError, match="github_conn_id"):
            repoint(target_of(hook, deployment_id), was[0]["memory_store_id"], service.store())
        assert service.resources(deployment_id) == was

    def test_the_token_comes_from_the_connection_that_the_target_names(
        self, service: Service, deployment_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(
            "AIRFLOW_CONN_GITHUB_BOT", json.dumps({"conn_type": "http", "password": "ghp_new"})
        )
        sent: list[Any] = []

        def note(number: int, request: httpx2.Request) -> None:
            if request.method == "POST":
                sent.append(json.loads(request.content))

        before, after = service.resources(deployment_id)[0]["memory_store_id"], service.store()
        target = target_of(wired(Wire(before=note)), deployment_id, github_conn_id="github_bot")
        target.check()
        repoint(target, before, after)
        assert sent == [{"resources": [mounted(after), {**GITHUB, "authorization_token": "ghp_new"}]}]
        assert service.resources(deployment_id) == [mounted(after), GITHUB]

    def test_a_connection_that_is_missing_is_named_with_the_command_that_adds_it(
        self, hook: ManagedAgentsHook, deployment_id: str
    ) -> None:
        with pytest.raises(ConfigError, match="airflow connections add github_bot --conn-type generic"):
            target_of(hook, deployment_id, github_conn_id="github_bot").check()

    def test_a_connection_without_a_token_is_named(
        self, hook: ManagedAgentsHook, deployment_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_GITHUB_BOT", json.dumps({"conn_type": "http"}))
        with pytest.raises(StateError, match=r"connection github_bot \(github_conn_id\) has no password"):
            target_of(hook, deployment_id, github_conn_id="github_bot").check()


def test_an_archived_deployment_is_refused_before_anything_is_spent(
    service: Service, hook: ManagedAgentsHook
) -> None:
    deployment_id = service.deployment(mounted(service.store()))
    service.client.beta.deployments.archive(deployment_id)
    with pytest.raises(StateError, match=rf"deployment {deployment_id} is archived"):
        target_of(hook, deployment_id).check()
