"""What a stranger can make the server hold: headers, time and connections are bounded before any key is checked."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn

from include.managed_agents.app import create_app
from include.managed_agents.connections import BoundedHttp
from include.managed_agents.settings import Settings
from tests.managed_agents.support import KEY, PATIENCE_SECONDS

Connect = Callable[[], socket.socket]
KEYED = f"host: x\r\nx-api-key: {KEY}\r\nanthropic-beta: managed-agents-2026-04-01\r\n".encode()


class Impatient(BoundedHttp):
    header_seconds = 0.2
    linger_seconds = 0.2
    max_connections = 5


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server that waits for nobody, in a thread of this process; returns its port."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'server.db'}", api_key=KEY, body_seconds=0.2)
    config = uvicorn.Config(create_app(settings), http=Impatient, ws="none", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def connect(port: int) -> Iterator[Connect]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))


def answer(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """Read until the server closes, and return status and body of its one answer."""
    received = bytearray()
    while piece := receive(connection):
        received += piece
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:  # it closed while this end was still sending
        return b""


def test_a_header_without_end_is_refused_where_it_goes_over_the_limit(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET /health HTTP/1.1\r\nx: " + b"x" * (BoundedHttp.max_header_bytes - 25))
    connection.sendall(b"x")
    status, error = answer(connection)
    assert (status, error["type"]) == (431, "request_too_large")


def test_many_small_headers_count_as_one_large(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET /health HTTP/1.1\r\n")
    connection.sendall((b"x: y\r\n" * 12_000)[: BoundedHttp.max_header_bytes - 21])
    assert answer(connection)[0] == 431


def test_a_header_that_drips_is_cut_off(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET /health HTTP/1.1\r\n")
    status, error = answer(connection)
    assert (status, error["type"]) == (408, "timeout_error")


def test_a_second_header_on_a_connection_is_bounded_like_the_first(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"200 OK" in connection.recv(65536)
    connection.sendall(b"GET /health")
    assert answer(connection)[0] == 408


def test_who_connects_and_says_nothing_is_let_go_without_a_word(connect: Connect) -> None:
    assert connect().recv(65536) == b""


def test_a_body_that_drips_is_cut_off(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST /v1/agents HTTP/1.1\r\n" + KEYED + b'content-length: 100\r\n\r\n{"name": ')
    status, error = answer(connection)
    assert (status, error["type"]) == (408, "timeout_error")


def test_a_body_that_nobody_reads_is_not_taken_for_ever(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST /v1/agents HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
    assert answer(connection)[0] == 401


def test_one_connection_too_many_is_told_so_and_the_others_stay(connect: Connect) -> None:
    connections = [connect() for _ in range(Impatient.max_connections)]
    for connection in connections:
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200 OK" in connection.recv(65536)
    status, error = answer(connect())
    assert (status, error["type"]) == (529, "overloaded_error")
    connections[0].sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"200 OK" in connections[0].recv(65536)


@pytest.mark.parametrize(
    "line", [b"nonsense\r\n\r\n", b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n", b"GET \x00 HTTP/1.1\r\n"]
)
def test_what_is_no_http_is_refused_in_the_apis_form(connect: Connect, line: bytes) -> None:
    connection = connect()
    connection.sendall(line)
    status, error = answer(connection)
    assert (status, error["type"]) == (400, "invalid_request_error")


def test_a_hang_up_in_the_middle_of_a_body_is_one_line(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connection = connect()
    connection.sendall(
        b"POST /v1/agents HTTP/1.1\r\n" + KEYED + b'content-length: 99\r\n\r\n{"name": "secret'
    )
    connection.close()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(caplog.text.splitlines()) == 1
    assert "POST /v1/agents: the client hung up" in caplog.text
    assert "secret" not in caplog.text


def test_an_answered_client_that_sends_on_is_dropped(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST /v1/none HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
    assert b"401" in connection.recv(65536)
    with pytest.raises(OSError, match=r"reset|pipe"):
        for _ in range(10_000):
            connection.sendall(b"x")
            time.sleep(0.005)
