"""
What stands in a store: looked through without holding it, and which of it says the same.

What people wrote stays byte for byte, with two exceptions. A copy of a whole memory goes, unless its name says what
neither the other's name nor the text does. And in a memory whose name tells nothing ("notes", "untitled 3", a date) a
line goes that stands elsewhere word for word, and the memory with its last line.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import date
from hashlib import blake2b

from include.managed_agents.dreams.engine import StoreFiles
from include.managed_agents.dreams.offline.dates import MONTHS, is_relative, without_computed, written
from include.managed_agents.dreams.offline.fold import checked
from include.managed_agents.dreams.offline.late import LATE
from include.managed_agents.dreams.offline.lines import Line, turns
from include.managed_agents.dreams.offline.render import INDEX, split, split_index
from include.managed_agents.dreams.offline.select import Frequencies
from include.managed_agents.dreams.offline.text import clauses, clean, plain, sentences
from include.managed_agents.dreams.offline.words import terse, vocatives, words_of

__all__ = ["Survey", "subject_words", "without", "words_in"]

_GENERIC_WORDS = """
notes note misc todo to do tmp temp scratch untitled copy copies final old new draft stuff later memo memos log logs
session sessions memory memories inbox random various other others general file files doc docs text readme index backup
backups bak dump archive v the of and duplicate
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
#: Whether a path names a day or month: "yesterday" means something there.
_is_dated = re.compile(r"(?<!\d)(?:19|20)\d\d[-_./]?(?:0[1-9]|1[0-2])(?!\d)").search
_MARK = re.compile(
    r"\s*(?:>\s?)*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?"
    r"(?:(?P<day>\d{1,2} [A-Za-z]+ \d{4})(?:,? [\d:]{5,8})?: )?"
)
#: Lines that are no statements of their own: headings, tables, code, what is nested below another line.
_OPAQUE = re.compile(r"\s|[|{}\[\]<#]|```|~~~|---+\s*$|===+\s*$")
#: Who is called by name in a note is not known.
_NOBODY = vocatives(())
#: A statement of fewer words says too little to be the same in another place.
_ENOUGH = re.compile(r"(?:\w++\W++){3}\w")
#: Characters of a memory from which the words of its entry in the index are taken, and how many are kept and told.
_READ_FOR_INDEX, _CANDIDATES, _TOLD = 20_000, 60, 12
#: They fit everything: nobody looks for them.
_LITTLE_WORDS = """
agent customer user record monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow tonight
morning afternoon evening night week weekend month year day days weeks months years time times date last next new old
first second third back still since ago soon later early late going went gone give given make made take took put say
said tell told ask asked know think need needed needs want wanted wants see seen look find found use used using work
working try keep kept help come came comes send sent thing things way lot bit number two three good great nice best
better left always never every something following available below none instead moved https http
"""
_LITTLE = frozenset([*_LITTLE_WORDS.split(), *map(str.lower, MONTHS)])


class Survey:
    """
    What is known of a store, for a dream over ``sessions``.

    ``paths`` are all its memories; ``index`` the pages of its index, with what people wrote in each; ``lines`` those of
    the sessions, by session; ``written`` the memories in which people wrote, ``copies`` those of them to drop, ``late``
    those below /late/.
    """

    def __init__(self, files: StoreFiles, sessions: Set[str], check: Callable[[], None]) -> None:
        self._files, self._check = files, check
        self.paths = set(files.sizes())
        self.index: dict[str, str] = {}
        self.lines: defaultdict[str, list[Line]] = defaultdict(list)
        self.written: set[str] = set()
        self.copies: set[str] = set()
        self.late: list[str] = []
        #: Memories whose names tell nothing, and the numbers of what could go of them.
        self._nameless: list[str] = []
        self._loose: set[int] = set()
        #: What the index says of a memory; else the words of it that may tell, with its latest day.
        self._entries: dict[str, str] = {}
        self._words: dict[str, tuple[list[tuple[str, int]], date | None]] = {}
        self._frequencies = Frequencies()
        for path in sorted(p for p in self.paths if p == INDEX or re.fullmatch(r"/index-\d+\.md", p)):
            own, entries = split_index(path, files.read(path) or "")
            if path == INDEX or entries:
                self.index[path] = own
                self._entries.update(entries)
        alike: defaultdict[int, list[str]] = defaultdict(list)
        for path, content in checked(files.read_all(), check):
            if path not in self.index:
                self._take(path, content, sessions, alike)
        self._loose.discard(0)
        for group in alike.values():
            kept = min(group, key=_rank)
            said = subject_words(kept) | set(words_of(files.read(kept) or "") if len(group) > 1 else ())
            self.copies |= {p for p in group if p != kept and subject_words(p) <= said and not _is_dated(p)}

    def _take(self, path: str, content: str, sessions: Set[str], alike: defaultdict[int, list[str]]) -> None:
        own, lines = split(path, content)
        for line in lines:
            for session in sessions & set(line.sources):
                self.lines[session].append(line)
        self.describe(path, own, lines, anew=path not in self._entries)
        if path.startswith(LATE):
            self.late.append(path)
        elif own.strip():
            self.written.add(path)
            alike[_fingerprint(content)].append(path)
            if not subject_words(path):
                self._nameless.append(path)
                self._loose.update(*(numbers for _, numbers in _loose_lines(path, own)))

    def describe(self, path: str, own: str, lines: Sequence[Line], *, anew: bool = True) -> None:
        """Take in the words of a memory, for its entry in the index; where most of them stand in that, it stays."""
        text = "\n".join([own, *(line.text for line in lines)])[:_READ_FOR_INDEX]
        words = Counter(word for word in words_of(text) if len(word) > 2)
        told = words_of(self._entries.get(path, "").partition("; latest ")[0])
        if anew or 2 * sum(word in words for word in told) < max(len(told), bool(words)):
            self._frequencies.add(text)
            known = _LITTLE.union(words_of(path), subject_words(path))
            telling = Counter({w: n for w, n in words.items() if not w[0].isdigit() and w not in known})
            latest = max((line.day for line in lines), default=None)
            self._words[path] = telling.most_common(_CANDIDATES), latest
            self._entries.pop(path, None)

    def about(self, path: str) -> str:
        """Return what the index says of a memory: the words that it has more often than others, and its latest day."""
        if path in self._entries:
            return self._entries[path]
        words, latest = self._words[path]
        telling = sorted(words, key=lambda item: -item[1] * (0.1 + self._frequencies.rarity(item[0])))[:_TOLD]
        told = ", ".join(word for word, _ in telling)
        return f"{told}; latest {written(latest)}" if latest else told

    def lines_that_go(self, new: Iterable[Line]) -> dict[str, set[int]]:
        """Return the numbers of the lines of nameless memories that stand in other memories, or in the new lines."""
        elsewhere: set[int] = set()
        silent = {*self._nameless, *self.copies, *self.late, *self.index}
        for path, content in checked(self._files.read_all() if self._loose else (), self._check):
            own, lines = split(path, content)
            elsewhere |= self._loose.intersection(_said_in(lines))
            for text in own.split("\n") if path not in silent else ():
                elsewhere |= self._loose & _numbers_of(text)
        elsewhere |= self._loose.intersection(_said_in(checked(new if self._loose else (), self._check)))
        gone: dict[str, set[int]] = {}
        for path in checked(sorted(set(self._nameless) - self.copies, key=_rank), self._check):
            own = split(path, self._files.read(path) or "")[0]
            gone[path] = {place for place, numbers in _loose_lines(path, own) if numbers <= elsewhere}
            for text in own.split("\n"):
                elsewhere |= self._loose & _numbers_of(text)
        return {path: numbers for path, numbers in gone.items() if numbers}


