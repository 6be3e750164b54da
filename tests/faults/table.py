"""A table of what was done to swaps, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.swap_scene import Scene

__all__ = ["Table"]

_GOOD = "ok"
#: Characters of what one task came to that a table shows.
_SAID = 75


@dataclass
class Table:
    """What was done to a swap, and what came of it, a row each."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def text(self, first: int = 0) -> str:
        rows = [self.head, *self.rows[first:]]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.head))]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    def add(self, scene: Scene, *cells: str, undone: Sequence[str] = ()) -> None:
        """Add what was done, what each task and night came to, what is live, and what is wrong in the end."""
        cut = [one if len(one) <= _SAID else f"{one[: _SAID - 1]}…" for one in scene.said]
        problems = [*scene.problems(), *undone]
        live = scene.told(scene.live_id)
        self.rows.append((*cells, " | ".join(cut) or "went on", live, "; ".join(problems) or _GOOD))

    def assert_good(self, first: int) -> None:
        """Assert that nothing was wrong in the rows from this one on."""
        assert all(row[-1] == _GOOD for row in self.rows[first:]), f"\n{self.text(first)}"
