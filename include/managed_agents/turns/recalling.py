"""
Find in the lines of memories what answers a question: the statements that share its telling words, newest first.

Pure functions over text. A line of a memory may hold several sentences, by several people; each is a statement of its
own, with the date that its line, or else its file, bears. Nothing is put into other words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from include.managed_agents.turns.notes import MONTHS
from include.managed_agents.turns.words import sentences, stem, stems_of, telling_words, words

__all__ = ["Statement", "answer_from", "keywords_of", "pattern_of", "quote", "statements_of"]

MAX_KEYWORDS = 8
MAX_QUOTES = 4
#: Characters of a quote: those of a line that a dream writes. What only goes on belongs to a shorter one.
MAX_QUOTE = 450
MAX_JOINED = 300
#: What share of the best statement's score others must have to be told beside it; and one that tells of a later change.
WORTH_TELLING = 0.6
WORTH_TELLING_AS_CHANGE = 0.3
#: What a word counts that stands only in the same line, in the name of the file, or in what the index says of it.
BY_CONTEXT = 0.5
#: What a verb counts that fits any subject.
BY_VERB = 0.15
#: Words by which two statements don't differ.
LEFT_OUT = words("a an the really very pretty just actually quite even")

VERBS = frozenset(
    map(
        stem,
        words(
            """ask begin call change come decide do finish go happen hold keep know leave make mean meet move open plan
            post put say see send set sit speak stand start stay take talk tell think time use visit want work day week
            month year new old last next current"""
        ),
    )
)
CHANGE = re.compile(
    r"\b(?:moved?|moves|moving|chang(?:e|ed|es)|instead|now|no longer|correction|postponed|rescheduled|cancell?ed|"
    r"replace[ds]?|switch(?:ed|es)?|from now on|any ?more)\b",
    re.I,
)
WHEN = re.compile(
    rf"\d{{1,2}}[:.]\d\d|\b\d{{1,2}} ?(?:am|pm|a\.m|p\.m|o'clock)|\b(?:19|20)\d\d\b|\b(?:{'|'.join(MONTHS)})\b|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:noon|midnight|today|tomorrow|yesterday|tonight|ago)\b",
    re.I,
)
#: What a question asks for, and what shows in a statement that may be it.
KINDS = (
    (re.compile(r"\b(?:when|what time|which (?:day|date|month|year)|how long|until)\b", re.I), WHEN),
    (
        re.compile(r"\b(?:how (?:much|many)|number|price|cost|code|extension|phone)\b", re.I),
        re.compile(r"\d"),
    ),
)

#: Who speaks of memory speaks of no fact. The index, headings and notices lead to facts, and are none.
CHATTER = re.compile(
    r"(?:my memory says\b|noted in /|i have no memory\b|i heard (?:you|nothing)\b|i could not note\b|i may not write\b|"
    r"extract made without a model\b|this dream was given\b|more of \[the index)",
    re.I,
)
POINTER = re.compile(r"\[?/[\w/. @+-]+\.\w{1,5}\b")
INDEX = re.compile(r"/index[\w-]*\.md$")

_DAY = rf"(?P<day>\d{{1,2}}) (?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})"
_ISO = r"(?P<iso>\d{4}-\d\d-\d\d)"
_TIME = r"[, T]+(?P<time>\d\d:\d\d(?::\d\d)?)(?:Z| UTC)?"
BULLET = re.compile(r"^\s*(?:[-*+•>]|\d{1,3}[.)])\s+")
#: The date that a line begins with, and whom it is about. A date that is part of a sentence is followed by a word.
STAMPED = re.compile(rf"(?:(?:{_DAY}|{_ISO})(?:{_TIME}|(?=[:.,]))|Undated)(?:, \S{{1,80}}(?=\.))?[:.,]?\s+")
SOURCED = re.compile(r"\s\((?:[\w.%@+-]+, )*(?P<latest>[\w.%@+-]+)\)$")
DAY_OF_FILE = re.compile(r"(?<!\d)((?:19|20)\d\d-[01]\d-[0-3]\d)(?!\d)")
SPEAKER = re.compile(
    r"(?!(?:change|correction|note|ps|reminder|update)\b)([^\s:.!?][^:.!?]{0,59}): (?=\S)", re.I
)
#: Begins a sentence that says more about what the one before it spoke of.
GOES_ON = re.compile(r"(?:he|she|it|they|that|this|these|those|his|her|its|their)\b", re.I)


@dataclass(frozen=True)
class Statement:
    """
    Something that a memory says.

    :param head: its date and whom it is about, as written; may be empty.
    :param line: all of the line that it stands in, by which it may be found.
    :param newness: grows with the time at which it was said; of two of the same time, one that tells of a change is
        the newer.
    """

    text: str
    head: str
    file: str
    line: str
    newness: tuple[int, str, bool, str, int, int]


def keywords_of(question: str) -> list[str]:
    """Return what to look for: the stems of the telling words, those with digits and the long ones first."""
    found = dict.fromkeys(stem(word) for word in telling_words(question))
    ranked = sorted(found, key=lambda word: (not any(map(str.isdigit, word)), word in VERBS, -len(word)))
    return ranked[:MAX_KEYWORDS]


def pattern_of(keywords: Iterable[str]) -> str:
    """Return the pattern that finds the words in all their forms, and some others."""
    return rf"(?i)\b(?:{'|'.join(re.escape(keyword.rstrip('ey')) for keyword in keywords)})"


def statements_of(file: str, number: int, line: str) -> list[Statement]:
    """Return what a line of a memory says: nothing, where it is a heading, a notice, or an entry of an index."""
    said = BULLET.sub("", line).strip()
    if not said or is_no_statement(file, said):
        return []
    stamped = STAMPED.match(said)
    body = said[stamped.end() :] if stamped else said
    sourced = SOURCED.search(body) if stamped else None
    if sourced:
        body = body[: sourced.start()]
    head = stamped[0].rstrip(" :.,") if stamped else ""
    if not head and (named := DAY_OF_FILE.search(file)):
        head = named[1]
    moment = moment_of(stamped, file)
    # Extracts stand latest first, and name a session, whose id grows with time; what others write grows downwards.
    place = (sourced["latest"], -number) if sourced else ("", number)
    parts = (part for part in parts_of(body, by_speaker=sourced is not None) if not is_chatter(part))
    return [
        Statement(part, head, file, body, (*moment, CHANGE.search(part) is not None, *place, -at))
        for at, part in enumerate(parts)
    ]


def is_no_statement(file: str, said: str) -> bool:
    leads_on = said.startswith("[/") or (INDEX.search(file) and POINTER.search(said))
    return bool(leads_on or said.startswith("#") or CHATTER.match(said))


def moment_of(stamped: re.Match[str] | None, file: str) -> tuple[int, str]:
    """Return the day, as a number that grows, and the time, of a line or else of its file."""
    written = stamped.groupdict() if stamped else {}
    iso = written.get("iso") or ""
    if written.get("day"):
        iso = f"{written['year']}-{MONTHS.index(written['month']) + 1:02}-{int(written['day']):02}"
    elif not iso and (named := DAY_OF_FILE.search(file)):
        iso = named[1]
    try:
        return date.fromisoformat(iso).toordinal(), written.get("time") or ""
    except ValueError:
        return 0, ""


def parts_of(body: str, *, by_speaker: bool) -> list[str]:
    """Return the sentences of a line, each with its speaker, and with the sentence that only says more of the same."""
    parts: list[str] = []
    speaker = ""
    for sentence in sentences(body):
        named = SPEAKER.match(sentence) if by_speaker else None
        text = sentence
        if named:
            speaker = named[0]
        elif parts and GOES_ON.match(sentence) and len(parts[-1]) + len(sentence) < MAX_JOINED:
            parts[-1] += f" {sentence}"
            continue
        else:
            text = f"{speaker}{sentence}"
        parts.append(text)
    return parts


def is_chatter(text: str) -> bool:
    named = SPEAKER.match(text)
    return CHATTER.match(text[named.end() :] if named else text) is not None


def answer_from(
    statements: Sequence[Statement], question: str, about: Mapping[str, str], *, at_most: int = MAX_QUOTES
) -> list[Statement]:
    """
    Return the statements that answer best, the newest first.

    A word that few statements share weighs more. Where a question asks for a time or a number, so does a statement
    that has one; of two, the one that tells of a change.

    :param about: what the index says of files, by file.
    """
    keywords = keywords_of(question)
    distinct = {gist_of(statement): statement for statement in sorted(statements, key=lambda s: s.newness)}
    shares = [(statement, share_of(statement, keywords, about)) for statement in distinct.values()]
    counted = Counter(word for _, share in shares for word in share)
    weight = {
        word: math.log(1 + len(shares) / counted[word]) * (BY_VERB if word in VERBS else 1)
        for word in counted
    }
    fits = fitting(question)
    scored = [
        (sum(weight[word] * part for word, part in share.items()) * fits(statement.text), statement)
        for statement, share in shares
        if any(part == 1 for part in share.values())
    ]
    best = max(scored, default=None, key=lambda entry: (entry[0], entry[1].newness))
    if best is None:
        return []
    worth = [entry for entry in scored if entry[0] >= worth_telling(entry[1], best[1]) * best[0]]
    worth.sort(key=lambda entry: (entry[0], entry[1].newness), reverse=True)
    return sorted((statement for _, statement in worth[:at_most]), key=lambda s: s.newness, reverse=True)


def gist_of(statement: Statement) -> tuple[str, tuple[str, ...]]:
    """
    Return whom a statement is about, and its words: what is said twice is told once, as it was said last.

    A dream leaves out articles and the like, and names the user as the one who speaks.
    """
    _, _, whom = statement.head.partition(", ")
    said = re.findall(r"\w+", statement.text.casefold().removeprefix("user: "))
    return whom if not whom[:1].isdigit() else "", tuple(word for word in said if word not in LEFT_OUT)


def worth_telling(statement: Statement, best: Statement) -> float:
    is_change = CHANGE.search(statement.text) is not None and statement.newness > best.newness
    return WORTH_TELLING_AS_CHANGE if is_change else WORTH_TELLING


def share_of(statement: Statement, keywords: Sequence[str], about: Mapping[str, str]) -> dict[str, float]:
    """Return which keywords a statement has: in its own words, or by the line and the file that it stands in."""
    own = stems_of(f"{statement.head} {statement.text}")
    context = stems_of(
        re.sub(r"[/._-]+", " ", f"{statement.file} {about.get(statement.file, '')} {statement.line}")
    )
    return {word: 1.0 if word in own else BY_CONTEXT for word in keywords if word in own or word in context}


def fitting(question: str) -> Callable[[str], float]:
    """Return by how much more a statement counts that has what the question asks for."""
    wanted = [shown for asked, shown in KINDS if asked.search(question)]

    def fits(text: str) -> float:
        has = 1.5 if any(shown.search(text) for shown in wanted) else 1.0
        changes = 1.15 if CHANGE.search(text) else 1.0
        asks = 0.3 if text.endswith("?") else 1.0
        return has * changes * asks

    return fits


def quote(statement: Statement) -> str:
    """Return a statement as it is told: its date, its words, its file."""
    text = statement.text if len(statement.text) <= MAX_QUOTE else f"{statement.text[:MAX_QUOTE]} …"
    return f"- {statement.head}{': ' if statement.head else ''}{text} ({statement.file})"
