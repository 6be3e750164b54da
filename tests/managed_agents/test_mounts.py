"""Sessions that write the same file: what one wrote is not overwritten by another that has not seen it."""

from __future__ import annotations

import asyncio
import threading

from include.managed_agents.turns.model import Turn
from tests.managed_agents.conftest import Connect
from tests.managed_agents.support import contents, message, session_on, store_of, wait_until_idle

FILE = "/mnt/memory/notes/a.md"


class Careful:
    """Reads a file, thinks, and writes it; where it is told that the file has changed, it reads it again."""

    def __init__(self, has_read: threading.Event, may_write: threading.Event, told: list[str]) -> None:
        self._has_read, self._may_write, self._told = has_read, may_write, told

    async def take_turn(self, turn: Turn) -> None:
        for _ in range(2):
            read = await turn.use_tool("read", {"file_path": FILE})
            self._has_read.set()
            await asyncio.to_thread(self._may_write.wait)
            content = "mine\n" if read.is_error else f"{read.text}mine\n"
            written = await turn.use_tool("write", {"file_path": FILE, "content": content})
            self._told.append(written.text)
        await turn.say("Done.")


def test_a_file_that_changed_since_it_was_read_is_read_again_before_it_is_written(connect: Connect) -> None:
    has_read, may_write = threading.Event(), threading.Event()
    told: list[str] = []
    client = connect(make_model=lambda: Careful(has_read, may_write, told))
    store = store_of(client, "Notes")
    session = session_on(client, store.id)
    client.beta.sessions.events.send(session.id, events=[message("Go")])  # type: ignore[list-item]
    assert has_read.wait(30)
    client.beta.memory_stores.memories.create(store.id, path="/a.md", content="theirs\n")
    may_write.set()
    wait_until_idle(client, session.id)
    assert "read it again" in told[0]
    assert contents(client, store.id) == {"/a.md": "theirs\nmine\n"}
