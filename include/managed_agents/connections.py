"""
HTTP as uvicorn speaks it, with bounds on all that a stranger can make it hold before a key is checked.

httptools puts no bound on a header, and nothing in uvicorn one on the time it takes. h11 bounds the size, not the
time, and is several times slower: so this bounds both around httptools.
"""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from include.managed_agents.errors import TYPE_BY_STATUS, error_body
from include.managed_agents.ids import new_id

__all__ = ["BoundedHttp"]

logger = logging.getLogger(__name__)


class BoundedHttp(HttpToolsProtocol):
    """One connection. What goes over a bound gets one answer in the API's form, and the connection is closed."""

    max_connections = 500  # fewer than the 1,024 files that a process may have open by default
    max_header_bytes = 64 * 1024  # with the URL, as in h11
    header_seconds = 10.0
    #: How long a client that was answered may go on with a body that nobody reads.
    linger_seconds = 10.0
    #: How long a client may take none of what it asked for.
    stall_seconds = 60.0

    _deadline: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _in_header = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.max_connections:
            self._refuse(529, "this server has all the connections it takes; try again in a moment")
        else:
            self._set_deadline(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        super().connection_lost(exc)  # resumes writing, which ends a stall

    def data_received(self, data: bytes) -> None:
        while data and not self.transport.is_closing():
            if not self._in_header:
                super().data_received(data)
                return
            if self._deadline is None:
                self._set_deadline(self.header_seconds)
            room = self.max_header_bytes - self._header_bytes
            if room <= 0:
                self._refuse(431, f"the header is over the limit of {self.max_header_bytes:,} bytes")
                return
            piece, data = data[:room], data[room:]
            self._header_bytes += len(piece)
            super().data_received(piece)

    def on_headers_complete(self) -> None:
        self._in_header = False
        self._header_bytes = 0
        self._clear_deadline()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_header = True
        self._clear_deadline()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_header and not self.transport.is_closing():
            self._set_deadline(self.linger_seconds)

    def pause_writing(self) -> None:
        self._stall = self.loop.call_later(self.stall_seconds, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg)

    def _set_deadline(self, seconds: float) -> None:
        self._clear_deadline()
        self._deadline = self.loop.call_later(seconds, self._on_deadline)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        if self.transport.is_closing():
            return
        if self._header_bytes:
            self._refuse(408, f"the header was not complete after {self.header_seconds:g} seconds")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        """Answer without asking the app, unless it is in the middle of an answer, and close."""
        logger.info("a connection was closed with %d: %s", status, message)
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(refusal(status, message))
        self.transport.close()


def refusal(status: int, message: str) -> bytes:
    """Return a whole response."""
    request_id = new_id("req")
    content = json.dumps(error_body(TYPE_BY_STATUS[status], message, request_id)).encode()
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Overloaded"
    head = (
        f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n"
        f"request-id: {request_id}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + content
