"""
A task that dies at any point and runs again ends where one that lived would have ended.

Each test lets the process die right before it changes something, at the service or in a run file, for every change
there is, and then runs the same step again, as a retry or the next night's settle would. To die before a read is to
die before the change that comes next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from dreamflow.errors import StateError
from tests.unit.running import Night, write_late
from tests.unit.service import Service
from tests.unit.steps.fuse import Fuse, Step, attempt

BEFORE = {
    "/keep.md": "keep",
    "/edit.md": "one\ntwo\nthree\n",
    "/drop.md": "drop",
    "/late.md": "early",
    "/name.md": "name",
    "/index.md": "# Index\n",
}
REVIEWED = {**BEFORE, "/edit.md": "one\n2, dreamed\nthree\n"}
#: A create, an edit, a delete; one edit that merges in part, so that a page below /late/ and the index are written too.
LATE: dict[str, str | None] = {
    "/late.md": "later",
    "/drop.md": None,
    "/new.md": "new",
    "/edit.md": "one\n2, late\nthree\nfour\n",
}
MERGED = "one\n2, dreamed\nthree\nfour\n"
INDEX = "# Index\n- [/late/edit.md](/late/edit.md): late writes to fold in\n"
ADOPTED = {
    "/keep.md": "keep",
    "/late.md": "later",
    "/new.md": "new",
    "/edit.md": MERGED,
    "/renamed.md": "name",
    "/index.md": INDEX,
}


@pytest.fixture
def make(service: Service, burning_night: Callable[..., Night]) -> Callable[[], Night]:
    def make_night() -> Night:
        night = burning_night(BEFORE, REVIEWED, late=LATE)
        service.rename(night.input_id, "/name.md", "/renamed.md")
        return night

    return make_night


def state_of(night: Night) -> dict[str, Any]:
    """Return the end state with this night's ids replaced, so that two nights can be compared."""
    state = night.state()
    state["metadata"] = {
        key: "input" if value == night.input_id else value for key, value in state["metadata"].items()
    }
    state["output"] = {
        path: re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "some time", text) for path, text in state["output"].items()
    }
    return state


def assert_adopted(output: dict[str, str], expected: dict[str, str] = ADOPTED) -> None:
    """See that the output holds what is expected, and beside it once the line that the dream changed too."""
    beside = output.pop("/late/edit.md")
    assert output == expected
    assert beside.count("\n2, late\n") == 1


def took_back(night: Night) -> None:
    """Let verify find a swap that is half done, as often as it is tried."""
    with pytest.raises(StateError, match=r"was set back|no target names"):
        night.verify()


STEPS: dict[str, tuple[Callable[[Night], Any], Step]] = {
    "carry_late_writes": (lambda night: None, lambda night: night.carry()),
    "decide": (lambda night: None, lambda night: night.decide()),
    "repoint and verify_targets": (
        lambda night: night.carry(),
        lambda night: (night.repoint(), night.verify()),
    ),
    "take back a half-done swap": (
        lambda night: (night.carry(), night.repoint(0)),
        took_back,
    ),
    "retire_input": (lambda night: night.adopt(), lambda night: night.retire()),
    "discard_output": (lambda night: None, lambda night: night.discard()),
    "settle a leftover": (lambda night: night.carry(), lambda night: night.settle()),
    "settle an interrupted swap": (
        lambda night: (night.carry(), night.repoint(0)),
        lambda night: night.settle(),
    ),
    "settle a superseded store": (lambda night: night.adopt(), lambda night: night.settle()),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_died_anywhere_ends_the_same_when_it_runs_again(
    make: Callable[[], Night], fuse: Fuse, name: str
) -> None:
    prepare, step = STEPS[name]
    undisturbed = make()
    prepare(undisturbed)
    assert attempt(undisturbed, fuse, step, None)
    deeds, expected = fuse.deeds, state_of(undisturbed)
    assert deeds > 0
    for blows_before in range(deeds):
        night = make()
        prepare(night)
        assert not attempt(night, fuse, step, blows_before)
        step(night)
        assert state_of(night) == expected, f"died before deed {blows_before} of {deeds}"
        assert len(night.adoptions) == len(undisturbed.adoptions)


def test_a_night_that_died_anywhere_after_the_approval_is_settled_by_the_next(
    make: Callable[[], Night], fuse: Fuse
) -> None:
    """Whatever the retries did not mend: the store is adopted whole or not at all, and nothing is left open."""

    def whole_night(night: Night) -> None:
        night.carry()
        night.repoint()
        night.adoptions.append(night.verify())
        night.retire()

    night = make()
    attempt(night, fuse, whole_night, None)
    deeds = fuse.deeds
    outcomes = set()
    for blows_before in range(deeds):
        night = make()
        assert not attempt(night, fuse, whole_night, blows_before)
        night.settle()
        state = night.state()
        outcomes.add(state["targets"][0])
        assert state["open"] == []
        if state["targets"] == ["output", "output"]:
            assert_adopted(state["output"])
            assert [told["memory_store_id"] for told in night.adoptions] == [night.output_id]
            assert (state["input archived"], state["output archived"]) == (True, False)
        else:
            assert state["targets"] == ["input", "input"]
            assert (state["input archived"], state["output archived"]) == (False, True)
            wrote = {**ADOPTED, "/edit.md": LATE["/edit.md"], "/index.md": BEFORE["/index.md"]}
            assert night.service.contents(night.input_id) == wrote
            assert night.adoptions == []
    assert outcomes == {"input", "output"}


def test_late_writes_between_two_tries_of_a_carry_are_in_the_output(
    make: Callable[[], Night], fuse: Fuse
) -> None:
    night = make()
    attempt(night, fuse, lambda night: night.carry(), None)
    for blows_before in range(fuse.deeds):
        night = make()
        assert not attempt(night, fuse, lambda night: night.carry(), blows_before)
        write_late(night, {"/late.md": "latest", "/drop.md": "is back", "/new.md": None})
        night.carry()
        expected = {**ADOPTED, "/late.md": "latest", "/drop.md": "is back"}
        del expected["/new.md"]
        assert_adopted(night.state()["output"], expected)
