"""What a stranger can make the server hold: headers, time and connections are bounded before any key is checked."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import uvicorn

from include.managed_agents.app import create_app
from include.managed_agents.connections import BoundedHttp
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import Serve, sdk
from tests.managed_agents.support import KEY, PATIENCE_SECONDS, store_of

Connect = Callable[[], socket.socket]
KEYED = f"host: x\r\nx-api-key: {KEY}\r\nanthropic-beta: managed-agents-2026-04-01\r\n".encode()


class Impatient(BoundedHttp):
    header_seconds = 0.4
    linger_seconds = 0.4
    stall_seconds = 0.4
    max_connections = 5


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server that waits for nobody, in a thread of this process; returns its port."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'server.db'}", api_key=KEY, body_seconds=0.4)
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


def send_what_is_taken(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # it closed while this end was still sending
        connection.sendall(data)


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


@pytest.mark.parametrize("line", [b"x: y\r\n" * 40_000, b"x: " + b"y" * 240_000], ids=["many", "one"])
def test_what_follows_a_body_in_chunks_is_bounded_like_a_header(connect: Connect, line: bytes) -> None:
    connection = connect()
    chunked = b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    connection.sendall(b"POST /v1/agents HTTP/1.1\r\n" + KEYED + chunked)
    send_what_is_taken(connection, line)
    assert answer(connection)[0] == 431


def test_what_comes_with_a_chunk_is_bounded_like_a_header(connect: Connect) -> None:
    connection = connect()
    connection.sendall(
        b"POST /v1/agents HTTP/1.1\r\n" + KEYED + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n2;"
    )
    send_what_is_taken(connection, b"x" * 200_000)
    assert answer(connection)[0] == 431


def test_a_line_after_the_body_is_no_header(connect: Connect) -> None:
    connection = connect()
    connection.sendall(
        b"POST /v1/agents HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + KEYED + b"\r\n"
    )
    assert b" 401 " in connection.recv(65536)


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
    connections = []
    for _ in range(Impatient.max_connections):
        connections.append(connection := connect())
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


def test_a_body_that_is_no_http_is_refused_too(connect: Connect) -> None:
    connection = connect()
    connection.sendall(
        b"POST /v1/agents HTTP/1.1\r\n" + KEYED + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}"
    )
    assert answer(connection)[0] == 400


def test_who_asks_for_another_protocol_is_answered_in_this_one(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    connection = connect()
    connection.sendall(
        b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    )
    assert b"200 OK" in connection.recv(65536)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_a_body_is_read_whatever_protocol_is_asked_for(connect: Connect, protocol: bytes) -> None:
    """Java's own client asks for HTTP/2 with its first request, as does ``curl --http2``."""
    connection = connect()
    asks = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: " + protocol + b"\r\nhttp2-settings: AAMA\r\n"
    post = b"POST /v1/memory_stores HTTP/1.1\r\n" + KEYED + asks + b"content-length: 15\r\n\r\n"
    connection.sendall(post + b'{"name": "one"}' + post + b'{"name"')
    connection.sendall(b': "two"}GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    received = bytearray()
    while piece := receive(connection):
        received += piece
    assert received.count(b" 200 OK") == 3
    assert b'"name":"one"' in received
    assert b'"name":"two"' in received


def test_a_thousand_wishes_at_once_are_answered_each(connect: Connect) -> None:
    connection = connect()
    wish = b"GET /health HTTP/1.1\r\nconnection:upgrade\r\nupgrade:x\r\n\r\n"
    connection.sendall(wish * 1200 + b"GET /health HTTP/1.1\r\nconnection: close\r\n\r\n")
    received = bytearray()
    while piece := receive(connection):
        received += piece
    assert received.count(b" 200 OK") == 1201


def test_a_wish_for_a_tunnel_is_refused(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"CONNECT example.com:80 HTTP/1.1\r\n" + KEYED + b"\r\n")
    assert answer(connection)[0] == 400


def test_an_empty_id_leads_to_no_other_endpoint(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET /v1/agents/ HTTP/1.1\r\nconnection: close\r\n" + KEYED + b"\r\n")
    status, error = answer(connection)
    assert (status, error["type"]) == (404, "not_found_error")


def test_the_command_serves_with_these_bounds(serve: Serve) -> None:
    with socket.create_connection(
        ("127.0.0.1", int(serve().url.rpartition(":")[2])), PATIENCE_SECONDS
    ) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nx: " + b"x" * BoundedHttp.max_header_bytes)
        assert answer(connection)[0] == 431


def test_a_hang_up_in_the_middle_of_a_body_is_one_line(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connection = connect()
    connection.sendall(
        b"POST /v1/agents HTTP/1.1\r\n" + KEYED + b'content-length: 99\r\n\r\n{"name": "secret'
    )
    connection.close()
    log = logged(caplog, "POST /v1/agents: the client hung up")
    assert len(log.splitlines()) == 1
    assert "secret" not in log


def test_an_answered_client_that_sends_on_is_dropped(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST /v1/none HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
    assert b"401" in connection.recv(65536)
    with pytest.raises(OSError, match=r"reset|pipe"):
        for _ in range(10_000):
            connection.sendall(b"x")
            time.sleep(0.005)


def test_a_client_that_takes_nothing_of_what_it_asked_for_is_dropped(
    port: int, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "include.managed_agents.connections")
    client = sdk(f"http://127.0.0.1:{port}")
    store = store_of(client, **{f"m{number}": "x" * 100_000 for number in range(20)}).id
    client.close()
    wanted = f"GET /v1/memory_stores/{store}/memories?view=full HTTP/1.1\r\n".encode() + KEYED + b"\r\n"
    connect().sendall(wanted * 20)
    logged(caplog, "its client took nothing")


def logged(caplog: pytest.LogCaptureFixture, part: str) -> str:
    """Wait until a line is logged, and return the whole log."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while part not in caplog.text:
        assert time.monotonic() < deadline, caplog.text
        time.sleep(0.01)
    return caplog.text
