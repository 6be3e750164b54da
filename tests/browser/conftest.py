"""Browser tests share one Airflow with the end-to-end tests."""

from __future__ import annotations

import pytest

from tests.e2e import fixtures


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin(fixtures.PLUGIN):
        config.pluginmanager.register(fixtures, fixtures.PLUGIN)
