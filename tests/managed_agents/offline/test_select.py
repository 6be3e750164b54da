"""Which statements of a session are kept: those that its specifics need, then those that say most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.lines import pack
from include.managed_agents.dreams.offline.mine import mine
from include.managed_agents.dreams.offline.select import Bar, Frequencies
from include.managed_agents.dreams.offline.specifics import specifics_of
from tests.managed_agents.offline.strategies import transcripts


def statement(text: str, weight: float = 1.0, who: str = "Ada") -> dict[str, Any]:
    return {"who": who, "text": text, "specifics": sorted(specifics_of(text)), "weight": weight}


def kept(*said: dict[str, Any], bar: Bar | None = None, covered: tuple[str, ...] = ()) -> list[str]:
    chosen = (bar or bar_of((said, 0))).select(said, covered, only=bar is None)
    return [said[n]["text"] for n in sorted(chosen)]


def bar_of(*sessions: tuple[Sequence[dict[str, Any]], int]) -> Bar:
    """Return the bar of a dream over sessions, each with the room that its lines should fill."""
    frequencies = Frequencies()
    for said, _ in sessions:
        for one in said:
            frequencies.add(one["text"])
    bar = Bar(frequencies)
    for said, room in sessions:
        bar.add(said, room)
    return bar


@settings(deadline=None)
@given(transcripts("s1"), st.integers(0, 2_000))
def test_every_specific_that_was_said_stands_in_a_line_whatever_the_room(
    transcript: Transcript, room: int
) -> None:
    found = mine(transcript)
    bar = bar_of((found["statements"], room))
    said = [dict(s, day=date.fromisoformat(s["day"])) for s in found["statements"]]
    chosen = [said[n] for n in sorted(bar.select(said))]
    lines = pack(chosen, ("s1",), found["account"])
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
    light, (*told, it) = (
        statement("The lantern broke.", 0.2),
        (*RARE, statement("It is £5, a redshank said.", 9.0)),
    )
    again = statement("£5 it is.")
    assert light["text"] in kept(light, it, *told, again, bar=bar_of(([light, it, *told, again], 400)))


BIRDS = (
    "heron",
    "kestrel",
    "dipper",
    "wagtail",
    "curlew",
    "lapwing",
    "redshank",
    "plover",
    "siskin",
    "linnet",
)
RARE = [statement(f"A {bird} nests near the mill of {bird}field, below the weir.") for bird in BIRDS]
COMMON = [statement("The weather is nice and the sky is blue again today.")] * 40


def test_the_room_goes_to_what_is_rare_and_weighs_most() -> None:
    light, heavy = statement("A heron nests." * 30, 0.5), statement("A kestrel flies." * 30, 2.0)
    assert kept(light, heavy, bar=bar_of(([light, heavy], 600))) == [heavy["text"]]
    said = [*COMMON, *RARE]
    chosen = kept(*said, bar=bar_of((said, 700)))
    assert {s["text"] for s in RARE} <= set(chosen)
    assert sum(map(len, chosen)) <= 700


def test_the_rooms_of_all_sessions_are_one_which_those_fill_that_say_most() -> None:
    bar = bar_of((RARE, 350), (COMMON, 350))
    assert len(kept(*RARE, bar=bar)) == len(RARE)
    assert sum(map(len, kept(*COMMON, bar=bar))) <= 350


def test_what_somebody_says_in_passing_is_kept_whatever_the_others_say() -> None:
    bar = bar_of((RARE, 0), (COMMON[:1], 0))
    assert kept(*COMMON[:1], bar=bar) == [COMMON[0]["text"]]


def test_courtesy_stays_out_however_much_room_there_is() -> None:
    said = statement("Thank you so much!", 0.2), statement("I moved to Leeds.")
    assert kept(*said, bar=bar_of((said, 10_000))) == ["I moved to Leeds."]


def test_frequencies_take_the_same_room_for_any_number_of_words() -> None:
    frequencies = Frequencies()
    before = {name: len(value) for name, value in vars(frequencies).items() if hasattr(value, "__len__")}
    for n in range(5_000):
        frequencies.add(f"word{n} more{n}")
    assert {
        name: len(value) for name, value in vars(frequencies).items() if hasattr(value, "__len__")
    } == before
    assert frequencies.rarity("word1") > 0
