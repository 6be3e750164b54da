"""A run's folder, as the parts of its records see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Folder"]

T = TypeVar("T")


class Folder(ABC):
    """Files of one run by name, each written whole or not at all."""

    @property
    @abstractmethod
    def folder(self) -> str: ...

    @abstractmethod
    def _read(self, name: str, parse: Callable[[Any], T]) -> T | None: ...

    @abstractmethod
    def _write(self, name: str, data: Any) -> None: ...

    @abstractmethod
    def _create(self, name: str, data: Any) -> bool: ...

    @abstractmethod
    def _read_text(self, name: str) -> str | None: ...

    @abstractmethod
    def _write_text(self, name: str, text: str) -> None: ...

    @abstractmethod
    def _names(self) -> list[str]: ...

    @abstractmethod
    def _delete(self, name: str) -> None: ...
