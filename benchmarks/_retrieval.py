"""
How many tokens of lines an agent reads before it has the words of an answer: BM25 over lines.

Raw talk and dreamed lines are read alike: every line has its day, and a date is the same word however it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks._transcripts import Question
from dreamflow.core.searching import Lines
from dreamflow.core.specifics import words_of
from include.managed_agents.dreams.engine import Transcript

__all__ = ["raw_lines", "recall_at"]


def recall_at(lines: Lines, questions: Sequence[Question], budgets: Sequence[int]) -> list[float]:
    """Return, for each budget of tokens, the mean share of an answer's words in the best lines of that size."""
    wanted = [(question.question, set(words_of(question.answer, finest=True))) for question in questions]
    wanted = [(question, answer) for question, answer in wanted if answer]
    totals = [0.0] * len(budgets)
    for question, answer in wanted:
        ranked = lines.ranked(question)
        for number, budget in enumerate(budgets):
            totals[number] += len(answer & lines.words_within(ranked, budget)) / len(answer)
    return [total / max(1, len(wanted)) for total in totals]


def raw_lines(transcripts: Iterable[Transcript], turns: int = 1) -> list[str]:
    """Return what people and agents said, ``turns`` consecutive turns a line, each line with its day before it."""
    lines = []
    for transcript in transcripts:
        said = [m for m in transcript.messages if m.role != "tool" and m.text.strip()]
        for at in range(0, len(said), turns):
            day = (said[at].created_at or transcript.started_at).date()
            text = " ".join(" ".join(message.text.split()) for message in said[at : at + turns])
            lines.append(f"{day.day} {day:%B %Y}. {text}")
    return lines
