"""Check what Claude wrote before it counts: limits, grounded specifics, the index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.memories.paths import check_path
from include.managed_agents.memories.schemas import MAX_CONTENT_BYTES

__all__ = ["INDEX", "Sources", "fault_of_file", "index_of", "missing_from_index"]

INDEX = "/index.md"
#: Kinds that are copied or made up. Dates may be worked out from "yesterday", and numbers are counted.
COPIED = frozenset({Kind.LINK, Kind.EMAIL, Kind.AMOUNT, Kind.PHONE, Kind.IDENTIFIER})
SPACES = re.compile(r"\s+")


class Sources:
    """All text that a dream may take specifics from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._text = plain("\n".join(texts))

    def ungrounded(self, text: str) -> list[str]:
        """Return the specifics of ``text`` that stand in no source."""
        found = (specific.text for specific in find_specifics(text) if specific.kind in COPIED)
        return [specific for specific in dict.fromkeys(found) if plain(specific) not in self._text]


def plain(text: str) -> str:
    return SPACES.sub(" ", text.casefold())


def fault_of_file(path: str, content: str, sources: Sources) -> str | None:
    """Return what is wrong with a file, for the orchestrator to put right; None if nothing is."""
    try:
        check_path(path)
    except ValueError as error:
        return f"the path {error}"
    size = len(content.encode())
    if size > MAX_CONTENT_BYTES:
        return f"{size:,} bytes are over the limit of {MAX_CONTENT_BYTES:,}; split the file by subject"
    if not content.strip():
        return "the file is empty; delete it instead"
    # The index names files, whose paths are of this dream's own making.
    made_up = [] if path == INDEX else sources.ungrounded(content)
    if made_up:
        return f"these stand in no source, so take them out or copy them exactly: {', '.join(made_up[:10])}"
    return None


def missing_from_index(files: Mapping[str, str]) -> list[str]:
    """Return the files that the index doesn't lead to."""
    index = files.get(INDEX, "")
    return [path for path in sorted(files) if path != INDEX and path not in index]


def index_of(files: Mapping[str, str]) -> str:
    """Return a complete index, of paths and first lines, for where the model left one incomplete."""
    lines = ["# Index", ""]
    for path, content in sorted(files.items()):
        if path != INDEX:
            first = next((line.strip("# ").strip() for line in content.splitlines() if line.strip()), "")
            lines.append(f"- {path}: {first[:200]}")
    return "\n".join(lines) + "\n"
