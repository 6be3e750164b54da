"""One part of the cluster: what a container of docker-compose.yaml would run."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GRACE", "Part"]

#: Seconds that Docker gives a container to stop, unless the file says otherwise.
GRACE = 10.0


@dataclass(frozen=True)
class Part:
    """
    One process and what it starts.

    :ivar name: the service's name, with a number where there are several: ``worker-2``.
    :ivar folder: where it works.
    :ivar needs: the parts that have to answer before this one is started.
    :ivar grace: seconds that it gets to stop by itself.
    :ivar stop_signal: what asks it to.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    needs: tuple[str, ...] = ()
    grace: float = GRACE
    stop_signal: signal.Signals = signal.SIGTERM
