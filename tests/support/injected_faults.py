"""The faults that the proxy injects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.support.faulty_proxy import Exchange, Fault, Reply

__all__ = [
    "calling",
    "cut_before",
    "delayed",
    "dripping",
    "malformed",
    "refusal",
    "reply_lost",
    "rewriting",
    "stalled",
]

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


async def reply_lost(exchange: Exchange) -> None:
    """The service does what was asked; its reply never arrives."""
    await exchange.forward()
    exchange.cut()


async def cut_before(exchange: Exchange) -> None:
    """The request never reaches the service."""
    exchange.cut()


async def malformed(exchange: Exchange) -> None:
    """The service does what was asked; half of its reply arrives, as if it were whole."""
    reply = await exchange.forward()
    await exchange.answer(Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2]))


async def dripping(exchange: Exchange) -> None:
    """The reply comes in drops, and is whole in the end."""
    await exchange.answer(await exchange.forward(), pieces=20, pause_seconds=0.01)


async def stalled(exchange: Exchange) -> None:
    """The service does what was asked; nothing ever comes back, and the connection stays open."""
    await exchange.forward()
    await asyncio.Event().wait()


def delayed(seconds: float) -> Fault:
    """The client hears of a broken connection; the service processes the request some time after that."""

    async def fault(exchange: Exchange) -> None:
        exchange.cut()
        await asyncio.sleep(seconds)
        await exchange.forward()

    return fault


def refusal(status: int, retry_after: str | None = None) -> Fault:
    """The service answers with an error, and does nothing."""
    error = {"type": "error", "error": {"type": _TYPES[status], "message": "injected"}, "request_id": "req_1"}
    headers = {"content-type": "application/json"}
    if retry_after is not None:
        headers["retry-after"] = retry_after

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(Reply(status, headers, json.dumps(error).encode()))

    return fault


def calling(callback: Callable[[], None], *, after: bool = False) -> Fault:
    """Call back before the service sees the request, or after it has answered; the reply is lost either way."""

    async def fault(exchange: Exchange) -> None:
        if after:
            await exchange.forward()
        await asyncio.to_thread(callback)
        exchange.cut()

    return fault


def rewriting(change: Callable[[Any], Any]) -> Fault:
    """The reply's JSON arrives as ``change`` returns it."""

    async def fault(exchange: Exchange) -> None:
        reply = await exchange.forward()
        await exchange.answer(reply.with_json(change(reply.json)))

    return fault
