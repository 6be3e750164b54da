"""Sessions that think with Claude, against a double of the Messages API: no turn breaks a session for good."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from anthropic import Anthropic

from tests.managed_agents.conftest import Start
from tests.managed_agents.messages_api import MessagesApi, Reply, call, cut_off, refused, said, thinking
from tests.managed_agents.support import (
    ask,
    contents,
    import_transcripts,
    message,
    session_on,
    store_of,
    transcript,
    wait_until_idle,
)


def test_claude_answers_a_session_with_the_file_tools(start: Start) -> None:
    def agent(request: dict[str, Any]) -> Reply:
        match len(request["messages"]):
            case 1:
                return call("grep", pattern="Ana", path="/mnt/memory/notes")
            case 3:
                found = request["messages"][-1]["content"][0]["content"][0]["text"]
                return call("write", file_path="/mnt/memory/notes/seen.md", content=found)
        return said("Ana prefers the aisle.")

    client, api = start(agent)
    store = store_of(client, "Notes", a="Ana: aisle")
    session = session_on(client, store.id)
    assert ask(client, session.id, "Which seat does Ana prefer?") == "Ana prefers the aisle."
    assert contents(client, store.id)["/seen.md"] == "/mnt/memory/notes/a.md:1:Ana: aisle"
    first = api.requests[0]
    assert "/mnt/memory/notes (read and write): Notes" in first["system"][0]["text"]
    assert first["system"][0]["text"].startswith("Be kind.")
    assert [tool["name"] for tool in first["tools"]] == ["read", "write", "edit", "glob", "grep"]
    done = client.beta.sessions.retrieve(session.id)
    assert done.usage.output_tokens == api.total("output_tokens")
    assert ask(client, session.id, "And now?") == "Ana prefers the aisle."
    roles = [message["role"] for message in api.requests[-1]["messages"]]
    assert roles == ["user", "assistant", "user", "assistant", "user", "assistant", "user"]


def test_a_recorded_session_goes_on_with_what_was_said(start: Start) -> None:
    client, api = start(lambda request: said("Yes."))
    told = transcript("t-1", "My order is AB-1.")
    told["messages"].insert(0, {"role": "assistant", "content": "Welcome."})
    session = import_transcripts(client, [told])[0]["session_id"]
    assert ask(client, session, "Do you remember?") == "Yes."
    (request,) = api.requests
    assert [message["role"] for message in request["messages"]] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]


def test_a_system_message_joins_the_system_prompt(start: Start) -> None:
    client, api = start(lambda request: said("Yes."))
    session = session_on(client)
    events: Any = [
        {"type": "user.message", "content": [{"type": "text", "text": "Hello"}]},
        {"type": "system.message", "content": [{"type": "text", "text": "It is Friday."}]},
    ]
    client.beta.sessions.events.send(session.id, events=events)
    wait_until_idle(client, session.id)
    assert [block["text"] for block in api.requests[0]["system"]] == ["Be kind.", "It is Friday."]


def scripted(*replies: Reply) -> Any:
    """Return a model that gives these answers in turn, and then says that all is well."""
    left = iter(replies)
    return lambda request: next(left, said("All is well."))


def asked(api: MessagesApi) -> str:
    """Return all that the last request holds of the conversation."""
    return str(api.requests[-1]["messages"])


def errors(client: Anthropic, session_id: str) -> list[Any]:
    return list(client.beta.sessions.events.list(session_id, types=["session.error"]))


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_a_blank_message_is_answered_and_the_next_one_too(start: Start, blank: str) -> None:
    client, api = start(scripted(said("Yes?")))
    session = session_on(client)
    assert ask(client, session.id, blank) == "Yes?"
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "(no text)" in asked(api)


def test_a_refusal_is_said_and_what_was_refused_is_left_out_from_then_on(start: Start) -> None:
    client, api = start(scripted(said("Hello."), refused("cyber")))
    session = session_on(client)
    assert ask(client, session.id, "Hello") == "Hello."
    assert "the model refused" in ask(client, session.id, "Write me some malware.")
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "malware" not in asked(api)
    assert "Hello" in asked(api)
    assert errors(client, session.id) == []


def test_a_refusal_after_a_tool_call_leaves_a_session_that_goes_on(start: Start) -> None:
    client, api = start(scripted(call("grep", pattern="x", path="/mnt/memory/notes"), refused()))
    session = session_on(client, store_of(client, "Notes", a="x").id)
    assert "the model refused" in ask(client, session.id, "Look for x.")
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert len(api.requests[-1]["messages"]) == 1


def test_a_write_that_was_cut_off_is_not_carried_out_and_the_session_goes_on(start: Start) -> None:
    half = cut_off(call("write", file_path="/mnt/memory/notes/half.md", content="The code fre"))
    whole = call("write", file_path="/mnt/memory/notes/whole.md", content="Short.")
    client, api = start(scripted(half, whole, said("Noted.")))
    store = store_of(client)
    session = session_on(client, store.id)
    assert ask(client, session.id, "Note the code freeze.") == "Noted."
    assert contents(client, store.id) == {"/whole.md": "Short."}
    assert "cut off" in str(api.requests[1]["messages"])
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "half.md" not in asked(api)


def test_a_long_answer_goes_on_where_it_was_cut_off(start: Start) -> None:
    client, _ = start(scripted(cut_off(said("One, two,")), said("three.")))
    session = session_on(client)
    ask(client, session.id, "Count.")
    events: Any = client.beta.sessions.events.list(session.id, types=["agent.message"])
    assert [event.content[0].text for event in events] == ["One, two,", "three."]


def test_who_is_cut_off_again_and_again_says_so_and_answers_the_next_message(start: Start) -> None:
    client, _ = start(scripted(*[cut_off(call("write", file_path="/x", content="y"))] * 4))
    session = session_on(client, store_of(client).id)
    assert "cut off" in ask(client, session.id, "Write.")
    assert ask(client, session.id, "Is all well?") == "All is well."


@pytest.mark.parametrize("empty", [Reply([]), said(" "), thinking(Reply([]))])
def test_an_empty_answer_is_asked_for_again(start: Start, empty: Reply) -> None:
    client, _ = start(scripted(empty, said("Here.")))
    session = session_on(client)
    assert ask(client, session.id, "Are you there?") == "Here."


def test_a_model_that_says_nothing_leaves_a_session_that_goes_on(start: Start) -> None:
    client, _ = start(scripted(Reply([]), Reply([])))
    session = session_on(client)
    assert ask(client, session.id, "Are you there?") == "I have no answer to that."
    assert ask(client, session.id, "Is all well?") == "All is well."


def test_thinking_goes_back_unchanged_within_a_turn(start: Start) -> None:
    grep = call("grep", pattern="Ana", path="/mnt/memory/notes")
    client, api = start(scripted(thinking(grep), thinking(grep, "Again."), thinking(said("Aisle."))))
    session = session_on(client, store_of(client, "Notes", a="Ana: aisle").id)
    assert ask(client, session.id, "Which seat?") == "Aisle."
    assert asked(api).count("'type': 'thinking'") == 2
    assert ask(client, session.id, "Is all well?") == "All is well."


def test_an_interrupted_tool_use_is_answered_by_an_error_when_the_session_goes_on(start: Start) -> None:
    told = transcript("t-1", "Hello")
    told["messages"].append(
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "c1", "name": "look up!", "arguments": {}}],
        }
    )
    client, api = start(scripted())
    session = import_transcripts(client, [told])[0]["session_id"]
    assert ask(client, session, "Is all well?") == "All is well."
    results = [
        block
        for one in api.requests[-1]["messages"]
        for block in one["content"]
        if block["type"] == "tool_result"
    ]
    assert [result["is_error"] for result in results] == [True]


@pytest.mark.parametrize("limits", [{"context": 3_000}, {"context": 19_400, "counts_answers": True}])
def test_a_session_that_outgrew_the_model_goes_on_with_its_later_half(
    start: Start, limits: dict[str, Any]
) -> None:
    client, api = start(scripted(*[said("Noted.")] * 6), api=limits)
    session = session_on(client)
    for number in range(6):
        assert ask(client, session.id, f"Number {number}. {'word ' * 600}") == "Noted."
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "Number 5" in asked(api)
    assert "Number 0" not in asked(api)


def test_what_the_api_refuses_is_left_out_from_then_on_and_the_user_is_told(start: Start) -> None:
    client, api = start(scripted(said("Hello."), Reply(status=400)))
    session = session_on(client)
    ask(client, session.id, "Hello")
    client.beta.sessions.events.send(session.id, events=[message("A picture that nobody can read.")])  # type: ignore[list-item]
    wait_until_idle(client, session.id)
    (error,) = errors(client, session.id)
    assert error.error.message.endswith("; what was said last is left out from now on")
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "picture" not in asked(api)
    assert "Hello" in asked(api)


def test_what_waited_behind_a_request_that_is_refused_is_read_with_the_next_message(start: Start) -> None:
    reached, go_on = Event(), Event()

    def model(request: dict[str, Any]) -> Reply:
        if "picture" in str(request["messages"]):
            reached.set()
            go_on.wait(60)
            return Reply(status=400)
        return said("All is well.")

    client, api = start(model)
    session = session_on(client)
    client.beta.sessions.events.send(session.id, events=[message("A picture")])  # type: ignore[list-item]
    assert reached.wait(60)
    client.beta.sessions.events.send(session.id, events=[message("Ana is in Rome.")])  # type: ignore[list-item]
    go_on.set()
    wait_until_idle(client, session.id)
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "Ana is in Rome." in asked(api)


def test_a_message_that_no_model_can_read_at_once_is_left_out_and_the_next_one_answered(start: Start) -> None:
    client, api = start(scripted(), api={"context": 3_000})
    session = session_on(client)
    client.beta.sessions.events.send(session.id, events=[message("word " * 5_000)])  # type: ignore[list-item]
    wait_until_idle(client, session.id)
    assert len(errors(client, session.id)) == 1
    assert ask(client, session.id, "Is all well?") == "All is well."
    assert "word" not in asked(api)


def test_half_a_surrogate_pair_of_the_models_breaks_nothing(start: Start) -> None:
    half = call("write", file_path="/mnt/memory/notes/a.md", content="Half \ud83d")
    client, _ = start(scripted(half, said("Half \ud83d")))
    store = store_of(client)
    session = session_on(client, store.id)
    assert ask(client, session.id, "Write.") == "Half ?"
    assert contents(client, store.id) == {"/a.md": "Half ?"}
    assert ask(client, session.id, "Is all well?") == "All is well."


def test_what_the_messages_api_answers_is_told_and_the_session_goes_on(start: Start) -> None:
    client, _ = start(scripted(Reply(status=401)))
    session = session_on(client)
    client.beta.sessions.events.send(session.id, events=[message("Hello")])  # type: ignore[list-item]
    wait_until_idle(client, session.id)
    (error,) = errors(client, session.id)
    assert (
        error.error.message == "the Messages API answered 401 authentication_error: check ANTHROPIC_API_KEY"
    )
    assert ask(client, session.id, "Is all well?") == "All is well."
