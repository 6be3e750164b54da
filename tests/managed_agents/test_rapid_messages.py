"""Messages that come while the agent is at work: each is answered, in its turn, whatever happens to the server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic

from include.managed_agents.claude import ClaudeAccess
from include.managed_agents.session_log.log import texts_of
from include.managed_agents.turns.model import Turn, unanswered
from tests.managed_agents.conftest import Connect, Serve
from tests.managed_agents.messages_api import Reply, call, messages_api, said
from tests.managed_agents.support import contents, message, session_on, store_of, wait_until_idle

MANY = [f"Parcel PX-{number} is in hall {number}." for number in range(10)]


class Echo:
    """A model that waits for its gate, and then says what it was asked to answer."""

    def __init__(self, gate: threading.Event) -> None:
        self._gate = gate

    async def take_turn(self, turn: Turn) -> None:
        await asyncio.to_thread(self._gate.wait)
        await turn.say(" + ".join(texts_of(event.fields["content"]) for event in unanswered(turn.history)))


def send(client: Anthropic, session_id: str, *texts: str) -> None:
    for text in texts:
        client.beta.sessions.events.send(session_id, events=[message(text)])  # type: ignore[list-item]


def talk(client: Anthropic, session_id: str) -> list[tuple[str, str]]:
    """Return who said what, in the order of the list."""
    events: Any = client.beta.sessions.events.list(session_id, types=["user.message", "agent.message"])
    return [(event.type.partition(".")[0], event.content[0].text) for event in events]


def test_each_is_answered_after_the_answer_to_the_one_before(connect: Connect) -> None:
    gate = threading.Event()
    client = connect(make_model=lambda: Echo(gate))
    session = session_on(client)
    send(client, session.id, *MANY)
    waiting: Any = list(client.beta.sessions.events.list(session.id, types=["user.message"]))
    assert [event.processed_at is None for event in waiting] == [False] + [True] * 9
    gate.set()
    wait_until_idle(client, session.id)
    assert talk(client, session.id) == [(who, text) for text in MANY for who in ("user", "agent")]
    events: Any = list(client.beta.sessions.events.list(session.id))
    moments = [event.processed_at for event in events]
    assert moments == sorted(moments)
    assert [event.id for event in events if event.type == "user.message"] == [event.id for event in waiting]
    newest_first = client.beta.sessions.events.list(session.id, order="desc", limit=3)
    assert [event.id for event in newest_first] == [event.id for event in reversed(events)]


def test_the_offline_model_answers_and_notes_each_and_nothing_else(client: Anthropic) -> None:
    store = store_of(client, "Notes")
    session = session_on(client, store.id)
    send(client, session.id, *MANY, "", " \n ", "Where is parcel PX-3?")
    wait_until_idle(client, session.id)
    answers = [text for who, text in talk(client, session.id) if who == "agent"]
    assert len(answers) == 13
    assert all(answer.startswith("Noted in ") for answer in answers[:10])
    assert all("heard nothing" in answer for answer in answers[10:12])
    assert MANY[3] in answers[12]
    (notes,) = contents(client, store.id).values()
    assert [line.split(": ", 1)[1] for line in notes.splitlines()] == MANY


def test_a_kill_leaves_no_message_unanswered_and_no_note_twice(serve: Serve) -> None:
    server = serve()
    store = store_of(server.client, "Notes")
    session = session_on(server.client, store.id)
    send(server.client, session.id, *MANY)
    server.kill()
    client = serve().client
    wait_until_idle(client, session.id)
    assert [who for who, _ in talk(client, session.id)] == ["user", "agent"] * 10
    assert [text for who, text in talk(client, session.id) if who == "user"] == MANY
    (notes,) = contents(client, store.id).values()
    assert [line.split(": ", 1)[1] for line in notes.splitlines()] == MANY


def assert_the_messages_api_takes(requests: list[dict[str, Any]]) -> None:
    for request in requests:
        roles = [entry["role"] for entry in request["messages"]]
        assert roles == [role for role, _ in zip(itertools.cycle(["user", "assistant"]), roles, strict=False)]
        assert roles[-1] == "user"
        blocks = [block for entry in request["messages"] for block in entry["content"]]
        assert all(block["text"].strip() for block in blocks if block["type"] == "text")


def last_said(request: dict[str, Any]) -> str:
    return str(request["messages"][-1]["content"][-1]["text"])


def test_claude_is_asked_each_in_its_turn(connect: Connect) -> None:
    gate = threading.Event()

    def think(request: dict[str, Any]) -> Reply:
        gate.wait(30)
        return said(f"You said: {last_said(request)}")

    with messages_api(think) as api:
        client = connect(claude=ClaudeAccess("users-key", api.url))
        session = session_on(client)
        send(client, session.id, *MANY)
        gate.set()
        wait_until_idle(client, session.id)
        assert [last_said(request) for request in api.requests] == MANY
        assert_the_messages_api_takes(api.requests)
        answers = [text for who, text in talk(client, session.id) if who == "agent"]
        assert answers == [f"You said: {text}" for text in MANY]


@pytest.fixture
def claudes_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Serve the double, and point servers that start at it. Its model answers once its gate is open."""
    gate = threading.Event()

    def think(request: dict[str, Any]) -> Reply:
        gate.wait(30)
        return said(f"You said: {last_said(request)}")

    with messages_api(think) as api:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "users-key")
        monkeypatch.setenv("MESSAGES_API_URL", api.url)
        yield api, gate


