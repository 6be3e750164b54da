"""Carry out the orchestrator's tool calls, on the cloned store and on nothing else."""

from __future__ import annotations

from collections.abc import Callable

from include.managed_agents.dreams.claude.checks import Sources, fault_of_file
from include.managed_agents.dreams.claude.conversation import ToolCall
from include.managed_agents.dreams.claude.index import INDEX, complete_index, missing_from_index
from include.managed_agents.dreams.claude.library import Library
from include.managed_agents.dreams.claude.tools import LOOKUPS
from include.managed_agents.dreams.engine import StoreFiles
from include.managed_agents.dreams.thinking import think

__all__ = ["Desk"]

MAX_CORRECTIONS = 3  # of the index, before we complete it ourselves
#: An index of more files is more than the model can write in one piece: we keep it.
MAX_FILES_INDEXED_BY_HAND = 200


class Desk:
    """
    Carries out the tool calls of the orchestrator of one dream.

    :param sources: all text that what is written may take specifics from.
    :param check: raises where the dream is over.
    """

    def __init__(self, files: StoreFiles, sources: Sources, check: Callable[[], None]) -> None:
        self._files = files
        self._sources = sources
        self._check = check
        self._library = Library(files, check)
        self._reviews: list[str] = []
        self._corrections = 0
        #: Paths that were written, for a conversation that takes up where another was too long.
        self.written: dict[str, None] = {}
        #: Whether something could not be written that is as it must be, for want of room.
        self.lacked_room = False
        self.is_done = False

    def begin(self, reviews: list[str]) -> None:
        """Begin on further reports. :param reviews: asked in turn, each time the orchestrator says that it is done."""
        self._reviews = reviews
        self.is_done = False

    async def do(self, call: ToolCall) -> tuple[str, bool]:
        """Carry out one call, and return what to tell and whether it is an error."""
        if call.name in LOOKUPS:
            return await self._library.look_up(call)
        return await think(self._check, self._do, call)

    def _do(self, call: ToolCall) -> tuple[str, bool]:
        path, content = call.input.get("path"), call.input.get("content")
        old, new = call.input.get("old"), call.input.get("new")
        match call.name:
            case "write_memory" if isinstance(path, str) and isinstance(content, str):
                return self._write(path, content, content)
            case "edit_memory" if isinstance(path, str) and isinstance(old, str) and isinstance(new, str):
                return self._edit(path, old, new)
            case "delete_memory" if isinstance(path, str):
                return self._delete(path)
            case "finish":
                return self._finish()
        return f"{call.name}: not a tool of the orchestrator, or its arguments are wrong", True

    def _write(self, path: str, content: str, new: str) -> tuple[str, bool]:
        fault = fault_of_file(path, content, new, self._sources)
        if fault is not None:
            return f"not written: {fault}", True
        before = self._files.read(path)
        try:
            self._files.write(path, content)
        except ValueError as error:
            self.lacked_room = True
            return f"not written: {error}", True
        if before is not None:
            self._sources.add(before)
        self.written[path] = None
        return "written", False

    def _edit(self, path: str, old: str, new: str) -> tuple[str, bool]:
        content = self._files.read(path)
        if content is None:
            return "no such file", True
        if not old:
            joint = "" if content.endswith("\n") or not content else "\n"
            return self._write(path, f"{content}{joint}{new}", new)
        if content.count(old) != 1:
            return f"not written: `old` stands there {content.count(old)} times, not once", True
        return self._write(path, content.replace(old, new), new)

    def _delete(self, path: str) -> tuple[str, bool]:
        before = self._files.read(path)
        if before is None:
            return "no such file", True
        self._files.delete(path)
        self._sources.add(before)
        return "deleted", False

    def _finish(self) -> tuple[str, bool]:
        """Ask for the reviews, then for a complete index, which we complete where the model can't."""
        if self._reviews:
            return f"Not yet. {self._reviews.pop(0)}", False
        paths = list(self._files.sizes())
        index = self._files.read(INDEX)
        missing = missing_from_index(paths, index or "")
        if index is None or missing:
            self._corrections += 1
            if self._corrections < MAX_CORRECTIONS and len(paths) <= MAX_FILES_INDEXED_BY_HAND:
                lacks = ", ".join(missing[:50]) or "itself"
                return f"{INDEX} must lead to every file; it lacks: {lacks}", True
            complete_index(self._files, self._check)
        self.is_done = True
        return "done", False
