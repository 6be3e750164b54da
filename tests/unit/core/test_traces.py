"""No line is passed over that says what is looked for, however it is written, and whatever stands around it."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.core.grounding import said_keys
from dreamflow.core.skimming import Skimmed
from dreamflow.core.specifics import Kind, date_words, specifics_of
from dreamflow.core.traces import Traces
from dreamflow.core.words import search_words

#: How people write what is looked for, and what glues it to what is not.
PIECES = (
    "12", "1,200", "1.200,50", "$1,200.00", "$1.2k", "$5k", "5 million dollars", "USD 1,200", "€", "$", "£5", "20%",
    "percent", "50 cents", "JPY 500", "US$5", "5$", "k", "bn",
    "May", "May 8", "8th of May", "june 5", "on may 5", "2023",
    "2023-05-08", "5/8/2023", "08.05.23", "2024-05-20T15:00:10Z", "18:00", "6 pm", "6pm", "6:30 p.m.", "24:00", "am",
    "+49 30 123 45 6", "415-555-1234", "1-415-555-1234", "0301 234 5678", "12345678901", "HKEGXX", "reservation",
    "abc123", "abc_def", "/etc/a.b", "mia@example.com", "https://www.Example.com/a?b=1", "ftp://x.y/1", "@mia",
    "#123", "“give me my money”", '"Give Me 50 dollars now"', "Mia Li", "Dr. Straße", "ask Priya", "ﬁn1", "\\n",
    "İx1", "٣", "²", "\u2019s", "1/2", "10:30-11", "5-10%", "15kg", "v1.2.3", "007", "[/a/b 1](/a/b.md)", "](", ".",
    ",", ":", "-", "\u2013", " ", "x" * 400,
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(("", " ", " ", "\n"))), max_size=14))
@example([("$5", ""), ("abc123", "")])
@example([("\\n", ""), ("abc123", "")])
def test_every_line_that_says_it_has_a_trace_of_it(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + end for piece, end in pieces)
    skimmed, says = Skimmed(text), defaultdict[str, set[int]](set)
    for specific in specifics_of(text):
        more = date_words(specific.key) if specific.kind is Kind.DATE else ()
        for key in (*said_keys(specific, "tool"), *more):
            says[key].add(text.count("\n", 0, specific.start))
    for key, lines in says.items():
        assert lines <= {*Traces([key]).lines(skimmed)}, key
    for number, line in enumerate(skimmed.lines):
        for word in search_words(line):
            assert number in Traces((), [word]).lines(skimmed), word


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(("", " ", "\n"))), max_size=14))
def test_lines_say_by_themselves_what_they_say_among_others(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + end for piece, end in pieces)
    lines = range(text.count("\n") + 1)
    by_line = [(line, one) for line in lines for one in Skimmed(text).specifics(line)]
    assert [(line, one) for line, all_ in Skimmed(text).read(lines) for one in all_] == by_line
    starts = Skimmed(text).starts
    assert specifics_of(text) == [
        one._replace(start=one.start + starts[line], end=one.end + starts[line]) for line, one in by_line
    ]


@pytest.mark.parametrize("key", ["qx10191", "$48.50", "2026-05-08", "mia@example.com", "01:00", "mia li"])
def test_lines_without_a_trace_are_passed_over(key: str) -> None:
    text = (
        "Nothing of the kind, 7 times\n- 2026-06-09: QX1019 at 1 pm for $47.05, may be\nMia called Lia\n" * 50
    )
    traces = Traces([key])
    assert traces.lines(Skimmed(text)) in ([], [*range(2, 151, 3)])  # "Mia" is a trace of "Mia Li"
    traces.drop([key])
    assert traces.lines(Skimmed(f"{text}{key}")) == []


def test_a_text_of_one_run_is_looked_through_quickly() -> None:
    for piece in ("1.", "1,", "5/", "1:", "$1", "9", "a1", "$1a", "٣", "+1 "):
        assert Traces(["12", "a1", "2026-05-08"], ["1.1"]).lines(Skimmed(piece * 30_000)) in ([], [0])
