"""The fixture that end-to-end and browser tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cases import CASES
from tests.e2e.loop import Loop, running_loop

__all__ = ["PLUGIN", "loop", "pytest_collection_modifyitems"]

PLUGIN = "dreamflow-loop"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what needs Airflow last: a session's fixture lives to the session's end, and Airflow is never idle."""
    items.sort(key=lambda item: "loop" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def loop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """Play the cases that the session's tests ask for, and no other."""
    asked = {name for item in request.session.items for name in _named_by(item)}
    with running_loop(tmp_path_factory.mktemp("loop"), asked & CASES.keys()) as running:
        yield running


def _named_by(item: pytest.Item) -> Iterator[str]:
    """Yield the fixtures that a test takes, and the cases that it is parametrized with."""
    yield from getattr(item, "fixturenames", ())
    if (callspec := getattr(item, "callspec", None)) is not None:
        yield from (value for value in callspec.params.values() if isinstance(value, str))
