"""
How many tokens of lines an agent reads before it has the words of an answer: BM25 over lines.

Raw talk and dreamed lines are read alike: every line has its day, and a date is the same word however it is written.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from benchmarks._specifics import terms_of
from benchmarks._transcripts import Question
from include.managed_agents.dreams.engine import Transcript

__all__ = ["Lines", "raw_lines", "recall_at"]

BYTES_PER_TOKEN = 4
_K1, _B = 1.5, 0.75
_COMMON_WORDS = """
a an and are as at be by can could did do does for from had has have how i if in is it its me my of
on or our she he her his that the their them they this to was we were what when where which who why
will with would you your about any there
"""
_COMMON = frozenset(_COMMON_WORDS.split())


class Lines:
    """Lines of text, ranked by BM25 for a question."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = [line for line in lines if line.strip()]
        self._counts = [Counter(words_of(line)) for line in self.lines]
        self._lengths = [sum(c.values()) for c in self._counts]
        self._mean = sum(self._lengths) / max(1, len(self.lines))
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for number, counts in enumerate(self._counts):
            for word in counts:
                self._places[word].append(number)

    def words_within(self, ranked: Sequence[int], tokens: int) -> set[str]:
        """Return the words that a reader of the first ``tokens`` of the ranked lines sees; the last line may be cut."""
        seen: set[str] = set()
        left = tokens * BYTES_PER_TOKEN
        for number in ranked:
            line = self.lines[number].encode()
            if len(line) >= left:
                return seen.union(words_of(line[:left].decode(errors="ignore")))
            seen.update(self._counts[number])
            left -= len(line) + 1
        return seen

    def ranked(self, question: str) -> list[int]:
        """Return the numbers of the lines that share a word with ``question``, the best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in set(words_of(question)):
            places = self._places.get(word, [])
            weight = math.log(1 + (len(self.lines) - len(places) + 0.5) / (len(places) + 0.5))
            for number in places:
                count = self._counts[number][word]
                scores[number] += (
                    weight
                    * count
                    * (_K1 + 1)
                    / (count + _K1 * (1 - _B + _B * self._lengths[number] / self._mean))
                )
        return sorted(scores, key=lambda n: (-scores[n], n))


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


def words_of(text: str, *, finest: bool = False) -> list[str]:
    """Return the words of ``text`` as the ranking sees them: common words left out, a plural s taken off."""
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and word.isalpha() else word
        for word in terms_of(text, finest=finest)
        if word not in _COMMON
    ]
