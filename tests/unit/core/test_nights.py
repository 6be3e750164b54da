"""The runs of one night: their ids, and what each hands to the next."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.nights import NightPart, following_run_id
from dreamflow.errors import StateError

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


class TestNightPart:
    """What a run hands to the next one of its night."""

    def test_a_run_that_nobody_triggered_for_a_night_begins_one(self) -> None:
        for conf in (None, {}, {"limit": 5}, {"dreamflow": "what somebody typed"}):
            assert NightPart.of("manual__1", conf) == NightPart("manual__1")

    @given(st.lists(st.text(max_size=20), max_size=3), st.none() | st.datetimes(timezones=st.just(UTC)))
    def test_it_comes_back_from_the_conf_of_the_next_run(
        self, words: list[str], until: datetime | None
    ) -> None:
        part = NightPart("manual__1", until, tuple(words))
        conf = json.loads(json.dumps(part.conf({"limit": 5}, "required")))
        assert NightPart.of("catch_up_1__manual__1", conf) == part

    def test_what_holds_for_the_night_is_passed_on_and_what_was_of_one_run_is_not(self) -> None:
        before = {
            "limit": 5,
            "model": "m",
            "instructions": "Be brief.",
            "dry_run": True,
            "new_dream": True,
            "theirs": 1,
        }
        passed = NightPart("manual__1").conf(before, "required")
        del passed["dreamflow"]
        assert passed == {"limit": 5, "model": "m", "instructions": "Be brief."}

    @pytest.mark.parametrize(
        ("of_the_run", "of_the_file", "passed"),
        [
            ("never", "required", None),
            ("never", "when_flagged", None),
            ("when_flagged", "required", None),
            ("required", "never", "required"),
            ("required", "when_flagged", "required"),
            ("when_flagged", "never", "when_flagged"),
            ("never", "never", None),
            ("what somebody typed", "never", None),
        ],
    )
    def test_a_looser_approval_is_one_runs_and_a_stricter_one_the_nights(
        self, of_the_run: str, of_the_file: str, passed: str | None
    ) -> None:
        conf = NightPart("manual__1").conf({"approval_mode": of_the_run}, of_the_file)
        assert conf.get("approval_mode") == passed

    def test_the_reviewers_words_stand_beside_the_standing_instructions(self) -> None:
        assert NightPart("n", words=("Fold.", "Sort.")).instructions("Be brief.") == (
            "Be brief.\n\nFold.\n\nSort."
        )
        assert NightPart("n", words=("Fold.",)).instructions(None) == "Fold."
        assert NightPart("n").instructions("Be brief.") == "Be brief."
        assert NightPart("n").instructions(None) is None


@pytest.mark.parametrize(
    "part",
    [{"until": "garbage"}, {"until": "2026-11-21T02:30:00"}, {"until": 5}, {"words": "abc"}],
    ids=["no moment", "no zone", "no text", "no list"],
)
def test_a_part_that_somebody_wrote_by_hand_is_refused_at_once_with_what_to_do(part: dict[str, Any]) -> None:
    with pytest.raises(StateError, match="trigger a run without it"):
        NightPart.of("manual__1", {"dreamflow": part})
