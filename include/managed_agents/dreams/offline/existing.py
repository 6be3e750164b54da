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
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

from include.managed_agents.dreams.engine import StoreFiles
from include.managed_agents.dreams.offline.dates import find_relative_dates, without_computed, written
from include.managed_agents.dreams.offline.fold import checked, turns
from include.managed_agents.dreams.offline.late import LATE
from include.managed_agents.dreams.offline.lines import Line
from include.managed_agents.dreams.offline.render import INDEX, split, split_index
from include.managed_agents.dreams.offline.select import Frequencies
from include.managed_agents.dreams.offline.text import clean, plain, sentences
from include.managed_agents.dreams.offline.words import words_of

__all__ = ["Survey", "lines_that_go", "look_through", "name_words", "subject_words", "without"]

_GENERIC_WORDS = """
notes note misc todo to do tmp temp scratch untitled copy copies final old new draft stuff later memo memos log logs
session sessions memory memories inbox random various other others general file files doc docs text readme index backup
backups bak dump archive v the of and duplicate
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_DATE_IN_PATH = re.compile(r"(?<!\d)(?:19|20)\d\d[-_./]?(?:0[1-9]|1[0-2])(?!\d)")
_MARK = re.compile(
    r"(?:>\s?)*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?(?:(?P<day>\d{1,2} [A-Za-z]+ \d{4})(?:,? [\d:]{5,8})?: )?"
)
_MARKED = re.compile(r"[^ -~]|[*_`~<\[]")
#: Lines that are no statements of their own: headings, tables, code, what is nested below another line.
_OPAQUE = re.compile(r"\s|[|{}\[\]<#]|```|~~~|---+\s*$|===+\s*$")
#: A statement of fewer words says too little to be the same in another place.
_LEAST_WORDS = 4
_ANY_DAY = date(2000, 1, 3)
#: Characters of a memory from which the words of its entry in the index are taken, and how many are kept and told.
_READ_FOR_INDEX, _CANDIDATES, _TOLD = 20_000, 60, 12
#: They fit everything: nobody looks for them.
_LITTLE_WORDS = """
agent customer user record monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow tonight
morning afternoon evening night week weekend month year day days weeks months years time times date last next new old
first second third back still since until ago soon later early late january february march april may june july august
september october november december go going went gone get give given make made take took put say said tell told ask
asked know think need needed needs want wanted wants see seen look find found use used using work working try keep
kept let help come came comes send sent thing things way lot bit number one two three four five six good great nice
best better left always never every something following available below not none instead moved https http
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())


@dataclass
class Survey:
    """
    What is known of a store.

    ``index`` are its pages, with what people wrote in each; ``entries`` what it says of each memory; ``lines`` those
    of the sessions asked for, by session; ``written`` the memories in which people wrote, ``copies`` those to drop,
    ``late`` those below /late/, ``nameless`` those whose names tell nothing, ``loose`` the numbers of what could go
    of these.
    """

    paths: set[str]
    index: dict[str, str] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    lines: defaultdict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    written: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)
    late: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    loose: set[int] = field(default_factory=set)
    _frequencies: Frequencies = field(default_factory=Frequencies)
    _words: dict[str, tuple[list[tuple[str, int]], str]] = field(default_factory=dict)

    def describe(self, path: str, own: str, lines: Sequence[Line], *, anew: bool = True) -> None:
        """Take in the words of a memory, for its entry in the index; where most of them stand in that, it stays."""
        text = "\n".join([own, *(line.text for line in lines)])[:_READ_FOR_INDEX]
        words = Counter(word for word in words_of(text) if len(word) > 2)
        told = words_of(self.entries.get(path, "").partition("; latest ")[0])
        if anew or 2 * sum(word in words for word in told) < max(len(told), bool(words)):
            self._frequencies.add([{"text": text}])
            known = _LITTLE.union(words_of(path), subject_words(path))
            telling = Counter({w: n for w, n in words.items() if not w[0].isdigit() and w not in known})
            day = max((line.day for line in lines), default="")
            self._words[path] = telling.most_common(_CANDIDATES), day
            self.entries.pop(path, None)

    def about(self, path: str) -> str:
        """Return what the index says of a memory: the words that it has more often than others, and its latest day."""
        if path in self.entries:
            return self.entries[path]
        words, day = self._words[path]
        telling = sorted(words, key=lambda item: -item[1] * (0.1 + self._frequencies.rarity(item[0])))[:_TOLD]
        latest = f"latest {written(date.fromisoformat(day))}" if day else ""
        return "; ".join(filter(None, [", ".join(word for word, _ in telling), latest]))


def look_through(files: StoreFiles, sessions: Set[str], check: Callable[[], None]) -> Survey:
    """Return what is to be known of the store, for a dream over ``sessions``."""
    survey = Survey(set(files.sizes()))
    for path in sorted(p for p in survey.paths if p == INDEX or re.fullmatch(r"/index-\d+\.md", p)):
        own, entries = split_index(path, files.read(path) or "")
        if path == INDEX or entries:
            survey.index[path] = own
            survey.entries.update(entries)
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for path, content in checked(files.read_all(), check, 1):
        if path in survey.index:
            continue
        own, lines = split(path, content)
        for line in lines:
            for session in sessions & set(line.sources):
                survey.lines[session].append(line)
        survey.describe(path, own, lines, anew=path not in survey.entries)
        if path.startswith(LATE):
            survey.late.append(path)
        elif own.strip():
            survey.written.add(path)
            alike[_fingerprint(content)].append(path)
            if not subject_words(path):
                survey.nameless.append(path)
                survey.loose.update(number for _, numbers in _loose_lines(path, own) for number in numbers)
    survey.loose.discard(0)
    for group in alike.values():
        kept = min(group, key=lambda path: (not subject_words(path), not _is_dated(path), len(path), path))
        said = subject_words(kept) | set(words_of(files.read(kept) or "") if len(group) > 1 else ())
        survey.copies |= {p for p in group if p != kept and subject_words(p) <= said and not _is_dated(p)}
    return survey


