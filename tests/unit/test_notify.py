"""People are told; a message that can't be sent fails nothing and gives no secret away."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dreamflow.config import Pipeline
from dreamflow.core.review import Finding, Review, StoreFacts
from dreamflow.errors import StateError, SwapNotBegun
from dreamflow.notify import ApprovalNotice, FailureNotice, UnchangedNotice, send
from tests.unit.support import NOON


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


RUN_ID = "manual__1"


@pytest.mark.parametrize(
    ("airflow", "way"),
    [
        (
            "https://airflow.example/a",
            "https://airflow.example/a/dags/dream__support/runs/manual__1/plugin/dreamflow-review",
        ),
        ("", "Open the run in Airflow: its tab Review."),
    ],
)
def test_a_review_that_waits_is_told_with_verdict_counts_and_the_way_there_and_without_memory_text(
    receiver: Receiver, airflow: str, way: str
) -> None:
    def finding(check: str, severity: Any) -> Finding:
        path = f"/<img src=x>/{check}.md"
        return Finding(id=check, check=check, severity=severity, path=path, message="In “hunter2”.")

    facts = StoreFacts(id="memstore_1", memories=1, bytes=1)
    findings = (
        finding("secret", "block"),
        finding("lost", "flag"),
        finding("lost", "flag"),
        finding("index", "note"),
    )
    review = Review(
        pipeline="support", dag_id="dream__support", run_id=RUN_ID, made_at=NOON, digest="d", verdict="blocked",
        input=facts, output=facts, counts={"added": 1, "changed": 2, "removed": 0}, findings=findings,
    )  # fmt: skip
    targets = [{"type": "agent", "agent_id": "agent_1"}]
    pipeline = Pipeline.model_validate({"name": "support", "targets": targets, "notify": [receiver.url]})
    context: Any = {"ti": SimpleNamespace(dag_id=pipeline.dag_id), "params": {}}
    ApprovalNotice(pipeline, "a dream of support", review, airflow).notify(context)
    (message,) = receiver.messages
    assert message["title"] == "dream__support: a dream of support waits for your review"
    assert message["message"].splitlines() == [
        "Verdict: blocked: secret (1), lost (2)",
        "Memories: 1 added, 2 changed, 0 removed, 0 unchanged",
        way,
        "No answer within 7 days, 0:00:00 counts as Reject.",
    ]


def fail(receiver: Receiver, task_id: str, error: BaseException | None, **others: str) -> None:
    """Let a task of a run fail, whose other tasks are in these states; without an error, as the DAG processor tells."""
    targets = [{"type": "agent", "agent_id": "agent_1"}]
    pipeline = Pipeline.model_validate({"name": "support", "targets": targets, "notify": [receiver.url]})
    ti = SimpleNamespace(
        dag_id=pipeline.dag_id,
        task_id=task_id,
        run_id=RUN_ID,
        log_url="http://log",
        get_task_states=lambda dag_id, run_ids: {run_id: {**others, task_id: "failed"} for run_id in run_ids},
    )
    context: Any = {"ti": ti} if error is None else {"ti": ti, "exception": error}
    FailureNotice(pipeline).notify(context)


def test_a_run_that_stopped_before_its_swap_is_told_of_once(receiver: Receiver) -> None:
    fail(receiver, "collect_sessions", StateError("the store is archived"))
    fail(receiver, "verify_targets", SwapNotBegun("…"), collect_sessions="failed")
    (message,) = receiver.messages
    assert message["title"] == "dream__support: collect_sessions failed"
    assert "the store is archived" in message["message"]


def test_a_task_that_airflow_failed_by_itself_is_told_of_with_what_is_known_and_once(
    receiver: Receiver,
) -> None:
    """As in an outage of the broker: neither task reached a worker, so neither has an error."""
    fail(receiver, "collect_sessions", None, launch_dream="upstream_failed")
    fail(receiver, "verify_targets", None, collect_sessions="failed", launch_dream="upstream_failed")
    (message,) = receiver.messages
    assert message["title"] == "dream__support: collect_sessions failed"
    assert "its worker or the broker was lost" in message["message"]
    assert "The scheduler's log says which." in message["message"]


def test_an_error_without_words_is_told_by_its_name(receiver: Receiver) -> None:
    fail(receiver, "review_changes", AssertionError())
    assert "AssertionError" in receiver.messages[0]["message"]


def test_what_the_run_did_otherwise_is_not_needed_to_tell_of_a_failure(receiver: Receiver) -> None:
    targets = [{"type": "agent", "agent_id": "agent_1"}]
    pipeline = Pipeline.model_validate({"name": "support", "targets": targets, "notify": [receiver.url]})
    # Without the rest of a task instance: its states can't be asked for.
    ti = SimpleNamespace(dag_id="dream__support", task_id="repoint", run_id=RUN_ID, log_url="http://log")
    FailureNotice(pipeline).notify({"ti": ti})  # type: ignore[typeddict-item]
    assert "was lost" in receiver.messages[0]["message"]


def test_a_restore_tells_the_people_of_the_pipeline_that_its_run_names(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
    target = "targets: [{type: agent, agent_id: agent_1}]"
    (tmp_path / "support.yaml").write_text(f"{target}\nnotify: ['{receiver.url}']\n")
    ti = SimpleNamespace(
        dag_id="restore_memory_store", task_id="repoint", run_id="r", log_url="http://airflow/log"
    )
    for name in ("support", "gone"):
        context: Any = {"ti": ti, "exception": StateError("no"), "params": {"pipeline": name}}
        FailureNotice().notify(context)
    assert [message["title"] for message in receiver.messages] == ["restore_memory_store: repoint failed"]
    assert "nobody was told" in caplog.text


def test_what_a_failure_quotes_of_a_path_calls_nobody_links_nowhere_and_gives_no_secret_away(
    receiver: Receiver,
) -> None:
    key = "sk_live_" + "51HxQk2eZvKYlo2C9aB3xY7z"
    path = f"/<!channel> &lt;!here&gt; @everyone [x](http://evil) <a href=x>\u202e{key}.md"
    fail(receiver, "carry_late_writes", StateError(f"could not write {path} to memstore_1: it changed."))
    (message,) = receiver.messages
    reason = message["message"].splitlines()[1]
    assert reason.startswith("could not write /")
    assert reason.endswith(" to memstore_1: it changed.")
    for live in ("<", ">", "&", "@", "[", "](", "\u202e", key):
        assert live not in reason


def test_what_a_deployment_is_called_calls_nobody_and_links_nowhere_where_a_review_waits(
    receiver: Receiver,
) -> None:
    """A fleet's question names its members; of one member, gone back, the title does."""
    name = "<!channel> @everyone [Adopt now](https://evil.example) `x` \u202e (depl_1)"
    targets = [{"type": "agent", "agent_id": "agent_1"}]
    pipeline = Pipeline.model_validate({"name": "support", "targets": targets, "notify": [receiver.url]})
    context: Any = {"ti": SimpleNamespace(dag_id=pipeline.dag_id), "params": {}}
    way = "https://airflow.example/runs/manual__1?a=1&b=2"
    ApprovalNotice(pipeline, f"going back of {name}", told=[f"{name}: flagged"], url=way).notify(context)
    (message,) = receiver.messages
    told, link, _ = message["message"].splitlines()
    assert link == way
    assert told.endswith("(depl_1): flagged")
    for text in (message["title"], told):
        for live in ("<!", "@", "[", "](", "`", "\u202e"):
            assert live not in text


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ([], []),
        (["ana", "<ben>"], ["ana", "＜ben＞"]),  # noqa: RUF001
        ([f"m{n}" for n in range(1_000)], [*(f"m{n}" for n in range(20)), "and 980 more"]),
    ],
)
def test_dreams_that_change_nothing_are_told_in_one_message_that_stays_short(
    receiver: Receiver, members: list[str], named: list[str]
) -> None:
    targets = [{"type": "agent", "agent_id": "agent_1"}]
    pipeline = Pipeline.model_validate({"name": "support", "targets": targets, "notify": [receiver.url]})
    context: Any = {"ti": SimpleNamespace(dag_id=pipeline.dag_id, run_id=RUN_ID), "params": {}}
    UnchangedNotice(pipeline, 3, members).notify(context)
    (message,) = receiver.messages
    assert message["title"] == "dream__support: dreams change nothing"
    first, *rest = message["message"].splitlines()
    assert first.startswith("For 3 nights in a row the dreams")
    assert rest == [*named, f"Run {RUN_ID}"]
