"""What is listed once for all members is looked at anew before a dream is paid for, or a store archived."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dreamflow import tasks
from tests.dags.conftest import Parse
from tests.dags.fleet_nights import AFTER_ADOPT, Fleet, Server, fleet_on
from tests.dags.secret_night import listening
from tests.support.faulty_proxy import Exchange, FaultyProxy, Request, Rule
from tests.support.server import GatedEngine, LocalServer
from tests.support.workspace import dreams_on, make_workspace

RUN = "tonight"


@pytest.fixture
def may_write() -> threading.Event:
    """Dreams come no further than reading until it is set."""
    return threading.Event()


@pytest.fixture
def server(tmp_path: Path, may_write: threading.Event) -> Iterator[Server]:
    may_read = threading.Event()
    may_read.set()
    with LocalServer(tmp_path / "server.db", lambda: GatedEngine(may_read, may_write)) as served:
        yield Server(served.url, served.client, make_workspace(served.client))


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.url) as proxy:
        yield proxy


@pytest.fixture
def fleet(
    server: Server,
    proxy: FaultyProxy,
    folder: Path,
    tmp_path: Path,
    parse: Parse,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Fleet]:
    """A fleet that reaches the service through the proxy, for one member at a time; the tests look past that."""
    with listening() as told:
        behind = replace(server, url=proxy.url)
        yield fleet_on(behind, "lists", folder, tmp_path, parse, monkeypatch, fleet={"concurrency": 1})(told)


def then(does: Callable[[], Any]) -> Callable[[Exchange], Any]:
    """Do something once the service has answered, before the answer arrives."""

    async def fault(exchange: Exchange) -> None:
        reply = await exchange.forward()
        await asyncio.to_thread(does)
        await exchange.answer(reply)

    return fault


def is_create(request: Request) -> bool:
    return request.call.what == "POST /v1/dreams"


@pytest.mark.parametrize("arrives", ["before the next create", "after it"])
def test_a_create_that_is_processed_late_leaves_a_member_one_dream(
    fleet: Fleet, proxy: FaultyProxy, arrives: str
) -> None:
    ash = fleet.member("ash")
    kept_back: dict[str, Any] = {}

    async def keep_back(exchange: Exchange) -> None:
        kept_back.update(json.loads(exchange.request.body))
        exchange.cut()

    def arrive() -> None:
        fleet.client.beta.dreams.create(**kept_back)

    late = proxy.add(Rule(keep_back, is_create))
    # What the next try looks at first was listed by then.
    if arrives == "after it":
        proxy.add(Rule(then(arrive), is_create))
    else:
        proxy.add(Rule(then(arrive), lambda r: bool(late.struck) and r.path.endswith("/memories")))
    night = fleet.night(RUN)
    chain = (tasks.SETTLE_EARLIER_RUNS, tasks.COLLECT_SESSIONS, tasks.LAUNCH_DREAM)
    assert night.run(chain) == "success", night.errors
    own = fleet.journal(ash, RUN).dream
    assert own
    dreams = dreams_on(fleet.client, ash.store)
    assert [dream.id for dream in dreams if dream.status != "canceled"] == [own.dream_id]
    assert len(dreams) == (2 if arrives == "after it" else 1)


def test_a_dream_that_somebody_else_has_just_begun_keeps_a_member_from_another(
    fleet: Fleet, proxy: FaultyProxy
) -> None:
    ash = fleet.member("ash")

    def begin() -> None:
        sessions = [one.id for one in fleet.client.beta.sessions.list(memory_store_id=ash.store)][:1]
        inputs: Any = [
            {"type": "memory_store", "memory_store_id": ash.store},
            {"type": "sessions", "session_ids": sessions},
        ]
        fleet.client.beta.dreams.create(model="claude-opus-4-8", inputs=inputs)

    night = fleet.night(RUN)
    assert night.run((tasks.SETTLE_EARLIER_RUNS, tasks.COLLECT_SESSIONS)) == "success", night.errors
    proxy.add(Rule(then(begin), lambda r: r.path.endswith(f"{ash.store}/memories")))
    assert night.run((tasks.LAUNCH_DREAM,)) == "failed"
    assert "somebody else started it" in fleet.state(ash, RUN, tasks.LAUNCH_DREAM)
    assert len(dreams_on(fleet.client, ash.store)) == 1


def test_a_store_that_a_deployment_has_just_been_pointed_at_is_not_archived(
    fleet: Fleet, proxy: FaultyProxy, may_write: threading.Event
) -> None:
    may_write.set()
    members = fleet.members("ash", "birch")
    late = fleet.client.beta.deployments.create(
        name="beside",
        agent=members[0].agent,
        environment_id=members[0].environment,
        initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Hello"}]}],
    )
    night = fleet.reviewed(RUN)
    assert night.approve() == "decided", night.errors
    assert night.run(AFTER_ADOPT[:4]) == "success", night.errors

    def archived() -> list[str]:
        return [member.store for member in members if fleet.is_archived(member.store)]

    def point() -> None:
        """Point the deployment at the other store, once the first was archived: the list was read by then."""
        (other,) = (member.store for member in members if member.store not in archived())
        fleet.client.beta.deployments.update(
            late.id,
            resources=[{"type": "memory_store", "memory_store_id": other, "access": "read_only"}],
        )

    proxy.add(Rule(then(point), lambda r: r.method == "POST" and r.path.endswith("/archive")))
    assert night.run(AFTER_ADOPT[4:5]) == "success", night.errors
    assert len(archived()) == 1
