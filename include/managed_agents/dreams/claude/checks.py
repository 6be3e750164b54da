"""Check what Claude wrote before it counts: limits, and specifics that stand in a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from include.managed_agents.dreams.claude.index import INDEX
from include.managed_agents.dreams.engine import StoreReader
from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.memories.paths import check_path
from include.managed_agents.memories.schemas import MAX_CONTENT_BYTES

__all__ = ["Sources", "fault_of_file"]

#: Kinds that are copied or made up. Dates may be worked out from "yesterday", and numbers are counted.
COPIED = frozenset({Kind.LINK, Kind.EMAIL, Kind.AMOUNT, Kind.PHONE, Kind.IDENTIFIER})


class Sources:
    """
    All text that a dream may take specifics from.

    :param texts: what was said and reported.
    :param store: the notes, which are gone through anew for what the texts lack, and never held whole.
    :param check: raises where the dream is over.
    """

    def __init__(self, texts: Iterable[str], store: StoreReader, check: Callable[[], None]) -> None:
        self._texts = [plain("\n".join(texts))]
        self._store = store
        self._check = check

    def add(self, text: str) -> None:
        """Keep what a note said, before it is replaced."""
        self._texts.append(plain(text))

    def ungrounded(self, texts: Iterable[str]) -> list[str]:
        """Return the specifics of ``texts`` that stand in no source."""
        found = (
            specific.text for text in texts for specific in find_specifics(text) if specific.kind in COPIED
        )
        missing = {specific: plain(specific) for specific in dict.fromkeys(found)}
        for text in self._texts:
            missing = {specific: sought for specific, sought in missing.items() if sought not in text}
        if missing:
            for _, content in self._store.read_all():
                self._check()
                text = plain(content)
                missing = {specific: sought for specific, sought in missing.items() if sought not in text}
                if not missing:
                    break
        return list(missing)


def plain(text: str) -> str:
    return " ".join(text.casefold().split())


def fault_of_file(path: str, content: str, new: str, sources: Sources) -> str | None:
    """
    Return what is wrong with a file, for the orchestrator to put right; None if nothing is.

    :param new: the part of the content that was not there before.
    """
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
    made_up = [] if path == INDEX else sources.ungrounded([new])
    if made_up:
        return f"these stand in no source, so take them out or copy them exactly: {', '.join(made_up[:10])}"
    return None
