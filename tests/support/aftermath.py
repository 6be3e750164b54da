"""What stands once a dream was adopted under a hammer, against what ought to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from anthropic import Anthropic

from tests.managed_agents.support import contents
from tests.support.hammer import Ledger, marks_of, our_lines

__all__ = ["Aftermath", "aftermath_of", "made_by_the_dream"]


@dataclass(frozen=True)
class Aftermath:
    """
    :ivar ledger: what the writers were acknowledged.
    :ivar reviewed: the dream's output as a person saw it.
    :ivar made: the paths of those memories of it that the dream has made.
    :ivar known: every line that the input ever held.
    :ivar at_the_archive: the lines of writers that the input held when it was archived.
    :ivar live: what the live store holds now.
    """

    ledger: Ledger
    reviewed: Mapping[str, str]
    made: frozenset[str]
    known: frozenset[str]
    at_the_archive: frozenset[str]
    live: Mapping[str, str]

    def misunderstood(self) -> set[str]:
        """Return what ledger and server disagree on. A delete that came after the archive is none of it."""
        return (self.ledger.standing - self.at_the_archive) | (self.at_the_archive - self.ledger.added)

    def missing(self) -> set[str]:
        """
        Return the lines that the input held at last and the live store does not.

        A line that the dream has read may stand there in the dream's words; what tells it from others is the same.
        """
        dreamed, standing = _counted(self.reviewed), _counted(self.live)
        told = _marks(dreamed) & _marks(standing)
        absent = self.at_the_archive - standing.keys()
        return {line for line in absent if line in dreamed or not marks_of(line) <= told}

    def doubled(self) -> set[str]:
        """Return the acknowledged lines that stand in the live store more than once."""
        return {
            line for line, times in _counted(self.live).items() if times > 1 and line in self.ledger.added
        }

    def risen(self) -> set[str]:
        """Return the lines that were taken away again, and that the dream never saw, but stand in a memory."""
        seen = _marks(_counted(self.reviewed))
        gone = self.ledger.added - self.at_the_archive
        memories = {path: text for path, text in self.live.items() if not path.startswith("/late/")}
        return {line for line in gone & _counted(memories).keys() if not marks_of(line) & seen}

    def undreamed(self) -> set[str]:
        """Return the lines that only the dream wrote, and that stand in the live store less often, or more."""
        dreamed, standing = _counted(self.reviewed), _counted(self.live)
        own = {line: times for line, times in dreamed.items() if line not in self.known}
        return {line for line, times in own.items() if standing[line] != times}

    def uprooted(self) -> set[str]:
        """Return where the dream has made a memory that lies there no more: none of them is an agent's to move."""
        return set(self.made - self.live.keys())


def made_by_the_dream(client: Anthropic, input_id: str, reviewed: Mapping[str, str]) -> frozenset[str]:
    """Return the paths of the output where the input has never had a memory so far."""
    versions = client.beta.memory_stores.memory_versions.list(input_id, limit=100)
    return frozenset(reviewed.keys() - {version.path for version in versions})


def aftermath_of(
    client: Anthropic,
    input_id: str,
    live_id: str,
    ledger: Ledger,
    reviewed: Mapping[str, str],
    made: frozenset[str],
) -> Aftermath:
    """
    Look at both stores. The input is archived: what it held at that moment is in its versions.

    :param made: see ``made_by_the_dream``.
    """
    archived_at = client.beta.memory_stores.retrieve(input_id).archived_at
    assert archived_at is not None, f"{input_id} is not archived"
    texts = list(_versions(client, input_id))
    last = {memory_id: text for memory_id, at, text in reversed(texts) if at <= archived_at}
    return Aftermath(
        ledger,
        reviewed,
        made,
        frozenset(line for _, _, text in texts for line in _lines(text)),
        frozenset(line for text in last.values() for line in our_lines(text)),
        contents(client, live_id),
    )


def _versions(client: Anthropic, store_id: str) -> Iterator[tuple[str, datetime, str]]:
    """Yield memory, moment and text of every version, newest first; a deleted memory has no text."""
    for version in client.beta.memory_stores.memory_versions.list(store_id, view="full", limit=20):
        yield version.memory_id, version.created_at, version.content or ""


def _counted(memories: Mapping[str, str]) -> Counter[str]:
    """Count the lines of a store, apart from those that are quoted as what was replaced."""
    return Counter(line for text in memories.values() for line in _lines(text) if not line.startswith("> "))


def _lines(text: str) -> Iterable[str]:
    """Return the lines that say something, as they are compared: without line ends and trailing blanks."""
    return (line.rstrip() for line in text.split("\n") if any(map(str.isalnum, line)))


def _marks(lines: Iterable[str]) -> set[str]:
    return {mark for line in lines for mark in marks_of(line)}
