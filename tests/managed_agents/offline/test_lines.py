"""A fact is one line, and can be read back from it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.managed_agents.dreams.offline.lines import (
    MAX_SOURCES,
    Fact,
    merge_also,
    merge_before,
    merge_sources,
    pack,
    parse_line,
    render_line,
    speaker,
    statement,
)
from include.managed_agents.dreams.offline.text import clean, plain

WORDS = (
    st.text(min_size=1, max_size=80).map(lambda t: statement(plain(clean(t).replace("\n", " ")))).filter(bool)
)
NAMES = st.text(min_size=1, max_size=30).map(lambda t: speaker(plain(clean(t)))).filter(bool)
FACTS = st.builds(
    Fact,
    text=WORDS,
    said=st.sampled_from(["", "2026-11-09", "2026-11-09 09:05"]),
    who=NAMES,
    sources=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6).map(merge_sources),
    also=st.lists(st.text(max_size=20), max_size=3).map(merge_also),
    before=st.lists(
        st.tuples(st.sampled_from(["", "2026-11-01"]), WORDS.filter(lambda t: not t[0].isdigit())), max_size=4
    ).map(merge_before),
)


def test_a_line_tells_when_who_what_and_where() -> None:
    fact = Fact(
        "The cut-off is 15:30.", "2026-11-09 09:05", "Marek", ("s1", "s2"), before=(("2026-11-06", "16:00"),)
    )
    assert render_line([fact]) == (
        "- 2026-11-09 09:05 Marek: The cut-off is 15:30. (s1, s2; before: 2026-11-06 16:00)"
    )


def test_statements_of_one_speaker_in_one_minute_share_a_line() -> None:
    facts = [
        Fact(text, "2026-11-09 09:05", "Marek", ("s1",), place=n)
        for n, text in enumerate(("A first.", "A second."))
    ]
    [group] = pack(facts)
    assert render_line(group) == "- 2026-11-09 09:05 Marek: A first. / A second. (s1)"


@given(FACTS)
def test_what_was_written_is_read_back(fact: Fact) -> None:
    line = render_line([fact])
    assert "\n" not in line
    assert parse_line(line) == [fact]


@given(st.lists(FACTS, max_size=8))
def test_packing_loses_no_fact(facts: list[Fact]) -> None:
    read = [fact for group in pack(facts) for fact in parse_line(render_line(group))]
    assert sorted(map(repr, {(f.text, f.who, f.sources) for f in read})) == sorted(
        map(repr, {(f.text, f.who, f.sources) for f in facts})
    )


def test_other_lines_are_not_taken_for_facts() -> None:
    for line in (
        "- a plain item",
        "- 2026-11-09 no speaker (s1)",
        "",
        "# Title",
        "- 2026-11-09 09:05 Tom: no source",
    ):
        assert parse_line(line) == []


@given(st.lists(st.text(min_size=1, max_size=5)), st.lists(st.text(min_size=1, max_size=5)))
def test_sources_are_bounded_and_merging_again_changes_nothing(some: list[str], more: list[str]) -> None:
    once = merge_sources([*some, *more])
    assert len(once) <= MAX_SOURCES
    assert merge_sources([*once, *more]) == once
    assert merge_sources([*once, *some]) == once
