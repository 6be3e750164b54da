"""A review of two stores, as far as an edit, a history or a page asks it what became of a memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dreamflow.core.changes import digest
from dreamflow.core.comparing import compare_stores
from dreamflow.core.objects import MemoryEntry
from dreamflow.core.review import Review, StoreFacts
from tests.unit.running import Night
from tests.unit.support import NOON, listing_of

__all__ = ["note_changes", "review_of"]


class Bodies(dict[str, str]):
    """The texts of a store."""

    def each(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        return ((path, self[path]) for path in paths)


def review_of(before: Mapping[str, str], after: Mapping[str, str], **more: Any) -> Review:
    """Return a review of two stores: their real comparison, and nothing else but what is given."""
    olds, news = _listing(before), _listing(after)
    compared = compare_stores(olds, news, Bodies(before), Bodies(after))
    facts: dict[str, Any] = {
        "pipeline": "support",
        "run_id": "manual__1",
        "made_at": NOON,
        "digest": digest(news),
        "verdict": "clean",
        "input": StoreFacts(id="memstore_in", memories=len(before), bytes=len("".join(before.values()))),
        "output": StoreFacts(id="memstore_out", memories=len(after), bytes=len("".join(after.values()))),
        "counts": compared.counts(),
        "changes": compared.changes,
    }
    return Review(**{**facts, **more})


def _listing(contents: Mapping[str, str]) -> dict[str, MemoryEntry]:
    """Return a listing with ids that, as the service's, tell nothing of the contents."""
    return {
        path: entry._replace(memory_id=f"mem_{n}", version_id=f"memver_{entry.sha256[:8]}")
        for n, (path, entry) in enumerate(listing_of(contents).items())
    }


def note_changes(night: Night, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Let the night's run have a review."""
    night.run.write_review(review_of(before, after))
