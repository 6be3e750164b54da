"""What becomes of a dream when the model stops for another reason than a tool call, or the API answers an error."""

from __future__ import annotations

from threading import Event
from time import sleep
from typing import Any

import pytest
from anthropic import Anthropic
from anthropic.types.beta import BetaDream

from tests.managed_agents.claude_scripts import (
    calls_so_far,
    dreamer,
    is_sub_agent,
    opening,
    question,
    session_in,
    unless,
)
from tests.managed_agents.conftest import Start
from tests.managed_agents.messages_api import MessagesApi, Reply, call, cut_off, refused, said, thinking
from tests.managed_agents.support import contents, dream_of, ended, recorded, store_of

NOTHING: dict[str, Any] = {"statements": [], "drop": [], "conflicts": []}


def dreamed(client: Anthropic, *texts: str) -> BetaDream:
    sessions = [recorded(client, text) for text in texts or ("My order is AB-1.",)]
    return ended(client, dream_of(client, store_of(client).id, *sessions))


def output(client: Anthropic, dream: BetaDream) -> str:
    return "".join(contents(client, dream.outputs[0].memory_store_id).values())


def told(client: Anthropic, dream: BetaDream) -> str:
    """Return what the dream said in its session."""
    assert dream.session_id is not None
    events: Any = client.beta.sessions.events.list(dream.session_id, types=["agent.message"])
    return "\n".join(block.text for event in events for block in event.content)


def all_tokens(api: MessagesApi) -> int:
    return sum(sum(usage.values()) for usage in api.usages)


def shown_tokens(dream: BetaDream) -> int:
    usage = dream.usage
    return (
        usage.input_tokens
        + usage.output_tokens
        + usage.cache_read_input_tokens
        + usage.cache_creation_input_tokens
    )


def test_no_tool_is_forced_for_the_newest_models_refuse_that(start: Start) -> None:
    client, api = start(dreamer)
    assert dreamed(client).status == "completed"
    assert {request["tool_choice"]["type"] for request in api.requests} == {"auto"}


def test_the_newest_models_think_before_they_call_a_tool_and_get_it_back_unchanged(start: Start) -> None:
    client, api = start(lambda request: thinking(dreamer(request)))
    assert "AB-1" in output(client, dreamed(client))
    assert any(block["type"] == "thinking" for block in api.requests[-1]["messages"][1]["content"])


@pytest.mark.parametrize("odd", [said("Let me see."), said(" \n"), Reply([]), Reply([], "pause_turn")])
def test_who_answers_without_a_tool_is_asked_again(start: Start, odd: Reply) -> None:
    times = iter(range(2))
    client, _ = start(unless(lambda _: odd if next(times, None) is not None else None))
    done = dreamed(client)
    assert done.status == "completed"
    assert "AB-1" in output(client, done)


def test_an_orchestrator_that_only_talks_ends_the_dream_with_what_was_spent(start: Start) -> None:
    client, api = start(unless(lambda request: None if is_sub_agent(request) else said("All done!")))
    done = dreamed(client)
    assert done.status == "failed"
    assert done.error is not None
    assert f"the dream has used {all_tokens(api):,} tokens" in done.error.message
    assert shown_tokens(done) == all_tokens(api)


