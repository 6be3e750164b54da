"""
HTTP as uvicorn speaks it, with bounds on all that a stranger can make it hold before a key is checked.

httptools puts no bound on a header, and nothing in uvicorn one on the time it takes. h11 bounds the size, not the
time, and parses in Python: so this bounds both around httptools. What follows a body in chunks, or comes with a
chunk, is bounded like a header, and dropped.
"""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus

from httptools import HttpParserError, HttpParserUpgrade
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
    #: Bytes that came since the last of a body.
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
        self._unset_keepalive_if_required()
        while data and not self.transport.is_closing():
            if self._in_header and self._deadline is None:
                self._set_deadline(self.header_seconds)
            room = self.max_header_bytes - self._header_bytes
            if room <= 0:
                self._refuse(431, f"the header is over the limit of {self.max_header_bytes:,} bytes")
                return
            piece, data = data[:room], data[room:]
            self._header_bytes += len(piece)
            while piece:
                piece = self._parse(piece)

    def _parse(self, data: bytes) -> bytes:
        """Parse what came, and return what is to be parsed next."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            if self.parser.get_method() != b"CONNECT":
                # It takes all that follows for the other protocol, a body too: let it read the request again.
                return self._plain_head() + data[upgrade.args[0] :]
            self._refuse(400, "this server is no proxy")
        except HttpParserError:
            self._refuse(400, "the request is no valid HTTP/1.1")
        return b""

    def _should_upgrade(self) -> bool:
        """Keep a request that is parsed again from the app, the first time."""
        return True

    def _plain_head(self) -> bytes:
        """Return the head of the request that has just come, without its wish for another protocol."""
        first = b"%s %s HTTP/1.1" % (self.parser.get_method(), self.url)
        lines = (b"%s: %s" % header for header in self.headers if header[0] != b"upgrade")
        return b"\r\n".join([first, *lines, b"", b""])

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_header:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        self._header_bytes = 0
        super().on_body(body)

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
        self._stall = self.loop.call_later(self.stall_seconds, self._on_stall)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
        super().resume_writing()

    def _on_stall(self) -> None:
        logger.info("a connection was closed: its client took nothing for %g seconds", self.stall_seconds)
        self.transport.abort()

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
        if self._in_header and self._header_bytes:
            self._refuse(408, f"the header was not complete after {self.header_seconds:g} seconds")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        logger.info("a connection was closed with %d: %s", status, message)
        self._answer_and_close(status, message)

    def _answer_and_close(self, status: int, message: str) -> None:
        """Answer instead of the app, unless it has begun to answer this request, or is still answering another."""
        cycle = self.cycle
        if cycle is None or not cycle.response_started or (cycle.response_complete and self._in_header):
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
