"""The cloned store as an engine sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from pydantic import ValidationError

from include.managed_agents.access import Actor
from include.managed_agents.database import Database, Unit
from include.managed_agents.errors import ApiError
from include.managed_agents.memories.service import Memories
from include.managed_agents.reading import describe
from include.managed_agents.session_log.log import EventLog, text_block

__all__ = ["DreamFiles", "log_tool"]


class DreamFiles:
    """
    Implements `StoreFiles`: each write is a version by the dream's session, and an event in its log.

    :param write: gives a unit of work in which the dream is known to be running still.
    """

    def __init__(
        self,
        database: Database,
        write: Callable[[], AbstractContextManager[Unit]],
        store_id: str,
        session_id: str,
        mount_path: str,
    ) -> None:
        self._database = database
        self._write = write
        self._store_id = store_id
        self._session_id = session_id
        self._mount_path = mount_path

    def sizes(self) -> Mapping[str, int]:
        with self._database.read() as unit:
            return {memory.path: memory.content_size_bytes for memory in self._memories(unit).heads()}

    def read(self, path: str) -> str | None:
        with self._database.read() as unit:
            memories = self._memories(unit)
            memory = memories.at(path)
            return None if memory is None else memories.content_of(memory)

    def read_all(self) -> Iterator[tuple[str, str]]:
        paths = list(self.sizes())
        listing = "\n".join(f"{self._mount_path}{path}" for path in paths) or "(no files)"
        with self._write() as unit:
            log_tool(unit, self._session_id, "read", {"file_path": self._mount_path}, listing)
        for path in paths:
            content = self.read(path)
            if content is not None:
                yield path, content

    def write(self, path: str, content: str) -> None:
        with self._write() as unit:
            try:
                changed = self._memories(unit).write(path, content)
            except (ApiError, ValidationError) as error:
                raise ValueError(f"can't write {path!r}: {reason(error)}") from error
            if changed is not None:
                call = {"file_path": self._mount_path + path, "content": content}
                log_tool(unit, self._session_id, "write", call, f"wrote {changed.content_size_bytes} bytes")

    def delete(self, path: str) -> None:
        with self._write() as unit:
            if self._memories(unit).delete_at(path):
                log_tool(unit, self._session_id, "delete", {"file_path": self._mount_path + path}, "deleted")

    def _memories(self, unit: Unit) -> Memories:
        return Memories(unit, self._store_id, Actor.of_session(self._session_id))


def reason(error: ApiError | ValidationError) -> str:
    return error.message if isinstance(error, ApiError) else describe(error)


def log_tool(unit: Unit, session_id: str, name: str, call: dict[str, Any], result: str) -> None:
    """Show one step of a dream in its session: a tool use, and what came of it."""
    log = EventLog(unit, session_id)
    use = log.append("agent.tool_use", name=name, input=call, evaluated_permission="allow")
    log.append("agent.tool_result", tool_use_id=use.id, content=[text_block(result)], is_error=False)
