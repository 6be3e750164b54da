"""docker-compose.yaml: a part that dies is missed soon, and asking whether it lives costs little."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from airflow.api_fastapi.core_api.datamodels.monitor import HealthInfoResponse
from airflow.configuration import conf
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

from tests.unit.compose_file import read_services

#: Programs that are a Python: one that starts, and imports Airflow, takes seconds of a core.
PYTHONS = {"python", "airflow", "celery"}
#: Seconds between two health checks that start one.
SELDOM = 120


def test_the_scheduler_misses_a_dead_workers_tasks_within_minutes_and_bears_hours_of_full_or_absent_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As Airflow's own scheduler reads the settings."""
    for variable, value in read_services()["scheduler"]["environment"].items():
        if variable.startswith("AIRFLOW__SCHEDULER__"):
            monkeypatch.setenv(variable, value)
    scheduler = SchedulerJobRunner(job=Job())
    queued = scheduler._task_queued_timeout
    looked_at = conf.getfloat("scheduler", "task_queued_timeout_check_interval")
    assert scheduler._task_instance_heartbeat_timeout_secs <= 150
    # A web server that restarts is away for a minute, and heartbeats with it.
    assert scheduler._task_instance_heartbeat_timeout_secs >= 90
    assert queued + looked_at <= 240
    assert looked_at <= conf.getint("api_auth", "jwt_leeway")
    assert (1 + scheduler._num_stuck_queued_retries) * queued >= 7200


def test_long_running_containers_are_checked_and_restarted() -> None:
    for name, service in read_services().items():
        if name == "init":
            continue
        check = service["healthcheck"]
        assert check["test"][0] in ("CMD", "CMD-SHELL"), name
        assert {"interval", "timeout", "retries"} <= set(check), name
        assert service["restart"] == "unless-stopped", name
        assert service["logging"]["options"]["max-size"], name


def test_no_health_check_starts_a_python_more_often_than_every_two_minutes() -> None:
    seconds = {"s": 1, "m": 60, "h": 3600}
    for name, service in read_services().items():
        if name == "init":
            continue
        check = service["healthcheck"]
        started = {command.split()[0] for command in " ".join(check["test"][1:]).split("|")}
        if not PYTHONS & started:
            continue
        number, unit = check["interval"][:-1], check["interval"][-1]
        assert int(number) * seconds[unit] >= SELDOM, name
        # Docker asks every 5 s while a container starts, unless it is told that there is no such time.
        assert "start_period" not in check, name


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    ("service", "part"), [("dag-processor", "dag_processor"), ("triggerer", "triggerer")]
)
def test_a_part_is_healthy_where_the_web_server_has_heard_of_it(service: str, part: str) -> None:
    kind, script = read_services()[service]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    parts = set(HealthInfoResponse.model_fields)
    for healthy, passes in ((parts, True), (parts - {part}, False), ({part}, True)):
        said = {
            name: {
                "status": "healthy" if name in healthy else "unhealthy",
                f"latest_{name}_heartbeat": "2026-11-27T03:00:00+00:00",
            }
            for name in parts
        }
        body = HealthInfoResponse.model_validate(said).model_dump_json(exclude_unset=True)
        with answering(body) as url:
            here = script.replace("http://api-server:8080", url)
            assert here != script
            assert (subprocess.run(["sh", "-c", here], check=False).returncode == 0) is passes
    down = script.replace("http://api-server:8080", url)
    assert subprocess.run(["sh", "-c", down], check=False).returncode


@contextmanager
def answering(body: str) -> Iterator[str]:
    """Answer every request with this JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
