"""Repeats fold into one line; a later statement of the same fact takes the place of an earlier one."""

from __future__ import annotations

import pytest

from include.managed_agents.dreams.offline.fold import fold, in_order
from include.managed_agents.dreams.offline.lines import Fact


def said(text: str, day: int, who: str = "Priya", session: str = "") -> Fact:
    return Fact(text, f"2026-11-{day:02d} 09:00", who, (session or f"s{day}",))


def folded(*facts: Fact) -> list[Fact]:
    return [item.merged() for item in fold(in_order(facts))]


REPLACEMENTS = [
    (
        "The pickup cut-off for heavy parcels is 15:30 with them.",
        "The pickup cut-off for heavy parcels is 17:00 now.",
        "15:30",
    ),
    (
        "The default carrier is Nordfracht.",
        "We decided: the default carrier is BlueVan from Thursday on.",
        "Nordfracht",
    ),
    (
        "The webhook of Paylane is https://a.example.com/v1.",
        "The Paylane webhook is https://a.example.com/v2 now.",
        "https://a.example.com/v1",
    ),
    (
        "Orders can be returned until 2027-01-10.",
        "Correction: orders can be returned until 2027-01-15.",
        "2027-01-10",
    ),
    (
        "You may grant refunds up to £50 without asking me.",
        "From now on you may grant refunds up to £75 without asking me.",
        "£50",
    ),
    (
        "The stock sync runs at 02:15 every night.",
        "I'm moving it: the stock sync runs at 03:40 from tonight.",
        "02:15",
    ),
]


@pytest.mark.parametrize(("earlier", "later", "former"), REPLACEMENTS)
def test_the_later_statement_stands_and_names_the_former_value(earlier: str, later: str, former: str) -> None:
    [fact] = folded(said(earlier, 6), said(later, 9))
    assert fact.text == later
    assert fact.before == (("2026-11-06", former),)
    assert fact.sources == ("s6", "s9")


def test_of_three_values_the_latest_stands_and_both_others_are_named() -> None:
    texts = [f"The limit for refunds is {amount}." for amount in ("£25", "£50", "£75")]
    [fact] = folded(*(said(text, day) for day, text in enumerate(texts, 1)))
    assert fact.text == texts[2]
    assert [value for _, value in fact.before] == ["£25", "£50"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order LK-1 is £50.", "Order LK-2 is £75."),
        ("The refund of Anna was granted.", "The refund of Otto was granted."),
        ("Refunds are possible for opened software.", "Refunds are not possible for opened software."),
        ("I won a race last week [week of 2026-10-26].", "I won a race last week [week of 2026-11-02]."),
        ("The strike ends on 2026-11-20.", "The freeze ends on 2026-11-20."),
    ],
)
def test_different_facts_stay_apart(one: str, other: str) -> None:
    assert len(folded(said(one, 6), said(other, 9))) == 2


def test_near_copies_fold_into_the_latest_and_name_every_session() -> None:
    texts = (
        "Batch B-0926 of PB-2210 is quarantined until the lab report is in.",
        "Batch B-0926 of PB-2210 is quarantined until the report of the lab is in.",
        "The batch B-0926 of PB-2210 is quarantined until the lab report is in!",
    )
    [fact] = folded(*(said(text, day) for day, text in enumerate(texts, 1)))
    assert (fact.text, fact.sources) == (texts[2], ("s1", "s2", "s3"))


def test_what_two_customers_say_of_themselves_stays_apart() -> None:
    text = "I want a window seat on my flight."
    assert len(folded(said(text, 6, "mia_li_3668"), said(text, 9, "omar_rossi_1241"))) == 2


def test_a_rule_told_to_two_customers_is_one_fact() -> None:
    text = "Basic economy flights cannot be modified after booking."
    [fact] = folded(said(text, 6, "to mia_li_3668"), said(text, 9, "to omar_rossi_1241"))
    assert fact.sources == ("s6", "s9")


def test_one_customers_figures_never_replace_anothers() -> None:
    facts = [
        said("The total cost for the flights is $255.", 6, "to mia_li_3668"),
        said("The total cost for the flights is $305.", 9, "to omar_9"),
    ]
    assert len(folded(*facts)) == 2


def test_of_two_undated_notes_neither_replaces_the_other() -> None:
    notes = [
        Fact(f"The limit for refunds is {amount}.", "", "note", (f"/{amount}",)) for amount in ("£25", "£50")
    ]
    assert len(folded(*notes)) == 2


def test_folding_what_was_folded_changes_nothing() -> None:
    facts = [said(f"The limit for refunds is £{25 * day}.", day) for day in range(1, 9)]
    once = folded(*facts)
    assert folded(*once, *facts) == once
