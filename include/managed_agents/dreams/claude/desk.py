"""Carry out the orchestrator's tool calls, on the cloned store and on nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from include.managed_agents.dreams.claude.checks import (
    INDEX,
    Sources,
    fault_of_file,
    index_of,
    missing_from_index,
)
from include.managed_agents.dreams.claude.conversation import ToolCall
from include.managed_agents.dreams.claude.prompts import REVIEWS
from include.managed_agents.dreams.engine import StoreFiles

__all__ = ["Desk"]

MAX_CORRECTIONS = 3  # of the index, before we complete it ourselves


class Desk:
    """
    Carries out the tool calls of the orchestrator of one dream.

    :param contents: what the store holds; the desk keeps it up to what is written.
    :param sources: all text that what is written may take specifics from.
    """

    def __init__(self, files: StoreFiles, contents: Mapping[str, str], sources: Sources) -> None:
        self._files = files
        self._sources = sources
        self._contents = dict(contents)
        self._reviews = list(REVIEWS)
        self._corrections = 0
        #: What to ask next, right after the orchestrator said that it is done.
        self.next_review: str | None = None
        self.is_done = False

    def do(self, call: ToolCall) -> tuple[str, bool]:
        """Carry out one call, and return what to tell and whether it is an error."""
        self.next_review = None
        path = call.input.get("path")
        match call.name:
            case "read_memory" if isinstance(path, str):
                return self._read(path)
            case "write_memory" if isinstance(path, str) and isinstance(call.input.get("content"), str):
                return self._write(path, call.input["content"])
            case "delete_memory" if isinstance(path, str):
                return self._delete(path)
            case "finish":
                return self._finish()
        return f"{call.name}: not a tool of the orchestrator, or its arguments are wrong", True

    def _read(self, path: str) -> tuple[str, bool]:
        content = self._contents.get(path)
        return ("no such file", True) if content is None else (content or "(empty)", False)

    def _write(self, path: str, content: str) -> tuple[str, bool]:
        fault = fault_of_file(path, content, self._sources)
        if fault is not None:
            return f"not written: {fault}", True
        try:
            self._files.write(path, content)
        except ValueError as error:
            return f"not written: {error}", True
        self._contents[path] = content
        return "written", False

    def _delete(self, path: str) -> tuple[str, bool]:
        if path not in self._contents:
            return "no such file", True
        self._files.delete(path)
        del self._contents[path]
        return "deleted", False

    def _finish(self) -> tuple[str, bool]:
        """Ask for the reviews, then for a complete index, which we complete where the model can't."""
        if self._reviews:
            self.next_review = self._reviews.pop(0)
            return "Not yet.", False
        missing = missing_from_index(self._contents)
        if INDEX not in self._contents or missing:
            self._corrections += 1
            if self._corrections < MAX_CORRECTIONS:
                return (
                    f"{INDEX} must lead to every file; it lacks: {', '.join(missing[:50]) or 'itself'}",
                    True,
                )
            self._files.write(INDEX, index_of(self._contents))
        self.is_done = True
        return "done", False
