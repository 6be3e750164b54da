"""Which run has a fleet's member."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["HolderFile"]

T = TypeVar("T")


class HolderFile(ABC):
    """The file ``holder.json`` of a fleet's member: the run that works on it."""

    @property
    @abstractmethod
    def folder(self) -> str: ...

    @abstractmethod
    def read(self, uri: str, parse: Callable[[Any], T]) -> T | None: ...

    @abstractmethod
    def _write_rows(self, uri: str, rows: Any) -> None: ...

    def holder(self) -> str:
        """Return the id of the run that the member is held by; empty where none ever held it."""
        return self.read(self._holder, lambda noted: str(noted["run"])) or ""

    def holding_shard(self) -> int | None:
        """Return which shard of that run holds it; None where that was not noted."""
        return self.read(self._holder, lambda noted: noted.get("shard"))

    def note_holder(self, run_id: str, shard: int | None = None) -> None:
        self._write_rows(self._holder, {"run": run_id, "shard": shard})

    @property
    def _holder(self) -> str:
        return f"{self.folder}/holder.json"
