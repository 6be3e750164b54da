"""What must be kept exactly is found where it stands, and is one thing however it is written."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core import specifics
from dreamflow.core.specifics import Kind, answers, is_words, keys_of, plain, specifics_of, words_of

ID, D, T, N, A = Kind.IDENTIFIER, Kind.DATE, Kind.TIME, Kind.NUMBER, Kind.AMOUNT


def found(text: str) -> list[tuple[Kind, str, str]]:
    return [(one.kind, one.key, text[one.start : one.end]) for one in specifics_of(text)]


@pytest.mark.parametrize(
    ("text", "kind", "key", "written"),
    [
        ("on May 20th,", D, "--05-20", "May 20th"),
        ("on may 20 then", D, "--05-20", "may 20"),
        ("due june 5", D, "--06-05", "june 5"),
        ("the 20th of May 2024", D, "2024-05-20", "20th of May 2024"),
        ('{"date":"2024-05-20"}', D, "2024-05-20", "2024-05-20"),
        ("it was 20/5/2024.", D, "2024-05-20", "20/5/2024"),
        ("May 2024", D, "2024-05", "May 2024"),
        ("for $1,200.00.", A, "$1200", "$1,200.00"),
        ("1200 dollars", A, "$1200", "1200 dollars"),
        ("USD 1,200", A, "$1200", "USD 1,200"),
        ("about 1.200,50 €", A, "€1200.5", "1.200,50 €"),
        ("$1.2 million", A, "$1200000", "$1.2 million"),
        ("20 percent", A, "%20", "20 percent"),
        ("at 6 PM.", T, "18:00", "6 PM"),
        ("12:30 a.m.", T, "00:30", "12:30 a.m."),
        ("+44 20 7946-0812", Kind.PHONE, "442079460812", "+44 20 7946-0812"),
        ("+1 212-555-0123", Kind.PHONE, "2125550123", "+1 212-555-0123"),
        ("**mia_li_3668's**", ID, "mia_li_3668", "mia_li_3668"),
        ("ticket #4821", ID, "4821", "#4821"),
        ("id=NO6JO3,", ID, "no6jo3", "NO6JO3"),
        (r"total\nHAT123\tok", ID, "hat123", "HAT123"),
        ("reservation MOLETI", ID, "moleti", "MOLETI"),
        ("version 3.3.2", ID, "3.3.2", "3.3.2"),
        ("in /srv/app/run.py", ID, "srv/app/run.py", "srv/app/run.py"),
        ("Mail a@b.example!", Kind.EMAIL, "a@b.example", "a@b.example"),
        ("(https://www.x.example/a?b=1)", Kind.LINK, "x.example/a?b=1", "https://www.x.example/a?b=1"),
        ("a 24-hour ride", N, "24", "24-hour"),
        ("then “I want it back.” was said", Kind.QUOTATION, "i want it back", "I want it back."),
        ("We met Tom Okafor's wife", Kind.NAME, "tom okafor", "Tom Okafor"),
        ("to Dr. Osei and", Kind.NAME, "osei", "Osei"),
        ("Ask Priya.", Kind.NAME, "priya", "Priya"),
    ],
)
def test_a_specific_has_one_key_and_stands_where_it_is_written(
    text: str, kind: Kind, key: str, written: str
) -> None:
    assert found(text) == [(kind, key, written)]


@pytest.mark.parametrize(
    "text",
    [
        "and/or/maybe",
        "see /people/tom.md",
        "1. First\n2) Then",
        "PLEASE CANCEL NOW, it is URGENT: PASSED",
        "[Tom](/people/0/tom.md)",
        "- [/notes/2026-11-04 the 3rd.md](/notes/2026-11-04%20the%203rd.md): minutes",
        "see /people/priya_raman.md",
        "# Refund Policy Of The House",
        "Refund Policy: none. Basic Economy is cheap. We fly to New York from Denver to Boston.",
        "by Friday, with Support, from May",
        'he said "no" and "oh well"',
        "I march on. I may go.",
        "the variable $ABCDE.²",
    ],
)
def test_words_and_headings_are_no_specifics(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize("text", ["id STRAẞE_1 here", "mail ßa1 İ_9's thing"])
def test_letters_that_grow_in_lower_case_move_no_place(text: str) -> None:
    assert {written for _, _, written in found(text)} <= {"STRAẞE_1", "ßa1", "İ_9"}


def test_what_stands_together_is_told_apart() -> None:
    assert [key for _, key, _ in found("10:15-11:45, 9-5pm, $100-$200, 2024-05-20T15:00:00Z")] == [
        "10:15", "11:45", "9", "17:00", "$100", "$200", "2024-05-20", "15:00",
    ]  # fmt: skip


def test_a_quotation_may_hold_specifics_of_its_own() -> None:
    assert [(kind, written) for kind, _, written in found('"pay $50 by Friday"')] == [
        (Kind.QUOTATION, "pay $50 by Friday"),
        (A, "$50"),
    ]


def test_a_date_with_its_year_also_says_the_day_and_the_month() -> None:
    assert keys_of("20 May 2024") == {"2024-05-20", "--05-20", "2024-05"}
    assert answers(specifics_of("May 20")[0]) == ("--05-20",)
    assert "--05-20" in words_of("Since 20 May 2024 in Rome")


def test_words_that_are_said_without_their_signs_are_found_in_plain_text() -> None:
    [quotation] = specifics_of("“Give me my money back”")
    assert is_words(quotation)
    assert quotation.key in plain("please GIVE me\nmy  money back!")
    [name] = specifics_of("Ask Priya.")
    assert name.key in plain("priya's the one").split()


WORDS = """
    May 20th 2024 $1,200.00 dollars 6 pm 18:00 +44 20 7946 0812 a@b.example https://x.example/a_b mia_li_3668 HKEGXX
    "he said so" “I am here” Tom Okafor Dr. #4821 2024-05-20T15:00 20% 5/8/2023 9-5pm [a](/b/c.md) 1. ( ) , . = €
