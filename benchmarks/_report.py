"""What a benchmark says, and how it is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Limit", "Report", "megabytes", "ratio"]


@dataclass(frozen=True)
class Limit:
    """
    A limit to hold, beside what was measured.

    :ivar counted: it is about what was counted (requests, errors, bytes asked for), not about time or memory,
        so a run on any machine must hold it.
    :ivar fails: it is about a ratio, or has so much room, that a run on any machine must hold it too.
    """

    says: str
    measured: str
    met: bool
    counted: bool = False
    fails: bool = False

    @property
    def must_hold(self) -> bool:
        return self.counted or self.fails

    def __str__(self) -> str:
        return _wrapped(f"limit: {self.says}. Measured: {self.measured}. {'Met' if self.met else 'NOT MET'}.")


@dataclass(frozen=True)
class Report:
    """One table: a line on how it was measured, the figures, and the limits that they are held against."""

    title: str
    method: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    limits: Sequence[Limit] = field(default=())

    def __str__(self) -> str:
        parts = [self.title, _wrapped(self.method), "", *_table(self.head, self.rows)]
        if self.limits:
            parts += ["", *map(str, self.limits)]
        return "\n".join(parts)


def ratio(measured: float, baseline: float) -> str:
    """Return how many times the baseline was measured, with as many digits as matter."""
    if baseline <= 0:
        return "-"
    times = measured / baseline
    return f"{times:.2f}x" if times >= 0.1 else f"1/{1 / times:,.0f}" if times > 0 else "0"


def megabytes(count: float) -> str:
    return f"{count / 1e6:,.1f} MB"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width=110)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column to the left, figures to the right."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join([first, *rest]).rstrip()

    return [line(head), line(["-" * width for width in widths]), *map(line, rows)]
