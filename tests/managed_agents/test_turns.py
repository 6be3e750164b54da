"""Turns: the mounted store, the file tools, and what they may and may not do."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
from anthropic import Anthropic, BadRequestError

from include.managed_agents.session_log.log import texts_of
from include.managed_agents.settings import Price
from include.managed_agents.turns.model import Turn
from include.managed_agents.usage import Usage
from tests.managed_agents.conftest import Connect
from tests.managed_agents.support import (
    TOOLSET,
    ask,
    contents,
    import_transcripts,
    message,
    session_on,
    store_of,
    transcript,
    wait_until_idle,
)


class Scripted:
    """A model that does the tool calls that the user's message lists, and answers with what came of them."""

    async def take_turn(self, turn: Turn) -> None:
        said = [texts_of(event.fields["content"]) for event in turn.history if event.type == "user.message"]
        outcomes = [await turn.use_tool(name, call) for name, call in json.loads(said[-1])]
        await turn.say(json.dumps([[outcome.text, outcome.is_error] for outcome in outcomes]))
        await turn.count(Usage(input_tokens=1_000_000, output_tokens=10))


@pytest.fixture
def scripted(connect: Connect) -> Anthropic:
    return connect(make_model=Scripted)


def do(client: Anthropic, session_id: str, *calls: tuple[str, dict[str, Any]]) -> list[tuple[str, bool]]:
    """Let the scripted model use tools, and return text and error flag of each call."""
    answer = ask(client, session_id, json.dumps(calls))
    return [(text, is_error) for text, is_error in json.loads(answer)]


def test_a_message_starts_a_turn_that_ends_idle(client: Anthropic) -> None:
    session = session_on(client)
    sent = client.beta.sessions.events.send(session.id, events=[message("Hello")])  # type: ignore[list-item]
    assert sent.data is not None
    assert sent.data[0].type == "user.message"
    wait_until_idle(client, session.id)
    events = list(client.beta.sessions.events.list(session.id))
    assert [event.type for event in events] == [
        "user.message",
        "session.status_running",
        "agent.message",
        "session.status_idle",
    ]
    heard, idle = events[0], events[-1]
    assert heard.type == "user.message"
    assert heard.processed_at is not None
    assert idle.type == "session.status_idle"
    assert idle.stop_reason.type == "end_turn"
    done = client.beta.sessions.retrieve(session.id)
    assert done.usage.output_tokens
    assert done.stats.active_seconds
    assert done.updated_at == idle.processed_at


def test_initial_events_start_a_turn_too(client: Anthropic) -> None:
    session = session_on(client, initial_events=[message("Hello")])
    assert session.status == "running"
    wait_until_idle(client, session.id)
    assert len(list(client.beta.sessions.events.list(session.id, types=["agent.message"]))) == 1


def test_a_message_to_a_running_session_is_answered_after_the_turn(connect: Connect) -> None:
    gate = threading.Event()

    class Slow:
        async def take_turn(self, turn: Turn) -> None:
            await asyncio.to_thread(gate.wait)
            await turn.say(f"heard {sum(event.type == 'user.message' for event in turn.history)}")

    client = connect(make_model=Slow)
    session = session_on(client)
    for text in ("one", "two"):
        client.beta.sessions.events.send(session.id, events=[message(text)])  # type: ignore[list-item]
    gate.set()
    wait_until_idle(client, session.id)
    answers: Any = list(client.beta.sessions.events.list(session.id, types=["agent.message"]))
    assert answers[-1].content[0].text == "heard 2"
    heard: Any = list(client.beta.sessions.events.list(session.id, types=["user.message"]))
    assert all(event.processed_at for event in heard)


