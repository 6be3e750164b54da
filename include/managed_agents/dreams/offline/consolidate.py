"""
Turn a store and the findings of its sessions into the store as it should be.

The store and the findings are streamed: only new lines, and what has to be known of each memory, are held. All is
decided before anything is written, and what is to go goes first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby, islice
from sys import intern
from typing import Any

from include.managed_agents.dreams.engine import Findings, StoreFiles
from include.managed_agents.dreams.offline.cues import continues
from include.managed_agents.dreams.offline.existing import Survey, without
from include.managed_agents.dreams.offline.file import Places
from include.managed_agents.dreams.offline.fold import Part, checked, fold, parts_of
from include.managed_agents.dreams.offline.late import read_page
from include.managed_agents.dreams.offline.layout import fit, index_pages, pages_of, require_room, room_in
from include.managed_agents.dreams.offline.lines import MAX_SOURCES, Line, pack, render_line, turns
from include.managed_agents.dreams.offline.render import INDEX, index_entry, join, join_index, split
from include.managed_agents.dreams.offline.select import Bar, Frequencies
from include.managed_agents.dreams.offline.specifics import specifics_of

__all__ = ["consolidate_store"]

#: A name that more of the new statements say than this share of them, and than so many, tells nothing about any.
_COMMON_SHARE, _COMMON = 0.1, 10
#: Weight from which a statement says something: the last such one is always kept, to tell where a session ended.
_SAYS_SOMETHING = 0.7


def consolidate_store(
    files: StoreFiles, findings: Collection[Findings], check: Callable[[], None], instructed: bool
) -> int:
    """
    Fold the findings into the store, and return the bytes written. What ``check`` raises ends the work.

    :raises EngineFailure: when the store has no room; nothing is written then.
    """
    dream = _Dream(files, findings, check)
    dream.take_late()
    dream.take_sessions()
    return dream.write(instructed)


class _Dream:
    """What one dream has found out and decided so far."""

    def __init__(self, files: StoreFiles, findings: Collection[Findings], check: Callable[[], None]) -> None:
        self._files, self._findings, self._check = files, findings, check
        self._parties: set[str] = set()
        frequencies = Frequencies()
        for finding in findings:
            for statement in checked(finding.data["statements"], check):
                self._parties.add(statement["party"])
                frequencies.add(statement["text"])
        self._survey = Survey(files, {finding.session_id for finding in findings}, check)
        self._bar = Bar(frequencies, check)
        for finding in findings:
            statements, start = finding.data["statements"], self._start(finding)
            rest = statements[start:]
            self._bar.add(rest, finding.data["room"] * len(rest) // max(1, len(statements)))
        self._deleted = set(self._survey.copies)
        #: By memory: late writes that come to it, numbers of lines that go, lines of sessions that change or go.
        self._added: defaultdict[str, list[str]] = defaultdict(list)
        self._gone: dict[str, set[int]] = {}
        self._changed: defaultdict[str, dict[Line, Line | None]] = defaultdict(dict)
        #: By page: its new lines, and the pages that it is continued in.
        self._new: dict[str, list[Line]] = {}
        self._further: dict[str, list[str]] = {}

    def take_late(self) -> None:
        """Fold pages of late writes into the memories that they name, where those have room."""
        for page in checked(self._survey.late, self._check):
            notes = read_page(self._read(page))
            raw = {note.page for note in notes if note.page}
            if notes and page not in self._deleted and raw <= set(self._survey.late):
                texts: defaultdict[str, str] = defaultdict(str)
                for note in notes:
                    texts[note.path] += f"\n{note.text}{self._read(note.page)}"
                if all(room_in(self._own(path) + text) for path, text in texts.items()):
                    self._deleted |= {page, *raw}
                    for path, text in texts.items():
                        self._added[path].append(text)

    def take_sessions(self) -> None:
        """Make lines of what is new in the sessions: filed, folded, packed."""
        kept = self._survey.paths - self._deleted
        places = Places(kept, self._survey.written & kept, self._parties, self._read)
        page_of = cache(self._page)
        groups: defaultdict[str, defaultdict[str, list[Part]]] = defaultdict(lambda: defaultdict(list))
        for part, path, whose in self._filed(places):
            groups[page_of(path)][whose].append(part)
        for page in sorted(groups):
            about = groups.pop(page)
            for whose in sorted(filter(None, about)):
                self._fold(page, whose, about[whose], places)
            self._new[page] = self._packed([p for parts in about.values() for p in parts if p.into is None])

    def _filed(self, places: Places) -> Iterator[tuple[Part, str, str]]:
        """Yield the statements that need a line, each with its memory and that of whom it is about, which may be ""."""
        found: list[tuple[Part, list[str]]] = []
        said: Counter[str] = Counter()
        for finding in self._findings:
            data, session = finding.data, finding.session_id
            for place in checked(self._chosen(finding), self._check):
                statement = data["statements"][place]
                order = (date.fromisoformat(statement["day"]), False, data["started"], session, place)
                who, party = intern(statement["who"]), intern(statement["party"])
                part = Part(statement["text"], who, party, order, {session}, data["account"])
                names = [] if part.account else places.named_by(part.text)
                if found and continues(part.text) and found[-1][0].order[3:] == (session, place - 1):
                    names = found[-1][1]  # "He" is who the sentence before names.
                found.append((part, names))
                said.update(names)
        most = max(_COMMON, _COMMON_SHARE * len(found))
        for part, names in checked(found, self._check):
            rare = next((name for name in names if said[name] <= most), "")
            whose = places.account(part.account) if part.account else places.person(part.party)
            yield part, rare or whose or places.month(part.order[0]), whose

    def _chosen(self, finding: Findings) -> list[int]:
        """Return the places of statements that need a line: where it has some, what they lack, and what is later."""
        statements, known = finding.data["statements"], self._survey.lines[finding.session_id]
        covered = {key for line in known for key in specifics_of(f"{line.account} {line.text}")}
        chosen = self._bar.select(statements, covered, only=True) if known else set()
        start = self._start(finding)
        chosen |= {start + n for n in self._bar.select(statements[start:], covered)}
        return sorted(chosen.union([n for n in _saying(statements) if n >= start][-1:]))

    def _start(self, finding: Findings) -> int:
        """Return where what was said begins after the last that says something and stands in lines of the session."""
        statements, known = finding.data["statements"], self._survey.lines[finding.session_id]
        text = "\n".join(line.text for line in known)
        standing = [part for line in known for part in parts_of(line)]
        saying = _saying(statements)
        for n in checked(reversed(saying if known else ()), self._check):
            said = Part(statements[n]["text"], statements[n]["who"], "", (date.min, False, "", "", 0), set())
            if said.text in text or any(part.says(said) for part in standing):
                return n + 1 if n < saying[-1] else len(statements)
        return len(statements) if known else 0

    def _fold(self, page: str, whose: str, parts: Sequence[Part], places: Places) -> None:
        """Fold statements about one account or person into each other, and with such lines in the memory."""
        known: list[tuple[Line, list[Part]]] = []
        for line in split(page, self._read(page))[1]:
            names = [] if line.account else [who.removeprefix("Agent to ") for who, _ in turns(line.text)]
            about = [places.account(line.account)] if line.account else map(places.person, names)
            if whose in about and line not in self._changed[page]:
                known.append((line, parts_of(line)))
        fold([*parts, *(part for _, own in known for part in own)], self._check)
        for line, own in known:
            sources = own[0].sources
            hosts = [p.into for p in own if p.into and len(p.into.sources | sources) <= MAX_SOURCES]
            if len(hosts) == len(own):
                self._changed[page][line] = None
                for host in hosts:
                    host.sources |= sources
            elif sources != set(line.sources):
                self._changed[page][line] = replace(line, sources=tuple(sorted(sources)))

    def _packed(self, parts: Sequence[Part]) -> list[Line]:
        """Return the statements of a memory as lines, the latest first. What names other sessions has its own lines."""
        lines: list[Line] = []
        in_order = checked(sorted(parts, key=lambda part: part.order[2:]), self._check)
        for (_, _, sources, account), run in groupby(
            in_order, lambda part: (*part.order[2:4], tuple(sorted(part.sources)), part.account)
        ):
            said = [{"text": p.text, "who": p.who, "party": p.party, "day": p.order[0]} for p in run]
            lines += pack(said, sources, account)
        return sorted(lines, key=lambda line: line.day)[::-1]

    def write(self, instructed: bool) -> int:
        """Write what has changed, once all of it is known to fit: what goes first, the index last."""
        survey = self._survey
        self._gone = survey.lines_that_go(line for lines in self._new.values() for line in lines)
        touched = sorted({*self._added, *self._gone, *self._changed, *self._new} - self._deleted)
        for path in touched:
            for page, content in checked(self._composed(path).items(), self._check):
                if content:
                    survey.paths.add(page)
                    survey.describe(page, *split(page, content))
                else:
                    self._deleted.add(page)
        index = self._index(instructed)
        self._deleted |= survey.index.keys() - index.keys()
        require_room(len((survey.paths | index.keys()) - self._deleted))
        for path in checked(sorted(self._deleted & self._files.sizes().keys()), self._check):
            self._files.delete(path)
        pages = (item for path in touched for item in self._composed(path).items())
        written = sum(self._put(*item) for item in checked(pages, self._check) if item[1])
        return written + sum(self._put(*item) for item in index.items())

    def _composed(self, path: str) -> dict[str, str]:
        """Return the content of a memory and of the new pages that it is continued in; empty where nothing is left."""
        own, changed = self._own(path), self._changed[path]
        old = (changed.get(line, line) for line in split(path, self._read(path))[1])
        lines = [*self._new.get(path, []), *(line for line in old if line is not None)]
        lines.sort(key=lambda line: line.day, reverse=True)
        head, rest = fit([render_line(line) for line in checked(lines, self._check)], room_in(own))
        if path not in self._further:
            free = (page for page in pages_of(path) if page not in self._survey.paths)
            self._further[path] = list(islice((page for page in free if page not in self._new), len(rest)))
        further = zip(self._further[path], rest, strict=True)
        return {path: join(path, own, head)} | {page: join(page, "", lines) for page, lines in further}

    def _index(self, instructed: bool) -> dict[str, str]:
        """Return the pages of the index. What an entry of a memory that stays as it is says is kept."""
        survey = self._survey
        own = "\n".join(own for own in survey.index.values() if own.strip())
        moved: dict[str, str] = {}
        if not room_in(own + own):  # It would leave no room to lead on.
            aside = next(path for path in pages_of("/index-before.md") if path not in survey.paths)
            moved, own = {aside: own}, ""
            survey.describe(aside, moved[aside], ())
        paths = ((survey.paths - self._deleted) | moved.keys()) - survey.index.keys()
        entries = [index_entry(path, survey.about(path)) for path in checked(sorted(paths), self._check)]
        return moved | {
            path: join_index(path, own if path == INDEX else "", lines, self._deleted, instructed)
            for path, lines in index_pages(entries, own, paths).items()
        }

    def _page(self, path: str) -> str:
        """Return the page of a memory that takes new lines: the first that has room below what people wrote."""
        kept = self._survey.paths - self._deleted
        return next(page for page in pages_of(path) if page not in kept or room_in(self._own(page)))

    def _own(self, path: str) -> str:
        """Return what people wrote in a memory, as it will be."""
        own = without(split(path, self._read(path))[0], self._gone.get(path, set()))
        for text in self._added[path]:
            own = (own if own.endswith("\n") else f"{own}\n") + text if own else text.lstrip("\n")
        return own

    def _read(self, path: str) -> str:
        return (self._files.read(path) or "") if path else ""

    def _put(self, path: str, content: str) -> int:
        if self._files.read(path) == content:
            return 0
        self._files.write(path, content)
        return len(content.encode())


def _saying(statements: Sequence[Mapping[str, Any]]) -> list[int]:
    return [n for n, statement in enumerate(statements) if statement["weight"] >= _SAYS_SOMETHING]
