"""One poll for all dreams of a connection: what it asks for, whom a bad day disturbs, and what it leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from dreamflow.errors import ServiceUnavailable
from dreamflow.triggers import shared_poll
from dreamflow.triggers.dream import DREAMS
from dreamflow.triggers.shared_poll import open_client
from tests.faults.stage import Stage, connection_to
from tests.faults.watching import (
    announce_new_key,
    dream_in_flight,
    is_list,
    is_read,
    started,
    trigger_of,
    wait_for,
    withdraw_key,
)
from tests.support.faulty_proxy import Exchange, Fault, FaultyProxy, Request, Rule
from tests.support.injected_faults import cut_before, dripping, malformed, refusal, stalled
from tests.support.night import first_event, revive

FOREVER = 10**6


def polls_of(requests: list[Request]) -> list[list[Request]]:
    """Return the requests poll by poll: each begins with the first page of the list."""
    polls: list[list[Request]] = []
    for request in requests:
        if is_list(request) and "page=" not in request.target:
            polls.append([])
        polls[-1].append(request)
    return polls


def test_a_poll_lists_pages_and_reads_only_what_left_the_list(stage: Stage) -> None:
    dreams = [dream_in_flight(stage) for _ in range(201)]

    async def watch() -> None:
        tasks = started([trigger_of(dream) for dream in dreams])
        polls = stage.proxy.requests
        await wait_for(lambda: len(polls_of(polls)) > 2, "two polls")
        watched = polls_of(list(polls))[:2]
        for dream in dreams[:3]:
            await asyncio.to_thread(stage.client.beta.dreams.cancel, dream)
        await wait_for(lambda: all(task.done() for task in tasks[:3]), "three events")
        seen = len(polls_of(polls))
        await wait_for(lambda: len(polls_of(polls)) > seen + 2, "two more polls")
        after = polls_of(list(polls))[seen : seen + 2]
        for task in tasks[3:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert [len(poll) for poll in watched] == [3, 3]
        assert all(is_list(request) for poll in watched + after for request in poll)
        assert [len(poll) for poll in after] == [2, 2]
        assert {task.result()["dream_id"] for task in tasks[:3]} == set(dreams[:3])

    asyncio.run(watch())
    reads = [request.path.rsplit("/", 1)[1] for request in stage.proxy.requests if is_read(request)]
    assert sorted(reads) == sorted(dreams[:3])


def test_others_dreams_are_not_paged_through_for_the_sake_of_one(stage: Stage) -> None:
    """Reading the one takes fewer requests than listing what everybody else dreams."""
    wanted = dream_in_flight(stage)
    for _ in range(200):
        dream_in_flight(stage)

    async def watch() -> None:
        (task,) = started([trigger_of(wanted)])
        await wait_for(lambda: len(polls_of(stage.proxy.requests)) > 2, "two polls")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(watch())
    assert [len(poll) for poll in polls_of(stage.proxy.requests)[:2]] == [2, 2]


def flapping(*faults: Fault) -> Fault:
    """Every third request gets one of the faults, by turns."""
    turn = -1

    async def fault(exchange: Exchange) -> None:
        nonlocal turn
        turn += 1
        if turn % 3:
            await exchange.answer(await exchange.forward())
        else:
            await faults[turn // 3 % len(faults)](exchange)

    return fault


@contextmanager
def second_connection(stage: Stage) -> Iterator[FaultyProxy]:
    """Open another connection to the same server, ``other``, with a network of its own."""
    with FaultyProxy(stage.server.url) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_OTHER", connection_to(proxy.url))
        yield proxy


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        (refusal(500), "error"),
        (refusal(401), "refused"),
        (stalled, None),
        (dripping, "over"),
        (flapping(refusal(500), cut_before, malformed, refusal(529)), "over"),
    ],
    ids=["failing", "refusing", "silent", "slow", "flapping"],
)
def test_a_bad_day_of_one_connection_disturbs_no_other(stage: Stage, fault: Fault, ends: str | None) -> None:
    here, there = dream_in_flight(stage), dream_in_flight(stage)

    async def watch() -> None:
        (good,) = started([trigger_of(here)])
        (bad,) = started([trigger_of(there, conn_id="other")])
        await wait_for(lambda: other.requests, "a fault")
        before = len(stage.proxy.requests)
        await wait_for(lambda: len(stage.proxy.requests) > before + 3, "polls that go on")
        assert not good.done()
        await asyncio.to_thread(stage.finish)
        assert (await asyncio.wait_for(good, 60))["status"] == "over"
        if ends is None:
            assert not bad.done()
            bad.cancel()
            await asyncio.gather(bad, return_exceptions=True)
        else:
            assert (await asyncio.wait_for(bad, 60))["status"] == ends

    with second_connection(stage) as other:
        other.add(Rule(fault, times=FOREVER))
        asyncio.run(watch())


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_rotated_disturbs_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    dreams = [dream_in_flight(stage) for _ in range(3)]

    async def watch() -> None:
        tasks = started([trigger_of(dream) for dream in dreams])
        await wait_for(lambda: len(stage.proxy.requests) > 1, "polls")
        announce_new_key(stage, monkeypatch)
        withdraw_key(stage, status)
        before = len(stage.proxy.requests)
        await wait_for(lambda: len(stage.proxy.requests) > before + 3, "polls with the new key")
        await asyncio.to_thread(stage.finish)
        assert [event["status"] for event in await asyncio.gather(*tasks)] == ["over"] * 3

    with capture_logs() as logs:
        asyncio.run(watch())
    assert not [log for log in logs if log["log_level"] == "warning"]


def test_a_connection_that_gets_its_new_key_late_ends_no_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key was withdrawn before anyone told Airflow the new one."""
    dream = dream_in_flight(stage)

    async def watch() -> None:
        (task,) = started([trigger_of(dream)])
        await wait_for(lambda: len(stage.proxy.requests) > 1, "polls")
        before = len(stage.proxy.requests)
        withdraw_key(stage)
        await wait_for(lambda: len(stage.proxy.requests) > before + 3, "two polls that are refused")
        announce_new_key(stage, monkeypatch)
        await asyncio.to_thread(stage.finish)
        assert (await asyncio.wait_for(task, 60))["status"] == "over"

    asyncio.run(watch())


