"""What a check finds, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dreamflow.core.changes import Changes
from dreamflow.core.objects import Listing

__all__ = ["Check", "Examined", "Finding"]


@dataclass(frozen=True)
class Finding:
    """
    Something that a person should look at before adopting.

    :ivar what: the finding in words of our own; it never holds memory text.
    :ivar paths: the memories it is about. Memory text: hostile.
    """

    what: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """
    What a check is given: both stores, what differs, and the pipeline's settings.

    :ivar protect: gitignore-style patterns of memories that a dream should leave alone.
    :ivar max_removed: share of the input's memories, 0 to 1, that may go without a finding.
    """

    before: Listing
    after: Listing
    changes: Changes
    protect: Sequence[str]
    max_removed: float


Check = Callable[[Examined], list[Finding]]
