"""How a dream copies its store, takes the copy back, writes it, and survives a kill at any point of that."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic

from include.managed_agents.access import Actor
from include.managed_agents.app import open_database
from include.managed_agents.control.schemas import ImportRequest
from include.managed_agents.control.service import import_transcripts
from include.managed_agents.database import Database, Unit
from include.managed_agents.dreams.engine import Brief, DreamOver, Findings, StoreFiles
from include.managed_agents.dreams.hold import Hold
from include.managed_agents.dreams.models import DreamRow
from include.managed_agents.dreams.schemas import DreamCreate
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.dreams.work import DreamWork
from include.managed_agents.memories.service import Memories
from include.managed_agents.memory_stores.schemas import MemoryStoreCreate
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.usage import Usage
from tests.managed_agents.conftest import Connect
from tests.managed_agents.dream_engines import Dreamer
from tests.managed_agents.support import MODEL, contents, dream_of, ended, recorded, store_of, transcript

PERSON = Actor("api_actor", "apikey_1")
#: More than are copied in one unit of work.
MANY = 25


class Killed(BaseException):
    """The process is gone: nothing catches this, as nothing catches a kill -9."""


class MortalDatabase(Database):
    """A database whose process dies before its n-th commit: what a kill -9 between two commits leaves is the same."""

    def __init__(self, url: str, die_at: int) -> None:
        super().__init__(url)
        self.left = die_at

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with super().write() as unit:
            yield unit
            self.left -= 1
            if self.left <= 0:
                raise Killed


@dataclass
class Night:
    """A database file with a store, two sessions, and a dream that is to be dreamed over them."""

    file: Path
    store_id: str = ""
    dream_id: str = ""
    sessions: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def prepare(self, memories: int) -> None:
        database = open_database(self.url)
        with database.write() as unit:
            self.store_id = MemoryStores(unit).create(MemoryStoreCreate(name="Notes")).id
            for number in range(memories):
                Memories(unit, self.store_id, PERSON).write(f"/{number:03d}.md", f"memory {number}")
            request = ImportRequest.model_validate(
                {"transcripts": [transcript("one", "a"), transcript("two", "b")]}
            )
            self.sessions = [session_id for _, session_id, _ in import_transcripts(unit, request)]
            inputs = [
                {"type": "memory_store", "memory_store_id": self.store_id},
                {"type": "sessions", "session_ids": self.sessions},
            ]
            dream = DreamCreate.model_validate({"inputs": inputs, "model": MODEL})
            self.dream_id = Dreams(unit).create(dream).id
        database.close()

    def go_on(self, die_at: int = 0) -> bool:
        """Dream in a new process, so to speak; return whether it lived to the end."""
        database = MortalDatabase(self.url, die_at) if die_at else Database(self.url)
        hold = Hold(database, self.dream_id, lambda: False)
        work = DreamWork(hold, Dreamer(file=reorganize), pace_seconds=0, transcripts_at_a_time=2)
        try:
            asyncio.run(work.run())
        except BaseException as error:
            assert died(error), error
            return False
        finally:
            database.close()
        return True

    def dream(self, unit: Unit) -> DreamRow:
        return Dreams(unit).retrieve(self.dream_id)


def died(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(died(one) for one in error.exceptions)
    return isinstance(error, Killed)


def reorganize(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
    brief.count(Usage(input_tokens=1))
    brief.count_once("consolidation", Usage(output_tokens=1))
    for path, content in files.read_all():
        if path.endswith("0.md"):
            files.delete(path)
        elif path.endswith("1.md"):
            files.write(path, f"{content}, dreamed")
    files.write("/found.md", str(sorted(one.session_id for one in findings)))


def stored(unit: Unit, store_id: str) -> dict[str, str]:
    return dict(Memories(unit, store_id, PERSON).some_with_content(None, 2_000))


def test_a_dream_that_is_killed_at_any_write_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    prepared = Night(tmp_path / "prepared.db")
    prepared.prepare(memories=MANY)
    for number in count(1):
        night = replace(prepared, file=tmp_path / f"{number}.db")
        shutil.copy(prepared.file, night.file)
        lived = night.go_on(die_at=number)
        assert lived or night.go_on()
        database = Database(night.url)
        with database.read() as unit:
            dream = night.dream(unit)
            assert (dream.status, dream.error) == ("completed", None)
            before = stored(unit, night.store_id)
            wanted = {path: text for path, text in before.items() if not path.endswith("0.md")}
            wanted |= {path: f"{text}, dreamed" for path, text in wanted.items() if path.endswith("1.md")}
            wanted["/found.md"] = str(sorted(night.sessions))
            assert stored(unit, dream.output_store_id or "") == wanted
            assert len(before) == MANY
            events = SessionEventRepository(unit.session).all_of(dream.session_id or "")
            read = [e.fields["input"]["file_path"] for e in events if e.fields.get("name") == "read"]
            assert sorted(path for path in read if "transcripts" in path) == sorted(
                f"/mnt/transcripts/{session_id}.jsonl" for session_id in night.sessions
            )
            stores = MemoryStores(unit)
            assert [stores.retrieve(one).id for one in (night.store_id, dream.output_store_id or "")]
            assert dream.input_tokens in ({1} if lived else {1, 2}), "each try is counted once"
            assert dream.output_tokens == 1
        database.close()
        if lived:
            assert number > 12, "a dream has many writes"
            return


def interrupted_after(checks: int, meanwhile: Any) -> Any:
    """Return what tells a hold that it is over at its n-th look, and does something at every one before."""
    looks = count(1)

    def is_interrupted() -> bool:
        meanwhile()
        return next(looks) > checks

    return is_interrupted


def test_a_copy_is_of_one_moment_whatever_is_written_while_it_is_made_and_interrupted(tmp_path: Path) -> None:
    night = Night(tmp_path / "x.db")
    night.prepare(memories=MANY)
    database = Database(night.url)
    with database.read() as unit:
        before = stored(unit, night.store_id)
    changes = count()

    def change() -> None:
        with database.write() as unit:
            memories = Memories(unit, night.store_id, PERSON)
            number = next(changes)
            memories.write("/000.md", f"changed {number}")
            memories.write(f"/new-{number}.md", "new")
            memories.delete_at(f"/{MANY - 1 - number:03d}.md")

    def clone(hold: Hold) -> datetime | None:
        work = DreamWork(hold, Dreamer(), pace_seconds=0, transcripts_at_a_time=1)
        work.claim()
        work.clone()
        with database.read() as unit:
            return night.dream(unit).cloned_at

    with pytest.raises(DreamOver):
        clone(Hold(database, night.dream_id, interrupted_after(3, lambda: None)))
    with database.read() as unit:
        copied = stored(unit, night.dream(unit).output_store_id or "")
    assert 0 < len(copied) < MANY
    assert clone(Hold(database, night.dream_id, interrupted_after(1_000, change))) is not None
    with database.read() as unit:
        assert stored(unit, night.dream(unit).output_store_id or "") == before
        assert stored(unit, night.store_id) != before
    database.close()


def test_what_an_engine_reads_and_writes_stands_in_the_log_and_long_texts_only_in_the_versions(
    connect: Connect,
) -> None:
    long = "A long story. " * 1_000

    def consolidate(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        assert files.sizes() == {"/a.md": 3, "/b.md": 3}
        assert files.read("/a.md") == "one"
        assert files.read("/none.md") is None
        assert list(files.read_all()) == [("/a.md", "one"), ("/b.md", "two")]
        assert len(findings) == 1
        assert list(findings) == list(findings)
        files.write("/long.md", long)
        files.delete("/a.md")
        files.read("/b.md")

    client = connect(lambda: Dreamer(file=consolidate))
    done = ended(client, dream_of(client, store_of(client, a="one", b="two").id, recorded(client, "Hello")))
    assert done.status == "completed"
    steps = steps_of(client, done.session_id or "")
    mount = steps[1][1]["file_path"]
    assert [(name, call["file_path"].removeprefix(mount)) for name, call in steps[1:]] == [
        ("read", ""),
        ("read", "/a.md"),
        ("write", "/long.md"),
        ("delete", "/a.md"),
        ("read", "/b.md"),
    ]
    store = done.outputs[0].memory_store_id
    written = next(call["content"] for name, call in steps if name == "write")
    assert written.startswith(long[:1_000])
    assert len(written) < 3_000
    (version,) = [
        one
        for one in client.beta.memory_stores.memory_versions.list(store, view="full")
        if one.path == "/long.md"
    ]
    assert version.id in written
    assert version.content == long
    assert contents(client, store) == {"/b.md": "two", "/long.md": long}


def steps_of(client: Anthropic, session_id: str) -> list[tuple[str, dict[str, Any]]]:
    events = client.beta.sessions.events.list(session_id)
    return [(event.name, dict(event.input)) for event in events if event.type == "agent.tool_use"]


@pytest.mark.parametrize("path", ["/../escape.md", "relative.md", "/a\nb"])
def test_an_engine_that_writes_outside_the_rules_fails_the_dream(connect: Connect, path: str) -> None:
    client = connect(lambda: Dreamer(file=lambda files, findings, brief: files.write(path, "x")))
    failed = ended(client, dream_of(client, store_of(client).id, recorded(client, "Hello")))
    assert failed.error is not None
    assert failed.error.type == "internal_error"
    assert contents(client, failed.outputs[0].memory_store_id) == {}
