"""Whoever asks which store is live is told its id, whatever a run does meanwhile; or what is wrong."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest
import yaml

from dreamflow.errors import ConfigError, NotFound, ServiceUnavailable, StateError
from dreamflow.live import live_store_id
from dreamflow.targets import live_store
from tests.unit.running import Night, night_of
from tests.unit.service import Service, mounted

PLUGINS = Path(__file__).parents[2] / "plugins"
NOTES = {"/a.md": "We are in York."}


class Folder:
    """A folder of pipeline files, which the environment names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hold(self, name: str, *targets: Mapping[str, Any], **more: Any) -> None:
        text = yaml.safe_dump({"targets": list(targets), **more})
        (self.path / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def pipelines(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(folder))
    return Folder(folder)


@pytest.fixture
def night(tmp_path: Path, service: Service, pipelines: Folder) -> Night:
    night = night_of(service, f"file://{tmp_path}/reports", NOTES, {"/a.md": "York"})
    pipelines.hold(
        "support",
        {"type": "deployment", "deployment_id": night.deployment_id},
        {"type": "agent", "agent_id": night.agent_id},
    )
    return night


def test_it_is_what_the_first_target_names(service: Service, pipelines: Folder, tmp_path: Path) -> None:
    first, other = service.store(), service.store()
    file = tmp_path / "live.json"
    file.write_text(f'{{"memory": "{first}"}}', encoding="utf-8")
    agent = {"type": "agent", "agent_id": service.agent(memory_store_id=other)}
    deployment = {"type": "deployment", "deployment_id": service.deployment(mounted(first))}
    pipelines.hold("by_deployment", deployment, agent)
    pipelines.hold("by_agent", agent, deployment)
    pipelines.hold("by_file", {"type": "file", "path": f"file://{file}", "key": "memory"}, agent)
    found = [live_store_id(name) for name in ("by_deployment", "by_agent", "by_file")]
    assert found == [first, other, first]


def test_it_takes_two_requests_and_writes_nothing(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    live_store_id("support")  # imports
    caplog.set_level(logging.INFO, "httpx2")
    caplog.clear()
    live_store_id("support")
    sent = [r.getMessage().split()[2] for r in caplog.records if r.getMessage().startswith("HTTP Request")]
    assert sent == ["GET", "GET"]


def test_asked_all_the_while_a_store_is_swapped_and_retired_it_is_the_old_one_and_then_the_new(
    night: Night,
) -> None:
    over = Event()

    def ask() -> list[str]:
        told = [live_store_id("support")]
        while not over.is_set():
            told.append(live_store_id("support"))
        return [*told, live_store_id("support")]

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            night.adopt()
            night.retire()
        finally:
            over.set()
    assert night.service.is_archived(night.input_id)
    for told in (one.result() for one in asking):
        assert told == sorted(told, key=[night.input_id, night.output_id].index)
        assert told[-1] == night.output_id


def test_a_store_that_is_swapped_and_archived_between_the_two_requests_is_not_told(night: Night) -> None:
    stores = night.service.client.beta.memory_stores

    def overtake(number: int, request: httpx2.Request) -> None:
        if number == 0:
            night.point_by_hand(night.output_id)
            stores.archive(night.input_id)

    night.wire.after = overtake
    night.wire.requests.clear()
    assert live_store(night.world.targets[0], night.hook).id == night.output_id
    assert len(night.wire.requests) == 4


def test_a_store_that_is_archived_is_no_answer(night: Night) -> None:
    night.service.client.beta.memory_stores.archive(night.input_id)
    with pytest.raises(
        StateError, match=rf"deployment {night.deployment_id} names .*{night.input_id}, which is arch"
    ):
        live_store_id("support")


def test_a_name_that_no_file_has_is_told_with_those_that_are_near(pipelines: Folder) -> None:
    pipelines.hold("support", {"type": "agent", "agent_id": "agent_1"})
    for name in ("suport", "dream__support", "support.yaml"):
        with pytest.raises(ConfigError, match=rf"no pipeline '{name}'.*Is it support\?"):
            live_store_id(name)
    with pytest.raises(ConfigError, match=r"no pipeline '\.\./x'.*DREAMFLOW_PIPELINES names another folder"):
        live_store_id("../x")


def test_a_file_that_is_wrong_is_told_as_its_dag_tells_it(pipelines: Folder) -> None:
    pipelines.hold("support", {"type": "agent", "agent_id": "agent_1"}, sessions={"limit": 0})
    with pytest.raises(ConfigError, match=r"support\.yaml: sessions\.limit: .*0"):
        live_store_id("support")


def test_a_connection_that_is_not_there_is_told_with_the_variable_that_holds_one(pipelines: Folder) -> None:
    pipelines.hold("support", {"type": "agent", "agent_id": "agent_1"}, conn_id="claude_eu")
    with pytest.raises(ConfigError, match=r"connection claude_eu is not defined.*set AIRFLOW_CONN_CLAUDE_EU"):
        live_store_id("support")


def test_an_id_that_came_from_a_variable_is_told_by_the_variables_name(
    pipelines: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK", "agent_of_nobody")
    pipelines.hold("support", {"type": "agent", "agent_id": "${DESK}"})
    with pytest.raises(NotFound, match=r"read agent \$\{DESK\}") as raised:
        live_store_id("support")
    assert "agent_of_nobody" not in str(raised.value)


def test_a_service_that_does_not_answer_is_told_as_what_may_pass(
    pipelines: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_AWAY", '{"conn_type": "anthropic", "host": "http://127.0.0.1:9", "password": "x"}'
    )
    pipelines.hold("support", {"type": "agent", "agent_id": "agent_1"}, conn_id="away")
    with pytest.raises(ServiceUnavailable, match=r"could not read agent agent_1: no connection"):
        live_store_id("support")


class Application:
    """A process that has the package and the connection, and an Airflow home in which nothing was ever set up."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW__") and k != "AIRFLOW_HOME"}
        self.env = {**kept, "AIRFLOW_HOME": str(home), "HOME": str(home), "PYTHONPATH": str(PLUGINS)}

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def application(tmp_path: Path, pipelines: Folder) -> Application:
    home = tmp_path / "home"
    home.mkdir()
    return Application(home)


def test_the_command_prints_the_id_alone_though_airflow_logs_and_wants_no_database(
    application: Application, night: Night
) -> None:
    done = application.run(
        "-m",
        "dreamflow.live",
        "support",
        AIRFLOW__LOGGING__LOGGING_LEVEL="DEBUG",
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
    )
    assert (done.stdout, done.returncode) == (f"{night.input_id}\n", 0), done.stderr
    assert not list(application.home.rglob("*.db"))


def test_threads_of_an_application_that_ask_first_of_all_are_all_told(
    application: Application, night: Night
) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from dreamflow.live import live_store_id\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    told = list(pool.map(live_store_id, ['support'] * 24))\n"
        "print(len(told), *set(told))\n"
    )
    done = application.run("-c", code)
    assert done.stdout.splitlines()[-1:] == [f"24 {night.input_id}"], done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["suport"], "there is no pipeline 'suport'"),
        ([], "required: pipeline"),
        (["support"], "no connection"),
    ],
)
def test_the_command_that_can_not_tell_says_why_in_a_line_and_prints_nothing(
    application: Application, night: Night, arguments: list[str], says: str
) -> None:
    away = '{"conn_type": "anthropic", "host": "http://127.0.0.1:9", "password": "key of mine"}'
    done = application.run("-m", "dreamflow.live", *arguments, AIRFLOW_CONN_ANTHROPIC_DEFAULT=away)
    assert (done.stdout, done.returncode) == ("", 1)
    (line,) = done.stderr.splitlines()
    assert line.startswith("python -m dreamflow.live: ")
    assert says in line
