"""Dreams: their life from pending to archived, what they leave, and what makes them fail."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from typing import Any

import pytest
from anthropic import Anthropic, BadRequestError, ConflictError, NotFoundError

from include.managed_agents.dreams.engine import Brief, Findings, StoreFiles, Transcript
from include.managed_agents.usage import Usage
from tests.managed_agents.conftest import Connect
from tests.managed_agents.support import (
    MODEL,
    contents,
    dream_of,
    ended,
    import_transcripts,
    recorded,
    session_of,
    store_of,
    transcript,
)


class Gated:
    """An engine that waits at a gate before it consolidates, so that a test can act mid-dream."""

    name = "gated"
    readers = 2

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()
        self.read: list[str] = []

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        self.read.append(transcript.session_id)
        brief.count(Usage(input_tokens=10))
        return Findings(transcript.session_id, {"n": len(transcript.messages)})

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        files.write("/partial.md", "half")
        self.reached.set()
        await asyncio.to_thread(self.open.wait)
        files.write("/done.md", " ".join(f"{f.session_id}:{f.data['n']}" for f in findings))
        files.delete("/old.md")
        brief.count(Usage(output_tokens=7, cache_read_input_tokens=5, cache_creation_input_tokens=3))


@pytest.fixture
def gate() -> Gated:
    return Gated()


@pytest.fixture
def gated(connect: Connect, gate: Gated) -> Anthropic:
    return connect(lambda: gate)


def test_a_dream_passes_from_pending_to_completed_and_leaves_its_input_alone(client: Anthropic) -> None:
    store = store_of(client, "Notes", a="The customer Ana prefers e-mail.")
    session = recorded(client, "My order is AB-1234 and my mail is ana@example.com.")
    dream = dream_of(client, store.id, session, instructions="Keep an index.")
    assert dream.id.startswith("drm_")
    assert (dream.status, dream.outputs, dream.session_id, dream.ended_at) == ("pending", [], None, None)
    assert (dream.model.id, dream.model.speed) == (MODEL, "standard")
    assert (dream.instructions, dream.output_behavior.type) == ("Keep an index.", "create_new")
    done = ended(client, dream)
    assert (done.status, done.error) == ("completed", None)
    assert done.ended_at is not None
    (output,) = done.outputs
    assert output.memory_store_id != store.id
    assert contents(client, store.id) == {"/a.md": "The customer Ana prefers e-mail."}
    dreamed = contents(client, output.memory_store_id)
    assert "/index.md" in dreamed
    assert "AB-1234" in "".join(dreamed.values())
    assert done.usage.input_tokens > 0


def test_the_dreams_session_shows_what_it_reads_and_writes_and_is_archived(client: Anthropic) -> None:
    store = store_of(client)
    done = ended(client, dream_of(client, store.id, recorded(client, "My order is AB-1234.")))
    assert done.session_id is not None
    session = client.beta.sessions.retrieve(done.session_id)
    assert session.archived_at is not None
    assert session.usage.input_tokens == done.usage.input_tokens
    assert session.usage.list_cost is not None
    (mounted,) = session.resources
    assert mounted.type == "memory_store"
    assert mounted.memory_store_id == done.outputs[0].memory_store_id
    uses = [e for e in client.beta.sessions.events.list(session.id) if e.type == "agent.tool_use"]
    written = {str(use.input["file_path"]) for use in uses if use.name == "write"}
    assert written == {f"{mounted.mount_path}{path}" for path in contents(client, mounted.memory_store_id)}
    assert any(use.name == "read" for use in uses)


def test_responses_list_the_sessions_in_sorted_order(client: Anthropic) -> None:
    sessions = [recorded(client, "Hello") for _ in range(3)]
    dream = dream_of(client, store_of(client).id, *reversed(sessions))
    listed = dream.inputs[1]
    assert listed.type == "sessions"
    assert listed.session_ids == sorted(sessions)
    ended(client, dream)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda store, session: {"inputs": []}, id="no inputs"),
        pytest.param(lambda store, session: {"inputs": [store, store, session]}, id="two stores"),
        pytest.param(lambda store, session: {"inputs": [store, session, session]}, id="two lists"),
        pytest.param(
            lambda store, session: {"inputs": [store, {**session, "session_ids": []}]}, id="no sessions"
        ),
        pytest.param(
            lambda store, session: {
                "inputs": [store, {**session, "session_ids": session["session_ids"] * 2}]
            },
            id="a session twice",
        ),
        pytest.param(
            lambda store, session: {
                "inputs": [store, {**session, "session_ids": [f"s{n}" for n in range(101)]}]
            },
            id="101 sessions",
        ),
        pytest.param(lambda store, session: {"model": {"id": MODEL, "speed": "fast"}}, id="fast"),
        pytest.param(lambda store, session: {"model": ""}, id="no model"),
        pytest.param(lambda store, session: {"instructions": ""}, id="empty instructions"),
        pytest.param(lambda store, session: {"instructions": "x" * 4097}, id="long instructions"),
        pytest.param(
            lambda store, session: {
                "output_behavior": {"type": "update_existing", "memory_store_id": "memstore_x"}
            },
            id="another store to update",
        ),
    ],
)
def test_a_request_outside_the_rules_is_refused(
    client: Anthropic, change: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
) -> None:
    store = {"type": "memory_store", "memory_store_id": store_of(client).id}
    session = {"type": "sessions", "session_ids": [session_of(client).id]}
    request: Any = {"model": MODEL, "inputs": [store, session], **change(store, session)}
    with pytest.raises(BadRequestError):
        client.beta.dreams.create(**request)
    assert list(client.beta.dreams.list()) == []


def test_inputs_must_exist_and_the_store_must_be_live(client: Anthropic) -> None:
    store, session = store_of(client), session_of(client)
    with pytest.raises(NotFoundError):
        dream_of(client, "memstore_unknown", session.id)
    with pytest.raises(NotFoundError):
        dream_of(client, store.id, "sesn_unknown")
    client.beta.memory_stores.archive(store.id)
    with pytest.raises(BadRequestError, match="archived"):
        dream_of(client, store.id, session.id)


def test_archived_sessions_are_inputs_like_any_other(client: Anthropic) -> None:
    session = recorded(client, "My order is AB-1234.")
    client.beta.sessions.archive(session)
    assert ended(client, dream_of(client, store_of(client).id, session)).status == "completed"


def test_without_its_header_the_endpoint_says_which_one(client: Anthropic) -> None:
    with pytest.raises(BadRequestError, match="dreaming-2026-04-21"):
        client.beta.dreams.list(extra_headers={"anthropic-beta": "managed-agents-2026-04-01"})
    client.beta.dreams.list(betas=["managed-agents-2026-04-01"])


def test_the_output_is_there_while_the_dream_runs_and_usage_grows(gated: Anthropic, gate: Gated) -> None:
    store = store_of(gated, old="x")
    sessions = [recorded(gated, "a", "b"), recorded(gated, "c")]
    dream = dream_of(gated, store.id, *sessions)
    assert gate.reached.wait(60)
    running = gated.beta.dreams.retrieve(dream.id)
    assert running.status == "running"
    assert running.usage.input_tokens == 20
    assert contents(gated, running.outputs[0].memory_store_id) == {"/old.md": "x", "/partial.md": "half"}
    gate.open.set()
    done = ended(gated, dream)
    first, second = sorted(sessions)
    lengths = {sessions[0]: 4, sessions[1]: 2}
    told = f"{first}:{lengths[first]} {second}:{lengths[second]}"
    assert contents(gated, done.outputs[0].memory_store_id) == {"/done.md": told, "/partial.md": "half"}
    usage = done.usage
    assert (usage.input_tokens, usage.output_tokens) == (20, 7)
    assert (usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (5, 3)


def test_a_cancel_is_immediate_and_idempotent_and_stops_all_writes(gated: Anthropic, gate: Gated) -> None:
    dream = dream_of(gated, store_of(gated).id, recorded(gated, "Hello"))
    assert gate.reached.wait(60)
    canceled = gated.beta.dreams.cancel(dream.id)
    assert (canceled.status, canceled.error) == ("canceled", None)
    assert canceled.ended_at is not None
    assert gated.beta.dreams.cancel(dream.id).ended_at == canceled.ended_at
    gate.open.set()
    assert canceled.session_id is not None
    assert gated.beta.sessions.retrieve(canceled.session_id).archived_at is not None
    gated.beta.dreams.archive(dream.id)
    assert contents(gated, canceled.outputs[0].memory_store_id) == {"/partial.md": "half"}


def test_a_pending_dream_waits_for_its_turn_and_can_be_canceled(connect: Connect, gate: Gated) -> None:
    client = connect(lambda: gate, dreams_at_a_time=1)
    store, session = store_of(client), recorded(client, "Hello")
    first = dream_of(client, store.id, session)
    assert gate.reached.wait(60)
    second, third = dream_of(client, store.id, session), dream_of(client, store.id, session)
    assert client.beta.dreams.retrieve(second.id).status == "pending"
    assert client.beta.dreams.cancel(second.id).status == "canceled"
    gate.open.set()
    assert [ended(client, dream).status for dream in (first, second, third)] == [
        "completed",
        "canceled",
        "completed",
    ]


def test_a_dream_that_has_ended_is_not_canceled(client: Anthropic) -> None:
    done = ended(client, dream_of(client, store_of(client).id, recorded(client, "Hello")))
    with pytest.raises(BadRequestError, match="completed"):
        client.beta.dreams.cancel(done.id)


def test_only_an_ended_dream_is_archived_and_its_stores_stay(gated: Anthropic, gate: Gated) -> None:
    dream = dream_of(gated, store_of(gated).id, recorded(gated, "Hello"))
    assert gate.reached.wait(60)
    with pytest.raises(BadRequestError, match="cancel it"):
        gated.beta.dreams.archive(dream.id)
    gate.open.set()
    done = ended(gated, dream)
    archived = gated.beta.dreams.archive(done.id)
    assert archived.archived_at is not None
    assert gated.beta.dreams.archive(done.id) == archived
    assert gated.beta.dreams.retrieve(done.id) == archived
    assert list(gated.beta.dreams.list()) == []
    assert [other.id for other in gated.beta.dreams.list(include_archived=True)] == [done.id]
    assert gated.beta.memory_stores.retrieve(done.outputs[0].memory_store_id).archived_at is None


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ("archive store", "input_memory_store_unavailable"),
        ("delete store", "input_memory_store_unavailable"),
        ("archive session", "input_session_unavailable"),
        ("delete session", "input_session_unavailable"),
    ],
)
def test_an_input_that_goes_away_mid_dream_fails_it(
    gated: Anthropic, gate: Gated, harm: str, error: str
) -> None:
    store, session = store_of(gated), recorded(gated, "Hello")
    dream = dream_of(gated, store.id, session)
    assert gate.reached.wait(60)
    match harm:
        case "archive store":
            gated.beta.memory_stores.archive(store.id)
        case "delete store":
            gated.beta.memory_stores.delete(store.id)
        case "archive session":
            gated.beta.sessions.archive(session)
        case "delete session":
            gated.beta.sessions.delete(session)
    gate.open.set()
    failed = ended(gated, dream)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.type == error


def test_a_failing_engine_fails_the_dream_without_quoting_what_it_read(connect: Connect) -> None:
    class Broken(Gated):
        async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
            raise RuntimeError(transcript.messages[0].text)

    client = connect(Broken)
    failed = ended(client, dream_of(client, store_of(client).id, recorded(client, "a secret")))
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.type == "internal_error"
    assert "secret" not in failed.to_json()


def test_a_failure_can_be_ordered_for_the_next_dream(client: Anthropic) -> None:
    order = {"type": "memory_store_org_limit_exceeded", "message": "as ordered"}
    client.post("/_control/dreams/fail_next", cast_to=object, body=order)
    store, session = store_of(client), recorded(client, "Hello")
    failed = ended(client, dream_of(client, store.id, session))
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("memory_store_org_limit_exceeded", "as ordered")
    assert ended(client, dream_of(client, store.id, session)).status == "completed"


def test_an_update_of_the_existing_store_writes_there_and_only_one_at_a_time(
    gated: Anthropic, gate: Gated
) -> None:
    store, session = store_of(gated, old="x"), recorded(gated, "Hello")
    behavior: Any = {"type": "update_existing", "memory_store_id": store.id}
    dream = dream_of(gated, store.id, session, output_behavior=behavior)
    assert gate.reached.wait(60)
    with pytest.raises(ConflictError, match=dream.id):
        dream_of(gated, store.id, session, output_behavior=behavior)
    gate.open.set()
    done = ended(gated, dream)
    assert done.outputs[0].memory_store_id == store.id
    assert set(contents(gated, store.id)) == {"/partial.md", "/done.md"}


def test_dreams_are_listed_newest_first_and_filtered(client: Anthropic) -> None:
    store, session = store_of(client), recorded(client, "Hello")
    first, second, third = (ended(client, dream_of(client, store.id, session)) for _ in range(3))

    def listed(**query: Any) -> list[str]:
        return [dream.id for dream in client.beta.dreams.list(limit=1, **query)]

    assert listed() == [third.id, second.id, first.id]
    assert listed(statuses=["completed"]) == [third.id, second.id, first.id]
    assert listed(statuses=["pending", "running", "failed", "canceled"]) == []
    assert listed(created_at_gt=first.created_at, created_at_lt=third.created_at) == [second.id]


def test_a_dream_lasts_at_least_as_long_as_the_pace(connect: Connect) -> None:
    client = connect(pace_seconds=0.5)
    done = ended(client, dream_of(client, store_of(client).id, recorded(client, "Hello")))
    assert done.ended_at is not None
    assert (done.ended_at - done.created_at).total_seconds() >= 0.5


def test_a_dream_of_100_sessions_reads_each_once(connect: Connect, gate: Gated) -> None:
    gate.open.set()
    client = connect(lambda: gate)
    imported = import_transcripts(client, [transcript(f"t{number}", "Hello") for number in range(100)])
    sessions = [entry["session_id"] for entry in imported]
    done = ended(client, dream_of(client, store_of(client).id, *sessions))
    assert done.status == "completed"
    assert sorted(gate.read) == sorted(sessions)
