"""Which memories sessions of the last days read: those of this dream, and those that earlier reviews heard of."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dreamflow.core.checks.check import Read

if TYPE_CHECKING:
    from dreamflow.steps.world import World

__all__ = ["with_last_days"]

#: For how long a read counts, from when the session read the memory.
_KEPT = timedelta(days=7)
#: Sessions that are kept of one memory, and memories, the newest of each: some two megabytes.
_SESSIONS, _PATHS = 6, 4_000
_UNKNOWN = datetime.min.replace(tzinfo=UTC)


def with_last_days(
    world: World, reads: Mapping[str, Sequence[Read]], held: Container[str]
) -> dict[str, Sequence[Read]]:
    """
    Return which sessions read a memory, by its path, with those of the last days; and keep them for the next reviews.

    A session is kept once for each memory, so that a review that is made again keeps the same.

    :param held: the paths of the input's memories. Others are not kept: what a session reads may name any.
    """
    since = world.now() - _KEPT
    kept = world.records.past_reads()
    past = {
        path: [read for row in rows if _is_since(read := _read(row), since)] for path, rows in kept.items()
    }
    found: dict[str, Sequence[Read]] = {}
    for path in {**past, **reads}:
        if path not in held:
            continue
        own = reads.get(path, ())
        heard = {read.session_id for read in own}
        found[path] = (*own, *(read for read in past.get(path, ()) if read.session_id not in heard))
    rows = _rows(found, since)
    if rows != kept:
        world.records.note_reads(rows)
    return {path: ones for path, ones in found.items() if ones}


def _rows(found: Mapping[str, Sequence[Read]], since: datetime) -> dict[str, list[list[str]]]:
    """Return the newest reads as they are kept."""
    rows: list[tuple[str, list[list[str]]]] = []
    for path, reads in found.items():
        newest = sorted((read for read in reads if _is_since(read, since)), key=_order, reverse=True)
        if newest:
            rows.append((path, [_row(read) for read in newest[:_SESSIONS]]))
    rows.sort(key=lambda row: (row[1][0][2], row[0]), reverse=True)
    return dict(rows[:_PATHS])


def _order(read: Read) -> tuple[datetime, str]:
    return read.at or _UNKNOWN, read.session_id


def _is_since(read: Read, since: datetime) -> bool:
    return read.at is not None and read.at >= since


def _row(read: Read) -> list[str]:
    assert read.at is not None
    return [read.session_id, read.event_id, read.at.astimezone(UTC).isoformat()]


def _read(row: Sequence[Any]) -> Read:
    return Read(str(row[0]), str(row[1]), datetime.fromisoformat(row[2]))
