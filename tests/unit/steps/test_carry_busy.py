"""Late writes come through while agents write to the live store all the time, right where they are to go."""

from __future__ import annotations

from contextlib import suppress
from itertools import count, cycle
from pathlib import Path

import httpx2
import pytest
from anthropic import ConflictError, NotFoundError

from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service

PATHS = [f"/{number:02}.md" for number in range(60)]


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    """An adopted night, with late writes of every kind to the input that is to be retired."""
    held = dict.fromkeys(PATHS, "one line\n")
    night = night_of(service, f"file://{tmp_path}/reports", held, held)
    night.adopt()
    write_late(night, dict.fromkeys(PATHS[:15]))
    write_late(night, dict.fromkeys(PATHS[15:35], "one line\nlate line\n"))
    write_late(night, {f"/new{path}": "late line\n" for path in PATHS[:20]})
    memories = service.client.beta.memory_stores.memories
    for path in PATHS[35:]:
        memory_id = service.memory_id(night.input_id, path)
        assert memory_id is not None
        memories.update(memory_id, memory_store_id=night.input_id, path=f"/moved{path}")
    return night


def append(night: Night, path: str, line: str) -> None:
    """Let an agent add a line to a memory of the live store, or make it, if nobody else is at it."""
    memories, store_id = night.service.client.beta.memory_stores.memories, night.output_id
    memory_id = night.service.memory_id(store_id, path)
    with suppress(ConflictError, NotFoundError):
        if memory_id is None:
            memories.create(store_id, path=path, content=line)
            return
        held = memories.retrieve(memory_id, memory_store_id=store_id, view="full")
        memories.update(
            memory_id,
            memory_store_id=store_id,
            content=f"{held.content}{line}",
            precondition={"type": "content_sha256", "content_sha256": held.content_sha256},
        )


def busy(night: Night) -> None:
    """Let agents write to the live store whenever Dreamflow does."""
    numbers, places = count(1), cycle([*PATHS[::3], *PATHS[1::3], *PATHS[2::3]])

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method == "GET" or f"/{night.output_id}/memories" not in request.url.path:
            return
        append(night, next(places), f"of an agent, {next(numbers)}\n")

    night.wire.before = interfere


def test_a_live_store_that_agents_write_to_as_often_as_we_do_costs_no_retry(
    service: Service, night: Night
) -> None:
    busy(night)
    night.retire()
    assert night.state()["input archived"]
    live = service.contents(night.output_id)
    assert sum(text.count("late line") for text in live.values()) == 40


def test_what_agents_added_to_a_memory_that_is_deleted_late_stays_though_the_index_is_written_just_then(
    service: Service, tmp_path: Path
) -> None:
    held = {"/a.md": "one fine line\n", "/index.md": "# Index\n"}
    night = night_of(service, f"file://{tmp_path}/reports", held, held)
    night.adopt()
    append(night, "/a.md", "an agent's own line\n")
    write_late(night, {"/a.md": None})

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method != "GET" and f"/{night.output_id}/memories" in request.url.path:
            night.wire.after = lambda number, request: None
            append(night, "/index.md", "- of an agent\n")

    night.wire.after = interfere
    night.retire()
    live = service.contents(night.output_id)
    assert "/a.md" not in live
    assert "\nan agent's own line\n" in live["/late/a.md"]
    assert "/late/a.md" in live["/index.md"]
