"""Which dream a launch takes for its own, and which it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from dreamflow.errors import StateError
from tests.faults.stage import Stage
from tests.managed_agents.support import contents, dream_of
from tests.support.faulty_proxy import Exchange, Request, Rule
from tests.support.injected_faults import cut_before, reply_lost
from tests.support.night import Night
from tests.support.workspace import sessions_of, until

LAUNCH = ["collect_sessions", "launch_dream"]


def is_create(request: Request) -> bool:
    return request.method == "POST" and request.path == "/v1/dreams"


def launched(stage: Stage, **params: Any) -> Night:
    """Return a run that has launched its dream."""
    night = stage.night(**params)
    assert night.run(LAUNCH) == "success", night.errors
    return night


def end_badly(stage: Stage, how: str) -> None:
    """Let tonight's newest dream end other than completed, with half a store behind it."""
    newest = stage.dreams()[0]
    until(lambda: bool(stage.client.beta.dreams.retrieve(newest.id).outputs), "the dream to clone its input")
    if how == "canceled":
        stage.client.beta.dreams.cancel(newest.id)
    else:
        stage.client.beta.sessions.archive(stage.past.to_dream[-1])
        stage.finish()
        stage.may_write.clear()


def launch_again(night: Night) -> str:
    night.record.clear("launch_dream")
    return night.run_task("launch_dream")


@pytest.mark.parametrize("is_done", [False, True], ids=["in flight", "completed"])
def test_a_cleared_launch_takes_over_the_dream_that_is_there(stage: Stage, is_done: bool) -> None:
    night = launched(stage)
    (dream,) = stage.dreams()
    if is_done:
        stage.finish()
    assert launch_again(night) == "success"
    assert night.left("launch_dream") == {"dream_id": dream.id}
    assert len(stage.dreams()) == 1


@pytest.mark.parametrize("is_done", [False, True], ids=["in flight", "completed"])
def test_a_cleared_launch_dreams_anew_where_the_run_asks_for_it(stage: Stage, is_done: bool) -> None:
    night = launched(stage, new_dream=True)
    (first,) = stage.dreams()
    until(lambda: bool(stage.dreams()[0].outputs), "the dream to clone its input")
    if is_done:
        stage.finish()
    assert launch_again(night) == "success", night.errors
    second, again = stage.dreams()
    assert again.id == first.id
    assert again.status == ("completed" if is_done else "canceled")
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert stage.unsettled_stores(night) == set()


def test_a_retry_takes_over_even_where_the_run_asks_for_a_new_dream(stage: Stage) -> None:
    """The Param is about clearing: a reply that was lost is no wish for a second dream."""
    stage.proxy.add(Rule(reply_lost, is_create))
    stage.proxy.add(
        Rule(
            cut_before,
            lambda r: (
                r.path == "/v1/dreams"
                and r.method == "GET"
                and any(is_create(seen) for seen in stage.proxy.requests)
            ),
            times=3,
        )
    )
    night = launched(stage, new_dream=True)
    assert night.errors
    (dream,) = stage.dreams()
    assert night.left("launch_dream") == {"dream_id": dream.id}


@pytest.mark.parametrize("how", ["canceled", "failed"])
def test_a_dream_that_ended_badly_is_not_taken_over(stage: Stage, how: str) -> None:
    night = launched(stage)
    (first,) = stage.dreams()
    end_badly(stage, how)
    assert launch_again(night) == "success", night.errors
    second, again = stage.dreams()
    assert (again.id, again.status) == (first.id, how)
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert stage.unsettled_stores(night) == set()


def test_a_create_that_the_service_processes_late_is_found_before_another_is_sent(stage: Stage) -> None:
    """It is processed while the next try reads the store that the dream is to start from."""
    late: list[Exchange] = []

    async def lose(exchange: Exchange) -> None:
        late.append(exchange)
        exchange.cut()

    async def process_late(exchange: Exchange) -> None:
        reply = await exchange.forward()
        await late[0].forward()
        await exchange.answer(reply)

    stage.proxy.add(Rule(lose, is_create))
    stage.proxy.add(Rule(process_late, lambda request: bool(late) and request.path.endswith("/memories")))
    night = launched(stage)
    (dream,) = stage.dreams()
    assert night.left("launch_dream") == {"dream_id": dream.id}


