"""
Where a statement of a session goes: to the memory of the account that the session is about; else to one that people
wrote and whose name the sentence says; else to that of the person it is about; else to that of its month.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Set
from datetime import date
from functools import cache

from include.managed_agents.dreams.offline.existing import subject_words, words_in
from include.managed_agents.dreams.offline.layout import pages_of
from include.managed_agents.dreams.offline.render import name_of
from include.managed_agents.dreams.offline.words import STOP_WORDS, stem, words_of

__all__ = ["Places"]

_PEOPLE = re.compile(r"/(?:people|persons?|team|staff|contacts?|family|friends)(?:-\d+)?/[^/]+")


class Places:
    """
    The memories that statements can go to: all ``paths`` of the store, and those ``written`` by people.

    :param parties: the names of all whom sessions are about: "Priya" is filed with the only Priya known.
    """

    def __init__(
        self, paths: Collection[str], written: Set[str], parties: Set[str], read: Callable[[str], str]
    ) -> None:
        self._paths, self._read = paths, read
        self._people = {path: words_in(name_of(path)) for path in sorted(paths) if _PEOPLE.fullmatch(path)}
        self._full_names: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        for words in (*map(words_in, parties), *self._people.values()):
            if len(words) > 1:
                self._full_names[words[0]].add(words)
        #: By the first of its words, names of memories that tell something.
        self._named: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
        for path in sorted(path for path in written if subject_words(path)):
            name = frozenset(map(stem, words_in(name_of(path))))
            if any(len(word) > 2 for word in name - STOP_WORDS):
                self._named[min(name)].append((name, path))
        self.account, self.person = cache(self._account), cache(self._person)

    def named_by(self, text: str) -> list[str]:
        """
        Return the memories all of whose name the sentence says, what it is most about first: "the Paylane webhook" is
        about the webhook, of names side by side the last counts. Else the one said first does, and people come last,
        for what they say themselves is filed with them anyway.
        """
        words = [stem(word.removesuffix("'s")) for word in words_of(text)]
        said = self._named.keys() & set(words)
        names = (pair for word in said for pair in self._named[word] if pair[0] <= set(words))
        places = {path: max(map(words.index, name)) for name, path in names}
        ends = set(places.values())
        ranked = sorted(places, key=lambda p: (p in self._people, places[p] + 1 in ends, places[p], p))
        owners = (self.person(" ".join(self._people[p])) if p in self._people else p for p in ranked)
        return list(dict.fromkeys(owners))

    def month(self, day: date) -> str:
        return self._new("sessions", day.isoformat()[:7])

    def _account(self, account: str) -> str:
        named = re.compile(rf".*/{re.escape(account)}(?:\.\w{{1,5}})?", re.DOTALL)
        return min(filter(named.fullmatch, self._paths), default="") or self._new("accounts", account)

    def _person(self, name: str) -> str:
        """Return the memory of a person: the shortest whose name or text says all of theirs. "" where none can be."""
        words = words_in(name)
        full = self._full_names.get(words[0], set()) if words else set()
        words = next(iter(full)) if len(full) == 1 else words
        same = [path for path, own in self._people.items() if set(own) == set(words)]
        shorter = [path for path, own in self._people.items() if own and set(own) < set(words)]
        longer = [path for path, own in self._people.items() if words and set(words) < set(own)]
        telling = [path for path in shorter if set(words) <= set(words_of(self._read(path)))]
        partly = shorter if shorter and len(full) < 2 else longer if len(longer) == 1 else []
        if known := [*telling, *same] or partly:
            return min(known, key=lambda path: (len(self._people[path]), path))
        return self._new("people", " ".join(words)) if _slug(" ".join(words)) else ""

    def _new(self, folder: str, name: str) -> str:
        """Return a path of ours; its folder is one that is no memory itself, which no file system could show."""
        free = next(path for path in pages_of(f"/{folder}") if path not in self._paths)
        return f"{free}/{_slug(name) or 'other'}.md"


def _slug(name: str) -> str:
    """Return a name as plain letters, digits and dashes, whatever it holds."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60].strip("-_")
