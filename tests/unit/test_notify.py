"""People are told; a message that can't be sent fails nothing and gives no secret away."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from dreamflow.config import Pipeline
from dreamflow.errors import StateError, SwapNotBegun
from dreamflow.notify import FailureNotice, send


class Receiver(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.messages: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.messages.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_reaches_the_receiver(receiver: Receiver) -> None:
    assert send([receiver.url], "a dream waits for your review", "until noon") == []
    assert receiver.messages[0]["title"] == "a dream waits for your review"
    assert receiver.messages[0]["message"] == "until noon"


def test_a_connection_id_names_a_receiver(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"config": {"path": receiver.url, "tag": "all"}}
    monkeypatch.setenv("AIRFLOW_CONN_ON_CALL", json.dumps({"conn_type": "apprise", "extra": extra}))
    assert send(["on_call"], "title", "body") == []
    assert len(receiver.messages) == 1


def test_a_receiver_that_is_down_fails_nothing_and_its_token_is_not_logged(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="dreamflow.notify"):
        failed = send(
            ["json://user:s3cret@127.0.0.1:1/", "nonsense://s3cret", "no_such_conn", receiver.url], "t", "b"
        )
    assert [failure.split(":")[0] for failure in failed] == ["notify.0", "notify.1", "notify.2"]
    assert len(receiver.messages) == 1
    ours = [record.getMessage() for record in caplog.records if record.name == "dreamflow.notify"]
    assert len(ours) == 3
    assert not any("s3cret" in line for line in [*ours, *failed])


def test_a_run_that_stopped_before_its_swap_is_told_of_once(receiver: Receiver) -> None:
    targets = [{"type": "agent", "agent_id": "agent_1"}]
    notice = FailureNotice(
        Pipeline.model_validate({"name": "support", "targets": targets, "notify": [receiver.url]})
    )
    failures = [
        ("collect_sessions", StateError("the store is archived")),
        ("verify_targets", SwapNotBegun("…")),
    ]
    for task_id, error in failures:
        ti = SimpleNamespace(
            dag_id="dream__support", task_id=task_id, run_id="manual__1", log_url="http://log"
        )
        context: Any = {"ti": ti, "exception": error}
        notice.notify(context)
    (message,) = receiver.messages
    assert message["title"] == "dream__support: collect_sessions failed"
    assert "the store is archived" in message["message"]
