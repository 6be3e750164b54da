"""What tests of steps share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.running import Night, night_of
from tests.unit.service import Service
from tests.unit.steps.fuse import Burning, Fuse


@pytest.fixture
def location(tmp_path: Path) -> str:
    """Return where a night's records lie."""
    return f"file://{tmp_path}/reports"


@pytest.fixture
def one_plan_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a carry that meets another writer end there, as where it was met each time: the next try is a test's own."""
    monkeypatch.setattr("dreamflow.steps.carry._PLANS", 1)


@pytest.fixture
def fuse() -> Fuse:
    return Fuse()


@pytest.fixture
def burning_night(
    service: Service, tmp_path_factory: pytest.TempPathFactory, fuse: Fuse
) -> Callable[..., Night]:
    """Return what makes a night as ``night_of`` does, whose files lie behind the fuse, in a place of their own."""

    def make(before: Mapping[str, str], after: Mapping[str, str], **more: Any) -> Night:
        fuse.blows_before = None
        location = f"file://{tmp_path_factory.mktemp('reports')}"
        return night_of(service, location, before, after, files=Burning(fuse), **more)

    return make
