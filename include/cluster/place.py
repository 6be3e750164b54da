"""Where a cluster is: its folder, its ports and its secrets, made once and kept."""

from __future__ import annotations

import base64
import json
import os
import random
import secrets
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from include.cluster.compose import HOME, used_variables
from include.cluster.errors import ClusterError
from include.demo.settings import PROJECT

__all__ = ["Place", "place_in", "private"]

#: Below the ports that Linux gives to outgoing connections: a server that is away for a while finds its own free again.
_PORTS = range(20_000, 32_000)
_NAMES = ("web", "agents", "postgres", "redis", "health")
_OWN = ".dreamflow-cluster"
_FERNET_KEY = "AIRFLOW_FERNET_KEY"


@dataclass(frozen=True)
class Place:
    """
    :ivar folder: where everything that the cluster writes lies.
    :ivar ports: by what listens there: ``web``, ``agents``, ``postgres``, ``redis``, and the scheduler's ``health``.
    :ivar variables: what an .env would hold: a value for each variable of docker-compose.yaml that has to be set.
    """

    folder: Path
    ports: Mapping[str, int]
    variables: Mapping[str, str]

    @property
    def home(self) -> Path:
        """Return what AIRFLOW_HOME is to Airflow's parts, laid out as in the containers."""
        return self.folder / "airflow"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def agents_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['agents']}"

    @property
    def environ(self) -> dict[str, str]:
        """Return what docker-compose.yaml's variables are here."""
        return {
            **self.variables,
            "AIRFLOW_BASE_URL": self.url,
            "ANTHROPIC_BASE_URL": self.agents_url,
        }

    def translated(self, text: str) -> str:
        """Return a value of docker-compose.yaml with the folders and addresses that hold on this machine."""
        for there, here in (
            ("@postgres/", f"@127.0.0.1:{self.ports['postgres']}/"),
            ("@redis:6379/", f"@127.0.0.1:{self.ports['redis']}/"),
            ("//api-server:8080/", f"//127.0.0.1:{self.ports['web']}/"),
            ("--host=0.0.0.0", "--host=127.0.0.1"),
            ("--port=8787", f"--port={self.ports['agents']}"),
            (HOME, str(self.home)),
        ):
            text = text.replace(there, here)
        return text


def place_in(folder: Path, *, port: int | None, settings: Mapping[str, str]) -> Place:
    """
    Return the place that the folder is, made where it is new.

    Ports are chosen anew each time; secrets and data stay.

    :param port: the web server's; None for any that is free.
    :param settings: what an .env would say beside the secrets.
    :raises ClusterError: the folder is another's, or a setting is none of docker-compose.yaml's.
    """
    used = used_variables()
    for name in settings:
        if name not in used:
            raise ClusterError(
                f"--set {name}=…: docker-compose.yaml has no such variable; .env.example lists them"
            )
    _own(folder)
    ports = dict(zip(_NAMES, _free_ports(), strict=False))
    required = [name for name, (how, _) in used.items() if how == ":?"]
    variables = {**_kept_secrets(folder / "secrets.json", required), **settings}
    return Place(folder, {**ports, **({"web": port} if port else {})}, variables)


def private(path: Path, content: object) -> None:
    """Write JSON that nobody else may read, all of it or nothing."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


def _own(folder: Path) -> None:
    if not folder.is_relative_to(PROJECT) and ":" in str(folder):
        raise ClusterError(f"{folder}: a colon parts the folders of PYTHONPATH: name a folder without one")
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / _OWN).exists():
            raise ClusterError(
                f"{folder} holds files that are not a cluster's: name an empty or a new folder with --folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _OWN).touch()
    except OSError as e:
        raise ClusterError(f"{folder} can't be used: {e.strerror}. Name another with --folder") from e


def _free_ports() -> Iterator[int]:
    found: set[int] = set()
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.add(port)
            yield port


def _kept_secrets(path: Path, names: list[str]) -> dict[str, str]:
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    for name in names:
        kept.setdefault(name, _fernet_key() if name == _FERNET_KEY else secrets.token_hex(32))
    private(path, kept)
    return kept


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()
