"""Where specifics were said, kept and read back; and what a session's events say of the memories they read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.evidence import Said, SaidBuilder
from dreamflow.core.grounding import wanted_in
from dreamflow.core.memory_reads import memories_read, of_store
from dreamflow.core.objects import SaidText
from dreamflow.core.relative_dates import relative_dates

NOON = datetime(2024, 5, 15, 12, tzinfo=UTC)
KEY = "sk-ant-api03-" + "aB3dE5gH7jK9" * 8


def said(*events: tuple[str, str, str], wanted: str = "") -> Said:
    """Return what events (session, role, text) say, an hour apart."""
    builder = SaidBuilder(wanted_in([wanted]))
    for number, (session, role, text) in enumerate(events):
        builder.add_event(session, f"sevt_{number}", role, NOON + timedelta(hours=number), text)
    return builder.said()


#: What is said late in a long session: phrases without the signs of phrases, words, days by their words.
LATE = (
    "mia li", "mia", "li", "she likes aisle seats only", "aisle seats", "twenty bags", "yesterday", "last friday",
    "in two weeks", "straße", "İstanbul", "overnight", "two", "nothing much",
)  # fmt: skip
ASKED = (
    "Mia Li said “she likes aisle seats only”, Otto Straße has 20 bags. On 2024-05-14, 2024-05-10 and 2024-05-29 in "
    "İstanbul."
)


@given(
    st.lists(st.sampled_from(LATE), max_size=4),
    st.lists(st.sampled_from(LATE), max_size=4),
    st.sampled_from((", ", "\n", " ")),
)
def test_it_hears_late_in_a_long_session_what_it_hears_in_a_short_one(
    early: list[str], late: list[str], between: str
) -> None:
    wanted = wanted_in([ASKED])
    heard = []
    for filler in ("", "So it goes on and on. " * 900):
        builder = SaidBuilder(wanted)
        for number, text in enumerate((between.join(early), filler, filler, between.join(late))):
            builder.add_event("s1", f"sevt_{number}", "user", NOON, text)
        known = builder.said()
        heard.append({key: (len(known.sessions(key)), known.spread(key)) for key in wanted})
    short, long = heard
    assert long == short


def test_a_wanted_specific_has_session_event_time_role_and_the_words_around_it() -> None:
    known = said(("s1", "user", "Hello.\nThe fare is\n$1,200.00 now."), wanted="Fare: 1200 dollars")
    (place,) = known.sessions("$1200")
    assert (place.session_id, place.event_id, place.role, place.at) == ("s1", "sevt_0", "user", NOON)
    assert place.quote == "Hello. The fare is $1,200.00 now."


def test_a_persons_words_stand_before_a_tools_and_few_places_are_kept() -> None:
    events = [
        (f"s{n}", role, f"LK-48190 {role} {n}") for n in range(9) for role in ("tool", "tool", "tool", "user")
    ]
    places = said(*events, wanted="LK-48190").sessions("lk-48190")
    assert len(places) <= 12
    assert {place.session_id for place in places} == {"s0", "s1", "s2", "s3"}
    assert sum(place.role == "user" for place in places) == 4
    assert [place.at for place in places] == sorted(place.at for place in places if place.at)


def test_it_reads_back_what_it_kept_also_for_what_an_edit_asks_of_later() -> None:
    known = said(("s1", "user", "Ship LK-48190 and LK-48193 tomorrow."), wanted="LK-48190")
    again = Said.from_json(json.loads(json.dumps(known.to_json())))
    assert again.sessions("lk-48190") == known.sessions("lk-48190")
    assert [(place.session_id, place.event_id) for place in again.sessions("lk-48193")] == [("s1", "sevt_0")]
    assert again.sessions("2024-05-16")
    assert again.answers(wanted_in(["LK-48193, and LK-99999 that nobody said"]))
    assert not again.answers(wanted_in(["He said “never ship on a Sunday”"])), "words are not kept"


def test_no_secret_is_kept_in_full() -> None:
    line = f"Use the API key {KEY} for LK-48190."
    known = said(("s1", "user", line), wanted=line)
    assert known.sessions("lk-48190")[0].quote
    kept = json.dumps(known.to_json())
    assert KEY not in kept
    assert KEY.casefold() not in kept


TABLE = "| Service | User | Password |\n|---|---|---|\n" + "".join(
    f"| service{n} | user{n}@acme.example | Blue{n}Fish{n * 37} |\n" for n in range(40)
)
LISTED = "Recovery codes:\n" + "".join(f"- LK-{n}7Q4Z-{n * 31}X\n" for n in range(40))
FAR = f"The API key of all is {KEY[:24]}" + KEY[24:] * 3


@pytest.mark.parametrize(
    ("text", "asked", "secrets"),
    [
        (TABLE, "user30@acme.example", [f"Blue{n}Fish{n * 37}" for n in range(40)]),
        (LISTED, "LK-307Q4Z-930X", [f"LK-{n}7Q4Z-{n * 31}X" for n in range(40)]),
        (f"{FAR}:LK-48190 and more", "LK-48190", [KEY[24:]]),
        (f"{'word ' * 80}LK-48190 {'w ' * 98}use 4711 as the door code", "LK-48190", ["4711"]),
        (f"LK-48190 {'w ' * 95}use 4711 as the door code", "LK-48190", ["4711"]),
    ],
)
def test_a_quote_has_no_secret_that_stands_far_from_what_tells_it(
    text: str, asked: str, secrets: list[str]
) -> None:
    builder = SaidBuilder(wanted_in([asked]))
    builder.add_memory("before", "/old.md", text)
    builder.add_memory("after", "/new.md", text)
    builder.add_event("s1", "sevt_1", "user", NOON, text)
    known = builder.said()
    (key,) = {one for one in wanted_in([asked]) if known.memories(one)}
    quotes = [one.quote for look in (known.memories, known.stands, known.sessions) for one in look(key)]
    assert len(quotes) == 3
    for secret in secrets:
        assert not any(secret in quote for quote in quotes), secret
        assert secret not in json.dumps(known.to_json())


def test_memories_say_where_a_key_stands() -> None:
    builder = SaidBuilder(wanted_in(["Mia: 7447"]))
    builder.add_memory("before", "/a.md", "# A\n\nMia pays with 7447\n")
    builder.add_memory("after", "/b.md", "card 7447")
    known = builder.said()
    assert [(place.path, place.line, place.quote) for place in known.memories("7447")] == [
        ("/a.md", 3, "# A Mia pays with 7447")
    ]
    assert [(place.path, place.side) for place in known.stands("7447")] == [("/b.md", "after")]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("yesterday", "2024-05-14"),
        ("the day after tomorrow", "2024-05-17"),
        ("last friday", "2024-05-10"),
        ("next friday", "2024-05-24"),
        ("three weeks ago", "2024-04-24"),
        ("in 10 days", "2024-05-25"),
        ("next month", "2024-06"),
        ("two years ago", "2022"),
        ("this weekend", "2024-05-18"),
    ],
)
def test_a_day_is_known_from_the_words_for_it(words: str, day: str) -> None:
    assert day in {key for keys, _, _ in relative_dates(words, date(2024, 5, 15)) for key in keys}


def test_days_beyond_the_calendar_are_no_error() -> None:
    assert list(relative_dates("999 years ago, in 999 years", date(9999, 12, 31))) is not None


@pytest.mark.parametrize(
    ("tool", "given", "read"),
    [
        ("read", {"file_path": "/mnt/memory/support/people/tom.md"}, "/people/tom.md"),
        ("view", {"path": "/mnt/memory/support/a b.md"}, "/a b.md"),
        ("grep", {"pattern": "gate", "path": "/mnt/memory/support/x/../notes.md"}, "/notes.md"),
        ("bash", {"command": "cat '/mnt/memory/support/a b.md' | head"}, "/a b.md"),
        ("bash", {"command": "rm /mnt/memory/support/a.md"}, None),
        ("write", {"file_path": "/mnt/memory/support/a.md", "content": "x"}, None),
        ("read", {"file_path": "/etc/passwd"}, None),
        ("read", {"file_path": 7}, None),
    ],
)
def test_a_tool_use_tells_which_memory_was_read(
    tool: str, given: dict[str, object], read: str | None
) -> None:
    event = SaidText("sevt_1", "agent", NOON, json.dumps(given), tool, given)
    assert list(memories_read(event)) == ([("support", read)] if read else [])


def test_reads_of_another_store_are_left_out_where_the_inputs_own_are_known() -> None:
    assert list(of_store({"ops-desk-memory": 1, "legal": 2}, "Ops desk memory")) == [1]
    assert list(of_store({"a": 1, "b": 2}, "")) == [1, 2]


def test_a_day_between_dots_in_a_range_is_asked_of() -> None:
    assert "2026.05.11" in wanted_in(["from 2026.05.11-12 on"])
