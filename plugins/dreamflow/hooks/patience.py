"""Waiting where the service says that there are too many requests."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from anthropic import Middleware

if TYPE_CHECKING:
    from anthropic import APIRequest, APIResponse
    from anthropic import CallNext as Send

__all__ = ["PATIENCE", "Patience", "seconds_to_wait"]

#: Seconds that one request may wait in all. What is refused for longer is a matter for the task's next try.
PATIENCE = 120.0
#: Seconds that a first refused request waits at least, whatever the service says; each one after it twice as long.
_SHORTEST = 0.05
#: What is created here is sent once, whatever is answered: there might be two of it.
_SENT_ONCE = ("/v1/dreams", "/v1/memory_stores")
#: The share by which a wait is longer, so that processes that wait for one service come back one by one.
_JITTER = 0.25


class Patience(Middleware):
    """
    Sends a request again that was refused as one too many (429), after the time that ``retry-after`` tells.

    Nothing was done with it. Until then all that use the same client wait: they would be refused, too. The SDK's two
    tries are too few where many read at once: the service takes 1,200 reads a minute of a whole organization, and a
    review of a full store needs 750. What may be sent once only waits with the others, and is not sent again.

    :param longest: seconds that one request may wait in all. What would take longer is refused, and the SDK does not
        try it again.
    """

    def __init__(
        self,
        longest: float,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._longest, self._sleep, self._now = longest, sleep, now
        self._opens_at = now()

    def handle(self, request: APIRequest, call_next: Send) -> APIResponse[Any]:
        given_up_at, shortest = self._now() + self._longest, _SHORTEST
        is_sent_once = request.method.upper() == "POST" and request.url.partition("?")[0] in _SENT_ONCE
        while True:
            self._wait(given_up_at)
            response = call_next(request)
            wait = seconds_to_wait(response.headers) if response.status_code == 429 else None
            if wait is None:
                return response
            opens_at = self._now() + max(wait, shortest)
            is_too_long = opens_at > given_up_at
            if not is_too_long:
                self._opens_at = max(self._opens_at, opens_at)
            if is_too_long or is_sent_once:
                response.headers["x-should-retry"] = "false"  # the SDK's own tries would wait beyond that
                return response
            response.close()
            shortest *= 2

    def _wait(self, given_up_at: float) -> None:
        while (left := min(self._opens_at, given_up_at) - self._now()) > 0:
            longer = left * random.uniform(1, 1 + _JITTER)  # noqa: S311 - no secret
            self._sleep(min(longer, given_up_at - self._now()))


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return what ``retry-after`` tells, in seconds; None where it tells nothing."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None  # nan is not
