"""Whatever agents, a dream and a reviewer do: what was dropped stays out, and no line is lost that was not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.core.late_notes import LateChoice
from tests.unit.steps.test_carry_properties import DEEDS, PATHS, Night, lines_of
from tests.unit.support import NOON, sha

CHOICES = st.dictionaries(st.sampled_from(PATHS), st.sampled_from(["late", "dream", "beside"]), max_size=4)
Deeds = list[tuple[str, int, int]]


def night_of(dreamed: Deeds, late: Deeds, choices: dict[str, Any]) -> Night:
    """Return a night in which a reviewer has chosen, for what the input holds by now."""
    night = Night(dreamed)
    night.agent.do(night.input, late)
    for path, choice in choices.items():
        text = night.input.contents.get(path)
        digest = None if text is None else sha(text)
        night.run.note_choice(LateChoice(path=path, sha256=digest, choice=choice, by="Ada", at=NOON))
    return night


def lines_at(night: Night, paths: set[str]) -> set[str]:
    """Return the lines that agents wrote, and that stand in these memories of the input."""
    text = "".join(night.input.contents.get(path, "") for path in paths)
    return {line for line in text.splitlines() if line.startswith("agent")}


@given(DEEDS, DEEDS, CHOICES)
def test_what_was_chosen_is_done_and_all_else_is_as_without_choices(
    dreamed: Deeds, late: Deeds, choices: dict[str, Any]
) -> None:
    night = night_of(dreamed, late, choices)
    stood = deepcopy(night.output.contents)
    result = night.carry()
    assert result is not None
    held = set(lines_of(night.output))
    by_choice = {
        choice: {note.path for note in result.notes if note.choice == choice} for choice in ("late", "dream")
    }
    assert lines_at(night, by_choice["dream"]).isdisjoint(held)
    assert {note.how for note in result.notes if note.choice == "dream"} <= {"dropped"}
    assert lines_at(night, set(night.input.contents) - by_choice["dream"]) <= held
    if not by_choice["late"]:
        own = {line for text in stood.values() for line in text.splitlines() if line.startswith("dream")}
        assert own <= held


@example([("rename", 0, 3)], [("append", 0, 0), ("append", 3, 0)], {"/a.md": "late", "/d.md": "late"}, 2)
@example([("delete", 0, 0)], [("delete", 0, 0)], {"/a.md": "late"}, 2)
@given(DEEDS, DEEDS, CHOICES, st.integers(0, 12))
def test_a_carry_that_died_ends_as_was_chosen_and_nothing_of_it_is_late_again(
    dreamed: Deeds, late: Deeds, choices: dict[str, Any], dies_after: int
) -> None:
    night = night_of(dreamed, late, choices)
    undisturbed = deepcopy(night)
    expected = undisturbed.carry()
    night.carry(dies_after)
    result = night.carry()
    assert result is not None and expected is not None
    assert night.output.contents == undisturbed.output.contents
    assert result.notes == expected.notes
    was = night.output.contents
    again = night.carry()
    assert again is not None
    assert (night.output.contents, again.notes) == (was, result.notes)


@given(DEEDS, DEEDS, CHOICES, DEEDS)
def test_what_agents_write_after_the_choice_is_carried(
    dreamed: Deeds, late: Deeds, choices: dict[str, Any], more: Deeds
) -> None:
    night = night_of(dreamed, late, choices)
    chosen = set(night.run.late_choices())
    night.agent.do(night.input, more)
    result = night.carry()
    assert result is not None
    held = set(lines_of(night.output))
    assert {(note.path, note.sha256) for note in result.notes if note.choice} <= chosen
    # By path and bytes: a choice for a memory that lies elsewhere by now, or says something else, is void.
    others = {path for path, text in night.input.contents.items() if (path, sha(text)) not in chosen}
    assert lines_at(night, others) <= held
