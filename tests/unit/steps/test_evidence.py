"""What is gathered from the sessions of a dream, through the real service."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dreamflow import storage
from dreamflow.core.grounding import wanted_in
from dreamflow.errors import ServiceUnavailable
from dreamflow.steps.evidence import Gathered, gather
from tests.managed_agents.support import TOOLSET, import_transcripts
from tests.unit.running import Night, night_of
from tests.unit.service import Service

BEFORE = {"/notes.md": "Gate 2 is broken.\n", "/people/tom.md": "Tom: extension 4417\n"}
WANTED = wanted_in(["Order LK-48190 for $121, gate 3, extension 4429"])


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    return night_of(service, f"file://{tmp_path}/reports", BEFORE, BEFORE)


def imported(service: Service, *messages: dict[str, Any]) -> str:
    (done,) = import_transcripts(service.client, [{"id": uuid.uuid4().hex, "messages": list(messages)}])
    return str(done["session_id"])


def said(text: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": text, "created_at": "2026-11-06T08:12:00Z"}


def used(name: str, **arguments: Any) -> dict[str, Any]:
    call = {"id": "c1", "name": name, "arguments": json.dumps(arguments)}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def gathered(night: Night, session_ids: Sequence[str], wanted: set[str] = WANTED) -> Gathered:
    return gather(night.world, night.run, session_ids, wanted)


def requests(night: Night) -> list[str]:
    return [request for request in night.wire.requests if "/events" in request]


def test_words_of_people_agents_and_tools_are_found_with_their_place(service: Service, night: Night) -> None:
    session = imported(
        service,
        said("Where is LK-48190?"),
        used("get_order", order="LK-48190", shelf="SH-77"),
        {"role": "tool", "tool_call_id": "c1", "content": '{"total": 121}'},
        said("It is $121.", "assistant"),
    )
    known = gathered(night, [session]).said
    first = known.sessions("lk-48190")[0]
    assert (first.role, first.quote) == ("user", "Where is LK-48190?")
    assert {place.role for place in known.sessions("#121")} == {"tool"}
    assert {place.role for place in known.sessions("$121")} == {"agent"}
    assert known.sessions("sh-77"), "what an agent gives a tool is said, too"
    assert not known.sessions("4429")


def test_a_second_review_reads_no_session_again_and_knows_the_same(service: Service, night: Night) -> None:
    ids = [imported(service, said(f"Parcel LK-4819{n} left the warehouse")) for n in range(6)]
    first = gathered(night, ids)
    asked = len(requests(night))
    again = gathered(night, ids, WANTED | wanted_in(["An edit brought LK-48195 and $99"]))
    assert len(requests(night)) == asked
    assert again.said.sessions("lk-48190") == first.said.sessions("lk-48190")
    assert [place.session_id for place in again.said.sessions("lk-48195")] == [ids[5]]
    assert again.probes == first.probes
    assert {probe.key for probe in first.probes} == {f"lk-4819{n}" for n in range(6)}
    assert not again.said.sessions("$99")
    assert gathered(night, ids[:3]).said.session_count == 3, "other sessions are read"


def test_a_cut_file_costs_only_reading_the_sessions_again(service: Service, night: Night) -> None:
    session = imported(service, said("LK-48190 left"))
    gathered(night, [session])
    for name in [name for name in storage.list_names(night.run.folder) if name.startswith("evidence")]:
        storage.write_text(f"{night.run.folder}/{name}", '{"version": 1, "of')
        assert gathered(night, [session]).said.sessions("lk-48190")


def test_parts_of_two_readings_at_once_are_never_taken_for_one(service: Service, night: Night) -> None:
    """The task and the tab may read at once, and ask of different things."""
    session = imported(service, said("LK-48190 left. Then Maya Ortiz called about $121."))
    gathered(night, [session])
    files = {
        name: storage.read_text(f"{night.run.folder}/{name}") for name in storage.list_names(night.run.folder)
    }
    first = {name: text for name, text in files.items() if name.startswith("evidence-")}
    wanted = wanted_in(["Maya Ortiz called"])
    gathered(night, [session], wanted)
    for name, text in list(first.items())[:1]:
        storage.write_text(f"{night.run.folder}/{name}", text)
    asked = len(requests(night))
    assert gathered(night, [session], wanted).said.sessions("lk-48190")
    assert len(requests(night)) > asked, "it was read again"


def test_a_session_that_is_gone_is_told_and_the_others_are_read(service: Service, night: Night) -> None:
    session = imported(service, said("LK-48190 left"))
    known = gathered(night, ["sesn_01gone", session])
    assert known.unread == ("sesn_01gone",)
    assert known.said.sessions("lk-48190")


def test_a_session_that_the_service_does_not_answer_for_fails_no_review_and_is_read_the_next_time(
    service: Service, night: Night
) -> None:
    mute, session = imported(service, said("LK-48190 left")), imported(service, said("LK-48190 came"))

    def cut(number: int, request: httpx2.Request) -> None:
        if mute in request.url.path:
            raise httpx2.ReadError("the connection was cut", request=request)

    night.wire.before = cut
    known = gathered(night, [mute, session])
    assert known.unread == (mute,)
    assert [one.session_id for one in known.said.sessions("lk-48190")] == [session]
    night.wire.before = lambda number, request: None
    assert gathered(night, [mute, session]).unread == ()


def test_a_service_that_answers_for_no_session_is_tried_again(service: Service, night: Night) -> None:
    sessions = [imported(service, said("LK-48190 left")) for _ in range(2)]

    def cut(number: int, request: httpx2.Request) -> None:
        raise httpx2.ReadError("the connection was cut", request=request)

    night.wire.before = cut
    with pytest.raises(ServiceUnavailable):
        gathered(night, sessions)


def test_memories_that_an_agent_read_are_known_by_their_path(service: Service, night: Night) -> None:
    recorded = imported(
        service, said("Whom to call?"), used("read", file_path="/mnt/memory/support/people/tom.md")
    )
    agent = service.client.beta.agents.create(name="A", model="claude-opus-4-8", tools=[TOOLSET]).id
    live = service.talk(agent, night.input_id, said="Which gate is broken?")
    reads = gathered(night, [recorded, live]).reads
    assert [read.session_id for read in reads["/people/tom.md"]] == [recorded]
    assert [read.session_id for read in reads["/notes.md"]] == [live], "its search showed a line of it"
    again = gathered(night, [recorded, live]).reads
    assert again == reads


def test_the_files_of_the_evidence_are_pruned_with_the_run(service: Service, night: Night) -> None:
    gathered(night, [imported(service, said("LK-48190 left"))])
    night.run.close("adopted")
    assert night.world.records.prune(night.world.now().replace(year=2100)) == [night.run_id]
