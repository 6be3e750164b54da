"""A process that dies right before it changes something: at the service, or in a run's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from dreamflow import storage
from tests.unit.running import Night
from tests.unit.service import Killed

__all__ = ["Burning", "Fuse", "Step", "attempt"]

Step = Callable[[Night], Any]


@dataclass
class Fuse:
    """Counts what a step changes, and blows before the n-th deed."""

    blows_before: int | None = None
    deeds: int = 0

    def burn(self) -> None:
        if self.deeds == self.blows_before:
            raise Killed
        self.deeds += 1

    def on_request(self, number: int, request: httpx2.Request) -> None:
        if request.method != "GET":
            self.burn()


class Burning:
    """The run files' storage, with the fuse in the way of every write and delete."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse

    read_text = staticmethod(storage.read_text)
    list_names = staticmethod(storage.list_names)
    modified_at = staticmethod(storage.modified_at)

    def write_text(self, uri: str, text: str) -> None:
        self._fuse.burn()
        storage.write_text(uri, text)

    def create_text(self, uri: str, text: str) -> None:
        self._fuse.burn()
        storage.create_text(uri, text)

    def delete(self, uri: str) -> None:
        self._fuse.burn()
        storage.delete(uri)

    def delete_folder(self, uri: str) -> None:
        self._fuse.burn()
        storage.delete_folder(uri)


def attempt(night: Night, fuse: Fuse, step: Step, blows_before: int | None) -> bool:
    """Run the step; return whether it came to its end."""
    fuse.deeds, fuse.blows_before = 0, blows_before
    night.wire.before = fuse.on_request
    try:
        step(night)
    except Killed:
        return False
    finally:
        fuse.blows_before = None
        night.wire.before = lambda number, request: None
    return True
