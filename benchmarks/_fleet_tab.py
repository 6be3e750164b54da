"""
Ask for the page of a fleet's run whose members all wait, as a browser does; tell seconds and bytes of each answer.

    AIRFLOW_CONN_BENCHMARK=… DREAMFLOW_PIPELINES=… python -m benchmarks._fleet_tab MEMBERS TIMES

Each member has its journal, and three in ten were decided by themselves in the tab. The app runs in this process,
without Airflow around it: its login and its database answer as one signed-in user.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from urllib.parse import quote

from fastapi.testclient import TestClient

from benchmarks._reviewer import FLEET, RUN_ID
from dreamflow import storage
from dreamflow.config import load_named
from dreamflow.core.fleet_review import MemberRow, question_text
from dreamflow.core.review import Score
from dreamflow.records.files import Records
from dreamflow.records.journal import Answer
from dreamflow.review.access import AirflowRun, _run
from dreamflow.review.app import create_app
from dreamflow.review.question import Question

_DAG_ID = f"dream__{FLEET}"
_DECIDED = 0.3
_ASKED = Question("waiting", options=("Adopt", "Reject", "Dream again"), is_idle=True)


def main(members: int, times: int) -> dict[str, dict[str, float]]:
    rows = [_row(number) for number in range(members)]
    _write(rows)
    app = create_app()
    app.dependency_overrides[_run] = lambda: AirflowRun(
        dag_id=_DAG_ID,
        run_id=RUN_ID,
        conf={},
        state="running",
        question=_ASKED,
        user="ada",
        may_act=True,
        questions=(_ASKED,),
    )
    browser = TestClient(app)
    page, api = (f"/{kind}/{_DAG_ID}/{quote(RUN_ID)}" for kind in ("review", "api/reviews"))
    asked: dict[str, Callable[[], int]] = {
        "members": lambda: _size(browser, page),
        "the last page of them": lambda: _size(browser, f"{page}?page=1000"),
        "those with a text": lambda: _size(browser, f"{page}?text=shop-01"),
        "state": lambda: _size(browser, f"{api}/state"),
        "list as JSON": lambda: _size(browser, api),
        "the question's text": lambda: len(question_text(rows, "/review").encode()),
    }
    return {name: _told(ask, times) for name, ask in asked.items()}


def _row(number: int) -> MemberRow:
    return MemberRow(
        id=f"depl_{number:024}",
        name=f"shop-{number:04}",
        verdict="flagged",
        flags=1 + number % 7,
        checks={"ungrounded": 1 + number % 7},
        counts={"added": 3, "changed": 2, "removed": 1, "unchanged": 40},
        digest=f"{number:064}",
        score=Score(sessions_found=(0.5, 0.8)),
    )


def _write(rows: list[MemberRow]) -> None:
    location = storage.report_location(load_named(FLEET).reports.location)
    fleet = Records(storage, location, FLEET)
    run = fleet.run(RUN_ID)
    run.write_rows(0, rows)
    for number, row in enumerate(rows):
        own = fleet.member(row.id).run(RUN_ID)
        if number >= len(rows) * _DECIDED:
            own.note(asked=row.digest)
            continue
        answer = Answer(decision="Adopt", by="ada", at=datetime.now(UTC), digest=row.digest)
        own.follow_answer(own.own_answer(0), 0, answer)
        run.note_row(row.model_copy(update={"state": "chosen", "decision": "Adopt", "by": "ada"}))


def _told(ask: Callable[[], int], times: int) -> dict[str, float]:
    first, size = _timed(ask)
    return {"first": first, "later": median(_timed(ask)[0] for _ in range(times)), "bytes": size}


def _timed(ask: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    size = ask()
    return time.perf_counter() - began, size


def _size(browser: TestClient, address: str) -> int:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}: {answer.text[:300]}")
    return len(answer.content)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