def test_a_report_that_is_cut_off_comes_in_smaller_pieces(start: Start) -> None:
    pieces = [[f"The order is AB-{number}."] for number in range(1, 4)]

    def long_winded(request: dict[str, Any]) -> Reply | None:
        if not is_sub_agent(request) or len(calls_so_far(request)) > len(pieces):
            return None
        if "cut off" not in str(request["messages"]):
            whole = [{"subject": "o", "statement": "Half of it."}]
            return cut_off(call("report", statements=whole, drop=[], conflicts=[]))
        made = pieces[len(calls_so_far(request))] if len(calls_so_far(request)) < len(pieces) else []
        return call(
            "report", **{**NOTHING, "statements": [{"subject": "o", "statement": one} for one in made]}
        )

    client, _ = start(unless(long_winded))
    done = dreamed(client, "I ordered AB-1, AB-2 and AB-3.")
    assert done.status == "completed"
    written = output(client, done)
    assert all(one in written for piece in pieces for one in piece)
    assert "Half of it." not in written


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {**NOTHING, "drop": 3},
        {**NOTHING, "drop": True},
        {"statements": "none", "drop": "12", "conflicts": {"path": 1}},
        {
            "statements": [{"subject": {}, "statement": "x", "number": "1"}, 1],
            "drop": ["1", 9],
            "conflicts": [1],
        },
        {**NOTHING, "statements": [{"subject": "x", "statement": "Half \ud83d"}]},
    ],
)
def test_a_report_that_is_not_as_asked_costs_its_dream_nothing(
    start: Start, arguments: dict[str, Any]
) -> None:
    first = iter([call("report", **arguments)])
    client, _ = start(unless(lambda request: next(first, None) if is_sub_agent(request) else None))
    assert dreamed(client).status == "completed"


@pytest.mark.parametrize(
    "odd",
    [
        call("write_memory", path="/half.md", content="Half \ud83d"),
        call("write_memory", path="/half\ud83d.md", content="x"),
        call("edit_memory", path="/index.md", old=1, new=2),
        call("delete_memory", path="/\ud83d.md"),
        call("read_memory", path="/\ud83d.md", from_line=10**30),
        call("search_memory", words="\ud83d"),
        call("bash", command="ls"),
    ],
)
def test_a_call_that_is_not_as_asked_costs_its_dream_nothing(start: Start, odd: Reply) -> None:
    first = iter([odd])

    def once(request: dict[str, Any]) -> Reply | None:
        is_odd = not is_sub_agent(request) and "AB-1" in str(calls_so_far(request))
        return next(first, None) if is_odd else None

    client, _ = start(unless(once))
    done = dreamed(client)
    assert done.status == "completed"
    assert "AB-1" in output(client, done)


def test_a_file_that_was_cut_off_is_never_written(start: Start) -> None:
    def long_winded(request: dict[str, Any]) -> Reply | None:
        if is_sub_agent(request) or "cut off" in str(request["messages"]):
            return None
        return cut_off(call("write_memory", path="/half.md", content="The order is"))

    client, _ = start(unless(long_winded))
    done = dreamed(client)
    assert done.status == "completed"
    assert set(contents(client, done.outputs[0].memory_store_id)) >= {"/index.md"}
    assert "/half.md" not in contents(client, done.outputs[0].memory_store_id)


def test_a_pass_that_is_never_answered_is_left_out_and_the_others_count(start: Start) -> None:
    def stuck(request: dict[str, Any]) -> Reply | None:
        return cut_off(call("report", **NOTHING)) if "Pass 9" in question(request) else None

    client, _ = start(unless(stuck))
    done = dreamed(client)
    assert done.status == "completed"
    assert "AB-1" in output(client, done)


def test_a_session_that_the_model_refuses_is_set_aside_and_named(start: Start) -> None:
    client, api = start(unless(lambda request: refused("cyber") if "malware" in question(request) else None))
    fine, bad = recorded(client, "My order is AB-1."), recorded(client, "About that malware AB-2.")
    done = ended(client, dream_of(client, store_of(client).id, fine, bad))
    assert (done.status, done.error) == ("completed", None)
    assert "AB-1" in output(client, done)
    assert "AB-2" not in output(client, done)
    assert f"{bad} (the model refused (cyber) to read it)" in told(client, done)
    assert shown_tokens(done) == all_tokens(api)


def test_a_dream_whose_sessions_are_all_refused_fails_plainly(start: Start) -> None:
    client, api = start(lambda request: refused())
    done = dreamed(client)
    assert done.error is not None
    assert done.error.message.startswith("no session could be read; ")
    assert done.error.message.endswith("the model refused (general_harms) to read it")
    assert shown_tokens(done) == all_tokens(api) > 0


