"""Who could still write to a store."""

from __future__ import annotations

from datetime import datetime, timedelta

from dreamflow.core.objects import Session

__all__ = ["WRITER_STATUSES", "could_still_write"]

#: Statuses of sessions that may write, now or once resumed.
WRITER_STATUSES = ("running", "rescheduling", "idle")


def could_still_write(session: Session, store_id: str, *, idle_for: timedelta, now: datetime) -> bool:
    """
    Tell whether the session may still write to the store.

    Running and rescheduling sessions may; an idle one may be resumed, and counts while it was active within
    ``idle_for``. Archived and terminated sessions, and those that mount the store read-only, can't.
    """
    if session.archived_at is not None:
        return False
    if not any(m.memory_store_id == store_id and m.access == "read_write" for m in session.stores):
        return False
    if session.status in ("running", "rescheduling"):
        return True
    return session.status == "idle" and session.updated_at > now - idle_for