def test_a_foreign_dream_in_flight_on_the_same_store_stops_the_run_with_its_id(stage: Stage) -> None:
    foreign = dream_of(stage.client, stage.past.live, stage.past.to_dream[0])
    night = stage.night()
    assert night.run(LAUNCH) == "failed"
    assert isinstance(night.errors[-1], StateError)
    assert foreign.id in night.message
    assert "then clear this task" in night.message
    assert night.record.try_number("launch_dream") == 1
    assert [dream.id for dream in stage.dreams()] == [foreign.id]
    # As the message says: once it is over, clearing the task launches.
    stage.client.beta.dreams.cancel(foreign.id)
    assert launch_again(night) == "success"
    assert len(stage.dreams()) == 2


def test_a_foreign_dream_on_another_store_is_no_company(stage: Stage) -> None:
    other = stage.client.beta.memory_stores.create(name="Other")
    dream_of(stage.client, other.id, stage.past.to_dream[0])
    launched(stage)


def test_what_somebody_else_created_while_the_reply_was_lost_is_not_taken(stage: Stage) -> None:
    created: list[str] = []

    async def somebody_else_is_faster(exchange: Exchange) -> None:
        created.append(dream_of(stage.client, stage.past.live, stage.past.to_dream[0]).id)
        exchange.cut()

    stage.proxy.add(Rule(somebody_else_is_faster, is_create))
    night = stage.night()
    assert night.run(LAUNCH) == "failed"
    assert created[0] in night.message
    assert not night.left("launch_dream")
    assert [dream.id for dream in stage.dreams()] == created


def test_a_dream_of_an_earlier_collect_is_not_taken_for_one_that_reads_what_is_collected_now(
    stage: Stage,
) -> None:
    """Else a session that came in between would count as dreamed, and be lost."""
    night = launched(stage)
    stage.finish()
    (late,) = stage.new_sessions("late")
    night.record.clear("collect_sessions", "launch_dream")
    assert night.run(LAUNCH) == "success", night.errors
    second, first = stage.dreams()
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert late in sessions_of(second)
    assert late not in sessions_of(first)
    assert stage.unsettled_stores(night) == set()


def test_a_dream_of_an_earlier_collect_that_is_in_flight_stops_the_run_with_its_id(stage: Stage) -> None:
    night = launched(stage)
    (first,) = stage.dreams()
    stage.new_sessions("late")
    night.record.clear("collect_sessions", "launch_dream")
    assert night.run(LAUNCH) == "failed"
    assert first.id in night.message
    assert len(stage.dreams()) == 1
    assert stage.unsettled_stores(night) == set()


def test_a_run_that_was_adopted_dreams_no_second_time(stage: Stage) -> None:
    """Its base listing and its marker are needed until its input is retired."""
    night = stage.night(new_dream=True)
    assert night.run() == "success"
    night.adopt()
    adopted = night.left("wait_for_dream")["output_store_id"]
    run = night.run_records
    base, dreams = run.carry_base(), run.journal().dreams
    stage.new_sessions("late")
    night.record.clear("collect_sessions", "launch_dream")
    assert night.run(LAUNCH) == "failed"
    assert adopted in night.message
    assert len(stage.dreams()) == 1
    assert stage.client.beta.memory_stores.retrieve(adopted).archived_at is None
    assert (run.carry_base(), run.journal().dreams) == (base, dreams)


def test_a_second_dream_of_a_run_carries_from_its_own_beginning(stage: Stage) -> None:
    """What was carried into an output that never went live says nothing about the next one."""
    stage.may_write.set()
    night = launched(stage, new_dream=True)
    assert night.run() == "success", night.errors
    memories = stage.client.beta.memory_stores.memories
    late = memories.create(stage.past.live, path="/late.md", content="a fact")
    carry(night)
    memories.delete(late.id, memory_store_id=stage.past.live)
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    memories.create(stage.past.live, path="/late.md", content="a fact")
    carry(night)
    assert contents(stage.client, night.left("wait_for_dream")["output_store_id"])["/late.md"] == "a fact"


def carry(night: Night) -> None:
    """Approve the output as it is, and carry what came in late."""
    night.decide()
    night.record.clear("carry_late_writes")
    assert night.run_task("carry_late_writes") == "success", night.errors
