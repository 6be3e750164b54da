"""Lay facts out in memories within the service's limits, and write the index that leads to each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from include.managed_agents.dreams.offline.cues import Cue, cue_of
from include.managed_agents.dreams.offline.lines import Fact, parse_line, render_line
from include.managed_agents.dreams.offline.render import INDEX, index_entry, render_facts, render_index
from include.managed_agents.dreams.offline.subjects import telling_words
from include.managed_agents.dreams.offline.words import words_of

__all__ = ["MAX_MEMORIES", "TooManyMemories", "lay_out"]

#: The service's limits: bytes of a memory, memories of a store.
MAX_BYTES = 102_400
MAX_MEMORIES = 2_000
#: What headings and the notice of a file take at most.
_FRAME = 1_200


class TooManyMemories(ValueError):
    """The store would hold more memories than the service takes. ``excess`` is by how many."""

    def __init__(self, excess: int) -> None:
        super().__init__(
            f"the dreamed store would hold {excess} memories more than the limit of {MAX_MEMORIES:,}"
        )
        self.excess = excess


def lay_out(foreign: Mapping[str, str], facts: Mapping[str, Sequence[Fact]], remark: str) -> dict[str, str]:
    """
    Return the content of every memory, the index among them.

    :param foreign: what stays of the agents' own text, by path.
    :param facts: the facts of each path; those that don't fit are continued in ``name-2``, ``name-3``.
    :param remark: a line for the head of the index, may be empty.
    :raises TooManyMemories: when there are more memories than a store takes.
    """
    result = dict(foreign)
    waiting = {path: list(facts[path]) for path in sorted(facts)}
    while waiting:
        path = min(waiting)
        own = waiting.pop(path)
        fitting, rest = _fit(own, MAX_BYTES - _FRAME - len(foreign.get(path, "").encode()))
        if fitting:
            result[path] = render_facts(path, fitting, foreign.get(path, ""))
        if rest:
            waiting.setdefault(_continued(path), []).extend(rest)
    result.pop(INDEX, None)
    index = _index(result, remark)
    if len(result) + len(index) > MAX_MEMORIES:
        raise TooManyMemories(len(result) + len(index) - MAX_MEMORIES)
    return result | index


def _fit(facts: Iterable[Fact], room: int) -> tuple[list[Fact], list[Fact]]:
    """Return the facts that fit into ``room`` bytes, the latest first, and the others."""
    fitting: list[Fact] = []
    rest: list[Fact] = []
    for fact in sorted(facts, key=lambda f: (f.said, f.text, f.who), reverse=True):
        size = len(render_line([fact]).encode()) + 1
        if rest or size > room:
            rest.append(fact)
        else:
            room -= size
            fitting.append(fact)
    return fitting, rest


def _continued(path: str) -> str:
    match = re.fullmatch(r"(.*?)(?:-(\d{1,3}))?(\.\w{1,5})?", path)
    assert match is not None
    return f"{match[1]}-{int(match[2] or 1) + 1}{match[3] or ''}"


def _index(contents: Mapping[str, str], remark: str) -> dict[str, str]:
    """Return the index: one memory, or as many as its entries need, the first leading to the others."""
    pages: list[list[str]] = [[]]
    size = 0
    for path in sorted(contents):
        entry = index_entry(path, _about(path, contents[path]))
        if len(entry.encode()) > 2_000:
            entry = index_entry(path, "")
        if size + len(entry.encode()) + 1 > MAX_BYTES - _FRAME - 4_000:
            pages.append([])
            size = 0
        pages[-1].append(entry)
        size += len(entry.encode()) + 1
    paths = [INDEX, *(_free_index(number, contents) for number in range(2, len(pages) + 1))]
    pages[0] = [*(index_entry(path, "more of this index") for path in paths[1:]), *pages[0]]
    return {path: render_index(page, remark) for path, page in zip(paths, pages, strict=True)}


def _free_index(number: int, contents: Mapping[str, str]) -> str:
    path = f"/index-{number}.md"
    while path in contents:
        path = path.replace("/index-", "/index-more-", 1)
    return path


def _about(path: str, content: str) -> str:
    """Return what a memory holds: its kinds of lines, the day of the latest, and its most frequent telling words."""
    lines = content.split("\n")
    facts = [fact for line in lines for fact in parse_line(line)]
    kinds = [cue.value.lower() for cue in Cue if any(cue_of(fact.text) is cue for fact in facts)]
    latest = max((fact.said[:10] for fact in facts), default="")
    texts = [fact.text for fact in facts] or [line for line in lines if line and not line.startswith("#")]
    known = set(words_of(path))
    words = Counter(word for text in texts for word in set(telling_words(text)) - known)
    telling = sorted((w for w in words if words[w] > 1 or len(texts) < 4), key=lambda w: (-words[w], w))[:7]
    parts = [", ".join(telling), ", ".join(kinds), f"latest {latest}" if latest else ""]
    return "; ".join(part for part in parts if part)
