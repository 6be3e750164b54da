"""Time: one clock that never stands still or runs backwards, and RFC 3339 text."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "from_micros", "rfc3339", "to_micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


class Clock:
    """
    Tells a later time at every call.

    Lists are ordered by creation time, so two objects must never share one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        with self._lock:
            self._last = max(datetime.now(UTC), self._last + _MICROSECOND)
            return self._last


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970. A moment without a time zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the moment; what lies beyond the calendar, which only earlier versions stored, is its first or last."""
    return _EPOCH + min(max(micros, _FIRST), _LAST) * _MICROSECOND


def rfc3339(moment: datetime | None) -> str | None:
    """Return the moment as the API writes it: UTC, microseconds, ``Z``."""
    return (
        f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
        if moment
        else None
    )
