"""The figures of a dream: measured, held against the limits that the project promises, and written as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks._quality import (
    Findable,
    Grounds,
    alike_pairs,
    findable,
    missing_from_index,
    nameless,
    said_twice,
    talk_of,
)
from benchmarks._report import Limit, Report
from benchmarks._retrieval import raw_lines, recall_at
from benchmarks._said import lines_of, said_in
from benchmarks._score import score_of
from benchmarks._transcripts import Question
from dreamflow.core.review import Score
from dreamflow.core.score import ASKED_KINDS
from dreamflow.core.searching import Lines
from dreamflow.core.specifics import Kind
from include.managed_agents.dreams.engine import Transcript

__all__ = ["BUDGETS", "DREAMED", "THREE_TURNS", "Figures", "Promise", "figures_of", "markdown", "reports"]

#: Tokens that an agent reads before it must have the words of an answer; the promise is about the second.
BUDGETS = (250, 500, 1000, 2000)
RAW, THREE_TURNS, DREAMED = "raw turns", "raw turns, three a line", "dreamed store"


@dataclass(frozen=True)
class Promise:
    """
    What a dream over one kind of sessions is held to, beyond what every dream is held to.

    Shares of one. ``bytes_of`` says what ``at_most`` is a share of: the ``talk``, or ``all`` of the input. None: not
    promised for this kind.
    """

    findable: float | None = None
    beside: float | None = None
    at_most: float | None = None
    bytes_of: str = "all"
    above_raw: bool = False


#: What every dream is held to.
PAIRS_TOGETHER, LINES_NAMED = 0.80, 0.95


@dataclass(frozen=True)
class Figures:
    """What was measured. Bytes are UTF-8; ``added`` are those of lines that did not stand in the store before."""

    sessions: int
    memories: tuple[int, int]
    stated: Mapping[Kind, Findable]
    talk: int
    given: int
    store: int
    added: int
    lines: int
    longest: int
    alike: Sequence[tuple[float, str, str]]
    twice: Sequence[str]
    made_up: Sequence[tuple[str, str]]
    words: int
    nowhere: Sequence[str]
    pairs: int
    together: int
    nobody: Sequence[str]
    of_somebody: int
    changes: Sequence[tuple[str, str]]
    unindexed: Sequence[str]
    questions: int
    recall: Mapping[str, Sequence[float]]
    score: Score

    @property
    def findable(self) -> float:
        """The share of named specifics that stand anywhere in the store."""
        return self._share(lambda found: found.anywhere)

    @property
    def beside(self) -> float:
        """The share of named specifics that stand in a line that names the session that states them."""
        return self._share(lambda found: found.beside)

    @property
    def pairs_together(self) -> float:
        return self.together / max(1, self.pairs)

    @property
    def lines_named(self) -> float:
        return 1 - len(self.nobody) / max(1, self.of_somebody)

    @property
    def named(self) -> dict[Kind, Findable]:
        """What is stated of the kinds that the promises are about."""
        return {kind: found for kind, found in self.stated.items() if kind in ASKED_KINDS}

    def _share(self, count: Callable[[Findable], int]) -> float:
        named = self.named.values()
        return sum(map(count, named)) / max(1, sum(found.stated for found in named))


def figures_of(
    transcripts: Sequence[Transcript],
    before: Mapping[str, str],
    after: Mapping[str, str],
    questions: Sequence[Question],
) -> Figures:
    """Measure the store ``after`` a dream over ``transcripts`` and the store ``before``."""
    said, grounds = said_in(after, before), Grounds(transcripts, before)
    nobody, of_somebody = nameless(said, transcripts)
    counts = [grounds.words(line) for line in said]
    known = {line for content in before.values() for line in content.split("\n")}
    raw = {RAW: raw_lines(transcripts), THREE_TURNS: raw_lines(transcripts, 3), DREAMED: lines_of(after)}
    talk = sum(len(text.encode()) for t in transcripts for text in talk_of(t))
    return Figures(
        sessions=len(transcripts),
        memories=(len(before), len(after)),
        stated=findable(transcripts, after, said),
        talk=talk,
        given=_size(before) + sum(map(_bytes_of, transcripts)),
        store=_size(after),
        added=sum(
            len(line.encode()) + 1
            for content in after.values()
            for line in content.split("\n")
            if line not in known
        ),
        lines=len(said),
        longest=max((len(line.line.encode()) for line in said), default=0),
        alike=alike_pairs(said),
        twice=said_twice(said),
        made_up=[(line.path, key) for line in said for key in grounds.made_up(line)],
        words=sum(count.words for count in counts),
        nowhere=[word for count in counts for word in count.nowhere],
        pairs=sum(count.pairs for count in counts),
        together=sum(count.together for count in counts),
        nobody=[line.line for line in nobody],
        of_somebody=of_somebody,
        changes=[(line.line, words) for line in said for words in grounds.claims_change(line)],
        unindexed=missing_from_index(after),
        questions=len(questions),
        recall={name: recall_at(Lines(lines), questions, BUDGETS) for name, lines in raw.items()}
        if questions
        else {},
        score=score_of(transcripts, before, after),
    )


def limits_of(figures: Figures, promise: Promise) -> list[Limit]:
    """Hold the figures against what is promised. All of it is counted, so any machine must hold it."""
    whole = figures.talk if promise.bytes_of == "talk" else figures.given
    limits = [
        ("no claim of change", str(len(figures.changes)), not figures.changes),
        ("no specific is made up", str(len(figures.made_up)), not figures.made_up),
        ("no two lines alike", str(len(figures.alike)), not figures.alike),
        ("the index leads to all", f"{len(figures.unindexed)} left out", not figures.unindexed),
        _least(
            "pairs of adjacent words that stand side by side in the source",
            figures.pairs_together,
            PAIRS_TOGETHER,
        ),
        _least("lines that name their party", figures.lines_named, LINES_NAMED),
    ]
    if promise.findable is not None:
        limits.append(_least("named specifics findable", figures.findable, promise.findable))
    if promise.beside is not None:
        limits.append(_least("named specifics beside their session", figures.beside, promise.beside))
    if promise.at_most is not None:
        share = figures.added / max(1, whole)
        says = f"at most {promise.at_most:.0%} of {_WHOLE[promise.bytes_of]}"
        limits.append((says, f"{share:.1%}", share <= promise.at_most))
    if promise.above_raw:
        dreamed, raw = figures.recall[DREAMED][1], figures.recall[THREE_TURNS][1]
        says = f"more of the answers' words within {BUDGETS[1]} tokens than {THREE_TURNS}"
        limits.append((says, f"{dreamed:.1%} and {raw:.1%}", dreamed > raw))
    return [Limit(*limit, counted=True) for limit in limits]


_WHOLE = {"talk": "the talk", "all": "all that was given"}


def _least(what: str, share: float, least: float) -> tuple[str, str, bool]:
    return f"{what}: at least {least:.0%}", f"{share:.1%}", share >= least


def reports(name: str, figures: Figures, promise: Promise | None = None, seconds: float = 0) -> list[Report]:
    """Return the tables of one dream: what is found, the figures, and what a search finds."""
    found = [
        (kind.value, f"{f.stated:,}", _percent(f.anywhere, f.stated), _percent(f.beside, f.stated))
        for kind, f in figures.stated.items()
        if f.stated
    ]
    found.append(("promised (without time, number)", "", f"{figures.findable:.1%}", f"{figures.beside:.1%}"))
    title = f"{name}: {figures.sessions} sessions, {figures.memories[0]} memories before, {figures.memories[1]} after"
    tables = [
        Report(
            f"{title}: what is stated",
            "What people and agents say, once a session, by rules that are not the engine's. Beside: in a line that "
            "names the session.",
            ("kind", "stated", "findable", "beside"),
            found,
        ),
        Report(
            f"{name}: the store",
            "Lines are those that name a session. Their words and specifics are looked up in those sessions.",
            ("what", "measured"),
            [*_rows(figures), *([("seconds", f"{seconds:.1f}")] if seconds else [])],
            limits_of(figures, promise) if promise else (),
        ),
    ]
    if figures.questions:
        tables.append(
            Report(
                f"{name}: what a search finds",
                f"Words of the answers to {figures.questions} questions, in the best lines by BM25 of so many tokens "
                "of 4 bytes. Raw turns have their day before them, as dreamed lines have.",
                ("within", *(f"{budget:,} tokens" for budget in BUDGETS)),
                [(lines, *(f"{share:.1%}" for share in shares)) for lines, shares in figures.recall.items()],
            )
        )
    return tables


def _rows(figures: Figures) -> list[tuple[str, str]]:
    return [
        ("bytes of talk", f"{figures.talk:,}"),
        ("bytes of all that was given (tools, store before)", f"{figures.given:,}"),
        ("bytes of the store", f"{figures.store:,}"),
        ("of these new", f"{figures.added:,}"),
        ("new, share of the talk", _percent(figures.added, figures.talk)),
        ("new, share of all that was given", _percent(figures.added, figures.given)),
        ("lines", f"{figures.lines:,}"),
        ("of these of sessions whose user gives a name", f"{figures.of_somebody:,}"),
        ("longest line, bytes", f"{figures.longest:,}"),
        ("pairs of lines alike at 0.9", f"{len(figures.alike):,}"),
        ("sentences that stand in several lines", f"{len(figures.twice):,}"),
        ("specifics that stand in no source", f"{len(figures.made_up):,}"),
        ("words that stand in no source", f"{len(figures.nowhere):,} of {figures.words:,}"),
        ("adjacent words side by side in the source", _percent(figures.together, figures.pairs)),
        (
            "lines that name nobody, where the user gives a name",
            _percent(len(figures.nobody), figures.of_somebody),
        ),
        ("claims of change", f"{len(figures.changes):,}"),
        ("memories that no index leads to", f"{len(figures.unindexed):,}"),
        *_score_rows(figures.score),
    ]


def _score_rows(score: Score) -> list[tuple[str, str]]:
    """Return the review's own figures: two numbers are before and after."""
    return [
        (_SCORED[0], f"{_shares(score.sessions_found)} of {score.sessions_asked}"),
        (_SCORED[1], f"{_shares(score.input_found)} of {score.input_asked}" if score.input_asked else "-"),
        (_SCORED[2], f"{score.ungrounded}, {score.lost}"),
        (_SCORED[3], " → ".join(f"{count:,}" for count in score.alike)),
    ]