def test_a_client_that_cannot_be_closed_leaves_nobody_without_a_poll(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they sleep to their deadlines, and then cancel dreams that are well."""
    dream = dream_in_flight(stage)
    stage.proxy.add(Rule(refusal(401), is_list, first=2, times=3))

    async def broken(conn_id: str) -> Any:
        api = await open_client(conn_id)
        close = api.close

        async def closing() -> None:
            await close()
            raise RuntimeError("the connection can't be closed")

        monkeypatch.setattr(api, "close", closing)
        return api

    monkeypatch.setattr(shared_poll, "open_client", broken)

    async def watch() -> None:
        (task,) = started([trigger_of(dream)])
        await wait_for(lambda: len(stage.proxy.requests) > 5, "polls that go on")
        await asyncio.to_thread(stage.finish)
        assert (await asyncio.wait_for(task, 60))["status"] == "over"

    asyncio.run(watch())


def test_a_poll_that_somebody_ends_begins_anew(stage: Stage) -> None:
    dream = dream_in_flight(stage)

    async def watch() -> None:
        (task,) = started([trigger_of(dream)])
        await wait_for(lambda: stage.proxy.requests, "a poll")
        (poll,) = [task for task in asyncio.all_tasks() if task.get_name() == "dreamflow-poll-proxied"]
        poll.cancel()
        await asyncio.to_thread(stage.finish)
        assert (await asyncio.wait_for(task, 60))["status"] == "over"
        await wait_for(lambda: asyncio.all_tasks() == {asyncio.current_task()}, "every task to end")

    asyncio.run(watch())


def test_a_dream_that_cannot_be_read_disturbs_no_other(stage: Stage) -> None:
    broken, good = dream_in_flight(stage), dream_in_flight(stage)
    stage.proxy.add(Rule(refusal(500), lambda r: is_read(r) and r.path.endswith(broken), times=FOREVER))

    async def watch() -> None:
        tasks = started([trigger_of(broken), trigger_of(good)])
        await wait_for(lambda: len(stage.proxy.requests) > 2, "polls")
        await asyncio.to_thread(stage.finish)
        first, second = await asyncio.gather(*tasks)
        assert (first["status"], second["status"]) == ("error", "over")

    asyncio.run(watch())


@pytest.mark.parametrize("matches", [is_list, is_read], ids=["listing", "reading"])
def test_the_service_is_left_alone_for_as_long_as_it_asks(stage: Stage, matches: Any) -> None:
    dream = dream_in_flight(stage)
    rule = stage.proxy.add(Rule(refusal(429, retry_after="1"), matches))

    async def watch() -> None:
        (task,) = started([trigger_of(dream)])
        await wait_for(lambda: len(stage.proxy.requests) > 0, "a poll")
        await asyncio.to_thread(stage.finish)
        assert (await asyncio.wait_for(task, 60))["status"] == "over"

    asyncio.run(watch())
    assert rule.struck == 1
    times = [request.at for request in stage.proxy.requests]
    limited = next(i for i, request in enumerate(stage.proxy.requests) if matches(request))
    assert times[limited + 1] - times[limited] >= 0.99


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every client that a poll has opened."""
    opened: list[Any] = []

    async def noted(conn_id: str) -> Any:
        api = await open_client(conn_id)
        opened.append(api.client)
        return api

    monkeypatch.setattr(shared_poll, "open_client", noted)
    return opened


async def assert_nothing_is_left(clients: list[Any], count: int = 1) -> None:
    await wait_for(lambda: asyncio.all_tasks() == {asyncio.current_task()}, "every task to end")
    assert len(clients) == count
    assert all(client.is_closed() for client in clients)


def test_triggers_that_end_leave_neither_task_nor_client(stage: Stage, clients: list[Any]) -> None:
    dreams = [dream_in_flight(stage) for _ in range(3)]

    async def watch() -> None:
        tasks = started([trigger_of(dream) for dream in dreams])
        await wait_for(lambda: len(stage.proxy.requests) > 2, "polls")
        await asyncio.to_thread(stage.finish)
        await asyncio.gather(*tasks)
        await assert_nothing_is_left(clients)

    asyncio.run(watch())


@pytest.mark.parametrize("at_once", [True, False], ids=["while it opens", "while it polls"])
def test_a_trigger_that_is_cancelled_leaves_neither_task_nor_client(
    stage: Stage, clients: list[Any], at_once: bool
) -> None:
    dream = dream_in_flight(stage)

    async def watch() -> None:
        (task,) = started([trigger_of(dream)])
        if at_once:
            await asyncio.sleep(0)
        else:
            await wait_for(lambda: len(stage.proxy.requests) > 2, "polls")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await assert_nothing_is_left(clients, 0 if at_once else 1)

    asyncio.run(watch())


def test_a_cancel_that_comes_with_an_answer_is_not_lost() -> None:
    """Else a trigger goes on that nobody wants any more, and its dream is never canceled."""

    async def watch() -> None:
        async with shared_poll.follow(DREAMS, "nowhere", "drm_1", 60.0) as follower:
            waiting = asyncio.create_task(follower.next(60.0))
            await asyncio.sleep(0)
            follower.tell(ServiceUnavailable("no answer"))
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(watch())


def test_who_comes_as_the_last_one_leaves_is_not_turned_away(stage: Stage, clients: list[Any]) -> None:
    """The poll of the one that left is being ended, with its client, as the next one begins."""
    first, second = dream_in_flight(stage), dream_in_flight(stage)

    async def watch() -> None:
        (leaving,) = started([trigger_of(first)])
        await wait_for(lambda: len(stage.proxy.requests) > 2, "polls")
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        (coming,) = started([trigger_of(second)])
        await asyncio.sleep(0)
        before = len(stage.proxy.requests)
        await wait_for(lambda: len(stage.proxy.requests) > before + 2, "polls")
        assert not coming.done()
        await asyncio.to_thread(stage.finish)
        assert (await coming)["status"] == "over"
        await assert_nothing_is_left(clients, 2)

    asyncio.run(watch())


def test_a_trigger_goes_on_in_another_process_from_what_it_was_serialized_to(stage: Stage) -> None:
    dream = dream_in_flight(stage)
    serialized = trigger_of(dream).serialize()

    async def until_the_triggerer_dies() -> None:
        (task,) = started([revive(*serialized)])
        await wait_for(lambda: len(stage.proxy.requests) > 2, "polls")
        task.cancel()

    asyncio.run(until_the_triggerer_dies())
    stage.finish()
    event = asyncio.run(first_event(revive(*serialized)))
    assert event == {"status": "over", "dream_id": dream, "message": ""}
