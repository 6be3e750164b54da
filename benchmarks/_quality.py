"""What the quality of a dreamed store is, as measures over its text and the transcripts' text. No engine in here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import unquote

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.dates import find_relative_dates
from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.dreams.offline.text import clean

__all__ = ["alike_pairs", "findable", "lines_of", "missing_from_index", "stated", "ungrounded"]

MEASURED = (Kind.IDENTIFIER, Kind.DATE, Kind.AMOUNT, Kind.EMAIL, Kind.LINK, Kind.PHONE)
_TOKEN = re.compile(r"\w+")
_COMPUTED = re.compile(
    r" \[((?:week of |weekend of )?(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?: or \d{4}-\d\d-\d\d)?)\]"
)


def stated(transcripts: Iterable[Transcript]) -> dict[Kind, set[tuple[str, str]]]:
    """Return what customers and agents state, by kind, as pairs of session id and specific. Tools state nothing."""
    found: dict[Kind, set[tuple[str, str]]] = {kind: set() for kind in MEASURED}
    for transcript in transcripts:
        for message in transcript.messages:
            if message.role != "tool":
                for specific in find_specifics(message.text):
                    if specific.kind in found:
                        found[specific.kind].add((transcript.session_id, specific.text))
    return found


def findable(pairs: Iterable[tuple[str, str]], store: Mapping[str, str]) -> tuple[int, int, int]:
    """Return how many pairs there are, how many specifics stand in the store, how many beside their session's id."""
    text = "\n".join(store.values()).lower()
    lines_by_session = defaultdict(list)
    for line in text.split("\n"):
        for source in _sources(line):
            lines_by_session[source].append(line)
    pairs = list(pairs)
    anywhere = sum(specific.lower() in text for _, specific in pairs)
    beside = sum(
        any(specific.lower() in line for line in lines_by_session[session.lower()])
        for session, specific in pairs
    )
    return len(pairs), anywhere, beside


def lines_of(store: Mapping[str, str]) -> list[str]:
    """Return the lines that say something: no blank lines, headings or notices of the extract."""
    return [
        line
        for content in store.values()
        for line in content.split("\n")
        if line.strip() and not line.startswith("#") and not line.startswith("Extract made without a model")
    ]


def alike_pairs(lines: Sequence[str], threshold: float = 0.9) -> list[tuple[float, str, str]]:
    """Return pairs of lines whose token sets are alike (shared tokens over all tokens of both), most alike first."""
    sets = [frozenset(t.lower() for t in _TOKEN.findall(line)) for line in lines]
    places: defaultdict[str, list[int]] = defaultdict(list)
    found = []
    frequency: dict[str, int] = defaultdict(int)
    for tokens in sets:
        for token in tokens:
            frequency[token] += 1
    for number, tokens in enumerate(sets):
        probes = sorted(tokens, key=lambda t: (frequency[t], t))[
            : len(tokens) - int(threshold * len(tokens) - 1e-9)
        ]
        others = {other for token in probes for other in places[token]}
        for other in sorted(others):
            union = len(tokens | sets[other])
            if union and len(tokens & sets[other]) / union >= threshold:
                found.append((len(tokens & sets[other]) / union, lines[other], lines[number]))
        for token in probes:
            places[token].append(number)
    return sorted(found, reverse=True)


def ungrounded(
    store: Mapping[str, str], before: Mapping[str, str], transcripts: Iterable[Transcript]
) -> list[tuple[str, str]]:
    """
    Return (path, specific) of what stands in no input.

    Inputs are the transcripts, the store before the dream, and the ids and times of the sessions. A date in square
    brackets behind a relative one must follow from it and from the day at the start of its line.
    """
    inputs = [*before.values(), *map(clean, before.values()), *before]
    for transcript in transcripts:
        inputs += [
            transcript.session_id,
            transcript.title or "",
            transcript.started_at.strftime("%Y-%m-%d %H:%M"),
        ]
        for message in transcript.messages:
            inputs += [message.text, clean(message.text)]
            inputs += [str(call) for call in message.tool_calls]
            if message.created_at:
                inputs.append(message.created_at.strftime("%Y-%m-%d %H:%M"))
    ground = "\n".join([*inputs, *(" ".join(text.split()) for text in inputs)]).lower()
    known = {s.text.lower() for s in find_specifics(ground)}
    wrong = []
    for path, content in store.items():
        for line in content.split("\n"):
            plain, computed = _without_computed(line)
            wrong += [(path, words) for words in computed if words not in ground]
            for specific in find_specifics(unquote(plain)):
                text = specific.text.lower()
                if (
                    text not in known
                    and text not in ground
                    and not any(path_of in text for path_of in (path.lower(),))
                ):
                    wrong.append((path, specific.text))
    paths = {path.lower() for path in store}
    return [(path, text) for path, text in wrong if not any(text.lower() in other for other in paths)]


def missing_from_index(store: Mapping[str, str]) -> list[str]:
    """Return the memories to which no index leads."""
    reached, todo = set(), ["/index.md"]
    while todo:
        path = todo.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.startswith("/index"):
            todo += [unquote(link) for link in re.findall(r"\]\((/[^)\s]*)\)", store.get(path, ""))]
    return sorted(set(store) - reached)


def _sources(line: str) -> list[str]:
    tail = re.search(r" \(([^()]*)\)$", line)
    return [unquote(s) for s in tail[1].split(";")[0].split(", ")] if tail else []


def _without_computed(line: str) -> tuple[str, list[str]]:
    """Return the line without its computed dates, and those computed dates that do not follow."""
    wrong = []
    head = re.match(r"- (\d{4}-\d\d-\d\d)", line)
    for match in _COMPUTED.finditer(line):
        words = line[: match.start()]
        days = {date.fromisoformat(head[1])} if head else set()
        right = any(
            found.end == len(words) and found.absolute == match[1]
            for day in days
            for found in find_relative_dates(line, day)
        )
        if not right:
            wrong.append(match[1])
    return _COMPUTED.sub(lambda m: "" if m[1] not in wrong else m[0], line), wrong