def test_a_kill_while_claude_thinks_leaves_no_message_unanswered(
    serve: Serve, claudes_environment: Any
) -> None:
    api, gate = claudes_environment
    server = serve("--model", "claude")
    session = session_on(server.client)
    send(server.client, session.id, *MANY)
    server.kill()
    gate.set()
    client = serve("--model", "claude").client
    wait_until_idle(client, session.id)
    assert talk(client, session.id) == [
        said for text in MANY for said in (("user", text), ("agent", f"You said: {text}"))
    ]
    assert_the_messages_api_takes(api.requests)


def test_a_kill_after_a_word_before_a_tool_call_does_not_end_the_answer(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_again = threading.Event()

    def think(request: dict[str, Any]) -> Reply:
        if len(request["messages"]) == 1:
            words: list[dict[str, Any]] = said("Let me look.").content
            return Reply([*words, *call("grep", pattern="x", path="/mnt/memory/notes").content], "tool_use")
        if not asked_again.is_set():
            asked_again.set()
            killed.wait(30)
        return said("The answer.")

    killed = threading.Event()
    with messages_api(think) as api:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "users-key")
        monkeypatch.setenv("MESSAGES_API_URL", api.url)
        server = serve("--model", "claude")
        session = session_on(server.client, store_of(server.client, "Notes", a="x").id)
        send(server.client, session.id, "What is x?", "And y?")
        assert asked_again.wait(30)
        server.kill()
        killed.set()
        client = serve("--model", "claude").client
        wait_until_idle(client, session.id)
        assert talk(client, session.id) == [
            ("user", "What is x?"),
            ("agent", "Let me look."),
            ("agent", "The answer."),
            ("user", "And y?"),
            ("agent", "The answer."),
        ]
        assert api.faults == []


def test_what_waits_when_a_turn_is_interrupted_is_answered_with_the_next_message(connect: Connect) -> None:
    gate = threading.Event()
    client = connect(make_model=lambda: Echo(gate))
    session = session_on(client)
    send(client, session.id, "one", "two")
    events: Any = [{"type": "user.interrupt"}]
    client.beta.sessions.events.send(session.id, events=events)
    assert client.beta.sessions.retrieve(session.id).status == "idle"
    heard: Any = list(client.beta.sessions.events.list(session.id, types=["user.message"]))
    assert all(event.processed_at for event in heard)
    send(client, session.id, "three")
    gate.set()
    wait_until_idle(client, session.id)
    assert talk(client, session.id)[-1] == ("agent", "one + two + three")


def test_an_interrupt_with_a_message_ends_one_turn_and_starts_another(connect: Connect) -> None:
    gate = threading.Event()
    client = connect(make_model=lambda: Echo(gate))
    session = session_on(client)
    send(client, session.id, "one")
    events: Any = [{"type": "user.interrupt"}, message("rather two")]
    client.beta.sessions.events.send(session.id, events=events)
    gate.set()
    wait_until_idle(client, session.id)
    listed = [event.type for event in client.beta.sessions.events.list(session.id)]
    assert listed == [
        "user.message",
        "session.status_running",
        "user.interrupt",
        "session.status_idle",
        "user.message",
        "session.status_running",
        "agent.message",
        "session.status_idle",
    ]
    assert talk(client, session.id)[-1] == ("agent", "one + rather two")


def test_a_turn_that_was_interrupted_says_nothing_in_the_next(connect: Connect) -> None:
    started = threading.Event()

    class Stubborn:
        """Goes on after an interrupt."""

        async def take_turn(self, turn: Turn) -> None:
            heard = texts_of(unanswered(turn.history)[-1].fields["content"])
            if heard == "one":
                started.set()
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(3600)
            await turn.say(f"answer to {heard}")

    client = connect(make_model=Stubborn)
    session = session_on(client)
    send(client, session.id, "one")
    assert started.wait(30)
    events: Any = [{"type": "user.interrupt"}, message("two")]
    client.beta.sessions.events.send(session.id, events=events)
    wait_until_idle(client, session.id)
    assert [text for who, text in talk(client, session.id) if who == "agent"] == ["answer to two"]


def test_a_message_to_a_turn_that_fails_does_not_wait_for_ever(connect: Connect) -> None:
    gate = threading.Event()

    class Broken:
        async def take_turn(self, turn: Turn) -> None:
            await asyncio.to_thread(gate.wait)
            raise RuntimeError

    client = connect(make_model=Broken)
    session = session_on(client)
    send(client, session.id, "one", "two")
    gate.set()
    wait_until_idle(client, session.id)
    heard: Any = list(client.beta.sessions.events.list(session.id, types=["user.message"]))
    assert all(event.processed_at for event in heard)
