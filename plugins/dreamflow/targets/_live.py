"""What every kind of target can do."""

from __future__ import annotations

from typing import Protocol

__all__ = ["LiveTarget"]


class LiveTarget(Protocol):
    """One place that names the live store."""

    #: For people, such as ``deployment depl_…``.
    name: str

    def check(self) -> None:
        """Raise where a swap could not be written, though the target can be read."""
        ...

    def read(self) -> str:
        """Return the id of the memory store that the target names now."""
        ...

    def write(self, before: str, after: str) -> None:
        """Name ``after`` instead of ``before``, if and only if ``before`` is named now."""
        ...
