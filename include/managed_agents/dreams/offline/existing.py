"""
Read the memories of a store: which lines are facts of ours, which are statements of an agent, what stays as it is.

A memory whose name tells its subject keeps its place and, where nothing in it repeats or is outdated, its exact bytes.
One whose name tells nothing ("notes", "untitled 3", "final FINAL v2", a date) is emptied into the files by subject.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from include.managed_agents.dreams.offline.dates import disarm, resolve_dates
from include.managed_agents.dreams.offline.lines import Fact, note, parse_line
from include.managed_agents.dreams.offline.render import NOTICES, is_index, is_index_entry, is_scaffold
from include.managed_agents.dreams.offline.text import clean, plain, sentences

__all__ = ["Memory", "Unit", "can_be_emptied", "read_store"]

_NAMELESS = re.compile(
    r"^(?:notes?|misc|todo|to do|tmp|temp|scratch|untitled|copy|final|old|new|draft|stuff|later|memo|log|sessions?|"
    r"memory|memories|inbox|random|various|other|general|file|doc|text|readme|index|backup|bak|dump|v|the|of|and| )+$"
)
_DATE_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MARK = re.compile(r"\s*(?:>\s?)*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?")
#: Lines that are no statements: tables, code, data. They are kept as they are.
_OPAQUE = re.compile(r"^(?: {4,}(?![-*+\d])|\t(?!\s*[-*+\d])|\s*(?:\||[{}\[\]<]|```|~~~|---+\s*$|===+\s*$))")


#: Statements of agents' own that are compared, in order of path: about a minute's work.
MAX_STATEMENTS = 100_000


@dataclass
class Unit:
    """A statement of an agent's own memory, in its line. ``fact`` is what it is compared as."""

    fact: Fact
    line: int
    alive: bool = True


@dataclass
class Memory:
    """One memory of the store, taken apart."""

    path: str
    content: str
    lines: list[str]
    units: list[Unit] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    #: Code, tables, data: lines that are no statements, and are kept as they are.
    has_opaque_lines: bool = False
    #: Its name tells no subject: its facts are filed elsewhere, and nothing of it stays.
    is_nameless: bool = False

    def remaining(self) -> str:
        """Return what is left of the agent's own text: byte for byte the same where every statement is alive."""
        by_line: dict[int, list[Unit]] = {}
        for unit in self.units:
            by_line.setdefault(unit.line, []).append(unit)
        out: list[str] = []
        for number, line in enumerate(self.lines):
            units = by_line.get(number, [])
            if all(unit.alive for unit in units):
                out.append(line)
            elif alive := [unit.fact.text for unit in units if unit.alive]:
                mark = _MARK.match(line)
                out.append((mark[0] if mark else "") + " ".join(alive))
        text = "\n".join(out)
        return text if any(line.strip() and not line.lstrip().startswith("#") for line in out) else ""


def read_store(contents: Mapping[str, str], emptied: Collection[str] = ()) -> list[Memory]:
    """
    Return the memories in order of path. A nameless memory comes back as facts alone, with its path as their source.

    Beyond ``MAX_STATEMENTS``, memories whose names tell a subject come back without statements: they stay as they are.

    :param emptied: paths to treat as nameless.
    """
    memories = [_read(path, contents, path in emptied) for path in sorted(contents)]
    statements = 0
    for memory in memories:
        statements += len(memory.units)
        if statements > MAX_STATEMENTS:
            memory.units = []
    return memories


def can_be_emptied(memory: Memory) -> bool:
    """Whether nothing would be lost if the memory came back as facts alone."""
    return not memory.is_nameless and not memory.has_opaque_lines


def _read(path: str, contents: Mapping[str, str], emptied: bool) -> Memory:
    own, others = _split(path, contents[path])
    memory = Memory(path, contents[path], others, facts=own)
    fenced = False
    for number, line in enumerate(others):
        is_fence = line.lstrip().startswith(("```", "~~~"))
        fenced ^= is_fence
        if fenced or is_fence or _OPAQUE.match(line):
            memory.has_opaque_lines |= bool(line.strip())
        elif line.strip() and not line.lstrip().startswith("#"):
            body = plain(clean(line[_mark_end(line) :]))
            memory.units += [
                Unit(note(disarm(sentence), "", path), number) for sentence in sentences(body) if sentence
            ]
    said = _date_of(path)
    if said is not None:
        memory.units = [Unit(_anchored(unit.fact, said), unit.line) for unit in memory.units]
    if is_index(path):
        memory.units = [u for u in memory.units if not _is_pointer(u.fact.text, contents)]
    memory.is_nameless = emptied or is_index(path) or (not memory.has_opaque_lines and _tells_nothing(path))
    if memory.is_nameless:
        memory.facts = [*own, *(unit.fact for unit in memory.units)]
        memory.units, memory.lines = [], []
    return memory


def _split(path: str, content: str) -> tuple[list[Fact], list[str]]:
    """Return the facts of ours in a memory, and the lines that others wrote."""
    lines = content.split("\n")
    facts: list[Fact] = []
    others: list[str] = []
    ours = False
    for number, line in enumerate(lines):
        parsed = parse_line(line)
        following = next((later for later in lines[number + 1 :] if later), "")
        if parsed:
            facts += [replace(fact, place=len(facts) + n) for n, fact in enumerate(parsed)]
        elif line in NOTICES:
            ours = True
        elif is_scaffold(line) and (ours or following in NOTICES):
            continue
        elif not (is_index(path) and is_index_entry(line)) and not (ours and not line):
            others.append(line)
    if len(others) == len(lines):
        return [], lines
    return facts, others if any(line.strip() for line in others) else []


def _anchored(fact: Fact, said: date) -> Fact:
    return Fact(resolve_dates(fact.text, said), said.isoformat(), fact.who, fact.sources)


def _mark_end(line: str) -> int:
    match = _MARK.match(line)
    return match.end() if match else 0


def _tells_nothing(path: str) -> bool:
    """Whether no segment of the path tells a subject."""
    words = re.sub(r"\.\w{1,5}$", "", path.lower())
    words = re.sub(r"[^a-zà-ÿ]+", " ", words).strip()
    return not words or _NAMELESS.match(words) is not None


def _date_of(path: str) -> date | None:
    match = _DATE_IN_PATH.search(path)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _is_pointer(text: str, contents: Mapping[str, str]) -> bool:
    return any(path in text for path in contents if len(path) > 2)
