"""The live stream: what a follower sees, and when it ends."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from anthropic import Anthropic, NotFoundError

from tests.managed_agents.conftest import Serve
from tests.managed_agents.support import message, session_of


class Following:
    """A client that follows a session in a thread of its own."""

    def __init__(self, client: Anthropic, session_id: str, **options: Any) -> None:
        self.events: list[Any] = []
        self.ended = threading.Event()
        self._stream = client.beta.sessions.events.stream(session_id, **options)
        self._seen = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for event in self._stream:
                with self._seen:
                    self.events.append(event)
                    self._seen.notify_all()
        except Exception:
            pass
        self.ended.set()

    def until(self, kind: str, *, times: int = 1) -> list[str]:
        """Wait for an event, and return the types seen so far."""
        with self._seen:
            assert self._seen.wait_for(lambda: self.types.count(kind) >= times, 60), self.types
            return self.types

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


def test_a_follower_sees_every_event_of_a_turn_as_it_happens(serve: Serve) -> None:
    client = serve().client
    session = session_of(client)
    following = Following(client, session.id)
    client.beta.sessions.events.send(session.id, events=[message("Hello")])  # type: ignore[list-item]
    seen = following.until("session.status_idle")
    assert seen == ["user.message", "session.status_running", "agent.message", "session.status_idle"]
    listed = list(client.beta.sessions.events.list(session.id))
    assert [event.id for event in following.events] == [event.id for event in listed]


def test_a_follower_sees_only_what_happens_from_then_on(serve: Serve) -> None:
    client = serve().client
    session = session_of(client, "Hello")
    following = Following(client, session.id)
    client.beta.sessions.update(session.id, title="New")
    assert following.until("session.updated") == ["session.updated"]


def test_a_message_that_waits_is_seen_twice_received_and_processed(serve: Serve) -> None:
    client = serve().client
    session = session_of(client)
    following = Following(client, session.id)
    for text in ("one", "two", "three"):
        client.beta.sessions.events.send(session.id, events=[message(text)])  # type: ignore[list-item]
    following.until("agent.message", times=3)
    processed = [
        event
        for event in following.events
        if event.type in {"user.message", "agent.message"} and event.processed_at is not None
    ]
    assert [event.type for event in processed] == ["user.message", "agent.message"] * 3
    assert [e.content[0].text for e in processed if e.type == "user.message"] == ["one", "two", "three"]
    listed = [e.id for e in client.beta.sessions.events.list(session.id) if e.type.endswith(".message")]
    assert [event.id for event in processed] == listed


def test_previews_come_before_the_message_for_those_who_ask(serve: Serve) -> None:
    client = serve().client
    session = session_of(client)
    curious = Following(client, session.id, event_deltas=["agent.message"])
    plain = Following(client, session.id)
    client.beta.sessions.events.send(session.id, events=[message("Hello")])  # type: ignore[list-item]
    curious.until("session.status_idle")
    plain.until("session.status_idle")
    start, delta, whole = (
        event for event in curious.events if event.type.startswith(("event_", "agent.message"))
    )
    assert (start.event.id, delta.event_id) == (whole.id, whole.id)
    assert delta.delta.content.text == whole.content[0].text
    assert "event_start" not in plain.types


def test_a_stream_ends_with_its_session(serve: Serve) -> None:
    client = serve().client
    archived, deleted = session_of(client), session_of(client)
    following = [Following(client, session.id) for session in (archived, deleted)]
    client.beta.sessions.archive(archived.id)
    client.beta.sessions.delete(deleted.id)
    client.beta.sessions.list()
    assert following[0].until("session.status_terminated")
    assert following[0].ended.wait(60)
    with pytest.raises(NotFoundError):
        client.beta.sessions.events.stream(deleted.id)


def test_a_follower_of_a_deleted_session_is_told(serve: Serve) -> None:
    client = serve().client
    session = session_of(client)
    following = Following(client, session.id)
    client.beta.sessions.delete(session.id)
    assert following.until("session.deleted") == ["session.deleted"]
    assert following.ended.wait(60)


def test_the_server_stops_promptly_with_streams_open(serve: Serve) -> None:
    server = serve()
    session = session_of(server.client)
    following = Following(server.client, session.id)
    server.client.beta.sessions.update(session.id, title="New")
    following.until("session.updated")
    assert server.stop(timeout_seconds=10) == 0
    assert following.ended.wait(60)
