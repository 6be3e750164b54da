"""What a pipeline keeps of its nights: the dreams of each, and what they used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from dreamflow.core.verdicts import Budget, Spent

__all__ = ["NightFiles"]

T = TypeVar("T")


class NightFiles(ABC):
    """The ledgers of a pipeline's nights, or of a fleet's member's: one file a night, a row a dream."""

    def spent_in(self, night: str, *, but: str | None = None) -> Spent:
        """Return what a night's dreams used, one of them left out."""
        rows = self.night_rows(night).items()
        return Spent.sum((row["tokens"], row["usd"]) for dream_id, row in rows if dream_id != but)

    def note_in_night(
        self,
        night: str,
        dream_id: str,
        tokens: int | None = None,
        usd: float | None = None,
        *,
        kept: Budget | None = None,
    ) -> dict[str, Any]:
        """
        Enter a dream into its night; again, with what it used. What is not known now stays as it was.

        :param kept: what one that is new there counts for until it is known what it used.
        :return: its row.
        """
        rows, kept = self.night_rows(night), kept or Budget()
        row = rows.setdefault(dream_id, {"tokens": kept.tokens or 0, "usd": kept.usd})
        row.update({key: value for key, value in (("tokens", tokens), ("usd", usd)) if value is not None})
        self._write_rows(self._night(night), rows)
        return row

    def night_rows(self, night: str) -> dict[str, dict[str, Any]]:
        """
        Return what a night's dreams used, by the dream's id: tokens, and US dollars where they are known.

        :raises StateError: the file can't be read.
        """

        def parse(rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
            return {str(key): {"tokens": int(row["tokens"]), "usd": row["usd"]} for key, row in rows.items()}

        return self.read(self._night(night), parse) or {}

    @abstractmethod
    def read(self, uri: str, parse: Callable[[Any], T]) -> T | None: ...

    @abstractmethod
    def _night(self, night: str) -> str: ...

    @abstractmethod
    def _write_rows(self, uri: str, rows: dict[str, dict[str, Any]]) -> None: ...
