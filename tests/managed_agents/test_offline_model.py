"""The offline model of sessions: it looks its memory up before it answers, and notes what it is told."""

from __future__ import annotations

from anthropic import Anthropic

from tests.managed_agents.support import ask, contents, dream_of, ended, recorded, session_on, store_of


def test_without_memory_it_has_no_idea(client: Anthropic) -> None:
    session = session_on(client)
    assert "no memory" in ask(client, session.id, "Which seat does Ana Petrova prefer?")


def test_it_notes_what_it_is_told_and_another_session_finds_it(client: Anthropic) -> None:
    store = store_of(client, "Notes")
    first, second = session_on(client, store.id), session_on(client, store.id)
    noted = ask(client, first.id, "Ana Petrova prefers the aisle seat 14C.")
    assert "Noted in /mnt/memory/notes/notes/" in noted
    ask(client, first.id, "Her order is AB-1234.")
    (content,) = contents(client, store.id).values()
    assert content == "- Ana Petrova prefers the aisle seat 14C.\n- Her order is AB-1234.\n"
    answer = ask(client, second.id, "Which seat does Ana Petrova prefer?")
    assert "Ana Petrova prefers the aisle seat 14C." in answer
    assert "I have no memory of that." in ask(client, second.id, "What is the weather on Mars?")


def test_after_a_dream_it_answers_by_way_of_the_index(client: Anthropic) -> None:
    session = recorded(client, "My name is Ana Petrova and my order AB-1234 goes to Lisbon on 2026-12-01.")
    done = ended(client, dream_of(client, store_of(client, "Notes").id, session))
    asked = session_on(client, done.outputs[0].memory_store_id)
    assert "AB-1234" in ask(client, asked.id, "Where does order AB-1234 go?")
    uses = [e for e in client.beta.sessions.events.list(asked.id) if e.type == "agent.tool_use"]
    assert str(uses[0].input["file_path"]).endswith("/index.md")
