"""Ids of the runs that follow a run."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.nights import following_run_id

#: What Airflow allows in a run id.
RUN_IDS = st.from_regex(r"\A[A-Za-z0-9_.~:+-]{1,250}\Z")


@given(RUN_IDS, st.sampled_from(["catch_up", "again"]))
def test_a_retry_triggers_the_same_run(run_id: str, prefix: str) -> None:
    assert following_run_id(prefix, run_id) == following_run_id(prefix, run_id)


@given(RUN_IDS, st.lists(st.sampled_from(["catch_up", "again"]), min_size=1, max_size=60))
def test_a_chain_of_any_length_never_meets_itself_and_stays_within_what_airflow_holds(
    run_id: str, prefixes: list[str]
) -> None:
    chain = [run_id]
    for prefix in prefixes:
        chain.append(following_run_id(prefix, chain[-1]))
    assert len(set(chain)) == len(chain)
    assert all(re.fullmatch(r"[A-Za-z0-9_.~:+-]{1,250}", followed) for followed in chain)


@given(RUN_IDS, RUN_IDS, st.sampled_from(["catch_up", "again"]))
def test_two_runs_never_trigger_the_same_one(one: str, other: str, prefix: str) -> None:
    assert (following_run_id(prefix, one) == following_run_id(prefix, other)) == (one == other)


def test_it_says_which_run_it_follows_and_how_far() -> None:
    first = following_run_id("catch_up", "scheduled__2026-11-21T02:30:00+00:00")
    assert first == "catch_up_1__scheduled__2026-11-21T02:30:00+00:00"
    assert following_run_id("catch_up", first) == "catch_up_2__scheduled__2026-11-21T02:30:00+00:00"
