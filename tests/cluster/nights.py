"""What is played on the cluster: kinds of pipelines, and a run of each with a fault of its own on the way."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml
from anthropic import Anthropic

from tests.cluster.running import Running
from tests.e2e.runs import Run
from tests.e2e.world import World, small_world
from tests.support.faulty_proxy import Exchange, FaultyProxy, Request, Rule

__all__ = ["SINGLE", "Gate", "Kind", "Night"]

LATE_NOTE = "The dock at gate 2 is repaired since 2026-11-20.\n"


@dataclass(frozen=True)
class Kind:
    """
    A kind of pipeline.

    :ivar make: makes what it works on.
    :ivar settings: what its file says of that.
    """

    make: Callable[[Anthropic, str], World]
    settings: Callable[[World], dict[str, Any]]


def _single(world: World) -> dict[str, Any]:
    return {
        "sessions": {"agent_id": world.agent, "max_age": "P3650D"},
        "targets": [
            {"type": "deployment", "deployment_id": world.deployment},
            {"type": "agent", "agent_id": world.agent},
        ],
    }


#: A pipeline with one live store.
SINGLE = Kind(lambda client, name: small_world(None, client, name), _single)


@dataclass
class Gate:
    """
    Requests that the service has processed, and whose answers are held back.

    :ivar armed: set when the gate is to hold what comes; from the beginning, unless it is cleared.
    :ivar held: how many were held.
    :ivar opened: set when the answers may go, and no other is held.
    """

    matches: Callable[[Request], bool]
    armed: bool = True
    held: int = 0
    opened: threading.Event = field(default_factory=threading.Event)

    def strikes(self, request: Request) -> bool:
        return self.armed and not self.opened.is_set() and self.matches(request)

    async def hold(self, exchange: Exchange) -> None:
        reply = await exchange.forward()
        self.held += 1
        while not self.opened.is_set():  # noqa: ASYNC110 - it is set by another thread
            await asyncio.sleep(0.1)
        await exchange.answer(reply)

    @classmethod
    def at(cls, method: str, path: str) -> Gate:
        """Hold requests of the method to paths that match."""
        return cls(lambda request: request.method == method and re.search(path, request.path) is not None)


class Night:
    """
    A run of a pipeline of its own, whose requests go through a proxy of its own.

    :ivar before: what the live store held when the night began.
    """

    def __init__(self, running: Running, kind: Kind, name: str, gate: Gate) -> None:
        self.running = running
        self.name = name
        self.gate = gate
        self.world = kind.make(running.client(), name)
        self.before = self.world.memories(self.world.store)
        self.proxy = FaultyProxy(running.note["agents_url"], [Rule(gate.hold, gate.strikes, times=1_000_000)])
        self._settings = kind.settings(self.world)

    def write_file(self) -> None:
        settings: Mapping[str, Any] = {
            "conn_id": self.name,
            "dream": {"timeout": "PT30M", "poll_interval": "PT1S"},
            "retire": {"idle_for": "PT0S", "drain_timeout": "PT2M"},
            **self._settings,
        }
        file = self.running.pipelines / f"{self.name}.yaml"
        file.write_text(yaml.safe_dump(settings, sort_keys=False))

    def connect(self) -> None:
        """Add the connection in Airflow's database, as an administrator does."""
        address = urlsplit(self.proxy.url)
        body = {
            "connection_id": self.name,
            "conn_type": "anthropic",
            "host": address.geturl(),
            "password": self.running.note["api_key"],
        }
        self.running.airflow.request("POST", "/api/v2/connections", body)

    @property
    def port(self) -> int:
        return int(self.proxy.url.rpartition(":")[2])

    @property
    def dag_id(self) -> str:
        return f"dream__{self.name}"

    def begin(self) -> Run:
        self.running.wait(
            lambda: self.running.airflow.get_or_none(f"/api/v2/dags/{self.dag_id}") is not None,
            f"{self.dag_id} to be read",
            120,
        )
        self.running.airflow.unpause(self.dag_id)
        return Run(self.running, self.dag_id, self.running.airflow.trigger(self.dag_id))

    def dreams(self) -> list[Any]:
        """Return every dream that was made of the world's store, whatever became of it."""
        return [
            dream
            for dream in self.running.client().beta.dreams.list(include_archived=True)
            if any(getattr(entry, "memory_store_id", None) == self.world.store for entry in dream.inputs)
        ]
