"""Where a late write goes on, once the memory that it is of could not lie where its writer has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.running import Night, night_of
from tests.unit.service import Service

INDEX = "# Index\n- [/notes.md](/notes.md)\n"
TEXT = "one fine line\ntwo fine lines\n"


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    """
    An adopted night. A session renames a memory to where the live store has another one, the dream's index: there it
    keeps its path. A session still holds the input.
    """
    kept = {"/notes.md": "kept\n"}
    night = night_of(service, f"file://{tmp_path}/reports", kept, {**kept, "/index.md": INDEX})
    service.create(night.input_id, "/a.md", TEXT)
    night.adopt()
    assert service.contents(night.output_id)["/a.md"] == TEXT
    service.session(night.input_id, status="running")
    update(night, "/a.md", path="/index.md")
    night.retire()
    assert service.contents(night.output_id)["/a.md"] == TEXT
    return night


def update(night: Night, at: str, **change: str) -> None:
    memory_id = night.service.memory_id(night.input_id, at)
    assert memory_id is not None
    memories = night.service.client.beta.memory_stores.memories
    memories.update(memory_id, memory_store_id=night.input_id, **change)  # type: ignore[arg-type]


def test_an_edit_reaches_the_memory_and_no_other(service: Service, night: Night) -> None:
    update(night, "/index.md", content=TEXT + "three\n")
    night.retire()
    live = service.contents(night.output_id)
    assert live == {"/notes.md": "kept\n", "/index.md": INDEX, "/a.md": TEXT + "three\n"}


def test_a_delete_deletes_the_memory_and_no_other(service: Service, night: Night) -> None:
    service.remove(night.input_id, "/index.md")
    night.retire()
    assert service.contents(night.output_id) == {"/notes.md": "kept\n", "/index.md": INDEX}
