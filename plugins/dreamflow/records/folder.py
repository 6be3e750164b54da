"""Files, as the records see them: at any place; and those of a run's folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

__all__ = ["Folder", "Storage", "Version"]

#: What tells a file, as it was written once, from whatever was written there before and since; and its bytes.
Version = tuple[str, int]

T = TypeVar("T")


class Storage(Protocol):
    """Files at any place, each written whole or not at all; ``dreamflow.storage`` is one, over Airflow's."""

    def read_text(self, uri: str, /) -> str: ...
    def write_text(self, uri: str, text: str, /) -> None: ...
    def create_text(self, uri: str, text: str, /) -> None: ...
    def delete(self, uri: str, /) -> None: ...
    def delete_folder(self, uri: str, /) -> None: ...
    def list_names(self, uri: str, /) -> list[str]: ...
    def modified_at(self, uri: str, /) -> datetime | None: ...
    def version_of(self, uri: str, /) -> Version | None: ...


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
    def _version(self, name: str) -> Version | None: ...

    @abstractmethod
    def _names(self) -> list[str]: ...

    @abstractmethod
    def _delete(self, name: str) -> None: ...
