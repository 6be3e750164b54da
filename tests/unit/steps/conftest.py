"""What tests of steps share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def location(tmp_path: Path) -> str:
    """Return where a night's records lie."""
    return f"file://{tmp_path}/reports"


@pytest.fixture
def one_plan_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a carry that meets another writer end there, as where it was met each time: the next try is a test's own."""
    monkeypatch.setattr("dreamflow.steps.carry._PLANS", 1)
