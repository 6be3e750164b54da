"""What differs between two stores: by checksum first, by line where it is shown to a person."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from dreamflow.core.values import Listing

__all__ = ["Changes", "compare", "digest", "unified_diff"]


@dataclass(frozen=True)
class Changes:
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, path): removed first, because they ask for the most care."""
        yield from (("removed", path) for path in self.removed)
        yield from (("changed", path) for path in self.changed)
        yield from (("added", path) for path in self.added)

    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "removed": len(self.removed),
            "unchanged": self.unchanged,
        }


def compare(before: Listing, after: Listing) -> Changes:
    """Compare two listings by path and checksum."""
    common = before.keys() & after.keys()
    changed = sorted(path for path in common if before[path].sha256 != after[path].sha256)
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(changed),
        removed=tuple(sorted(before.keys() - after.keys())),
        unchanged=len(common) - len(changed),
    )


def digest(listing: Listing) -> str:
    """Return one checksum for every path and byte of a store: what a review's approval is bound to."""
    rows = [[path, listing[path].sha256] for path in sorted(listing)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def unified_diff(path: str, before: str, after: str, *, context: int = 2) -> list[str]:
    """
    Return the unified diff of one memory, without line ends. A side that is not there is an empty text.

    Only a newline ends a line, so that a change of line ends alone shows; a last line without one is said so, as
    ``diff`` does: in a line that begins like none of the text's own.
    """
    names = {"fromfile": f"before {path}", "tofile": f"after {path}"}
    shown: list[str] = []
    for line in difflib.unified_diff(_lines(before), _lines(after), **names, lineterm="\n", n=context):
        if line.endswith("\n"):
            shown.append(line[:-1])
        else:
            shown += [line, "\\ No newline at the end"]
    return shown


def _lines(text: str) -> list[str]:
    """Split at newlines only, and keep them."""
    *lines, rest = text.split("\n")
    return [f"{line}\n" for line in lines] + ([rest] if rest else [])
