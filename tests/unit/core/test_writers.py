"""Who could still write to a store, and until when."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.objects import Session
from dreamflow.core.writers import could_still_write, quiet_from, stores_open_to
from tests.unit.support import at, session

SESSIONS = st.lists(
    st.builds(
        session,
        status=st.sampled_from(["running", "rescheduling", "idle", "terminated"]),
        mounts=st.dictionaries(
            st.sampled_from(["memstore_1", "memstore_9"]), st.sampled_from(["read_write", "read_only"])
        ),
        archived=st.booleans(),
        updated=st.integers(-120, 0),
    ),
    max_size=4,
)


class TestCouldStillWrite:
    @given(
        st.sampled_from(["running", "rescheduling", "idle", "terminated"]),
        st.sampled_from(["read_write", "read_only"]),
        st.booleans(),
        st.booleans(),
        st.integers(0, 120),
        st.integers(0, 120),
    )
    def test_as_the_design_says(
        self, status: str, access: str, mounts_it: bool, archived: bool, idle_for: int, quiet: int
    ) -> None:
        mounts = {"memstore_9": "read_write", **({"memstore_1": access} if mounts_it else {})}
        seen = session(status=status, mounts=mounts, archived=archived, updated=-quiet)
        able = mounts_it and access == "read_write" and not archived
        active = status in ("running", "rescheduling") or (status == "idle" and quiet < idle_for)
        could = could_still_write(seen, "memstore_1", idle_for=timedelta(minutes=idle_for), now=at(0))
        assert could == (able and active)

    def test_a_session_that_works_counts_however_long_ago_it_was_heard_of(self) -> None:
        busy = session(status="running", mounts={"memstore_1": "read_write"}, updated=-10_000)
        assert could_still_write(busy, "memstore_1", idle_for=timedelta(0), now=at(0))


class TestQuietFrom:
    @given(SESSIONS, st.integers(0, 120), st.integers(-130, 130))
    def test_before_it_somebody_could_still_write_and_from_then_on_nobody(
        self, sessions: list[Session], idle_for: int, minute: int
    ) -> None:
        resting, now = timedelta(minutes=idle_for), at(minute)
        quiet = quiet_from(sessions, "memstore_1", idle_for=resting)
        could = any(could_still_write(s, "memstore_1", idle_for=resting, now=now) for s in sessions)
        assert could == (quiet is None or now < quiet)

    def test_while_one_is_at_work_it_is_not_known(self) -> None:
        mounts = {"memstore_1": "read_write"}
        seen = [session(status="idle", mounts=mounts), session(status="rescheduling", mounts=mounts)]
        assert quiet_from(seen, "memstore_1", idle_for=timedelta(0)) is None

    def test_it_is_when_the_last_idle_one_is_old_enough(self) -> None:
        mounts = {"memstore_1": "read_write"}
        seen = [session(status="idle", mounts=mounts, updated=-ago) for ago in (40, 10, 30)]
        assert quiet_from(seen, "memstore_1", idle_for=timedelta(minutes=15)) == at(5)


def test_an_archived_session_can_write_nowhere() -> None:
    mounts = {"memstore_1": "read_write", "memstore_2": "read_only"}
    assert stores_open_to(session(status="idle", mounts=mounts)) == {"memstore_1"}
    assert stores_open_to(session(status="idle", mounts=mounts, archived=True)) == frozenset()
