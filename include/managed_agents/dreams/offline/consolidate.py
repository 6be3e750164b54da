"""
Turn a store and the findings of its sessions into the store as it should be.

The store and the findings are streamed: only new lines, and what has to be known of each memory, are held. All is
decided before anything is written, and what is to go goes first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from sys import intern
from typing import Any

from include.managed_agents.dreams.engine import Findings, StoreFiles
from include.managed_agents.dreams.offline.choose import choose
from include.managed_agents.dreams.offline.existing import gone_lines, statements_of, without
from include.managed_agents.dreams.offline.file import Places
from include.managed_agents.dreams.offline.fold import Part, fold, turns
from include.managed_agents.dreams.offline.late import read_page
from include.managed_agents.dreams.offline.layout import fit, index_pages, pages_of, require_room, room_in
from include.managed_agents.dreams.offline.lines import Line, pack, render_line
from include.managed_agents.dreams.offline.render import (
    INDEX,
    index_entry,
    join,
    join_index,
    split,
    without_entries,
)
from include.managed_agents.dreams.offline.select import Frequencies
from include.managed_agents.dreams.offline.survey import look_through, standing
from include.managed_agents.dreams.offline.text import sentences

__all__ = ["consolidate_store"]

#: A name that more of the new statements say than this share of them, and than so many, tells nothing about any.
_COMMON_SHARE = 0.1
_COMMON = 10
_AT_ONCE = 200


def consolidate_store(
    files: StoreFiles, findings: Collection[Findings], check: Callable[[], None], *, instructed: bool
) -> int:
    """
    Fold the findings into the store, and return the bytes written.

    :param check: called in every loop; what it raises ends the work.
    :param instructed: whether the dream was given instructions: the index then says that they were not followed.
    :raises EngineFailure: when the store has no room; nothing is written then.
    """
    dream = _Dream(files, findings, check)
    dream.take_late()
    dream.take_sessions()
    dream.trim()
    return dream.write(instructed)


class _Dream:
    """What one dream has found out and decided so far."""

    def __init__(
        self, files: StoreFiles, findings: Collection[Findings], check: Callable[[], None]
    ) -> None:
        self._files = files
        self._findings = findings
        self._check = check
        self._frequencies = Frequencies()
        self._parties: set[str] = set()
        sessions: set[str] = set()
        for finding in findings:
            sessions.add(finding.data["session"])
            statements = finding.data["statements"]
            for start in range(0, len(statements), _AT_ONCE):
                check()
                self._frequencies.add(statements[start : start + _AT_ONCE])
                self._parties.update(statement["party"] for statement in statements[start : start + _AT_ONCE])
        self._survey = look_through(files, sessions, check)
        self._deleted = set(self._survey.copies)
        #: By memory: late writes that come to it, numbers of lines that go, lines of sessions that become others or go.
        self._added: defaultdict[str, list[str]] = defaultdict(list)
        self._gone: dict[str, set[int]] = {}
        self._changed: defaultdict[str, dict[Line, Line | None]] = defaultdict(dict)
        #: By memory: new lines, the latest first; the memory whose page it is; the pages that it is continued in.
        self._new: dict[str, list[Line]] = {}
        self._first: dict[str, str] = {}
        self._further: dict[str, list[str]] = {}

    def take_late(self) -> None:
        """Fold pages of late writes into the memories that they name, where those have room."""
        for page in self._survey.late:
            self._check()
            notes = read_page(self._read(page)) or []
            raw = {note.page for note in notes if note.page}
            if not notes or page in self._deleted or not raw <= set(self._survey.late):
                continue
            texts: defaultdict[str, str] = defaultdict(str)
            for note in notes:
                texts[note.path] += f"\n{note.text}{self._read(note.page)}"
            if all(room_in(self._own(path) + text) for path, text in texts.items()):
                self._deleted |= {page, *raw}
                for path, text in texts.items():
                    self._added[path].append(text)

    def take_sessions(self) -> None:
        """Make lines of what is new in the sessions: filed, folded, packed."""
        written = self._survey.written - self._deleted
        places = Places(self._survey.paths - self._deleted, written, self._parties, self._read)
        groups: defaultdict[tuple[str, str], list[Part]] = defaultdict(list)
        for part, path, scope in self._filed(places):
            groups[self._page(path), scope].append(part)
        waiting: defaultdict[str, list[Part]] = defaultdict(list)
        for page, scope in sorted(groups):
            parts = groups.pop((page, scope))
            if scope:
                self._fold(page, scope, parts, places)
            waiting[page] += (part for part in parts if part.into is None)
        for page in sorted(waiting):
            self._new[page] = list(self._packed(waiting.pop(page)))

    def _filed(self, places: Places) -> list[tuple[Part, str, str]]:
        """Return the statements that need a line, each with its memory and with whose it is: an account, a person or ""."""
        found: list[tuple[Part, list[str]]] = []
        said: Counter[str] = Counter()
        for finding in self._findings:
            data = finding.data
            for place, statement in choose(data, self._frequencies, self._survey.lines[data["session"]], _stands):
                if not place % _AT_ONCE:
                    self._check()
                text, who, party, day = (statement[key] for key in ("text", "who", "party", "day"))
                order = (day, False, data["started"], data["session"], place)
                part = Part(text, intern(who), intern(party), order, {data["session"]}, data["account"])
                names = [] if part.account else places.named_by(text)
                said.update(names)
                found.append((part, names))
        most = max(_COMMON, _COMMON_SHARE * len(found))
        filed = []
        for part, names in found:
            rare = next((name for name in names if said[name] <= most), "")
            whose = places.account(part.account) if part.account else places.person(part.party)
            home = whose if part.account else rare or whose or places.month(part.order[0])
            filed.append((part, home, whose))
        return filed

    def _fold(self, page: str, scope: str, parts: Sequence[Part], places: Places) -> None:
        """Fold statements of one account or person into each other, and with the lines of theirs in the memory."""
        known: list[tuple[Line, list[Part]]] = []
        for line in split(page, self._read(page))[1] if page in self._survey.paths else ():
            names = () if line.account else (who.removeprefix("Agent to ") for who, _ in turns(line.text))
            if scope in ({places.account(line.account)} if line.account else set(map(places.person, names))):
                known.append((line, _parts_of(line)))
        fold([*parts, *(part for _, own in known for part in own)], self._check)
        for line, own in known:
            if own[0].into is not None:
                self._changed[page][line] = None
            elif own[0].sources != set(line.sources):
                self._changed[page][line] = replace(line, sources=tuple(sorted(own[0].sources)))

    def _packed(self, parts: Sequence[Part]) -> Iterator[Line]:
        """Yield the statements of a memory as lines, the latest first. One that others were folded into has its own."""
        sessions: defaultdict[tuple[str, str], list[Part]] = defaultdict(list)
        for part in parts:
            sessions[part.order[2:4]].append(part)
        found: list[tuple[tuple[str, str, str, int], Line]] = []
        for (started, session), own in sessions.items():
            self._check()
            run: list[Mapping[str, Any]] = []
            lines: list[Line] = []
            for part in sorted(own, key=lambda part: part.order[4]):
                statement = {"text": part.text, "who": part.who, "party": part.party, "day": part.order[0]}
                if len(part.sources) == 1:
                    run.append(statement)
                    continue
                lines += pack(run, session, part.account)
                [line] = pack([statement], session, part.account)
                lines.append(replace(line, sources=tuple(sorted(part.sources))))
                run = []
            lines += pack(run, session, own[0].account)
            found += (((line.day, started, session, n), line) for n, line in enumerate(lines))
        yield from (line for _, line in sorted(found, key=lambda item: item[0], reverse=True))

    def trim(self) -> None:
        """Find the lines of nameless memories that stand elsewhere; of two such, the one below a date stays."""
        new = (line for lines in self._new.values() for line in lines)
        elsewhere = standing(self._files, self._survey, new, self._check)
        nameless = sorted(self._survey.nameless, key=lambda p: (not re.search(r"\d{4}-\d\d", p), len(p), p))
        for path in nameless:
            self._check()
            own = split(path, self._read(path))[0]
            gone = gone_lines(path, own, elsewhere)
            if gone:
                self._gone[path] = gone
            for line in without(own, gone).split("\n"):
                elsewhere |= self._survey.loose.intersection(statements_of(line))

    def write(self, instructed: bool) -> int:
        """Write what has changed, once all of it is known to fit: what goes first, the index last."""
        touched = sorted({*self._added, *self._gone, *self._changed, *self._new} - self._deleted)
        fresh: set[str] = set()
        for path in touched:
            self._check()
            for page, content in self._composed(path).items():
                if content:
                    fresh.add(page)
                    self._survey.words.add(page, *split(page, content))
                else:
                    self._deleted.add(page)
        index = self._index(fresh, instructed)
        old_pages = self._survey.index.keys() - index.keys()
        kept = (self._survey.paths | fresh) - self._deleted - old_pages
        require_room(len(kept | index.keys()))
        for path in sorted({*self._deleted, *old_pages} & self._survey.paths):
            self._check()
            self._files.delete(path)
        written = 0
        for path in touched:
            for page, content in self._composed(path).items():
                self._check()
                if content:
                    written += self._put(page, content)
        return written + sum(self._put(path, content) for path, content in index.items())

    def _composed(self, path: str) -> dict[str, str]:
        """Return the content of a memory and of the pages that it is continued in; empty where nothing is left."""
        own = self._own(path)
        changed = self._changed[path]
        old = [changed.get(line, line) for line in split(path, self._read(path))[1]]
        lines = _merged([line for line in old if line is not None], self._new.get(path, []))
        head, rest = fit([render_line(line) for line in lines], room_in(own))
        if path not in self._further:
            taken = {*self._survey.paths, *(p for pages in self._further.values() for p in pages), *self._new}
            names = (page for page in pages_of(self._first.get(path, path)) if page not in taken)
            self._further[path] = list(islice(names, len(rest)))
        further = zip(self._further[path], rest, strict=True)
        return {path: join(path, own, head)} | {page: join(page, "", lines) for page, lines in further}

    def _index(self, fresh: Collection[str], instructed: bool) -> dict[str, str]:
        """Return the pages of the index. What an entry of a memory that stays as it is says is kept."""
        survey = self._survey
        owns = (without_entries(own, self._deleted) for own in survey.index.values())
        own = "\n".join(text for text in owns if text.strip())
        paths = (survey.paths | set(fresh)) - self._deleted - survey.index.keys()
        moved: dict[str, str] = {}
        if not room_in(own + own):  # It would leave no room to lead on.
            aside = next(path for path in pages_of("/index-before.md") if path not in survey.paths)
            moved, own = {aside: own}, ""
            survey.words.add(aside, moved[aside], ())
        entries = [
            index_entry(path, survey.entries[path] if path in survey.entries.keys() - fresh else survey.words.about(path))
            for path in sorted(paths | moved.keys())
        ]
        pages = index_pages(entries, len(own.encode()), paths)
        return moved | {
            path: join_index(path, own if path == INDEX else "", lines, instructed=instructed)
            for path, lines in pages.items()
        }

    def _page(self, path: str) -> str:
        """Return the page of a memory that takes new lines: the first that has room below what people wrote."""
        for page in pages_of(path):
            if page not in self._survey.paths - self._deleted or room_in(self._own(page)):
                self._first.setdefault(page, path)
                return page
        raise AssertionError("there is always a page more")

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


def _merged(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """Return old and new lines, the latest first: the new ones of a day before the old ones."""
    merged: list[Line] = []
    waiting = list(reversed(new))
    for line in old:
        while waiting and waiting[-1].day >= line.day:
            merged.append(waiting.pop())
        merged.append(line)
    return merged + waiting[::-1]


def _parts_of(line: Line) -> list[Part]:
    """Return the statements of a line in the store, for comparison. They share their sources: those of the line."""
    said = [(who, text) for who, told in turns(line.text) for text in sentences(told)]
    sources = set(line.sources)
    return [
        Part(text, who, "", (line.day, True, "", "", place), sources, line.account, stays=len(said) > 1)
        for place, (who, text) in enumerate(said or [("", line.text)])
    ]


def _stands(statement: Mapping[str, Any], lines: Sequence[Line]) -> bool:
    """Whether a statement stands in lines, in its own words or in near the same."""
    if any(statement["text"] in line.text for line in lines):
        return True
    part = Part(statement["text"], statement["who"], "", ("", False, "", "", 0), set())
    return any(other.says(part) for line in lines for other in _parts_of(line))
