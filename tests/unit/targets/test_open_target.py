"""Opening a target: every kind that a pipeline file may name, and no secret of it in what people read."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import cast, get_args

import pytest

from dreamflow.config import AgentTarget, DeploymentTarget, FileTarget, Target
from dreamflow.errors import DreamflowError
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.targets import KINDS, open_target, repoint
from tests.unit.service import Service, mounted

NO_HOOK = cast(ManagedAgentsHook, None)


def from_variables(**variables: str) -> Callable[[str], str]:
    """Return how values are shown of which each is one variable's."""
    names = {value: f"${{{name}}}" for name, value in variables.items()}
    return lambda value: names.get(value, value)


def test_every_kind_that_a_pipeline_file_may_name_can_be_opened() -> None:
    models = get_args(get_args(Target)[0])
    assert {get_args(model.model_fields["type"].annotation)[0] for model in models} == KINDS.keys()


def test_a_target_is_named_by_what_stands_in_the_file() -> None:
    deployment = DeploymentTarget(type="deployment", deployment_id="depl_7")
    assert open_target(deployment, NO_HOOK).name == "deployment depl_7"
    assert open_target(deployment, NO_HOOK, from_variables(DESK="depl_7")).name == "deployment ${DESK}"
    agent = AgentTarget(type="agent", agent_id="agent_7", metadata_key="live")
    name = open_target(agent, NO_HOOK, from_variables(AGENT="agent_7", KEY="live")).name
    assert name == "agent ${AGENT} (metadata ${KEY})"
    file = FileTarget(type="file", path="s3://aws@bucket/live.yaml", key="live.store")
    name = open_target(file, NO_HOOK, from_variables(PLACE="s3://aws@bucket/live.yaml")).name
    assert name == "file ${PLACE} (key live.store)"


def test_a_target_with_hidden_settings_is_read_and_repointed_like_any(
    service: Service, hook: ManagedAgentsHook
) -> None:
    before, after = service.store(), service.store()
    deployment_id = service.deployment(mounted(before))
    settings = DeploymentTarget(type="deployment", deployment_id=deployment_id)
    target = open_target(settings, hook, from_variables(DESK=deployment_id))
    target.check()
    assert target.read() == before
    repoint(target, before, after)
    assert service.resources(deployment_id) == [mounted(after)]


@pytest.mark.parametrize(
    ("settings", "secret"),
    [
        (DeploymentTarget(type="deployment", deployment_id="depl_secret"), "depl_secret"),
        (AgentTarget(type="agent", agent_id="agent_secret"), "agent_secret"),
    ],
    ids=["deployment", "agent"],
)
def test_what_a_variable_brought_is_in_no_error_and_in_nothing_that_led_to_it(
    hook: ManagedAgentsHook, settings: DeploymentTarget | AgentTarget, secret: str
) -> None:
    target = open_target(settings, hook, from_variables(HIDDEN=secret))
    for call in (target.check, target.read, lambda: target.write("memstore_1", "memstore_2")):
        with pytest.raises(DreamflowError, match=r"\$\{HIDDEN\}") as raised:
            call()
        assert secret not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("case", ["gone", "folder", "no YAML", "no key"])
def test_the_place_of_a_file_is_in_no_error_with_or_without_its_scheme(tmp_path: Path, case: str) -> None:
    path = tmp_path / "secret.yaml"
    match case:
        case "folder":
            path.mkdir()
        case "no YAML":
            path.write_text("{")
        case "no key":
            path.write_text("other: memstore_1")
    settings = FileTarget(type="file", path=f"file://{path}", key="live")
    target = open_target(settings, NO_HOOK, from_variables(PLACE=f"file://{path}"))
    for call in (target.check, target.read, lambda: target.write("memstore_1", "memstore_2")):
        with pytest.raises(DreamflowError, match=r"\$\{PLACE\}") as raised:
            call()
        assert "secret.yaml" not in "".join(traceback.format_exception(raised.value))
