"""Reading the sessions that a dream read, once: what they say, and which memories they read."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dreamflow.core.checks.check import Read
from dreamflow.core.evidence import Said
from dreamflow.core.memory_reads import memories_read, of_store
from dreamflow.core.reckoning import Reckoning, Spoken
from dreamflow.core.score import Probe
from dreamflow.errors import NotFound, ServiceUnavailable

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["Gathered", "Sessions", "gather", "heard_here", "kept_evidence", "known_of"]

log = logging.getLogger(__name__)

#: Sessions that are read at once; each is held until it is its turn to be heard.
_PARALLEL = 4
#: Reads of one memory that are kept, one a session.
_READS_EACH = 12
#: What of the evidence may grow large, and rows of it in one file: 8 MB at most.
_TABLES = {"events": list, "first": dict, "spread": dict, "places": dict}
_PART_ROWS = 50_000

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Gathered:
    """
    What the sessions of a dream say.

    :ivar said: where; it knows the memories once they are added (``SaidBuilder.add_memory``).
    :ivar reads: by path in the store, which sessions read it.
    :ivar unread: sessions that are gone by now, or that the service did not answer for: what they said can't be told.
    :ivar is_whole: the service answered for every session. What is not whole is not kept: a later review reads anew.
    :ivar probes: what the score asks for, of what the sessions state; without secrets.
    :ivar refused: the name of the error with which the service refused to tell anything; mostly empty.
    """

    said: Said
    reads: Mapping[str, Sequence[Read]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    is_whole: bool = True
    refused: str = ""


def gather(
    world: World,
    run: RunRecords,
    session_ids: Sequence[str],
    wanted: Collection[str],
) -> Gathered:
    """
    Return what the sessions say, and which memories they read; from the run's files, where an earlier review kept it.

    What is kept answers a later review too, unless it asks of keys that the index had no room for.

    :param wanted: the keys that the changed text asks of (``grounding.wanted_in``).
    """
    known = known_of(run, session_ids, wanted)
    return known or heard_here(Sessions(world, run, session_ids), wanted)


def known_of(run: RunRecords, session_ids: Sequence[str], wanted: Collection[str]) -> Gathered | None:
    """Return what is known without reading a session."""
    return _kept(run, _name_of(session_ids), wanted) if session_ids else Gathered(Said())


def heard_here(
    sessions: Sessions, wanted: Collection[str], read: Iterable[tuple[str, list[Spoken]]] | None = None
) -> Gathered:
    """
    Hear the sessions.

    :param read: what they say, if some of it was read by now.
    """
    reckoning = Reckoning(wanted, sessions=len(sessions))
    for session_id, events in sessions.each() if read is None else read:
        reckoning.hear(session_id, events)
    return sessions.gathered(reckoning.said(), reckoning.probes())


def kept_evidence(run: RunRecords, session_ids: Sequence[str]) -> Gathered | None:
    """Return what the run's files keep of what these sessions say, and read none; None where that is not there."""
    return _kept(run, _name_of(session_ids), ())


def _name_of(session_ids: Sequence[str]) -> str:
    """Return what tells the evidence of these sessions from another's."""
    return hashlib.sha256(json.dumps(list(session_ids)).encode()).hexdigest()


class Sessions:
    """The sessions of a dream as they are read, once; it notes which memories they read, and which can't be read."""

    def __init__(self, world: World, run: RunRecords, session_ids: Sequence[str]) -> None:
        self._world, self._run, self._ids = world, run, session_ids
        self._by_folder: dict[str, dict[str, list[Read]]] = {}
        self._unread: list[str] = []
        self._unanswered: dict[str, ServiceUnavailable] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def each(self) -> Generator[tuple[str, list[Spoken]], None, None]:
        """
        Yield what each session says, in turn, but for those that can't be read.

        :raises ServiceUnavailable: the service answers for none.
        """
        for session_id, session in zip(self._ids, _in_turn(self._read, self._ids), strict=True):
            if session is None:
                self._unread.append(session_id)
                continue
            for (folder, path), one in session.reads.items():
                reads = self._by_folder.setdefault(folder, {}).setdefault(path, [])
                if len(reads) < _READS_EACH:
                    reads.append(one)
            yield session_id, session.events
        if len(self._unanswered) == len(self._ids) > 1:
            # It is the service that does not answer, and that may pass.
            raise next(iter(self._unanswered.values()))
        if self._unread:
            log.warning(
                "%d sessions can't be read, nor what they said be told: %s",
                len(self._unread),
                ", ".join(self._unread),
            )

    def gathered(self, said: Said, probes: tuple[Probe, ...]) -> Gathered:
        """Return what they say, once all were read and heard, and keep it."""
        reads = _of_store(self._world, self._run, self._by_folder)
        gathered = Gathered(said, reads, tuple(self._unread), probes, is_whole=not self._unanswered)
        if gathered.is_whole:
            _keep(self._run, _name_of(self._ids), gathered)
        return gathered

    def _read(self, session_id: str) -> _SessionRead | None:
        read = _SessionRead([], {})
        try:
            for said in self._world.hook.each_event(session_id):
                read.events.append(Spoken(said.event_id, said.role, said.at, said.text))
                for place in memories_read(said):
                    read.reads[place] = Read(session_id, said.event_id, said.at)
        except NotFound:
            return None
        except ServiceUnavailable as e:
            self._unanswered[session_id] = e
            return None
        return read


