"""
What an end-to-end test runs: a pipeline over a world of its own, and what a person does with its runs.

A case is a function under ``@case``. It becomes a fixture of its name, which the tests of the outcome take. All cases
that a session's tests ask for are played side by side, on one Airflow: a run waits far more than it works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest
import yaml

from tests.e2e.world import World, small_world

if TYPE_CHECKING:
    from anthropic import Anthropic

    from include.demo.stack import Stack
    from tests.e2e.loop import Loop, Scene
    from tests.support.faulty_proxy import Fault

__all__ = ["CASES", "Case", "case"]

R = TypeVar("R")


@dataclass(frozen=True)
class Case:
    """
    One pipeline, and what is done with it.

    :ivar script: what a person does; called with the first run triggered. What it returns is the fixture's value.
    :ivar settings: what the pipeline file says otherwise than most do; None leaves a key out.
    :ivar file_text: the whole pipeline file instead, where it is to be a wrong one.
    :ivar connection: what the pipeline's Airflow connection says otherwise than most do.
    :ivar fault: what happens to the first request that repoints the agent.
    """

    name: str
    script: Callable[[Scene], object]
    settings: Mapping[str, Any] = field(default_factory=dict)
    file_text: str | None = None
    make_world: Callable[[Stack, Anthropic, str], World] = small_world
    connection: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None

    @property
    def conn_id(self) -> str:
        return self.name if self.connection or self.fault else "anthropic_default"

    def variables(self, world: World) -> dict[str, str]:
        """Return the environment variables that the pipeline file names."""
        return {
            f"{self.name.upper()}_AGENT": world.agent,
            f"{self.name.upper()}_DEPLOYMENT": world.deployment,
        }

    def pipeline_file(self) -> str:
        if self.file_text is not None:
            return self.file_text
        usual = self._usual()
        said = {
            key: {**usual.get(key, {}), **value} if isinstance(value, dict) else value
            for key, value in self.settings.items()
        }
        keys = {key: value for key, value in {**usual, **said}.items() if value is not None}
        return yaml.safe_dump(keys, sort_keys=False)

    def _usual(self) -> dict[str, Any]:
        agent, deployment = f"${{{self.name.upper()}_AGENT}}", f"${{{self.name.upper()}_DEPLOYMENT}}"
        return {
            "conn_id": self.conn_id,
            "sessions": {"agent_id": agent, "max_age": "P3650D"},
            "dream": {"timeout": "PT1H", "poll_interval": "PT1S"},
            "targets": [
                {"type": "deployment", "deployment_id": deployment},
                {"type": "agent", "agent_id": agent},
            ],
            "retire": {"idle_for": "PT0S", "drain_timeout": "PT1M"},
        }


CASES: dict[str, Case] = {}


def case(**said: Any) -> Callable[[Callable[[Scene], R]], Callable[[Loop], R]]:
    """Make a case of a function; the arguments are the fields of ``Case``."""

    def make(script: Callable[[Scene], R]) -> Callable[[Loop], R]:
        name = script.__name__
        CASES[name] = Case(name, script, **said)

        @pytest.fixture(scope="session", name=name)
        def outcome(loop: Loop) -> R:
            return cast("R", loop.outcome(name))

        return outcome

    return make
