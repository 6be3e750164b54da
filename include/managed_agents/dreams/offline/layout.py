"""Lay lines and index entries out in memories within the service's limits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from include.managed_agents.dreams.engine import EngineFailure
from include.managed_agents.dreams.offline.render import INDEX, index_entry

__all__ = ["MAX_MEMORIES", "fit", "index_pages", "pages_of", "require_room", "room_in"]

#: The service's limits: bytes of a memory, memories of a store.
MAX_BYTES = 102_400
MAX_MEMORIES = 2_000
#: What headings, the notice and links between pages take at most.
_FRAME = 2_000
#: A memory whose own text leaves less than this for lines gets none.
_LEAST_ROOM = 4_000


def room_in(own: str) -> int:
    """Return the bytes that lines may take below what people wrote; 0 where that leaves too little."""
    room = MAX_BYTES - _FRAME - len(own.encode())
    return room if room >= min(_LEAST_ROOM, MAX_BYTES // 4) else 0


def fit(lines: Sequence[str], room: int) -> tuple[list[str], list[list[str]]]:
    """
    Return the lines that stay in their memory, and those of each further page.

    Where not all fit, the latest half a memory stays, so that what comes next moves no line again.
    """
    chunks = list(_chunks(lines, room))
    if len(chunks) < 2:
        return list(lines), []
    head = next(_chunks(lines, room // 2), []) if room else []
    return head, list(_chunks(lines[len(head) :], MAX_BYTES - _FRAME))


def _chunks(lines: Iterable[str], room: int) -> Iterator[list[str]]:
    chunk: list[str] = []
    left = room
    for line in lines:
        size = len(line.encode()) + 1
        if size > left and (chunk or room == 0):
            yield chunk
            chunk, left = [], room
        chunk.append(line)
        left -= size
    if chunk:
        yield chunk


def pages_of(path: str) -> Iterator[str]:
    """Yield the paths of a memory's pages: itself, ``name-2``, ``name-3``, …, without end."""
    match = re.fullmatch(r"(.*?)(\.\w{1,5})?", path, re.DOTALL)
    assert match is not None
    yield path
    number = 2
    while True:
        yield f"{match[1]}-{number}{match[2] or ''}"
        number += 1


def index_pages(entries: Sequence[str], own: int, taken: Collection[str]) -> dict[str, list[str]]:
    """
    Return the entries of each page of the index, the first of which leads to the others.

    :param own: bytes of what people wrote in the first.
    :param taken: paths that are no pages of ours.
    """
    pages = list(_chunks(entries, MAX_BYTES - _FRAME))
    first = room_in("") - own
    if len(pages) > 1 or sum(len(entry.encode()) + 1 for entry in entries) > first:
        pages = [[], *pages]
    paths = [INDEX]
    for number in range(2, len(pages) + 1):
        name = f"/index-{number}.md"
        while name in taken:
            name = name.replace("/index-", "/index-more-", 1)
        paths.append(name)
    result = dict(zip(paths, pages or [[]], strict=True))
    result[INDEX] = [*(index_entry(path, _span(result[path])) for path in paths[1:]), *result[INDEX]]
    return result


def _span(entries: Sequence[str]) -> str:
    first, last = (re.match(r"- \[([^\]]*)\]", entry) for entry in (entries[0], entries[-1]))
    return f"the index from {first[1][:200]} to {last[1][:200]}" if first and last else "more of this index"


def require_room(memories: int) -> None:
    """Check how many memories a store would hold. :raises EngineFailure: when they are too many."""
    if memories > MAX_MEMORIES:
        over = memories - MAX_MEMORIES
        raise EngineFailure(
            f"the store has no room: after the dream it would hold {memories:,} memories, {over:,} more than the "
            f"{MAX_MEMORIES:,} of the limit. Nothing was written. Delete or merge at least {over:,} in the input store, "
            "or dream over fewer sessions"
        )
