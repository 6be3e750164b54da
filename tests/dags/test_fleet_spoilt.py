"""A night in which nine members are spoilt, each in another way: each is named, and all others are adopted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks._fleet_night import night_of_fleet, opened
from tests.support.server import KEY, LocalServer

MEMBERS = 20
ASKED = {
    "an invented number": "ungrounded",
    "a leaked key": "secret",
    "an order to the agent": "instruction",
    "an emptied file": "lost",
    "a dropped e-mail address": "lost",
}
FAILED = {
    "its store deleted": "settle_earlier_runs",
    "its store another pipeline's too": "settle_earlier_runs",
    "its dream failed": "wait_for_dream",
    "its deployment repointed by hand": "repoint",
}

Told = dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    place = tmp_path_factory.mktemp("spoilt")
    pipelines = place / "pipelines"
    pipelines.mkdir()
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalServer(place / "server.db") as server,
        opened(server.url, KEY) as client,
    ):
        connection = {"conn_type": "anthropic", "host": server.url, "password": KEY}
        patch.setenv("AIRFLOW_CONN_BENCHMARK", json.dumps(connection))
        patch.setenv("DREAMFLOW_PIPELINES", str(pipelines))
        yield night_of_fleet(client, place, MEMBERS, is_spoilt=True, forks=False)


def line_with(name: str, text: str) -> str:
    return next((line for line in text.splitlines() if name in line), "")


def test_all_others_are_adopted(told: Told) -> None:
    assert len(told["spoilt"]) == len(ASKED) + len(FAILED)
    adopted = set(told["adopted"])
    assert len(adopted) == MEMBERS - len(told["spoilt"])
    assert not adopted & set(told["spoilt"].values())


@pytest.mark.parametrize("way", ASKED)
def test_a_bad_output_is_asked_about_by_name(way: str, told: Told) -> None:
    assert ASKED[way] in line_with(told["spoilt"][way], told["asked"])


@pytest.mark.parametrize("way", FAILED)
def test_a_member_that_failed_is_named_in_the_end_with_the_task_that_it_was_in(way: str, told: Told) -> None:
    end = told["said"]["catch_up"]
    assert "failed; the others are done" in end
    (said,) = (part for part in end.split("; ") if told["spoilt"][way] in part)
    assert f": {FAILED[way]}: " in said


def test_only_the_last_task_of_the_run_fails(told: Told) -> None:
    assert {task for task, state in told["states"].items() if state == "failed"} == {"catch_up"}
