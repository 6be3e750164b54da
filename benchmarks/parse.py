"""Parsing the DAG file with 100 pipelines, beside parsing it with one."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._processes import BenchmarkError, Child, airflow_env, results
from benchmarks._report import Limit, Report, ratio

__all__ = ["run"]

#: How many times one pipeline's time many may take, and seconds a pipeline beyond (docs/benchmarks.md: the limits).
_TIMES, _SECONDS_A_PIPELINE = 2.0, 0.010

_PIPELINE = """\
schedule: {{cron: "30 2 * * *", timezone: Europe/London}}
sessions: {{agent_id: agent_{number:03d}, limit: 50, minimum: 5}}
dream:
  model: claude-opus-4-8
  instructions: Keep an index. Turn relative dates into absolute ones. Keep what is newest where notes contradict.
  budget: {{tokens: 20000000, usd: 25}}
approval: {{mode: required, timeout: PT20H}}
targets:
  - {{type: deployment, deployment_id: depl_{number:03d}}}
  - {{type: agent, agent_id: agent_{number:03d}, metadata_key: memory_store_id}}
checks: {{protect: ["/policies/**"], max_removed: 0.25}}
retire: {{idle_for: PT1H, drain_timeout: PT6H}}
"""


def run(quick: bool) -> Iterator[Report]:
    many, rounds = (5, 1) if quick else (100, 5)
    with tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder:
        folders = {count: _write_pipelines(Path(folder), count) for count in (1, many)}
        env = airflow_env(Path(folder) / "airflow")
        starts = {
            count: partial(Child, "benchmarks._parser", env={**env, "DREAMFLOW_PIPELINES": str(pipelines)})
            for count, pipelines in folders.items()
        }
        passes: dict[int, list[dict[str, Any]]] = {count: [] for count in starts}
        for _ in range(rounds):
            for count, left in zip(starts, results(list(starts.values()), at_once=quick), strict=True):
                passes[count].append(_checked(left, count))
    median = {
        key: {count: statistics.median(one[key] for one in ran) for count, ran in passes.items()}
        for key in ("seconds", "cpu_seconds", "serialize_cpu_seconds")
    }
    parse = median["cpu_seconds"]
    allowed = _TIMES * parse[1] + many * _SECONDS_A_PIPELINE
    imported = any(one["anthropic_imported"] for ran in passes.values() for one in ran)
    in_time = Limit(
        f"at most {_TIMES:g} times one pipeline's time plus {_SECONDS_A_PIPELINE * 1000:g} ms a pipeline: "
        f"{allowed:.2f} s",
        f"{parse[many]:.2f} s of CPU",
        parse[many] <= allowed,
    )
    never_imported = Limit(
        "parsing never imports anthropic",
        "imported" if imported else "not imported",
        not imported,
        counted=True,
    )
    yield Report(
        f"parse: dags/nightly_dream.py with {many} pipelines and with one",
        "Airflow's own DagBag on the file, in a fresh process that has what a DAG processor has, so the file's own "
        f"imports count. Baseline: one pipeline. Medians of {rounds}, in turn; CPU time, which waits for nobody. "
        "Serializing is Airflow's work on the result.",
        ("pipelines", "parse, CPU", "each more", "parse, clock", "serialize, CPU"),
        [
            *(
                (
                    f"{count}",
                    f"{parse[count]:.3f} s",
                    f"{(parse[count] - parse[1]) / (count - 1) * 1000:.1f} ms" if count > 1 else "-",
                    f"{median['seconds'][count]:.3f} s",
                    f"{median['serialize_cpu_seconds'][count]:.3f} s",
                )
                for count in passes
            ),
            ("ratio", *(ratio(took[many], took[1]) if took else "" for took in _columns(median))),
        ],
        [never_imported] if quick else [in_time, never_imported],
    )


def _columns(median: dict[str, dict[int, float]]) -> list[dict[int, float]]:
    return [median["cpu_seconds"], {}, median["seconds"], median["serialize_cpu_seconds"]]


def _write_pipelines(folder: Path, count: int) -> Path:
    pipelines = folder / f"pipelines-{count}"
    pipelines.mkdir()
    for number in range(count):
        (pipelines / f"support_{number:03d}.yaml").write_text(_PIPELINE.format(number=number))
    return pipelines


def _checked(left: dict[str, Any], count: int) -> dict[str, Any]:
    """:raises BenchmarkError: not every pipeline became a DAG."""
    if left["import_errors"] or left["dags"] != count:
        raise BenchmarkError(f"{count} pipelines made {left['dags']} DAGs: {left['import_errors']}")
    return left
