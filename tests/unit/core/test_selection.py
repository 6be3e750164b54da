"""Which sessions are dreamed: the rules, one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.objects import Dream, Session
from dreamflow.core.selection import (
    Selection,
    covered_through,
    select_sessions,
    sessions_to_set_aside,
)
from tests.unit.support import NOON, at, dream, session


def chosen_from(sessions: list[Session], **more: Any) -> Selection:
    """Select from what was listed long after it had changed."""
    known: dict[str, Any] = {"since": None, "covered": {}, "limit": 9, "listed_from": at(1000)}
    return select_sessions(sessions, **{**known, **more})


def ids(sessions: Iterable[Session]) -> list[str]:
    return [session.id for session in sessions]


class TestSelection:
    @given(
        st.lists(
            st.tuples(st.integers(0, 9), st.sampled_from(["idle", "running", "rescheduling", "terminated"])),
            max_size=12,
        ),
        st.integers(1, 5),
    )
    def test_every_session_that_qualifies_is_dreamed_now_or_named_for_later(
        self, listed: list[tuple[int, str]], limit: int
    ) -> None:
        sessions = [
            session(f"sesn_{i}", status=status, updated=updated) for i, (updated, status) in enumerate(listed)
        ]
        chosen = chosen_from(sessions, limit=limit)
        parts = [*chosen.session_ids, *ids(chosen.left), *ids(chosen.running)]
        assert sorted(parts) == sorted(s.id for s in sessions)
        assert len(chosen.session_ids) <= limit
        assert not chosen.left or len(chosen.session_ids) == limit

    @given(st.permutations(range(8)), st.integers(1, 8))
    def test_the_oldest_come_first_in_whatever_order_they_are_listed(
        self, order: list[int], limit: int
    ) -> None:
        sessions = [session(f"sesn_{i}", updated=i) for i in order]
        chosen = chosen_from(sessions, limit=limit)
        assert [*chosen.session_ids, *ids(chosen.left)] == [f"sesn_{i}" for i in range(8)]

    def test_a_session_that_dreams_ran_is_neither_chosen_nor_waited_for(self) -> None:
        chosen = chosen_from(
            [session("sesn_dream", status="running", updated=1), session("sesn_good", updated=3)],
            excluded={"sesn_dream"},
        )
        assert (chosen.session_ids, chosen.running, chosen.through) == (("sesn_good",), (), at(3))

    def test_a_session_that_was_set_aside_stays_outstanding_and_comes_back_when_the_limit_is_raised(
        self,
    ) -> None:
        bad, good = session("sesn_bad", updated=2), session("sesn_good", updated=3)
        chosen = chosen_from([bad, good], set_aside={"sesn_bad"})
        assert (chosen.session_ids, ids(chosen.set_aside)) == (("sesn_good",), ["sesn_bad"])
        assert chosen.through is not None
        assert chosen.through < at(2)
        later = chosen_from([bad, good], since=chosen.through, covered={"sesn_good": at(4)})
        assert later.session_ids == ("sesn_bad",)

    def test_a_catch_up_takes_what_was_left_and_none_that_came_since(self) -> None:
        first = chosen_from([session(f"sesn_{i}", updated=i) for i in range(4)], limit=2)
        assert first.left_until == at(3)
        listed = [session(f"sesn_{i}", updated=i) for i in range(6)]
        read = dict.fromkeys(first.session_ids, at(4))
        caught_up = chosen_from(listed, since=first.through, covered=read, until=first.left_until)
        assert caught_up.session_ids == ("sesn_2", "sesn_3")
        assert ids(caught_up.later) == ["sesn_4", "sesn_5"]
        assert caught_up.through is not None
        assert at(3) <= caught_up.through < at(4)
        assert (caught_up.left, caught_up.left_until) == ((), None)

    def test_it_counts_what_was_read_and_has_not_changed_since(self) -> None:
        listed = [session(f"sesn_{i}", updated=i) for i in range(4)]
        chosen = chosen_from(listed, since=at(1), covered={"sesn_2": at(2)})
        assert (chosen.dreamed, chosen.session_ids) == (3, ("sesn_3",))

    def test_sessions_that_wait_and_will_be_too_old_by_then_are_named(self) -> None:
        listed = [
            session("sesn_now", updated=1),
            session("sesn_left", updated=2),
            session("sesn_bad", updated=3),
            session("sesn_busy", status="running", updated=4),
        ]
        chosen = chosen_from(listed, limit=1, set_aside={"sesn_bad"})
        created = listed[0].created_at
        assert chosen.aging_out(created) == []
        assert sorted(chosen.aging_out(created + timedelta(minutes=1))) == [
            "sesn_bad",
            "sesn_busy",
            "sesn_left",
        ]

    def test_an_archived_session_is_dreamed_like_any_other(self) -> None:
        chosen = chosen_from([session(archived=True)], limit=1)
        assert chosen.session_ids == ("sesn_1",)

    @pytest.mark.parametrize("status", ["running", "rescheduling"])
    def test_a_session_at_work_comes_when_it_has_finished(self, status: str) -> None:
        busy = session("sesn_busy", status=status, updated=1)
        first = chosen_from([busy, session("sesn_2", updated=5)], limit=9)
        assert (first.session_ids, ids(first.running)) == (("sesn_2",), ["sesn_busy"])
        done = session("sesn_busy", updated=6)
        later = chosen_from(
            [done, session("sesn_2", updated=5)], since=first.through, covered={"sesn_2": at(5)}, limit=9
        )
        assert later.session_ids == ("sesn_busy",)

    def test_where_nothing_qualifies_nothing_is_chosen_and_coverage_stays(self) -> None:
        assert chosen_from([], since=at(7)) == Selection((), (), (), (), (), 0, at(7))
        assert chosen_from([], limit=5).through is None

    def test_nothing_counts_as_covered_from_the_moment_on_at_which_the_listing_began(self) -> None:
        sessions = [session("sesn_1", updated=3), session("sesn_2", updated=7)]
        assert chosen_from(sessions, listed_from=at(9)).through == at(7)
        early = chosen_from(sessions, listed_from=at(5)).through
        assert early is not None
        assert at(3) < early < at(5)
        assert chosen_from(sessions, listed_from=at(5), since=at(6)).through == at(6)


def test_sessions_that_were_collected_anew_after_the_dream_was_created_do_not_count_as_read() -> None:
    assert covered_through(at(5), at(9)) == at(5)
    collected_anew = covered_through(at(12), at(9))
    assert collected_anew is not None
    assert collected_anew < at(9)
    assert covered_through(None, at(9)) is None
    assert covered_through(at(5), None) == at(5)


class TestSettingAside:
    numbers = count(1)

    def failed(
        self,
        *session_ids: str,
        said: str = "",
        error_type: str = "input_session_unavailable",
        days_ago: int = 0,
    ) -> Dream:
        return dream(
            f"drm_{next(self.numbers)}",
            "failed",
            session_ids=session_ids,
            error_type=error_type,
            error_message=said,
            created_at=NOON - timedelta(days=days_ago),
        )

    def test_a_session_that_the_error_names_often_enough_is_set_aside_with_the_number(self) -> None:
        dreams = [self.failed("sesn_a", "sesn_b", said="session sesn_a can't be read") for _ in range(3)]
        assert sessions_to_set_aside(dreams, 3) == {"sesn_a": 3}
        assert sessions_to_set_aside(dreams[:2], 3) == {}

    def test_a_session_that_was_alone_is_the_cause(self) -> None:
        assert sessions_to_set_aside([self.failed("sesn_a") for _ in range(2)], 2) == {"sesn_a": 2}

    @pytest.mark.parametrize("error_type", ["internal_error", "timeout"])
    def test_a_bad_day_of_the_service_is_no_more_than_one_failure_of_a_session_that_was_alone(
        self, error_type: str
    ) -> None:
        one_day = [self.failed("sesn_a", error_type=error_type) for _ in range(9)]
        assert sessions_to_set_aside(one_day, 2) == {}
        before = [self.failed("sesn_a", error_type=error_type, days_ago=1)]
        assert sessions_to_set_aside([*one_day, *before], 2) == {"sesn_a": 2}

    def test_a_failure_that_can_not_be_pinned_on_a_session_is_nobodys(self) -> None:
        assert sessions_to_set_aside([self.failed("sesn_a", "sesn_b")] * 9, 1) == {}

    def test_a_session_that_was_no_input_of_the_dream_is_not_blamed(self) -> None:
        assert sessions_to_set_aside([self.failed("sesn_a", "sesn_b", said="sesn_c")] * 9, 1) == {}

    def test_causes_that_have_nothing_to_do_with_a_session_blame_none(self) -> None:
        dreams = [self.failed("sesn_a", error_type="memory_store_org_limit_exceeded")] * 9
        assert sessions_to_set_aside(dreams, 1) == {}

    def test_a_dream_that_went_well_or_was_canceled_blames_none(self) -> None:
        dreams = [
            dream(status=status, session_ids=("sesn_a",)) for status in ("completed", "canceled", "running")
        ]
        assert sessions_to_set_aside(dreams, 1) == {}
