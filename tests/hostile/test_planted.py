"""What is planted is planted: in the memories that are named, and nowhere else."""

from __future__ import annotations

import json

import pytest

from benchmarks._processes import PROJECT
from tests.support.planted import PLANTS, broken_index, cut_to_one_byte, many_notes, removed_memories

DEMO = {
    memory["path"]: memory["content"]
    for memory in json.loads((PROJECT / "include/transcripts/demo_store.json").read_text())["memories"]
}


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize(
    "store", [DEMO, many_notes() | {"/fees.md": "A change of the booking costs $75.00 a person.\n"}]
)
def test_a_spoilt_store_differs_where_something_must_be_found(name: str, store: dict[str, str]) -> None:
    planted = PLANTS[name](store)

    differing = {
        path
        for path in store.keys() | planted.contents.keys()
        if store.get(path) != planted.contents.get(path)
    }
    named = {path for expected in planted.expected for path in expected.paths}
    assert differing and differing <= named
    for expected in planted.expected:
        if expected.line is not None and expected.what:
            assert expected.what in planted.contents[expected.paths[0]].split("\n")[expected.line - 1]
            assert not any(expected.what in content for content in store.values())
        elif expected.what:
            assert not any(expected.what in content for content in planted.contents.values())
    assert not planted.hidden or not any(planted.hidden in content for content in store.values())


def test_a_store_that_has_an_index_keeps_it_but_for_one_line() -> None:
    store = {"/index.md": "# Index\n\n- [a](/a.md)\n- [b](/b.md)\n", "/a.md": "a\n", "/b.md": "b\n"}

    assert broken_index(store).contents["/index.md"] == "# Index\n\n- [a](/gone-0.md)\n- [b](/b.md)\n"


def test_twenty_are_cut_and_sixty_removed() -> None:
    notes = many_notes()

    cut, removed = cut_to_one_byte(notes), removed_memories(notes)

    assert sum(len(content) == 1 for content in cut.contents.values()) == len(cut.expected[0].paths) == 20
    assert len(notes) - len(removed.contents) == len(removed.expected[0].paths) == 60
