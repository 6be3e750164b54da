"""Dreams that fail, end early, or lose their server: what is kept, what is told, and what goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pytest
from anthropic import Anthropic
from anthropic.types.beta import BetaDream

from include.managed_agents.dreams.engine import (
    Brief,
    DreamEngine,
    EngineFailure,
    Findings,
    StoreFiles,
    Transcript,
)
from include.managed_agents.dreams.offline import OfflineEngine
from include.managed_agents.usage import Usage
from tests.managed_agents.conftest import Connect
from tests.managed_agents.dream_engines import Dreamer, Spinning, read_plainly, serving
from tests.managed_agents.support import contents, dream_of, ended, recorded, store_of


def told_in(client: Anthropic, dream: BetaDream) -> list[str]:
    """Return what was said in the session of a dream."""
    assert dream.session_id is not None
    events = client.beta.sessions.events.list(dream.session_id, types=["agent.message"])
    said = [block for event in events if event.type == "agent.message" for block in event.content]
    return [block.text for block in said if block.type == "text"]


def counting(*usages: Usage, then: Callable[[], None] = lambda: None) -> Callable[..., None]:
    def consolidate(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        for usage in usages:
            brief.count(usage)
        then()

    return consolidate


def test_usage_is_shown_as_it_grows_in_the_dream_the_list_and_the_session(connect: Connect) -> None:
    steps = threading.Semaphore(0)
    taken = threading.Semaphore(0)

    def consolidate(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        for _ in range(3):
            brief.count(Usage(1, 2, 3, 4))
            taken.release()
            assert steps.acquire(timeout=60)

    client = connect(lambda: Dreamer(file=consolidate))
    dream = dream_of(client, store_of(client).id, recorded(client, "Hello"))
    for times in (1, 2, 3):
        assert taken.acquire(timeout=60)
        shown = client.beta.dreams.retrieve(dream.id)
        assert shown.status == "running"
        assert shown.usage.output_tokens == 2 * times
        assert client.beta.dreams.list().data[0].usage == shown.usage
        session = client.beta.sessions.retrieve(shown.session_id or "")
        assert session.usage.cache_read_input_tokens == 3 * times
        steps.release()
    assert ended(client, dream).status == "completed"


def test_what_a_failed_dream_has_used_is_kept_and_its_error_is_the_engines(connect: Connect) -> None:
    def give_up() -> None:
        raise EngineFailure("the service is overloaded", "overloaded_error")

    client = connect(lambda: Dreamer(file=counting(Usage(5), Usage(6), then=give_up)))
    failed = ended(client, dream_of(client, store_of(client).id, recorded(client, "Hello")))
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("overloaded_error", "the service is overloaded")
    assert failed.usage.input_tokens == 11


def test_what_was_under_way_when_a_dream_was_canceled_is_counted(connect: Connect) -> None:
    reached, canceled, counted = threading.Event(), threading.Event(), threading.Event()

    def consolidate(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        reached.set()
        assert canceled.wait(60)
        brief.count(Usage(7))
        counted.set()

    client = connect(lambda: Dreamer(file=consolidate))
    dream = dream_of(client, store_of(client).id, recorded(client, "Hello"))
    assert reached.wait(60)
    client.beta.dreams.cancel(dream.id)
    canceled.set()
    assert counted.wait(60)
    shown = client.beta.dreams.retrieve(dream.id)
    assert (shown.status, shown.usage.input_tokens) == ("canceled", 7)


def aside_when(word: str) -> Callable[[Transcript, Brief], Findings]:
    def read(transcript: Transcript, brief: Brief) -> Findings:
        if any(word in message.text for message in transcript.messages):
            return Findings(transcript.session_id, None, set_aside="the model refused it")
        return read_plainly(transcript, brief)

    return read


def test_a_session_that_was_set_aside_is_told_in_the_dreams_session_and_kept_over_a_restart(
    tmp_path: Path,
) -> None:
    read: list[str] = []

    def noting(transcript: Transcript, brief: Brief) -> Findings:
        read.append(transcript.session_id)
        return aside_when("refuse")(transcript, brief)

    spinning = Spinning(in_thread=True)
    spinning.read_session = Dreamer(read=noting).read_session  # type: ignore[method-assign]
    with serving(tmp_path / "x.db", spinning) as (client, _):
        good, bad = recorded(client, "Hello"), recorded(client, "refuse me")
        dream = dream_of(client, store_of(client).id, good, bad)
        assert spinning.reached.wait(60)
        assert told_in(client, client.beta.dreams.retrieve(dream.id)) == [
            f"Session {bad} was set aside: the model refused it"
        ]
    assert spinning.left.wait(60)
    with serving(tmp_path / "x.db", Dreamer(read=noting)) as (client, _):
        done = ended(client, client.beta.dreams.retrieve(dream.id))
        assert done.status == "completed"
        assert sorted(read) == sorted([good, bad])
        assert contents(client, done.outputs[0].memory_store_id) == {"/done.md": f"{good}:2"}
        last = told_in(client, done)[-1]
        assert last.startswith("Read 1 of 2 sessions;")
        assert f"{bad} (the model refused it)" in last


def test_a_dream_of_which_no_session_can_be_read_fails_and_says_why(connect: Connect) -> None:
    client = connect(lambda: Dreamer(read=aside_when("refuse")))
    failed = ended(client, dream_of(client, store_of(client).id, recorded(client, "refuse me")))
    assert failed.error is not None
    assert "no session could be read" in failed.error.message
    assert "the model refused it" in failed.error.message


@pytest.mark.parametrize("in_thread", [True, False], ids=["in a thread", "in its loop"])
def test_a_cancel_ends_the_engines_work_and_frees_its_slot(connect: Connect, in_thread: bool) -> None:
    spinning = Spinning(in_thread)
    engines: list[DreamEngine] = [Dreamer(), spinning]
    client = connect(engines.pop, dreams_at_a_time=1)
    store, session = store_of(client), recorded(client, "Hello")
    first, second = dream_of(client, store.id, session), dream_of(client, store.id, session)
    assert spinning.reached.wait(60)
    client.beta.dreams.cancel(first.id)
    assert spinning.left.wait(60)
    assert ended(client, second).status == "completed"


class Watched(OfflineEngine):
    """The offline engine, held at its tenth look for a cancel: in its reading, or when it consolidates."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.looks = 0
        self.reached, self.canceled = threading.Event(), threading.Event()

    def _watching(self, brief: Brief) -> Brief:
        def check() -> None:
            self.looks += 1
            if self.looks == 10:
                self.reached.set()
                assert self.canceled.wait(60)
            brief.check()

        return replace(brief, check=check)

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        return await super().read_session(
            transcript, self._watching(brief) if self.step == "reading" else brief
        )

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        await super().consolidate(
            files, findings, self._watching(brief) if self.step == "consolidating" else brief
        )