def test_what_the_agent_writes_is_a_version_by_its_session(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes", a="one")
    session = session_on(scripted, store.id)
    outcomes = do(
        scripted,
        session.id,
        ("read", {"file_path": "/mnt/memory/notes/a.md"}),
        ("write", {"file_path": "/mnt/memory/notes/new/b.md", "content": "two"}),
        ("edit", {"file_path": "/mnt/memory/notes/a.md", "old_string": "one", "new_string": "1"}),
        ("grep", {"pattern": "two", "path": "/mnt/memory"}),
        ("glob", {"pattern": "**/*.md", "path": "/mnt/memory/notes"}),
    )
    assert [is_error for _, is_error in outcomes] == [False] * 5
    assert outcomes[0][0] == "one"
    assert outcomes[3][0] == "/mnt/memory/notes/new/b.md:1:two"
    assert set(outcomes[4][0].split()) == {"/mnt/memory/notes/a.md", "/mnt/memory/notes/new/b.md"}
    assert contents(scripted, store.id) == {"/a.md": "1", "/new/b.md": "two"}
    versions = list(scripted.beta.memory_stores.memory_versions.list(store.id, session_id=session.id))
    assert [(version.operation, version.path) for version in versions] == [
        ("modified", "/a.md"),
        ("created", "/new/b.md"),
    ]
    uses = [e for e in scripted.beta.sessions.events.list(session.id) if e.type == "agent.tool_use"]
    assert [use.name for use in uses] == ["read", "write", "edit", "grep", "glob"]


def test_a_read_only_store_is_not_written(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes", a="one")
    session = session_on(
        scripted, {"type": "memory_store", "memory_store_id": store.id, "access": "read_only"}
    )
    outcomes = do(
        scripted,
        session.id,
        ("write", {"file_path": "/mnt/memory/notes/a.md", "content": "two"}),
        ("write", {"file_path": "/mnt/memory/notes/b.md", "content": "two"}),
        ("edit", {"file_path": "/mnt/memory/notes/a.md", "old_string": "one", "new_string": "1"}),
        ("read", {"file_path": "/mnt/memory/notes/a.md"}),
    )
    assert [is_error for _, is_error in outcomes] == [True, True, True, False]
    assert "read-only" in outcomes[0][0]
    assert contents(scripted, store.id) == {"/a.md": "one"}


def test_an_agent_sees_what_others_have_written_since(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes", a="one", b="gone soon")
    session = session_on(scripted, store.id)
    read = ("read", {"file_path": "/mnt/memory/notes/a.md"})
    assert do(scripted, session.id, read) == [("one", False)]
    other = session_on(scripted, store.id)
    do(scripted, other.id, ("write", {"file_path": "/mnt/memory/notes/a.md", "content": "changed"}))
    gone: Any = scripted.beta.memory_stores.memories.list(store.id).data[1]
    scripted.beta.memory_stores.memories.delete(gone.id, memory_store_id=store.id)
    outcomes = do(scripted, session.id, read, ("read", {"file_path": "/mnt/memory/notes/b.md"}))
    assert outcomes[0] == ("changed", False)
    assert outcomes[1][1] is True


def test_sessions_that_write_at_once_each_keep_their_file(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes")
    sessions = [session_on(scripted, store.id).id for _ in range(8)]
    for number, session_id in enumerate(sessions):
        calls = [("write", {"file_path": f"/mnt/memory/notes/{number}.md", "content": "x"})] * 3
        scripted.beta.sessions.events.send(session_id, events=[message(json.dumps(calls))])  # type: ignore[list-item]
    for session_id in sessions:
        wait_until_idle(scripted, session_id)
    assert set(contents(scripted, store.id)) == {f"/{number}.md" for number in range(8)}


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/mnt/memory/../../etc/passwd",
        "../../etc/passwd",
        "/mnt/memory/notes/../../../x",
        "~/x",
    ],
)
def test_no_path_leads_out_of_the_sessions_own_root(scripted: Anthropic, path: str) -> None:
    store = store_of(scripted, "Notes")
    session = session_on(scripted, store.id)
    (outcome,) = do(scripted, session.id, ("read", {"file_path": path}))
    assert outcome[1] is True
    assert "root:" not in outcome[0]
    assert "managed-agents-" not in outcome[0]


def test_what_cannot_be_a_memory_is_told_to_the_agent(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes", a="one")
    session = session_on(scripted, store.id)
    outcomes = do(
        scripted,
        session.id,
        ("write", {"file_path": "/mnt/memory/notes/big.md", "content": "x" * 102_401}),
        ("write", {"file_path": "/mnt/memory/notes/a.md", "content": "x" * 102_401}),
        ("write", {"file_path": "/mnt/memory/notes/e\u0301.md", "content": "x"}),
        ("read", {"file_path": "/mnt/memory/notes/a.md"}),
        ("glob", {"pattern": "**/*", "path": "/mnt/memory/notes"}),
    )
    assert [is_error for _, is_error in outcomes] == [True, True, True, False, False]
    assert "102,400" in outcomes[0][0]
    assert "Normalization" in outcomes[2][0]
    assert outcomes[3][0] == "one"
    assert outcomes[4][0] == "/mnt/memory/notes/a.md"
    scripted.beta.memory_stores.archive(store.id)
    (refused,) = do(scripted, session.id, ("write", {"file_path": "/mnt/memory/notes/b.md", "content": "x"}))
    assert "archived" in refused[0]
    assert contents(scripted, store.id) == {"/a.md": "one"}


def test_a_memory_that_no_file_can_show_is_left_alone(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes")
    for path in ("/a", "/a/b", "/" + "x" * 300):
        scripted.beta.memory_stores.memories.create(store.id, path=path, content=path)
    session = session_on(scripted, store.id)
    (listed,) = do(scripted, session.id, ("glob", {"pattern": "**/b", "path": "/mnt/memory/notes"}))
    assert listed == ("/mnt/memory/notes/a/b", False)
    assert len(contents(scripted, store.id)) == 3


@pytest.mark.parametrize("pattern", ["(a+)+$", "(x*)*y", "a*b*c*d*e*f", "x" * 301, "["])
def test_a_pattern_that_could_hold_the_server_up_is_refused(scripted: Anthropic, pattern: str) -> None:
    session = session_on(scripted, store_of(scripted, "Notes", a="a" * 1000).id)
    (outcome,) = do(scripted, session.id, ("grep", {"pattern": pattern, "path": "/mnt/memory"}))
    assert outcome[1] is True


@pytest.mark.parametrize(
    "call", [{}, {"file_path": 5}, {"file_path": "/x", "nonsense": True}, {"file_path": "/a\x00"}]
)
def test_a_call_with_wrong_arguments_is_told_to_the_agent(scripted: Anthropic, call: dict[str, Any]) -> None:
    session = session_on(scripted, store_of(scripted, "Notes").id)
    (outcome,) = do(scripted, session.id, ("read", call))
    assert outcome[1] is True


def test_only_tools_that_the_agent_has_and_may_use_unasked_are_offered(scripted: Anthropic) -> None:
    store = store_of(scripted, "Notes")
    configured: Any = {
        **TOOLSET,
        "configs": [
            {"name": "write", "enabled": False},
            {"name": "edit", "permission_policy": {"type": "always_ask"}},
        ],
    }
    for tools, offered in (
        ([], "none"),
        ([TOOLSET], "read, write, edit, glob, grep"),
        ([configured], "read, glob, grep"),
    ):
        session = session_on(scripted, store.id, tools=tools)
        (outcome,) = do(scripted, session.id, ("bash", {"command": "id"}))
        assert outcome == (f"bash: no such tool; there are {offered}", True)


def test_a_failing_model_ends_the_turn_with_an_error_that_quotes_nothing(connect: Connect) -> None:
    class Broken:
        async def take_turn(self, turn: Turn) -> None:
            raise RuntimeError(texts_of(turn.history[0].fields["content"]))

    client = connect(make_model=Broken)
    session = session_on(client)
    client.beta.sessions.events.send(session.id, events=[message("a secret")])  # type: ignore[list-item]
    wait_until_idle(client, session.id)
    error, idle = list(client.beta.sessions.events.list(session.id))[-2:]
    assert error.type == "session.error"
    assert error.error.type == "model_request_failed_error"
    assert "secret" not in error.to_json()
    assert idle.type == "session.status_idle"
    assert idle.stop_reason.type == "retries_exhausted"


def test_an_interrupt_ends_the_turn(connect: Connect) -> None:
    started = threading.Event()

    class Endless:
        async def take_turn(self, turn: Turn) -> None:
            started.set()
            await asyncio.sleep(3600)

    client = connect(make_model=Endless)
    session = session_on(client)
    client.beta.sessions.events.send(session.id, events=[message("Go")])  # type: ignore[list-item]
    assert started.wait(60)
    client.beta.sessions.events.send(session.id, events=[{"type": "user.interrupt"}])
    assert client.beta.sessions.retrieve(session.id).status == "idle"
    started.clear()
    client.beta.sessions.events.send(session.id, events=[message("Go on")])  # type: ignore[list-item]
    assert started.wait(60)
    client.beta.sessions.events.send(session.id, events=[{"type": "user.interrupt"}])
    client.beta.sessions.delete(session.id)


def test_a_session_stops_at_its_budget(connect: Connect) -> None:
    client = connect(make_model=Scripted, price=Price(input_usd=1.0))
    budget: Any = {"type": "limit", "max_list_cost": {"amount": "150", "currency": "USD"}}
    session = session_on(client, budget=budget)
    for _ in range(3):
        client.beta.sessions.events.send(session.id, events=[message("[]")])  # type: ignore[list-item]
        wait_until_idle(client, session.id)
    usage = client.beta.sessions.retrieve(session.id).usage
    assert usage.list_cost is not None
    assert (usage.list_cost.amount, usage.list_cost.currency) == ("200", "USD")
    idles: Any = list(client.beta.sessions.events.list(session.id, types=["session.status_idle"]))
    assert [idle.stop_reason.type for idle in idles] == ["end_turn", "budget_reached", "budget_reached"]


def test_what_only_others_can_answer_is_refused(client: Anthropic) -> None:
    session = session_on(client)
    for event in (
        {"type": "user.tool_result", "tool_use_id": "x"},
        {"type": "user.custom_tool_result", "custom_tool_use_id": "x"},
        {"type": "user.define_outcome", "description": "d", "rubric": {"type": "text", "content": "r"}},
        {"type": "system.message", "content": [{"type": "text", "text": "alone"}]},
        {
            "type": "user.message",
            "content": [{"type": "image", "source": {"type": "file", "file_id": "file_1"}}],
        },
    ):
        with pytest.raises(BadRequestError):
            client.beta.sessions.events.send(session.id, events=[event])  # type: ignore[list-item]
    client.beta.sessions.archive(session.id)
    with pytest.raises(BadRequestError, match="ended"):
        client.beta.sessions.events.send(session.id, events=[message("Hello")])  # type: ignore[list-item]


def test_events_are_paged_in_order_and_filtered(client: Anthropic) -> None:
    moment = "2026-11-03T09:00:00Z"
    session = import_transcripts(client, [transcript("t", "one", "two", created_at=moment)])[0]["session_id"]
    events = client.beta.sessions.events
    everything = list(events.list(session, limit=2))
    assert [event.type for event in everything] == ["user.message", "agent.message"] * 2 + [
        "session.status_idle"
    ]
    assert list(events.list(session, order="desc", limit=2)) == everything[::-1]
    assert [event.type for event in events.list(session, types=["user.message"])] == ["user.message"] * 2
    first: Any = everything[0]
    later = list(events.list(session, created_at_gt=first.processed_at))
    assert later == everything[1:]
    assert list(events.list(session, created_at_lte=first.processed_at)) == [first]
