"""A review at the service's limits, beside fetching the same bytes; and the pages of the tab over it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks._filling import fill_store, import_sessions
from benchmarks._notes import Notes, talk
from benchmarks._processes import (
    AT_RATES,
    RATES,
    Child,
    Server,
    airflow_env,
    connection_to,
    embedded_server,
    results,
)
from benchmarks._report import Limit, Report, megabytes, ratio
from benchmarks._reviewer import FLEET, PIPELINE, fleet_data, pipeline_data

__all__ = ["run"]

#: docs/benchmarks.md, the limits: times of fetching the same bytes, bytes that a task holds, seconds of a page.
_TIME_LIMIT, _MEMORY_LIMIT, _PAGE_LIMIT = 3.0, 1 << 30, 0.5
#: The share of the memories that differ; in a quick run more, to have some.
_CHANGED, _CHANGED_QUICK = 0.05, 1.0
#: Bodies of the input that the score's sample is drawn from (core/score.py: 16 MB).
_SAMPLED = 160
#: Members of the fleet whose page is asked for, and the seconds that it may take.
_FLEET, _FLEET_QUICK, _FLEET_LIMIT = 1_000, 40, 1.0
#: How often each page is asked for after the first time.
_TIMES = 5
_NAMES = {
    "review": "review_changes",
    "fetch": "baseline: fetch the same bytes",
    "estimate": "launch_dream, dry run: all sessions read",
}
_PAGE_COLUMNS = ("route", "first, s", "later, s", "bytes")
_Figures = dict[str, dict[str, float]]


def run(quick: bool) -> Iterator[Report]:
    count, size, sessions, session_size = (
        (40, 2_000, 3, 20_000) if quick else (2_000, 102_400, 100, 1_000_000)
    )
    with tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder:
        place = Path(folder)
        with embedded_server(place) as server:
            session_ids = import_sessions(server, sessions, session_size, talk)
            before = fill_store(server, "Before", Notes(count, size))
            share = _CHANGED_QUICK if quick else _CHANGED
            after = fill_store(server, "After", Notes(count, size, changed=share, sessions=sessions))
            ids = (before, after, *session_ids)
            steps, pages, fleet = _measure(server, place, ids, quick=quick)
        with embedded_server(place, "--rates", RATES) as server:
            held = _steps(("review", "fetch"), _env(server, place), place / "held", ids, quick=quick)
        of = (
            f"{count:,} memories of {size:,} bytes, {share:.0%} of them changed; {sessions} sessions of "
            f"{session_size:,} bytes"
        )
        yield _of_steps(of, int(count * share), steps, held, quick=quick)
        yield _of_pages(of, pages, quick=quick)
        yield _of_fleet(_FLEET_QUICK if quick else _FLEET, fleet, quick=quick)


def _of_steps(what: str, changed: int, steps: _Figures, held: _Figures, *, quick: bool) -> Report:
    review, fetched = steps["review"], steps["fetch"]
    peak = max(figures["peak_bytes"] for figures in (*steps.values(), *held.values()))
    at_rates, times = (of["review"]["seconds"] / of["fetch"]["seconds"] for of in (held, steps))
    most = fetched["requests"] + 3 * 2 * changed + _SAMPLED
    limits = [
        Limit(
            "beyond the baseline, a request for each changed body three times at most, and for those of a sample",
            f"{review['requests']:,.0f}, of {most:,.0f}",
            review["requests"] <= most,
            counted=True,
        )
    ]
    if not quick:
        limits += [
            Limit(
                f"comparison, evidence, checks and score within {_TIME_LIMIT:g} times of fetching the same bytes, "
                f"{AT_RATES}",
                f"{at_rates:.2f} times",
                at_rates <= _TIME_LIMIT,
                fails=True,
            ),
            Limit(
                "the same beside a server on this machine that takes any number of requests",
                f"{times:.2f} times",
                times <= _TIME_LIMIT,
            ),
            Limit("under 1 GiB of memory", f"{megabytes(peak)} at most", peak < _MEMORY_LIMIT, fails=True),
        ]
    return Report(
        f"review: {what}",
        "The operators of the DAG over the embedded server, a fresh process each; CPU and memory are with those of the "
        "processes that it starts, together. Of a changed memory every 20th line "
        "is another: what a session says, or (one in ten) nobody. Baseline: all bodies of the input, those of the "
        "output that differ, and the sessions' events, through the same hook, held by nobody. Grown: beyond what the "
        "process held with its imports. Once with a server on this machine that takes any number of requests, and once "
        f"{AT_RATES}, as the service does; requests that were refused are among those there.",
        ("step", "requests", "seconds", "ratio", "CPU, s", "peak memory", "grown"),
        [*_rows(steps), *_rows(held, f", {AT_RATES}")],
        limits,
    )


def _rows(steps: _Figures, how: str = "") -> list[tuple[str, ...]]:
    return [
        (
            f"{name}{how}",
            f"{steps[step]['requests']:,.0f}",
            f"{steps[step]['seconds']:.1f}",
            ratio(steps[step]["seconds"], steps["fetch"]["seconds"]),
            f"{steps[step]['cpu_seconds']:.1f}",
            megabytes(steps[step]["peak_bytes"]),
            megabytes(steps[step]["grown_bytes"]),
        )
        for step, name in _NAMES.items()
        if step in steps
    ]


def _of_pages(of: str, pages: _Figures, *, quick: bool) -> Report:
    how = (
        "Its routes in one process, over that review and the embedded server, without Airflow's own login. The first "
        f"answer of each, in this order, and the median of the {_TIMES} that follow."
    )
    return Report(
        f"review tab: {of}",
        how,
        _PAGE_COLUMNS,
        _page_rows(pages),
        [] if quick else [_page_limit(pages, _PAGE_LIMIT)],
    )


def _of_fleet(members: int, pages: _Figures, *, quick: bool) -> Report:
    how = (
        "The list of a fleet's members who all wait with flags, three in ten of them decided by themselves in the tab; "
        f"measured as above, {_TIMES} times. The first answer has the imports of the process in it."
    )
    return Report(
        f"review tab of a fleet: {members:,} members",
        how,
        _PAGE_COLUMNS,
        _page_rows(pages),
        [] if quick else [_page_limit(pages, _FLEET_LIMIT)],
    )


def _page_rows(pages: _Figures) -> list[tuple[str, ...]]:
    return [
        (name, f"{one['first']:.2f}", f"{one['later']:.3f}", f"{one['bytes']:,.0f}")
        for name, one in pages.items()
    ]


def _page_limit(pages: _Figures, seconds: float) -> Limit:
    slowest = max(pages, key=lambda name: pages[name]["later"])
    return Limit(
        f"each answers in under {seconds:g} s after the first",
        f"{slowest} in {pages[slowest]['later']:.2f} s",
        pages[slowest]["later"] < seconds,
        fails=True,
    )


def _measure(
    server: Server, place: Path, ids: tuple[str, ...], *, quick: bool
) -> tuple[_Figures, _Figures, _Figures]:
    env = _env(server, place)
    names = [name for name in _NAMES if not (quick and name == "estimate")]
    steps = _steps(names, env, place, ids, quick=quick)
    times, members = (1, _FLEET_QUICK) if quick else (_TIMES, _FLEET)
    with Child("benchmarks._tab", times, env=env) as child:
        pages: _Figures = child.result()
    with Child("benchmarks._fleet_tab", members, times, env=env) as child:
        return steps, pages, child.result()


def _env(server: Server, place: Path) -> dict[str, str]:
    """Write the pipelines' files, and return the environment of those who use them."""
    pipelines = place / "pipelines"
    pipelines.mkdir(exist_ok=True)
    for name, data in (
        (PIPELINE, pipeline_data(str(place / "review"))),
        (FLEET, fleet_data(str(place / "fleet"))),
    ):
        (pipelines / f"{name}.yaml").write_text(json.dumps(data), encoding="utf-8")
    return airflow_env(
        place / "airflow",
        DREAMFLOW_PIPELINES=str(pipelines),
        **connection_to(server.url, server.api_key),
    )


def _steps(
    names: Sequence[str], env: dict[str, str], place: Path, ids: tuple[str, ...], *, quick: bool
) -> _Figures:
    starts = [partial(Child, "benchmarks._reviewer", step, place / step, *ids, env=env) for step in names]
    return dict(zip(names, results(starts, at_once=quick), strict=True))