class _SessionRead(NamedTuple):
    events: list[Spoken]
    reads: dict[tuple[str, str], Read]


def _in_turn(call: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield what each call returns, in order, a few under way at once, and none far ahead of its turn."""
    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="evidence") as pool:
        under_way: deque[Future[R]] = deque()
        try:
            for item in items:
                under_way.append(pool.submit(call, item))
                if len(under_way) > _PARALLEL:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _of_store(
    world: World, run: RunRecords, by_folder: Mapping[str, Mapping[str, list[Read]]]
) -> dict[str, list[Read]]:
    """Return the reads of the dream's input by path: a session may have mounted other stores beside it."""
    dreams = run.journal().dreams if len(by_folder) > 1 else ()
    store = world.hook.find_store(dreams[-1].input_store_id) if dreams else None
    reads: defaultdict[str, list[Read]] = defaultdict(list)
    for folder in of_store(by_folder, store.name if store else ""):
        for path, ones in folder.items():
            reads[path] += ones
    return dict(reads)


def _keep(run: RunRecords, of: str, gathered: Gathered) -> None:
    """
    Keep what was gathered, in parts that are written and read back quickly.

    Each part names the reading that it is of: the task and the tab may read at once, and what they ask of differs.
    """
    kept, reading = gathered.said.to_json(), uuid.uuid4().hex
    parts = [
        {table: kind(rows)}
        for table, kind in _TABLES.items()
        for rows in _batches(kept[table].items() if kind is dict else kept[table])
    ]
    for number, part in enumerate(parts, 2):
        run.write_evidence(number, {"reading": reading, **part})
    reads = {
        path: [[read.session_id, read.event_id, read.at and read.at.isoformat()] for read in ones]
        for path, ones in gathered.reads.items()
    }
    rest = {name: kept[name] for name in kept if name not in _TABLES}
    about = {"version": 1, "of": of, "reading": reading, "parts": len(parts) + 1}
    more = {"reads": reads, "unread": gathered.unread, "probes": gathered.probes}
    run.write_evidence(1, {**about, **rest, **more})


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, _PART_ROWS)):
        yield batch


def _kept(run: RunRecords, of: str, wanted: Collection[str]) -> Gathered | None:
    """Return what an earlier review kept; None where it is of other sessions, or does not answer this one."""
    kept = run.read_evidence(1)
    try:
        if kept is None or kept["of"] != of or kept["version"] != 1:
            return None
        kept |= {table: kind() for table, kind in _TABLES.items()}
        for number in range(2, kept["parts"] + 1):
            part = run.read_evidence(number)
            if part is None or part["reading"] != kept["reading"]:
                return None
            for table in _TABLES.keys() & part.keys():
                (kept[table].extend if table == "events" else kept[table].update)(part[table])
        said = Said.from_json(kept)
        reads = {path: [_read_of(row) for row in rows] for path, rows in kept["reads"].items()}
        probes = tuple(Probe(key, tuple(words)) for key, words in kept["probes"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return Gathered(said, reads, tuple(kept["unread"]), probes) if said.answers(wanted) else None


def _read_of(row: Sequence[Any]) -> Read:
    return Read(row[0], row[1], datetime.fromisoformat(row[2]) if row[2] else None)