#: What the review's score says of a dream, by the names that docs/review.md gives.
_SCORED = (
    "review: found again of what the sessions say",
    "review: found again of what the old memory held",
    "review: specifics that nothing says, that stand nowhere now",
    "review: lines that say nearly the same",
)


def _shares(pair: tuple[float | None, float | None]) -> str:
    return " → ".join("-" if share is None else f"{share:.1%}" for share in pair)


def markdown(measured: Mapping[str, Figures]) -> str:
    """Return the tables of docs/benchmarks.md: one of the figures, a column a kind, and one of what a search finds."""
    columns = [dict(_rows(figures)) for figures in measured.values()]
    shares = [
        ("named specifics findable", [f"{f.findable:.1%}" for f in measured.values()]),
        ("named specifics beside their session", [f"{f.beside:.1%}" for f in measured.values()]),
    ]
    rows = [*shares, *((what, [column[what] for column in columns]) for what in columns[0])]
    found = [
        (f"{name}, {lines}", [f"{share:.1%}" for share in shares])
        for name, figures in measured.items()
        for lines, shares in figures.recall.items()
    ]
    return "\n".join(
        [
            *_markdown(["", *measured], rows),
            "",
            *_markdown(["", *(f"{budget:,} tokens" for budget in BUDGETS)], found),
        ]
    )


def _markdown(head: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    lines = [list(head), ["---"] * len(head), *([what, *cells] for what, cells in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _size(store: Mapping[str, str]) -> int:
    return sum(len(content.encode()) for content in store.values())


def _bytes_of(transcript: Transcript) -> int:
    calls = (json.dumps(call) for message in transcript.messages for call in message.tool_calls)
    return sum(len(text.encode()) for text in (*(m.text for m in transcript.messages), *calls))
