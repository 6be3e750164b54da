"""Waiting for many things in one trigger: the task of a fleet waits for all its members at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from airflow.triggers.base import TriggerEvent

from dreamflow.errors import DreamflowError
from dreamflow.triggers.killing import GIVEN_UP, KILL_PATIENCE, Endable, task_state, undisturbed
from dreamflow.triggers.shared_poll import FollowingTrigger

__all__ = ["AllOf"]

#: What a trigger says that can't see any more what it waited for; and polls until it is looked for again.
_UNSEEN = frozenset({"error", "refused"})
_POLLS_UNSEEN = 10


class _Ended(TriggerEvent):
    """The events of all: Airflow writes to the task's log how it shows itself, which would be 100 KB."""

    def __repr__(self) -> str:
        return f"AllOf<{len(self.payload['events']):,} events>"


@dataclass(eq=False, repr=False)
class AllOf(FollowingTrigger):
    """
    Wait until every trigger of a kind has had its event; then say all of them, once.

    The triggers run beside each other here, on the polls that they share with all others of the triggerer. What they
    log is for debugging, errors aside: how many have ended is said once a poll, where that changed.

    :param kind: the class of the triggers, as a path.
    :param common: their arguments that are the same for all, ``poll_interval`` among them.
    :param each: by a key, those of each; they go before.
    """

    kind: str
    common: dict[str, Any]
    each: dict[str, dict[str, Any]]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._events: dict[str, dict[str, Any]] = {}
        self._complete: asyncio.Future[None] | None = None
        self._hushed = _Hushed(self.log)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """
        Yield one event: ``{"events": {key: what the key's trigger said}}``.

        Of a trigger that raised, that is its own arguments with ``status``, which is ``error``, and ``message``.
        """
        shown = ""
        complete = self._complete = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            watches = [group.create_task(self._watch(key), name=f"dreamflow-{key}") for key in self.each]
            while len(self._events) < len(self.each):
                # Not asyncio.timeout: it may replace a cancel's message, by which Airflow knows to call on_kill.
                await asyncio.wait([complete], timeout=self.common["poll_interval"])
                shown = self._say_how_far(shown)
            for watch in watches:
                watch.cancel()
        yield _Ended(payload={"events": {key: self._events[key] for key in self.each}})

    async def on_kill(self) -> None:
        """
        End what has not ended by itself, unless the task was cleared: then it will wait for the same again.

        The task's state is asked once. What can't be ended in time is said loudly, one by one.
        """
        going_on: dict[int, Endable] = {}
        for key in self.each:
            if self._events.get(key, {}).get("status", "error") in _UNSEEN:
                try:
                    child = self._child(key)
                except Exception as e:
                    self.log.error("%s MAY GO ON, and is not looked after: %s: %s", key, type(e).__name__, e)
                else:
                    going_on |= {id(child): child} if isinstance(child, Endable) else {}
        if going_on:
            await undisturbed(
                self._end(going_on),
                lambda: _say_loudly(going_on, "The triggerer stopped before it could be."),
            )

    async def _end(self, going_on: dict[int, Endable]) -> None:
        """End all that go on, and take out of the dict what was ended, or has said itself that it could not be."""
        why = f"Not in {KILL_PATIENCE:.0f} s."
        try:
            async with asyncio.timeout(KILL_PATIENCE):
                state = await task_state(self.task_instance)
                if state not in GIVEN_UP:
                    self.log.info(
                        "%d %s go on: their task is %s, and waits for them again",
                        len(going_on),
                        self._kind.what,
                        state,
                    )
                    return

                async def end(child: Endable) -> None:
                    await child.give_up(state)
                    del going_on[id(child)]

                ends = await asyncio.gather(*map(end, going_on.values()), return_exceptions=True)
                why = next((f"{type(e).__name__}: {e}" for e in ends if e is not None), why)
        except (DreamflowError, TimeoutError) as e:
            why = str(e) or why
        _say_loudly(going_on, why)

    async def _watch(self, key: str) -> None:
        """
        Keep the event of one.

        One that could not be seen any more is looked for again, as long as others are waited for: nobody else holds it
        to its budget and deadline meanwhile.
        """
        try:
            while True:
                self._events[key] = event = await self._event_of(key)
                if self._complete and not self._complete.done() and len(self._events) == len(self.each):
                    self._complete.set_result(None)
                if event.get("status") not in _UNSEEN:
                    return
                await asyncio.sleep(_POLLS_UNSEEN * self.common["poll_interval"])
        finally:
            self._events.setdefault(key, self._failed(key, "it was cancelled"))

    async def _event_of(self, key: str) -> dict[str, Any]:
        try:
            async with aclosing(self._child(key).run()) as events:  # type: ignore[type-var]
                async for event in events:
                    return dict(event.payload)
            return self._failed(key, "it ended without an event")
        except Exception as e:
            why = f"{type(e).__name__}: {e}"
            self._hushed.warning("the wait for %s failed: %s", key, why, exc_info=True)
            return self._failed(key, why)

    def _failed(self, key: str, why: str) -> dict[str, Any]:
        return {**self.each[key], "status": "error", "message": why}

    def _child(self, key: str) -> FollowingTrigger:
        child = self._kind(**{**self.common, **self.each[key]})
        child.task_instance = self.task_instance
        child._log = self._hushed  # type: ignore[assignment]
        return child

    @cached_property
    def _kind(self) -> type[FollowingTrigger]:
        module, _, name = self.kind.rpartition(".")
        kind: type[FollowingTrigger] = getattr(import_module(module), name)
        return kind

    def _say_how_far(self, shown: str) -> str:
        """Say how many have ended, and how, unless that is what was shown last; return it."""
        statuses = Counter(str(event.get("status")) for event in self._events.values())
        ended = ", ".join(f"{count:,} {status}" for status, count in statuses.most_common())
        if ended != shown:
            counts = f"{len(self._events):,}", f"{len(self.each):,}"
            self.log.info("%s of %s %s are waited for no more: %s", *counts, self._kind.what, ended)
        if self._hushed.count:
            self.log.warning("warnings: %s. The last: %s", f"{self._hushed.count:,}", self._hushed.last)
            self._hushed.count = 0
        return ended


class _Hushed:
    """
    The log of a thousand triggers: what they tell is for debugging, errors aside.

    :ivar count: warnings since it was last set to 0. :ivar last: the last of them.
    """

    def __init__(self, log: Any) -> None:
        self.info = self.debug = log.debug
        self.error = log.error
        self.count, self.last = 0, ""

    def warning(self, message: str, *args: object, **more: Any) -> None:
        self.count, self.last = self.count + 1, message % args
        self.debug(message, *args, **more)


def _say_loudly(going_on: dict[int, Endable], why: str) -> None:
    for child in going_on.values():
        child.say_it_goes_on(why)
