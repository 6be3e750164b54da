"""The measures of a dream see what is lost, made up, wrong, nameless or said twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from benchmarks._figures import Figures, figures_of
from benchmarks._quality import Grounds, alike_pairs
from benchmarks._relative import follows
from benchmarks._retrieval import raw_lines, recall_at
from benchmarks._said import Said, said_in
from benchmarks._transcripts import Question
from dreamflow.core.searching import Lines
from dreamflow.core.specifics import Kind
from include.managed_agents.dreams.engine import Message, Transcript

TOLD = (
    "I'm Mia, user ID mia_li_3668. I flew yesterday and paid $1,200.00 for HKEGXX.",
    "Noted: NO6JO3 leaves on May 20th at 6 pm.",
)
HEAD = "- 8 May 2023, mia_li_3668."


def session(*told: str, name: str = "s1") -> Transcript:
    roles = ("user", "assistant")
    messages = tuple(Message(roles[n % 2], text) for n, text in enumerate(told or TOLD))
    return Transcript(name, None, datetime(2023, 5, 8, 9, tzinfo=UTC), messages)


def read(*lines: str) -> list[Said]:
    return said_in({"/a.md": "\n".join(lines)}, {})


def measured(*lines: str, told: Sequence[str] = TOLD) -> Figures:
    return figures_of([session(*told)], {}, {"/index.md": "[a](/a.md)", "/a.md": "\n".join(lines)}, [])


@pytest.mark.parametrize(
    ("words", "day", "right"),
    [
        ("yesterday", "2023-05-07", True),
        ("yesterday", "2023-05-06", False),
        ("two weeks ago", "2023-04-24", True),
        ("three months ago", "2023-02-08", True),
        ("in 3 days", "2023-05-11", True),
        ("in 3 days", "2023-05-12", False),
        ("in the last two weeks", "2023-04-24", False),
        ("last friday", "2023-05-05", True),
        ("last fri", "2023-05-05", True),
        ("on tues", "2023-05-09", True),
        ("on tues", "2023-05-10", False),
        ("last friday", "2023-05-04", False),
        ("next friday", "2023-06-09", False),
        ("last year", "2022-01-01", True),
        ("the blue one", "2023-05-07", False),
    ],
)
def test_a_date_in_brackets_must_follow_from_the_words_before_it(words: str, day: str, right: bool) -> None:
    assert follows(f"we met {words}", date.fromisoformat(day), date(2023, 5, 8)) is right


@pytest.mark.parametrize(
    ("line", "made_up"),
    [
        (f"{HEAD} Mia: I flew two years ago [2021], or two months ago [March 2023]. (s1)", []),
        (
            f"{HEAD} Mia: I flew two years ago [2022], or last month [March 2023]. (s1)",
            ["2022", "March 2023"],
        ),
        (f"{HEAD} Mia: I flew yesterday [7 May 2023] and paid $1,200.00 for HKEGXX. (s1)", []),
        (f"{HEAD} Mia: I flew yesterday [6 May 2023]. (s1)", ["6 May 2023"]),
        (f"{HEAD} Mia: I paid $1,300. (s1)", ["$1300"]),
        ("- 8 May 2023, joe_li_1. Mia: I flew yesterday. (s1)", ["joe_li_1"]),
        ("- 9 May 2023, mia_li_3668. Mia: I flew. (s1)", ["2023-05-09"]),
    ],
)
def test_a_specific_must_stand_in_a_session_that_its_line_names(line: str, made_up: list[str]) -> None:
    [said] = read(line)
    assert Grounds([session()], {}).made_up(said) == made_up


def test_a_line_is_held_against_the_sessions_that_it_names_and_no_other() -> None:
    [said] = read(f"{HEAD} Mia: I paid $1,200.00. (s2)")
    assert Grounds([session(), session("I'm Mia.", name="s2")], {}).made_up(said) == ["$1200", "mia_li_3668"]


def test_words_are_counted_by_part_without_speakers_and_dates_that_were_worked_out() -> None:
    figures = measured(f"{HEAD} Mia: I flew yesterday [7 May 2023]. Agent: NO6JO3 leaves soon. (s1)")
    assert figures.nowhere == ["soon"]
    assert (figures.pairs, figures.together) == (2 + 2 + 2, 2 + 1 + 2)


def test_what_is_lost_and_what_stands_beside_another_session_is_counted() -> None:
    figures = measured(f"{HEAD} Agent: NO6JO3 leaves. (s1)", "HKEGXX")
    found = figures.stated[Kind.IDENTIFIER]
    assert (found.stated, found.anywhere, found.beside) == (3, 3, 2)
    assert found.lost == (("s1", "hkegxx"),)
    assert figures.stated[Kind.AMOUNT].anywhere == 0


@pytest.mark.parametrize(
    ("line", "claims"),
    [
        (f"{HEAD} Agent: NO6JO3 leaves on May 20th; before: May 19th. (s1)", ["before:"]),
        (f"{HEAD} Agent: NO6JO3 replaces HKEGXX. (s1)", ["replaces"]),
        (f"{HEAD} Agent: NO6JO3 leaves on May 20th. (s1)", []),
    ],
)
def test_a_claim_of_change_that_nobody_made_is_seen(line: str, claims: list[str]) -> None:
    assert [words for _, words in measured(line).changes] == claims


def test_what_people_say_of_a_change_themselves_is_no_claim_of_the_engine() -> None:
    told = ("I'm Mia. NO6JO3 replaces HKEGXX.",)
    assert measured("- 8 May 2023. Mia: NO6JO3 replaces HKEGXX. (s1)", told=told).changes == []


def test_a_line_that_names_only_roles_names_nobody() -> None:
    lines = ("- 8 May 2023. User: I flew. Agent: Noted. (s1)", "- 8 May 2023. Agent to Mia: Noted. (s1)")
    assert measured(*lines).nobody == [lines[0]]


def test_lines_of_a_session_where_nobody_gives_a_name_need_not_name_anybody() -> None:
    assert measured("- 8 May 2023. User: Thanks a lot. (s1)", told=("Thanks a lot.",)).lines_named == 1


def test_lines_that_say_the_same_are_alike_unless_a_specific_differs_or_another_account_is_meant() -> None:
    words = "Mia: I flew to Rome with my mother, my two sisters and a very old dog, and paid"
    same = [f"{HEAD} {words} $1,200. (s1)", f"{HEAD} {words} $1,200 there. (s2)"]
    other = [f"{HEAD} {words} $1,300. (s3)", f"- 8 May 2023, joe_li_1. {words} $1,200. (s4)"]
    assert [pair[1:] for pair in alike_pairs(read(*same, *other))] == [tuple(same)]


def test_memories_that_no_index_leads_to_are_seen() -> None:
    store = {"/index.md": "[more](/index-2.md)", "/index-2.md": "[a](/a%20b.md)", "/a b.md": "", "/c.md": ""}
    assert figures_of([session()], {}, store, []).unindexed == ["/c.md"]


def test_raw_lines_have_their_day_and_as_many_turns_as_asked_for() -> None:
    assert raw_lines([session("One.", "Two.", "Three.", "Four.")], 3) == [
        "8 May 2023. One. Two. Three.",
        "8 May 2023. Four.",
    ]


def test_words_of_an_answer_count_only_within_the_tokens_and_whatever_way_a_date_is_written() -> None:
    lines = Lines(
        ["The trip began on 2023-05-07 in Rome", "The trip was long " + "and long " * 500 + "to Oslo"]
    )
    asked = [Question("When did the trip begin?", "7 May 2023"), Question("How long was the trip?", "Oslo")]
    assert recall_at(lines, asked, (250, 2000)) == [0.5, 1.0]
