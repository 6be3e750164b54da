"""Reviews as they were read last: a page asks every few seconds, and a large one takes seconds to parse."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from dreamflow.steps.review import kept

if TYPE_CHECKING:
    from dreamflow.core.review import Review
    from dreamflow.records.files import RunRecords
    from dreamflow.records.folder import Version

__all__ = ["LAST_READ", "LastRead"]

#: Bytes of JSON whose reviews one process keeps: parsed, they take eight times as much.
_KEPT_BYTES = 32_000_000
#: Reviews that it keeps at most: of a fleet, many are small.
_REVIEWS = 64


@dataclass
class _Read:
    """:ivar lock: of many who ask for one review at once, one reads it."""

    version: Version | None = None
    review: Review | None = None
    lock: Lock = field(default_factory=Lock)


class LastRead:
    """
    The reviews that were read last, in any thread, each for as long as its file is the one that was read.

    Other web servers and tasks write it too, so the storage is asked each time, before it is trusted. Where that can't
    tell one version from another, the file is read.

    :param limit: bytes of JSON whose reviews are kept; what was not asked for the longest goes first, the newest stays.
    """

    def __init__(self, limit: int = _KEPT_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, _Read] = OrderedDict()
        self._lock = Lock()

    def of(self, run: RunRecords) -> Review | None:
        """Return the run's review as it is kept now; None where there is none that can be read."""
        # Asked before it is read: what is written in between is another version the next time.
        now = run.review_version()
        if now is None:
            return kept(run)
        with self._lock:
            read = self._kept.setdefault(run.folder, _Read())
            self._kept.move_to_end(run.folder)
        with read.lock:
            if read.review is None or read.version != now:
                read.version, read.review = now, kept(run)
                self._make_room()
            return read.review

    def _make_room(self) -> None:
        with self._lock:
            sizes = {folder: read.version[1] if read.version else 0 for folder, read in self._kept.items()}
            total = sum(sizes.values())
            for folder in list(sizes)[:-1]:
                if total <= self._limit and len(self._kept) <= _REVIEWS:
                    break
                total -= sizes[folder]
                del self._kept[folder]


#: Those of this process.
LAST_READ = LastRead()
