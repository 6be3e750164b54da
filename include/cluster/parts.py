"""What runs: each service of docker-compose.yaml as one process, or as several of its kind."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from include.cluster.compose import HOME, read_compose, walked
from include.cluster.errors import ClusterError
from include.cluster.part import GRACE, Part
from include.cluster.place import Place
from include.cluster.servers import PostgresServer, RedisServer
from include.demo.settings import PROJECT

__all__ = ["DAEMONS", "VENV", "init_of", "lay_out", "parts_of", "services_of"]

VENV = PROJECT / ".venv-cluster"
DAEMONS = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
#: What a container has of its own from the machine: nothing of another Airflow's settings.
_INHERITED = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def parts_of(
    place: Place,
    *,
    replicas: Mapping[str, int],
    extra: Mapping[str, str],
    agents_options: tuple[str, ...] = (),
) -> list[Part]:
    """
    Return the parts in the order in which they start.

    :param replicas: how many there are of a service; one unless it says otherwise.
    :param extra: environment of every part of Airflow, as an override file would give it.
    :param agents_options: what the embedded server is started with beside compose's own command.
    """
    services = services_of(place)
    return [
        PostgresServer(place, services["postgres"]).part(),
        RedisServer(place, services["redis"]).part(),
        _agents(place, services["managed-agents"], agents_options),
        *(
            part
            for name in DAEMONS
            for part in _daemons(place, name, services[name], replicas.get(name, 1), extra)
        ),
    ]


def init_of(place: Place, extra: Mapping[str, str]) -> Part:
    """Return what has to end well before any part of Airflow starts."""
    service = services_of(place)["init"]
    environment = _environment(place, service, extra)
    return Part("init", tuple(service["command"]), environment, place.home, ("postgres",))


def lay_out(place: Place) -> None:
    """Make AIRFLOW_HOME look as the containers' does: mounted folders are links, volumes are folders."""
    for name, service in read_compose(place.environ)["services"].items():
        for volume in service.get("volumes", []):
            source, target, *_ = volume.split(":")
            if not target.startswith(f"{HOME}/") or name in ("postgres", "redis"):
                continue
            here = place.home / target.removeprefix(f"{HOME}/")
            here.parent.mkdir(parents=True, exist_ok=True)
            if not source.startswith("./"):
                here.mkdir(exist_ok=True)
            elif not here.is_symlink():
                here.symlink_to(PROJECT / source)


def services_of(place: Place) -> dict[str, Any]:
    return dict(walked(read_compose(place.environ)["services"], place.translated))


def _daemons(
    place: Place, name: str, service: Mapping[str, Any], number: int, extra: Mapping[str, str]
) -> Iterator[Part]:
    for one in range(1, number + 1):
        full = f"{name}-{one}" if number > 1 else name
        command = [str(VENV / "bin" / "airflow"), *service["command"].split()]
        if name == "worker":
            # Containers have a host name and a file of process ids each.
            command += ["--celery-hostname", f"{full}@%h", "--pid", str(place.folder / f"{full}.pid")]
        if name in ("worker", "triggerer"):
            # The logs are in one folder, where the web server reads them; their ports would be one port here.
            command += ["--skip-serve-logs"]
        grace = _seconds(service.get("stop_grace_period"))
        needs = ("postgres", "redis")
        yield Part(full, tuple(command), _environment(place, service, extra), place.home, needs, grace)


def _agents(place: Place, service: Mapping[str, Any], options: tuple[str, ...]) -> Part:
    command = (str(VENV / "bin" / "python"), *service["command"][1:], *options)
    return Part("managed-agents", command, _environment(place, service, {}), place.home)


def _environment(place: Place, service: Mapping[str, Any], extra: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **inherited,
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        **_variables(service),
        **{name: str(value) for name, value in service["environment"].items()},
        "AIRFLOW_HOME": str(place.home),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(place.ports["web"]),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(place.ports["health"]),
        # Processes retitle themselves, and would write their title over what tells whose they are.
        "SPT_NOENV": "1",
        **extra,
    }


def _variables(service: Mapping[str, Any]) -> dict[str, str]:
    """Return what the service's files of variables say: ``NAME=value`` a line."""
    files = [PROJECT / entry["path"] for entry in service.get("env_file", [])]
    lines = [line.strip() for file in files if file.exists() for line in file.read_text().splitlines()]
    return {
        name.strip(): value.strip().strip("\"'")
        for name, equals, value in (line.partition("=") for line in lines)
        if equals and not name.startswith("#")
    }


def _seconds(period: str | None) -> float:
    if period is None:
        return GRACE
    found = re.fullmatch(r"(\d+)([sm])", period)
    if not found:
        raise ClusterError(
            f"docker-compose.yaml: stop_grace_period: {shlex.quote(period)}: expected such as 30s or 2m"
        )
    return float(found[1]) * (60 if found[2] == "m" else 1)
