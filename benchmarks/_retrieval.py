"""How many tokens of lines an agent reads before it has the words of an answer: BM25 over lines."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from benchmarks._transcripts import Question
from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.specifics import Kind, find_specifics

__all__ = ["Lines", "own_questions", "raw_lines", "recall_at"]

BYTES_PER_TOKEN = 4
_K1, _B = 1.5, 0.75
_TOKEN = re.compile(r"[^\W_]+(?:[_.@-][^\W_]+)*")
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
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

    def ranked(self, question: str) -> list[str]:
        """Return the lines that share a word with ``question``, the best first."""
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
        return [self.lines[n] for n in sorted(scores, key=lambda n: (-scores[n], n))]


def recall_at(lines: Lines, questions: Sequence[Question], budgets: Sequence[int]) -> list[float]:
    """Return, for each budget of tokens, the mean share of an answer's words in the best lines of that size."""
    totals = [0.0] * len(budgets)
    for question in questions:
        wanted = set(words_of(question.answer, finest=True))
        if not wanted:
            continue
        text = "\n".join(lines.ranked(question.question)).encode()
        for number, budget in enumerate(budgets):
            seen = set(words_of(text[: budget * BYTES_PER_TOKEN].decode(errors="ignore")))
            totals[number] += len(wanted & seen) / len(wanted)
    return [total / max(1, len(questions)) for total in totals]


def raw_lines(transcripts: Iterable[Transcript]) -> list[str]:
    """Return the lines of the transcripts as an agent would grep them, tools' answers among them."""
    return [line for t in transcripts for m in t.messages for line in m.text.split("\n")]


def own_questions(transcripts: Iterable[Transcript]) -> list[Question]:
    """
    Return the questions that the transcripts ask and answer themselves.

    The question is a user's message that asks, with the identifiers that the user has given until then: who asks, and
    about which booking. The answer is the specifics that the assistant's next reply gives and the question did not.
    """
    questions = []
    for transcript in transcripts:
        asked = ""
        given: dict[str, None] = {}
        for message in transcript.messages:
            if message.role == "user":
                given |= {s.text: None for s in find_specifics(message.text) if s.kind.names_a_thing}
                asked = f"{message.text} {' '.join(given)}" if "?" in message.text else ""
            elif message.role == "assistant" and message.text and asked:
                known = asked.lower()
                answer = [s.text for s in find_specifics(message.text) if s.text.lower() not in known]
                if answer:
                    questions.append(Question(asked, " ".join(answer)))
                asked = ""
    return questions


def words_of(text: str, *, finest: bool = False) -> list[str]:
    """
    Return the words of ``text`` as the ranking sees them: lower case, common words left out, a plural s taken off.

    A date is a word of its own, however it is written, so that "7 May 2023" is found in "2023-05-07"; so are its
    month and its year, unless only the ``finest`` are asked for.
    """
    dates: list[str] = []
    rest: list[str] = []
    at = 0
    for specific in find_specifics(text):
        if specific.kind is Kind.DATE:
            rest.append(text[at : specific.start])
            at = specific.end
            dates += _date_words(specific.text)[:1] if finest else _date_words(specific.text)
    rest.append(text[at:])
    words = (word.lower() for word in _TOKEN.findall(" ".join(rest)))
    return dates + [
        w[:-1] if len(w) > 4 and w.endswith("s") and w.isalpha() else w for w in words if w not in _COMMON
    ]


def _date_words(text: str) -> list[str]:
    iso = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", text)
    if iso:
        year, month, day = iso[1], iso[2], iso[3]
    else:
        name = re.search(r"[A-Za-z]{3}", re.sub(r"\d+(?:st|nd|rd|th)?", " ", text))
        if name is None:
            return [text.lower()]
        numbers = re.findall(r"\d+", text)
        year = next((n for n in numbers if len(n) == 4), "")
        day = next((f"{int(n):02d}" for n in numbers if len(n) < 3), None)
        month = f"{_MONTHS.index(name[0].lower()) // 3 + 1:02d}"
    words = [f"{year}-{month}", year] if year else [f"-{month}"]
    return [f"{words[0]}-{day}", *words] if day else words