def lines_that_go(
    files: StoreFiles, survey: Survey, new: Iterable[Line], check: Callable[[], None]
) -> dict[str, set[int]]:
    """
    Return the numbers of the lines of nameless memories that stand in other memories, or in the new lines.

    Of two nameless memories that have a line in common, the one below a date keeps it, else that of the shorter name.
    """
    elsewhere: set[int] = set()
    silent = {*survey.nameless, *survey.copies, *survey.late, *survey.index}
    for path, content in checked(files.read_all() if survey.loose else (), check, 1):
        own, lines = split(path, content)
        elsewhere |= survey.loose.intersection(_said_in(lines))
        for text in own.split("\n") if path not in silent else ():
            elsewhere |= survey.loose.intersection(_statements_of(text))
    elsewhere |= survey.loose.intersection(_said_in(checked(new if survey.loose else (), check)))
    gone: dict[str, set[int]] = {}
    nameless = (path for path in survey.nameless if path not in survey.copies)
    for path in checked(sorted(nameless, key=lambda path: (not _is_dated(path), len(path), path)), check, 1):
        own, _ = split(path, files.read(path) or "")
        gone[path] = {
            number
            for number, (whole, *parts) in _loose_lines(path, own)
            if whole in elsewhere or (parts and elsewhere >= set(parts))
        }
        for text in without(own, gone[path]).split("\n"):
            elsewhere |= survey.loose.intersection(_statements_of(text))
    return {path: numbers for path, numbers in gone.items() if numbers}


def _said_in(lines: Iterable[Line]) -> Iterator[int]:
    """Yield the numbers of what lines say, with and without their days."""
    for line in lines:
        for _, said in turns(without_computed(line.text)):
            yield from _statements_of(said)
            yield from _statements_of(said, written(date.fromisoformat(line.day)) if line.day else "")


def name_words(path: str) -> tuple[str, ...]:
    """Return the words of a path's last segment, lower case, without its ending."""
    return tuple(re.findall(r"[^\W_]+", re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1].lower())))


def subject_words(path: str) -> frozenset[str]:
    """
    Return the words of a whole path that tell something: none where its name tells nothing.

    What stands below a date in a folder such as ``/notes/`` was noted in a session, whatever its name says besides.
    """
    folder, name = re.sub(r"\.\w{1,5}$", "", path.lower()).rsplit("/", 1)
    in_folder, words = (frozenset(re.findall(r"[^\W_]+", text)) for text in (folder, f"{folder} {name}"))
    noted = in_folder and in_folder <= _GENERIC and _is_dated(name)
    words -= _GENERIC
    return words if not noted and any(not re.fullmatch(r"v?\d+", word) for word in words) else frozenset()


def _is_dated(path: str) -> bool:
    """Whether the path names a day or month: "yesterday" means something there."""
    return _DATE_IN_PATH.search(path) is not None


def _fingerprint(text: str) -> int:
    """Return a number that texts have in common which differ in blanks and invisible characters only."""
    text = text if text.isascii() else clean(text)
    return int.from_bytes(blake2b(" ".join(text.split()).encode(), digest_size=8).digest())


def _statements_of(line: str, day: str = "") -> Iterator[int]:
    """
    Yield a number for the line, whatever its marks, and one for each sentence; 0 for what has too few words.

    :param day: when it was said, as people write it. A line may begin with it: "- 27 November 2026, 18:28: ".
    """
    body = line.strip()
    mark = _MARK.match(body)
    text = body[mark.end() if mark else 0 :]
    day = (mark["day"] if mark else "") or day
    text = plain(clean(text)) if _MARKED.search(text) else text
    for part in (text, *(sentences(text) if re.search(r"[.!?] ", text) else ())):
        told = f"{day} {part}".lower().rstrip(" .;,!")
        yield _fingerprint(told) if len(re.findall(r"\w+", part)) >= _LEAST_WORDS else 0


def _loose_lines(path: str, own: str) -> Iterator[tuple[int, list[int]]]:
    """
    Yield the lines of a memory that could go, each with its numbers: the whole line's first.

    Headings, code, tables, nested lines and what stands below a label stay: they need what stands around them.
    """
    fenced = labeled = False
    dated = _is_dated(path)
    for number, line in enumerate(own.split("\n")):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        labeled = bool(line.strip()) and (labeled or line.rstrip().endswith(":"))
        depends = fenced or labeled or _OPAQUE.match(line) or (dated and find_relative_dates(line, _ANY_DAY))
        if line.strip() and not depends:
            yield number, list(_statements_of(line))


def without(own: str, gone: Set[int]) -> str:
    """Return what is left of a memory without some of its lines; empty where that says nothing any more."""
    kept = [line for number, line in enumerate(own.split("\n")) if number not in gone]
    return "\n".join(kept) if not gone or any(line.strip() and line[0] != "#" for line in kept) else ""
