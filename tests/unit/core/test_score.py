"""The score says how much of what was said and held a search still finds, whatever the order of the stores."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.alike import alike_pairs
from dreamflow.core.checks.check import CheckSettings, Examined
from dreamflow.core.checks.recall import Recall
from dreamflow.core.checks.run import run_checks
from dreamflow.core.evidence import SaidBuilder
from dreamflow.core.objects import Listing, MemoryEntry
from dreamflow.core.reckoning import Reckoning, Spoken
from dreamflow.core.review import Finding, Score
from dreamflow.core.sampling import sampled_events
from dreamflow.core.score import SAMPLE, Measures, Probe, Sample, sampled_paths
from dreamflow.core.searching import Lines, Ranking

TALK = (
    "My booking is HKEGXX and I want the aisle seat.",
    "The refund of $1,200.00 goes to the credit card.",
    "The wedding of my sister is on 20 May 2024 in Rome.",
)
KEPT = {
    "/a.md": "# Bookings\n- Aisle seat wanted for booking HKEGXX\n",
    "/b.md": "Refund to the credit card: 1200 dollars\nHer sister's wedding in Rome: May 20\n",
}


def sample(texts: tuple[str, ...], size: int = SAMPLE) -> tuple[Probe, ...]:
    drawn = Sample(size=size)
    for text in texts:
        drawn.add(text)
    return drawn.probes()


def measured(
    before: Mapping[str, str], after: Mapping[str, str], talk: tuple[str, ...] = TALK, size: int = 0
) -> Score:
    measures = Measures(sample(talk), sample(tuple(before.values())), size)
    measures.foresee(KEPT.values())
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) == after.get(path):
            measures.add(before[path], before=True, after=True)
            continue
        for texts, side in ((before, "before"), (after, "after")):
            if path in texts:
                measures.add(texts[path], before=side == "before", after=side == "after")
    return measures.score()


def test_what_the_sessions_state_is_found_however_it_is_written_or_not_at_all() -> None:
    score = measured({}, KEPT)
    assert score.sessions_asked == 3
    assert score.sessions_found == (
        0.0,
        2 / 3,
    )  # a day without the year is not all that was said
    assert score.input_found == (None, None)
    assert score.bytes == (0, sum(len(text.encode()) for text in KEPT.values()))


def test_a_specific_that_changed_or_went_is_found_no_more() -> None:
    spoilt = {"/a.md": KEPT["/a.md"].replace("HKEGXX", "HKEGXY"), "/b.md": KEPT["/b.md"]}
    assert measured(KEPT, KEPT).input_found == (1.0, 1.0)
    assert measured(KEPT, spoilt).input_found == (1.0, 2 / 3)
    assert measured(KEPT, {}).input_found == (1.0, 0.0)


def test_what_stands_beyond_500_tokens_of_better_lines_is_not_found() -> None:
    talk = (TALK[0],)
    crowd = "".join(f"- Aisle seat wanted for the booking of somebody, number {n}\n" for n in range(60))
    buried = "aisle seat " + "and so on and on " * 200 + "booking HKEGXX"
    assert measured({}, {"/a.md": "HKEGXX seat\n" + crowd}, talk).sessions_found[1] == 0
    assert measured({}, {"/a.md": buried}, talk).sessions_found[1] == 0
    assert measured({}, {"/a.md": crowd, "/b.md": KEPT["/a.md"]}, talk).sessions_found[1] == 1


@given(st.randoms(use_true_random=False))
def test_order_and_files_do_not_move_the_score(order: random.Random) -> None:
    lines = [line for text in KEPT.values() for line in text.splitlines()]
    order.shuffle(lines)
    moved = {"/x.md": "\n".join(lines[:2]), "/y.md": "\n".join(lines[2:])}
    before, after = measured(KEPT, moved).input_found
    assert before == after


def test_lines_that_are_passed_over_in_a_large_store_do_not_move_what_is_found() -> None:
    crowd = {
        f"/{n}.md": "".join(f"- Order {100 * n + i} of {i} May was late, as always\n" for i in range(1, 29))
        for n in range(40)
    }
    before = {**KEPT, **crowd}
    after = {**before, "/a.md": KEPT["/a.md"].replace("HKEGXX", "HKEGXY")}
    del after["/7.md"]
    talk = (*TALK, "The order 1205 of 5 May is late", "It is always late, order 99999")
    small, large = (measured(before, after, talk, size) for size in (0, 20_000_000))
    assert small.sessions_found[0] not in (0, 1)
    assert (large.sessions_found, large.input_found) == (small.sessions_found, small.input_found)
    assert large.bytes == small.bytes


def test_a_word_of_most_lines_of_a_very_large_store_is_looked_for_no_more() -> None:
    crowd = {f"/{n}.md": f"Aisle seat wanted, and the window {n}\n" * 50 for n in range(40)}
    measures = Measures(sample(TALK), (), 200_000_000)
    measures.foresee(crowd.values())
    for text in crowd.values():
        measures.add(text, before=True, after=True)
    measures.add("The aisle seat is for HKEGXX", before=True, after=True)
    assert measures.score().sessions_found == (0, 0)


def test_a_sample_is_the_same_in_whatever_order_it_was_drawn_and_of_its_size() -> None:
    texts = tuple(f"The order number {10_000 + n} is late again." for n in range(50))
    drawn = sample(texts, 10)
    assert len(drawn) == 10
    assert sample(texts[::-1], 10) == drawn
    again = Sample(drawn, size=10)
    for text in texts:
        again.add(text)
    assert again.probes() == drawn


def test_no_sample_has_a_secret_that_lines_far_above_give_away() -> None:
    rows = "".join(f"| service{n} | user{n}@acme.example | Blue{n}-Fish{n * 37} |\n" for n in range(20))
    sample = Sample()
    sample.add(
        f"| Service | User | Password |\n|---|---|---|\n{rows}\nThe storage team has order LK-48190.\n"
    )
    assert [probe.key for probe in sample.probes()] == ["lk-48190"]


@pytest.mark.parametrize(
    "piece", ["$1,", "0x41 ", "A-1,", "$1, $2, ", "the password is Blue1Fish7 LK-48190\n"]
)
def test_a_text_that_says_the_same_again_and_again_holds_no_sample_up(piece: str) -> None:
    """What looks at 600 characters for each three would take minutes."""
    sample = Sample()
    sample.add(piece * (100_000 // len(piece)))
    assert len(sample.probes()) < 5


def test_a_sample_is_drawn_from_some_memories_where_there_are_many() -> None:
    def listing(size: int) -> Listing:
        return {f"/{n}.md": MemoryEntry("mem_1", "00", "memver_1", size) for n in range(500)}

    assert len(sampled_paths(listing(1_000))) == 500
    assert len(sampled_paths(listing(100_000))) == 160


def test_a_sample_is_drawn_from_some_of_what_is_said_where_sessions_are_long() -> None:
    """A dream reads up to 100 sessions, and a session may have megabytes."""

    def drawn(size: int, sessions: int = 100) -> AbstractSet[str]:
        return sampled_events({f"sevt_{number}": size for number in range(100)}, sessions)

    assert len(drawn(1_000)) == 100
    assert len(drawn(10_000)) == 16
    assert drawn(10_000) == drawn(9_999)
    assert len(drawn(10_000_000)) == 1
    assert len(drawn(10_000, 1)) == 100


@given(st.integers(0, 10**6))
def test_one_long_paste_takes_no_session_out_of_the_sample(number: int) -> None:
    sizes = {f"sevt_{n}": 100 for n in range(200)}
    assert len(sampled_events(sizes | {f"sevt_paste_{number}": 195_000}, 100)) >= 200


def test_what_a_long_session_states_is_asked_for_in_full() -> None:
    """400 specifics are, however much is said beside them."""
    lines = [f"The order of guest {number} is LK-{number}\n" for number in range(10_000, 40_000)]
    events = [
        Spoken(f"sevt_{at}", "user", None, "".join(lines[at : at + 500])) for at in range(0, 30_000, 500)
    ]
    reckoning = Reckoning((), sessions=100)
    reckoning.hear("sesn_1", events)
    assert sum(len(event.text) for event in events) > 1_000_000
    assert len(reckoning.probes()) == SAMPLE


def test_lines_that_say_nearly_the_same_are_counted_unless_a_number_differs() -> None:
    line = "We flew to Rome with my mother, my two sisters and a very old dog, and paid 1200 there"
    alike = {
        "/a.md": f"{line}\n",
        "/b.md": f"{line}.\n# Out of all the sessions\n# Out of all the sessions\n",
    }
    apart = {"/a.md": f"{line}\n{line.replace('1200', '1300')}\n"}
    assert measured(alike, apart).alike == (1, 0)


@given(st.lists(st.frozensets(st.integers(0, 12), min_size=1, max_size=12), max_size=25))
def test_no_pair_of_lines_that_are_alike_is_missed(lines: list[frozenset[int]]) -> None:
    every = {
        (i, j)
        for j, one in enumerate(lines)
        for i, other in enumerate(lines[:j])
        if len(one & other) / len(one | other) >= 0.9
    }
    assert {(i, j) for _, i, j in alike_pairs([(words, None) for words in lines])} == every


def test_a_search_ranks_rare_words_first_and_reads_no_more_than_its_tokens() -> None:
    lines = Lines(["the cat sat", "a dog sat on the cat", "a cat and a bird", "", "the dog"])
    assert lines.lines[lines.ranked("bird cat")[0]] == "a cat and a bird"
    assert lines.words_within(lines.ranked("bird"), 2) == {"cat"}


def test_a_search_over_very_many_lines_looks_at_few_of_them() -> None:
    ranking = Ranking()
    for n in range(40_000):
        ranking.add({"everywhere": 1, f"word{n % 10_000}": 1}, 2)
    assert [*ranking.best(["everywhere", "word7"])] == [7, 10_007, 20_007, 30_007]


def found_by_recall(score: Score) -> tuple[Finding, ...]:
    examined = Examined({}, {}, (), CheckSettings(), SaidBuilder(()).said(), score=score)
    return run_checks([Recall], examined, ())


def findings(score: Score) -> Iterator[str]:
    yield from (finding.message for finding in found_by_recall(score))


def test_a_score_that_fell_is_a_finding_with_both_figures() -> None:
    [message] = findings(Score(input_found=(0.92, 0.81), input_asked=400))
    assert "81%" in message
    assert "92%" in message
    assert "400" in message


@pytest.mark.parametrize(
    "score",
    [
        Score(),
        Score(input_found=(0.92, 0.90), input_asked=400),
        Score(input_found=(0.90, 0.98), sessions_found=(0.2, 0.9), input_asked=400, sessions_asked=400),
        Score(input_found=(1.0, 0.8), input_asked=20),
        Score(sessions_found=(None, 0.5), sessions_asked=400),
        Score(input_found=(1.0, 0.5), input_asked=4),
        Score(input_found=(0.5, 0.0), input_asked=2),
    ],
)
def test_a_score_that_rose_or_fell_by_chance_is_none(score: Score) -> None:
    assert not list(findings(score))


@pytest.mark.parametrize(
    "score",
    [
        Score(input_found=(1.0, 0.0), input_asked=5),
        Score(input_found=(1.0, 1 / 3), input_asked=3),
        Score(sessions_found=(0.8, 0.3), sessions_asked=10),
    ],
)
def test_a_small_store_that_lost_more_than_half_of_what_was_found_is_a_finding(score: Score) -> None:
    assert len(list(findings(score))) == 1


def test_a_tick_for_a_small_fall_is_none_for_a_large_one() -> None:
    small, same, large = (
        found_by_recall(Score(input_found=(0.98, after), input_asked=400)) for after in (0.94, 0.941, 0.1)
    )
    assert small[0].id == same[0].id
    assert small[0].id != large[0].id