@pytest.mark.parametrize("step", ["reading", "consolidating"])
def test_a_cancel_ends_an_offline_dream_at_its_next_look(connect: Connect, step: str) -> None:
    watched = Watched(step)
    engines: list[DreamEngine] = [OfflineEngine(), watched]
    client = connect(engines.pop, dreams_at_a_time=1)
    talk = [f"My order number {number} is AB-{number}." for number in range(100)]
    store = store_of(client, **{f"a{n}": talk[n] for n in range(20)})
    session = recorded(client, " ".join(talk))  # one long message
    first, second = dream_of(client, store.id, session), dream_of(client, store.id, session)
    assert watched.reached.wait(60)
    client.beta.dreams.cancel(first.id)
    watched.canceled.set()
    assert ended(client, second).status == "completed"
    assert watched.looks == 10


@pytest.mark.parametrize("in_thread", [True, False], ids=["in a thread", "in its loop"])
def test_a_server_that_stops_ends_the_engines_work_and_the_next_one_takes_it_up(
    tmp_path: Path, in_thread: bool
) -> None:
    spinning = Spinning(in_thread)
    with serving(tmp_path / "x.db", spinning) as (client, _):
        dream = dream_of(client, store_of(client).id, recorded(client, "Hello"))
        assert spinning.reached.wait(60)
    assert spinning.left.is_set()
    engine = Dreamer(file=lambda files, findings, brief: files.write("/done.md", "x"))
    with serving(tmp_path / "x.db", engine) as (client, _):
        assert ended(client, client.beta.dreams.retrieve(dream.id)).status == "completed"


def test_one_session_that_fails_ends_the_reading_of_the_others(connect: Connect) -> None:
    left = threading.Event()
    both = threading.Barrier(2)

    def read(transcript: Transcript, brief: Brief) -> Findings:
        both.wait(60)
        if "fail" in transcript.messages[0].text:
            raise EngineFailure("as ordered")
        try:
            while True:
                brief.check()
                time.sleep(0.001)
        finally:
            left.set()

    client = connect(lambda: Dreamer(read=read))
    dream = dream_of(client, store_of(client).id, recorded(client, "fail"), recorded(client, "Hello"))
    failed = ended(client, dream)
    assert failed.error is not None
    assert failed.error.message == "as ordered"
    assert left.wait(60)
