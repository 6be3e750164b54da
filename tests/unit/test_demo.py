"""What the demo makes of its variables, and of an Airflow whose database is locked."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from include.demo.airflow_api import AirflowApi, filled_form
from include.demo.errors import DemoError
from include.demo.settings import read_settings

#: As Airflow says it (airflow/api_fastapi/common/exceptions.py).
LOCKED = (500, {"detail": {"reason": "Database error", "message": "hidden"}})
TOKEN = (201, {"access_token": "t"})


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"APPROVE": "maybe"}, "APPROVE=maybe: expected yes or no"),
        ({"DREAM_PACE": "slow"}, "DREAM_PACE=slow: expected seconds"),
        ({"AIRFLOW_PORT": "99999"}, "AIRFLOW_PORT=99999: expected a port"),
        ({"AIRFLOW_PORT": "8787", "AGENTS_PORT": "8787"}, "AIRFLOW_PORT and AGENTS_PORT are both 8787"),
        ({"AGENTS_URL": "ftp://x", "AGENTS_API_KEY": "any"}, "AGENTS_URL=ftp://x: expected a URL such as"),
        ({"AGENTS_URL": "http://127.0.0.1:1"}, "AGENTS_URL is set without AGENTS_API_KEY"),
    ],
)
def test_a_variable_that_is_wrong_is_one_line_that_names_it(variables: dict[str, str], said: str) -> None:
    with pytest.raises(DemoError, match=re.escape(said)):
        read_settings(variables)


@contextmanager
def airflow_that_answers(*answers: tuple[int, object]) -> Iterator[tuple[AirflowApi, list[str]]]:
    """Let a web server give these answers, in order; note what it is asked."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            status, body = left.pop(0)
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - as http.server calls them

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with closing(AirflowApi(f"http://127.0.0.1:{server.server_port}", "user", "password")) as airflow:
                yield airflow, asked
        finally:
            server.shutdown()


def test_a_write_that_met_a_lock_is_sent_again() -> None:
    with airflow_that_answers(TOKEN, LOCKED, (200, {})) as (airflow, asked):
        airflow.request("PATCH", "/api/v2/dags/d", {"is_paused": False})
    assert asked == ["POST /auth/token", "PATCH /api/v2/dags/d", "PATCH /api/v2/dags/d"]


def test_a_lock_that_stays_is_an_error_that_names_the_request() -> None:
    with (
        airflow_that_answers(TOKEN, *[LOCKED] * 5) as (airflow, asked),
        pytest.raises(DemoError, match="Airflow answered 500 to PATCH /api/v2/dags/d"),
    ):
        airflow.request("PATCH", "/api/v2/dags/d", {})
    assert len(asked) == 6


def test_any_other_failure_of_a_write_is_not_sent_again() -> None:
    with (
        airflow_that_answers(TOKEN, (500, {"detail": "Internal Server Error"})) as (airflow, asked),
        pytest.raises(DemoError, match="500"),
    ):
        airflow.request("POST", "/api/v2/dags/d/dagRuns", {})
    assert len(asked) == 2


def test_a_question_is_answered_as_by_somebody_who_looked_at_all_that_it_asks_to_look_at() -> None:
    flags = {"type": ["array", "null"], "examples": ["f1", "f2"], "values_display": {"f1": "lost /a.md"}}
    question = {
        "params": {
            "comment": {"value": "", "schema": {"type": ["string", "null"]}},
            "digest": {"value": "d1", "schema": {"type": ["string", "null"]}},
            "looked_at": {"value": [], "schema": flags},
        }
    }
    assert filled_form(question) == {"comment": "", "digest": "d1", "looked_at": ["f1", "f2"]}
    assert filled_form({}) == {}
