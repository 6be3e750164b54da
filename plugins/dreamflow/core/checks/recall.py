"""A search finds less than it found before: of what the old store held, or of what the sessions state."""

from __future__ import annotations

from collections.abc import Iterable

from dreamflow.core.checks.check import Check, Found

__all__ = ["Recall"]

#: A share of 400 specifics moves by about a point where lines only change their order: three are beyond that.
_POINTS = 0.03
#: Of fewer specifics, three points are one or two of them: so many must be found no more.
_FEWEST = 5
#: In a small store so many will do where less than half of what was found is found still.
_FEWEST_OF_HALF = 2


class Recall(Check):
    """The score fell by more than chance."""

    name = "recall"

    def conclude(self) -> Iterable[Found]:
        score = self.examined.score
        for what, (before, after), asked in (
            ("what the old store held", score.input_found, score.input_asked),
            ("what the sessions state", score.sessions_found, score.sessions_asked),
        ):
            if before is None or after is None or not _fell(before, after, asked):
                continue
            yield Found(
                f"A search finds less of {what} within 500 tokens: {after:.0%}, it was {before:.0%} "
                f"(of {asked:,} specifics that were asked for).",
                about=f"{what} {after:.0%}",  # a tick for a small fall is none for a large one
            )


def _fell(before: float, after: float, asked: int) -> bool:
    """Tell whether the share that is found fell by more than chance, of so many that were asked for."""
    if before - after > max(_POINTS, _FEWEST / max(1, asked)):
        return True
    return after < before / 2 and round((before - after) * asked) >= _FEWEST_OF_HALF
