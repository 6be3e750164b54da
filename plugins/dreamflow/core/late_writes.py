"""
Which writes to the input are late: came after what the dream has seen of it, or after the last carry.

The unit is the memory, by its id: whatever was written to it since its base is one late write. The listing tells what
the input holds; its versions tell who wrote what and when, and what of it the dream had seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dreamflow.core.late_notes import LateNote
from dreamflow.core.objects import NO_HOME, Listing, MemoryEntry, MemoryVersion, Place, by_memory

__all__ = [
    "GONE",
    "ById",
    "Carried",
    "Homes",
    "LateNote",
    "LateWrite",
    "find_late",
    "since_base",
    "to_look_at",
    "without_carried",
]

#: A store's memories by id.
ById = Mapping[str, Place]

#: What a ledger has of a memory whose delete is carried: it is not in the store, and not late again.
GONE = Place("", MemoryEntry("", "", "", 0))

#: How long listing a store may take: what was written before a listing began lies no further back than this from the
#: newest write that the listing knew.
_LISTING = timedelta(hours=1)
_LONG_AGO = datetime.fromtimestamp(0, UTC)
#: Writers named for one late write.
_WRITERS = 3


@dataclass(frozen=True)
class Carried:
    """What a write did to one path of the output: what it held before, and what it holds after. None: nothing."""

    path: str
    before_sha256: str | None
    after_sha256: str | None

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "before_sha256": self.before_sha256, "after_sha256": self.after_sha256}


@dataclass(frozen=True)
class LateWrite:
    """
    What one memory of the input received since its base.

    :ivar memory_ids: the memory's; and that of a deleted one whose place it took.
    :ivar base: as the dream, or the last carry, had it; None where it was made since.
    :ivar now: as the input has it; None where it was deleted.
    :ivar depth: how many of the memory's newest versions hold both base and now; 0 where that is not known.
    """

    memory_ids: tuple[str, ...]
    base: Place | None
    now: Place | None
    by: str
    at: datetime
    writes: int
    depth: int

    @property
    def path(self) -> str:
        """Return where the writer has the memory, or had it."""
        place = self.now or self.base
        assert place is not None
        return place.path


def to_look_at(base: ById, current: ById) -> set[str]:
    """Return the ids of the memories that were written to since the base."""
    return {
        memory_id
        for memory_id in base.keys() | current.keys()
        if _version(base, memory_id) != _version(current, memory_id)
    }


def _version(places: ById, memory_id: str) -> str:
    return places.get(memory_id, GONE).entry.version_id


def since_base(
    versions: Iterable[MemoryVersion],
    base: ById,
    wanted: Collection[str],
    launched: ById,
    *,
    unlisted: bool = False,
) -> Iterator[MemoryVersion]:
    """
    Yield the versions, newest first, until the base of every wanted memory was met, or none can follow.

    :param launched: what the store held before anything was carried. It was listed over a while: once a version is met
        that it knew, there are still some to look at. The base can't tell when to end: memories that are carried have
        a newer one, and those that are not keep theirs.
    :param unlisted: whether to go on to where the launch knew a version, for what was made and deleted since.
    """
    heads = {place.entry.version_id for place in launched.values()}
    unmet = set(wanted)
    until: datetime | None = None
    for version in versions:
        if not unmet and not (unlisted and until is None):
            return
        if until is not None and version.at < until:
            return
        yield version
        if version.id in heads:
            until = until or version.at - _LISTING
        if version.operation == "created" or version.id == _version(base, version.memory_id):
            unmet.discard(version.memory_id)
        elif unlisted and version.operation == "deleted" and version.memory_id not in base:
            unmet.add(version.memory_id)


def find_late(
    base: ById,
    current: Listing,
    versions: Iterable[MemoryVersion],
    seen: Iterable[MemoryVersion],
    archived_at: datetime | None = None,
    *,
    unlisted: bool = False,
) -> tuple[tuple[LateWrite, ...], dict[str, Place]]:
    """
    Return what is late, oldest first, and what the input holds.

    :param base: the input's memories when the dream was launched, or as they were last carried.
    :param current: the input's listing. What its versions tell beyond it is late next time.
    :param versions: the input's, newest first, since the base.
    :param seen: the output's. One that is as a version of the input left the same path, and no older, was copied from
        it: the dream has seen that, and what came before.
    :param archived_at: when the input was archived: deletes after it are nobody's word on what is true.
    :param unlisted: whether what was made and deleted since the base may be in the output: the dream may have seen it.
    """
    copied: dict[tuple[str, str], datetime] = {}
    for version in seen:
        if (place := version.place) and copied.get(place.holds, version.at) <= version.at:
            copied[place.holds] = version.at
    history: dict[str, list[MemoryVersion]] = {}
    for version in versions:
        history.setdefault(version.memory_id, []).append(version)
    held = by_memory(current)
    late = []
    new = {
        memory_id
        for memory_id, rows in history.items()
        if memory_id not in base
        and memory_id not in held
        and (unlisted if _is_deleted(rows, archived_at) else archived_at is not None)
    }
    for memory_id in to_look_at(base, held) | new:
        rows = history.get(memory_id, [])
        now = held.get(memory_id) or _not_listed(rows, base.get(memory_id), archived_at)
        if now is not None or memory_id in new:
            held[memory_id] = now or GONE
        write = _late_write(memory_id, rows, base.get(memory_id), now, copied)
        if write is not None and not (memory_id in new and now is None and _is_known(current, write, base)):
            late.append(write)
    # A memory that was deleted and made anew as the dream has seen it is not gone.
    known = {memory_id for write in late for memory_id in write.memory_ids}
    stand = {path for path, entry in current.items() if entry.memory_id not in known}
    late = [write for write in late if write.now is not None or write.path not in stand]
    return tuple(sorted(_joined(late), key=lambda write: (write.at, write.path))), held


def _is_deleted(rows: Sequence[MemoryVersion], archived_at: datetime | None) -> bool:
    """Tell whether somebody deleted the memory whose versions these are, while that was a word on what is true."""
    return rows[0].operation == "deleted" and (archived_at is None or rows[0].at <= archived_at)


def _is_known(current: Listing, write: LateWrite, base: ById) -> bool:
    """Tell whether the place of a deleted memory is another's that the base knows: what stands there is that one's."""
    return write.path in current and current[write.path].memory_id in base


def _not_listed(
    rows: Sequence[MemoryVersion], base: Place | None, archived_at: datetime | None
) -> Place | None:
    """
    Return a memory that is not in the listing: one that was renamed while it was listed, or is not to be gone.

    Only a delete that is told makes it gone.
    """
    if not rows:
        return base
    if _is_deleted(rows, archived_at):
        return None
    before = next((row for row in rows if row.operation != "deleted"), None)
    # Redacted: what it said is to be gone, and an older word is not its last.
    return before.place if before else base


def _late_write(
    memory_id: str,
    rows: Sequence[MemoryVersion],
    base: Place | None,
    now: Place | None,
    copied: Mapping[tuple[str, str], datetime],
) -> LateWrite | None:
    newest = next((i for i, row in enumerate(rows) if now and row.id == now.entry.version_id), 0)
    oldest = next((i for i, row in enumerate(rows) if base and row.id == base.entry.version_id), len(rows))
    for i in range(newest, oldest):
        place = rows[i].place
        if place is not None and copied.get(place.holds, _LONG_AGO) >= rows[i].at:
            base, oldest = place, i
            break
    if (base and base.holds) == (now and now.holds):
        return None
    since = rows[newest:oldest]
    return LateWrite(
        (memory_id,),
        base,
        now,
        _writers(since),
        since[0].at if since else _LONG_AGO,
        max(1, len(since)),
        oldest + 1,
    )


def _writers(rows: Sequence[MemoryVersion]) -> str:
    names = list(dict.fromkeys(row.by for row in rows if row.by))
    more = f" and {len(names) - _WRITERS} more" if len(names) > _WRITERS else ""
    return ", ".join(names[:_WRITERS]) + more


def _joined(late: Sequence[LateWrite]) -> Iterator[LateWrite]:
    """Yield the late writes, the last delete and a create at one path as one edit."""
    deletes = sorted((write for write in late if write.now is None), key=lambda write: write.at)
    deleted = {write.path: write for write in deletes}
    created = {write.path: write for write in late if write.base is None}
    joined = deleted.keys() & created.keys()
    for write in late:
        before = deleted.get(write.path)
        if write.path not in joined or write not in (before, created[write.path]):
            yield write
        elif write.now and before and before.base and before.base.holds != write.now.holds:
            by = write.by if write.by == before.by else ", ".join(filter(None, (write.by, before.by)))
            yield LateWrite(
                (*write.memory_ids, *before.memory_ids),
                before.base,
                write.now,
                by,
                max(write.at, before.at),
                write.writes + before.writes,
                0,
            )


class Homes:
    """
    Where the output has a memory of the input.

    :param output: the output's listing. :param versions: all of its versions.
    """

    def __init__(self, output: Listing, versions: Iterable[MemoryVersion]) -> None:
        self._paths = {entry.memory_id: path for path, entry in output.items()}
        self._lie = frozenset(output)
        self._holders: dict[tuple[str, str], list[str]] = {}
        for version in versions:
            if version.place is not None and version.memory_id in self._paths:
                self._holders.setdefault(version.place.holds, []).append(version.memory_id)

    def of(self, *places: Place | None) -> str | None:
        """
        Return the path, in the output, of the memory that was one of the places once, byte for byte; else of the one
        that lies where the first of them lay; None where there is none. A home that a carry has noted is the first.
        """
        if places and places[0] is not None and (home := places[0].home) is not None:
            if home == NO_HOME:
                return None
            path, sha256 = home
            places = (Place(path, MemoryEntry("", sha256, "", 0)), *places[1:])
        for place in places:
            if place is None:
                continue
            found = [self._paths[memory_id] for memory_id in self._holders.get(place.holds, ())]
            if found:
                return place.path if place.path in found else found[0]
        lay = next((place.path for place in places if place is not None), None)
        return lay if lay in self._lie else None


def without_carried(output: Listing, carried: Sequence[Carried]) -> dict[str, MemoryEntry]:
    """
    Return the output as it was before the noted writes, as far as they were applied.

    Only paths and checksums of the result mean anything. A write that was not applied yet changes nothing.
    """
    before = dict(output)
    for write in reversed(carried):
        held = before[write.path].sha256 if write.path in before else None
        if held == write.after_sha256:
            put(before, write.path, write.before_sha256)
    return before


def put(listing: dict[str, MemoryEntry], path: str, sha256: str | None) -> None:
    """Let the listing hold something of that checksum at the path; nothing, where it is None."""
    if sha256 is None:
        listing.pop(path, None)
    else:
        listing[path] = MemoryEntry("", sha256, "", 0)
