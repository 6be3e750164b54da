"""
Ask for the review tab's pages, as a browser does, of a run whose review is made; tell seconds and bytes of each answer.

    AIRFLOW_CONN_BENCHMARK=… DREAMFLOW_PIPELINES=… python -m benchmarks._tab TIMES

The app runs in this process, without Airflow around it: its login and its database answer as one signed-in user.
"""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient

from benchmarks._reviewer import PIPELINE, RUN_ID
from dreamflow.core.grounding import is_telling
from dreamflow.core.review import Review
from dreamflow.core.specifics import specifics_of
from dreamflow.review.access import AirflowRun, _run
from dreamflow.review.app import create_app
from dreamflow.review.desk import desk_of
from dreamflow.review.question import Question

_DAG_ID = f"dream__{PIPELINE}"
_RUN = AirflowRun(
    dag_id=_DAG_ID,
    run_id=RUN_ID,
    conf={},
    state="running",
    question=Question("waiting"),
    user="ada",
    may_act=True,
)


def main(times: int) -> dict[str, dict[str, float]]:
    app = create_app()
    app.dependency_overrides[_run] = lambda: _RUN
    browser = TestClient(app)
    page, api = (f"/{kind}/{_DAG_ID}/{quote(RUN_ID)}" for kind in ("review", "api/reviews"))
    first_page = {"page": _timed(browser, page)}
    review = Review.model_validate_json(browser.get(api).text)
    changed = [change for change in review.changes if change.after is not None]
    middle, last = changed[len(changed) // 2].path, changed[-1].path
    number, start = _specific_in(review, middle)
    evidence = f"{api}/evidence?path={quote(middle)}&line={number}&start={start}"
    asked = {
        "page": page,
        "another page": f"{page}/changes?page=2",
        "memory": f"{page}/memory?path={quote(last)}",
        "evidence": evidence,
        "history": f"{page}/history?path={quote(middle)}",
        "state": f"{api}/state",
        "review.json": api,
    }
    return {name: _told(first_page.get(name), browser, address, times) for name, address in asked.items()}


def _told(first: tuple[float, int] | None, browser: TestClient, address: str, times: int) -> dict[str, float]:
    seconds, size = first or _timed(browser, address)
    later = median(_timed(browser, address)[0] for _ in range(times))
    return {"first": seconds, "later": later, "bytes": size}


def _timed(browser: TestClient, address: str) -> tuple[float, int]:
    began = time.perf_counter()
    answer = browser.get(address)
    seconds = time.perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}: {answer.text[:300]}")
    return seconds, len(answer.content)


def _specific_in(review: Review, path: str) -> tuple[int, int]:
    """Return line and place of a specific of a changed memory that a check did not find unsaid, if there is one."""
    text: Any = desk_of(_RUN).whole(path, "after")
    for number, line in enumerate(text.split("\n"), 1):
        for specific in specifics_of(line):
            if is_telling(specific):
                return number, specific.start
    raise SystemExit(f"{path} holds nothing specific")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
