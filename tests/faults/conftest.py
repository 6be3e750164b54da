"""What the fault tests stand on: a past to go on from, and delays that are not waited for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.faults.stage import Past, Stage, make_past, staged


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
