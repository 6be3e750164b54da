"""What the fault tests stand on: a past to go on from, and delays that are not waited for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from anthropic import Anthropic

from tests.faults.killing import HEAD
from tests.faults.stage import Past, Stage, connection_to, make_past, staged
from tests.faults.swap_scene import CONNECTION as SWAP_CONNECTION
from tests.faults.swap_scene import Scene, SetScene, set_scene
from tests.faults.table import Table
from tests.support.server import KEY, serving
from tests.unit.service import Service


@pytest.fixture(scope="session", autouse=True)
def short_delays() -> Iterator[None]:
    """The SDK's delay before its own retries, and the sensor's between two readings of a canceled dream's usage."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anthropic._base_client.INITIAL_RETRY_DELAY", 0.005)
        patch.setattr("dreamflow.steps.wait._SETTLE_SECONDS", 0.01)
        yield


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory, short_delays: None) -> Past:
    return make_past(tmp_path_factory.mktemp("past"))


class SetStage(Protocol):
    def __call__(self, **options: Any) -> AbstractContextManager[Stage]: ...


@pytest.fixture
def set_stage(past: Past, tmp_path: Path) -> SetStage:
    """Set a stage on a copy of the past; as often as a test likes."""
    numbers = count()

    def start(**options: Any) -> AbstractContextManager[Stage]:
        return staged(past, tmp_path / f"stage-{next(numbers)}", **options)

    return start


@pytest.fixture
def stage(set_stage: SetStage) -> Iterator[Stage]:
    with set_stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def set_swap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetScene]:
    """Set a scene of a swap on a server that those of a module share."""
    folder, numbers = tmp_path_factory.mktemp("swaps"), count()
    with (
        serving(folder / "server.db") as url,
        Anthropic(api_key=KEY, base_url=url, max_retries=0) as client,
        pytest.MonkeyPatch.context() as patch,
    ):
        connection = connection_to(url)
        patch.setenv(SWAP_CONNECTION, connection)

        scenes: list[Scene] = []

        def start(**settings: Any) -> Scene:
            while scenes:
                scenes.pop().end()
            own = folder / str(next(numbers))
            own.mkdir()
            scenes.append(set_scene(Service(client), own, connection, **settings))
            patch.setenv("DREAMFLOW_PIPELINES", str(scenes[0].pipelines))
            return scenes[0]

        yield start
        while scenes:
            scenes.pop().end()


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Give a test module's table, under its ``HEAD``, and print it when it is full; it is kept in a file too."""
    table = Table(getattr(request.module, "HEAD", HEAD))
    yield table
    file = tmp_path_factory.mktemp("table") / "table.txt"
    file.write_text(f"{table.text()}\n")
    sys.stdout.write(f"\n{table.text()}\n{file}\n")
