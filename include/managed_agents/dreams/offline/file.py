"""
Decide in which memory a line of a session goes.

By the account that the session is about; else to a memory that people wrote and whose name the sentence says; else by
the person who speaks; else by month. Names of new files are plain letters, digits and dashes, whatever the text holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import cache

from include.managed_agents.dreams.offline.existing import name_words, tells_nothing
from include.managed_agents.dreams.offline.words import STOP_WORDS, stem, words_of

__all__ = ["Places"]

_PEOPLE_FOLDERS = re.compile(r"/(?:people|persons?|team|staff|contacts?|family|friends)(?:-\d+)?/[^/]+")


class Places:
    """
    The memories that lines can go to.

    :param paths: all memories of the store.
    :param written: those in which people wrote something.
    :param parties: the names of everyone who speaks in the sessions: "Priya" is filed with the only Priya known.
    :param read: gives a memory's content.
    """

    def __init__(
        self,
        paths: Collection[str],
        written: Collection[str],
        parties: Iterable[str],
        read: Callable[[str], str],
    ) -> None:
        self._paths = paths
        self._read = read
        self._by_name: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for path in sorted(paths):
            self._by_name[name_words(path)].append(path)
        self._people = [path for path in sorted(paths) if _PEOPLE_FOLDERS.fullmatch(path)]
        self._full_names: defaultdict[str, set[str]] = defaultdict(set)
        for words in (*(tuple(name.lower().split()) for name in parties), *map(name_words, self._people)):
            if len(words) > 1:
                self._full_names[words[0]].add(" ".join(words))
        self._named: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
        for path in sorted(written):
            name = frozenset(stem(word) for word in name_words(path))
            if name and not tells_nothing(path) and any(len(word) > 2 and word not in STOP_WORDS for word in name):
                for word in name:
                    self._named[word].append((name, path))
        self.person = cache(self._person)

    def account(self, account: str) -> str:
        """Return the memory of an account: the one of that name, else a new one."""
        named = [path for path in self._by_name[name_words(f"/{account}.md")] if f"/{account}." in path]
        return named[0] if named else self._new("accounts", account)

    def month(self, day: str) -> str:
        """Return the memory of the month of a day."""
        return self._new("sessions", day[:7] or "undated")

    def named_by(self, text: str) -> list[str]:
        """
        Return the memories all of whose name the sentence says, what it is most about first.

        "The Paylane webhook" is about the webhook: of names side by side the last counts. Else the one said first
        does, and people come last, for what they say themselves is filed with them anyway.
        """
        words = [stem(word.removesuffix("'s")) for word in words_of(text)]
        said = set(words)
        names = {pair for word in said for pair in self._named.get(word, ()) if pair[0] <= said}
        places = {path: max(map(words.index, name)) for name, path in names}
        taken = set(places.values())
        ranked = sorted(names, key=lambda n: (n[1] in self._people, places[n[1]] + 1 in taken, places[n[1]], n[1]))
        paths = (self.person(" ".join(name_words(p))) if p in self._people else p for _, p in ranked)
        return list(dict.fromkeys(paths))

    def _person(self, name: str) -> str:
        """
        Return the memory of a person, or "" where the name can't be a file's.

        Of several with parts of one name (``tom.md`` and ``tom okafor.md``), the shortest whose text has the whole name.
        """
        words = tuple(re.findall(r"[^\W_]+", name.lower()))
        full = self._full_names.get(words[0], set()) if words else set()
        if len(full) == 1:
            words = tuple(next(iter(full)).split())
        same = [p for p in self._people if set(name_words(p)) == set(words)]
        shorter = [p for p in self._people if name_words(p) and set(name_words(p)) < set(words)]
        telling = [p for p in shorter if set(words) <= set(words_of(self._read(p)))]
        longer = [p for p in self._people if words and set(words) < set(name_words(p))]
        known = [*telling, *same] or (shorter if len(full) < 2 else []) or (longer if len(longer) == 1 else [])
        if known:
            return min(known, key=lambda path: (len(name_words(path)), path))
        return self._new("people", " ".join(words)) if _slug(" ".join(words)) else ""

    def _new(self, folder: str, name: str) -> str:
        """Return a path of ours; its folder is one that is no memory itself, which no file system could show."""
        number = 1
        while f"/{folder}" in self._paths:
            number += 1
            folder = f"{folder.removesuffix(f'-{number - 1}')}-{number}"
        return f"/{folder}/{_slug(name) or 'other'}.md"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:60].strip("-_")
