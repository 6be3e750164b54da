"""Look into a store that is too large for a prompt: a file at a time, or by words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from include.managed_agents.dreams.claude.conversation import ToolCall
from include.managed_agents.dreams.claude.tools import LOOKUPS
from include.managed_agents.dreams.engine import StoreReader
from include.managed_agents.dreams.thinking import think

__all__ = ["Library"]

MAX_READ_BYTES = 60_000
MAX_HITS = 30
HIT_CHARACTERS = 300


class Library:
    """
    :param store: what there is to read, as it is now.
    :param check: raises where the dream is over.
    """

    def __init__(self, store: StoreReader, check: Callable[[], None]) -> None:
        self._store = store
        self._check = check

    async def look_up(self, call: ToolCall) -> tuple[str, bool]:
        """Carry out one of the tools that only read, and return what to tell and whether it is an error."""
        assert call.name in LOOKUPS
        path, words = call.input.get("path"), call.input.get("words")
        if call.name == "read_memory" and isinstance(path, str):
            return await asyncio.to_thread(self._read, path, call.input.get("from_line"))
        if call.name == "search_memory" and isinstance(words, str) and words.strip():
            return await think(self._check, self._search, words.casefold().split()), False
        return f"{call.name}: its arguments are wrong", True

    def _read(self, path: str, from_line: Any) -> tuple[str, bool]:
        content = self._store.read(path)
        if content is None:
            return "no such file", True
        first = from_line if isinstance(from_line, int) and from_line > 1 else 1
        text = "".join(content.splitlines(keepends=True)[first - 1 :]) if first > 1 else content
        shown = text.encode()[:MAX_READ_BYTES].decode(errors="ignore")
        if len(shown) < len(text):
            following = first + shown.count("\n")
            return f"{shown}\n(cut here; read on with from_line {following})", False
        return shown if shown.strip() else "(blank)", False

    def _search(self, words: list[str]) -> str:
        """Return lines with any of the words, out of files that have all of them."""
        hits: list[str] = []
        for path, content in self._store.read_all():
            self._check()
            known = f"{path}\n{content}".casefold()
            if all(word in known for word in words):
                hits.append(path)
                lines = (
                    line for line in content.splitlines() if any(word in line.casefold() for word in words)
                )
                hits += [
                    f"  {line.strip()[:HIT_CHARACTERS]}" for line, _ in zip(lines, range(5), strict=False)
                ]
            if len(hits) >= MAX_HITS:
                return "\n".join([*hits, "(there may be more; search for something rarer)"])
        return "\n".join(hits) or "no file has all of these words"
