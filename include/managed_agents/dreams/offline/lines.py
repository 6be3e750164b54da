"""
Write a fact as one line of a memory, and read it back.

    - 2026-11-09 09:05 Marek Dudek: The default carrier is BlueVan. (ops-12; before: 2026-11-06 Nordfracht)

A line stands on its own: when and by whom it was said, what, and in which session (or in which earlier memory).
Statements that one speaker made in the same minute share a line, with " / " between them. Behind
the sources may stand what near-copies of the line named besides (``also``), and what an earlier statement of the same
fact said (``before``). ``parse_line(render_line(facts)) == facts`` for all facts that this package makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import quote, unquote

from include.managed_agents.dreams.offline.words import Wording

__all__ = ["MAX_BEFORE", "MAX_SOURCES", "Fact", "pack", "parse_line", "render_line"]

#: A fact that many sessions repeat names the first and the latest ones.
MAX_SOURCES = 4
#: Former values of a fact that its line still names.
MAX_BEFORE = 3
#: Near-copies that differ in one identifier fold into a line that names the others, up to a point.
MAX_ALSO = 40

#: Who spoke, where nobody gave a name.
USER = "user"
ASSISTANT = "assistant"
#: What a tool knew of an account.
RECORD = "record"
#: "to Tom" is what the assistant said to Tom.
TO = "to "
_BETWEEN = " / "
#: Statements share a line up to this length.
MAX_PACKED = 320
_UNDATED = "undated"
_NOTE = "note"
_SOURCE = r"[^\s(),;]+"
_TAIL = re.compile(rf" \(({_SOURCE}(?:, {_SOURCE})*)(?:; also: ([^;()]+))?(?:; before: ([^;()]+))?\)$")
_HEAD = re.compile(r"- (\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|undated) ([^:]{1,120}): ")


@dataclass(frozen=True)
class Fact:
    """
    One statement worth keeping.

    ``said`` is when it was said, as ``2026-11-09 09:05`` or ``2026-11-09``, empty when unknown; ``sources`` are session
    ids and paths of memories, ``before`` pairs of day (may be empty) and former value.
    """

    text: str
    said: str
    who: str
    sources: tuple[str, ...]
    also: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    #: Where it stands among what was said in the same minute.
    place: int = field(default=0, compare=False)

    @cached_property
    def wording(self) -> Wording:
        """The words of the text, prepared for comparison."""
        return Wording(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of the text and of what the fact names besides."""
        if not self.also:
            return self.wording.stems
        return self.wording.stems.union(*(Wording(value).stems for value in self.also))

    @cached_property
    def party(self) -> str:
        """The person or customer of the conversation, or an empty string."""
        who = self.who.removeprefix(TO)
        return "" if who in {USER, ASSISTANT, RECORD, _NOTE} else who


def pack(facts: Iterable[Fact]) -> list[tuple[Fact, ...]]:
    """Return the facts in groups of one line each, the latest first."""
    groups: list[list[Fact]] = []
    for fact in sorted(
        facts,
        key=lambda f: (f.said, f.who, f.sources, bool(f.also or f.before), -f.place, f.text),
        reverse=True,
    ):
        last = groups[-1] if groups else []
        if (
            last
            and _shares_line(last[0], fact)
            and sum(len(f.text) + 3 for f in last) + len(fact.text) <= MAX_PACKED
        ):
            last.append(fact)
        else:
            groups.append([fact])
    return [tuple(group) for group in groups]


def render_line(facts: Sequence[Fact]) -> str:
    """Return the facts of one group as a list item."""
    first = facts[0]
    tail = ", ".join(_escape(source) for source in first.sources)
    if first.also:
        tail += "; also: " + " | ".join(first.also)
    if first.before:
        tail += "; before: " + " | ".join(f"{day} {value}" if day else value for day, value in first.before)
    text = _BETWEEN.join(fact.text for fact in facts)
    return f"- {first.said or _UNDATED} {first.who}: {text} ({tail})"


def parse_line(line: str) -> list[Fact]:
    """Return the facts that ``line`` holds; none when it isn't a line of this package."""
    head, tail = _HEAD.match(line), _TAIL.search(line)
    if head is None or tail is None or tail.start() < head.end():
        return []
    texts = line[head.end() : tail.start()].split(_BETWEEN)
    return [
        Fact(
            text=text,
            said="" if head[1] == _UNDATED else head[1],
            who=head[2],
            sources=tuple(unquote(source) for source in tail[1].split(", ")),
            also=tuple(tail[2].split(" | ")) if tail[2] else (),
            before=tuple(_former(value) for value in tail[3].split(" | ")) if tail[3] else (),
            place=place,
        )
        for place, text in enumerate(texts)
    ]


def statement(text: str) -> str:
    """Return ``text`` as it can stand in a line with others."""
    return text.replace(_BETWEEN, " | ").strip(" /|")


def merge_sources(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the sources sorted, the middle ones left out: the first and the last ``MAX_SOURCES - 1``."""
    unique = sorted(set(sources))
    if len(unique) <= MAX_SOURCES:
        return tuple(unique)
    return (unique[0], *unique[-(MAX_SOURCES - 1) :])


def merge_also(values: Iterable[str]) -> tuple[str, ...]:
    """Return values that may stand behind ``also``, sorted."""
    return tuple(sorted({v for v in map(listable, values) if v})[:MAX_ALSO])


def merge_before(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the latest former values, in order of time."""
    cleaned = {(day, listable(value)) for day, value in values}
    return tuple(sorted(pair for pair in cleaned if pair[1])[-MAX_BEFORE:])


def listable(value: str) -> str:
    """Return ``value`` without the marks that separate the parts of a line."""
    return " ".join(re.sub(r"[;()|]", " ", value).split())


def speaker(name: str) -> str:
    """Return ``name`` as it can stand before the colon of a line."""
    return " ".join(re.sub(r"[:\s]+", " ", name).split())[:80]


def minute(moment: datetime) -> str:
    """Return a moment as lines write it, in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M")


def note(text: str, said: str, path: str) -> Fact:
    """Return a statement of an earlier memory as a fact."""
    return Fact(text=statement(text), said=said, who=_NOTE, sources=(path,))


def _shares_line(first: Fact, fact: Fact) -> bool:
    plain = not (first.also or first.before or fact.also or fact.before)
    return plain and (first.said, first.who, first.sources) == (fact.said, fact.who, fact.sources)


def _former(value: str) -> tuple[str, str]:
    match = re.match(r"(\d{4}-\d\d-\d\d) (.+)", value)
    return (match[1], match[2]) if match else ("", value)


def _escape(source: str) -> str:
    return "".join(quote(c, safe="") if c in "%(),;" or c.isspace() else c for c in source)
