"""What a pipeline keeps of its past runs, to look back on: costs, the trend of its reviews, what sessions read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from dreamflow.errors import StateError

__all__ = ["PastFiles"]

#: Finished dreams that an estimate looks back on.
_COSTS_KEPT = 20
#: Reviews that the trend looks back on.
_SCORES_KEPT = 60

T = TypeVar("T")


class PastFiles(ABC):
    """The files beside the runs' folders that have a row for each of the newest runs."""

    @property
    @abstractmethod
    def folder(self) -> str: ...

    @abstractmethod
    def read(self, uri: str, parse: Callable[[Any], T]) -> T | None: ...

    @abstractmethod
    def _write_rows(self, uri: str, rows: Any) -> None: ...

    def past_costs(self) -> list[dict[str, Any]]:
        """Return what the pipeline's newest dreams used and cost, oldest first."""
        return self._past("costs")

    def note_cost(self, run_id: str, sessions: int, tokens: int, usd: float | None) -> None:
        """Add a finished dream to the pipeline's costs; noting the same run again replaces its row."""
        self._note_past(
            "costs", _COSTS_KEPT, {"run": run_id, "sessions": sessions, "tokens": tokens, "usd": usd}
        )

    def trend(self) -> list[dict[str, Any]]:
        """Return run, verdict and score of the newest reviews, and whether anything changed; oldest first."""
        return self._past("scores")

    def note_trend(
        self, run_id: str, verdict: str, score: dict[str, Any], *, changed: bool, night: str = ""
    ) -> None:
        """Add a review to the trend; noting the same run again replaces its row. ``night``: the run that began it."""
        self._note_past(
            "scores",
            _SCORES_KEPT,
            {"run": run_id, "night": night, "verdict": verdict, "changed": changed, "score": score},
        )

    def past_reads(self) -> dict[str, list[list[str]]]:
        """Return by path which sessions of the last days read a memory: session, event, and when."""

        def parse(kept: dict[str, Any]) -> dict[str, list[list[str]]]:
            return {path: [_read_row(*row) for row in rows] for path, rows in kept.items()}

        try:
            return self.read(f"{self.folder}/reads.json", parse) or {}
        except StateError:
            return {}

    def note_reads(self, reads: dict[str, list[list[str]]]) -> None:
        """Keep them, in place of those that were kept."""
        self._write_rows(f"{self.folder}/reads.json", reads)

    def _past(self, name: str) -> list[dict[str, Any]]:
        try:
            return self.read(f"{self.folder}/{name}.json", lambda rows: [dict(row) for row in rows]) or []
        except StateError:
            return []  # what it held is only looked back on

    def _note_past(self, name: str, kept: int, row: dict[str, Any]) -> None:
        """Add a run's row to those that are kept, in the place of the one that it has."""
        rows = self._past(name)
        place = next((place for place, one in enumerate(rows) if one.get("run") == row["run"]), len(rows))
        rows[place : place + 1] = [row]
        self._write_rows(f"{self.folder}/{name}.json", rows[-kept:])


def _read_row(session_id: str, event_id: str, at: str) -> list[str]:
    return [session_id, event_id, datetime.fromisoformat(at).astimezone(UTC).isoformat()]
