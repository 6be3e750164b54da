"""Who could still write to a store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from dreamflow.core.objects import Session

__all__ = ["AT_WORK", "WRITER_STATUSES", "could_still_write", "quiet_from", "stores_open_to"]

#: Statuses of sessions that may write now.
AT_WORK = ("running", "rescheduling")
#: Statuses of sessions that may write, now or once resumed.
WRITER_STATUSES = (*AT_WORK, "idle")
#: The moment from which on a store is quiet to which nobody could write.
_ALWAYS = datetime.min.replace(tzinfo=UTC)


def stores_open_to(session: Session) -> frozenset[str]:
    """Return the ids of the stores that the session mounts to write to; none where it is archived."""
    if session.archived_at is not None:
        return frozenset()
    return frozenset(m.memory_store_id for m in session.stores if m.access == "read_write")


def could_still_write(session: Session, store_id: str, *, idle_for: timedelta, now: datetime) -> bool:
    """
    Tell whether the session may still write to the store.

    Running and rescheduling sessions may; an idle one may be resumed, and counts while it was active within
    ``idle_for``. Archived and terminated sessions, and those that mount the store read-only, can't.
    """
    quiet = quiet_from([session], store_id, idle_for=idle_for)
    return quiet is None or now < quiet


def quiet_from(sessions: Iterable[Session], store_id: str, *, idle_for: timedelta) -> datetime | None:
    """
    Return the moment from which on none of the sessions could still write to the store, unless one is resumed.

    None where one is at work: when it will rest, nobody knows. Where no session could write, a moment long past.
    """
    quiet = _ALWAYS
    for session in sessions:
        if store_id not in stores_open_to(session):
            continue
        if session.status in AT_WORK:
            return None
        if session.status == "idle":
            quiet = max(quiet, session.updated_at + idle_for)
    return quiet
