"""
docker-compose.yaml gives every container what the code and Airflow 3.3 need from it.

No Docker engine is asked: what the file says is held against Airflow's own list of settings, the embedded server's own
command line, and the product's own paths. The image has tests of its own in test_docker_image.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
import yaml
from airflow.configuration import conf
from airflow.models import Connection

from dreamflow.config import pipelines_folder
from dreamflow.storage import report_location
from include.managed_agents.cli.main import parser
from tests.unit.compose_file import (
    AIRFLOW,
    DAEMONS,
    FILLED,
    HOME,
    PROJECT,
    SECRETS,
    TEXT,
    Unset,
    mounts_of,
    read_compose,
    read_services,
    used_variables,
)

CALLERS = {"api-server", "triggerer", "worker"}
#: Settings that Airflow reads but does not list. test_docker_health.py has the scheduler itself read it.
UNLISTED = {"AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES"}
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")


def test_every_part_of_a_celery_airflow_is_there() -> None:
    services = read_services()
    assert set(services) == AIRFLOW | {"postgres", "redis", "managed-agents"}
    commands = {name: services[name]["command"] for name in DAEMONS}
    assert commands == {
        "api-server": "api-server",
        "scheduler": "scheduler",
        "dag-processor": "dag-processor",
        "triggerer": "triggerer",
        "worker": "celery worker",
    }
    assert services["worker"]["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_airflow_containers_agree_on_every_setting_that_they_share() -> None:
    services = read_services()
    settings = [
        {k: v for k, v in services[name]["environment"].items() if k.startswith("AIRFLOW__")}
        for name in sorted(AIRFLOW)
    ]
    assert all(one == settings[0] for one in settings)
    for shared in (
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__API__BASE_URL",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__CORE__AUTH_MANAGER",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__CELERY__BROKER_URL",
        "AIRFLOW__CELERY__RESULT_BACKEND",
    ):
        assert settings[0][shared], shared
    folders = [
        {k: services[name]["environment"].get(k) for k in ("PYTHONPATH", "DREAMFLOW_PIPELINES")}
        for name in AIRFLOW
    ]
    assert all(one == folders[0] for one in folders)


def test_each_setting_is_one_that_airflow_knows() -> None:
    known = {
        f"AIRFLOW__{section}__{option}".upper()
        for section, content in conf.configuration_description.items()
        for option in content["options"]
    }
    for name in AIRFLOW:
        for variable in read_services()[name]["environment"]:
            # The Celery provider, whose section that is, comes with the image and is not among our requirements.
            if variable.startswith("AIRFLOW__") and not variable.startswith("AIRFLOW__CELERY__"):
                assert variable in known | UNLISTED


def test_tasks_reach_the_api_server_inside_the_network() -> None:
    services = read_services()
    url = urlsplit(services["worker"]["environment"]["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"])
    assert (url.hostname, url.port, url.path) == ("api-server", 8080, "/execution/")
    assert services["api-server"]["ports"] == ["127.0.0.1:8080:8080"]


def test_database_and_broker_urls_name_the_services_and_their_passwords() -> None:
    services = read_services()
    environment = services["worker"]["environment"]
    for variable, scheme, host, password in (
        (
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
            "postgresql+psycopg2",
            "postgres",
            FILLED["POSTGRES_PASSWORD"],
        ),
        (
            "AIRFLOW__CELERY__RESULT_BACKEND",
            "db+postgresql+psycopg2",
            "postgres",
            FILLED["POSTGRES_PASSWORD"],
        ),
        ("AIRFLOW__CELERY__BROKER_URL", "redis", "redis", FILLED["REDIS_PASSWORD"]),
    ):
        url = urlsplit(environment[variable])
        assert (url.scheme, url.hostname, url.password) == (scheme, host, password)
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == FILLED["POSTGRES_PASSWORD"]
    assert services["redis"]["environment"]["REDIS_PASSWORD"] == FILLED["REDIS_PASSWORD"]
    assert "--requirepass" in services["redis"]["command"][-1]


def test_nothing_is_published_but_the_web_server_and_the_embedded_one_and_both_on_loopback() -> None:
    published = {name: service["ports"] for name, service in read_services().items() if service.get("ports")}
    assert set(published) == {"api-server", "managed-agents"}
    for ports in published.values():
        assert all(str(port).startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_that_is_not_set_stops_compose_and_says_where_to_set_it(name: str) -> None:
    with pytest.raises(Unset, match=rf"{name}: set it in \.env"):
        read_compose({**FILLED, name: ""})


def test_no_secret_stands_in_the_file_itself() -> None:
    for name in SECRETS:
        assert set(re.findall(rf"\$\{{{name}\b([^}}]*)\}}", TEXT)) == {
            ":?set it in .env; .env.example says how"
        }
    for service, content in yaml.safe_load(TEXT)["services"].items():
        for variable, value in content.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|_KEY|_CONN(_|$)", variable):
                assert "${" in value, f"{service}: {variable}"


def test_env_example_names_every_variable_and_no_other_with_the_defaults_that_hold() -> None:
    used = used_variables()
    named = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert set(named) == set(used)
    for name, (how, default) in used.items():
        assert named[name] == ("" if how == ":?" else default), name
    for name in SECRETS:
        assert re.search(rf"^{name}=$", EXAMPLE, re.MULTILINE), (
            f"{name} has to be filled in: it is no comment"
        )


def test_git_ignores_the_file_with_the_secrets() -> None:
    assert ".env" in (PROJECT / ".gitignore").read_text().split()


def test_the_folders_are_mounted_where_the_code_looks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DREAMFLOW_PIPELINES", raising=False)
    services = read_services()
    for name in AIRFLOW:
        mounts = mounts_of(services[name])
        for folder in ("dags", "plugins", "include"):
            assert mounts[f"{HOME}/{folder}"] == (f"./{folder}", "ro")
            assert (PROJECT / folder).is_dir()
        assert (PROJECT / "include" / "local_settings" / "airflow_local_settings.py").is_file()
        environment = services[name]["environment"]
        assert environment["PYTHONPATH"].split(":") == [HOME, f"{HOME}/include/local_settings"]
        default = pipelines_folder().relative_to(PROJECT)
        assert environment["DREAMFLOW_PIPELINES"] == f"{HOME}/{default}"


def test_workers_and_web_server_share_the_report_location_and_the_logs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", HOME)
    location = urlsplit(report_location(None)).path
    services = read_services()
    for path in (location, f"{HOME}/logs"):
        sources = {mounts_of(services[name])[path] for name in DAEMONS}
        (source, mode) = sources.pop()
        assert not sources
        assert mode == "rw"
        assert source in read_compose()["volumes"]


def test_containers_that_call_the_api_hold_the_connection_and_no_other_does() -> None:
    services = read_services({**FILLED, "ANTHROPIC_BASE_URL": "http://managed-agents:8787"})
    holding = {n for n, s in services.items() if "AIRFLOW_CONN_ANTHROPIC_DEFAULT" in s.get("environment", {})}
    assert holding == CALLERS
    for name in CALLERS:
        connection = Connection.from_json(services[name]["environment"]["AIRFLOW_CONN_ANTHROPIC_DEFAULT"])
        assert connection.conn_type == "anthropic"
        assert connection.password == FILLED["ANTHROPIC_API_KEY"]
        assert connection.host == "http://managed-agents:8787"
    without_address = json.loads(read_services()["worker"]["environment"]["AIRFLOW_CONN_ANTHROPIC_DEFAULT"])
    assert not without_address["host"]


def test_the_triggerer_may_hold_a_file_descriptor_for_every_trigger() -> None:
    limit = read_services()["triggerer"]["ulimits"]["nofile"]
    assert limit["soft"] == limit["hard"] >= 8 * conf.getint("triggerer", "capacity")


def test_airflow_starts_after_the_database_was_brought_up_to_date_once() -> None:
    services = read_services()
    assert services["init"]["restart"] == "no"
    assert services["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    script = services["init"]["command"][-1]
    assert services["init"]["command"][:2] == ["bash", "-euc"]
    assert script.index("airflow db migrate") < script.index("airflow users create")
    for name in DAEMONS:
        assert services[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}
        assert services[name]["depends_on"]["postgres"] == {"condition": "service_healthy"}
        assert services[name]["depends_on"]["redis"] == {"condition": "service_healthy"}


def test_the_embedded_server_is_optional_and_understands_its_command() -> None:
    service = read_services()["managed-agents"]
    assert service["profiles"] == ["embedded"]
    assert service["command"][:3] == ["python", "-m", "include.managed_agents"]
    options = parser().parse_args(service["command"][3:])
    assert (options.host, options.port, options.model) == ("0.0.0.0", 8787, "offline")
    folder = str(PurePosixPath(options.database.removeprefix("sqlite:///")).parent)
    assert mounts_of(service)[folder][0] in read_compose()["volumes"]
    assert service["environment"]["AGENTS_API_KEY"] == FILLED["ANTHROPIC_API_KEY"]
    assert service["healthcheck"]["test"][-1] == f"http://localhost:{options.port}/health"
    assert service["ports"] == [f"127.0.0.1:8787:{options.port}"]
    others = [name for name, s in read_services().items() if s.get("profiles") and name != "managed-agents"]
    assert not others


def test_variables_of_pipeline_files_come_from_a_file_that_may_be_missing() -> None:
    for name in AIRFLOW:
        assert read_services()[name]["env_file"] == [{"path": "pipelines.env", "required": False}]


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("docker compose is not installed")
    environ = tmp_path / "env"
    environ.write_text("".join(f"{name}={value}\n" for name, value in FILLED.items()))
    command = [docker, "compose", "--env-file", str(environ), "--profile", "embedded", "config", "--quiet"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
