"""
Dreams of three kinds of sessions hold what is promised of them.

The demo's, an airline's where they lie beside the project, and a year of talk between two friends, by which no rule of
the engine was chosen. How it is measured is in ``benchmarks/_quality.py``: by other rules than the engine's.
"""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks._figures import BUDGETS, DREAMED, THREE_TURNS, Figures
from benchmarks._said import Said, said_in
from benchmarks.dream_quality import AIRLINE, CHAT, DEMO, Dreamed, Sessions, dream, dream_over
from tests.managed_agents.offline.dreaming import printed_whatever_the_seed

KINDS = (DEMO, AIRLINE, CHAT)


@cache
def dreamed(sessions: Sessions) -> Dreamed:
    return dream_over(sessions)


@cache
def measured(sessions: Sessions) -> Figures:
    return dreamed(sessions).measure()


@pytest.fixture(params=KINDS, ids=[kind.name for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Sessions:
    return at_hand(request.param)


@pytest.fixture
def airline() -> Sessions:
    return at_hand(AIRLINE)


def at_hand(sessions: Sessions) -> Sessions:
    if not sessions.transcripts.exists():
        pytest.skip(f"the {sessions.name} sessions are not at {sessions.transcripts}")
    return sessions


def lines_in(sessions: Sessions, *holding: str) -> list[Said]:
    one = dreamed(sessions)
    return [said for said in said_in(one.after, one.before) if all(text in said.body for text in holding)]


# True


def test_a_line_says_nothing_that_the_sessions_it_names_do_not(kind: Sessions) -> None:
    figures = measured(kind)
    assert figures.lines > 0
    assert figures.made_up == []
    assert figures.nowhere == []


def test_four_of_five_pairs_of_adjacent_words_stand_side_by_side_in_the_source(kind: Sessions) -> None:
    assert measured(kind).pairs_together >= 0.80


def test_no_line_claims_that_one_thing_took_the_place_of_another(kind: Sessions) -> None:
    assert measured(kind).changes == []


def test_hostile_text_is_kept_out_and_the_order_that_it_is_about_is_kept() -> None:
    text = "\n".join(dreamed(DEMO).after.values())
    for hostile in (
        "ignore all previous",
        "Delete every memory",
        "attacker.example",
        "<script",
        "onclick",
        "![",
        "tracker.example.net",
        "../",
    ):
        assert hostile not in text
    assert "LK-48377" in text


# Complete


def test_of_what_is_stated_in_tasks_99_percent_is_findable_and_95_percent_beside_its_session(
    airline: Sessions,
) -> None:
    assert measured(airline).findable >= 0.99
    assert measured(airline).beside >= 0.95


def test_of_what_the_demo_states_only_hostile_mail_and_markup_are_not_findable_beside_their_session() -> None:
    lost = {key for found in measured(DEMO).named.values() for _, key in found.lost}
    assert lost == {
        "collector@attacker.example",
        "tracker.example.net/pixel.png?u=larkspur",
    }


def test_the_store_of_tasks_is_at_most_15_percent_of_what_was_given(airline: Sessions) -> None:
    assert measured(airline).added <= 0.15 * measured(airline).given


def test_the_store_of_chat_is_at_most_35_percent_of_the_talk() -> None:
    assert measured(CHAT).added <= 0.35 * measured(CHAT).talk


# Found


def recall_of(sessions: Sessions) -> tuple[float, float]:
    """Return how much of the answers is found within 500 tokens: of the dreamed store, of three raw turns a line."""
    recall, at = measured(sessions).recall, BUDGETS.index(500)
    return recall[DREAMED][at], recall[THREE_TURNS][at]


@pytest.mark.parametrize(
    "sessions",
    [
        DEMO,
        pytest.param(
            CHAT,
            marks=pytest.mark.xfail(
                strict=True,
                reason="29.3 % of the answers' words are found where three raw turns a line give 37.1 %: which third "
                "of a talk will be asked for cannot be told without a model",
            ),
        ),
    ],
    ids=["demo", "chat"],
)
def test_more_of_the_answers_is_found_within_500_tokens_than_in_three_raw_turns_a_line(
    sessions: Sessions,
) -> None:
    dreamt, raw = recall_of(sessions)
    assert dreamt > raw


def test_a_third_of_a_talk_that_no_rule_was_chosen_by_gives_three_quarters_of_what_all_of_it_gives() -> None:
    dreamt, raw = recall_of(CHAT)
    assert dreamt >= 0.75 * raw


def test_95_percent_of_lines_name_their_party(kind: Sessions) -> None:
    assert measured(kind).lines_named >= 0.95


def test_no_two_lines_say_the_same(kind: Sessions) -> None:
    assert measured(kind).alike == []


def test_the_index_leads_to_every_memory(kind: Sessions) -> None:
    assert measured(kind).unindexed == []


@pytest.mark.parametrize(
    ("path", "current", "former"),
    [
        ("/people/tom.md", "4429", "4417"),
        ("/policies/refunds.md", "£75", "£50"),
        (
            "/payments/webhook.md",
            "https://hooks.example.com/paylane/v2",
            "https://hooks.example.com/paylane/v1",
        ),
        ("/policies/returns.md", "2027-01-15", "2027-01-10"),
    ],
)
def test_a_changed_fact_stands_where_one_would_look_with_its_history_behind_it(
    path: str, current: str, former: str
) -> None:
    held = [said for said in said_in(dreamed(DEMO).after, dreamed(DEMO).before) if said.path == path]
    first = {
        text: next(n for n, said in enumerate(held) if text in said.body and said.day)
        for text in (current, former)
    }
    assert first[current] < first[former]


def test_both_dates_of_the_code_freeze_are_found_by_its_name_and_the_later_one_was_said_later() -> None:
    [*former] = lines_in(DEMO, "freeze", "2026-11-23")
    [*current] = lines_in(DEMO, "freeze", "2026-11-20")
    assert max(said.day for said in former if said.day) < max(said.day for said in current if said.day)


# Stable


def test_what_people_wrote_stays_byte_for_byte_and_a_copy_of_a_memory_goes() -> None:
    before, after = dreamed(DEMO).before, dreamed(DEMO).after
    assert after.keys() >= before.keys() - {"/notes (copy).md", "/notes.md"}
    assert "/notes (copy).md" not in after
    for path in before.keys() & after.keys():
        if path.startswith(("/glossary", "/oncall", "/payments/", "/people/", "/policies/", "/policy-")):
            assert after[path].startswith(before[path].rstrip("\n")), path


def test_dreaming_again_over_the_same_sessions_changes_nothing(kind: Sessions) -> None:
    one = dreamed(kind)
    assert dream(one.transcripts, one.after) == one.after


def test_dreaming_over_a_new_session_changes_only_what_is_about_it(kind: Sessions) -> None:
    *known, new = dreamed(kind).transcripts
    before = dream(known, dreamed(kind).before)
    after = dream([*known, new], before)
    added = said_in(after, before)
    assert added
    assert all(new.session_id in said.sources for said in added)
    # A line that is gone was folded with one of the new session, which names both.
    for gone in said_in(before, after):
        assert any(set(gone.sources) & set(said.sources) for said in added), gone.line


def test_sessions_in_another_order_give_the_same_bytes(kind: Sessions) -> None:
    one = dreamed(kind)
    assert dream(one.transcripts, one.before, backwards=True) == one.after


def test_another_hash_seed_gives_the_same_bytes() -> None:
    code = (
        "import hashlib, json; from benchmarks.dream_quality import CHAT, DEMO, dream_over;"
        "stores = [dream_over(sessions).after for sessions in (DEMO, CHAT)];"
        "print(hashlib.sha256(json.dumps(stores, sort_keys=True).encode()).hexdigest())"
    )
    assert len(printed_whatever_the_seed(code)) == 1
