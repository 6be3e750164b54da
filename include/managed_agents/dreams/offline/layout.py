"""Lay lines and index entries out in memories within the service's limits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from include.managed_agents.dreams.engine import EngineFailure
from include.managed_agents.dreams.offline.render import INDEX, index_entry

__all__ = ["fit", "index_pages", "pages_of", "require_room", "room_in"]

#: The service's limits: bytes of a memory, memories of a store.
MAX_BYTES = 102_400
MAX_MEMORIES = 2_000
#: What headings and notices take at most.
_FRAME = 2_000


def room_in(own: str) -> int:
    """Return the bytes that lines may take below what people wrote; 0 where that leaves too little."""
    room = MAX_BYTES - _FRAME - len(own.encode())
    return room if room > MAX_BYTES // 25 else 0


def fit(lines: Sequence[str], room: int) -> tuple[list[str], list[list[str]]]:
    """Return the lines that stay in their memory: all, or the latest half a memory; and those of each further page."""
    if sum(len(line.encode()) + 1 for line in lines) <= room:
        return list(lines), []
    head = next(_chunks(lines, room // 2), []) if room else []
    return head, list(_chunks(lines[len(head) :], MAX_BYTES - _FRAME))


def _chunks(lines: Sequence[str], room: int) -> Iterator[list[str]]:
    chunk: list[str] = []
    left = room
    for line in lines:
        left -= len(line.encode()) + 1
        if chunk and left < 0:
            yield chunk
            chunk, left = [], room - len(line.encode()) - 1
        chunk.append(line)
    if chunk:
        yield chunk


def pages_of(path: str) -> Iterator[str]:
    """Yield the paths of a memory's pages, without end: itself, ``name-2``, ``name-3``, …"""
    name, ending = re.fullmatch(r"(.*?)(\.\w{1,5})?", path, re.DOTALL).groups("")  # type: ignore[union-attr]
    yield path
    for number in range(2, 1_000_000):
        yield f"{name}-{number}{ending}"


def index_pages(entries: Sequence[str], own: str, taken: Collection[str]) -> dict[str, list[str]]:
    """Return the entries of each page of the index. The first, with what people wrote, leads to those not taken."""
    whole, further = fit(entries, room_in(own))
    if not further:
        return {INDEX: whole}
    paths = (path for path in pages_of(INDEX) if path != INDEX and path not in taken)
    pages = dict(zip(paths, _chunks(entries, MAX_BYTES - _FRAME), strict=False))
    return {INDEX: [index_entry(path, _span(page)) for path, page in pages.items()]} | pages


def _span(entries: Sequence[str]) -> str:
    first, last = (entry[3 : entry.index("]")][:200] for entry in (entries[0], entries[-1]))
    return f"the index from {first} to {last}"


def require_room(memories: int) -> None:
    """Check how many memories a store would hold. :raises EngineFailure: when they are too many."""
    if (over := memories - MAX_MEMORIES) > 0:
        raise EngineFailure(
            f"the store has no room: after the dream it would hold {memories:,} memories, {over:,} more than the "
            f"{MAX_MEMORIES:,} of the limit. Nothing was written. Delete or merge at least {over:,} in the input "
            "store, or dream over fewer sessions"
        )
