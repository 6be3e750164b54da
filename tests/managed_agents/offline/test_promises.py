"""What every offline dream promises, whatever the sessions and the store hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks._quality import alike_pairs, missing_from_index, ungrounded
from benchmarks.dream_quality import NOW, dream
from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.lines import parse_line
from include.managed_agents.dreams.offline.specifics import find_specifics
from include.managed_agents.dreams.offline.text import clean, plain
from tests.managed_agents.offline.strategies import STORES, sessions

examples = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def facts_of(store: Mapping[str, str]) -> list[str]:
    """The lines that are facts of ours."""
    return [line for content in store.values() for line in content.split("\n") if parse_line(line)]


@examples
@given(sessions(), STORES)
def test_a_dream_over_its_own_output_changes_nothing(
    past: Sequence[Transcript], store: Mapping[str, str]
) -> None:
    once = dream(past, store)
    assert dream(past, once) == once


@examples
@given(sessions(), STORES, st.randoms())
def test_the_order_of_the_sessions_does_not_matter(
    past: Sequence[Transcript], store: Mapping[str, str], random: object
) -> None:
    assert dream(past, store, backwards=True) == dream(past, store)


@examples
@given(sessions(), STORES)
def test_every_specific_stood_in_an_input(past: Sequence[Transcript], store: Mapping[str, str]) -> None:
    assert ungrounded(dream(past, store), store, past) == []


@examples
@given(sessions(), STORES)
def test_no_two_lines_of_facts_are_alike(past: Sequence[Transcript], store: Mapping[str, str]) -> None:
    assert alike_pairs(facts_of(dream(past, store))) == []


@examples
@given(sessions(), STORES)
def test_the_index_leads_to_every_memory_and_limits_hold(
    past: Sequence[Transcript], store: Mapping[str, str]
) -> None:
    after = dream(past, store)
    assert missing_from_index(after) == []
    assert len(after) <= 2_000
    for path, content in after.items():
        assert len(content.encode()) <= 102_400
        assert path in store or all(c.isascii() and (c.isalnum() or c in "/-_.") for c in path)
        assert path in store or path.count("/") <= 2
        assert ".." not in path


@examples
@given(sessions(), sessions(), STORES)
def test_new_sessions_do_not_cost_old_facts_their_specifics(
    past: Sequence[Transcript], later: Sequence[Transcript], store: Mapping[str, str]
) -> None:
    once = dream(past, store)
    twice = dream(later, once)
    known = "\n".join(twice.values()).lower()
    for line in facts_of(once):
        for fact in parse_line(line):
            things = fact.wording.things
            assert all(thing in known for thing in things)


@examples
@given(STORES)
def test_cleaning_a_store_loses_no_specific(store: Mapping[str, str]) -> None:
    nothing_new = Transcript("s1", None, NOW, (Message("user", "Thank you so much!"),))
    after = clean("\n".join(dream([nothing_new], store).values())).lower()
    for path, content in store.items():
        if not path.startswith("/index"):
            for line in content.split("\n"):
                texts = [fact.text for fact in parse_line(line)] or [clean(line)]
                for specific in find_specifics("\n".join(texts)):
                    assert plain(specific.text).lower() in after


@pytest.mark.parametrize("mark", ["\x00", "\u202e", "\u200b", "\ufeff", "\x1b"])
def test_invisible_characters_do_not_reach_the_store(mark: str) -> None:
    text = f"Order{mark} LK-12345 is de{mark}layed until 2026-11-24."
    after = dream([Transcript("s1", f"ti{mark}tle", NOW, (Message("user", text),))], {})
    assert not any(mark in content for content in after.values())
    assert any("LK-12345" in content for content in after.values())
