"""What the sessions say, and the score, of a large review in a process apart, beside what else there is to look at."""

from __future__ import annotations

import logging
from collections.abc import Collection, Generator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.evidence import Said
from dreamflow.core.reckoning import Scoring, Spoken
from dreamflow.core.review import Score
from dreamflow.errors import RequestRejected
from dreamflow.steps.apart import Apart, Lost, apart
from dreamflow.steps.evidence import Gathered, Sessions, gather, heard_here, known_of

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["Beside", "Here", "Listened", "listen", "listen_here"]

log = logging.getLogger(__name__)

#: Characters of sessions above which it takes a second or more to hear them; a process is there within half of one.
_LARGE = 8_000_000


class Listened(NamedTuple):
    gathered: Gathered
    score: Score


class Here:
    """The sessions are known, and the stores are measured in this process."""

    def __init__(self, gathered: Gathered, size: int) -> None:
        self._gathered, self._scoring = gathered, Scoring(gathered.probes, size)
        self.draw, self.add = self._scoring.draw, self._scoring.add

    def listened(self) -> Listened:
        return Listened(self._gathered, self._scoring.score())

    def close(self) -> None:
        pass


class Beside:
    """Both is done in a process apart, while texts are given to it."""

    def __init__(self, sessions: Sessions, process: Apart) -> None:
        self._sessions, self._process = sessions, process
        self.draw, self.add, self.close = process.draw, process.add, process.close

    def listened(self) -> Listened:
        """:raises Lost: the process ended early."""
        said, probes, score = self._process.reckoned()
        return Listened(self._sessions.gathered(said, probes), score)


def listen(
    world: World, run: RunRecords, session_ids: Sequence[str], wanted: Collection[str], size: int
) -> Here | Beside:
    """
    Begin to hear what the sessions say, and to measure the stores; where there is much of it, in a process apart.

    :param wanted: the keys that the changed text asks of. :param size: bytes of the input.
    """
    if (known := known_of(run, session_ids, wanted)) is not None:
        return Here(known, size)
    sessions = Sessions(world, run, session_ids)
    try:
        each = sessions.each()
        first, is_large = _first_of(each)
        if is_large:
            try:
                process = apart(wanted, size, _again(first, each), len(session_ids))
                log.info(
                    "the sessions are large: process %d hears them, and measures the stores", process.pid
                )
                return Beside(sessions, process)
            except Lost as e:
                log.info("the sessions are heard in this process: %s", e)
        return Here(heard_here(sessions, wanted, _again(first, each)), size)
    except RequestRejected as e:
        return _deaf(e, size)


def listen_here(
    world: World, run: RunRecords, session_ids: Sequence[str], wanted: Collection[str], size: int
) -> Here:
    """Hear what the sessions say, and begin to measure the stores, in this process."""
    try:
        return Here(gather(world, run, session_ids, wanted), size)
    except RequestRejected as e:
        return _deaf(e, size)


def _deaf(refused: RequestRejected, size: int) -> Here:
    log.warning("the sessions can't be read: %s", refused)
    return Here(Gathered(Said(), refused=type(refused).__name__), size)


def _first_of(
    sessions: Generator[tuple[str, list[Spoken]], None, None],
) -> tuple[list[tuple[str, list[Spoken]]], bool]:
    """Read sessions until it is known whether there is much in them."""
    first, length = [], 0
    for session in sessions:
        first.append(session)
        length += sum(len(event.text) for event in session[1])
        if length > _LARGE:
            return first, True
    return first, False


def _again(
    first: list[tuple[str, list[Spoken]]], rest: Generator[tuple[str, list[Spoken]], None, None]
) -> Generator[tuple[str, list[Spoken]], None, None]:
    """Yield what was read first, holding none that was yielded, then the rest."""
    try:
        while first:
            yield first.pop(0)
        yield from rest
    finally:
        rest.close()
