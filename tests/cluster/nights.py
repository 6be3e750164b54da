"""What is played on the cluster: kinds of pipelines, and a run of each with a fault of its own on the way."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import yaml
from anthropic import Anthropic
from anthropic.types.beta import BetaDream

from tests.cluster.running import Running
from tests.e2e.runs import Run
from tests.e2e.world import small_world
from tests.managed_agents.support import MODEL, contents, import_transcripts, message, store_of, transcript
from tests.support.faulty_proxy import Exchange, FaultyProxy, Request, Rule

__all__ = ["FLEET", "SINGLE", "Gate", "Kind", "Night", "Store", "dreams_of"]


@dataclass(frozen=True)
class Store:
    """
    One store that was live when the night began.

    :ivar named: returns what its targets name now.
    :ivar before: what it held then.
    """

    client: Anthropic
    id: str
    named: Callable[[], set[str]]
    before: Mapping[str, str]

    @classmethod
    def now(cls, client: Anthropic, store_id: str, named: Callable[[], set[str]]) -> Store:
        return cls(client, store_id, named, contents(client, store_id))

    def write(self, path: str, content: str) -> None:
        """Create a memory in it, as an agent at work does."""
        self.client.beta.memory_stores.memories.create(self.id, path=path, content=content)

    def is_archived(self) -> bool:
        return self.client.beta.memory_stores.retrieve(self.id).archived_at is not None


def dreams_of(client: Anthropic) -> dict[str, list[BetaDream]]:
    """Return, by the store that they were made of, all dreams, whatever became of them."""
    found: dict[str, list[BetaDream]] = {}
    for dream in client.beta.dreams.list(include_archived=True, limit=100):
        for entry in dream.inputs:
            if entry.type == "memory_store":
                found.setdefault(entry.memory_store_id, []).append(dream)
    return found


@dataclass(frozen=True)
class Kind:
    """
    A kind of pipeline.

    :ivar make: makes what it works on, and returns its stores and what its file says of them.
    :ivar reviewed: returns the paths that a run's review lists as changed in a store.
    :ivar asks: whether a person is asked.
    """

    make: Callable[[Anthropic, str], tuple[list[Store], dict[str, Any]]]
    reviewed: Callable[[Run, Store], set[str]]
    asks: bool = True


def _single(client: Anthropic, name: str) -> tuple[list[Store], dict[str, Any]]:
    world = small_world(None, client, name)
    settings = {
        "sessions": {"agent_id": world.agent, "max_age": "P3650D"},
        "targets": [
            {"type": "deployment", "deployment_id": world.deployment},
            {"type": "agent", "agent_id": world.agent},
        ],
    }
    return [Store.now(client, world.store, lambda: set(world.live_stores()))], settings


def _listed(run: Run, _store: Store) -> set[str]:
    return {change["path"] for change in run.review()["changes"]}


#: A pipeline with one live store, two targets, and a person who decides.
SINGLE = Kind(_single, _listed)


#: Members of the fleet.
_MEMBERS = 200


def _fleet(client: Anthropic, name: str) -> tuple[list[Store], dict[str, Any]]:
    agent = client.beta.agents.create(name=name, model=MODEL)
    environment = client.beta.environments.create(name=name)
    stores = []
    for number in range(_MEMBERS):
        called = f"{name}-{number:03}"
        store = store_of(client, called, hours="We open at ten.")
        deployment = client.beta.deployments.create(
            name=called,
            agent=agent.id,
            environment_id=environment.id,
            initial_events=[message("Good morning")],  # type: ignore[list-item]
            resources=[{"type": "memory_store", "memory_store_id": store.id, "access": "read_write"}],
        )
        recorded = [transcript(called, f"Please remember that {called} opens at nine on Saturdays.")]
        import_transcripts(client, recorded, agent_id=agent.id, memory_store_id=store.id)
        stores.append(Store.now(client, store.id, partial(_mounted, client, deployment.id)))
    settings = {
        "sessions": {"max_age": "P3650D"},
        "fleet": {"deployments": {"name": f"{name}-*"}},
        "approval": {"mode": "never"},
    }
    return stores, settings


def _mounted(client: Anthropic, deployment_id: str) -> set[str]:
    return {str(entry.memory_store_id) for entry in client.beta.deployments.retrieve(deployment_id).resources}  # type: ignore[union-attr]


#: A fleet of many small stores, about which nobody is asked. Its dreams only add: no memory may go.
FLEET = Kind(_fleet, lambda run, store: set(), asks=False)


@dataclass
class Gate:
    """
    Requests that the service has processed, and whose answers are held back.

    :ivar armed: whether the gate holds what comes.
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
    def at(cls, method: str, path: str, *, armed: bool = True) -> Gate:
        """Hold requests of the method to paths that match."""

        def matches(request: Request) -> bool:
            return request.method == method and re.search(path, request.path) is not None

        return cls(matches, armed)


class Night:
    """
    A run of a pipeline of its own, whose requests go through a proxy of its own.

    :ivar stores: those that are live as it begins.
    """

    def __init__(self, running: Running, kind: Kind, name: str, gate: Gate) -> None:
        self.running = running
        self.kind = kind
        self.name = name
        self.gate = gate
        self.stores, self._settings = kind.make(running.client(), name)
        self.proxy = FaultyProxy(running.note["agents_url"], [Rule(gate.hold, gate.strikes, times=1_000_000)])

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
