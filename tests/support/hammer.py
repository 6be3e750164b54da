"""
Writers that change a memory store at random, all at once, and note which lines the server has acknowledged.

Every line that they write is unlike any other, and is never written again. So which lines ought to stand is a matter of
two sets, whatever the order in which the writers get to note theirs.
"""

from __future__ import annotations

import random
import re
import string
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from anthropic import Anthropic, BadRequestError, ConflictError, NotFoundError

from tests.managed_agents.support import ask, session_on

__all__ = ["Hammer", "Ledger", "Refused", "marks_of", "our_lines"]

#: Seconds that a wait for changes may take on a busy machine.
PATIENCE = 1_200.0
#: What no line but a writer's holds.
_MARK = re.compile(r"hm-[0-9a-z]{10}")
#: Notes that one session takes before the next one is started.
_NOTES_A_SESSION = 4


class Refused(Exception):
    """The store is archived: it takes no more writes."""


def marks_of(line: str) -> set[str]:
    """Return what tells writers' lines from all others: a dream may put several into one of its own."""
    return set(_MARK.findall(line))


def our_lines(text: str) -> list[str]:
    """Return the lines of a memory that writers wrote, without line ends and trailing blanks."""
    return [line.rstrip() for line in text.split("\n") if marks_of(line)]


@dataclass
class Ledger:
    """
    What the server has acknowledged.

    :ivar added: every line that was written. :ivar removed: those that were edited away, or deleted with their memory.
    :ivar changes: how many changes of each kind.
    """

    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    changes: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def standing(self) -> set[str]:
        return self.added - self.removed

    def note(self, kind: str, before: str, after: str) -> None:
        """Note a change of a memory's text that the server has acknowledged."""
        old, new = set(our_lines(before)), set(our_lines(after))
        with self._lock:
            self.added |= new - old
            self.removed |= old - new
            self.changes[kind] += 1


@dataclass
class Pool:
    """
    The memories that writers know of, and the paths that they may take.

    :ivar freed: paths that were left by a rename or a delete: the next memory may come to lie there.
    :ivar coveted: paths of memories that somebody else has made elsewhere.
    """

    ids: list[str]
    coveted: Sequence[str] = ()
    freed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pick(self, rng: random.Random) -> str | None:
        with self.lock:
            return rng.choice(self.ids) if self.ids else None

    def add(self, memory_id: str) -> None:
        with self.lock:
            self.ids.append(memory_id)

    def drop(self, memory_id: str) -> None:
        with self.lock:
            if memory_id in self.ids:
                self.ids.remove(memory_id)

    def free(self, path: str) -> None:
        with self.lock:
            self.freed.append(path)

    def new_path(self, rng: random.Random) -> str:
        """Return a path: mostly a new one, or one that somebody else had or has."""
        chance = rng.random()
        with self.lock:
            if chance < 0.25 and self.freed:
                return self.freed.pop(rng.randrange(len(self.freed)))
        if chance < 0.35 and self.coveted:
            return rng.choice(self.coveted)
        return f"/{rng.choice(('dock', 'suppliers', 'people', 'notes/day'))}/{_word(rng)}.md"


class Writer:
    """One writer: picks a memory and a change, and makes it on condition that nobody else did meanwhile."""

    #: The kinds of change, and how often each is chosen.
    _KINDS = ("create", "append", "edit", "rename", "delete")
    _WEIGHTS = (17, 37, 28, 11, 7)

    def __init__(self, client: Anthropic, store_id: str, ledger: Ledger, pool: Pool, seed: int) -> None:
        self._client = client
        self._memories = client.beta.memory_stores.memories
        self._store_id = store_id
        self._ledger = ledger
        self._pool = pool
        self._rng = random.Random(seed)

    def change(self) -> bool:
        """
        Try one change, and tell whether the server took it: another writer may have been quicker.

        :raises Refused: the store is archived.
        """
        (kind,) = self._rng.choices(self._KINDS, self._WEIGHTS)
        try:
            if kind == "create":
                return self._create()
            held = self._read()
            return False if held is None else bool(getattr(self, f"_{kind}")(held))
        except (ConflictError, NotFoundError):
            return False
        except BadRequestError as error:
            if self._client.beta.memory_stores.retrieve(self._store_id).archived_at is None:
                raise
            raise Refused from error

    def _create(self) -> bool:
        path, end = self._pool.new_path(self._rng), self._rng.choice(("\n", "\n", "\r\n"))
        lines = [_line(self._rng) for _ in range(self._rng.randint(1, 6))]
        text = end.join(lines) + self._rng.choice((end, end, ""))
        made = self._memories.create(self._store_id, path=path, content=text)
        self._ledger.note("create", "", text)
        self._pool.add(made.id)
        return True

    def _read(self) -> Any:
        memory_id = self._pool.pick(self._rng)
        if memory_id is None:
            return None
        return self._memories.retrieve(memory_id, memory_store_id=self._store_id, view="full")

    def _append(self, held: Any) -> bool:
        text, end = held.content, "\r\n" if "\r\n" in held.content else "\n"
        begun = text if not text or text.endswith("\n") else text + end
        return self._put("append", held, begun + _line(self._rng) + self._rng.choice((end, "")))

    def _edit(self, held: Any) -> bool:
        """Replace a line, take one out, or put one in."""
        lines = held.content.splitlines(keepends=True) or [""]
        place, end = self._rng.randrange(len(lines)), "\r\n" if "\r\n" in held.content else "\n"
        new = _line(self._rng) + end
        match self._rng.choice(("replace", "replace", "take out", "put in")):
            case "replace":
                lines[place] = new
            case "take out":
                del lines[place]
            case _:
                lines.insert(place, new)
        return self._put("edit", held, "".join(lines))

    def _put(self, kind: str, held: Any, text: str) -> bool:
        self._update(held, content=text)
        self._ledger.note(kind, held.content, text)
        return True

    def _rename(self, held: Any) -> bool:
        self._update(held, path=self._pool.new_path(self._rng))
        self._pool.free(held.path)
        self._ledger.note("rename", "", "")
        return True

    def _update(self, held: Any, **change: Any) -> None:
        seen: Any = {"type": "content_sha256", "content_sha256": held.content_sha256}
        self._memories.update(held.id, memory_store_id=self._store_id, precondition=seen, **change)

    def _delete(self, held: Any) -> bool:
        self._memories.delete(
            held.id, memory_store_id=self._store_id, expected_content_sha256=held.content_sha256
        )
        self._pool.drop(held.id)
        self._pool.free(held.path)
        self._ledger.note("delete", held.content, "")
        return True


