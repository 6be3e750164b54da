"""Which statements of a session are kept: those that its specifics need, then those that say most."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.lines import pack
from include.managed_agents.dreams.offline.mine import mine
from include.managed_agents.dreams.offline.select import Frequencies, select
from include.managed_agents.dreams.offline.words import specifics_of
from tests.managed_agents.offline.strategies import transcripts


def statement(text: str, weight: float = 1.0, who: str = "Ada") -> dict[str, Any]:
    return {"who": who, "text": text, "specifics": sorted(specifics_of(text)), "weight": weight}


def kept(*said: dict[str, Any], room: int = 0, covered: tuple[str, ...] = ()) -> list[str]:
    frequencies = Frequencies()
    frequencies.add(said)
    return [s["text"] for s in select(said, frequencies, room, covered)]


@settings(deadline=None)
@given(transcripts("s1"), st.integers(0, 2_000))
def test_every_specific_that_was_said_stands_in_a_line_whatever_the_room(
    transcript: Transcript, room: int
) -> None:
    found = mine(transcript)
    frequencies = Frequencies()
    frequencies.add(found["statements"])
    lines = pack(select(found["statements"], frequencies, room), "s1", found["account"])
    text = "\n".join(line.text for line in lines)
    wanted = {key for s in found["statements"] for key in s["specifics"]}
    assert wanted <= specifics_of(text)


@given(st.lists(st.sampled_from(["LK-48213 is £5.", "£5 it was.", "LK-48213", "Plain talk."]), max_size=12))
def test_no_statement_is_kept_for_a_specific_that_others_hold(said: list[str]) -> None:
    chosen = kept(*map(statement, said))
    for number, text in enumerate(chosen):
        rest = {key for other in chosen[:number] + chosen[number + 1 :] for key in specifics_of(other)}
        assert specifics_of(text) - rest or number + 1 < len(chosen)


def test_who_said_it_first_hand_is_kept_before_the_agent_that_says_it_again() -> None:
    said = (
        statement("Tom has a new extension, 4429."),
        statement("Noted: 4429 for Tom.", who="Agent to Marek"),
    )
    assert kept(*said) == ["Tom has a new extension, 4429."]


def test_what_is_covered_needs_no_statement() -> None:
    said = statement("Order LK-48213 costs £64.50."), statement("Order LK-48214 is late.")
    assert kept(*said, covered=("lk-48213", "£64.50")) == ["Order LK-48214 is late."]


def test_a_specific_that_a_pronoun_speaks_of_brings_the_statement_before_it() -> None:
    said = statement("I'll phone Tom Okafor."), statement("He's got extension 4429.")
    assert kept(*said) == ["I'll phone Tom Okafor.", "He's got extension 4429."]


def test_the_room_goes_to_what_is_rare_and_weighs_most_and_is_kept_to() -> None:
    common = [statement("The weather is nice today.") for _ in range(40)]
    rare = statement("A heron nests near the mill.")
    assert kept(*common, rare, room=45) == [rare["text"]]
    assert kept(statement("A heron nests.", 0.5), statement("A kestrel flies.", 2.0), room=30) == [
        "A kestrel flies."
    ]
    assert kept(rare, room=10) == []


def test_courtesy_stays_out_however_much_room_there_is() -> None:
    assert kept(statement("Thank you so much!", 0.2), statement("I moved to Leeds."), room=10_000) == [
        "I moved to Leeds."
    ]


def test_frequencies_take_the_same_room_for_any_number_of_words() -> None:
    frequencies = Frequencies()
    before = {name: len(value) for name, value in vars(frequencies).items() if hasattr(value, "__len__")}
    frequencies.add(statement(f"word{n} more{n}") for n in range(5_000))
    assert {
        name: len(value) for name, value in vars(frequencies).items() if hasattr(value, "__len__")
    } == before
    assert frequencies.rarity("word1") > 0
