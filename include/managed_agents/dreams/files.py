"""The cloned store as an engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from include.managed_agents.access import Actor
from include.managed_agents.database import Unit
from include.managed_agents.dreams.cloning import BATCH
from include.managed_agents.dreams.hold import Hold
from include.managed_agents.dreams.models import DreamRow
from include.managed_agents.errors import ApiError
from include.managed_agents.memories.models import MemoryRow
from include.managed_agents.memories.service import Memories
from include.managed_agents.reading import describe
from include.managed_agents.session_log.log import EventLog, text_block

__all__ = ["DreamFiles", "log_tool"]

#: Characters of a written memory, and files of a listing, that the session's log shows. The versions hold all of it.
SHOWN_CHARACTERS = 2_000
SHOWN_FILES = 100


class DreamFiles:
    """
    Implements `StoreFiles`: each write is a version by the dream's session, and an event in its log.

    What was read is logged with the next write, or by `close`: a dream may read thousands of memories.
    """

    def __init__(self, hold: Hold, store_id: str, session_id: str, mount_path: str) -> None:
        self._hold = hold
        self._store_id = store_id
        self._session_id = session_id
        self._mount_path = mount_path
        self._seen: set[str] = set()
        self._unlogged: list[tuple[str, str]] = []

    def sizes(self) -> Mapping[str, int]:
        with self._hold.database.read() as unit:
            sizes = {memory.path: memory.content_size_bytes for memory in self._memories(unit).heads()}
        self._note("", listing([self._mount_path + path for path in sizes]))
        return sizes

    def read(self, path: str) -> str | None:
        self._hold.check()
        with self._hold.database.read() as unit:
            memories = self._memories(unit)
            memory = memories.at(path)
            content = None if memory is None else memories.content_of(memory)
        if memory is not None:
            self._note(path, f"{memory.content_size_bytes} bytes")
        return content

    def read_all(self) -> Iterator[tuple[str, str]]:
        self.sizes()
        last: str | None = None
        while True:
            self._hold.check()
            with self._hold.database.read() as unit:
                some = self._memories(unit).some_with_content(last, BATCH)
            yield from some
            if len(some) < BATCH:
                return
            last = some[-1][0]

    def write(self, path: str, content: str) -> None:
        def do(unit: Unit, _: DreamRow) -> None:
            try:
                changed = self._memories(unit).write(path, content)
            except (ApiError, ValidationError) as error:
                raise ValueError(f"can't write {path!r}: {reason(error)}") from error
            if changed is not None:
                self._log_reads(unit)
                call = {"file_path": self._mount_path + path, "content": cut(content, changed)}
                log_tool(unit, self._session_id, "write", call, f"wrote {changed.content_size_bytes} bytes")

        self._hold.write(do)

    def delete(self, path: str) -> None:
        def do(unit: Unit, _: DreamRow) -> None:
            if self._memories(unit).delete_at(path):
                self._log_reads(unit)
                log_tool(unit, self._session_id, "delete", {"file_path": self._mount_path + path}, "deleted")

        self._hold.write(do)

    def close(self) -> None:
        """Log what was read since the last write."""
        if self._unlogged:
            self._hold.write(lambda unit, _: self._log_reads(unit))

    def _note(self, path: str, result: str) -> None:
        """Keep a read for the log: the first of each file."""
        if path not in self._seen:
            self._seen.add(path)
            self._unlogged.append((path, result))

    def _log_reads(self, unit: Unit) -> None:
        reads = self._unlogged
        for path, result in reads:
            log_tool(unit, self._session_id, "read", {"file_path": self._mount_path + path}, result)

        def forget() -> None:
            self._unlogged = self._unlogged[len(reads) :]

        unit.after_commit(forget)

    def _memories(self, unit: Unit) -> Memories:
        return Memories(unit, self._store_id, Actor.of_session(self._session_id))


def reason(error: ApiError | ValidationError) -> str:
    return error.message if isinstance(error, ApiError) else describe(error)


def listing(paths: Sequence[str]) -> str:
    shown = "\n".join(paths[:SHOWN_FILES]) or "(no files)"
    return shown if len(paths) <= SHOWN_FILES else f"{shown}\n… and {len(paths) - SHOWN_FILES:,} more"


def cut(content: str, memory: MemoryRow) -> str:
    """Return the beginning of what was written, and where all of it is."""
    if len(content) <= SHOWN_CHARACTERS:
        return content
    return (
        f"{content[:SHOWN_CHARACTERS]}\n… cut here, after {SHOWN_CHARACTERS:,} of {len(content):,} characters: "
        f"all of it is in memory version {memory.memory_version_id}"
    )


def log_tool(unit: Unit, session_id: str, name: str, call: dict[str, Any], result: str) -> None:
    """Show one step of a dream in its session: a tool use, and what came of it."""
    log = EventLog(unit, session_id)
    use = log.append("agent.tool_use", name=name, input=call, evaluated_permission="allow")
    log.append("agent.tool_result", tool_use_id=use.id, content=[text_block(result)], is_error=False)