class Talker:
    """One who tells sessions of an agent things to note: the writes are the sessions' own, through their mounts."""

    def __init__(self, client: Anthropic, store_id: str, ledger: Ledger, seed: int) -> None:
        self._client = client
        self._store_id = store_id
        self._ledger = ledger
        self._rng = random.Random(seed)
        self.sessions: list[str] = []
        self._told = 0

    def change(self) -> bool:
        """
        Let a session note a line in its own memory.

        :raises Refused: the store is archived.
        """
        if self._told % _NOTES_A_SESSION == 0:
            try:
                self.sessions.append(session_on(self._client, self._store_id).id)
            except BadRequestError as error:
                raise Refused from error
        self._told += 1
        said = _sentence(self._rng)
        answer = ask(self._client, self.sessions[-1], said)
        if not answer.startswith("Noted in"):
            raise Refused
        self._ledger.note("session", "", self._note_of(self.sessions[-1], said))
        return True

    def _note_of(self, session_id: str, said: str) -> str:
        """Return the line that the session wrote: what it was told, with the time."""
        events = self._client.beta.sessions.events
        uses: Any = list(events.list(session_id, types=["agent.tool_use"], order="desc", limit=10))
        written = str(next(use.input["content"] for use in uses if use.name == "write"))
        return next(line for line in written.splitlines() if line.endswith(said))


class Hammer:
    """
    Writers at work on a store, from entering the block until it is archived or the block is left.

    :param writers: how many there are, talkers included.
    :param talkers: how many of them write by way of sessions. They end with ``hush``.
    :param seconds_between: how long a writer rests after a change, on average.
    """

    def __init__(
        self,
        client: Anthropic,
        store_id: str,
        *,
        writers: int = 10,
        talkers: int = 0,
        seconds_between: float = 0.0,
        seed: int = 0,
    ) -> None:
        listed = client.beta.memory_stores.memories.list(store_id, limit=100)
        pool = self._pool = Pool([memory.id for memory in listed if memory.type == "memory"])
        self.ledger = Ledger()
        self.talkers = [Talker(client, store_id, self.ledger, seed * 100 + n) for n in range(talkers)]
        seeds = range(seed * 100 + talkers, seed * 100 + writers)
        self._writers = [Writer(client, store_id, self.ledger, pool, number) for number in seeds]
        self._seconds_between = seconds_between
        self._hushed, self._stopped = threading.Event(), threading.Event()
        self._threads = ThreadPoolExecutor(writers, thread_name_prefix="writer")
        self._futures: list[Future[None]] = []

    def __enter__(self) -> Self:
        self._futures = [self._threads.submit(self._work, talker, self._hushed) for talker in self.talkers]
        self._futures += [self._threads.submit(self._work, writer, self._stopped) for writer in self._writers]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hushed.set()
        self._stopped.set()
        self._threads.shutdown()

    @property
    def count(self) -> int:
        return self.ledger.changes.total()

    @property
    def sessions(self) -> list[str]:
        """Return the ids of the sessions that wrote."""
        return [session_id for talker in self.talkers for session_id in talker.sessions]

    def wait_for(self, count: int) -> None:
        """Wait until so many changes were made in all."""
        deadline = time.monotonic() + PATIENCE
        while self.count < count:
            self._raise_errors()
            assert time.monotonic() < deadline, f"{self.count} of {count} changes in {PATIENCE:.0f} s"
            assert not all(future.done() for future in self._futures), f"refused after {self.count} changes"
            time.sleep(0.02)

    def covet(self, paths: Iterable[str]) -> None:
        """Let the writers want these paths too, for what they create and rename from now."""
        self._pool.coveted = sorted(paths)

    def hush(self) -> None:
        """Let the talkers end: a session that is at work on a store keeps it from being archived."""
        self._hushed.set()
        for future in self._futures[: len(self.talkers)]:
            future.result(PATIENCE)

    def wait_until_refused(self) -> None:
        """Wait until the archived store has refused every writer."""
        for future in self._futures:
            future.result(PATIENCE)

    def _raise_errors(self) -> None:
        for future in self._futures:
            if future.done():
                future.result()

    def _work(self, writer: Writer | Talker, ended: threading.Event) -> None:
        rests = random.Random(id(writer))
        try:
            while not ended.is_set():
                writer.change()
                ended.wait(rests.expovariate(1 / self._seconds_between) if self._seconds_between else 0)
        except Refused:
            return


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(6, 9)))


def _sentence(rng: random.Random) -> str:
    """Return words that share nothing with others, so that no dream takes two lines for the same fact."""
    mark = "".join(rng.choices(string.ascii_lowercase + string.digits, k=10))
    return " ".join([*(_word(rng) for _ in range(4)), f"hm-{mark}"])


def _line(rng: random.Random) -> str:
    return rng.choice(("- ", "", "")) + _sentence(rng)