def test_a_refusal_while_filing_is_one_plain_error_that_says_what_was_spent(start: Start) -> None:
    client, api = start(unless(lambda request: None if is_sub_agent(request) else refused("bio")))
    done = dreamed(client)
    assert done.status == "failed"
    assert done.error is not None
    assert done.error.message == (
        "the model refused (bio) to file what the sub-agents reported; "
        f"the dream has used {all_tokens(api):,} tokens"
    )
    assert shown_tokens(done) == all_tokens(api) > 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
    ],
)
def test_what_no_retry_mends_fails_at_once_with_the_apis_error_type(
    start: Start, status: int, kind: str
) -> None:
    client, api = start(lambda _: Reply(status=status))
    done = dreamed(client)
    assert done.status == "failed"
    assert done.error is not None
    assert done.error.type == kind
    assert f"the Messages API answered {status} {kind}" in done.error.message
    assert len(api.requests) == 1


def test_what_others_had_asked_already_when_a_dream_failed_is_counted(start: Start) -> None:
    asked = Event()
    first: list[str] = []

    def model(request: dict[str, Any]) -> Reply:
        # Whichever session is asked about first: two of one moment are read in the order of their ids.
        first.append(opening(request))
        if opening(request) != first[0]:
            asked.wait(60)
            return Reply(status=401)
        if len(calls_so_far(request)) == 3:
            asked.set()
            sleep(2)
        return dreamer(request)

    client, api = start(model)
    done = dreamed(client, "My order is AB-1.", "My order is AB-2.")
    assert done.error is not None
    assert done.error.type == "authentication_error"
    assert len(api.usages) == 4
    assert shown_tokens(done) == all_tokens(api)


def test_a_canceled_dream_waits_for_no_answer_and_makes_room_for_the_next(start: Start) -> None:
    asked, answer = Event(), Event()

    def model(request: dict[str, Any]) -> Reply:
        if "AB-1" in opening(request):
            asked.set()
            answer.wait(60)
        return dreamer(request)

    client, _ = start(model, dreams_at_a_time=1)
    slow, quick = (recorded(client, f"My order is AB-{number}.") for number in (1, 2))
    first, second = (dream_of(client, store_of(client).id, session) for session in (slow, quick))
    assert asked.wait(60)
    client.beta.dreams.cancel(first.id)
    assert ended(client, second).status == "completed"
    answer.set()


@pytest.mark.parametrize(
    ("status", "kind"), [(529, "overloaded_error"), (429, "rate_limit_error"), (500, "api_error")]
)
def test_what_is_busy_is_asked_again_and_named_where_it_stays_busy(
    start: Start, status: int, kind: str
) -> None:
    busy = iter([status] * 3)

    def sometimes(_: dict[str, Any]) -> Reply | None:
        return Reply(status=status) if next(busy, None) else None

    client, _ = start(unless(sometimes))
    assert dreamed(client).status == "completed"
    client, api = start(unless(lambda request: None if is_sub_agent(request) else Reply(status=status)))
    done = dreamed(client)
    assert done.error is not None
    assert done.error.type == kind
    assert f"answered {status} {kind}" in done.error.message
    assert f"the dream has used {all_tokens(api):,} tokens" in done.error.message
    assert shown_tokens(done) == all_tokens(api) > 0


def test_an_error_quotes_nothing_of_what_was_said(start: Start) -> None:
    client, _ = start(lambda _: Reply(status=400))
    done = dreamed(client, "My order is AB-77712.")
    assert done.error is not None
    assert "77712" not in done.error.message


def test_a_conversation_that_grew_too_long_goes_on_in_a_new_one(start: Start) -> None:
    full = iter([True])

    def grown(request: dict[str, Any]) -> Reply | None:
        if "Pass 5" in question(request) or (not is_sub_agent(request) and calls_so_far(request)):
            return Reply([], "model_context_window_exceeded") if next(full, False) else None
        return None

    client, api = start(unless(grown))
    done = dreamed(client)
    assert done.status == "completed"
    assert "AB-1" in output(client, done)
    assert any("Your statements so far" in str(request["messages"][0]) for request in api.requests)
    assert session_in(api.requests[0])