"""
words = st.sampled_from(WORDS.split())
hostile = st.text(
    alphabet=st.sampled_from("0123456789aAmMpPyY@/_:.,-+$€#\"“” \n\t'\u2019TtQJ()[]Éß٣²İ\u202e"), max_size=60
)


@given(st.one_of(hostile, st.text(max_size=60), st.lists(words, max_size=14).map(" ".join)))
def test_specifics_stand_in_order_without_overlap_but_inside_quotations(text: str) -> None:
    told = specifics_of(text)
    assert told == sorted(told, key=lambda one: (one.start, -one.end))
    at = 0
    for one in told:
        assert 0 <= one.start < one.end <= len(text)
        assert one.key
        assert text[one.start : one.end] == text[one.start : one.end].strip()
        if one.kind is not Kind.QUOTATION:
            assert one.start >= at
            at = one.end


LEFT = (
    "", " ", "a", "9", "(", "](", "\"", ":", "a:", "5:", "5,", "a,", "\n", "\\n", "_", "/", "$", "$ ", "USD ", "eur\t",
    "june ", "Sept. ", "on may ", "2026-05-12T", "555 ", "1 (", "http://", "QX1", "*", "=", "x. ", "é", "+", "-",
)  # fmt: skip
USUAL = (
    "2026-05-12", "2026-13-12", "HAT123", "ABC-12_3", "A1", "12C", "12K", "4WQ150", "$12.50", "$5", "1,200", "12345",
    "7", "2024", "12.5", "10:30", "23:59:59", "24:30", "9:05pm", "5 pm", "mia_3668", "a1", "x_y", "a_",
    "g2@example.com", "a@@b.c", "m@b.c.d", "MOLETI", "May", "T5",
)  # fmt: skip
RIGHT = (
    "", " ", "\n", ".", ". ", ",", ", ", ",5", ":", ":5", ":30", "@", "@b.c", "'s ", "'@", "\u2019s", "-", "_", "/",
    "/a/b", "%", ")", ") ", "!", "?!", "\"", "]", "](", " k", " million", " percent", " €", "USD", " of May", "th May",
    " jun", " 5", " pm", "\xa0am", " p.m.", " 555-1234", " (555) 123-4567", "T15:00", ".5", "٣", "km",
)  # fmt: skip


def test_what_is_told_at_one_look_is_what_a_closer_look_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["".join(parts) for parts in product(LEFT, USUAL, RIGHT)]
    at_one_look = [specifics_of(text) for text in texts]
    monkeypatch.setattr(specifics, "_USUAL", {})
    monkeypatch.setattr(specifics, "_BEGUN", {})
    pairs = zip(texts, at_one_look, strict=True)
    assert [text for text, told in pairs if told != specifics_of(text)] == []


@given(st.lists(words, max_size=8).map(" ".join), st.lists(words, max_size=8).map(" ".join))
def test_lines_do_not_change_what_other_lines_say(one: str, other: str) -> None:
    """So a text may be looked at line by line."""
    by_line = [key for line in f"{one}\n{other}".split("\n") for key in keys_of(line)]
    assert keys_of(f"{one}\n{other}") == set(by_line)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_way_to_write_a_day_has_one_key(day: date) -> None:
    forms = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%dth of %b %Y", "%b. %d %Y", "%Y/%m/%d", "%d.%m.%Y")
    written = [day.strftime(form) for form in forms]
    assert {key for text in written for _, key, _ in found(f"on {text}, then")} == {day.isoformat()}


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_every_way_to_write_an_amount_has_one_key(whole: int, cents: int) -> None:
    forms = (f"${whole:,}.{cents:02d}", f"USD {whole}.{cents:02d}", f"{whole:,}.{cents:02d} dollars")
    assert len({key for text in forms for _, key, _ in found(f"paid {text}, then")}) == 1


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_way_to_write_a_time_has_one_key(hour: int, minute: int) -> None:
    half, short = "pm" if hour > 11 else "am", (hour - 1) % 12 + 1
    forms = (
        f"{hour}:{minute:02d}",
        f"{short}:{minute:02d} {half}",
        f"{short:02d}:{minute:02d}{half.upper()}",
    )
    assert {key for text in forms for _, key, _ in found(f"at {text}.")} == {f"{hour:02d}:{minute:02d}"}


@pytest.mark.parametrize(
    "piece",
    [
        "0-",
        "a_",
        "+1 ",
        "@a.",
        "://",
        "A",
        "A b ",
        '"a ',
        "1,",
        "/a",
        "Tom ",
        "“",
        "1:",
        "May ",
        " \n",
        "5%",
        "1am-",
        "a1",
        "é",
        "[/",
        "a1://",
        "A. ",
        "Mr ",
    ],
)
def test_a_long_hostile_text_is_read_in_linear_time(piece: str) -> None:
    """A quadratic pass over it would take minutes: the test's own time limit ends it."""
    specifics_of(piece * (100_000 // len(piece)))