def words_in(name: str) -> tuple[str, ...]:
    """Return the words of a name, lower case."""
    return tuple(re.findall(r"[^\W_]+", name.lower()))


def subject_words(path: str) -> frozenset[str]:
    """
    Return the words of a whole path that tell something: none where its name tells nothing.

    What stands below a date in a folder such as ``/notes/`` was noted in a session, whatever its name says besides.
    """
    folder, name = re.sub(r"\.\w{1,5}$", "", path).rsplit("/", 1)
    in_folder, words = frozenset(words_in(folder)), frozenset(words_in(f"{folder} {name}"))
    noted = in_folder and in_folder <= _GENERIC and _is_dated(name)
    words -= _GENERIC
    return words if not noted and any(not re.fullmatch(r"v?\d+", word) for word in words) else frozenset()


def without(own: str, gone: Set[int]) -> str:
    """Return what is left of a memory without some of its lines; empty where that says nothing any more."""
    kept = [line for number, line in enumerate(own.split("\n")) if number not in gone]
    return "\n".join(kept) if not gone or any(line.strip() and line[0] != "#" for line in kept) else ""


def _rank(path: str) -> tuple[bool, bool, int, str]:
    """Of memories that say the same, the one that tells most by its name comes first, else that of the shorter name."""
    return not subject_words(path), not _is_dated(path), len(path), path


def _fingerprint(text: str) -> int:
    """Return a number that texts have in common which differ in blanks and invisible characters only."""
    text = text if text.isascii() else clean(text)
    return int.from_bytes(blake2b(" ".join(text.split()).encode(), digest_size=8).digest())


def _numbers_of(line: str, day: str = "") -> set[int]:
    """
    Return a number for each clause of a line as an extract would say it; 0 for one that has too few words.

    :param day: when it was said, as people write it. A line may begin with it: "- 27 November 2026, 18:28: ".
    """
    mark = _MARK.match(line)
    said = sentences(plain(clean(line[mark.end() :] if mark else line)))
    parts = [terse(clause, _NOBODY) for sentence in said for clause in clauses(sentence)]
    day = (mark["day"] if mark else "") or day
    told = {part: f"{day} {part}".lower().rstrip(" .;,!") for part in parts}
    return {_fingerprint(text) if _ENOUGH.search(part) else 0 for part, text in told.items()}


def _said_in(lines: Iterable[Line]) -> Iterator[int]:
    """Yield the numbers of what lines say, with and without their days."""
    for line in lines:
        for _, said in turns(without_computed(line.text)):
            yield from _numbers_of(said) | _numbers_of(said, written(line.day))


def _loose_lines(path: str, own: str) -> Iterator[tuple[int, set[int]]]:
    """Yield the places of lines that need nothing around them, so that they could go, and the numbers of each."""
    fenced = labeled = False
    for place, line in enumerate(own.split("\n")):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        labeled = bool(line.strip()) and (labeled or line.rstrip().endswith(":"))
        depends = fenced or labeled or _OPAQUE.match(line) or (_is_dated(path) and is_relative(line))
        if not depends and (numbers := _numbers_of(line)):
            yield place, numbers
