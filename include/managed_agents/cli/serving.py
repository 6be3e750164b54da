"""``serve``: listen, print the URL, answer requests, and stop at once on a signal."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from include.managed_agents.access import KeyRing
from include.managed_agents.app import create_app
from include.managed_agents.claude import ClaudeAccess, MissingKey
from include.managed_agents.cli.errors import CommandError
from include.managed_agents.cli.options import require_key
from include.managed_agents.connections import BoundedHttp
from include.managed_agents.database import DatabaseError
from include.managed_agents.rates import Rates
from include.managed_agents.settings import Price, Settings

__all__ = ["serve"]

SHUTDOWN_SECONDS = 2
#: A request takes Python's lock some thirty times. From a dream that thinks it gets it after so long, not after 5 ms.
LOCK_SECONDS = 0.0005


class Server(uvicorn.Server):
    """Says where it listens once it does, and ends on a signal as on any other wish to stop: with exit code 0."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            print(self._greeting, flush=True)  # noqa: T201

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The parent class raises the signal again after it has stopped, which would skip `leave`.
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(options: argparse.Namespace) -> int:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    listener = bind(options.host, options.port)
    api_key = options.api_key or KeyRing.new_key()
    require_key(api_key)
    try:
        claude = ClaudeAccess.from_environment(os.environ) if options.model == "claude" else None
    except MissingKey as error:
        raise CommandError(str(error)) from error
    settings = Settings(
        database=options.database,
        api_key=api_key,
        pace_seconds=options.pace,
        price=Price.from_list(options.price),
        claude=claude,
        rates=Rates(*options.rates) if options.rates else None,
    )
    try:
        app = create_app(settings)
    except DatabaseError as error:
        raise CommandError(f"--database: {error}") from error
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        ws="none",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        server_header=False,
    )
    sys.setswitchinterval(LOCK_SECONDS)
    Server(config, greeting(options, listener, api_key)).run(sockets=[listener])
    leave()
    return 0


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket. :raises CommandError: if the address can't be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CommandError(f"--host {host!r} is no address of this machine: {error.strerror}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise CommandError(f"can't listen on {host}:{port}: {reason}; choose another --port") from error
    return listener


def greeting(options: argparse.Namespace, listener: socket.socket, api_key: str) -> str:
    host = f"[{options.host}]" if ":" in options.host else options.host
    line = f"Managed Agents API on http://{host}:{listener.getsockname()[1]}"
    return line if options.api_key else f"{line} with API key {api_key}"


def leave() -> None:
    """
    End the process now.

    The interpreter would wait for a thread that does not look whether it is to end. What a dream has stored is
    committed; the next start takes it up from there.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
