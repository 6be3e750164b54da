"""A fact that takes another's place, on the word of one session, or of other lines of the old memory alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rapidfuzz import fuzz

from dreamflow.core.checks.check import Check, Found, Line, Memory
from dreamflow.core.grounding import Writing, asked_keys, find, telling
from dreamflow.core.review import Evidence, Severity
from dreamflow.core.specifics import Specific

__all__ = ["SingleSource"]

#: How alike two lines are, of 100, without their specifics: the same said of the same.
_ALIKE = 80.0
#: Pairs of lines of one memory that are looked at.
_PAIRS = 20_000


class SingleSource(Check):
    """Find added lines that replace a removed one, but for one specific, which one session alone says, or none."""

    name: ClassVar[str] = "single_source"
    severity: ClassVar[Severity] = "note"

    def look(self, memory: Memory) -> Iterable[Found]:
        writings = (
            Writing(memory.before, (line.number for line in memory.removed)),
            Writing(memory.after, (line.number for line in memory.added)),
        )
        removed = [_Taken.apart(line) for line in memory.removed[: _PAIRS // max(1, len(memory.added))]]
        for line in memory.added:
            added = _Taken.apart(line)
            if not added.specifics or not (match := added.likest(removed)):
                continue
            pair = added.differing(match)
            if pair is None:
                continue
            new, old = pair
            told, held = (find(new, at) for at in (self.examined.said.sessions, self.examined.said.memories))
            sessions = {session for one in told if (session := one.session_id)}
            if held and not told:
                word = "no session's word: only other lines of the old memory say it"
            elif not held and len(sessions) == 1 and self._heard_once(new):
                word = "the word of one session"
            else:
                continue
            before = writings[0].of(match.line.number, match.line.text, old)
            after = writings[1].of(line.number, line.text, new)
            yield Found(
                f"“{after}” takes the place of “{before}” on {word}.",
                memory.path,
                line.number,
                about=line.text,
                evidence=(
                    *(one.model_copy(update={"what": after}) for one in (told or held)),
                    *(
                        one.model_copy(update={"what": before})
                        for one in find(old, self.examined.said.memories)[:1] or (Evidence(),)
                    ),
                ),
            )

    def _heard_once(self, one: Specific) -> bool:
        """Tell whether one session says it: ``sessions`` may have had no room for more."""
        return all(self.examined.said.spread(key).bit_count() <= 1 for key in asked_keys(one)[:2])


class _Taken:
    """A line taken apart: its words, and the specifics among them."""

    def __init__(self, line: Line, specifics: Sequence[Specific], words: str) -> None:
        self.line, self.specifics, self.words = line, specifics, words

    @classmethod
    def apart(cls, line: Line) -> _Taken:
        specifics = telling(line.text)
        words, at = [], 0
        for one in specifics:
            words.append(line.text[at : max(at, one.start)])
            at = max(at, one.end)
        return cls(line, specifics, " ".join("".join([*words, line.text[at:]]).casefold().split()))

    def likest(self, others: Iterable[_Taken]) -> _Taken | None:
        scored = ((fuzz.ratio(self.words, other.words, score_cutoff=_ALIKE), other) for other in others)
        score, likest = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return likest if score >= _ALIKE else None

    def differing(self, other: _Taken) -> tuple[Specific, Specific] | None:
        """Return the one specific that differs, here and there; None where it is not one of the same kind."""
        keys, theirs = {one.key for one in self.specifics}, {one.key for one in other.specifics}
        new = [one for one in self.specifics if one.key not in theirs]
        old = [one for one in other.specifics if one.key not in keys]
        return (new[0], old[0]) if len(new) == len(old) == 1 and new[0].kind is old[0].kind else None
