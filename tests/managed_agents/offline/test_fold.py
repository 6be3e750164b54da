"""Which statements of sessions are one and the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from include.managed_agents.dreams.engine import Message, Transcript
from tests.managed_agents.offline.dreaming import START, dreamed, session

AISLE = "I want an aisle seat on every flight to Lisbon, seat 14C."


def lines_with(word: str, store: dict[str, str]) -> list[str]:
    return [line for path in store if path != "/index.md" for line in store[path].split("\n") if word in line]


def of_account(name: str, account: str, text: str) -> Transcript:
    said = (Message("user", f"My user ID is {account}.", START), Message("user", text, START))
    return Transcript(name, None, START, said)


def of_tom(*said: str) -> Sequence[Transcript]:
    return [session(f"s{day}", "Tom Okafor here.", text, day=day) for day, text in enumerate(said, 1)]


def test_near_copies_of_one_person_fold_into_the_later_which_names_both_sessions() -> None:
    first = "Batch B-0926 is quarantined until the lab report is in."
    second = "The batch B-0926 is quarantined until the report of the lab is in!"
    [line] = lines_with("quarantined", dreamed(of_tom(first, second)))
    assert line.startswith("- 11 November 2026")
    assert second in line
    assert line.endswith("(s1, s2)")


def test_near_copies_fold_across_dreams_too() -> None:
    past = of_tom("The rota is on desk 7 in Leeds.", "The rota is on desk 7 in Leeds.")
    store = dreamed(past[1:], dreamed(past[:1]))
    [line] = lines_with("rota", store)
    assert line.startswith("- 11 November 2026")
    assert line.endswith("(s1, s2)")
    assert dreamed(past, store) == store


def test_an_old_value_that_comes_back_stands_first() -> None:
    cut_off = "The cut-off for heavy parcels is {} in Leeds."
    lines = lines_with(
        "cut-off", dreamed(of_tom(*(cut_off.format(at) for at in ("16:00", "17:00", "16:00"))))
    )
    assert ["16:00" in line for line in lines] == [True, False]
    assert lines[0].startswith("- 12 November 2026")


def test_a_statement_that_many_sessions_make_keeps_every_session() -> None:
    past = of_tom(*(["The rota is on desk 7 in Leeds."] * 9))
    store = dreamed(past)
    named = " ".join(lines_with("rota", store))
    assert all(f"s{n}" in named for n in range(1, 10))
    assert 1 < len(lines_with("rota", store)) < 5
    assert dreamed(past, store) == store


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order LK-1 is £50 in total.", "Order LK-2 is £50 in total."),
        ("We granted Anna her refund in full.", "We granted Otto her refund in full."),
        ("Refunds are possible for opened software.", "Refunds are not possible for opened software."),
        ("The strike ends on 2026-11-20.", "The strike ends on 2026-11-21."),
    ],
)
def test_different_facts_stay_apart(one: str, other: str) -> None:
    text = "".join(dreamed(of_tom(one, other)).values())
    assert one in text
    assert other in text


def test_what_two_accounts_say_stays_apart() -> None:
    past = [of_account("s1", "mia_li_3668", AISLE), of_account("s2", "omar_rossi_1241", AISLE)]
    store = dreamed(past)
    assert [line.rsplit(" ", 1)[1] for line in lines_with("14C", store)] == ["(s1)", "(s2)"]
    assert len([path for path in store if "14C" in store[path] and path != "/index.md"]) == 2


def test_what_nobody_is_known_to_have_said_is_not_folded() -> None:
    assert len(lines_with("14C", dreamed([session("s1", AISLE), session("s2", AISLE)]))) == 2
