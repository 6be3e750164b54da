"""Agents that go on writing, whatever happens to the store that they write to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anthropic import APIStatusError

from tests.unit.service import Service

__all__ = ["Agents"]


@dataclass
class Agents:
    """
    Sessions that write to the stores that they mount, again and again: a line more to one memory, another to a second.

    :ivar added: the lines that the service has confirmed, and where.
    :ivar changed: the line that a store's second memory was last changed to, by store; the dream changed it too.
    """

    service: Service
    added: dict[str, str] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)

    def write(self, store_id: str, *, change: bool = False) -> bool:
        """Add a line, or change one too; return whether the service took it."""
        listed = self.service.client.beta.memory_stores.memories.list(store_id, view="full", limit=20)
        held = {item.path: item for item in listed if item.type == "memory"}
        line = f"line {len(self.added)}"
        before = held["/diary.md"].content if "/diary.md" in held else ""
        if not self._put(store_id, held, "/diary.md", f"{before}{line}\n"):
            return False
        self.added[line] = store_id
        if change and self._put(store_id, held, "/both.md", f"changed with {line}\n"):
            self.changed[store_id] = f"changed with {line}"
        return True

    def _put(self, store_id: str, held: Mapping[str, Any], path: str, content: str) -> bool:
        memories = self.service.client.beta.memory_stores.memories
        try:
            if path in held:
                memories.update(held[path].id, memory_store_id=store_id, content=content)
            else:
                memories.create(store_id, path=path, content=content)
        except APIStatusError:
            return False  # the store is archived
        return True

    @property
    def lines(self) -> dict[str, str]:
        """Return every line that must not be lost, and where it was written."""
        return {**self.added, **{line: store_id for store_id, line in self.changed.items()}}
